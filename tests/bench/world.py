"""A tenant with a long history, written straight into the tables: the benches measure what comes after it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.models import Account, Feature
from accounts.services import search_fill
from tenants.models import Member, Tenant
from tenants.scope import tenant_scope
from tenants.services import tenant_create
from usage.models import EventKind, EventName, FeatureName, LoginName, UserActivity
from usage.services.words import epochs_open

NAMES = [f"Event {number}" for number in range(12)]
LAST = datetime.now(UTC).date() - timedelta(days=2)  # the last day of the history; its successor is the night's


@dataclass(frozen=True)
class Size:
    """How large the tenant is."""

    accounts: int
    users: int
    events_per_day: int


def run_sql(sql: str, **params: Any) -> None:
    """One statement in the scope of the moment."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def tenant_with_people(slug: str, size: Size) -> Tenant:
    """A tenant in UTC with accounts, groups, users known at their account, names and features."""
    made = tenant_create(
        slug=slug, name=slug, timezone="UTC", language="en", currency="EUR", admin_email=f"a@{slug}.example",
        at=datetime.now(UTC),
    )  # fmt: skip
    start = LAST - timedelta(days=500)
    with tenant_scope(made.tenant):
        params = {
            "t": made.tenant.pk,
            "accounts": size.accounts,
            "users": size.users,
            "start": start,
        }
        _accounts(made.tenant, size, made.admin, start)
        search_fill(accounts=Account.objects.all())
        run_sql(_GROUPS, **params)
        run_sql(_USERS, **params)
        names = EventName.objects.bulk_create([EventName(kind=EventKind.TRACK, name=name) for name in NAMES])
        for number, name in enumerate(names[:9]):
            feature = Feature.objects.create(
                key=f"f{number}", name=name.name, core=number < 5, target_uses=3, created_at=datetime.now(UTC)
            )
            FeatureName.objects.create(feature=feature, event_name=name.name)
        LoginName.objects.create(event_name=NAMES[-1])
    return made.tenant


def _accounts(tenant: Tenant, size: Size, csm: Member, start: date) -> None:
    """Through the model, so that a new column never breaks the benches."""
    Account.objects.bulk_create(
        [
            Account(
                external_id=f"a{number}", name=f"Account {number}", name_key=f"account {number}",
                industry=f"Industry {number % 8}", segment=f"Segment {number % 3}", lifecycle_stage="after_sales",
                csm=csm, seats=12, contract_start=start, renewal_date=start + timedelta(days=500 + number % 365),
                arr=Decimal(1000 * (1 + number % 90)), currency=tenant.currency, created_at=datetime.now(UTC),
            )
            for number in range(1, size.accounts + 1)
        ],
        batch_size=2000,
    )  # fmt: skip


_GROUPS = """
INSERT INTO usage_group (tenant_id, external_id, account_id, traits, first_seen_at)
SELECT %(t)s, external_id, id, '{}', now() FROM accounts_account WHERE tenant_id = %(t)s"""
_USERS = """
INSERT INTO usage_enduser (tenant_id, external_id, name, email, traits, first_seen_at, seen_until)
SELECT %(t)s, 'u' || i, '', '', '{}', %(start)s, %(start)s FROM generate_series(1, %(users)s) i"""

# A user belongs to one account; uses are spread over the working day; the key carries the milliseconds.
_EVENTS = """
WITH users AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM usage_enduser WHERE tenant_id = %(t)s),
groups AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM usage_group WHERE tenant_id = %(t)s),
names AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM usage_eventname WHERE tenant_id = %(t)s),
made AS (SELECT floor(random() * random() * %(users)s)::bigint AS u, floor(random() * 12)::bigint AS e,
         %(low)s + floor(25200000 + random() * 36000000)::bigint AS ms FROM generate_series(1, %(events)s))
INSERT INTO usage_event (tenant_id, key, kind, name_id, end_user_id, group_id, group_explicit, received_at, digest)
SELECT %(t)s, (lpad(to_hex(ms), 12, '0') || substr(md5(random()::text), 1, 20))::uuid, 1, names.id, users.id, groups.id,
       false, to_timestamp(ms / 1000.0), 0
FROM made JOIN users ON users.n = made.u JOIN names ON names.n = made.e
JOIN groups ON groups.n = made.u %% %(accounts)s"""
_MS = "('x' || left(replace(e.key::text, '-', ''), 12))::bit(48)::bigint"
_DAY = f"(date '1970-01-01' + ({_MS} / 86400000)::int)"
_ORDINAL = "(day - date '0001-01-01' + 1)"
_HISTORY = f"""
CREATE TEMPORARY TABLE history ON COMMIT DROP AS
SELECT g.account_id, e.end_user_id, e.name_id, {_DAY} AS day, {_MS} AS ms FROM usage_event e
JOIN usage_group g ON g.id = e.group_id AND g.tenant_id = e.tenant_id WHERE e.tenant_id = %(t)s"""
# An epoch after the other, as nights write them.
_DERIVED = (
    f"""INSERT INTO usage_useractivity (tenant_id, epoch, account_id, end_user_id, known, used, logged_in)
    SELECT %(t)s, {_ORDINAL} / 60, account_id, end_user_id, bit_or(1::bigint << {_ORDINAL} %% 60),
           bit_or(1::bigint << {_ORDINAL} %% 60), 0 FROM history GROUP BY 2, 3, 4 ORDER BY 2""",
    """INSERT INTO usage_accountuser (tenant_id, account_id, end_user_id, first_known, first_active)
    SELECT %(t)s, account_id, end_user_id, min(day), min(day) FROM history GROUP BY 2, 3""",
    """CREATE TEMPORARY TABLE name_days ON COMMIT DROP AS
    SELECT day, account_id, name_id, count(*) AS uses FROM history GROUP BY 1, 2, 3""",
    f"""INSERT INTO usage_accountday (tenant_id, day, account_id, events, minutes, names, uses, totals)
    WITH days AS (SELECT account_id, day, count(*) AS events FROM history GROUP BY 1, 2),
    totals AS (
        SELECT d.account_id, d.day, n.id AS name_id, COALESCE(u.uses, 0) AS uses, sum(u.uses) OVER (
            PARTITION BY d.account_id, n.id, {_ORDINAL.replace("day", "d.day", 1)} / 360 ORDER BY d.day) AS total
        FROM days d CROSS JOIN (SELECT id FROM usage_eventname WHERE tenant_id = %(t)s) n
        LEFT JOIN name_days u ON u.day = d.day AND u.account_id = d.account_id AND u.name_id = n.id),
    packed AS (
        SELECT account_id, day, array_agg(name_id ORDER BY name_id) AS names,
               array_agg(uses ORDER BY name_id) AS uses, array_agg(total ORDER BY name_id) AS totals
        FROM totals WHERE total > 0 GROUP BY 1, 2)
    SELECT %(t)s, d.day, d.account_id, d.events, 0, p.names, p.uses, p.totals
    FROM days d JOIN packed p ON p.account_id = d.account_id AND p.day = d.day""",
)


def events_add(tenant: Tenant, size: Size, *, first: date, last: date) -> None:
    """Raw events of every day from first to last."""
    with tenant_scope(tenant):
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            low = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
            run_sql(_EVENTS, t=tenant.pk, users=size.users, accounts=size.accounts, events=size.events_per_day, low=low)


def derive_history(tenant: Tenant) -> None:
    """The derived tables of all events so far, a statement each: the refill of a history is not what is measured."""
    with tenant_scope(tenant):
        for sql in (_HISTORY, *_DERIVED):
            run_sql(sql, t=tenant.pk)
        epochs_open(list(UserActivity.objects.values_list("epoch", flat=True).distinct()))


def account_ids() -> list[int]:
    """The accounts of the tenant in scope."""
    return list(Account.objects.order_by("id").values_list("id", flat=True))

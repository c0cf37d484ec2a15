"""Reads accounts, contacts, touches and features."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, F, Max, Q, QuerySet

from accounts.facts import Values
from accounts.models import (
    Account,
    Contact,
    Conviction,
    CustomerEvent,
    Feature,
    Invitee,
    NamedMember,
    NextStep,
    Pulse,
    SavedView,
    SearchToken,
    Touch,
    TouchContact,
)
from accounts.tokens import typed_text
from operations.days import local_date
from tenants.models import Member, Role
from tenants.scope import current_tenant_id

LAST_SIGN = "\U0010ffff"  # sorts behind every sign that a token may hold


def visible_to(member: Member) -> QuerySet[Account]:
    """The live accounts that a member may see: all of the tenant's; only a CSM's own where the tenant says so; a
    contributor's only where they are named.
    """
    return ever_visible_to(member).filter(archived_at=None)


def ever_visible_to(member: Member) -> QuerySet[Account]:
    """`visible_to` with the archived ones: leaving out those that were lost would flatter every figure."""
    if member.role == Role.CONTRIBUTOR:
        return Account.objects.filter(pk__in=NamedMember.objects.filter(member=member).values("account_id"))
    return Account.objects.all() if sees_all(member) else Account.objects.filter(csm=member)


def sees_all(member: Member) -> bool:
    """Whether a member sees every account of the tenant, not only their own."""
    return member.role != Role.CONTRIBUTOR and not (member.role == Role.CSM and member.tenant.csms_see_own_only)


def visible_sql(member: Member, alias: str) -> str:
    """`visible_to` as a condition on `accounts_account AS alias`, for selectors that write SQL (a test compares)."""
    live = f"{alias}.archived_at IS NULL"
    if member.role == Role.CONTRIBUTOR:
        named = f"SELECT n.account_id FROM accounts_namedmember n WHERE n.tenant_id = {int(member.tenant_id)}"  # noqa: S608 - numbers of our own
        return f"{live} AND {alias}.id IN ({named} AND n.member_id = {int(member.pk)})"  # noqa: S608 - as above
    return live if sees_all(member) else f"{live} AND {alias}.csm_id = {int(member.pk)}"


def search_tokens(*, kind: str, text: str) -> QuerySet[SearchToken]:
    """The tokens of accounts or contacts that begin with what was typed: a range of the index."""
    typed = typed_text(text)
    return SearchToken.objects.filter(kind=kind, token__gte=typed, token__lt=typed + LAST_SIGN)


def contact_search(*, text: str, member: Member, limit: int, anywhere: bool = True) -> list[Contact]:
    """The people whom the letters find at accounts that the member may see, with their account, by name.

    Where no name has a word that begins so, those that hold the letters `anywhere`, which reads every name. Of very
    many the first `MOST_NAMES` of the letters' order are looked through.
    """
    found = search_tokens(kind=SearchToken.Kind.CONTACT, text=text)
    if sees_all(member):
        ids = list(found.order_by("token", "object_id").values_list("object_id", flat=True)[:MOST_NAMES])
        meant = Q(pk__in=ids) if ids or not anywhere else Q(name__icontains=text)
        people = Contact.objects.filter(meant, account__archived_at=None)
    else:
        meant = Q(pk__in=found.values("object_id")) if found.exists() or not anywhere else Q(name__icontains=text)
        people = Contact.objects.filter(meant, account__in=visible_to(member))
    return sorted(people.select_related("account"), key=lambda one: (one.name, one.pk))[:limit]


MOST_NAMES = 200


def touch_list(*, account: Account, limit: int | None = None) -> list[Touch]:
    """The touches of an account, newest first, with author and people."""
    with_all = account.touches.select_related("author__user").prefetch_related("contacts", "mails", "steps")
    touches = with_all.order_by("-on", "-id")
    return list(touches[:limit] if limit else touches)


def contact_list(*, account: Account) -> list[Contact]:
    """The people at an account, by name; those who left last."""
    return list(account.contacts.order_by(F("left_on").desc(nulls_first=True), "name", "id"))


def feature_list() -> list[Feature]:
    """The tenant's features: core ones first, by name."""
    return list(Feature.objects.order_by("-core", "name"))


def saved_view_list(*, member: Member) -> list[SavedView]:
    """The member's own views and those that others share, own first."""
    views = SavedView.objects.filter(Q(owner=member) | Q(is_shared=True)).select_related("owner__user")
    return sorted(views, key=lambda view: (view.owner_id != member.pk, view.name))


_RELATION_SQL = """
WITH wanted AS (SELECT id, contract_start, renewal_date FROM accounts_account WHERE tenant_id = %(tenant)s
    AND archived_at IS NULL AND (%(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s::bigint[]))),
touched AS (SELECT account_id, max("on") AS any_way, max("on") FILTER (WHERE two_way) AS two_way FROM accounts_touch
    WHERE tenant_id = %(tenant)s AND "on" <= %(day)s
    AND (%(ids)s::bigint[] IS NULL OR account_id = ANY(%(ids)s::bigint[])) GROUP BY 1)
SELECT w.id, %(day)s - COALESCE(t.two_way, w.contract_start), %(day)s - t.any_way, w.renewal_date - %(day)s
FROM wanted w LEFT JOIN touched t ON t.account_id = w.id
"""


def relation_facts(as_of: date, account_ids: Sequence[int] | None) -> Mapping[str, Values]:
    """Days silent, days since any contact, days to renewal: per account as of a day.

    Days silent counts from the last two-way touch, else from contract start; not defined before either.
    """
    with connection.cursor() as cursor:
        ids = None if account_ids is None else list(account_ids)
        cursor.execute(_RELATION_SQL, {"day": as_of, "tenant": current_tenant_id(), "ids": ids})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return {
        "days_silent": {row[0]: row[1] if row[1] is not None and row[1] >= 0 else None for row in rows},
        "days_since_contact": {row[0]: row[2] for row in rows},
        "days_to_renewal": {row[0]: row[3] for row in rows},
    }


def pulse_facts(as_of: date, account_ids: Sequence[int] | None) -> Mapping[str, Values]:
    """The CSMs' latest pulse up to a day and its age in days, per account."""
    asked = Pulse.objects.filter(on__lte=as_of)
    if account_ids is not None:
        asked = asked.filter(account_id__in=account_ids)
    latest = asked.order_by("account_id", "-on", "-id").distinct("account_id")
    rows = list(latest.values_list("account_id", "feeling", "on"))
    return {
        "pulse": {pk: feeling for pk, feeling, _on in rows},
        "pulse_age": {pk: (as_of - on).days for pk, _feeling, on in rows},
    }


def pulse_list(*, account: Account) -> QuerySet[Pulse]:
    """What was said of how it goes with the account, the latest first."""
    return account.pulses.select_related("author__user").order_by("-on", "-id")


def conviction_history(*, account: Account) -> dict[int, list[Conviction]]:
    """What is known of the convictions of an account's people, by contact, the latest first."""
    found: dict[int, list[Conviction]] = {}
    rows = Conviction.objects.filter(contact__account=account).select_related("author__user")
    for one in rows.order_by("-on", "-id"):
        found.setdefault(one.contact_id, []).append(one)
    return found


def last_touches(*, account: Account, as_of: date) -> dict[int, date]:
    """The day of the last touch with each person up to a day, by contact; those without are left out."""
    rows = TouchContact.objects.filter(touch__account=account, touch__on__lte=as_of)
    return dict(rows.values_list("contact_id").annotate(last=Max("touch__on")))


def steps_of_account(*, account: Account) -> list[NextStep]:
    """The open next steps of an account, those due first on top."""
    return list(account.steps.filter(done_at=None).select_related("owner__user").order_by("due_on", "id"))


def event_list() -> list[CustomerEvent]:
    """The events, newest first, with how many people were invited (`asked`) and came (`came`)."""
    events = CustomerEvent.objects.annotate(asked=Count("invitees"), came=Count("invitees__touch"))
    return list(events.select_related("host__user").order_by("-on", "-id"))


def invitee_list(*, event: CustomerEvent, member: Member) -> list[Invitee]:
    """Who was invited to an event from accounts that the member may see, by account and name."""
    found = Invitee.objects.filter(event=event, contact__account__in=visible_to(member))
    return list(found.select_related("contact__account").order_by("contact__account__name_key", "contact__name"))


@dataclass(frozen=True)
class LevelCount:
    """How many touches of a level (empty: none was given) a member logged in the week that begins on `week`."""

    week: date
    author_id: int | None
    level: str
    touches: int


def level_mix(*, accounts: QuerySet[Account], start: date, end: date) -> list[LevelCount]:
    """Touches of [start, end) at these accounts by week (from Monday), author and level."""
    rows = Touch.objects.filter(account__in=accounts, on__gte=start, on__lt=end).values_list("on", "author_id", "level")
    counted = rows.annotate(count=Count("id")).order_by("on", "author_id", "level")
    weeks: dict[tuple[date, int | None, str], int] = {}
    for on, author_id, level, count in counted:
        key = (on - timedelta(days=on.weekday()), author_id, level)
        weeks[key] = weeks.get(key, 0) + count
    return [LevelCount(*key, count) for key, count in weeks.items()]


def stage_since(*, account: Account) -> date:
    """The day since which the account is in its stage; where nobody knows, when the account was made here."""
    return account.stage_since or local_date(account.tenant.timezone, account.created_at)


_PEOPLE_SQL = """
SELECT a.id, count(c.id),
    count(c.id) FILTER (WHERE 'decision_maker' = ANY(c.roles)),
    count(c.id) FILTER (WHERE c.champion),
    count(c.id) FILTER (WHERE k.states && ARRAY['against']::varchar[]),
    count(c.id) FILTER (WHERE k.states = ARRAY['convinced']::varchar[])
FROM accounts_account a
LEFT JOIN accounts_contact c ON c.tenant_id = %(tenant)s AND c.account_id = a.id
    AND (c.left_on IS NULL OR c.left_on > %(day)s)
LEFT JOIN (SELECT contact_id, array_agg(DISTINCT state) AS states FROM (
        SELECT DISTINCT ON (contact_id, about) contact_id, state FROM accounts_conviction
        WHERE tenant_id = %(tenant)s AND "on" <= %(day)s ORDER BY contact_id, about, "on" DESC, id DESC) latest
    GROUP BY contact_id) k ON k.contact_id = c.id
WHERE a.tenant_id = %(tenant)s AND a.archived_at IS NULL
    AND (%(ids)s::bigint[] IS NULL OR a.id = ANY(%(ids)s::bigint[]))
GROUP BY a.id
"""
PEOPLE_KEYS = ("people_known", "decision_makers_known", "champions_known", "people_against", "people_convinced")


def people_facts(as_of: date, account_ids: Sequence[int] | None) -> Mapping[str, Values]:
    """How many people are known, decide, speak for the product, are against it and convinced: per account and day.

    Whoever has left by the day is not counted; convictions are those noted for a day up to it.
    """
    ids = None if account_ids is None else list(account_ids)
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE_SQL, {"day": as_of, "tenant": current_tenant_id(), "ids": ids})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return {key: {row[0]: row[place] for row in rows} for place, key in enumerate(PEOPLE_KEYS, start=1)}

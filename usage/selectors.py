"""Reads usage: metrics, names seen, what is parked and what was rejected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, LiteralString

from django.db import connection
from django.db.models import QuerySet

from accounts.facts import Values
from accounts.models import Account
from tenants.models import Door
from tenants.selectors import token_hash
from usage.activity import METRICS
from usage.models import FeatureName, LoginName, Metric, Rejected, ReportedMetric
from usage.sql import rows

WRITE_PREFIX = "wk_"  # secrets of write keys begin with it (tenants.services.key_create)


def metrics_of_account(
    *, account: Account, start: date, end: date, reported: bool = False
) -> list[Metric | ReportedMetric]:
    """The metrics of an account for the days of [start, end), oldest first, as known now.

    `reported`: as each night said at first; days that no night reported are left out.
    """
    found = Metric.objects.filter(account=account, day__gte=start, day__lt=end).order_by("day")
    if not reported:
        return list(found)
    kept = {row.day: row for row in ReportedMetric.objects.filter(account=account, day__gte=start, day__lt=end)}
    return [kept.get(row.day, row) for row in found.exclude(reported=Metric.Reported.NEVER)]


def metric_values(as_of: date, account_ids: Sequence[int] | None) -> Mapping[str, Values]:
    """The activity metrics of accounts on a day: `{metric: {account id: value}}`, for the fact registry."""
    keys = [*(metric.key for metric in METRICS), "users_28", "users_28_before", "users_ever"]
    metrics = Metric.objects.filter(day=as_of)
    if account_ids is not None:
        metrics = metrics.filter(account_id__in=account_ids)
    columns = list(zip(*metrics.values_list("account_id", *keys), strict=True))
    return {key: dict(zip(columns[0], column, strict=True)) for key, column in zip(keys, columns[1:], strict=False)}


def names_by_feature() -> dict[int, list[str]]:
    """The event names that count as uses of each feature, by the feature's id, in order."""
    names: dict[int, list[str]] = {}
    for feature_id, name in FeatureName.objects.order_by("event_name").values_list("feature_id", "event_name"):
        names.setdefault(feature_id, []).append(name)
    return names


def login_names() -> list[str]:
    """The event names that count as logins, in order."""
    return list(LoginName.objects.order_by("event_name").values_list("event_name", flat=True))


@dataclass(frozen=True)
class NameSeen:
    """An event name as it came in the last 30 days: how often, at how many accounts, and what it counts for."""

    name: str
    kinds: list[int]
    uses: int
    accounts: int
    features: list[str]
    login: bool


def names_seen(*, day: date, limit: int = 200) -> list[NameSeen]:
    """Event names of the 30 days up to the day, those that count for nothing yet first, most frequent first."""
    found = rows(_NAMES_SEEN, day=day, limit=limit)
    return [NameSeen(*row) for row in found]


_NAMES_SEEN: LiteralString = """
SELECT * FROM (
SELECT en.name, array_agg(DISTINCT en.kind ORDER BY en.kind), COALESCE(sum(n.uses), 0)::int AS uses, count(DISTINCT
n.account_id)::int,
       COALESCE((SELECT array_agg(DISTINCT f.name::text) FROM usage_featurename fn
                 JOIN accounts_feature f ON f.tenant_id = %(tenant)s AND f.id = fn.feature_id
                 WHERE fn.tenant_id = %(tenant)s AND fn.event_name = en.name), '{}') AS features,
       EXISTS (SELECT FROM usage_loginname l WHERE l.tenant_id = %(tenant)s AND l.event_name = en.name) AS login
FROM usage_eventname en
LEFT JOIN usage_nameday n ON n.tenant_id = %(tenant)s AND n.name_id = en.id AND n.day BETWEEN %(day)s::date - 29 AND
%(day)s::date WHERE en.tenant_id = %(tenant)s AND en.kind <= 3 AND en.name <> ''
GROUP BY en.name) seen
ORDER BY features = '{}' AND NOT login DESC, uses DESC, name
LIMIT %(limit)s"""


@dataclass(frozen=True)
class ParkedGroup:
    """A group whose events wait for an account: since when it is seen, and how many days of it wait."""

    external_id: str
    first_seen_at: datetime
    days: int
    last_day: date


def groups_parked(*, limit: int = 100) -> list[ParkedGroup]:
    """Groups without an account that have events, those with most days first."""
    found = rows(
        """SELECT g.external_id, g.first_seen_at, count(DISTINCT m.day)::int, max(m.day)
           FROM usage_group g JOIN usage_mark m ON m.tenant_id = %(tenant)s AND m.group_id = g.id
           WHERE g.tenant_id = %(tenant)s AND g.account_id IS NULL
           GROUP BY g.id, g.external_id, g.first_seen_at ORDER BY 3 DESC, 1 LIMIT %(limit)s""",
        limit=limit,
    )
    return [ParkedGroup(*row) for row in found]


@dataclass(frozen=True)
class UserWithoutAccount:
    """A user whose events name no account and whom no group call put into one: how many events, the newest receipt."""

    external_id: str
    events: int
    received_at: datetime


def users_without_account(*, newest: int = 10_000, limit: int = 20) -> list[UserWithoutAccount]:
    """Such users among the `newest` events by their time, those with most events first. They count once it is known
    where they belong.
    """
    found = rows(
        """SELECT u.external_id, count(*)::int, max(e.received_at)
           FROM (SELECT kind, end_user_id, group_id, received_at FROM usage_event
                 WHERE tenant_id = %(tenant)s ORDER BY key DESC LIMIT %(newest)s) e
           JOIN usage_enduser u ON u.tenant_id = %(tenant)s AND u.id = e.end_user_id
           WHERE e.kind <= 3 AND e.group_id IS NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %(limit)s""",
        newest=newest,
        limit=limit,
    )
    return [UserWithoutAccount(*row) for row in found]


@dataclass(frozen=True)
class IntakeState:
    """What came in lately: bodies that wait, events of the last day and of the last 30, and the newest arrival."""

    waiting: int
    events_day: int
    events_month: int
    last_received_at: datetime | None


def intake_state(*, at: datetime) -> IntakeState:
    """How the intake of the tenant stands at an instant."""
    [(waiting, newest)] = rows(
        "SELECT count(*)::int, max(received_at) FROM usage_intakebody WHERE tenant_id = %(tenant)s"
    )
    [(day, month)] = rows(
        """SELECT COALESCE(sum(events) FILTER (WHERE day >= %(day)s), 0)::int, COALESCE(sum(events), 0)::int
           FROM usage_accountday WHERE tenant_id = %(tenant)s AND day >= %(month)s""",
        day=(at - timedelta(days=1)).date(),
        month=(at - timedelta(days=30)).date(),
    )
    return IntakeState(waiting, day, month, newest or last_received())


def last_received() -> datetime | None:
    """When the newest event of the latest days was received; None when there is none."""
    [(newest,)] = rows(
        """SELECT max(received_at) FROM (SELECT received_at FROM usage_event WHERE tenant_id = %(tenant)s
           ORDER BY key DESC LIMIT 1000) latest"""
    )
    return newest if isinstance(newest, datetime) else None


def rejected_list() -> QuerySet[Rejected]:
    """Rejected items, newest first."""
    return Rejected.objects.order_by("-received_at", "-id")


def rejected_counts(*, since: datetime) -> list[tuple[str, int]]:
    """How many items were rejected since an instant, by reason, most first."""
    found: list[Any] = rows(
        """SELECT reason, count(*)::int FROM usage_rejected
           WHERE tenant_id = %(tenant)s AND received_at >= %(since)s AND replayed_at IS NULL
           GROUP BY 1 ORDER BY 2 DESC, 1""",
        since=since,
    )
    return [(reason, count) for reason, count in found]


@dataclass(frozen=True)
class WriteDoor:
    """The tenant and the key behind a write key."""

    tenant_id: int
    key_id: int


def write_door(*, token: str) -> WriteDoor | None:
    """What a write key opens; None for another kind of key, and a wrong or revoked one. Needs no scope.

    By hand, because it is asked for every request: the same as `tenants.selectors.door_of_token`.
    """
    if not token.startswith(WRITE_PREFIX):
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.tenant_id, d.object_id FROM tenants_door d JOIN tenants_tenant t ON t.id = d.tenant_id "
            "WHERE d.token_hash = %s AND d.kind = %s AND t.is_active",
            [token_hash(token), Door.Kind.KEY],
        )
        found = cursor.fetchone()
    return WriteDoor(*found) if found else None

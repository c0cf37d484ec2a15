"""The night checks itself: the figures of a few accounts against plain SQL over their events."""

from datetime import date, timedelta
from typing import Any, LiteralString

from tenants.models import Tenant
from usage.days import key_range
from usage.sql import rows

ACCOUNTS_CHECKED = 3


class MetricsDifferError(RuntimeError):
    """A stored figure is not what the events say."""


def metrics_check(*, tenant: Tenant, day: date) -> int:
    """Compare DAU, WAU, MAU, both users of the trend and the minutes of a few accounts with their events; returns how
    many.

    Another few accounts every night. Raises MetricsDifferError with every difference, unless marks wait that explain
    it.
    """
    stored = rows(_STORED, day=day, most=ACCOUNTS_CHECKED)
    differences = []
    for account, *figures in stored:
        expected = _from_events(tenant, account, day)
        if figures != expected:
            differences.append(f"account {account}: stored {figures}, events say {expected}")
    if differences:
        raise MetricsDifferError("; ".join(differences))
    return len(stored)


# Accounts whose slices wait to be refilled are left out: they differ until then.
_STORED: LiteralString = """
SELECT m.account_id, m.dau, m.wau, m.mau, m.users_28, m.users_28_before, round(m.minutes_online * 60000)::bigint
FROM usage_metric m
WHERE m.tenant_id = %(tenant)s AND m.day = %(day)s AND m.account_id NOT IN (
    SELECT g.account_id FROM usage_mark k JOIN usage_group g ON g.tenant_id = %(tenant)s AND g.id = k.group_id
    WHERE k.tenant_id = %(tenant)s AND g.account_id IS NOT NULL)
  AND m.account_id NOT IN (SELECT account_id FROM usage_stalemetric WHERE tenant_id = %(tenant)s)
ORDER BY hashtext(m.account_id::text || m.day::text) LIMIT %(most)s"""


def _from_events(tenant: Tenant, account: int, day: date) -> list[Any]:
    zone = tenant.timezone
    since = {days: key_range(zone, day - timedelta(days=days - 1))[0] for days in (1, 7, 28, 30, 56)}
    [(dau, wau, mau, latest, before)] = rows(
        _USERS,
        account=account,
        high=key_range(zone, day)[1],
        day=since[1],
        week=since[7],
        latest=since[28],
        month=since[30],
        before=since[56],
    )
    [(milliseconds,)] = rows(_TIME, account=account, low=since[1], high=key_range(zone, day)[1])
    return [dau, wau, mau, latest, before, milliseconds]


_USERS: LiteralString = """
SELECT count(DISTINCT e.end_user_id) FILTER (WHERE e.key >= %(day)s::uuid),
       count(DISTINCT e.end_user_id) FILTER (WHERE e.key >= %(week)s::uuid),
       count(DISTINCT e.end_user_id) FILTER (WHERE e.key >= %(month)s::uuid),
       count(DISTINCT e.end_user_id) FILTER (WHERE e.key >= %(latest)s::uuid),
       count(DISTINCT e.end_user_id) FILTER (WHERE e.key < %(latest)s::uuid)
FROM usage_event e
WHERE e.tenant_id = %(tenant)s AND e.key >= %(before)s::uuid AND e.key < %(high)s::uuid AND e.kind <= 3
  AND e.group_id IN (SELECT id FROM usage_group WHERE tenant_id = %(tenant)s AND account_id = %(account)s)"""

_TIME: LiteralString = """
SELECT COALESCE(sum(gap) FILTER (WHERE gap <= 1800000), 0)::bigint FROM (
    SELECT ms - lag(ms) OVER (PARTITION BY end_user_id ORDER BY ms) AS gap FROM (
        SELECT e.end_user_id, ('x' || left(replace(e.key::text, '-', ''), 12))::bit(48)::bigint AS ms
        FROM usage_event e
        WHERE e.tenant_id = %(tenant)s AND e.key >= %(low)s::uuid AND e.key < %(high)s::uuid AND e.kind <= 3
          AND e.end_user_id IS NOT NULL
          AND e.group_id IN (SELECT id FROM usage_group WHERE tenant_id = %(tenant)s AND account_id = %(account)s))
          timed
    ) gaps"""

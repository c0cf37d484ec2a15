"""Refills the derived tables: a slice (account, day) is cleared and built again from its events, many slices at once.

Twice is the same as once; events that come late, or that turn out to belong to someone else, come out right.
"""

# ruff: noqa: S608 - statements are put together from constants of this package only

from datetime import date, timedelta
from typing import LiteralString

from tenants.models import Tenant
from usage.activity import EPOCH_DAYS, WINDOW_DAYS, epoch_of
from usage.days import key_range
from usage.services.account_days import account_days_build
from usage.services.lookups import groups_link
from usage.services.words import first_days_move, words_build
from usage.sql import REFRESH_LOCK, hashing, lock, rows, run

DAYS_AT_ONCE = 14


def slices_refill(*, tenant: Tenant) -> int:
    """Work off the marks of the oldest marked days, in the caller's scope and transaction; returns how many slices.

    0 when no marks are left but those of groups without an account, which stay (they are parked). Metrics that rest on
    the slices become stale.
    """
    lock(REFRESH_LOCK)
    tenant.refresh_from_db(fields=["timezone"])  # the zone may have changed since the caller read it
    groups_link()
    run(_TABLES)
    with hashing():
        slices = run(_TAKE_MARKS, days=DAYS_AT_ONCE, length=EPOCH_DAYS)
    if slices:
        _build(tenant)
    return slices


_TAKE_MARKS: LiteralString = """
WITH taken AS (
    DELETE FROM usage_mark m USING usage_group g
    WHERE m.tenant_id = %(tenant)s AND g.tenant_id = %(tenant)s AND g.id = m.group_id AND g.account_id IS NOT NULL
      AND m.day IN (SELECT DISTINCT k.day FROM usage_mark k
                    JOIN usage_group h ON h.tenant_id = %(tenant)s AND h.id = k.group_id
                    WHERE k.tenant_id = %(tenant)s AND h.account_id IS NOT NULL ORDER BY k.day LIMIT %(days)s)
    RETURNING g.account_id, m.day
)
INSERT INTO usage_slice
SELECT account_id, day, ordinal / %(length)s, 1::bigint << (ordinal %% %(length)s)
FROM (SELECT DISTINCT account_id, day, day - date '0001-01-01' + 1 AS ordinal FROM taken) days"""


def slices_mark_all(*, tenant: Tenant, first: date, last: date) -> int:
    """Mark every slice of every group from first to last, so that they are built again; returns how many."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return run(
        """INSERT INTO usage_mark (tenant_id, group_id, day)
           SELECT %(tenant)s, g.id, d.day FROM usage_group g CROSS JOIN unnest(%(days)s::date[]) AS d (day)
           WHERE g.tenant_id = %(tenant)s AND g.account_id IS NOT NULL""",
        days=days,
    )


def _build(tenant: Tenant) -> None:
    """Build the slices in `usage_slice` again from their events; what rests on them and has figures becomes stale."""
    days = sorted(day for (day,) in rows("SELECT DISTINCT day FROM usage_slice"))
    with hashing():
        for day in days:
            low, high = key_range(tenant.timezone, day)
            run(_SEE, day=day, low=low, high=high)
    only = days[0] if len(days) == 1 else None
    words_build(sorted({epoch_of(day)[0] for day in days}), day=only)
    account_days_build(days)
    run(_STALE_SLICES, window=WINDOW_DAYS - 1)
    if moved := first_days_move(day=only):
        run(_STALE_USERS, accounts=[account for account, _ in moved], firsts=[day for _, day in moved])


_TABLES: LiteralString = """
CREATE TEMP TABLE IF NOT EXISTS usage_slice (account_id bigint, day date, epoch smallint, bit bigint) ON COMMIT DELETE
ROWS; CREATE TEMP TABLE IF NOT EXISTS usage_seen (
    account_id bigint, day date, end_user_id bigint, kind smallint, name_id bigint, ms bigint) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS usage_moving (account_id bigint, end_user_id bigint) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS usage_touched (account_id bigint, end_user_id bigint, epoch smallint, bits bigint,
    known bigint, used bigint, logged_in bigint, held boolean) ON COMMIT DELETE ROWS;
DELETE FROM usage_slice; DELETE FROM usage_seen; DELETE FROM usage_touched; DELETE FROM usage_moving"""

_SEE: LiteralString = """
INSERT INTO usage_seen
SELECT s.account_id, s.day, e.end_user_id, e.kind, e.name_id,
       substr(uuid_send(e.key), 1, 6)::bigint
FROM usage_event e
JOIN usage_group g ON g.tenant_id = %(tenant)s AND g.id = e.group_id
JOIN usage_slice s ON s.account_id = g.account_id AND s.day = %(day)s
WHERE e.tenant_id = %(tenant)s AND e.key >= %(low)s::uuid AND e.key < %(high)s::uuid AND e.end_user_id IS NOT NULL"""

# The metrics of d … d+55 rest on slice d; where a user's first day moved, all from there on. Days that have no figures
# yet will be computed from the slices as they are then.
_HAS_FIGURES: LiteralString = """
(SELECT day FROM usage_metric WHERE tenant_id = %(tenant)s AND NOT provisional ORDER BY day DESC LIMIT 1)"""
_STALE_SLICES: LiteralString = f"""
INSERT INTO usage_stalemetric (tenant_id, account_id, first_day, last_day)
SELECT %(tenant)s, account_id, day, day + %(window)s FROM usage_slice WHERE day <= {_HAS_FIGURES}"""
_STALE_USERS: LiteralString = f"""
INSERT INTO usage_stalemetric (tenant_id, account_id, first_day)
SELECT %(tenant)s, moved.account_id, moved.day
FROM unnest(%(accounts)s::bigint[], %(firsts)s::date[]) AS moved (account_id, day)
WHERE moved.day <= {_HAS_FIGURES}"""

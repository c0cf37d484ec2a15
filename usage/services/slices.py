"""Refills the derived tables: the slice (account, day) is cleared and built again from its events, many slices at once.

Twice is the same as once; events that come late, or that turn out to belong to someone else, come out right.
"""

# ruff: noqa: S608 - statements are put together from constants of this package only

from collections.abc import Sequence
from datetime import date, timedelta
from typing import LiteralString

from tenants.models import Tenant
from usage.activity import EPOCH_DAYS, WINDOW_DAYS, epoch_of
from usage.days import key_range
from usage.services.lookups import groups_link
from usage.sql import REFRESH_LOCK, hashing, lock, rows, run, unnest_insert

DAYS_AT_ONCE = 14
LOOKED_UP_ONE_BY_ONE = 5000


def slices_refill(*, tenant: Tenant) -> int:
    """Work off the marks of the oldest marked days, in the caller's scope and transaction; returns how many slices.

    0 when no marks are left but those of groups without an account, which stay (they are parked). Metrics that rest on
    the slices become stale.
    """
    lock(REFRESH_LOCK)
    tenant.refresh_from_db(fields=["timezone"])  # the zone may have changed since the caller read it
    groups_link()
    with hashing():
        slices = sorted(set(rows(_TAKE_MARKS, days=DAYS_AT_ONCE)))
    if slices:
        first_days = slices_build(tenant=tenant, slices=slices)
        _metrics_stale(slices, first_days)
    return len(slices)


_TAKE_MARKS: LiteralString = """
DELETE FROM usage_mark m USING usage_group g
WHERE m.tenant_id = %(tenant)s AND g.tenant_id = %(tenant)s AND g.id = m.group_id AND g.account_id IS NOT NULL
  AND m.day IN (SELECT DISTINCT k.day FROM usage_mark k JOIN usage_group h ON h.tenant_id = %(tenant)s AND h.id =
  k.group_id
                WHERE k.tenant_id = %(tenant)s AND h.account_id IS NOT NULL ORDER BY k.day LIMIT %(days)s)
RETURNING g.account_id, m.day"""


def slices_mark_all(*, tenant: Tenant, first: date, last: date) -> int:
    """Mark every slice of every group from first to last, so that they are built again; returns how many."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return run(
        """INSERT INTO usage_mark (tenant_id, group_id, day)
           SELECT %(tenant)s, g.id, d.day FROM usage_group g CROSS JOIN unnest(%(days)s::date[]) AS d (day)
           WHERE g.tenant_id = %(tenant)s AND g.account_id IS NOT NULL""",
        days=days,
    )


def _metrics_stale(slices: Sequence[tuple[int, date]], first_days: Sequence[tuple[int, date]]) -> None:
    """The metrics of d … d+55 rest on slice d; where a user's first day moved, all from there on."""
    window = timedelta(days=WINDOW_DAYS - 1)
    run(
        """INSERT INTO usage_stalemetric (tenant_id, account_id, first_day, last_day)
           SELECT %(tenant)s, * FROM unnest(%(accounts)s::bigint[], %(firsts)s::date[], %(lasts)s::date[])""",
        accounts=[account for account, _ in (*slices, *first_days)],
        firsts=[day for _, day in (*slices, *first_days)],
        lasts=[*(day + window for _, day in slices), *(None for _ in first_days)],
    )


def slices_build(*, tenant: Tenant, slices: Sequence[tuple[int, date]]) -> list[tuple[int, date]]:
    """Build these (account, day) slices again from their events, in the caller's scope and transaction.

    Returns (account, day) for every user whose first known or first active day moved: the earlier of the old and new
    day.
    """
    run(_TABLES)
    epochs = [epoch_of(day) for _, day in slices]
    unnest_insert(
        "usage_slice",
        {
            "account_id bigint": [account for account, _ in slices],
            "day date": [day for _, day in slices],
            "epoch smallint": [epoch for epoch, _ in epochs],
            "bit bigint": [1 << offset for _, offset in epochs],
        },
    )
    days, epoch_numbers = sorted({day for _, day in slices}), sorted({epoch for epoch, _ in epochs})
    with hashing():
        for day in days:
            low, high = key_range(tenant.timezone, day)
            run(_SEE, day=day, low=low, high=high)
        for statement in (_WORDS, _TOUCHED, _WORDS_UPDATE, _WORDS_INSERT, _WORDS_DELETE, _NAME_DAYS, _ACCOUNT_DAYS):
            run(statement, days=days, epochs=epoch_numbers)
    first_days = _first_days()
    return [(account, day) for account, day in first_days if day is not None]


def _first_days() -> list[tuple[int, date | None]]:
    """Bring the first days of users up to date, whose first day may lie in a refilled slice; (account, day) that moved.

    For a few users the words are looked up one by one, in every epoch, so that the history does not matter.
    """
    with hashing():
        run(_FIRST_AFFECTED)
    [(affected,)] = rows("SELECT count(*) FROM usage_touched")
    if not affected:
        return []
    [(first, last)] = rows("SELECT min(epoch), max(epoch) FROM usage_useractivity WHERE tenant_id = %(tenant)s")
    epochs = list(range(first, last + 1)) if first is not None else []
    if affected > LOOKED_UP_ONE_BY_ONE:
        with hashing():
            return [(account, day) for account, day in rows(_FIRST_DAYS, length=EPOCH_DAYS, epochs=epochs)]
    run("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off")
    found = rows(_FIRST_DAYS, length=EPOCH_DAYS, epochs=epochs)
    run("SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on")
    return [(account, day) for account, day in found]


_TABLES: LiteralString = """
CREATE TEMP TABLE IF NOT EXISTS usage_slice (account_id bigint, day date, epoch smallint, bit bigint) ON COMMIT DELETE
ROWS; CREATE TEMP TABLE IF NOT EXISTS usage_seen (
    account_id bigint, day date, end_user_id bigint, kind smallint, name_id bigint, ms bigint) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS usage_word (account_id bigint, epoch smallint, end_user_id bigint,
    known bigint, used bigint, logged_in bigint) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS usage_touched (account_id bigint, end_user_id bigint) ON COMMIT DELETE ROWS;
DELETE FROM usage_slice; DELETE FROM usage_seen; DELETE FROM usage_word; DELETE FROM usage_touched"""

_SEE: LiteralString = """
INSERT INTO usage_seen
SELECT s.account_id, s.day, e.end_user_id, e.kind, e.name_id,
       ('x' || left(replace(e.key::text, '-', ''), 12))::bit(48)::bigint
FROM usage_event e
JOIN usage_group g ON g.tenant_id = %(tenant)s AND g.id = e.group_id
JOIN usage_slice s ON s.account_id = g.account_id AND s.day = %(day)s
WHERE e.tenant_id = %(tenant)s AND e.key >= %(low)s::uuid AND e.key < %(high)s::uuid AND e.end_user_id IS NOT NULL"""

_WORDS: LiteralString = """
INSERT INTO usage_word
SELECT s.account_id, s.epoch, n.end_user_id, bit_or(s.bit),
       bit_or(CASE WHEN n.kind <= 3 THEN s.bit ELSE 0 END),
       bit_or(CASE WHEN n.kind <= 3 AND l.id IS NOT NULL THEN s.bit ELSE 0 END)
FROM usage_seen n
JOIN usage_slice s ON s.account_id = n.account_id AND s.day = n.day
LEFT JOIN (SELECT en.id FROM usage_eventname en
           WHERE en.tenant_id = %(tenant)s
             AND en.name IN (SELECT ln.event_name FROM usage_loginname ln WHERE ln.tenant_id = %(tenant)s)) l
       ON l.id = n.name_id
GROUP BY 1, 2, 3"""

_MASKED: LiteralString = """
    (SELECT account_id, epoch, bit_or(bit) AS bits FROM usage_slice GROUP BY 1, 2) m
    JOIN usage_useractivity o ON o.tenant_id = %(tenant)s AND o.epoch = ANY (%(epochs)s) AND o.epoch = m.epoch
                             AND o.account_id = m.account_id
    LEFT JOIN usage_word w ON w.account_id = o.account_id AND w.epoch = o.epoch AND w.end_user_id = o.end_user_id"""

# Whose words change: those of the slices' users now, and of the users who were there before.
_TOUCHED: LiteralString = (
    """
INSERT INTO usage_touched
SELECT o.account_id, o.end_user_id FROM """
    + _MASKED
    + """
WHERE (o.known & m.bits) <> COALESCE(w.known, 0) OR (o.used & m.bits) <> COALESCE(w.used, 0)
UNION
SELECT w.account_id, w.end_user_id FROM usage_word w
WHERE NOT EXISTS (SELECT FROM usage_useractivity o WHERE o.tenant_id = %(tenant)s AND o.epoch = ANY (%(epochs)s)
                  AND o.epoch = w.epoch AND o.account_id = w.account_id AND o.end_user_id = w.end_user_id)"""
)

_WORDS_UPDATE: LiteralString = (
    """
UPDATE usage_useractivity u
SET known = (u.known & ~n.bits) | n.known, used = (u.used & ~n.bits) | n.used,
    logged_in = (u.logged_in & ~n.bits) | n.logged_in
FROM (SELECT o.account_id, o.epoch, o.end_user_id, m.bits, COALESCE(w.known, 0) AS known, COALESCE(w.used, 0) AS used,
             COALESCE(w.logged_in, 0) AS logged_in
      FROM """
    + _MASKED
    + """) n
WHERE u.tenant_id = %(tenant)s AND u.epoch = ANY (%(epochs)s) AND u.epoch = n.epoch
  AND u.account_id = n.account_id AND u.end_user_id = n.end_user_id
  AND ((u.known & n.bits) <> n.known OR (u.used & n.bits) <> n.used OR (u.logged_in & n.bits) <> n.logged_in)"""
)

_WORDS_INSERT: LiteralString = """
INSERT INTO usage_useractivity (tenant_id, epoch, account_id, end_user_id, known, used, logged_in)
SELECT %(tenant)s, epoch, account_id, end_user_id, known, used, logged_in FROM usage_word
ON CONFLICT DO NOTHING"""

_WORDS_DELETE: LiteralString = """
DELETE FROM usage_useractivity u USING (SELECT DISTINCT account_id, epoch FROM usage_slice) s
WHERE u.tenant_id = %(tenant)s AND u.epoch = ANY (%(epochs)s) AND u.epoch = s.epoch AND u.account_id = s.account_id
  AND u.known = 0"""

_NAME_DAYS: LiteralString = """
DELETE FROM usage_nameday d USING usage_slice s
WHERE d.tenant_id = %(tenant)s AND d.day = ANY (%(days)s) AND d.day = s.day AND d.account_id = s.account_id;
INSERT INTO usage_nameday (tenant_id, day, account_id, name_id, uses)
SELECT %(tenant)s, day, account_id, name_id, count(*) FROM usage_seen WHERE kind <= 3 GROUP BY 2, 3, 4"""

# A gap above 30 minutes starts a new session; a session lasts from its first to its last event.
_ACCOUNT_DAYS: LiteralString = """
DELETE FROM usage_accountday d USING usage_slice s
WHERE d.tenant_id = %(tenant)s AND d.day = ANY (%(days)s) AND d.day = s.day AND d.account_id = s.account_id;
INSERT INTO usage_accountday (tenant_id, day, account_id, events, minutes)
SELECT %(tenant)s, day, account_id, count(*), COALESCE(sum(gap) FILTER (WHERE gap <= 1800000), 0) / 60000.0
FROM (SELECT day, account_id, ms - lag(ms) OVER (PARTITION BY account_id, day, end_user_id ORDER BY ms) AS gap
      FROM usage_seen WHERE kind <= 3) timed
GROUP BY 2, 3"""

# A first day can only move where the user is new at the account, was never active, or a slice up to that day changed.
_FIRST_AFFECTED: LiteralString = """
DELETE FROM usage_touched t USING usage_accountuser a, (SELECT account_id, min(day) AS day FROM usage_slice GROUP BY 1)
s WHERE a.tenant_id = %(tenant)s AND a.account_id = t.account_id AND a.end_user_id = t.end_user_id
  AND s.account_id = t.account_id AND a.first_known < s.day AND a.first_active < s.day"""

# The lowest bit of a word is the first day: x & -x keeps it, and one less has as many bits as its place.
_FIRST_DAYS: LiteralString = """
WITH found AS (
    SELECT t.account_id, t.end_user_id,
           min(u.epoch * %(length)s + bit_count(((u.known & -u.known) - 1)::bit(64))) AS known,
           min(u.epoch * %(length)s + bit_count(((u.used & -u.used) - 1)::bit(64))) FILTER (WHERE u.used <> 0) AS used
    FROM (SELECT DISTINCT account_id, end_user_id FROM usage_touched) t
    LEFT JOIN usage_useractivity u ON u.tenant_id = %(tenant)s AND u.epoch = ANY (%(epochs)s::smallint[])
                                  AND u.account_id = t.account_id
                                  AND u.end_user_id = t.end_user_id
    GROUP BY 1, 2
), gone AS (
    DELETE FROM usage_accountuser a USING found f
    WHERE a.tenant_id = %(tenant)s AND a.account_id = f.account_id AND a.end_user_id = f.end_user_id AND f.known IS NULL
    RETURNING a.account_id, a.first_known
), written AS (
    INSERT INTO usage_accountuser AS a (tenant_id, account_id, end_user_id, first_known, first_active)
    SELECT %(tenant)s, account_id, end_user_id, '0001-01-01'::date + (known - 1)::int, '0001-01-01'::date + (used -
    1)::int FROM found WHERE known IS NOT NULL
    ON CONFLICT (tenant_id, account_id, end_user_id)
    DO UPDATE SET first_known = excluded.first_known, first_active = excluded.first_active
    WHERE (a.first_known, a.first_active) IS DISTINCT FROM (excluded.first_known, excluded.first_active)
    RETURNING a.account_id, old.first_known AS old_known, new.first_known AS new_known,
              old.first_active AS old_active, new.first_active AS new_active
)
SELECT account_id, first_known FROM gone
UNION SELECT account_id, least(old_known, new_known) FROM written WHERE old_known IS DISTINCT FROM new_known
UNION SELECT account_id, least(old_active, new_active) FROM written WHERE old_active IS DISTINCT FROM new_active"""

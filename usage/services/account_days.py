"""An account's day (`AccountDay`): events, minutes online, uses per event name, and running totals of these.

The uses of a window are the total at its end less the total before its start, however long the window: a night reads
two or three rows per account instead of thirty days of every event name.
"""

# ruff: noqa: S608 - statements are put together from constants of this package only

from collections.abc import Sequence
from datetime import date, timedelta
from typing import LiteralString

from usage.activity import SESSION_GAP_MS, TOTAL_DAYS
from usage.sql import hashing, rows, run


def account_days_build(days: Sequence[date]) -> None:
    """Build the rows of the slices in `usage_slice` again from `usage_seen`, and the totals of the days after them.

    `days`: the days of the slices. In the caller's scope and transaction.
    """
    with hashing():
        run(_DELETE, days=list(days))
        for first in sorted({_totals_start(day) for day in days}):
            after = first + timedelta(days=TOTAL_DAYS)
            inside = [day for day in days if first <= day < after]
            eves = [day - timedelta(days=1) for day in inside if day > first]
            newest = len(inside) == 1 and not rows(_LATER_THERE, since=inside[0], after=after)
            build = _BUILD_NEWEST if newest else _BUILD
            run(build, first=first, since=min(inside), after=after, eves=eves, gap=SESSION_GAP_MS)


def _totals_start(day: date) -> date:
    """The day with which the running totals of a day begin."""
    return day - timedelta(days=day.toordinal() % TOTAL_DAYS)


_DELETE: LiteralString = """
DELETE FROM usage_accountday d USING usage_slice s
WHERE d.tenant_id = %(tenant)s AND d.day = ANY (%(days)s) AND d.day = s.day AND d.account_id = s.account_id"""

# `told`: what imports say of days without naming users. A gap above 30 minutes starts a new session; a session lasts
# from its first to its last event.
_FRESH: LiteralString = """
WITH refilled AS (
    SELECT account_id, min(day) AS day FROM usage_slice WHERE day >= %(first)s AND day < %(after)s GROUP BY 1
), timed AS (
    SELECT account_id, day,
           (ms - lag(ms) OVER (PARTITION BY account_id, end_user_id, day ORDER BY ms))::int AS gap
    FROM usage_seen WHERE kind <= 3 AND day >= %(first)s AND day < %(after)s
), told AS (
    SELECT c.account_id, c.day, c.name_id, c.uses FROM usage_usagecount c
    JOIN usage_slice s ON s.account_id = c.account_id AND s.day = c.day
    WHERE c.tenant_id = %(tenant)s AND c.day >= %(first)s AND c.day < %(after)s
), fresh AS (
    SELECT account_id, day, sum(events)::int AS events, sum(minutes) AS minutes FROM (
        SELECT account_id, day, count(*) AS events,
               COALESCE(sum(gap) FILTER (WHERE gap <= %(gap)s), 0) / 60000.0 AS minutes
        FROM timed GROUP BY 1, 2
        UNION ALL SELECT account_id, day, sum(uses), 0 FROM told GROUP BY 1, 2) both_kinds
    GROUP BY 1, 2
)"""
_COUNTED: LiteralString = """, counted AS (
    SELECT r.account_id, r.day - 1 AS day, t.name_id, t.total AS uses
    FROM refilled r
    LEFT JOIN usage_accountday near ON near.tenant_id = %(tenant)s AND near.day = ANY (%(eves)s::date[])
                                   AND near.day = r.day - 1 AND near.account_id = r.account_id
    LEFT JOIN LATERAL (
        SELECT d.names, d.totals FROM usage_accountday d
        WHERE d.tenant_id = %(tenant)s AND d.account_id = r.account_id AND d.day >= %(first)s AND d.day < r.day
          AND near.day IS NULL
        ORDER BY d.day DESC LIMIT 1) far ON true
    CROSS JOIN LATERAL unnest(COALESCE(near.names, far.names), COALESCE(near.totals, far.totals)) AS t (name_id, total)
    UNION ALL
    SELECT account_id, day, name_id, count(*)::int FROM usage_seen
    WHERE kind <= 3 AND day >= %(first)s AND day < %(after)s GROUP BY 1, 2, 3
    UNION ALL
    SELECT account_id, day, name_id, uses FROM told"""
_STORE: LiteralString = """, packed AS (
    SELECT account_id, day, array_agg(name_id ORDER BY name_id) AS names, array_agg(uses ORDER BY name_id) AS uses,
           array_agg(total ORDER BY name_id) AS totals
    FROM summed GROUP BY 1, 2
)
INSERT INTO usage_accountday AS d (tenant_id, day, account_id, events, minutes, names, uses, totals)
SELECT %(tenant)s, w.day, w.account_id, w.events, w.minutes, p.names, p.uses, p.totals
FROM wanted w JOIN packed p ON p.account_id = w.account_id AND p.day = w.day
ON CONFLICT (tenant_id, day, account_id)
DO UPDATE SET names = excluded.names, uses = excluded.uses, totals = excluded.totals"""

# The rows of the slices are gone: those that are left after them keep their own uses and get new totals, up to the next
# day that waits to be refilled, from where its refill goes on.
_BUILD: LiteralString = f"""{_FRESH}, waiting AS (
    SELECT g.account_id, min(m.day) AS day
    FROM usage_mark m JOIN usage_group g ON g.tenant_id = %(tenant)s AND g.id = m.group_id
    WHERE m.tenant_id = %(tenant)s AND g.account_id IS NOT NULL GROUP BY 1
), later AS (
    SELECT d.account_id, d.day, d.events, d.minutes, d.names, d.uses
    FROM usage_accountday d JOIN refilled r ON r.account_id = d.account_id AND d.day > r.day
    LEFT JOIN waiting x ON x.account_id = d.account_id
    WHERE d.tenant_id = %(tenant)s AND d.day > %(since)s AND d.day < %(after)s AND (x.day IS NULL OR d.day < x.day)
){_COUNTED}
    UNION ALL
    SELECT l.account_id, l.day, n.name_id, n.uses FROM later l
    CROSS JOIN LATERAL unnest(l.names, l.uses) AS n (name_id, uses) WHERE n.uses > 0
), wanted AS (
    SELECT account_id, day, events, minutes FROM fresh UNION ALL SELECT account_id, day, events, minutes FROM later
), summed AS (
    SELECT w.account_id, w.day, c.name_id, sum(c.uses)::int AS total,
           COALESCE(sum(c.uses) FILTER (WHERE c.day = w.day), 0)::int AS uses
    FROM wanted w JOIN counted c ON c.account_id = w.account_id AND c.day <= w.day
    GROUP BY 1, 2, 3
){_STORE}"""

# The newest day alone, as most nights ask for: all that is counted lies on it or before it.
_BUILD_NEWEST: LiteralString = f"""{_FRESH}{_COUNTED}
), wanted AS (
    SELECT account_id, day, events, minutes FROM fresh
), summed AS (
    SELECT account_id, %(since)s::date AS day, name_id, sum(uses)::int AS total,
           COALESCE(sum(uses) FILTER (WHERE day = %(since)s), 0)::int AS uses
    FROM counted GROUP BY account_id, name_id
){_STORE}"""
_LATER_THERE: LiteralString = """
SELECT 1 FROM usage_accountday WHERE tenant_id = %(tenant)s AND day > %(since)s AND day < %(after)s LIMIT 1"""


def uses_fill(days: Sequence[date], *, whole: date | None = None) -> None:
    """Fill `usage_uses` with the uses of every feature in the 30 days that end on each account and day of
    `usage_wanted`; features without a use are left out. `days`: the days in it; `whole`: the only one, for all
    accounts.
    """
    starts = [day - timedelta(days=30) for day in days]
    with hashing():
        if whole is not None and starts[0] >= _totals_start(whole):
            run(_USES_PLAIN, ends=whole, starts=starts[0])
        run(_USES, length=TOTAL_DAYS, ends=[*days, *starts])


_FEATURE_OF_NAME: LiteralString = """(
    SELECT DISTINCT fn.feature_id, en.id AS name_id
    FROM usage_featurename fn
    JOIN usage_eventname en ON en.tenant_id = %(tenant)s AND en.name = fn.event_name AND en.kind <= 3
    WHERE fn.tenant_id = %(tenant)s) fn ON fn.name_id = t.name_id"""

# Most accounts have a row on both ends of the window, with the same names: one list of differences says it all.
_USES_PLAIN: LiteralString = f"""
WITH ends AS MATERIALIZED (
    SELECT w.account_id, e.names, e.totals, s.totals AS before
    FROM usage_wanted w
    JOIN usage_accountday e ON e.tenant_id = %(tenant)s AND e.day = %(ends)s AND e.account_id = w.account_id
    JOIN usage_accountday s ON s.tenant_id = %(tenant)s AND s.day = %(starts)s AND s.account_id = w.account_id
                           AND s.names = e.names
), known AS (
    INSERT INTO usage_plain SELECT account_id FROM ends
)
INSERT INTO usage_uses
SELECT ends.account_id, %(ends)s::date, fn.feature_id, sum(t.upto - t.before)
FROM ends CROSS JOIN LATERAL unnest(ends.names, ends.totals, ends.before) AS t (name_id, upto, before)
JOIN {_FEATURE_OF_NAME}
GROUP BY ends.account_id, fn.feature_id
HAVING sum(t.upto - t.before) > 0"""

# Totals count from their first day to the last day with use, which mostly is the day asked for. Where they start anew
# inside the window, the last of those before is added.
_USES: LiteralString = f"""
INSERT INTO usage_uses
SELECT w.account_id, w.day, fn.feature_id, sum(part.sign * t.total)
FROM (SELECT account_id, day, (day - date '0001-01-01' + 1) %% %(length)s AS place FROM usage_wanted
      WHERE account_id NOT IN (SELECT account_id FROM usage_plain)) w
CROSS JOIN LATERAL (VALUES
    (1, w.day, w.day - w.place),
    (-1, w.day - 30, w.day - w.place - CASE WHEN w.place < 30 THEN %(length)s ELSE 0 END),
    (CASE WHEN w.place < 30 THEN 1 END, w.day - w.place - 1, w.day - w.place - %(length)s)
) AS part (sign, upto, since)
LEFT JOIN usage_accountday same ON same.tenant_id = %(tenant)s AND same.day = ANY (%(ends)s) AND same.day = part.upto
                               AND same.account_id = w.account_id
LEFT JOIN LATERAL (
    SELECT d.names, d.totals FROM usage_accountday d
    WHERE d.tenant_id = %(tenant)s AND d.account_id = w.account_id AND d.day >= part.since AND d.day < part.upto
      AND same.day IS NULL
    ORDER BY d.day DESC LIMIT 1) before ON true
CROSS JOIN LATERAL unnest(COALESCE(same.names, before.names), COALESCE(same.totals, before.totals))
    AS t (name_id, total)
JOIN {_FEATURE_OF_NAME}
WHERE part.sign IS NOT NULL
GROUP BY 1, 2, 3
HAVING sum(part.sign * t.total) > 0"""

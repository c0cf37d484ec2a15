"""Uses per event name as running totals of an epoch (`AccountDay.names`, `totals`), and the uses of any 30 days.

The uses of a window are the total at its end less the total before its start, however long the window: a night reads
two or three rows per account instead of thirty days of every event name.
"""

# ruff: noqa: S608 - statements are put together from constants of this package only

from collections.abc import Sequence
from datetime import date
from typing import LiteralString

from usage.activity import EPOCH_DAYS, epoch_of, epoch_start
from usage.sql import hashing, run


def totals_build(days: Sequence[date]) -> None:
    """Bring the totals of the slices in `usage_slice` up to date, and those of later days of their epochs.

    `days`: the days of the slices. In the caller's scope and transaction.
    """
    for epoch in sorted({epoch_of(day)[0] for day in days}):
        first, after = epoch_start(epoch), epoch_start(epoch + 1)
        since = min(day for day in days if day >= first)
        with hashing():
            run(_TOTALS, epoch=epoch, first=first, since=since, after=after)


def uses_fill() -> None:
    """Fill `usage_uses` with the uses of every feature in the 30 days that end on each account and day of
    `usage_wanted`; features without a use are left out."""
    with hashing():
        run(_USES, length=EPOCH_DAYS)


# Totals before the first refilled day, and the uses of each day from there on; a day without a use of a name keeps the
# name's total of the day before.
_TOTALS: LiteralString = """
WITH refilled AS (
    SELECT account_id, min(day) AS day FROM usage_slice WHERE epoch = %(epoch)s GROUP BY 1
), added AS (
    SELECT r.account_id, r.day - 1 AS day, t.name_id, t.total AS uses
    FROM refilled r
    CROSS JOIN LATERAL (
        SELECT d.names, d.totals FROM usage_accountday d
        WHERE d.tenant_id = %(tenant)s AND d.account_id = r.account_id AND d.day >= %(first)s AND d.day < r.day
        ORDER BY d.day DESC LIMIT 1) before
    CROSS JOIN LATERAL unnest(before.names, before.totals) AS t (name_id, total)
    UNION ALL
    SELECT n.account_id, n.day, n.name_id, n.uses
    FROM usage_nameday n JOIN refilled r ON r.account_id = n.account_id AND n.day >= r.day
    WHERE n.tenant_id = %(tenant)s AND n.day >= %(since)s AND n.day < %(after)s
), wanted AS (
    SELECT d.account_id, d.day
    FROM usage_accountday d JOIN refilled r ON r.account_id = d.account_id AND d.day >= r.day
    WHERE d.tenant_id = %(tenant)s AND d.day >= %(since)s AND d.day < %(after)s
), summed AS (
    SELECT w.account_id, w.day, a.name_id, sum(a.uses) AS total
    FROM wanted w JOIN added a ON a.account_id = w.account_id AND a.day <= w.day
    GROUP BY 1, 2, 3
), packed AS (
    SELECT account_id, day, array_agg(name_id) AS names, array_agg(total) AS totals FROM summed GROUP BY 1, 2
)
UPDATE usage_accountday d SET names = p.names, totals = p.totals
FROM packed p
WHERE d.tenant_id = %(tenant)s AND d.day >= %(since)s AND d.day < %(after)s
  AND d.account_id = p.account_id AND d.day = p.day"""


# The window's end is in its day's epoch; its start too from the 31st day of the epoch on, else in the epoch before,
# whose last total is added. A total counts from its epoch's first day to the last day with use.
_USES: LiteralString = """
INSERT INTO usage_uses
SELECT w.account_id, w.day, fn.feature_id, sum(part.sign * t.total)
FROM usage_wanted w
CROSS JOIN LATERAL (VALUES
    (1, w.day, w.day - w.place),
    (-1, w.day - 30, w.day - w.place - CASE WHEN w.place < 30 THEN %(length)s ELSE 0 END),
    (CASE WHEN w.place < 30 THEN 1 END, w.day - w.place - 1, w.day - w.place - %(length)s)
) AS part (sign, upto, since)
CROSS JOIN LATERAL (
    SELECT d.names, d.totals FROM usage_accountday d
    WHERE d.tenant_id = %(tenant)s AND d.account_id = w.account_id AND d.day >= part.since AND d.day <= part.upto
    ORDER BY d.day DESC LIMIT 1) latest
CROSS JOIN LATERAL unnest(latest.names, latest.totals) AS t (name_id, total)
JOIN (
    SELECT DISTINCT fn.feature_id, en.id AS name_id
    FROM usage_featurename fn
    JOIN usage_eventname en ON en.tenant_id = %(tenant)s AND en.name = fn.event_name AND en.kind <= 3
    WHERE fn.tenant_id = %(tenant)s) fn ON fn.name_id = t.name_id
WHERE part.sign IS NOT NULL
GROUP BY 1, 2, 3
HAVING sum(part.sign * t.total) > 0"""

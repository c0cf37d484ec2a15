"""Reads the contract lines that came due in a period, and the lines that follow them."""

# ruff: noqa: S608 - statements are put together from constants of this package only

from datetime import date
from typing import LiteralString

from django.db import connection

from renewals.due import DueLine
from renewals.selectors.ledger import LINES, RATES, YEARLY, Frame, cents, roomy

GRACE_DAYS = 30

# A line follows the due line of the same account and product whose end is nearest to its start, within the grace;
# each follows one line only, so that nothing is counted as renewed twice.
_DUE: LiteralString = f"""
WITH {RATES}, line AS (
    SELECT l.id, l.contract_id, c.account_id, l.product_id, l.start, l."end", l.outcome, {YEARLY} * r.r0 AS units
    {LINES.replace("l.start <= %(last)s", "l.start <= %(last)s + %(grace)s")}
        AND (l."end" IS NULL OR l."end" > %(first)s)
        AND (l."end" <= %(last)s OR l.start >= %(first)s - %(grace)s)
), due AS (
    SELECT * FROM line WHERE "end" > %(first)s AND "end" <= %(last)s
), follows AS (
    SELECT DISTINCT ON (s.id) s.id, d.id AS due_id, s.units
    FROM due d JOIN line s ON s.account_id = d.account_id AND s.product_id = d.product_id AND s.id <> d.id
        AND s.start > d.start AND s.start BETWEEN d."end" - %(grace)s AND d."end" + %(grace)s
        AND (s."end" IS NULL OR s."end" > d."end")
    ORDER BY s.id, abs(s.start - d."end"), d.id
)
SELECT d.contract_id, d.account_id, {cents("d.units")}, f.units, d.outcome,
    d.outcome = '' AND d."end" + %(grace)s > %(as_of)s
FROM due d LEFT JOIN (SELECT due_id, {cents("sum(units)")} AS units FROM follows GROUP BY 1) f ON f.due_id = d.id
ORDER BY d."end", d.id"""


def due_lines(frame: Frame, *, as_of: date, grace: int = GRACE_DAYS) -> list[DueLine]:
    """The lines whose last day lies in the period, the earliest first, at t0's rates.

    `as_of`: today; until `grace` days after its end a line of which nothing was said is still open.
    """
    with connection.cursor() as cursor:
        roomy(cursor)
        cursor.execute(_DUE, {**frame.params, "grace": grace, "as_of": as_of})
        return [DueLine(*row) for row in cursor.fetchall()]

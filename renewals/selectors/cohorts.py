"""Reads the cohorts of customers by the quarter of their first contract."""

# ruff: noqa: S608 - statements are put together from constants of this package only

from collections.abc import Sequence
from datetime import date
from typing import LiteralString

from django.db import connection

from renewals.cohorts import Cohort, cohorts_of
from renewals.periods import quarter_start, quarters_from
from renewals.selectors.ledger import LINES, RATES, YEARLY, cents, frame_get
from tenants.models import Tenant

QUARTERS = 12

_LEVELS: LiteralString = f"""
WITH {RATES}, line AS (SELECT c.account_id, l.start, l."end", {YEARLY} * r.r1 AS units {LINES}),
edge AS (SELECT * FROM unnest(%(ends)s::date[]) WITH ORDINALITY e (day, place))
SELECT l.account_id, e.place - 1, {cents("sum(l.units)")}
FROM line l JOIN edge e ON l.start <= e.day AND (l."end" IS NULL OR l."end" > e.day) GROUP BY 1, 2"""
_BEGAN: LiteralString = f"""
WITH {RATES} SELECT c.account_id, min(l.start) {LINES} GROUP BY 1"""


def cohorts_get(*, tenant: Tenant, today: date, account_ids: Sequence[int] | None = None) -> list[Cohort]:
    """What is left of the cohorts of the last quarters, at the rates of today; the oldest first.

    A quarter's level is that of its last day: the ARR on the day before the next quarter begins.
    """
    first = date(today.year - QUARTERS // 4, today.month, 1)
    starts = quarters_from(first, today)
    frame = frame_get(tenant=tenant, first=first, last=today, account_ids=account_ids)
    ends = [date.fromordinal(after.toordinal() - 1) for after in starts[1:]]
    with connection.cursor() as cursor:
        cursor.execute(_BEGAN, frame.params)
        began = {account: quarter_start(start) for account, start in cursor.fetchall()}
        cursor.execute(_LEVELS, {**frame.params, "ends": ends})
        levels = cursor.fetchall()
    return cohorts_of(starts=starts, began=began, levels=levels)

"""Reads ARR and its movements from contract lines: nothing is stored, so nothing can differ from the lines.

Sums stay exact: a line's yearly amount is counted in parts of `1 ÷ scale` cents hundredths, where `scale` is a common
multiple of all billing months, and each sum is rounded once, half up, to cents, as `accounts.terms.to_cents` does.
"""

# ruff: noqa: S608 - statements are put together from constants of this package only

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import lcm
from typing import Any, LiteralString

from django.db import connection
from django.db.backends.utils import CursorWrapper

from accounts.models import Contract, ContractLine
from accounts.selectors.contracts import rates_by_currency
from accounts.terms import rate_on
from operations.days import first_instant
from renewals.retention import Bridge, Customer, Kind, Step, Sums
from tenants.models import Tenant
from tenants.scope import current_tenant_id

# How an account's rows are told apart inside it, as SQL over the line `l` and its contract `c`.
INSIDE: dict[str, LiteralString] = {"": "''", "product": "l.product_id::text", "currency": "c.currency"}


@dataclass(frozen=True)
class Frame:
    """What a period is read with: its days, the instant at which the first one began, whose accounts (None: all), the
    exact scale, and the rates of both days.

    `lacks`: currencies without any rate up to t1, whose lines are left out. A currency that got its first rate inside
    the period is counted at that one on t0.
    """

    first: date
    last: date
    opened: datetime
    account_ids: Sequence[int] | None
    scale: int
    currencies: tuple[str, ...]
    opening_rates: tuple[Decimal, ...]
    closing_rates: tuple[Decimal, ...]
    lacks: tuple[str, ...] = ()

    @property
    def params(self) -> dict[str, Any]:
        """The parameters of the statements here."""
        return {
            "tenant": current_tenant_id(),
            "first": self.first,
            "last": self.last,
            "opened": self.opened,
            "ids": None if self.account_ids is None else list(self.account_ids),
            "scale": self.scale,
            "currencies": list(self.currencies),
            "r0": list(self.opening_rates),
            "r1": list(self.closing_rates),
        }


def frame_get(*, tenant: Tenant, first: date, last: date, account_ids: Sequence[int] | None = None) -> Frame:
    """The frame of a period from the day `first` to the day `last`, in the tenant's scope."""
    months = ContractLine.objects.filter(one_off=False).values_list("billing_months", flat=True).distinct()
    rates, rated, lacks = rates_by_currency(), [], []
    for code in Contract.objects.values_list("currency", flat=True).distinct().order_by("currency"):
        closing = rate_on(rates, code, tenant.currency, last)
        opening = rate_on(rates, code, tenant.currency, first)
        if closing is None:
            lacks.append(code)
        else:
            rated.append((code, opening or rates[code][0][1], closing))
    return Frame(
        first=first,
        last=last,
        opened=first_instant(tenant.timezone, first),
        account_ids=account_ids,
        scale=lcm(*(number for number in months if number)),
        currencies=tuple(code for code, _o, _c in rated),
        opening_rates=tuple(opening for _code, opening, _c in rated),
        closing_rates=tuple(closing for _code, _o, closing in rated),
        lacks=tuple(lacks),
    )


def roomy(cursor: CursorWrapper) -> None:
    """Let the sums of this transaction stay in memory: ten thousand groups of exact numbers outgrow the usual share."""
    cursor.execute("SET LOCAL work_mem = '64MB'")


def cents(total: LiteralString) -> LiteralString:
    """An exact sum in units of 1 ÷ scale as whole cents, half up."""
    return f"COALESCE(div(200 * ({total}) + %(scale)s, 2 * %(scale)s::numeric), 0)::bigint"


RATES: LiteralString = """
rate AS (SELECT * FROM unnest(%(currencies)s::varchar[], %(r0)s::numeric[], %(r1)s::numeric[]) r (currency, r0, r1))"""
# Subscription lines that ever run, with what they bring in a year in units, at the rates of both days.
LINES: LiteralString = """
FROM accounts_contractline l
JOIN accounts_contract c ON c.tenant_id = l.tenant_id AND c.id = l.contract_id
JOIN rate r ON r.currency = c.currency
WHERE l.tenant_id = %(tenant)s AND NOT l.one_off AND l.amount > 0 AND l.start <= %(last)s
  AND (l."end" IS NULL OR l."end" > l.start)
  AND (%(ids)s::bigint[] IS NULL OR c.account_id = ANY (%(ids)s::bigint[]))"""
YEARLY: LiteralString = "l.amount * (12 * %(scale)s::bigint / l.billing_months)"


def _runs(day: LiteralString) -> LiteralString:
    return f'(start <= {day} AND ("end" IS NULL OR "end" > {day}))'


def _customers(inside: LiteralString) -> LiteralString:
    """The tables up to `customer`: per account and group inside it opening, kept and closing cents, the part of prices,
    and whether there was ARR before t0. Only lines that run at some time in the period are read for the amounts.
    """
    opening, closing = _runs("%(first)s"), _runs("%(last)s")
    return f"""
WITH {RATES}, line AS (
    SELECT c.account_id, {inside} AS inside, l.product_id, l.seats, l.start, l."end", {YEARLY} AS units, r.r0, r.r1
    {LINES} AND (l."end" IS NULL OR l."end" > %(first)s)
), product AS (
    SELECT account_id, inside,
        sum(units * r0) FILTER (WHERE {opening}) AS u0, sum(units * r0) FILTER (WHERE {closing}) AS u1,
        sum(units * r1) FILTER (WHERE {closing}) AS u2,
        CASE WHEN bool_and(seats > 0) FILTER (WHERE {opening} OR {closing})
            THEN sum(seats) FILTER (WHERE {opening}) END AS s0,
        sum(seats) FILTER (WHERE {closing}) AS s1
    FROM line GROUP BY account_id, inside, product_id
), amount AS (
    SELECT account_id, inside, {cents("sum(u0)")} AS opening, {cents("sum(u1)")} AS kept, {cents("sum(u2)")} AS closing,
        COALESCE(round(sum(100 * (u1 - u0 * s1 / s0)) / %(scale)s), 0)::bigint AS price
    FROM product GROUP BY 1, 2 HAVING bool_or(u0 IS NOT NULL OR u1 IS NOT NULL)
), customer AS (
    SELECT m.*, m.opening > 0 OR EXISTS (SELECT {LINES} AND l.start < %(first)s AND c.account_id = m.account_id
        AND {inside} = m.inside) AS before
    FROM amount m
)"""


def customer_rows(frame: Frame, *, inside: str = "") -> list[tuple[int, str, Customer]]:
    """Per account, and per product or currency in it where asked for: what its ARR was and became."""
    read = (
        _customers(INSIDE[inside]) + " SELECT account_id, inside, opening, kept, closing, before, price FROM customer"
    )
    with connection.cursor() as cursor:
        roomy(cursor)
        cursor.execute(read, frame.params)
        return [(account, key, Customer(*values)) for account, key, *values in cursor.fetchall()]


# `kind_of` as SQL; a test holds the two against each other.
_KIND: LiteralString = """CASE WHEN c.opening = c.kept THEN 'steady'
    WHEN c.opening = 0 THEN CASE WHEN c.before THEN 'reactivation' ELSE 'new' END
    WHEN c.kept = 0 THEN 'churn' WHEN c.kept > c.opening THEN 'expansion' ELSE 'contraction' END"""
_SUMS: LiteralString = f"""
SELECT {{group}}, {_KIND}, count(*), count(*) FILTER (WHERE c.opening > 0),
    count(*) FILTER (WHERE c.kept > 0), sum(c.opening)::bigint, sum(c.kept)::bigint, sum(c.closing)::bigint,
    sum(least(c.opening, c.kept))::bigint, sum(c.price)::bigint
FROM customer c {{join}} GROUP BY 1, 2"""


def bridges_get(
    frame: Frame, *, inside: str = "", group: LiteralString = "''", join: LiteralString = ""
) -> dict[str, Bridge]:
    """The bridges of groups of customers, summed by the database. `group`: SQL of what a customer `c` belongs to, as
    text, over the tables that `join` brings; `opened`, the instant at which t0 began, is a parameter of theirs.
    """
    read = _customers(INSIDE[inside]) + _SUMS.replace("{group}", group).replace("{join}", join)
    found: dict[str, Bridge] = {}
    with connection.cursor() as cursor:
        roomy(cursor)
        cursor.execute(read, frame.params)
        for key, kind, *sums in cursor.fetchall():
            found.setdefault(key or "", Bridge()).add_sums(Kind(kind), Sums(*sums))
    return found


_STEPS: LiteralString = f"""
WITH {RATES}, line AS (SELECT c.account_id, l.start, l."end", {YEARLY} * r.r0 AS units {LINES}
), point AS (
    SELECT account_id, start AS day, units FROM line
    UNION ALL SELECT account_id, "end", -units FROM line WHERE "end" <= %(last)s
), day AS (
    SELECT account_id, greatest(day, %(first)s::date) AS day, sum(units) AS units FROM point GROUP BY 1, 2
), level AS (
    SELECT account_id, day, units, sum(units) OVER (PARTITION BY account_id ORDER BY day) AS after FROM day
), known AS (
    SELECT account_id, min(start) AS since FROM line GROUP BY 1
)
SELECT v.account_id, v.day, {cents("v.after - v.units")}, {cents("v.after")}, k.since < v.day
FROM level v JOIN known k ON k.account_id = v.account_id
WHERE v.day > %(first)s AND v.units <> 0 ORDER BY v.account_id, v.day"""


def steps_get(frame: Frame) -> list[tuple[date, Step]]:
    """Every day after t0, up to t1, on which an account's ARR changed, by account and day, at t0's rates."""
    with connection.cursor() as cursor:
        cursor.execute(_STEPS, frame.params)
        return [(day, Step(account, was, now, before)) for account, day, was, now, before in cursor.fetchall()]


@dataclass(frozen=True)
class ArrRow:
    """A line behind a figure: what it brings in cents on t0, and on t1 at t0's rates and at its own."""

    line: ContractLine
    opening: int
    kept: int
    closing: int


_ARR: LiteralString = f"""
WITH {RATES}, line AS (SELECT l.id, l.start, l."end", {YEARLY} AS units, r.r0, r.r1 {LINES})
SELECT id, CASE WHEN {_runs("%(first)s")} THEN {cents("units * r0")} ELSE 0 END,
    CASE WHEN {_runs("%(last)s")} THEN {cents("units * r0")} ELSE 0 END,
    CASE WHEN {_runs("%(last)s")} THEN {cents("units * r1")} ELSE 0 END
FROM line WHERE {_runs("%(first)s")} OR {_runs("%(last)s")} ORDER BY start, id"""


def arr_rows(frame: Frame) -> list[ArrRow]:
    """The lines that run on t0 or t1, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_ARR, frame.params)
        found = cursor.fetchall()
    lines = ContractLine.objects.select_related("contract", "product").in_bulk([row[0] for row in found])
    return [ArrRow(lines[pk], opening, kept, closing) for pk, opening, kept, closing in found]

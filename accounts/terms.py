"""What an account's contract lines come to on a day: ARR, seats, renewal date. Pure; the definitions stand here.

A line runs on the days [start, end): its end is the first day that it no longer covers, and so the day on which the
next term begins; without an end it runs on. ARR counts subscription lines only, seats count every line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

CENT = Decimal("0.01")
SETTLED = frozenset({"renewed", "shrunk"})  # what these lines were is carried on by others

# Per currency the dated rates to the tenant's currency, oldest first.
Rates = Mapping[str, Sequence[tuple[date, Decimal]]]


@dataclass(frozen=True, slots=True)
class Line:
    """A contract line: `amount` of `currency` pays for `months` months; None for a one-off fee."""

    start: date
    end: date | None
    amount: Decimal
    months: int | None
    currency: str
    seats: int | None = None
    outcome: str = ""
    outcome_date: date | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What lines come to on a day. `arr` is None when a rate is missing: `lacks` names the currency without one.

    `seats` is None where no running line says how many.
    """

    arr: Decimal | None
    seats: int | None
    renewal_date: date | None
    lacks: str = ""


def runs_on(line: Line, day: date) -> bool:
    """Whether the line is active on the day."""
    return line.start <= day and (line.end is None or day < line.end)


def yearly(line: Line) -> Fraction:
    """What the line brings in a year in its own currency: amount ÷ months × 12; nothing for a one-off fee."""
    return Fraction(line.amount) * 12 / line.months if line.months else Fraction(0)


def to_cents(amount: Fraction) -> Decimal:
    """An exact amount as money, half up; the way to an ARR."""
    exact = Decimal(amount.numerator) / Decimal(amount.denominator)
    return exact.quantize(CENT, rounding=ROUND_HALF_UP)


def rate_on(rates: Rates, currency: str, own: str, day: date) -> Decimal | None:
    """The rate that holds on a day: the latest one dated up to it; None where there is none."""
    if currency == own:
        return Decimal(1)
    held = [rate for since, rate in rates.get(currency, ()) if since <= day]
    return held[-1] if held else None


def terms_on(*, lines: Sequence[Line], rates: Rates, currency: str, day: date) -> Terms:
    """ARR in `currency`, seats and renewal date of a day."""
    running = [line for line in lines if runs_on(line, day)]
    total, lacks = Fraction(0), ""
    for line in running:
        if not line.months:
            continue
        rate = rate_on(rates, line.currency, currency, day)
        if rate is None:
            lacks = min(filter(None, (lacks, line.currency)))
        else:
            total += yearly(line) * Fraction(rate)
    seats = [line.seats for line in running if line.seats is not None]
    return Terms(
        arr=None if lacks else to_cents(total),
        seats=sum(seats) if seats else None,
        renewal_date=renewal_on(lines=lines, day=day),
        lacks=lacks,
    )


def renewal_on(*, lines: Sequence[Line], day: date) -> date | None:
    """What is due next on a day, among the subscription lines with an end.

    The earliest end of the running lines whose renewal is not settled (renewed or shrunk, decided by that day). Are
    all settled, the earliest unsettled end of lines that begin later, else their own earliest end. Does none run: the
    last end that has passed undecided (it is overdue), else the earliest end of lines that begin later, else None.
    Lines without an end are never due.
    """
    terms = [line for line in lines if line.months]
    running = [line for line in terms if runs_on(line, day)]
    ends = [line.end for line in running if line.end and not _settled(line, day)]
    if ends:
        return min(ends)
    if not running and (overdue := _overdue(terms, day)):
        return overdue
    ahead = [line.end for line in terms if line.start > day and line.end and not _settled(line, day)]
    left = ahead or [line.end for line in running if line.end]
    return min(left) if left else None


def _settled(line: Line, day: date) -> bool:
    return line.outcome in SETTLED and line.outcome_date is not None and line.outcome_date <= day


def _overdue(terms: Sequence[Line], day: date) -> date | None:
    """The last end up to the day, when a line that ended then was not decided by the day."""
    ended = [line for line in terms if line.end and line.end <= day]
    last = max((line.end for line in ended if line.end), default=None)
    decided = all(line.outcome_date is not None and line.outcome_date <= day for line in ended if line.end == last)
    return None if decided else last


def changing_days(*, lines: Sequence[Line], rates: Rates) -> list[date]:
    """Every day on which the terms may become different, from the first start on, in order."""
    if not lines:
        return []
    first = min(line.start for line in lines)
    days = {line.start for line in lines}
    days |= {line.end for line in lines if line.end}
    days |= {line.outcome_date for line in lines if line.outcome_date}
    days |= {since for code in {line.currency for line in lines} for since, _rate in rates.get(code, ())}
    return sorted(day for day in days if day >= first)


def history(*, lines: Sequence[Line], rates: Rates, currency: str) -> list[tuple[date, Terms]]:
    """The terms from the first start on, one entry per day on which they become different."""
    found: list[tuple[date, Terms]] = []
    for day in changing_days(lines=lines, rates=rates):
        terms = terms_on(lines=lines, rates=rates, currency=currency, day=day)
        if not found or found[-1][1] != terms:
            found.append((day, terms))
    return found


def gaps(lines: Sequence[Line]) -> list[tuple[date, date]]:
    """Stretches [from, to) between the first start and the last end on which no subscription runs."""
    terms = sorted((line for line in lines if line.months), key=lambda line: line.start)
    found: list[tuple[date, date]] = []
    reached: date | None = None
    for line in terms:
        if reached is not None and line.start > reached:
            found.append((reached, line.start))
        if line.end is None:
            break
        reached = max(reached or line.end, line.end)
    return found

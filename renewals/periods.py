"""Periods of revenue figures: from the ARR of one day to that of another. Pure."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from fractions import Fraction


@dataclass(frozen=True)
class Period:
    """From the day `first` (t0) to the day `last` (t1), which lies after it."""

    first: date
    last: date

    @property
    def years(self) -> Fraction:
        """How long it is: whole months as twelfths, anything else as days of 365."""
        months = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month
        if months and month_later(self.first, months) == self.last:
            return Fraction(months, 12)
        return Fraction((self.last - self.first).days, 365)


def month_later(day: date, months: int) -> date:
    """The same day some months later or earlier, the last of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def quarter_start(day: date) -> date:
    """The first day of the calendar quarter of a day."""
    return date(day.year, day.month - (day.month - 1) % 3, 1)


def usual_periods(today: date) -> dict[str, Period]:
    """The periods that pages offer, by key; those that run end today."""
    quarter, year = quarter_start(today), date(today.year, 1, 1)
    found = {
        "year": Period(month_later(today, -12), today),
        "quarter": Period(quarter, today),
        "last_quarter": Period(month_later(quarter, -3), quarter),
        "this_year": Period(year, today),
        "last_year": Period(month_later(year, -12), year),
    }
    return {key: period for key, period in found.items() if period.last > period.first}


def quarters_from(first: date, last: date) -> list[date]:
    """The starts of the calendar quarters from that of `first` to that of `last`."""
    found, day = [], quarter_start(first)
    while day <= last:
        found.append(day)
        day = month_later(day, 3)
    return found

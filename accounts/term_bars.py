"""The bars of contract terms on an axis of time: pure geometry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH, ROW, TOP = 1000, 16, 18
OPEN_DAYS = 365  # how far a term without an end is drawn into the future


@dataclass(frozen=True)
class Bar:
    """One line: `css` says its state."""

    x: float
    y: int
    width: float
    css: str
    label: str


@dataclass(frozen=True)
class Bars:
    """All bars with the years behind them and where the day stands."""

    bars: list[Bar]
    years: list[tuple[float, int]]
    now: float
    height: int
    first: date
    last: date


def bars_of(terms: Sequence[tuple[date, date | None, str, str]], day: date) -> Bars | None:
    """The bars of (start, end, css, label), each in a row of its own, oldest on top; None without any."""
    if not terms:
        return None
    first = min(day, min(start for start, *_rest in terms))
    reach = max(day + timedelta(days=30), *(end or day + timedelta(days=OPEN_DAYS) for _start, end, *_rest in terms))
    days = max((reach - first).days, 1)

    def place(on: date) -> float:
        return round((min(max(on, first), reach) - first).days * WIDTH / days, 1)

    ordered = sorted(terms, key=lambda term: (term[0], term[1] or date.max))
    bars = []
    for row, (start, end, css, label) in enumerate(ordered):
        x = place(start)
        bars.append(Bar(x, TOP + row * ROW, max(place(end or reach) - x, 2.0), css, label))
    years = [(place(date(year, 1, 1)), year) for year in range(first.year + 1, reach.year + 1)]
    return Bars(bars, years, place(day), TOP + len(ordered) * ROW + 2, first, reach)

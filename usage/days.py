"""Local days as ranges of event keys, computed once with the tenant's zone and handed to SQL."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache

from operations.days import first_instant, local_date
from usage.intake.keys import bound_hex, instant_ms


@lru_cache(maxsize=20_000)
def day_start(zone: str, day: date) -> datetime:
    """The first instant of the local date, remembered: a zone's rules do not change while the process lives."""
    return first_instant(zone, day)


def key_range(zone: str, day: date) -> tuple[str, str]:
    """The keys of the day's events: the first one included, the second not."""
    return bound_hex(day_start(zone, day)), bound_hex(day_start(zone, day + timedelta(days=1)))


def days_of(zone: str, times_ms: Iterable[int]) -> list[date]:
    """The day of each time: the one whose [first instant, next first instant) holds it."""
    times = list(times_ms)
    if not times:
        return []
    first = local_date(zone, _instant(min(times))) - timedelta(days=1)
    last = local_date(zone, _instant(max(times))) + timedelta(days=2)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    starts = [instant_ms(day_start(zone, day)) for day in days]
    return [days[bisect_right(starts, time) - 1] for time in times]


def _instant(ms: int) -> datetime:
    return datetime.fromisoformat("1970-01-01T00:00:00+00:00") + timedelta(milliseconds=ms)

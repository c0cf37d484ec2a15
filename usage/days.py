"""Local days as ranges of instants, computed once with the tenant's zone and handed to SQL as UTC."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from usage.intake.keys import bound_hex

_SECOND = timedelta(seconds=1)


def first_instant(day: date, zone: ZoneInfo) -> datetime:
    """The first instant (UTC) of the local date, also where the clock jumps over midnight or a whole day."""
    midnight = datetime.combine(day, time())
    instant = midnight.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == midnight:
        return instant
    before, after = instant - timedelta(days=1), instant
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        reached = middle.astimezone(zone).replace(tzinfo=None) >= midnight
        before, after = (before, middle) if reached else (middle, after)
    return after.replace(microsecond=0)


def local_date(at: datetime, zone: ZoneInfo) -> date:
    """The local date whose day holds the instant."""
    day = at.astimezone(zone).date()
    return day + timedelta(days=1) if first_instant(day + timedelta(days=1), zone) <= at else day


def day_bounds(days: Iterable[date], zone: ZoneInfo) -> list[tuple[date, str, str]]:
    """Each day with the keys of its events: (day, low, high), low included, high not."""
    return [
        (day, bound_hex(first_instant(day, zone)), bound_hex(first_instant(day + timedelta(days=1), zone)))
        for day in days
    ]

"""Local days of a tenant, computed once with the zone database of Python and handed to SQL as UTC instants."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def first_instant(zone: str, day: date) -> datetime:
    """The first UTC instant of the local date `day`, also where midnight does not exist or comes twice."""
    tz = ZoneInfo(zone)
    # local noon of the day before is safely before, and local days change only forwards from there
    low = int(datetime.combine(day - timedelta(days=1), time(0), tzinfo=UTC).timestamp()) - 86_400
    high = int(datetime.combine(day, time(0), tzinfo=UTC).timestamp()) + 86_400
    guess = datetime.combine(day, time(0), tzinfo=tz).replace(fold=0).astimezone(UTC)
    if _starts(guess, tz, day):
        return guess
    while low < high:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, tz).date() < day:
            low = middle + 1
        else:
            high = middle
    return datetime.fromtimestamp(low, UTC)


def _starts(instant: datetime, tz: ZoneInfo, day: date) -> bool:
    before = (instant - timedelta(microseconds=1)).astimezone(tz).date()
    return before < day <= instant.astimezone(tz).date()


def day_bounds(zone: str, day: date) -> tuple[datetime, datetime]:
    """The half-open UTC interval of the local date."""
    return first_instant(zone, day), first_instant(zone, day + timedelta(days=1))


def local_date(zone: str, instant: datetime) -> date:
    """The local date of an instant."""
    return instant.astimezone(ZoneInfo(zone)).date()


def night_start(zone: str, day: date, hour: int) -> datetime:
    """When the night that closes `day` may start: the first instant at or after `hour` on the next local date."""
    start = first_instant(zone, day + timedelta(days=1))
    tz = ZoneInfo(zone)
    instant = start
    while instant.astimezone(tz).hour < hour and local_date(zone, instant) == day + timedelta(days=1):
        instant += timedelta(minutes=15)
    return instant


def last_closable_day(zone: str, hour: int, at: datetime) -> date:
    """The latest local date whose night may have started at the instant `at`."""
    day = local_date(zone, at) - timedelta(days=1)
    return day if night_start(zone, day, hour) <= at else day - timedelta(days=1)

"""Local days against a walk over every minute."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operations.days import day_bounds, first_instant, last_closable_day, local_date, night_start

ZONES = [
    "Europe/Berlin", "America/New_York", "Asia/Shanghai", "Asia/Beirut", "America/Sao_Paulo", "Africa/Cairo",
    "Pacific/Apia", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Havana", "UTC", "Atlantic/Azores",
]  # fmt: skip


def walked_start(zone: str, day: date) -> datetime:
    """The first whole minute whose local date is `day` or later, by looking at each."""
    instant = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=30)
    while local_date(zone, instant) < day:
        instant += timedelta(minutes=1)
    return instant


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ZONES), st.dates(date(2009, 1, 1), date(2027, 12, 31)))
def test_a_day_starts_where_a_walk_over_the_minutes_finds_it(zone: str, day: date) -> None:
    assert first_instant(zone, day) == walked_start(zone, day)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("America/Sao_Paulo", date(2018, 11, 4), 23),
        ("Asia/Shanghai", date(2026, 3, 29), 24),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
    ],
)
def test_days_are_as_long_as_their_clock_change_makes_them(zone: str, day: date, hours: float) -> None:
    start, end = day_bounds(zone, day)
    assert (end - start) == timedelta(hours=hours)


def test_a_day_that_a_zone_left_out_is_empty() -> None:
    start, end = day_bounds("Pacific/Apia", date(2011, 12, 30))
    assert start == end


def test_the_night_starts_at_two_or_at_the_first_instant_after_a_skipped_two_o_clock() -> None:
    start = night_start("Europe/Berlin", date(2026, 3, 28), 2)
    assert start == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert start.astimezone(ZoneInfo("Europe/Berlin")).hour == 3
    assert night_start("Europe/Berlin", date(2026, 3, 9), 2) == datetime(2026, 3, 10, 1, 0, tzinfo=UTC)


def test_a_day_is_closable_from_its_night_on() -> None:
    before, after = datetime(2026, 3, 10, 0, 59, tzinfo=UTC), datetime(2026, 3, 10, 1, 0, tzinfo=UTC)
    assert last_closable_day("Europe/Berlin", 2, before) == date(2026, 3, 8)
    assert last_closable_day("Europe/Berlin", 2, after) == date(2026, 3, 9)

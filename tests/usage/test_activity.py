"""The arithmetic of day words and sessions, against brute force."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.days import first_instant
from usage import activity
from usage.days import days_of, key_range
from usage.intake.keys import bound_hex, instant_ms

FIRST = date(2025, 1, 1)
days = st.integers(0, 400).map(lambda n: FIRST + timedelta(days=n))


def words_of(used: set[date]) -> dict[int, int]:
    words: dict[int, int] = {}
    for day in used:
        epoch, offset = activity.epoch_of(day)
        words[epoch] = words.get(epoch, 0) | 1 << offset
    return words


@pytest.mark.parametrize(
    ("window", "newest", "oldest"),
    [
        (activity.DAY, 0, 0),
        (activity.WEEK, 0, 6),
        (activity.MONTH, 0, 29),
        (activity.LATEST_28, 0, 27),
        (activity.BEFORE_28, 28, 55),
    ],
)
@given(used=st.sets(days), day=days)
def test_the_masks_of_a_window_find_exactly_its_days_with_use(
    window: activity.Window, newest: int, oldest: int, used: set[date], day: date
) -> None:
    words = words_of(used)
    epoch, offset = activity.epoch_of(day)
    now, before = activity.masks(window, offset)
    found = (words.get(epoch, 0) & now).bit_count() + (words.get(epoch - 1, 0) & before).bit_count()
    assert found == len(used & {day - timedelta(days=back) for back in range(newest, oldest + 1)})


@given(days)
def test_an_epoch_starts_with_offset_zero(day: date) -> None:
    epoch, offset = activity.epoch_of(day)
    assert activity.epoch_of(day - timedelta(days=offset)) == (epoch, 0)


@given(st.lists(st.integers(0, 86_400_000), max_size=30))
def test_minutes_online_are_the_lengths_of_the_sessions(times: list[int]) -> None:
    sessions: list[list[int]] = []
    for time in sorted(times):
        if sessions and time - sessions[-1][-1] <= 1_800_000:
            sessions[-1].append(time)
        else:
            sessions.append([time])
    expected = sum(session[-1] - session[0] for session in sessions) / 60_000
    assert activity.minutes_online(times) == pytest.approx(expected)


def test_a_gap_of_exactly_thirty_minutes_is_one_session_and_a_millisecond_more_is_two() -> None:
    assert activity.minutes_online([0, 1_800_000]) == 30.0
    assert activity.minutes_online([0, 1_800_001]) == 0.0
    assert activity.minutes_online([5]) == 0.0


def test_what_is_not_defined_is_none() -> None:
    assert activity.stickiness(0, 0) is None
    assert activity.breadth([]) is None
    assert activity.depth([], 5) is None
    assert activity.application_gap([]) is None
    assert activity.ratio(5, 0) is None
    assert activity.ratio(5, None) is None


def test_depth_caps_each_feature_and_is_zero_without_active_users() -> None:
    assert activity.depth([(100, 2.0), (5, None), (0, 1.0)], 10) == pytest.approx((1 + 0.5 + 0) / 3)
    assert activity.depth([(0, None)], 0) == 0.0


def test_every_metric_is_defined_once_with_its_text() -> None:
    assert len({metric.key for metric in activity.METRICS}) == len(activity.METRICS) == 11
    assert all(metric.definition.endswith(".") for metric in activity.METRICS)


ZONES = [
    "UTC",
    "Europe/Berlin",
    "Asia/Shanghai",
    "America/Sao_Paulo",
    "Asia/Beirut",
    "Pacific/Apia",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "America/St_Johns",
]


@pytest.mark.parametrize("zone", ZONES)
def test_days_follow_each_other_without_gap_or_overlap_through_every_clock_change(zone: str) -> None:
    for year in (2011, 2018, 2026):
        days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
        starts = [first_instant(zone, day) for day in days]
        for day, start, end in zip(days, starts, starts[1:], strict=False):
            assert start <= end
            assert (start - timedelta(milliseconds=1)).astimezone(ZoneInfo(zone)).date() < day
            assert start.astimezone(ZoneInfo(zone)).date() >= day
            if start < end:
                assert days_of(zone, [instant_ms(start), instant_ms(end) - 1]) == [day, day]
            assert key_range(zone, day) == (bound_hex(start), bound_hex(end))


def test_a_day_of_a_clock_change_has_23_or_25_hours() -> None:
    zone = "Europe/Berlin"
    lengths = [
        first_instant(zone, day + timedelta(days=1)) - first_instant(zone, day)
        for day in (date(2026, 3, 29), date(2026, 10, 25))
    ]
    assert lengths == [timedelta(hours=23), timedelta(hours=25)]


def test_a_date_that_a_zone_skipped_is_empty() -> None:
    zone = "Pacific/Apia"
    assert first_instant(zone, date(2011, 12, 30)) == first_instant(zone, date(2011, 12, 31))
    assert first_instant(zone, date(2011, 12, 31)) == datetime(2011, 12, 30, 10, tzinfo=UTC)

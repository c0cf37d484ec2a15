"""Days as people say them, in both languages."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.when import parse_when, split_step

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("in 2 weeks", date(2026, 12, 7)),
        ("2w", date(2026, 12, 7)),
        ("In Two Weeks", date(2026, 12, 7)),
        ("两周后", date(2026, 12, 7)),
        ("2个星期后", date(2026, 12, 7)),
        ("十二天后", date(2026, 12, 5)),
        ("半个月后", date(2026, 12, 8)),
        ("in a month", date(2026, 12, 23)),
        ("三个月后", date(2027, 2, 23)),
        ("friday", date(2026, 11, 27)),
        ("monday", date(2026, 11, 30)),
        ("next friday", date(2026, 12, 4)),
        ("下周三", date(2026, 12, 2)),
        ("周五", date(2026, 11, 27)),
        ("tomorrow", date(2026, 11, 24)),
        ("大后天", date(2026, 11, 26)),
        ("月底", date(2026, 11, 30)),
        ("14 Jan", date(2027, 1, 14)),
        ("12月3日", date(2026, 12, 3)),
        ("2027-01-31", date(2027, 1, 31)),
    ],
)
def test_a_day_is_understood_as_it_is_said(said: str, day: date) -> None:
    assert parse_when(said, MONDAY) == day


@pytest.mark.parametrize("said", ["", "soon", "31 feb", "2月31日", "9999 years", "报价", "13月1日"])
def test_what_is_no_day_is_none(said: str) -> None:
    assert parse_when(said, MONDAY) is None


@pytest.mark.parametrize(
    ("text", "step", "day"),
    [
        ("Send the offer in 2 weeks", "Send the offer", date(2026, 12, 7)),
        ("Call Ida on Friday.", "Call Ida", date(2026, 11, 27)),
        ("两周后发报价", "发报价", date(2026, 12, 7)),
        ("发报价，两周后", "发报价", date(2026, 12, 7)),
        ("下周三回访王总", "回访王总", date(2026, 12, 2)),
        ("Check the 3rd board", "Check the 3rd board", None),
        ("确认一周后的培训", "确认一周后的培训", None),
        ("Ask about may", "Ask about may", None),
    ],
)
def test_the_day_is_taken_from_the_end_or_the_beginning_of_a_step(text: str, step: str, day: date | None) -> None:
    assert split_step(text, MONDAY) == (step, day)


@given(st.text(max_size=80), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_any_text_is_read_without_a_fault_and_no_word_of_it_is_invented(text: str, today: date) -> None:
    step, _day = split_step(text, today)
    assert step in " ".join(text.split())


@given(st.integers(1, 500), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_days_and_weeks_are_exact_in_both_languages(count: int, today: date) -> None:
    assert parse_when(f"in {count} days", today) == parse_when(f"{count}天后", today) == today + timedelta(days=count)
    assert parse_when(f"in {count} weeks", today) == parse_when(f"{count}周后", today) == today + timedelta(weeks=count)

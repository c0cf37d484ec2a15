from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from common import formats


@pytest.mark.parametrize(
    ("language", "currency", "amount", "text"),
    [
        ("en", "USD", 412000, "$412,000"),
        ("zh-hans", "CNY", 1280000, "¥1,280,000"),
        ("en", "CNY", 1280000, "CN¥1,280,000"),
        ("zh-hans", "USD", -412000, "−US$412,000"),
        ("en", "XQX", 5, "5 XQX"),
    ],
)
def test_money_is_written_as_the_language_writes_it(language: str, currency: str, amount: int, text: str) -> None:
    with translation.override(language):
        assert formats.money(amount, currency) == text


def test_large_money_is_shortened_by_millions_in_english_and_by_ten_thousands_in_chinese() -> None:
    with translation.override("en"):
        assert formats.money_short(8_420_000, "USD") == "$8.42M"
    with translation.override("zh-hans"):
        assert formats.money_short(8_420_000, "CNY") == "¥842万"


def test_halves_are_rounded_up() -> None:
    assert [formats.number(Decimal(text)) for text in ("0.5", "1.5", "2.5", "62.4999")] == ["1", "2", "3", "62"]


def test_a_ratio_above_one_is_not_capped() -> None:
    assert formats.percent(1.042) == "104%"


def test_a_change_that_rounds_to_nothing_has_no_sign() -> None:
    assert [formats.signed(v, 1) for v in (2.06, -12.35, -0.04, 0)] == ["+2.1", "−12.4", "0.0", "0.0"]


@pytest.mark.parametrize(
    ("language", "style", "text"),
    [
        ("en", "dated", "21 Nov 2026"),
        ("en", "long", "Sat 21 Nov"),
        ("zh-hans", "dated", "2026-11-21"),
        ("zh-hans", "long", "11月21日（周六）"),
    ],
)
def test_a_day_is_written_in_the_reader_s_order(language: str, style: str, text: str) -> None:
    with translation.override(language):
        assert formats.day(date(2026, 11, 21), style) == text


def test_an_instant_is_shown_in_the_active_time_zone() -> None:
    at = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    with timezone.override("Asia/Shanghai"), translation.override("zh-hans"):
        assert formats.instant(at) == "2026-11-22 07:30"


def test_the_distance_to_a_day_says_before_or_after() -> None:
    as_of = date(2026, 11, 22)
    with translation.override("en"):
        said = [formats.days_from(date(2026, 11, day), as_of) for day in (23, 22, 20)]
    assert said == ["in 1 day", "today", "2 days ago"]


def test_what_is_due_says_so_in_one_wording_for_past_today_and_future() -> None:
    today = date(2026, 11, 22)
    with translation.override("en"):
        said = [formats.due(date(2026, 11, day), today) for day in (19, 21, 22, 23, 27)]
    assert said == ["overdue by 3 days", "overdue by 1 day", "due today", "due in 1 day", "due in 5 days"]
    with translation.override("zh-hans"):
        assert formats.due(date(2026, 11, 19), today) == "逾期 3 天"
        assert formats.due_on(date(2026, 11, 19), today) == "逾期 3 天（11月19日）"

from decimal import Decimal

import pytest
from django.utils import translation

from common import components
from common.components import FallRow


def test_a_band_says_its_word_and_whole_score_beside_its_colour() -> None:
    with translation.override("en"):
        html = components.band("red", Decimal("38.5"))
    assert "At risk" in html
    assert "39 " in html
    assert "<path" in html


def test_a_band_without_score_shows_no_figure_even_if_one_is_given() -> None:
    assert "50" not in components.band("unknown", 50)


def test_what_a_person_wrote_is_escaped() -> None:
    html = components.band_line("red", 1, reason='"><script>', uncertain="<b>") + components.undefined("<i>")
    assert "<script>" not in html
    assert "<b>" not in html
    assert "<i>" not in html


@pytest.mark.parametrize(("better", "css"), [("up", "down"), ("down", "up")])
def test_a_fall_is_good_or_bad_by_the_measure(better: str, css: str) -> None:
    assert f'"delta {css}"' in components.delta(-3, better=better)


def test_a_missing_day_breaks_the_line_instead_of_reading_as_zero() -> None:
    whole, gappy = components.spark([3, 2, 2, 3], "x"), components.spark([3, None, 2, 3], "x")
    assert whole.count('class="line"') == 1
    assert gappy.count('class="line"') == 2


def test_a_line_without_any_value_is_a_dash_with_its_reason() -> None:
    assert "undefined" in components.spark([None, None], "x")


def test_a_meter_above_one_is_full_and_says_the_true_figure() -> None:
    html = components.meter(1.2)
    assert 'width="100.0"' in html
    assert "120%" in html


def test_bars_of_an_explanation_share_one_scale_and_fall_to_the_left() -> None:
    down, up = components.fall_bars([FallRow("a", -10), FallRow("b", 5)])
    assert (down.x, down.width, down.css) == (Decimal(0), Decimal(100), "neg")
    assert (up.x, up.width, up.css) == (Decimal(100), Decimal(50), "pos")


def test_the_figures_of_an_explanation_sum_to_the_total_shown() -> None:
    parts = [-8.04, 1.43, -1.06, -0.15]
    bars = components.fall_bars([FallRow("x", part) for part in parts], Decimal("-7.82"))
    assert [bar.text for bar in bars] == ["−8.0", "+1.4", "−1.1", "−0.1"]
    assert [bar.text for bar in components.fall_bars([FallRow("x", 1.26), FallRow("y", 2.0)], Decimal(9))] == [
        "+1.3",
        "+2.0",
    ]


def test_no_use_and_no_data_look_different() -> None:
    assert [components.heat_level(v) for v in (None, 0.0, 0.01, 0.5, 1.0)] == ["off", "h0", "h1", "h3", "h5"]

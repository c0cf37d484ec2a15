"""Scores against exact arithmetic by hand, on random cards and rows."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings

from health.card import Card, Group, Measure, band_of
from health.scoring import exact_score, exact_units, score_rows
from tests.health.cards import NAN, by_hand, cards_and_rows, units_by_hand


@settings(max_examples=300, deadline=None)
@given(cards_and_rows())
def test_scores_and_coverage_equal_the_definition_computed_by_hand(made: tuple[Card, list[list[float]]]) -> None:
    card, rows = made
    scores = score_rows(card, np.array(rows))
    for i, row in enumerate(rows):
        assert scores.coverage[i] == pytest.approx(float(by_hand(card, row)[1]), abs=1e-9)
        assert int(scores.units[i]) == units_by_hand(card, row)


@settings(max_examples=200, deadline=None)
@given(cards_and_rows())
def test_contributions_and_exceptions_sum_to_the_score(made: tuple[Card, list[list[float]]]) -> None:
    card, rows = made
    scores = score_rows(card, np.array(rows))
    for i in range(len(rows)):
        if scores.units[i] >= 0:
            given = scores.contributions[i].sum() + scores.limited[i] / 10_000
            assert given == pytest.approx(scores.units[i] / 10_000, abs=1e-4)


@settings(max_examples=100, deadline=None)
@given(cards_and_rows())
def test_exact_arithmetic_agrees_with_the_definition(made: tuple[Card, list[list[float]]]) -> None:
    card, rows = made
    for row in rows:
        assert exact_score(card, row) == by_hand(card, row)[0]


def one_group(*parts: tuple[float, float]) -> tuple[Card, np.ndarray]:
    line = ((0.0, 0.0), (100.0, 100.0))
    inside = tuple(Measure(f"m{i}", weight, line) for i, (weight, _score) in enumerate(parts))
    return Card((Group("g", 1, inside),), 0, 75, 50), np.array([[score for _weight, score in parts]])


def test_the_published_vectors_come_out() -> None:
    card, row = one_group((20, 47), (15, 59), (22, 21))
    assert score_rows(card, row).score(0) == Decimal("40.1228")
    card, row = one_group((7, 83), (5, 71), (8, 78), (3, 54))
    assert score_rows(card, row).score(0) == Decimal("74.8696")
    line = Card((Group("g", 1, (Measure("m", 1, ((7, 0), (30, 100))),)),), 0, 75, 50)
    assert score_rows(line, np.array([[18.0]])).score(0) == Decimal("47.8261")


def test_a_tie_is_rounded_half_up_where_floats_cannot_tell() -> None:
    card, _row = one_group((1, 0))
    assert score_rows(card, np.array([[12.34565]])).score(0) == Decimal("12.3457")
    assert exact_units(card, [12.34565]) == 123457


def test_the_band_follows_the_whole_number_half_up() -> None:
    card, _row = one_group((1, 0))
    assert [band_of(card, units) for units in (744_999, 745_000, 494_999, 495_000, -1)] == [
        "amber", "green", "red", "amber", "unknown",
    ]  # fmt: skip


def test_a_fixed_value_counts_in_the_score_but_not_in_coverage() -> None:
    card = Card(
        (Group("g", 1, (Measure("a", 1, ((0, 0), (100, 100))), Measure("b", 1, ((0, 0), (100, 100)), missing=20))),),
        minimum_coverage=0.5, green=75, amber=50,
    )  # fmt: skip
    scores = score_rows(card, np.array([[80.0, NAN]]))
    assert scores.score(0) == Decimal("50.0000")
    assert scores.coverage[0] == 0.5
    assert score_rows(card, np.array([[NAN, NAN]])).score(0) is None

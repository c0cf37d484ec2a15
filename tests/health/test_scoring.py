"""Scores against exact arithmetic by hand, on random cards and rows."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from health.scoring import Card, Group, Measure, band_of, exact_score, exact_units, score_rows

NAN = float("nan")
tenths = st.integers(0, 1000).map(lambda n: n / 10)
weights = st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.0, 7.5, 20.0])


@st.composite
def measures(draw: st.DrawFn, key: str) -> Measure:
    xs = draw(st.lists(st.integers(-50, 200).map(lambda n: n / 4), min_size=1, max_size=4, unique=True))
    points = tuple((x, draw(tenths)) for x in sorted(xs))
    return Measure(key, draw(weights), points, draw(st.one_of(st.none(), tenths)))


@st.composite
def cards(draw: st.DrawFn) -> Card:
    groups = []
    for g in range(draw(st.integers(1, 3))):
        inside = tuple(draw(measures(f"m{g}{i}")) for i in range(draw(st.integers(1, 3))))
        groups.append(Group(f"g{g}", draw(weights), inside))
    return Card(tuple(groups), draw(st.sampled_from([0.0, 0.3, 0.5, 1.0])), green=75, amber=50)


@st.composite
def cards_and_rows(draw: st.DrawFn) -> tuple[Card, list[list[float]]]:
    card = draw(cards())
    value = st.one_of(st.just(NAN), st.integers(-100, 300).map(lambda n: n / 8))
    width = len(card.measures)
    return card, draw(st.lists(st.lists(value, min_size=width, max_size=width), min_size=1, max_size=5))


def by_hand(card: Card, row: list[float]) -> tuple[Fraction | None, Fraction]:
    """Score and coverage by the definition, w_i = G · m_i ÷ Σ m_j, in fractions."""
    values = dict(zip(card.keys, row, strict=True))
    above = below = covered = everything = Fraction(0)
    for group in card.groups:
        full = sum(Fraction(m.weight) for m in group.measures)
        if not full or not group.weight:
            continue
        everything += Fraction(group.weight)
        covered += sum(
            Fraction(group.weight) * Fraction(m.weight) / full for m in group.measures if values[m.key] == values[m.key]
        )
        counted = [m for m in group.measures if m.weight and (values[m.key] == values[m.key] or m.missing is not None)]
        present = sum(Fraction(m.weight) for m in counted)
        for m in counted:
            share = Fraction(group.weight) * Fraction(m.weight) / present
            above += share * on_the_line(m, values[m.key])
            below += share
    return (above / below if below else None), (covered / everything if everything else Fraction(0))


def on_the_line(measure: Measure, raw: float) -> Fraction:
    if raw != raw:
        return Fraction(repr(measure.missing))
    points = [(Fraction(repr(x)), Fraction(repr(y))) for x, y in measure.points]
    x = Fraction(repr(raw))
    for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False):
        if x0 <= x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return points[0][1] if x < points[0][0] else points[-1][1]


def half_up(score: Fraction) -> int:
    return int((score * 10_000 * 2 + 1) // 2)


@settings(max_examples=300, deadline=None)
@given(cards_and_rows())
def test_scores_and_coverage_equal_the_definition_computed_by_hand(made: tuple[Card, list[list[float]]]) -> None:
    card, rows = made
    scores = score_rows(card, np.array(rows))
    for i, row in enumerate(rows):
        score, coverage = by_hand(card, row)
        assert scores.coverage[i] == pytest.approx(float(coverage), abs=1e-9)
        scored = score is not None and coverage >= Fraction(repr(card.minimum_coverage))
        assert int(scores.units[i]) == (half_up(score) if scored and score is not None else -1)


@settings(max_examples=200, deadline=None)
@given(cards_and_rows())
def test_contributions_sum_to_the_score(made: tuple[Card, list[list[float]]]) -> None:
    card, rows = made
    scores = score_rows(card, np.array(rows))
    for i in range(len(rows)):
        if scores.units[i] >= 0:
            assert scores.contributions[i].sum() == pytest.approx(scores.units[i] / 10_000, abs=1e-4)


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

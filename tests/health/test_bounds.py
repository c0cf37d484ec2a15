"""The bounds hold every score that missing measures could still make, and reach to the worst and the best of them."""

import numpy as np
from hypothesis import HealthCheck, assume, given, settings

from health.bounds import bound_rows
from health.card import Card, Exceptional, Group, Measure, band_of
from health.scoring import score_rows
from tests.health.cards import NAN, cards_and_rows, completions, units_by_hand


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(cards_and_rows())
def test_the_true_score_is_always_inside(made: tuple[Card, list[list[float]]]) -> None:
    card, rows = made
    raws = np.array(rows)
    scores = score_rows(card, raws)
    bounds = bound_rows(card, raws, scores)
    for i, row in enumerate(rows):
        low, high = int(bounds.low[i]), int(bounds.high[i])
        whole = completions(card, row)
        assume(len(whole) <= 3000)
        true = {units_by_hand(card, full) for full in whole}
        assert low <= min(true)
        assert max(true) <= high
        if not card.exceptions:
            assert (low, high) == (min(true), max(true))
        if not any(raw != raw for raw in row):
            assert low == high == units_by_hand(card, whole[0])
        bands = {band_of(card, low), band_of(card, high), *([scores.bands[i]] if scores.units[i] >= 0 else [])}
        assert bounds.uncertain[i] == (len(bands) > 1)


LINE = ((0.0, 0.0), (100.0, 100.0))


def ends(card: Card, *row: float) -> tuple[float, float, bool]:
    raws = np.array([row])
    found = bound_rows(card, raws, score_rows(card, raws))
    return found.low[0] / 10_000, found.high[0] / 10_000, bool(found.uncertain[0])


def test_a_missing_measure_opens_the_score_by_its_weight() -> None:
    card = Card((Group("g", 1, (Measure("a", 3, LINE), Measure("b", 1, LINE))),), 0, green=75, amber=50)
    assert ends(card, 80, NAN) == (60, 85, True)
    assert ends(card, 100, NAN) == (75, 100, False)
    assert ends(card, 80, 80) == (80, 80, False)


def test_a_fixed_value_is_as_open_as_none() -> None:
    fixed = Measure("b", 1, LINE, missing=50)
    card = Card((Group("g", 1, (Measure("a", 3, LINE), fixed)),), 0, green=75, amber=50)
    assert ends(card, 80, NAN) == (60, 85, True)


def test_an_exception_that_might_hold_opens_the_score_too() -> None:
    cap = Exceptional("b", "red", at_most=True, above=10)
    card = Card((Group("g", 1, (Measure("a", 1, LINE), Measure("b", 0, LINE))),), 0, 75, 50, (cap,))
    assert ends(card, 80, NAN) == (49, 80, True)
    assert ends(card, 80, 11) == (49, 49, False)
    assert ends(card, 80, 10) == (80, 80, False)

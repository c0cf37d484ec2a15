"""The path to the next band against every set of changes, on small cards."""

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import assume, given, settings

from health.card import Card, Exceptional, Group, Measure
from health.path import MOST_CHANGES, cheapest_path
from health.scoring import score_rows
from tests.health.cards import NAN, cards_and_rows, units_by_hand

LINE = ((0.0, 0.0), (100.0, 100.0))
RANK = {"red": 0, "amber": 1, "green": 2}


def band(card: Card, row: list[float]) -> str:
    return score_rows(card, np.array([row])).bands[0]


def fewest(card: Card, row: list[float]) -> int | None:
    """By trying every value at a corner of every measure, in every set: how many changes reach a better band."""
    places = [i for i, measure in enumerate(card.measures) if measure.weight > 0]
    corners = [
        [float(n) for n in range(len(m.categories))]
        or [x for x, _y in m.points]
        + [e for one in card.exceptions if one.measure == m.key for e in (one.below, one.above) if e is not None]
        for m in card.measures
    ]
    for size in range(1, MOST_CHANGES + 1):
        for some in combinations(places, size):
            for values in product(*(corners[place] for place in some)):
                tried = list(row)
                for place, value in zip(some, values, strict=True):
                    tried[place] = value
                reached = band(card, tried)
                if reached != "unknown" and RANK[reached] > RANK[band(card, row)]:
                    return size
    return None


@settings(max_examples=40, deadline=None)
@given(cards_and_rows())
def test_no_smaller_set_reaches_the_next_band_and_the_path_does(made: tuple[Card, list[list[float]]]) -> None:
    card, rows = made
    card = replace(card, exceptions=tuple(one for one in card.exceptions if one.at_most))
    row = rows[0]
    assume(len(card.measures) <= 5 and band(card, row) in ("red", "amber"))
    path = cheapest_path(card, row)
    assert (len(path) or None) == fewest(card, row)
    walked = list(row)
    for change in path:
        before = units_by_hand(card, walked)
        walked[change.place] = change.then
        assert change.gain == pytest.approx((units_by_hand(card, walked) - before) / 10_000, abs=1e-9)
    if path:
        assert RANK[band(card, walked)] > RANK[band(card, row)]


def card(*measures: Measure, exceptions: tuple[Exceptional, ...] = ()) -> Card:
    return Card((Group("g", 1, measures),), 0, 75, 50, exceptions)


def test_the_heaviest_shortfall_alone_is_enough_and_goes_only_as_far_as_it_must() -> None:
    three = card(Measure("a", 2, LINE), Measure("b", 1, LINE), Measure("c", 1, LINE))
    [change] = cheapest_path(three, [40, 60, 60])
    assert (change.place, change.now) == (0, 40)
    assert change.then == pytest.approx(89, abs=0.01)
    assert change.gain == pytest.approx(24.5, abs=0.01)


def test_two_changes_where_one_is_not_enough_and_none_where_nobody_can_act() -> None:
    two = card(Measure("a", 1, LINE), Measure("b", 1, LINE))
    assert [change.place for change in cheapest_path(two, [20, 30])] == [0]
    assert [change.place for change in cheapest_path(two, [51, 49], actionable={"b"})] == [1]
    assert cheapest_path(two, [10, 100], actionable={"b"}) == []
    assert cheapest_path(two, [80, 80]) == []
    assert cheapest_path(two, [NAN, NAN]) == []


def test_a_cap_is_lifted_by_what_it_looks_at() -> None:
    cap = Exceptional("b", "amber", at_most=True, above=5)
    capped = card(Measure("a", 9, LINE), Measure("b", 1, ((0, 100), (10, 0))), exceptions=(cap,))
    [change] = cheapest_path(capped, [95, 8])
    assert (change.place, round(change.then, 3)) == (1, 5)

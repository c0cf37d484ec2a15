"""The path to the next band against every set of changes, on small cards."""

from dataclasses import replace
from itertools import combinations, product
from typing import Any

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


def corners(card: Card, place: int) -> list[float]:
    """Values of a measure of every kind: its points, and on, just below and just above every edge on it."""
    measure = card.measures[place]
    own = [one for one in card.exceptions if one.measure == measure.key]
    edges = [edge for one in own for edge in (one.below, one.above) if edge is not None]
    near = [edge + step for edge in edges for step in (-1e-3, 0, 1e-3)]
    return [float(n) for n in range(len(measure.categories))] or [*(x for x, _y in measure.points), *near]


def fewest(card: Card, row: list[float]) -> int | None:
    """By trying every value at a corner of every measure, in every set: how many changes reach a better band."""
    tried = [corners(card, place) for place in range(len(card.measures))]
    for size in range(1, MOST_CHANGES + 1):
        for some in combinations(range(len(card.measures)), size):
            for values in product(*(tried[place] for place in some)):
                changed = list(row)
                for place, value in zip(some, values, strict=True):
                    changed[place] = value
                reached = band(card, changed)
                if reached != "unknown" and RANK[reached] > RANK[band(card, row)]:
                    return size
    return None


@settings(max_examples=60, deadline=None)
@given(cards_and_rows())
def test_no_smaller_set_reaches_the_next_band_and_the_path_does(made: tuple[Card, list[list[float]]]) -> None:
    card, rows = made
    row = rows[0]
    assume(len(card.measures) <= 4 and band(card, row) in ("red", "amber"))
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


def test_a_cap_on_a_measure_without_weight_is_lifted_too() -> None:
    cap = Exceptional("b", "amber", at_most=True, above=5)
    capped = card(Measure("a", 9, LINE), Measure("b", 0, ((0, 100), (10, 0))), exceptions=(cap,))
    [change] = cheapest_path(capped, [95, 8])
    assert (change.place, round(change.then, 3)) == (1, 5)
    assert cheapest_path(capped, [95, 8], actionable={"a"}) == []


def test_a_floor_is_a_way_up() -> None:
    floor = Exceptional("b", "green", at_most=False, above=5)
    held = card(Measure("a", 1, LINE), Measure("c", 1, LINE), Measure("b", 0, LINE), exceptions=(floor,))
    [change] = cheapest_path(held, [10, 10, 2])
    assert change.place == 2
    assert 5 < change.then < 6


def test_an_edge_that_is_no_whole_number_is_reached() -> None:
    odd = replace(card(Measure("a", 1, LINE)), green=75.3)
    [change] = cheapest_path(odd, [60])
    assert band(odd, [change.then]) == "green"


def test_a_card_of_many_measures_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every set of four of two hundred measures would be 64 million."""
    tried = 0

    def counting(card: Card, rows: Any) -> Any:
        nonlocal tried
        tried += len(rows)
        return score_rows(card, rows)

    monkeypatch.setattr("health.path.score_rows", counting)
    many = card(*(Measure(f"m{n}", 1, LINE) for n in range(200)))
    assert cheapest_path(many, [40.0] * 200) == []
    gaps = [NAN if n % 2 else 40.0 for n in range(200)]
    assert cheapest_path(many, gaps) == []
    assert tried < 200_000


def test_the_other_side_of_an_edge_at_zero_is_reached() -> None:
    floor = Exceptional("a", "amber", at_most=False, below=0)
    held = card(Measure("a", 1, ((0, 0), (1, 0))), exceptions=(floor,))
    [change] = cheapest_path(held, [0.125])
    assert change.then < 0

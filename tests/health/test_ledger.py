"""The ledger of a change: its steps sum to the change, each step's parts to the step, whatever two days look like."""

from itertools import permutations
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from health.card import UNITS, Card, Exceptional, Group, Measure
from health.ledger import AVAILABILITY, BEHAVIOUR, CONFIGURATION, LIMITS, SWITCH, State, ledger, shapley
from health.scoring import exact_units
from tests.health.cards import cards, values_of

LINE = ((0.0, 0.0), (100.0, 100.0))


@st.composite
def states(draw: st.DrawFn, card_id: int, card: Card) -> State:
    """A day of a card; measures name categories by their codes."""
    values: dict[str, float | str | None] = {}
    for measure in card.measures:
        raw = draw(values_of(measure))
        values[measure.key] = None if raw != raw else measure.categories[int(raw)][0] if measure.categories else raw
    return State(card_id, card, values)


@st.composite
def days(draw: st.DrawFn) -> tuple[State, State]:
    """Two days, of one version, two versions or two cards."""
    card = draw(cards())
    other = draw(st.one_of(st.just(card), cards()))
    return draw(states(1, card)), draw(states(draw(st.integers(1, 2)), other))


@settings(max_examples=60, deadline=None)
@given(days())
def test_steps_sum_to_the_change_and_parts_to_their_step(made: tuple[State, State]) -> None:
    old, new = made
    assume(old.units >= 0 and new.units >= 0)
    steps = ledger(old, new)
    assert round(sum(step.points for step in steps) * UNITS) == new.units - old.units
    for step in steps:
        assert sum(step.parts.values()) == pytest.approx(step.points, abs=1e-9)
    names = [step.name for step in steps]
    assert names == [name for name in (SWITCH, CONFIGURATION, AVAILABILITY, BEHAVIOUR) if name in names]
    assert (SWITCH in names) <= (old.card_id != new.card_id)
    assert (CONFIGURATION in names) <= (old.card_id == new.card_id)


def card(*measures: Measure, exceptions: tuple[Exceptional, ...] = (), weight: float = 1) -> Card:
    return Card((Group("g", weight, measures),), 0, 75, 50, exceptions)


A, B = Measure("a", 1, LINE), Measure("b", 1, LINE)


def test_behaviour_is_shared_by_contribution_where_the_score_is_linear() -> None:
    [step] = ledger(State(1, card(A, B), {"a": 80, "b": 40}), State(1, card(A, B), {"a": 60, "b": 50}))
    assert (step.name, step.points) == (BEHAVIOUR, -5)
    assert step.parts == pytest.approx({"a": -10, "b": 5})


def test_each_cause_has_a_step_of_its_own() -> None:
    heavier = card(Measure("a", 3, LINE), B)
    steps = ledger(State(1, card(A, B), {"a": 80, "b": 40}), State(1, heavier, {"a": 60, "b": None}))
    assert [(step.name, step.points) for step in steps] == [(CONFIGURATION, 10), (AVAILABILITY, 10), (BEHAVIOUR, -20)]


def test_an_exception_that_comes_to_hold_is_behaviour_and_has_a_part_of_its_own() -> None:
    cap = Exceptional("b", "red", at_most=True, below=20)
    two = Card((Group("g", 1, (A,)), Group("h", 1, (B,))), 0, 75, 50, (cap,))
    [step] = ledger(State(1, two, {"a": 100, "b": 60}), State(1, two, {"a": 100, "b": 10}))
    assert (step.name, step.points) == (BEHAVIOUR, -31)
    assert step.parts == pytest.approx({"b": -31})


def test_a_category_is_carried_over_to_another_version_by_its_code() -> None:
    old = Measure("mood", 1, categories=(("good", 100), ("bad", 0)))
    new = Measure("mood", 1, categories=(("bad", 0), ("fair", 50), ("good", 100)))
    assert ledger(State(1, card(old), {"mood": "good"}), State(1, card(new), {"mood": "good"}))[0].points == 0


def test_a_step_in_which_nothing_could_be_scored_is_taken_along_by_the_next() -> None:
    [step] = ledger(State(1, card(A), {"a": 80}), State(2, card(B), {"a": None, "b": 30}))
    assert (step.name, step.points) == (SWITCH, -50)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 100), min_size=8, max_size=8))
def test_shapley_values_are_the_mean_over_all_orders(worths: list[int]) -> None:
    names = "xyz"
    worth = {
        frozenset(n for n, bit in zip(names, f"{i:03b}", strict=True) if bit == "1"): w for i, w in enumerate(worths)
    }
    found = shapley(names, lambda chosen: worth[chosen])
    orders = list(permutations(names))
    for name in names:
        joined = [worth[frozenset(o[: o.index(name) + 1])] - worth[frozenset(o[: o.index(name)])] for o in orders]
        assert found[name] == pytest.approx(sum(joined) / len(orders))


def test_bands_and_exceptions_are_a_part_of_a_changed_card() -> None:
    cap = Exceptional("a", "amber", at_most=True, above=0)
    [step] = ledger(State(1, card(A), {"a": 90}), State(1, card(A, exceptions=(cap,)), {"a": 90}))
    assert (step.name, step.points) == (CONFIGURATION, -16)
    assert step.parts == pytest.approx({LIMITS: -16})


def test_groups_that_stay_as_they_are_have_no_part_and_cost_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every set of thirteen parts would be 8,192 scores for one account; only what changed is a player."""
    groups = tuple(Group(f"g{n}", 1, (Measure(f"m{n}", 1, LINE),)) for n in range(12))
    cap = Exceptional("m0", "amber", at_most=True, below=20)
    twelve = Card(groups, 0, 75, 50, (cap,))
    old = State(1, twelve, {f"m{n}": 90.0 for n in range(12)})
    new = State(1, twelve, {**old.values, "m0": 10.0, "m1": 95.0})
    asked = 0

    def counting(*given: Any) -> Any:
        nonlocal asked
        asked += 1
        return exact_units(*given)

    monkeypatch.setattr("health.ledger.exact_units", counting)
    [step] = ledger(old, new)
    assert set(step.parts) == {"m0", "m1"}
    assert asked < 60


def test_a_step_is_not_divided_before_somebody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A change of scorecard is told as one part: two cards of twelve groups would make 33 million sets."""
    old, new = (
        State(n, Card(tuple(Group(f"{n}g{i}", 1, (Measure(f"{n}m{i}", 1, LINE),)) for i in range(12)), 0, 75, 50),
              {f"{n}m{i}": 50.0 + n for i in range(12)})
        for n in (1, 2)
    )  # fmt: skip
    monkeypatch.setattr("health.ledger.shapley", lambda *_given: pytest.fail("divided"))
    assert [(step.name, step.points) for step in ledger(old, new)] == [(SWITCH, 1)]


def test_many_groups_are_shared_by_their_own_weight() -> None:
    old, new = (
        State(n, Card(tuple(Group(f"{n}g{i}", 1, (Measure(f"{n}m{i}", 1, LINE),)) for i in range(12)), 0, 75, 50),
              {f"{n}m{i}": 50.0 + n for i in range(12)})
        for n in (1, 2)
    )  # fmt: skip
    [step] = ledger(old, new)
    assert sum(step.parts.values()) == pytest.approx(1)
    assert step.parts["1m0"] == pytest.approx(step.parts["1m11"])
    assert step.parts["2m3"] == pytest.approx(52 / 12)

"""The linter: one seeded fault per rule, and a sound card that has none; against brute force where there is one."""

import copy
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from health.card import Card, Exceptional, Group, Measure, card_of
from health.definition import STARTING_DOCUMENT
from health.linter import (
    ENOUGH,
    Finding,
    Sample,
    better_chance,
    candidates,
    correlation,
    exception_is_upside_down,
    finding_of,
    lint,
    unused_points,
)
from health.scoring import points_rows, subscore
from tests.health.cards import exceptions_on, measures

RNG = np.random.default_rng(7)
RISING = ((0.0, 0.0), (1.0, 100.0))


def card(*inside: Measure, exceptions: tuple[Exceptional, ...] = (), green: float = 75, amber: float = 50) -> Card:
    return Card((Group("g", 1, inside),), 0.0, green, amber, exceptions)


def plain(key: str = "a", weight: float = 1.0) -> Measure:
    return Measure(key, weight, RISING)


def sample(*columns: list[float], before: list[list[float]] | None = None, stayed: list[bool] | None = None) -> Sample:
    rows = np.array(columns, dtype=np.float64).T
    old = np.array(before or [], dtype=np.float64).reshape(len(before or []), len(columns))
    return Sample(rows, rows, old, stayed or [])


def rules(found: list[Finding]) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.rule, one.where) for one in found]


def spread(n: int = 40) -> list[float]:
    found: list[float] = RNG.permutation(np.linspace(0, 1, n)).tolist()
    return found


def test_a_sound_card_with_varied_data_has_no_finding() -> None:
    assert lint(card(plain("a"), plain("b")), sample(spread(), spread())) == []


def test_the_card_every_tenant_starts_with_has_no_finding() -> None:
    assert lint(card_of(STARTING_DOCUMENT)) == []


def test_a_group_without_weight_and_one_whose_measures_weigh_nothing_are_told() -> None:
    sound = Group("g", 1, (plain("a"),))
    none, empty = Group("none", 0, (plain("b"),)), Group("empty", 2, (plain("c", 0),))
    found = rules(lint(Card((sound, none, empty), 0.0, 75, 50)))
    assert found == [("group_without_weight", ("none",)), ("group_counts_nothing", ("empty",)), ("shown_only", ("c",))]


def test_a_measure_that_only_serves_an_exception_is_not_told_as_idle() -> None:
    serves = Exceptional("b", "amber", at_most=True, below=0.1)
    assert lint(card(plain("a"), plain("b", 0), exceptions=(serves,))) == []


def test_a_measure_that_scores_the_same_whatever_its_value_is_told_once() -> None:
    flat = Measure("b", 1, ((0.0, 60.0), (1.0, 60.0)))
    assert rules(lint(card(plain("a"), flat), sample(spread(), spread()))) == [("flat", ("b",))]


@pytest.mark.parametrize(
    ("made", "bands"),
    [
        (card(Measure("a", 1, ((0.0, 0.0), (1.0, 70.0)))), ["green"]),
        (card(Measure("a", 1, ((0.0, 60.0), (1.0, 100.0)))), ["red"]),
        (card(plain(), green=75, amber=74.5), ["amber"]),
        (card(Measure("a", 1, ((0.0, 0.0), (1.0, 40.0)))), ["green", "amber"]),
        (card(plain(), exceptions=(Exceptional("a", "amber", True, below=5, above=4),)), ["green"]),
        (card(plain(), exceptions=(Exceptional("a", "amber", False, below=5, above=4),)), ["red"]),
    ],
)
def test_a_band_that_no_values_lead_to_is_told(made: Card, bands: list[str]) -> None:
    assert [one.facts["band"] for one in lint(made) if one.rule == "unreachable"] == bands


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_value_leads_into_a_band_that_is_told_as_unreachable(data: st.DataObject) -> None:
    inside = (data.draw(measures("a")), data.draw(measures("b")))
    inside = (replace(inside[0], weight=1.0), inside[1])
    made = card(*inside, exceptions=tuple(data.draw(st.lists(exceptions_on(inside[0]), max_size=2))))
    told = {one.facts["band"] for one in lint(made) if one.rule == "unreachable"}
    corners = [[float(i) for i in range(len(m.categories))] or [x for x, _y in m.points] for m in inside]
    edges = [e for one in made.exceptions for e in (one.below, one.above) if e is not None and not inside[0].categories]
    corners[0] += [e + side for e in edges for side in (-1.0, 0.0, 1.0)]
    points = points_rows(made, np.array(list(product(*corners))))
    seen = {"green" if p >= made.green else "amber" if p >= made.amber else "red" for p in np.floor(points + 0.5)}
    assert not told & seen


def test_breakpoints_no_value_comes_near_are_told() -> None:
    far = Measure("a", 1, ((0.0, 0.0), (1.0, 80.0), (5.0, 90.0), (9.0, 100.0)))
    (one,) = lint(card(far), sample(spread()))
    assert (one.rule, one.facts["points"]) == ("never_reached", [5.0, 9.0])


def test_a_category_nobody_is_in_is_told() -> None:
    worded = Measure("a", 1, categories=(("good", 100.0), ("mixed", 60.0), ("bad", 0.0)))
    (one,) = lint(card(worded), sample([0.0, 2.0] * ENOUGH))
    assert (one.rule, one.facts["codes"]) == ("never_reached", ["mixed"])


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.integers(-20, 20), min_size=1, max_size=5, unique=True).map(sorted),
    st.lists(st.integers(-100, 100).map(lambda n: n / 4), min_size=1, max_size=8),
)
def test_a_breakpoint_is_unused_exactly_if_moving_its_score_moves_no_value(xs: list[int], values: list[float]) -> None:
    measure = Measure("a", 1, tuple((float(x), 50.0) for x in xs))
    known = np.array(values)
    idle = []
    for place, (x, _y) in enumerate(measure.points):
        moved = [*measure.points]
        moved[place] = (x, 80.0)
        if (subscore(replace(measure, points=tuple(moved)), known) == 50).all():
            idle.append(x)
    assert unused_points(measure, known) == idle


def test_a_measure_that_gives_every_account_the_same_is_told() -> None:
    found = lint(card(plain("a"), plain("b")), sample(spread(), [5.0] * 40))
    assert ("no_variance", ("b",)) in rules(found)


def test_a_measure_without_any_data_is_told() -> None:
    assert rules(lint(card(plain("a"), plain("b")), sample(spread(), [float("nan")] * 40))) == [("no_data", ("b",))]


@pytest.mark.parametrize("turned", [False, True])
def test_two_measures_that_say_the_same_are_told_and_others_are_not(turned: bool) -> None:
    one, third = spread(), spread()
    other = [(1 - x if turned else x) + noise for x, noise in zip(one, RNG.normal(0, 0.02, 40), strict=True)]
    found = [one for one in lint(card(*map(plain, "abc")), sample(one, other, third)) if one.rule == "alike"]
    assert [finding.where for finding in found] == [("a", "b")]
    assert (found[0].facts["r"] < 0) == turned


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=2, max_size=30))
def test_the_correlation_is_the_one_that_numpy_gives(pairs: list[tuple[int, int]]) -> None:
    a, b = (np.array(side, dtype=np.float64) for side in zip(*pairs, strict=True))
    expected = 0.0 if np.ptp(a) == 0 or np.ptp(b) == 0 else np.corrcoef(a, b)[0, 1]
    assert correlation(a, b) == pytest.approx(expected, abs=1e-9)


def test_few_accounts_prove_neither_variance_nor_likeness() -> None:
    column = spread(ENOUGH - 1)
    assert lint(card(plain("a"), plain("b")), sample(column, column)) == []


@pytest.mark.parametrize(("key", "falls"), [("breadth", True), ("application_gap", False)])
def test_a_score_that_falls_when_use_rises_is_told(key: str, falls: bool) -> None:
    ys = (100.0, 0.0) if falls else (0.0, 100.0)
    wrong, right = (Measure(key, 1, ((0.0, y), (1.0, 100 - y))) for y in ys)
    assert rules(lint(card(wrong))) == [("wrong_direction", (key,))]
    assert lint(card(right)) == []


def test_a_middle_range_is_told_as_allowed() -> None:
    (one,) = lint(card(Measure("tickets", 1, ((0.0, 0.0), (5.0, 100.0), (10.0, 100.0), (30.0, 0.0)))))
    assert (one.rule, one.severity, one.facts["from"], one.facts["to"]) == ("middle_range", "hint", 5.0, 10.0)


def test_a_measure_that_was_better_for_those_who_left_is_told() -> None:
    before = [[0.2 + i / 100] for i in range(15)] + [[0.7 + i / 100] for i in range(15)]
    stayed = [True] * 15 + [False] * 15
    made = card(plain("a"))
    assert ("against_outcomes", ("a",)) in rules(lint(made, sample(spread(), before=before, stayed=stayed)))
    turned = [not one for one in stayed]
    assert lint(made, sample(spread(), before=before, stayed=turned)) == []
    assert lint(made, sample(spread(), before=before[:18], stayed=stayed[:18])) == []


@settings(max_examples=50, deadline=None)
@given(*(st.lists(st.integers(0, 9), min_size=1, max_size=9) for _ in range(2)))
def test_the_chance_counts_every_pair_and_ties_half(kept: list[int], lost: list[int]) -> None:
    pairs = [1.0 if k > o else 0.5 if k == o else 0.0 for k in kept for o in lost]
    got = better_chance(np.array(kept, dtype=np.float64), np.array(lost, dtype=np.float64))
    assert got == pytest.approx(sum(pairs) / len(pairs))


def test_a_card_that_leaves_most_accounts_without_a_score_is_told() -> None:
    made = replace(card(plain("a"), plain("b")), minimum_coverage=0.9)
    gaps = [float("nan")] * 30 + spread(10)
    found = [one for one in lint(made, sample(spread(), gaps)) if one.rule == "unscored"]
    assert [(one.facts["without"], one.facts["accounts"]) for one in found] == [(30, 40)]


@pytest.mark.parametrize(
    ("exception", "told"),
    [
        (Exceptional("a", "amber", True, below=0.2), False),
        (Exceptional("a", "amber", True, above=0.8), True),
        (Exceptional("a", "amber", False, above=0.8), False),
        (Exceptional("a", "amber", False, below=0.2), True),
        (Exceptional("a", "green", True, above=0.8), False),
        (Exceptional("a", "red", False, below=0.2), False),
    ],
)
def test_an_exception_under_which_a_better_value_lowers_the_score_is_told(exception: Exceptional, told: bool) -> None:
    found = [one.rule for one in lint(card(plain("a"), plain("b"), exceptions=(exception,)))]
    assert ("better_lowers" in found) == told


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_wherever_a_better_value_lowers_a_score_an_exception_is_told(data: st.DataObject) -> None:
    measure = replace(data.draw(measures("a")), weight=1.0)
    exception = data.draw(exceptions_on(measure))
    made = card(measure, plain("b", 3.0), exceptions=(exception,))
    values = candidates(measure, exception)
    better = subscore(measure, values)
    falls = False
    for other in np.linspace(0, 1, 21):
        points = points_rows(made, np.column_stack([values, np.full(len(values), other)]))
        falls |= any(
            better[i] < better[j] and points[i] > points[j] + 1e-6
            for i in range(len(values))
            for j in range(len(values))
        )
    if falls:
        assert exception_is_upside_down(measure, exception)
        assert "better_lowers" in [one.rule for one in lint(made)]


def test_faults_come_first_and_a_finding_survives_its_storage() -> None:
    odd = copy.deepcopy(STARTING_DOCUMENT)
    odd["groups"][0]["measures"][0]["breakpoints"] = [[0.4, 100], [1.0, 0]]
    odd["groups"][1]["weight"] = 0
    found = lint(card_of(odd))
    assert [one.severity for one in found] == sorted(
        (one.severity for one in found), key=["fault", "warning", "hint"].index
    )
    assert [finding_of(one.document) for one in found] == found

"""The cheapest path to the next band: the fewest measures whose change reaches it. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, product
from math import ceil

import numpy as np

from health.card import UNITS, Card, Measure
from health.linter import candidates
from health.scoring import Floats, Units, holds, score_rows, share_rows, subscore

MOST_CHANGES = 4
_HALVINGS = 40
_MOST_SETS = 20_000

Goal = tuple[int, float]  # the place of a measure and the raw value to bring it to


@dataclass(frozen=True)
class Change:
    """One measure of the path: its place on the card, its raw value now (NaN: missing) and the one to reach, and what
    that adds to the score, in points, once the changes before it are made.
    """

    place: int
    now: float
    then: float
    gain: float


def cheapest_path(card: Card, row: Sequence[float], *, actionable: Collection[str] | None = None) -> list[Change]:
    """The fewest changes of measures (`actionable`: which may be; all by default) that lift a scored row of raw values
    into the next band; of sets of one size, the one that lifts it highest.

    The change with the most to give comes first, the last one goes only as far as it must. Empty for a row that is
    green or has no score, and where `MOST_CHANGES` changes do not suffice.
    """
    start = np.array(row, dtype=np.float64)
    cut = {"red": card.amber, "amber": card.green}.get(score_rows(card, start[None, :]).bands[0])
    if cut is None:
        return []
    wanted = ceil(cut) * UNITS - UNITS // 2
    told = {m.key for m in card.measures if m.weight > 0} | {exception.measure for exception in card.exceptions}
    asked = told if actionable is None else told & set(actionable)
    places = [place for place, key in enumerate(card.keys) if key in asked]
    goals = {place: _goals(card, place) for place in places}
    alone = [place for place in places if _stands_alone(card, start, place)]
    for size in range(1, MOST_CHANGES + 1):
        sets = _sets(card, start, goals, alone, size)
        units = _units(card, [_changed(start, ways) for ways in sets])
        if len(sets) and units.max() >= wanted:
            return _walk(card, start, sets[int(units.argmax())], wanted)
    return []


def _stands_alone(card: Card, row: Floats, place: int) -> bool:
    """Whether changing the measure leaves the weight of the others and every exception as they are."""
    measure = card.measures[place]
    counts = not np.isnan(row[place]) or measure.missing is not None
    return counts and all(one.measure != measure.key for one in card.exceptions)


def _sets(
    card: Card, row: Floats, goals: Mapping[int, Sequence[Goal]], alone: Sequence[int], size: int
) -> list[tuple[Goal, ...]]:
    """The sets of changes of one size among which the best one is. Of measures that stand alone a set holds those with
    the most to give beside the others: what they give adds up. No more than `_MOST_SETS` ways of the others are tried.
    """
    found: list[tuple[Goal, ...]] = []
    others = [place for place in goals if place not in alone]
    for count in range(max(size - len(alone), 0), min(size, len(others)) + 1):
        every = (ways for some in combinations(others, count) for ways in product(*(goals[place] for place in some)))
        tried = list(islice(every, _MOST_SETS))
        best = _most_to_give(card, [_changed(row, ways) for ways in tried], goals, alone)
        found += [(*ways, *more[: size - count]) for ways, more in zip(tried, best, strict=True)]
    return found


def _most_to_give(
    card: Card, rows: Sequence[Floats], goals: Mapping[int, Sequence[Goal]], alone: Sequence[int]
) -> list[list[Goal]]:
    """For each row the changes of the measures that stand alone, the one with the most to give first."""
    shares = share_rows(card, np.array(rows))
    ends = [subscore(card.measures[place], np.array([goals[place][0][1]]))[0] for place in alone]
    gains = shares.weights[:, alone] * (np.array(ends) - shares.subscores[:, alone])
    return [[goals[alone[i]][0] for i in order] for order in np.argsort(-gains, axis=1)[:, :MOST_CHANGES]]


def _goals(card: Card, place: int) -> list[Goal]:
    """Where a measure may be brought: for each set of exceptions that hold there, to the raw value that gives most."""
    measure = card.measures[place]
    own = [one for one in card.exceptions if one.measure == measure.key]
    raws = np.array(sorted({raw for one in own for raw in candidates(measure, one).tolist()}) or _ends(measure))
    held = np.column_stack([holds(one, raws) for one in own]).tolist() if own else [[]] * len(raws)
    best: dict[tuple[bool, ...], tuple[float, float]] = {}
    for which, raw, score in zip(map(tuple, held), raws.tolist(), subscore(measure, raws).tolist(), strict=True):
        best[which] = max(best.get(which, (-1.0, 0.0)), (score, raw))
    return [(place, raw) for _score, raw in best.values()]


def _ends(measure: Measure) -> list[float]:
    """The raw values at which a measure's score may be highest."""
    return [float(place) for place in range(len(measure.categories))] or [x for x, _score in measure.points]


def _changed(row: Floats, ways: Sequence[Goal]) -> Floats:
    changed = row.copy()
    for place, raw in ways:
        changed[place] = raw
    return changed


def _walk(card: Card, row: Floats, ways: Sequence[Goal], wanted: int) -> list[Change]:
    """Make the changes one by one, the one that gives most first, the last only as far as it must."""
    found: list[Change] = []
    held, left = row.copy(), list(ways)
    while left:
        trials = _units(card, [_changed(held, [goal]) for goal in left])
        place, goal = left.pop(int(trials.argmax()))
        before, now = int(_units(card, [held])[0]), float(held[place])
        held[place] = goal if left else _least(card, held, (place, goal), wanted)
        found.append(Change(place, now, float(held[place]), (int(_units(card, [held])[0]) - before) / UNITS))
    return found


def _units(card: Card, rows: Sequence[Floats]) -> Units:
    return score_rows(card, np.array(rows).reshape(len(rows), len(card.measures))).units


def _least(card: Card, row: Floats, goal: Goal, wanted: int) -> float:
    """How far toward its goal the last measure must go; all the way for a missing one and for a category."""
    place, end = goal
    start = float(row[place])
    if np.isnan(start) or card.measures[place].categories:
        return end

    def enough(raw: float) -> bool:
        return bool(_units(card, [_changed(row, [(place, raw)])])[0] >= wanted)

    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if enough(start + (end - start) * middle) else (middle, high)
    found = start + (end - start) * high
    return found if enough(found) else end  # an edge at 0 is nearer to its other side than the sum can tell

"""The cheapest path to the next band: the fewest measures whose change reaches it. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from health.card import UNITS, Card, Exceptional, Measure
from health.scoring import Floats, Units, holds, score_rows, subscore

MOST_CHANGES = 4
_HALVINGS = 40

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
    wanted = int(np.ceil((cut - 0.5) * UNITS))
    places = [i for i, m in enumerate(card.measures) if m.weight > 0 and (actionable is None or m.key in actionable)]
    goals = {place: _goals(card, place) for place in places}
    for size in range(1, MOST_CHANGES + 1):
        sets = [ways for some in combinations(places, size) for ways in product(*(goals[place] for place in some))]
        units = _units(card, [_changed(start, ways) for ways in sets])
        if len(sets) and units.max() >= wanted:
            return _walk(card, start, sets[int(units.argmax())], wanted)
    return []


def _goals(card: Card, place: int) -> list[Goal]:
    """Where a measure may be brought: for each set of caps that hold there, to the raw value that gives most."""
    measure = card.measures[place]
    caps = [one for one in card.exceptions if one.measure == measure.key and one.at_most]
    raws = np.array(_corners(measure, caps))
    held = np.column_stack([holds(one, raws) for one in caps]).tolist() if caps else [[]] * len(raws)
    best: dict[tuple[bool, ...], tuple[float, float]] = {}
    for caps_held, raw, score in zip(held, raws.tolist(), subscore(measure, raws).tolist(), strict=True):
        best[tuple(caps_held)] = max(best.get(tuple(caps_held), (-1.0, 0.0)), (score, raw))
    return [(place, raw) for _score, raw in best.values()]


def _corners(measure: Measure, caps: Sequence[Exceptional]) -> list[float]:
    if measure.categories:
        return [float(place) for place in range(len(measure.categories))]
    edges = [edge for one in caps for edge in (one.below, one.above) if edge is not None]
    return sorted({x for x, _y in measure.points} | set(edges))


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
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        enough = _units(card, [_changed(row, [(place, start + (end - start) * middle)])])[0] >= wanted
        low, high = (low, middle) if enough else (middle, high)
    return start + (end - start) * high

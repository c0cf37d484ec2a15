"""The exact ledger of a score's change: scorecard switch, configuration, data availability, behaviour. Pure.

Each step is the difference of two full scores, so that the steps sum to the change; inside a step measures share by
contribution where the score is linear, and groups by Shapley value where it is not.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import factorial

import numpy as np

from health.card import UNITS, Card, Group
from health.scoring import exact_units, limit_rows, share_rows

SWITCH, CONFIGURATION, AVAILABILITY, BEHAVIOUR = "switch", "configuration", "availability", "behaviour"
LIMITS = ""  # the part of a step that bands and exceptions have; no measure's key is empty

Values = Mapping[str, float | str | None]


@dataclass(frozen=True)
class State:
    """A card and a day's values by measure (numbers, or categories' codes): all that a score is made of. `card_id`
    tells scorecards apart.
    """

    card_id: int
    card: Card
    values: Values

    @property
    def row(self) -> list[float]:
        """The raw values in the order of the card's measures, NaN where missing."""
        found = (measure.raw(self.values.get(measure.key)) for measure in self.card.measures)
        return [np.nan if raw is None else raw for raw in found]

    @property
    def units(self) -> int:
        """The score in ten-thousandths, whatever its coverage; −1 when nothing counts."""
        row, units = self.row, exact_units(self.card, self.row)
        return units if units < 0 else int(limit_rows(self.card, np.array([row]), np.array([units]))[0])

    @property
    def contributions(self) -> dict[str, float]:
        """What each measure gives to the score before exceptions, in points."""
        given = share_rows(self.card, np.array([self.row])).contributions[0].tolist()
        return dict(zip(self.card.keys, given, strict=True))

    @property
    def is_limited(self) -> bool:
        """Whether exceptions change the score."""
        return bool(self.card.exceptions) and self.units != replace(self, card=replace(self.card, exceptions=())).units


@dataclass(frozen=True)
class Step:
    """One step of a change. `points`: the difference of two scores, with four decimals; `parts` (by measure, and
    `LIMITS`) sum to it.
    """

    name: str
    points: float
    parts: Mapping[str, float]


def ledger(old: State, new: State) -> list[Step]:
    """The steps from one scored day to another, in their order; their points sum to the change of the score.

    A measure that the old card did not have takes the new day's value in the first step, and so does one that is newly
    there in the step of availability: that it counts at all is not the customer's doing.
    """
    keys = new.card.keys
    under_new = {key: old.values[key] if key in old.values else new.values.get(key) for key in keys}
    there = {
        key: None if new.values.get(key) is None else new.values[key] if under_new[key] is None else under_new[key]
        for key in keys
    }
    version = SWITCH if old.card_id != new.card_id else CONFIGURATION
    ways = ((version, replace(new, values=under_new)), (AVAILABILITY, replace(new, values=there)), (BEHAVIOUR, new))
    found, before = [], old
    for name, after in ways:
        if after.units < 0:  # nothing is there to score yet: the next step takes this one's change along
            continue
        if after.card != before.card or after.row != before.row:
            found.append(_step(name, before, after))
        before = after
    return found


def _step(name: str, before: State, after: State) -> Step:
    points = (after.units - before.units) / UNITS
    new, old = after.contributions, before.contributions
    parts = {key: new.get(key, 0.0) - old.get(key, 0.0) for key in {**old, **new}}
    same = before.card == after.card and np.array_equal(np.isnan(before.row), np.isnan(after.row))
    if not same or before.is_limited or after.is_limited:
        parts = _shared_by_groups(before, after, parts)
    return Step(name, points, _summing({key: part for key, part in parts.items() if part}, points))


def _shared_by_groups(before: State, after: State, plain: Mapping[str, float]) -> dict[str, float]:
    """The Shapley value of each group, and of bands with exceptions; inside a group measures share by contribution."""
    players = [*dict.fromkeys(group.key for state in (before, after) for group in state.card.groups), LIMITS]
    worth = shapley(players, lambda chosen: _mixed(before, after, chosen).units / UNITS)
    found = {LIMITS: worth[LIMITS]}
    for key in players[:-1]:
        inside = {m.key for state in (before, after) for g in state.card.groups if g.key == key for m in g.measures}
        parts = {measure: plain[measure] for measure in sorted(inside)}
        for measure, part in _summing(parts, worth[key]).items():
            found[measure] = found.get(measure, 0.0) + part
    return found


def _mixed(before: State, after: State, chosen: frozenset[str]) -> State:
    """The state in which the chosen groups are as they are after, the others as they were before."""
    old, new = ({group.key: group for group in state.card.groups} for state in (before, after))
    groups: list[Group] = []
    values: dict[str, float | str | None] = {}
    for key in {**old, **new}:
        source, state = (new, after) if key in chosen else (old, before)
        if key in source:
            groups.append(source[key])
            values.update({measure.key: state.values.get(measure.key) for measure in source[key].measures})
    limits = after.card if LIMITS in chosen else before.card
    there = {measure.key for group in groups for measure in group.measures}
    exceptions = tuple(one for one in limits.exceptions if one.measure in there)
    return replace(after, card=replace(limits, groups=tuple(groups), exceptions=exceptions), values=values)


def shapley(players: Sequence[str], value: Callable[[frozenset[str]], float]) -> dict[str, float]:
    """Each player's Shapley value: the mean, over all orders of joining, of what joining adds. Sums to the difference
    of all and none. A set that is worth nothing (negative) counts as 0.
    """
    worth = {
        frozenset(some): max(value(frozenset(some)), 0.0)
        for size in range(len(players) + 1)
        for some in combinations(players, size)
    }
    total = factorial(len(players))
    found = {}
    for player in players:
        others = [other for other in players if other != player]
        found[player] = sum(
            factorial(size)
            * factorial(len(others) - size)
            / total
            * (worth[frozenset({player, *some})] - worth[frozenset(some)])
            for size in range(len(others) + 1)
            for some in combinations(others, size)
        )
    return found


def _summing(parts: Mapping[str, float], points: float) -> dict[str, float]:
    """The parts, with what is missing from `points` laid on them by their size, or evenly where all are 0."""
    if not parts:
        return {LIMITS: points} if points else {}
    rest, size = points - sum(parts.values()), sum(abs(part) for part in parts.values())
    return {key: part + rest * (abs(part) / size if size else 1 / len(parts)) for key, part in parts.items()}

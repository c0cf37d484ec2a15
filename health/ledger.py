"""The exact ledger of a score's change: scorecard switch, configuration, data availability, behaviour. Pure.

Each step is the difference of two full scores, so that the steps sum to the change; inside a step measures share by
contribution where the score is linear, and groups by Shapley value where it is not.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from math import factorial, floor

import numpy as np

from health.card import UNITS, Card, Group
from health.scoring import exact_units, limit_rows, share_rows

SWITCH, CONFIGURATION, AVAILABILITY, BEHAVIOUR = "switch", "configuration", "availability", "behaviour"
MOST_PLAYERS = 13  # groups that share a step by Shapley value: 8,192 scores; beyond, by contribution
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
    """One step of a change, from a state to the next. `points`: the difference of their scores, with four decimals."""

    name: str
    before: State
    after: State

    @property
    def points(self) -> float:
        """What the step adds to the score."""
        return (self.after.units - self.before.units) / UNITS

    @cached_property
    def parts(self) -> dict[str, float]:
        """By measure, and `LIMITS`; they sum to the points. Divided once somebody asks: many groups are dear."""
        found = _divided(self.before, self.after)
        return _summing({key: part for key, part in found.items() if part}, self.points)


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
            found.append(Step(name, before, after))
        before = after
    return found


def _divided(before: State, after: State) -> dict[str, float]:
    """What each measure did: by contribution where the score is linear, else shared by the groups that changed."""
    new, old = after.contributions, before.contributions
    parts = {key: new.get(key, 0.0) - old.get(key, 0.0) for key in {**old, **new}}
    same = before.card == after.card and np.array_equal(np.isnan(before.row), np.isnan(after.row))
    if same and not before.is_limited and not after.is_limited:
        return parts
    changed = _changed(before, after)
    if len(changed) > MOST_PLAYERS:
        return {**parts, LIMITS: (after.units - before.units) / UNITS - sum(parts.values())}
    return _shared_by_groups(before, after, parts, changed)


def _changed(before: State, after: State) -> list[str]:
    """The groups that are not the same in both states: all others have no part in what happened. With another card its
    bands and exceptions are one of them.
    """
    old, new = _by_key(before), _by_key(after)
    found = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return [*found, LIMITS] if before.card != after.card else found


def _by_key(state: State) -> dict[str, tuple[Group, list[float | str | None]]]:
    return {group.key: (group, [state.values.get(m.key) for m in group.measures]) for group in state.card.groups}


def _shared_by_groups(
    before: State, after: State, plain: Mapping[str, float], players: Sequence[str]
) -> dict[str, float]:
    """The Shapley value of each group, and of bands with exceptions; inside a group measures share by contribution."""
    worth = shapley(players, _worth(before, after))
    found: dict[str, float] = {}
    for key in players:
        groups = [group for state in (before, after) for group in state.card.groups if group.key == key]
        inside = {measure.key for group in groups for measure in group.measures}
        parts = {measure: plain[measure] for measure in sorted(inside)}
        for measure, part in _summing(parts, worth[key]).items():
            found[measure] = found.get(measure, 0.0) + part
    return found


def _worth(before: State, after: State) -> Callable[[frozenset[str]], float]:
    """The score in which the chosen groups are as they are after, the others as they were before."""
    sums = [_sums(state) for state in (before, after)]
    homes = [{m.key: group.key for group in state.card.groups for m in group.measures} for state in (before, after)]

    def value(measure: str, chosen: frozenset[str]) -> float | str | None:
        for state, home, side in zip((before, after), homes, (False, True), strict=True):
            if measure in home and (home[measure] in chosen) is side:
                return state.values.get(measure)
        return None

    def worth(chosen: frozenset[str]) -> float:
        held = [sums[key in chosen].get(key, (0.0, 0.0)) for key in {**sums[0], **sums[1]}]
        above, below = (sum(side) for side in zip(*held, strict=True))
        units = floor(above / below * UNITS + 0.5) if below else 0
        card = (after if LIMITS in chosen else before).card
        row = [measure.raw(value(measure.key, chosen)) for measure in card.measures]
        raws = np.array([[np.nan if raw is None else raw for raw in row]]) if card.exceptions else np.empty((1, 0))
        return int(limit_rows(card, raws, np.array([units]))[0]) / UNITS if below else 0.0

    return worth


def _sums(state: State) -> dict[str, tuple[float, float]]:
    """What each group adds to the two sides of the score's fraction: its weighted sub-score, and its weight."""
    shares, found, start = share_rows(state.card, np.array([state.row])), {}, 0
    for group in state.card.groups:
        subscores = shares.subscores[0, start : start + len(group.measures)]
        own = np.where(np.isnan(subscores), 0.0, [measure.weight for measure in group.measures])
        start += len(group.measures)
        if own.sum() > 0:
            found[group.key] = (group.weight * float(own @ np.nan_to_num(subscores)) / float(own.sum()), group.weight)
    return found


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

"""What is odd about a scorecard: rules over the card alone, and over the card with data. Pure.

A finding is a fact with its figures; `health.lint_words` says it. Every rule is exact about the card; of data it looks
only at what it is given.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from math import prod
from typing import Any, Literal

import numpy as np

from health.bounds import bound_rows
from health.card import UNITS, Card, Exceptional, Measure, band_of
from health.scoring import Floats, holds, points_rows, score_rows, subscore

Severity = Literal["fault", "warning", "hint"]
FAULT: Severity = "fault"
WARNING: Severity = "warning"
HINT: Severity = "hint"
ENOUGH = 20  # rows below which data prove nothing
ALIKE = 0.9  # the correlation above which two measures say the same
FLAT = 0.005  # points of 0…100 by which a sub-score must differ to vary
ENOUGH_OUTCOMES = 10  # of each kind
AGAINST = 0.4  # a chance below this that the kept customer had the better sub-score points the wrong way
UNSCORED = 0.5
MOST_TRIED = 20_000

# Facts of which more is better (+1) or worse (−1) for every customer success team.
DIRECTIONS = {
    **dict.fromkeys(("dau", "wau", "mau", "stickiness", "activation_rate", "login_ratio", "minutes_online"), 1),
    **dict.fromkeys(("breadth", "depth", "usage_trend"), 1),
    "application_gap": -1,
}


@dataclass(frozen=True)
class Finding:
    """One thing that is odd: by which rule, how bad, at which measures or groups (`where`, by key), and the figures."""

    rule: str
    severity: Severity
    where: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def document(self) -> dict[str, Any]:
        """As it is stored."""
        return {"rule": self.rule, "severity": self.severity, "where": list(self.where), "facts": dict(self.facts)}


def finding_of(document: Mapping[str, Any]) -> Finding:
    """A stored finding."""
    return Finding(document["rule"], document["severity"], tuple(document["where"]), document["facts"])


@dataclass(frozen=True)
class Sample:
    """What a card is held against, in the order of its measures: `rows` of raw values of many days (n, m), those of the
    `last` one (k, m), NaN for missing; and rows of before past outcomes with whether the customer stayed.
    """

    rows: Floats
    last: Floats
    before: Floats
    stayed: Sequence[bool]


def lint(card: Card, sample: Sample | None = None) -> list[Finding]:
    """Everything that is odd about a card, the worst first."""
    found = [*_idle(card), *_unreachable(card), *_direction(card), *_better_lowers(card)]
    if sample is not None:
        flat = {one.where for one in found if one.rule == "flat"}
        found += [*_no_data(card, sample), *_unreached(card, sample), *_no_variance(card, sample, flat)]
        found += [*_alike(card, sample), *_against_outcomes(card, sample), *_unscored(card, sample)]
    order = (FAULT, WARNING, HINT)
    return sorted(found, key=lambda one: order.index(one.severity))


def counted(card: Card) -> dict[str, float]:
    """The share of the full weight that each measure carries, 0…1, by key."""
    everything = sum(g.weight for g in card.groups if any(m.weight > 0 for m in g.measures))
    found = {}
    for group in card.groups:
        own = sum(m.weight for m in group.measures)
        for m in group.measures:
            found[m.key] = group.weight * m.weight / own / everything if own and everything else 0.0
    return found


def _idle(card: Card) -> Iterator[Finding]:
    """Weights that do nothing."""
    for group in card.groups:
        weighed = any(m.weight > 0 for m in group.measures)
        if weighed and group.weight <= 0:
            yield Finding("group_without_weight", WARNING, (group.key,), {"measures": len(group.measures)})
        elif group.weight > 0 and not weighed:
            yield Finding("group_counts_nothing", WARNING, (group.key,), {"weight": group.weight})
    used = {exception.measure for exception in card.exceptions}
    for measure, share in zip(card.measures, counted(card).values(), strict=True):
        low, high = measure.reach
        if share > 0 and high - low < FLAT:
            yield Finding("flat", FAULT, (measure.key,), {"score": low, "share": share})
        elif measure.weight <= 0 and measure.key not in used:
            yield Finding("shown_only", HINT, (measure.key,))


def _unreachable(card: Card) -> Iterator[Finding]:
    """Bands into which no complete raw values lead: by the lowest and the highest score that the card can make."""
    low, high = extremes(card)
    facts = {"low": low / UNITS, "high": high / UNITS}
    if band_of(card, high) != "green":
        yield Finding("unreachable", FAULT, (), {"band": "green", **facts})
    if band_of(card, low) != "red":
        yield Finding("unreachable", FAULT, (), {"band": "red", **facts})
    inside = any(card.amber <= whole < card.green for whole in range(101))
    if not inside or band_of(card, high) == "red" or band_of(card, low) == "green":
        yield Finding("unreachable", FAULT, (), {"band": "amber", **facts})


def extremes(card: Card) -> tuple[int, int]:
    """The lowest and the highest score of rows without a gap, in ten-thousandths.

    A score rises with every sub-score, so a measure on which no exception looks has only its worst and best value to
    try; one that has some is tried on both sides of every edge. With too many of these the outer bounds are answered.
    """
    ends = []
    for most in (False, True):
        tried = [_values(card, measure, most=most) for measure in card.measures]
        if prod(len(values) for values in tried) > MOST_TRIED:
            nothing = np.full((1, len(card.measures)), np.nan)
            bounds = bound_rows(card, nothing, score_rows(card, nothing))
            return int(bounds.low[0]), int(bounds.high[0])
        units = np.floor(points_rows(card, np.array(list(product(*tried)))) * UNITS + 0.5)
        ends.append(int(units.max() if most else units.min()))
    return ends[0], ends[1]


def _values(card: Card, measure: Measure, *, most: bool) -> list[float]:
    """The raw values of a measure among which the one that makes the lowest (the highest, `most`) score must be."""
    exceptions = [one for one in card.exceptions if one.measure == measure.key]
    if exceptions:
        return sorted({value for one in exceptions for value in candidates(measure, one).tolist()})
    scores = [score for _code, score in measure.categories] or [score for _x, score in measure.points]
    place = scores.index(max(scores) if most else min(scores))
    return [float(place) if measure.categories else measure.points[place][0]]


def _direction(card: Card) -> Iterator[Finding]:
    """Sub-scores that fall when use rises, and middle ranges."""
    for measure in card.measures:
        ys = [y for _x, y in measure.points]
        rises = any(b > a for a, b in zip(ys, ys[1:], strict=False))
        falls = any(b < a for a, b in zip(ys, ys[1:], strict=False))
        better = DIRECTIONS.get(measure.key, 0)
        if measure.weight > 0 and ((better > 0 and falls and not rises) or (better < 0 and rises and not falls)):
            yield Finding("wrong_direction", FAULT, (measure.key,), {"rises": better > 0})
        elif rises and falls:
            yield Finding("middle_range", HINT, (measure.key,), _summit(measure))


def _summit(measure: Measure) -> dict[str, Any]:
    """From where to where the sub-score is highest."""
    most = max(y for _x, y in measure.points)
    best = [x for x, y in measure.points if y == most]
    return {"from": best[0], "to": best[-1], "score": most}


def _better_lowers(card: Card) -> Iterator[Finding]:
    """Exceptions under which a better value of their measure gives a lower score than a worse one."""
    measures = {measure.key: measure for measure in card.measures}
    for number, exception in enumerate(card.exceptions, 1):
        if exception_is_upside_down(measures[exception.measure], exception) and _bites(card, exception):
            facts = {"number": number, "at_most": exception.at_most, "band": exception.band}
            yield Finding("better_lowers", FAULT, (exception.measure,), facts)


def _bites(card: Card, exception: Exceptional) -> bool:
    """Whether an exception can change any score: at most green and at least red change none."""
    return exception.band != ("green" if exception.at_most else "red")


def exception_is_upside_down(measure: Measure, exception: Exceptional) -> bool:
    """Whether a cap holds for some value and not for a worse one, or a floor for one and not for a better one."""
    values = candidates(measure, exception)
    scores, held = subscore(measure, values), holds(exception, values)
    if held.all() or not held.any():
        return False
    inside, outside = scores[held], scores[~held]
    return bool(inside.max() > outside.min() if exception.at_most else inside.min() < outside.max())


def candidates(measure: Measure, exception: Exceptional) -> Floats:
    """Raw values among which there is one of every kind: corners of the measure and both sides of each edge."""
    if measure.categories:
        return np.arange(len(measure.categories), dtype=np.float64)
    edges = [edge for edge in (exception.below, exception.above) if edge is not None]
    near = [np.nextafter(edge, side) for edge in edges for side in (-np.inf, np.inf)]
    far = [edge + side for edge in edges for side in (-1.0, 1.0)]
    return np.array(sorted({*(x for x, _y in measure.points), *edges, *near, *far}))


def _no_data(card: Card, sample: Sample) -> Iterator[Finding]:
    for place, (key, share) in enumerate(counted(card).items()):
        if share > 0 and len(sample.rows) and np.isnan(sample.rows[:, place]).all():
            yield Finding("no_data", WARNING, (key,), {"share": share, "rows": len(sample.rows)})


def _unreached(card: Card, sample: Sample) -> Iterator[Finding]:
    """Breakpoints and categories that no value came near: changing their score would change no account's."""
    for place, measure in enumerate(card.measures):
        raw = sample.rows[:, place]
        known = raw[~np.isnan(raw)]
        if measure.weight <= 0 or len(known) < ENOUGH:
            continue
        idle = unused_points(measure, known)
        if idle:
            facts = {"points": idle, "low": float(known.min()), "high": float(known.max())}
            if measure.categories:
                facts = {"codes": [measure.categories[i][0] for i in idle]}
            yield Finding("never_reached", HINT, (measure.key,), facts)


def unused_points(measure: Measure, known: Floats) -> list[Any]:
    """The raw values of the breakpoints (the places of the categories) whose score no known value depends on."""
    if measure.categories:
        seen = set(known.astype(np.int64).tolist())
        return [place for place in range(len(measure.categories)) if place not in seen]
    xs = [x for x, _y in measure.points]
    ends = [-np.inf, *xs, np.inf]
    return [x for before, x, after in zip(ends, xs, ends[2:], strict=False) if not _near(known, before, x, after)]


def _near(known: Floats, before: float, x: float, after: float) -> bool:
    return bool(((known > before) & (known < after)).any())


def _columns(card: Card, sample: Sample) -> dict[str, Floats]:
    """Sub-scores of the last day of the measures that count, NaN where missing."""
    shares = counted(card)
    found = {}
    for place, measure in enumerate(card.measures):
        raw = sample.last[:, place]
        if shares[measure.key] > 0 and (~np.isnan(raw)).sum() >= ENOUGH:
            found[measure.key] = np.where(np.isnan(raw), np.nan, subscore(measure, raw))
    return found


def _no_variance(card: Card, sample: Sample, flat: set[tuple[str, ...]]) -> Iterator[Finding]:
    for key, column in _columns(card, sample).items():
        if np.nanmax(column) - np.nanmin(column) < FLAT and (key,) not in flat:
            facts = {"score": float(np.nanmax(column)), "accounts": int((~np.isnan(column)).sum())}
            yield Finding("no_variance", WARNING, (key,), facts)


def _alike(card: Card, sample: Sample) -> Iterator[Finding]:
    columns = _columns(card, sample)
    for (one, a), (other, b) in combinations(columns.items(), 2):
        both = ~np.isnan(a) & ~np.isnan(b)
        if both.sum() < ENOUGH:
            continue
        r = correlation(a[both], b[both])
        if abs(r) > ALIKE:
            yield Finding("alike", WARNING, (one, other), {"r": r, "accounts": int(both.sum())})


def correlation(a: Floats, b: Floats) -> float:
    """Pearson's; 0 where one of them does not vary."""
    if np.ptp(a) < FLAT or np.ptp(b) < FLAT:
        return 0.0
    x, y = a - a.mean(), b - b.mean()
    return float((x @ y) / np.sqrt((x @ x) * (y @ y)))


def _against_outcomes(card: Card, sample: Sample) -> Iterator[Finding]:
    """Measures whose sub-score was lower for customers who stayed than for those who left."""
    stayed = np.array(sample.stayed, dtype=bool)
    for place, measure in enumerate(card.measures):
        if measure.weight <= 0 or not len(stayed):
            continue
        raw = sample.before[:, place]
        known = ~np.isnan(raw)
        scores = subscore(measure, raw)
        kept, lost = scores[known & stayed], scores[known & ~stayed]
        if min(len(kept), len(lost)) >= ENOUGH_OUTCOMES and (chance := better_chance(kept, lost)) < AGAINST:
            facts = {"chance": chance, "stayed": len(kept), "left": len(lost)}
            yield Finding("against_outcomes", WARNING, (measure.key,), facts)


def better_chance(kept: Floats, lost: Floats) -> float:
    """The chance that of one from each the first is higher, ties half: the area under the curve, AUC."""
    ordered = np.sort(lost)
    below, upto = np.searchsorted(ordered, kept, "left"), np.searchsorted(ordered, kept, "right")
    return float((below + upto).sum() / 2 / (len(kept) * len(lost)))


def _unscored(card: Card, sample: Sample) -> Iterator[Finding]:
    if len(sample.last) < ENOUGH:
        return
    without = int((score_rows(card, sample.last).units < 0).sum())
    if without > UNSCORED * len(sample.last):
        facts = {"without": without, "accounts": len(sample.last), "minimum": card.minimum_coverage}
        yield Finding("unscored", WARNING, (), facts)

"""Health scores: pure arithmetic over arrays.

Let g be groups with weight G, their measures j with weight m. Over the measures that count, w_i = G · m_i ÷ Σ m_j of
the group;
groups in which none counts are left out; score = Σ w_i s_i ÷ Σ w_i. Coverage is the share of the full weight that
has data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
UNITS = 10_000  # scores are kept in ten-thousandths
_NEAR_TIE = 1e-4  # of a unit: floats are exact to about 1e-9 of one


@dataclass(frozen=True)
class Measure:
    """One input. `points` map its raw value to 0…100, linear between and constant outside; `missing` None: does not
    count.
    """

    key: str
    weight: float
    points: tuple[tuple[float, float], ...]
    missing: float | None = None


@dataclass(frozen=True)
class Group:
    """Measures weighed together."""

    key: str
    weight: float
    measures: tuple[Measure, ...]
    name: str = ""


@dataclass(frozen=True)
class Card:
    """A scorecard: groups, the least coverage that still gives a score (0…1), and the lower edges of the bands."""

    groups: tuple[Group, ...]
    minimum_coverage: float
    green: float
    amber: float

    @property
    def measures(self) -> tuple[Measure, ...]:
        """All measures, in the order of a row's raw values."""
        return tuple(measure for group in self.groups for measure in group.measures)

    @property
    def keys(self) -> tuple[str, ...]:
        """The measures' keys, in that order."""
        return tuple(measure.key for measure in self.measures)


@dataclass(frozen=True)
class Shares:
    """What each of m measures gives to the score of each of n rows.

    `coverage` 0…1 (n). `subscores`: each measure's 0…100, NaN where it does not count (n, m). `weights`: its effective
    share of the score, 0 where it does not count (n, m).
    """

    coverage: Floats
    subscores: Floats
    weights: Floats

    @property
    def contributions(self) -> Floats:
        """What each measure gives to the score, in points (n, m); a row's contributions sum to its score."""
        return np.where(self.weights > 0, self.weights * np.nan_to_num(self.subscores), 0.0)


@dataclass(frozen=True)
class Scores(Shares):
    """The scores of n rows: `units` in ten-thousandths, half up, −1 for none (n); `bands` (n)."""

    units: NDArray[np.int64]
    bands: list[str]

    def score(self, row: int) -> Decimal | None:
        """The score of a row with four decimals, or None."""
        return units_to_score(int(self.units[row]))


def units_to_score(units: int) -> Decimal | None:
    """Ten-thousandths as a number with four decimals; None for none (negative)."""
    return None if units < 0 else (Decimal(units) / UNITS).quantize(Decimal("0.0001"))


def subscore(measure: Measure, raw: Floats) -> Floats:
    """0…100 per raw value (n); NaN or the fixed value where raw is NaN."""
    xs, ys = zip(*measure.points, strict=True)
    known = np.interp(raw, xs, ys)
    return np.where(np.isnan(raw), np.nan if measure.missing is None else measure.missing, known)


def share_rows(card: Card, raws: Floats) -> Shares:
    """What each measure gives, for rows of raw values (n, m), NaN for missing, in the order of `card.keys`."""
    raws = np.asarray(raws, dtype=np.float64)
    subscores = np.column_stack([subscore(m, raws[:, i]) for i, m in enumerate(card.measures)])
    spread, coverage = _spread(card, raws, subscores)
    total = spread.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        weights = np.where(total[:, None] > 0, spread / total[:, None], 0.0)
    return Shares(coverage, subscores, weights)


def score_rows(card: Card, raws: Floats) -> Scores:
    """Score rows of raw values (n, m), NaN for missing, in the order of `card.keys`."""
    shares = share_rows(card, raws)
    points = shares.contributions.sum(axis=1) * UNITS
    scored = shares.weights.any(axis=1) & (shares.coverage >= card.minimum_coverage - 1e-12)
    units = np.where(scored, np.floor(points + 0.5), -1).astype(np.int64)
    for row in np.flatnonzero(scored & (np.abs(points - np.floor(points) - 0.5) < _NEAR_TIE)):
        units[row] = exact_units(card, raws[row])
    bands = [band_of(card, int(u)) for u in units]
    return Scores(shares.coverage, shares.subscores, shares.weights, units, bands)


def _spread(card: Card, raws: Floats, subscores: Floats) -> tuple[Floats, Floats]:
    """Weights after spreading what is missing inside each group (n, m), and coverage (n)."""
    spread, coverage = np.zeros_like(raws), np.zeros(len(raws))
    everything = sum(g.weight for g in card.groups if any(m.weight > 0 for m in g.measures))
    start = 0
    for group in card.groups:
        part = slice(start, start := start + len(group.measures))
        own = np.array([m.weight for m in group.measures])
        full = own.sum()
        if full <= 0 or group.weight <= 0:
            continue
        counting = np.where(np.isnan(subscores[:, part]), 0.0, own)
        present = counting.sum(axis=1)[:, None]
        spread[:, part] = np.where(present > 0, group.weight * counting / np.where(present > 0, present, 1), 0.0)
        coverage += group.weight * np.where(np.isnan(raws[:, part]), 0.0, own).sum(axis=1) / full
    return spread, coverage / everything if everything else coverage


def _exact(value: float) -> Fraction:
    """The decimal number that the float shows, exactly."""
    return Fraction(repr(float(value)))


def _exact_subscore(measure: Measure, raw: float) -> Fraction | None:
    if np.isnan(raw):
        return None if measure.missing is None else _exact(measure.missing)
    x = _exact(raw)
    points = [(_exact(a), _exact(b)) for a, b in measure.points]
    if x <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False):
        if x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return points[-1][1]


def exact_score(card: Card, raw: Sequence[float]) -> Fraction | None:
    """The score of one row in exact arithmetic, unrounded, whatever its coverage; None when nothing counts."""
    values = iter(raw)
    above = below = Fraction(0)
    for group in card.groups:
        counted = [(m.weight, _exact_subscore(m, next(values))) for m in group.measures]
        present = sum((_exact(w) for w, s in counted if s is not None), Fraction(0))
        if present > 0 and group.weight > 0:
            below += _exact(group.weight)
            inside = sum((_exact(w) * s for w, s in counted if s is not None), Fraction(0))
            above += _exact(group.weight) * inside / present
    return above / below if below else None


def exact_units(card: Card, raw: Sequence[float]) -> int:
    """`exact_score` in ten-thousandths, half up; −1 for none. Used where floats cannot tell which side of a tie it
    is.
    """
    score = exact_score(card, raw)
    return -1 if score is None else int((score * UNITS + Fraction(1, 2)).__floor__())


def band_of(card: Card, units: int) -> str:
    """The band of a score in ten-thousandths: by its whole number, half up; [cut, next cut)."""
    if units < 0:
        return "unknown"
    shown = (units + UNITS // 2) // UNITS
    if shown >= card.green:
        return "green"
    return "amber" if shown >= card.amber else "red"


def card_of(document: Mapping[str, Any]) -> Card:
    """A card from its stored document (which `health.definition.check` has accepted)."""
    groups = tuple(
        Group(
            key=group["key"],
            name=group.get("name", ""),
            weight=float(group["weight"]),
            measures=tuple(
                Measure(
                    key=measure["key"],
                    weight=float(measure["weight"]),
                    points=tuple((float(x), float(y)) for x, y in measure["breakpoints"]),
                    missing=None if measure.get("missing", "skip") == "skip" else float(measure["missing"]),
                )
                for measure in group["measures"]
            ),
        )
        for group in document["groups"]
    )
    return Card(
        groups=groups,
        minimum_coverage=float(document["minimum_coverage"]),
        green=float(document["bands"]["green"]),
        amber=float(document["bands"]["amber"]),
    )

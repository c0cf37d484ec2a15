"""Health scores: pure arithmetic over arrays.

Let g be groups with weight G, their measures j with weight m. Over the measures that count, w_i = G · m_i ÷ Σ m_j of
the group; groups in which none counts are left out; score = Σ w_i s_i ÷ Σ w_i. Coverage is the share of the full
weight that has data. The card's exceptions then limit the score, in their order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from health.card import BANDS, UNITS, Card, Exceptional, Group, Measure, exact

Floats = NDArray[np.float64]
Units = NDArray[np.int64]
Truths = NDArray[np.bool_]
_NEAR_TIE = 1e-4  # of a unit: floats are exact to about 1e-9 of one


@dataclass(frozen=True)
class Shares:
    """What each of m measures gives to the score of each of n rows.

    `coverage` 0…1 (n). `subscores`: each measure's 0…100, NaN where it does not count (n, m).
    """

    card: Card
    coverage: Floats
    subscores: Floats

    @cached_property
    def weights(self) -> Floats:
        """Each measure's effective share of the score, 0 where it does not count (n, m)."""
        there = ~np.isnan(self.subscores)
        spread = np.zeros(there.shape)
        for group, part, own in _weighed(self.card):
            counting = there[:, part] * own
            present = counting.sum(axis=1)[:, None]
            spread[:, part] = np.divide(group.weight * counting, present, out=spread[:, part], where=present > 0)
        total = spread.sum(axis=1)[:, None]
        weights: Floats = np.divide(spread, total, out=spread, where=total > 0)
        return weights

    @property
    def contributions(self) -> Floats:
        """What each measure gives to the score, in points (n, m); a row's contributions sum to its score."""
        return np.where(self.weights > 0, self.weights * np.nan_to_num(self.subscores), 0.0)


@dataclass(frozen=True)
class Scores(Shares):
    """The scores of n rows: `units` in ten-thousandths, half up, −1 for none (n); `bands` (n).

    `limited`: what the exceptions did to the score, in ten-thousandths (n); with a row's contributions it sums to the
    score.
    """

    units: Units
    limited: Units
    bands: list[str]

    def score(self, row: int) -> Decimal | None:
        """The score of a row with four decimals, or None."""
        return units_to_score(int(self.units[row]))


def units_to_score(units: int) -> Decimal | None:
    """Ten-thousandths as a number with four decimals; None for none (negative)."""
    return None if units < 0 else (Decimal(units) / UNITS).quantize(Decimal("0.0001"))


def subscore(measure: Measure, raw: Floats) -> Floats:
    """0…100 per raw value (n); NaN or the fixed value where raw is NaN."""
    gone = np.isnan(raw)
    if measure.categories:
        table = np.array([score for _code, score in measure.categories])
        known: Floats = np.where(gone, np.nan, table[np.where(gone, 0, raw).astype(np.int64)])
    else:
        xs, ys = zip(*measure.points, strict=True)
        known = np.where(gone, np.nan, np.interp(raw, xs, ys))  # a lone point would give its score to a missing value
    return known if measure.missing is None else np.where(gone, measure.missing, known)


def share_rows(card: Card, raws: Floats) -> Shares:
    """What each measure gives, for rows of raw values (n, m), NaN for missing, in the order of `card.keys`."""
    columns = np.ascontiguousarray(np.asarray(raws, dtype=np.float64).T)
    subscores = np.empty_like(columns)
    for place, measure in enumerate(card.measures):
        subscores[place] = subscore(measure, columns[place])
    return Shares(card, _coverage(card, columns), subscores.T)


def score_rows(card: Card, raws: Floats) -> Scores:
    """Score rows of raw values (n, m), NaN for missing, in the order of `card.keys`."""
    raws = np.asarray(raws, dtype=np.float64)
    shares = share_rows(card, raws)
    points, counted = _totals(card, shares.subscores)
    scored = counted & (shares.coverage >= card.minimum_coverage - 1e-12)
    points *= UNITS
    plain = np.where(scored, np.floor(points + 0.5), -1).astype(np.int64)
    for row in np.flatnonzero(scored & near_tie(points)):
        plain[row] = exact_units(card, raws[row])
    units = np.where(scored, limit_rows(card, raws, plain), -1)
    return Scores(card, shares.coverage, shares.subscores, units, units - plain, bands_of(card, units))


def bands_of(card: Card, units: Units) -> list[str]:
    """`health.card.band_of` for many scores."""
    found: list[str] = np.array(["unknown", *BANDS], dtype=object)[band_places(card, units)].tolist()
    return found


def band_places(card: Card, units: Units) -> Units:
    """The bands of many scores as numbers: 0 unknown, 1 red, 2 amber, 3 green."""
    shown = (units + UNITS // 2) // UNITS
    places: Units = np.select([units < 0, shown >= card.green, shown >= card.amber], [0, 3, 2], 1)
    return places


def points_rows(card: Card, raws: Floats) -> Floats:
    """The scores of rows (n, m) in points, exceptions applied, whatever their coverage; 0 where nothing counts."""
    points, _counted = _totals(card, share_rows(card, raws).subscores)
    if not card.exceptions:
        return points
    units = np.floor(points * UNITS + 0.5).astype(np.int64)
    return limit_rows(card, np.asarray(raws, dtype=np.float64), units) / UNITS


def near_tie(points: Floats) -> Truths:
    """Where floats cannot tell to which ten-thousandth a score rounds."""
    near: Truths = np.abs(points - np.floor(points) - 0.5) < _NEAR_TIE
    return near


def limit_rows(card: Card, raws: Floats, units: Units) -> Units:
    """Scores (n, in ten-thousandths) after the exceptions that hold for their rows, applied in order."""
    for exception in card.exceptions:
        limit = card.limit(exception)
        bound = np.minimum(units, limit) if exception.at_most else np.maximum(units, limit)
        units = np.where(holds(exception, raws[:, card.keys.index(exception.measure)]), bound, units)
    return units


def holds(exception: Exceptional, raw: Floats) -> Truths:
    """For which raw values (n) an exception holds; for none that is missing."""
    found: Truths = np.isin(raw, exception.among) & ~np.isnan(raw)
    if exception.below is not None:
        found |= raw < exception.below
    if exception.above is not None:
        found |= raw > exception.above
    return found


def _weighed(card: Card) -> Iterator[tuple[Group, slice, Floats]]:
    """The groups that can count, with the places of their measures and these measures' weights."""
    start = 0
    for group in card.groups:
        part = slice(start, start := start + len(group.measures))
        own = np.array([measure.weight for measure in group.measures], dtype=np.float64)
        if group.weight > 0 and own.sum() > 0:
            yield group, part, own


def _totals(card: Card, subscores: Floats) -> tuple[Floats, Truths]:
    """The scores of rows in points before exceptions (0 where nothing counts), and whether anything counts."""
    there = ~np.isnan(subscores)
    above, below = np.zeros(len(subscores)), np.zeros(len(subscores))
    for group, part, own in _weighed(card):
        present = there[:, part] @ own
        inside = np.where(there[:, part], subscores[:, part], 0.0) @ own
        above += group.weight * np.divide(inside, present, out=np.zeros_like(present), where=present > 0)
        below += np.where(present > 0, group.weight, 0.0)
    counted: Truths = below > 0
    return np.divide(above, below, out=above, where=counted), counted


def _coverage(card: Card, columns: Floats) -> Floats:
    """The share of the full weight that has data, for columns of raw values (m, n)."""
    found, everything = np.zeros(columns.shape[1]), 0.0
    for group, part, own in _weighed(card):
        found += group.weight * (own @ ~np.isnan(columns[part])) / own.sum()
        everything += group.weight
    return found / everything if everything else found


def exact_subscore(measure: Measure, raw: float) -> Fraction | None:
    if np.isnan(raw):
        return None if measure.missing is None else exact(measure.missing)
    if measure.categories:
        return exact(measure.categories[int(raw)][1])
    x = exact(raw)
    points = [(exact(a), exact(b)) for a, b in measure.points]
    if x <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False):
        if x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return points[-1][1]


def exact_score(card: Card, raw: Sequence[float]) -> Fraction | None:
    """The score of one row in exact arithmetic, unrounded and without exceptions, whatever its coverage; None when
    nothing counts.
    """
    return exact_total(card, [exact_subscore(m, value) for m, value in zip(card.measures, raw, strict=True)])


def exact_total(card: Card, subscores: Sequence[Fraction | None]) -> Fraction | None:
    """The weighted mean of subscores in the order of the card's measures, None for those that do not count."""
    values = iter(subscores)
    above = below = Fraction(0)
    for group in card.groups:
        counted = [(m.weight, next(values)) for m in group.measures]
        present = sum((exact(w) for w, s in counted if s is not None), Fraction(0))
        if present > 0 and group.weight > 0:
            below += exact(group.weight)
            inside = sum((exact(w) * s for w, s in counted if s is not None), Fraction(0))
            above += exact(group.weight) * inside / present
    return above / below if below else None


def exact_units(card: Card, raw: Sequence[float]) -> int:
    """`exact_score` in ten-thousandths, half up; −1 for none. Used where floats cannot tell which side of a tie it
    is.
    """
    return half_up(exact_score(card, raw))


def half_up(score: Fraction | None) -> int:
    """A score in ten-thousandths, half up; −1 for none."""
    return -1 if score is None else int((score * UNITS + Fraction(1, 2)).__floor__())

"""Between which scores the truth must lie while measures are missing. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from health.card import UNITS, Card, exact
from health.scoring import (
    Floats,
    Scores,
    Truths,
    Units,
    band_places,
    exact_subscore,
    exact_total,
    half_up,
    holds,
    near_tie,
)


@dataclass(frozen=True)
class Bounds:
    """The lowest and the highest score, in ten-thousandths (n), that any values of the missing measures could make;
    `uncertain`: whether one of them lies in another band than the score, or they in two where there is no score (n).
    """

    low: Units
    high: Units
    uncertain: Truths


def bound_rows(card: Card, raws: Floats, scores: Scores) -> Bounds:
    """The bounds of scored rows of raw values (n, m); without missing measures both are the score.

    A missing measure may turn out to be anything its breakpoints or categories reach, whether it counts as nothing or
    as a fixed value now; an exception on it may come to hold or not. Rows below the least coverage have bounds too.
    """
    raws = np.asarray(raws, dtype=np.float64)
    ends = [_full_units(card, raws, worst=worst, scores=scores) for worst in (True, False)]
    low, high = _limited(card, raws, *ends)
    return Bounds(low, high, _uncertain(card, scores, low, high))


def uncertain_rows(card: Card, raws: Floats, scores: Scores) -> Truths:
    """Whether missing measures could put each scored row in another band (n); only rows that miss some are tried."""
    found: Truths = np.zeros(len(raws), dtype=bool)
    gaps = np.flatnonzero(np.isnan(raws).any(axis=1))
    if len(gaps):
        found[gaps] = bound_rows(card, raws[gaps], _rows(scores, gaps)).uncertain
    return found


def _rows(scores: Scores, places: NDArray[np.intp]) -> Scores:
    """Some of the rows."""
    return Scores(
        scores.card, scores.coverage[places], scores.subscores[places], scores.units[places], scores.limited[places],
        [scores.bands[place] for place in places],
    )  # fmt: skip


def _uncertain(card: Card, scores: Scores, low: Units, high: Units) -> Truths:
    shown, worst, best = (band_places(card, units) for units in (scores.units, low, high))
    found: Truths = (worst != best) | ((scores.units >= 0) & (shown != worst) & (shown != best))
    return found


def _full_units(card: Card, raws: Floats, *, worst: bool, scores: Scores) -> Units:
    """The score before exceptions if every missing measure came in at its worst, or at its best."""
    missing = np.isnan(raws)
    ends = np.array([measure.reach[0 if worst else 1] for measure in card.measures])
    subscores = np.where(missing, ends, scores.subscores)
    weights = _full_weights(card)
    points = subscores @ weights * UNITS
    units = np.floor(points + 0.5).astype(np.int64)
    for row in np.flatnonzero(near_tie(points)):
        line = [
            exact(end) if gap else exact_subscore(measure, raw)
            for measure, raw, gap, end in zip(card.measures, raws[row], missing[row], ends, strict=True)
        ]
        units[row] = half_up(exact_total(card, line))
    return units


def _full_weights(card: Card) -> Floats:
    """Each measure's share of a score for which nothing is missing (m); they sum to 1."""
    parts = []
    for group in card.groups:
        own = np.array([measure.weight for measure in group.measures])
        parts.append(group.weight * own / own.sum() if own.sum() > 0 else own)
    weights = np.concatenate(parts)
    found: Floats = weights / weights.sum()
    return found


def _limited(card: Card, raws: Floats, low: Units, high: Units) -> tuple[Units, Units]:
    """Both ends after the exceptions: one that holds moves both, one that might hold moves the end it would."""
    for exception in card.exceptions:
        raw = raws[:, card.keys.index(exception.measure)]
        sure, limit = holds(exception, raw), card.limit(exception)
        maybe = sure | np.isnan(raw)
        if exception.at_most:
            low = np.where(maybe, np.minimum(low, limit), low)
            high = np.where(sure, np.minimum(high, limit), high)
        else:
            low = np.where(sure, np.maximum(low, limit), low)
            high = np.where(maybe, np.maximum(high, limit), high)
    return low, high

"""Weights suggested by past outcomes: an L2-regularised logistic regression of kept terms on subscores. Pure.

A higher subscore never counts against a customer: measures with a negative coefficient are dropped and the rest is
fitted again. How strong the regularisation is, cross-validation decides; what the fit is worth is told on terms that
it had not seen.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from health.backtest import SEED, Floats, Outcomes, Result, Truths, auc, few, interval
from health.card import Card

FOLDS = 5
STRENGTHS = np.logspace(-3, 2, 8)
LEAST_KNOWN = 0.3  # of the terms, for a measure to be fitted
HUNDRED = 100


@dataclass(frozen=True)
class Suggested:
    """`shares`: each measure's part of the whole weight, in the card's order; `unseen`: the AUC on terms that the fit
    had not seen, with its interval; `fitted`: the measures of which enough was known. `reason`, where nothing is
    suggested: few, unknown (no measure has data), noise (unseen terms are not told apart), none (no measure helps).
    """

    shares: tuple[float, ...] = ()
    fitted: tuple[str, ...] = ()
    unseen: Result | None = None
    reason: str = ""
    counts: Result | None = None


def suggest(card: Card, subscores: Floats, outcomes: Outcomes) -> Suggested:
    """Weights for a card from the subscores (n, m) that terms had before they were decided, NaN for missing."""
    if short := few(outcomes):
        return Suggested(reason="few", counts=short)
    present = card_shares(card)
    usable = _usable(subscores) & (np.array(present) > 0)
    if not usable.any():
        return Suggested(reason="unknown")
    names = tuple(key for key, used in zip(card.keys, usable.tolist(), strict=True) if used)
    table, kept = _filled(subscores[:, usable]), ~outcomes.lost
    points = _unseen(table, kept, outcomes.account)
    unseen = interval(outcomes.account, lambda weights: auc(points, outcomes.lost, weights))
    if unseen is None or unseen["low"] <= 0.5:
        return Suggested(fitted=names, unseen=unseen, reason="noise")
    found = fit(table, kept, outcomes.account)
    if not found.any():
        return Suggested(fitted=names, unseen=unseen, reason="none")
    shares = np.array(present)
    shares[usable] = shares[usable].sum() * found / found.sum()
    return Suggested(tuple(shares.tolist()), names, unseen)


def card_shares(card: Card) -> list[float]:
    """Each measure's part of the card's whole weight, in its order."""
    everything = sum(group.weight for group in card.groups if any(m.weight > 0 for m in group.measures))
    shares = []
    for group in card.groups:
        inside = sum(measure.weight for measure in group.measures)
        shares += [group.weight * m.weight / inside / everything if inside else 0.0 for m in group.measures]
    return shares


def _usable(subscores: Floats) -> Truths:
    """Measures that are known often enough, and not the same everywhere."""
    known = ~np.isnan(subscores)
    filled = _filled(subscores)
    found: Truths = (known.mean(axis=0) >= LEAST_KNOWN) & (filled.std(axis=0) > 1e-9)
    return found


def _filled(subscores: Floats) -> Floats:
    """0…1, with a measure's mean where it is missing."""
    known = ~np.isnan(subscores)
    counts = np.maximum(known.sum(axis=0), 1)
    means = np.where(known, subscores, 0.0).sum(axis=0) / counts
    return np.where(known, subscores, means) / HUNDRED


def fit(table: Floats, kept: Truths, account: Any) -> Floats:
    """Coefficients of no less than 0 per measure (m); 0 for those that would count against a customer. How strongly
    they are held back is cross-validated with all measures.
    """
    from sklearn.linear_model import LogisticRegression, LogisticRegressionCV  # heavy: only when weights are asked for

    alike: Any = {"solver": "liblinear", "class_weight": "balanced", "random_state": SEED}
    parts: Any = {"cv": _folds(kept, account), "l1_ratios": (0,), "use_legacy_attributes": False}
    first = LogisticRegressionCV(Cs=STRENGTHS, scoring="neg_log_loss", **parts, **alike).fit(table, kept)
    strength = float(np.ravel(first.C_)[0])
    weights, chosen, found = np.zeros(table.shape[1]), np.arange(table.shape[1]), first.coef_[0]
    while (found < 0).any():
        chosen = chosen[found > 0]
        if not len(chosen):
            return weights
        found = LogisticRegression(C=strength, **alike).fit(table[:, chosen], kept).coef_[0]
    weights[chosen] = found
    return weights


def _folds(kept: Truths, account: Any) -> list[tuple[Any, Any]]:
    """Parts with both kinds in each, the terms of an account together."""
    from sklearn.model_selection import StratifiedGroupKFold

    parts = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED).split(kept[:, None], kept, account)
    return [(inside, outside) for inside, outside in parts if len(set(kept[inside])) == len(set(kept[outside])) == 2]


def _unseen(table: Floats, kept: Truths, account: Any) -> Floats:
    """Points of every term by a fit on the others; the mean where a part could not be told."""
    points = np.full(len(kept), np.nan)
    for inside, outside in _folds(kept, account):
        part = table[outside] @ fit(table[inside], kept[inside], account[inside])
        spread = part.std()
        points[outside] = (part - part.mean()) / spread if spread > 0 else 0.0
    found: Floats = np.nan_to_num(points)
    return found


def weighed(document: Mapping[str, Any], shares: Sequence[float]) -> dict[str, Any]:
    """The document with these parts of the whole weight: groups sum to 100, and measures inside each."""
    made = copy.deepcopy(dict(document))
    left = iter(shares)
    for group in made["groups"]:
        own = [next(left) for _measure in group["measures"]]
        group["weight"] = round(sum(own) * HUNDRED, 1)
        if sum(own) <= 0:
            continue
        for measure, part in zip(group["measures"], own, strict=True):
            measure["weight"] = round(part / sum(own) * HUNDRED, 1)
    return made

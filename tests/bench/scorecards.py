"""Scorecards: scoring against one pass of numpy over the same matrix, and the preview of a change."""

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from health.card import Card, Group, Measure
from health.scoring import score_rows
from tests.bench import preview
from tests.bench.results import Result

ROWS, GROUPS, MEASURES = 100_000, 5, 6
POINTS = ((0.0, 0.0), (0.3, 40.0), (0.6, 80.0), (1.0, 100.0))
RUNS = 7


def run() -> list[Result]:
    """Score a matrix with a tenth of its values missing; interpolate and average the same matrix."""
    card, raws = _card(), _raws()
    own = np.array([measure.weight for measure in card.measures])
    scoring, passing = _best(lambda: score_rows(card, raws)), _best(lambda: _one_pass(raws, own))
    return [
        Result("scoring 100,000 accounts × 30 measures", scoring * 1000, "ms"),
        Result("one pass of numpy over the same matrix", passing * 1000, "ms"),
        Result("scoring ÷ one pass of numpy", scoring / passing, "×", 5, at_least=False),
        *preview.run(),
    ]


def _one_pass(raws: NDArray[np.float64], own: NDArray[np.float64]) -> NDArray[np.float64]:
    """The plainest score: every value on its line, and the weighted mean of what is there."""
    xs, ys = zip(*POINTS, strict=True)
    scores = np.interp(raws, xs, ys)
    there = ~np.isnan(scores)
    mean: NDArray[np.float64] = (np.where(there, scores, 0.0) * own).sum(axis=1) / (there * own).sum(axis=1)
    return mean


def _best(work: Callable[[], object]) -> float:
    found = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def _card() -> Card:
    measures = [
        tuple(Measure(f"m{group}-{place}", float(1 + place), POINTS) for place in range(MEASURES))
        for group in range(GROUPS)
    ]
    groups = tuple(Group(f"g{number}", float(1 + number), own) for number, own in enumerate(measures))
    return Card(groups, 0.5, 75, 50)


def _raws() -> NDArray[np.float64]:
    rnd = np.random.default_rng(1)
    raws = rnd.random((ROWS, GROUPS * MEASURES))
    raws[rnd.random(raws.shape) < 0.1] = np.nan
    return raws

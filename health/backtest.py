"""Whether a score saw losses coming: pure arithmetic over past outcomes and what was scored before them.

AUC (area under the curve; Mann and Whitney 1947): the chance that of a lost and a kept term the lost one had the lower
score, ties counting half; 0.5 says nothing. Intervals are the bootstrap's 2.5 and 97.5 percentiles (Efron 1979),
drawn by account, because terms of one account are not independent, with a fixed seed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]
Ints = NDArray[np.int64]
Result = dict[str, Any]

HORIZONS = (30, 60, 90, 180)  # days before an outcome
NEEDED = 10  # of each kind, per horizon
DRAWS = 1000
SEED = 20_260
STEP = 7  # days between the looks that tell how long before an outcome an account was red or amber
LONGEST_LEAD = 180
_CELLS = 2_000_000  # of a block of draws


@dataclass(frozen=True)
class Outcomes:
    """n terms that were decided. `lost`: given up as a whole; `renewed`: kept without a loss (neither: renewed for
    less, which counts as kept). `gone`: the ARR given up, in part or as a whole. `account`, `csm`: numbers that tell
    them apart, −1 for no CSM; `segment`: a name, empty where unknown.
    """

    lost: Truths
    renewed: Truths
    gone: Floats
    account: Ints
    csm: Ints
    segment: Sequence[str]

    def of(self, chosen: Truths) -> "Outcomes":
        """Some of them."""
        segment = [name for name, inside in zip(self.segment, chosen.tolist(), strict=True) if inside]
        return Outcomes(
            self.lost[chosen], self.renewed[chosen], self.gone[chosen], self.account[chosen], self.csm[chosen], segment
        )

    def __len__(self) -> int:
        return len(self.lost)


@dataclass(frozen=True)
class Seen:
    """What one way of judging said of n terms before they were decided: `points`, the lower the worse, NaN for no
    word; `alarm`: 1 where it was red (a part where only the number of alarms is given).
    """

    points: Floats
    alarm: Floats

    def of(self, chosen: Truths) -> "Seen":
        """Of some of them."""
        return Seen(self.points[chosen], self.alarm[chosen])


def auc(points: Floats, lost: Truths, weights: Floats) -> Floats:
    """The AUC under each of b sets of weights (b, n); NaN where one kind has none. Higher is better: the lower points
    belong to the lost.
    """
    _values, place = np.unique(points, return_inverse=True)
    groups = int(place.max()) + 1 if len(points) else 0
    order = np.argsort(place, kind="stable")
    starts = np.searchsorted(place[order], np.arange(groups))
    sorted_weights, sorted_lost = weights[:, order], lost[order]
    if not groups:
        return np.full(len(weights), np.nan)
    gone = np.add.reduceat(sorted_weights * sorted_lost, starts, axis=1)
    kept = np.add.reduceat(sorted_weights * ~sorted_lost, starts, axis=1)
    above = kept.sum(axis=1)[:, None] - np.cumsum(kept, axis=1)
    pairs = gone.sum(axis=1) * kept.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = (gone * (above + kept / 2)).sum(axis=1) / pairs
    return found


def share(part: Floats, whole: Floats, weights: Floats) -> Floats:
    """Σ part ÷ Σ whole under each of b sets of weights; NaN where the whole is nothing."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = (weights @ part) / (weights @ whole)
    return found


def half_way(values: Floats, weights: Floats) -> Floats:
    """The lower median under each of b sets of weights: the smallest value with half of the weight up to it."""
    order = np.argsort(values, kind="stable")
    sums = np.cumsum(weights[:, order], axis=1)
    place = np.argmax(sums >= sums[:, -1:] / 2, axis=1) if len(values) else np.zeros(len(weights), dtype=np.int64)
    found = values[order][place] if len(values) else np.full(len(weights), np.nan)
    return np.where(sums[:, -1] > 0, found, np.nan) if len(values) else found


def draws(account: Ints, seed: int = SEED) -> Iterator[Floats]:
    """Blocks (b, n) of the bootstrap's weights: how often each term's account was drawn."""
    _names, place = np.unique(account, return_inverse=True)
    count = int(place.max()) + 1 if len(account) else 0
    if not count:
        return
    rnd = np.random.default_rng(seed)
    left, block = DRAWS, max(1, _CELLS // max(len(account), count))
    while left > 0:
        size = min(left, block)
        drawn = rnd.integers(0, count, size=(size, count)) + np.arange(size)[:, None] * count
        yield np.bincount(drawn.ravel(), minlength=size * count).reshape(size, count)[:, place].astype(np.float64)
        left -= size


def interval(account: Ints, figure: Callable[[Floats], Floats]) -> Result | None:
    """A figure with its interval: `value`, `low`, `high`; None where it is not defined. `figure`: of weights (b, n)."""
    found: Result | None = intervals(account, {"": figure})[""]
    return found


def intervals(account: Ints, asked: Mapping[str, Callable[[Floats], Floats]]) -> Result:
    """`interval` of several figures at once, from the same draws."""
    if not len(account):
        return dict.fromkeys(asked)
    plain = np.ones((1, len(account)))
    drawn: dict[str, list[Floats]] = {name: [] for name in asked}
    for weights in draws(account):
        for name, figure in asked.items():
            drawn[name].append(figure(weights))
    return {name: _interval(figure(plain)[0], np.concatenate(drawn[name])) for name, figure in asked.items()}


def _interval(value: float, drawn: Floats) -> Result | None:
    if np.isnan(value):
        return None
    known = drawn[~np.isnan(drawn)]
    low, high = np.percentile(known, (2.5, 97.5)) if len(known) else (value, value)
    return {"value": _round(value), "low": _round(low), "high": _round(high)}


def _round(value: float) -> float:
    return round(float(value), 6)


def few(outcomes: Outcomes) -> Result | None:
    """Why nothing can be said of these; None where there are enough."""
    lost, kept = int(outcomes.lost.sum()), int((~outcomes.lost).sum())
    return {"lost": lost, "kept": kept, "needed": NEEDED} if min(lost, kept) < NEEDED else None


def figures(outcomes: Outcomes, seen: Seen) -> Result:
    """AUC, the share of the lost ARR that was red, false alarms per CSM, and the share of alarms that were false."""
    everyone = np.ones(len(outcomes))
    false = seen.alarm * outcomes.renewed
    csms = max(len(np.unique(outcomes.csm[outcomes.csm >= 0])), 1)
    return intervals(
        outcomes.account,
        {
            "auc": lambda weights: auc(seen.points, outcomes.lost, weights),
            "red_share": lambda weights: share(seen.alarm * outcomes.gone, outcomes.gone, weights),
            "red_of_all": lambda weights: share(seen.alarm, everyone, weights),
            "false_per_csm": lambda weights: weights @ false / csms,
            "false_share": lambda weights: share(false, seen.alarm, weights),
        },
    )


def alarms_alike(points: Floats, alarms: float) -> Floats:
    """As many alarms for the lowest points: 1 below the edge, and for those on it the same part each."""
    order = np.sort(points)
    count = min(max(alarms, 0.0), float(len(points)))
    if count <= 0:
        return np.zeros(len(points))
    edge = order[int(np.ceil(count)) - 1]
    below, on = points < edge, points == edge
    found: Floats = np.where(below, 1.0, np.where(on, (count - below.sum()) / on.sum(), 0.0))
    return found


def better_by(outcomes: Outcomes, one: Floats, other: Floats) -> Result | None:
    """By how much the AUC of one kind of points is higher than that of the other, on the same terms and draws."""
    figure = lambda weights: auc(one, outcomes.lost, weights) - auc(other, outcomes.lost, weights)  # noqa: E731 - one formula
    return interval(outcomes.account, figure)


def judge(outcomes: Outcomes, seen: Seen, rivals: Mapping[str, Floats], other: Seen | None = None) -> Result:
    """A horizon's result: of those that had a score, the figures of it, of each rival with as many alarms, of chance,
    and of another version; the differences; and a verdict. With too few outcomes: `refused`.
    """
    scored = ~np.isnan(seen.points)
    told, seen_told = outcomes.of(scored), seen.of(scored)
    found: Result = {
        "outcomes": len(outcomes),
        "lost": int(outcomes.lost.sum()),
        "unscored": int((~scored).sum()),
        "refused": few(told),
    }
    if found["refused"]:
        return {**found, "verdict": "few"}
    sides: Result = {"score": figures(told, seen_told)}
    against: Result = {}
    for name, points in rivals.items():
        sides[name], against[name] = _rival(told, seen_told, points[scored])
    if other is not None:
        sides["other"], against["other"] = _other(told, seen_told, other.of(scored))
    part = sides["score"]["red_of_all"]["value"]
    sides["random"] = {"auc": _sure(0.5), "red_share": _sure(part), "red_of_all": _sure(part)}
    return {**found, "sides": sides, "against": against, "verdict": verdict(sides["score"]["auc"], against)}


def _sure(value: float) -> Result:
    return {"value": value, "low": value, "high": value}


def _rival(told: Outcomes, seen: Seen, points: Floats) -> tuple[Result | None, Result | None]:
    """A rival on the terms of which it has a word, with as many alarms as the score gives there."""
    both = ~np.isnan(points)
    common = told.of(both)
    if few(common):
        return None, None
    alarm = alarms_alike(points[both], float(seen.alarm[both].sum()))
    return figures(common, Seen(points[both], alarm)), better_by(common, seen.points[both], points[both])


def _other(told: Outcomes, seen: Seen, other: Seen) -> tuple[Result | None, Result | None]:
    both = ~np.isnan(other.points)
    common = told.of(both)
    if few(common):
        return None, None
    return figures(common, other.of(both)), better_by(common, seen.points[both], other.points[both])


def verdict(found: Result, against: Mapping[str, Result | None]) -> str:
    """`noise`: the AUC may be 0.5; `reversed`: it is surely below; `no_better`: not surely better than the trend of use
    alone; else `useful`.
    """
    if found["high"] < 0.5:
        return "reversed"
    if found["low"] <= 0.5:
        return "noise"
    rival = against.get("trend")
    return "no_better" if rival is not None and rival["low"] <= 0 else "useful"


def by_segment(outcomes: Outcomes, seen: Seen) -> list[Result]:
    """AUC and share of lost ARR that was red per segment, the largest first; refused where there are too few."""
    names = np.array(outcomes.segment, dtype=object)
    scored = ~np.isnan(seen.points)
    rows = []
    for name in sorted(set(outcomes.segment)):
        chosen = scored & (names == name)
        own = outcomes.of(chosen)
        row: Result = {"segment": name, "outcomes": len(own), "lost": int(own.lost.sum()), "refused": few(own)}
        if not row["refused"]:
            found = figures(own, seen.of(chosen))
            row |= {"auc": found["auc"], "red_share": found["red_share"]}
        rows.append(row)
    return sorted(rows, key=lambda row: (-row["outcomes"], row["segment"]))


def by_csm(outcomes: Outcomes, seen: Seen) -> list[Result]:
    """Per CSM (a number) how many terms were red, and how many of these renewed: the false alarms; most first."""
    rows = []
    for csm in np.unique(outcomes.csm).tolist():
        own = outcomes.csm == csm
        red = own & (seen.alarm > 0)
        false = int((red & outcomes.renewed).sum())
        rows.append({"csm": csm, "outcomes": int(own.sum()), "red": int(red.sum()), "false": false})
    return sorted(rows, key=lambda row: (-row["false"], row["csm"]))


def leads(warned: Truths) -> Floats:
    """How many days before each outcome an account was red or amber without a break. `warned` (n, k): whether it was,
    STEP, 2 · STEP … days before.
    """
    unbroken = np.cumprod(warned.astype(np.int64), axis=1).sum(axis=1)
    found: Floats = unbroken.astype(np.float64) * STEP
    return found


def lead_result(days: Floats, account: Ints) -> Result | None:
    """The median days of warning before losses, and the share of losses without any; None with too few."""
    if len(days) < NEEDED:
        return None
    none = (days == 0).astype(np.float64)
    return {
        "losses": len(days),
        "median": interval(account, lambda weights: half_way(days, weights)),
        "without": interval(account, lambda weights: share(none, np.ones(len(days)), weights)),
    }

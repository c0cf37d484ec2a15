"""Reads scorecards and scores, and explains them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from accounts.facts import Fact, known_facts
from accounts.models import Account
from health.models import ReportedScore, Score, Scorecard, ScorecardVersion
from health.scoring import card_of, share_rows


class MeasureShare(NamedTuple):
    """One measure in a score: raw value, its 0…100, the share of the weight it carried, and what it gave to the score.

    `subscore` None: missing and not counted. `points`: the breakpoints that were applied.
    """

    key: str
    fact: Fact | None
    group: str
    raw: float | None
    subscore: float | None
    weight: float
    contribution: float


def scorecard_get() -> Scorecard:
    """The tenant's scorecard."""
    return Scorecard.objects.order_by("id")[0]


def version_list() -> list[ScorecardVersion]:
    """All published versions, newest first."""
    return list(ScorecardVersion.objects.select_related("published_by__user").order_by("-number"))


def version_latest() -> ScorecardVersion:
    """The version published last."""
    return ScorecardVersion.objects.order_by("-number")[0]


def version_of_day(*, day: date, versions: Iterable[ScorecardVersion] | None = None) -> ScorecardVersion:
    """The version that counts for a day: the latest one effective by then. `versions`: all of them, newest first."""
    if versions is None:
        versions = ScorecardVersion.objects.order_by("-number")
    return next(version for version in versions if version.effective_from <= day)


def explain(*, version: ScorecardVersion, raws: Sequence[float | None]) -> list[MeasureShare]:
    """A stored score derived again from its version and inputs, measure by measure; contributions sum to the score."""
    return _explained(version, [raws])[0]


def explain_many(scores: Sequence[Score]) -> dict[int, list[MeasureShare]]:
    """`explain` for many scores of one day at once, by account: one pass of arithmetic per version."""
    by_version: dict[int, list[Score]] = {}
    for score in scores:
        by_version.setdefault(score.version_id, []).append(score)
    return {
        score.account_id: shares
        for group in by_version.values()
        for score, shares in zip(group, _explained(group[0].version, [s.raws for s in group]), strict=True)
    }


def _explained(version: ScorecardVersion, rows: Sequence[Sequence[float | None]]) -> list[list[MeasureShare]]:
    """The measures' shares in each row of raw values under the version."""
    card, facts = card_of(version.definition), known_facts()
    matrix = np.array([[np.nan if raw is None else raw for raw in raws] for raws in rows], dtype=np.float64)
    shares = share_rows(card, matrix)
    columns = zip(shares.subscores.tolist(), shares.weights.tolist(), shares.contributions.tolist(), strict=True)
    groups = [group.key for group in card.groups for _measure in group.measures]
    return [
        [
            MeasureShare(key, facts.get(key), groups[i], raws[i], None if s[i] != s[i] else s[i], w[i], c[i])
            for i, key in enumerate(card.keys)
        ]
        for raws, (s, w, c) in zip(rows, columns, strict=True)
    ]


def scores_of_account(*, account: Account, start: date, end: date, reported: bool = False) -> list[Score]:
    """The scores of an account in [start, end), oldest first, with their versions; as known now, or as reported."""
    # A version is fetched once and shared: joined to every row its definition would be read once per day.
    asked = {"account": account, "day__gte": start, "day__lt": end}
    scores = list(Score.objects.filter(**asked).prefetch_related("version").order_by("day"))
    if not reported:
        return scores
    kept = {score.day: score for score in ReportedScore.objects.filter(**asked).prefetch_related("version")}
    return [kept.get(s.day, s) for s in scores if s.reported != Score.Reported.NEVER]  # type: ignore[misc]  # same columns


def scores_of_day(*, day: date, account_ids: Sequence[int] | None = None) -> dict[int, Score]:
    """Scores of a day by account."""
    return scores_of_days(days=[day], account_ids=account_ids)[day]


def scores_of_days(*, days: Sequence[date], account_ids: Sequence[int] | None = None) -> dict[date, dict[int, Score]]:
    """Scores by account of each of the days, with their versions, which they share."""
    scores = Score.objects.filter(day__in=days)
    if account_ids is not None:
        scores = scores.filter(account_id__in=account_ids)
    found: dict[date, dict[int, Score]] = {day: {} for day in days}
    for score in scores.prefetch_related("version"):
        found[score.day][score.account_id] = score
    return found


def score_values(*, day: date) -> Mapping[int, Decimal | None]:
    """The bare scores of a day by account."""
    return dict(Score.objects.filter(day=day).values_list("account_id", "score"))


def health_facts(as_of: date, account_ids: Sequence[int] | None) -> Mapping[str, Mapping[int, Any]]:
    """Score and band of accounts on a day, for the fact registry."""
    scores = Score.objects.filter(day=as_of)
    if account_ids is not None:
        scores = scores.filter(account_id__in=account_ids)
    rows = list(scores.values_list("account_id", "score", "band"))
    return {
        "health_score": {pk: None if score is None else float(score) for pk, score, _band in rows},
        "health_band": {pk: band for pk, _score, band in rows},
    }

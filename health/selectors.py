"""Reads scorecards and scores, and explains them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from django.db.models import QuerySet

from accounts.facts import Fact
from accounts.models import Account
from health.card import card_of
from health.facts import SURE, UNCERTAIN
from health.inputs import facts_of
from health.models import (
    Draft,
    DraftNote,
    ReportedScore,
    RescoredScore,
    Rescoring,
    Score,
    Scorecard,
    ScorecardVersion,
    ScoreColumns,
)
from health.scoring import share_rows


class MeasureShare(NamedTuple):
    """One measure in a score: raw value, its 0…100, the share of the weight it carried, and what it gave to the score.

    `subscore` None: missing and not counted. `value`: the raw value as the fact has it, a category by its code.
    """

    key: str
    fact: Fact | None
    group: str
    raw: float | None
    subscore: float | None
    weight: float
    contribution: float
    value: float | str | None = None


def card_list() -> list[Scorecard]:
    """The tenant's scorecards in the order in which they are asked, the default one last."""
    found = Scorecard.objects.filter(archived_at=None).select_related("segment")
    return list(found.order_by("is_default", "position", "id"))


def card_archived() -> list[Scorecard]:
    """The cards that were taken out of use, by name."""
    return list(Scorecard.objects.exclude(archived_at=None).order_by("name", "id"))


def scorecard_get() -> Scorecard:
    """The tenant's default scorecard."""
    return Scorecard.objects.get(is_default=True)


def version_list(card: Scorecard | None = None) -> list[ScorecardVersion]:
    """All versions of a card (the default one), newest first."""
    found = ScorecardVersion.objects.filter(scorecard=card or scorecard_get())
    return list(found.select_related("published_by__user", "approved_by__user").order_by("-number"))


def version_latest(card: Scorecard | None = None) -> ScorecardVersion:
    """The version of a card (the default one) that was published last and not called off."""
    return versions_standing(card or scorecard_get())[0]


def versions_standing(card: Scorecard) -> QuerySet[ScorecardVersion]:
    """The versions of a card that were not called off, newest first; none for a card that is not published yet."""
    found = ScorecardVersion.objects.filter(scorecard=card, withdrawn_at=None)
    return found.select_related("published_by__user", "approved_by__user").order_by("-number")


def draft_list(card: Scorecard) -> list[Draft]:
    """The drafts of a card that are worked on or wait, the one changed last on top."""
    found = Draft.objects.filter(scorecard=card, state__in=(Draft.State.OPEN, Draft.State.WAITING))
    people = ("created_by__user", "changed_by__user", "asked_by__user")
    return list(found.select_related(*people).order_by("-changed_at", "-id"))


def draft_notes(draft: Draft) -> list[DraftNote]:
    """What was said of a draft, in order."""
    return list(draft.notes.select_related("author__user").order_by("at", "id"))


def draft_of(drafts: Sequence[Draft], asked: str) -> Draft | None:
    """The draft that a form or an address names by its number, else the one changed last; None without drafts."""
    named = next((draft for draft in drafts if str(draft.pk) == asked), None)
    return named or next(iter(drafts), None)


def version_of_day(*, day: date, versions: Iterable[ScorecardVersion]) -> ScorecardVersion:
    """The version that counts for a day: the latest one effective by then. `versions`: those of a card, newest first;
    one that counts later does not hide those before it.
    """
    return next(version for version in versions if version.effective_from <= day)


def explain(*, version: ScorecardVersion, raws: Sequence[float | None]) -> list[MeasureShare]:
    """A stored score derived again from its version and inputs, measure by measure; contributions sum to the score."""
    return _explained(version, [raws])[0]


def limited_points(score: ScoreColumns, shares: Sequence[MeasureShare]) -> float:
    """What bands and exceptions did to a stored score, in points: with its measures' contributions it sums to it."""
    if score.score is None or not card_of(score.version.definition).exceptions:
        return 0.0
    return float(score.score) - sum(share.contribution for share in shares)


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
    card = card_of(version.definition)
    facts = facts_of(card.keys)
    matrix = np.array([[np.nan if raw is None else raw for raw in raws] for raws in rows], dtype=np.float64)
    shares = share_rows(card, matrix)
    columns = zip(shares.subscores.tolist(), shares.weights.tolist(), shares.contributions.tolist(), strict=True)
    groups = [group.key for group in card.groups for _measure in group.measures]
    return [
        [
            MeasureShare(
                m.key,
                facts.get(m.key),
                groups[i],
                raws[i],
                None if s[i] != s[i] else s[i],
                w[i],
                c[i],
                m.value(raws[i]),
            )
            for i, m in enumerate(card.measures)
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


def rescorings_done() -> list[Rescoring]:
    """The finished rescorings, at most one per card, in the cards' order."""
    found = Rescoring.objects.filter(state=Rescoring.State.DONE).select_related("scorecard", "version")
    latest = {run.scorecard_id: run for run in found.order_by("pk")}
    return sorted(latest.values(), key=lambda run: (run.scorecard.is_default, run.scorecard.position, run.scorecard_id))


def rescored_of_account(*, account: Account, run: Rescoring, start: date, end: date) -> list[RescoredScore]:
    """What a rescoring says of an account for the days of [start, end), oldest first."""
    found = RescoredScore.objects.filter(rescoring=run, account=account, day__gte=start, day__lt=end)
    return list(found.prefetch_related("version").order_by("day"))


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


def health_facts(as_of: date, account_ids: Sequence[int] | None) -> Mapping[str, Mapping[int, Any]]:
    """Score and band of accounts on a day, for the fact registry."""
    scores = Score.objects.filter(day=as_of)
    if account_ids is not None:
        scores = scores.filter(account_id__in=account_ids)
    rows = list(scores.values_list("account_id", "score", "band", "uncertain"))
    words = {True: UNCERTAIN, False: SURE, None: None}
    return {
        "health_score": {pk: None if score is None else float(score) for pk, score, _band, _sure in rows},
        "health_band": {pk: band for pk, _score, band, _sure in rows},
        "health_certainty": {pk: words[unsure] for pk, _score, _band, unsure in rows},
    }

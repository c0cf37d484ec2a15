"""Replays a scorecard on the past: what it would have said before every term that was decided."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from accounts.facts import past_values
from accounts.past import PAIRS, pair_columns
from accounts.selectors.past import field_past
from health.backtest import (
    HORIZONS,
    LONGEST_LEAD,
    STEP,
    Floats,
    Outcomes,
    Result,
    Seen,
    Truths,
    by_csm,
    by_segment,
    few,
    judge,
    lead_result,
    leads,
)
from health.card import UNITS, card_of
from health.definition import Document
from health.models import Scorecard
from health.outcomes import Decided, decided_terms
from health.past import Raws, pairs_of, raws_at
from health.routing import cards_take
from health.scoring import Scores, score_rows
from health.selectors import card_list, versions_standing
from tenants.models import Member

RIVAL = "usage_trend"
TREND = "trend"
STEPS = len(HORIZONS) + 2
_CARDS = f"""SELECT p.place, v.scorecard_id FROM {PAIRS}
    JOIN health_score s ON s.tenant_id = %(tenant)s AND s.day = p.day AND s.account_id = p.account_id
    LEFT JOIN health_reportedscore r ON r.tenant_id = %(tenant)s AND r.day = p.day AND r.account_id = p.account_id
    JOIN health_scorecardversion v ON v.tenant_id = %(tenant)s AND v.id = COALESCE(r.version_id, s.version_id)"""  # noqa: S608 - the parts are of code

Pairs = list[tuple[int, date]]
Tell = Callable[[int, int], None]
Scope = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True)
class Trial:
    """What is tried: a card with a document, beside another document, on what was known up to `as_of`. `guarded`: only
    with what had been received by then.
    """

    card: Scorecard
    document: Document
    as_of: date
    other: Document | None = None
    guarded: bool = True


@dataclass(frozen=True)
class Look:
    """One horizon: the terms that the card took then, and their accounts with the days looked at."""

    days: int
    terms: list[Decided]
    pairs: Pairs
    outcomes: Outcomes


def replay(trial: Trial, tell: Tell = lambda done, total: None, scope: Scope = nullcontext) -> Result:
    """The back-test of a card as a JSON document (`health.backtest` says what its figures are). Each step runs in a
    `scope` of its own, at whose end `tell` says how many of how many are done.
    """
    with scope():
        terms = decided_terms(until=trial.as_of)
        looks, by_now = looks_of(trial, terms)
        raws = raws_at(card=card_of(trial.document), pairs=[], guarded=trial.guarded)
        tell(1, STEPS)
    found = []
    for number, look in enumerate(looks):
        with scope():
            found.append(_horizon(trial, look))
            tell(2 + number, STEPS)
    with scope():
        lead = _lead(trial, looks[0].terms)
        tell(STEPS, STEPS)
    return {
        "as_of": trial.as_of.isoformat(),
        "guarded": trial.guarded,
        "terms": _counted(looks[0].terms),
        "left_out": raws.left_out,
        "narrowed": sorted(raws.narrowed),
        "by_now": by_now,
        "horizons": found,
        "lead": lead,
    }


def _counted(terms: Sequence[Decided]) -> Result:
    kinds, days = Counter(one.kind for one in terms), sorted(one.day.isoformat() for one in terms)
    return {
        **{kind: kinds[kind] for kind in ("renewed", "shrunk", "lost")},
        "gone": round(sum(one.gone for one in terms), 2),
        "unpriced": sum(not one.priced for one in terms),
        "first": days[0] if days else None,
        "last": days[-1] if days else None,
    }


def looks_of(trial: Trial, terms: Sequence[Decided]) -> tuple[list[Look], bool]:
    """The terms of each horizon that the card took then; and whether only today's choice of accounts could tell."""
    pairs = [(one.account_id, one.day - timedelta(days=days)) for days in HORIZONS for one in terms]
    taken, by_now = _taken(trial, pairs)
    held = pairs_of(pairs)
    csms, segments = field_past("csm", held), field_past("segment", held)
    looks = []
    for number, days in enumerate(HORIZONS):
        places = [i for i in range(number * len(terms), (number + 1) * len(terms)) if taken[i]]
        own = [terms[i % len(terms)] for i in places]
        outcomes = outcomes_of(own, [csms[i] for i in places], [segments[i] for i in places])
        looks.append(Look(days, own, [pairs[i] for i in places], outcomes))
    return looks, by_now


def outcomes_of(terms: Sequence[Decided], csms: Sequence[Any], segments: Sequence[Any]) -> Outcomes:
    """Terms as the arithmetic takes them, with the CSM and the segment of the day looked at."""
    return Outcomes(
        lost=np.array([one.kind == "lost" for one in terms], dtype=bool),
        renewed=np.array([one.kind == "renewed" for one in terms], dtype=bool),
        gone=np.array([one.gone for one in terms], dtype=np.float64),
        account=np.array([one.account_id for one in terms], dtype=np.int64),
        csm=np.array([int(csm) if csm else -1 for csm in csms], dtype=np.int64),
        segment=[segment or "" for segment in segments],
    )


def _taken(trial: Trial, pairs: Pairs) -> tuple[list[bool], bool]:
    """Whether the card took each account on its day: as its night said, else as its score of the day says; where no
    score names the card, as it would be decided on the last day.
    """
    card = trial.card
    cards = [one for one in card_list() if one.pk == card.pk or versions_standing(one).exists()]
    if len(cards) == 1:
        return [True] * len(pairs), False
    kept = pair_columns(_CARDS, pairs_of(pairs), ("card",))["card"]
    if card.pk in kept:
        return [pk == card.pk for pk in kept], False
    accounts = sorted({account for account, _day in pairs})
    found = {one.pk: set(ids) for one, ids in cards_take(day=trial.as_of, account_ids=accounts, cards=cards)}
    return [account in found.get(card.pk, set()) for account, _day in pairs], True


def seen_of(document: Document, pairs: Pairs, *, guarded: bool) -> tuple[Seen, Scores, Raws]:
    """What a document says of accounts at the end of days."""
    card = card_of(document)
    raws = raws_at(card=card, pairs=pairs, guarded=guarded)
    scores = score_rows(card, raws.values)
    points = np.where(scores.units >= 0, scores.units / UNITS, np.nan)
    return Seen(points, (np.array(scores.bands, dtype=object) == "red").astype(np.float64)), scores, raws


def trend_of(pairs: Pairs, *, guarded: bool) -> Floats:
    """The simplest rival: the trend of use alone, NaN where it is not known."""
    found = past_values(keys={RIVAL}, pairs=pairs_of(pairs), guarded=guarded).values.get(RIVAL, [None] * len(pairs))
    return np.array(found, dtype=np.float64)


def _horizon(trial: Trial, look: Look) -> Result:
    if few(look.outcomes):
        return {"days": look.days, **_refused(look.outcomes)}
    seen, _scores, raws = seen_of(trial.document, look.pairs, guarded=trial.guarded)
    other = seen_of(trial.other, look.pairs, guarded=trial.guarded)[0] if trial.other else None
    rivals = {TREND: trend_of(look.pairs, guarded=trial.guarded)}
    found = {"days": look.days, **judge(look.outcomes, seen, rivals, other), "blank": _blank(trial, raws)}
    if found["refused"]:
        return found
    return {**found, "segments": by_segment(look.outcomes, seen), "csms": _named(by_csm(look.outcomes, seen))}


def _blank(trial: Trial, raws: Raws) -> list[str]:
    """The measures that count and of which nothing was known for any outcome."""
    card = card_of(trial.document)
    known: list[bool] = np.any(~np.isnan(raws.values), axis=0).tolist()
    return [one.key for one, any_known in zip(card.measures, known, strict=True) if one.weight and not any_known]


def _named(rows: list[Result]) -> list[Result]:
    """CSMs by their names, as they are now; none for those nobody served."""
    people = Member.objects.select_related("user").in_bulk([row["csm"] for row in rows])
    return [{**row, "csm": str(people.get(row["csm"], ""))} for row in rows]


def _refused(outcomes: Outcomes) -> Result:
    counts = {"outcomes": len(outcomes), "lost": int(outcomes.lost.sum()), "unscored": 0}
    return {**counts, "refused": few(outcomes), "verdict": "few"}


def _lead(trial: Trial, terms: Sequence[Decided]) -> Result | None:
    """How long before losses the accounts were red or amber, looked at every STEP days."""
    lost = [one for one in terms if one.kind == "lost"]
    back = [STEP * n for n in range(1, LONGEST_LEAD // STEP + 1)]
    pairs = [(one.account_id, one.day - timedelta(days=days)) for one in lost for days in back]
    if not pairs:
        return None
    _seen, scores, _raws = seen_of(trial.document, pairs, guarded=trial.guarded)
    warned: Truths = np.isin(np.array(scores.bands), ("red", "amber")).reshape(len(lost), len(back))
    return lead_result(leads(warned), np.array([one.account_id for one in lost], dtype=np.int64))

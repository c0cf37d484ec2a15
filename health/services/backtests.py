"""Tries scorecards on past outcomes, and suggests weights from them: work that may take a while."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from health.backtest import NEEDED, Result
from health.card import card_of
from health.definition import Document
from health.models import BackTest, Draft, Scorecard, ScorecardVersion
from health.outcomes import decided_terms
from health.replay import STEPS, Look, Scope, Tell, Trial, looks_of, replay, seen_of
from health.services.drafts import draft_open
from health.suggest import Suggested, suggest, weighed
from tenants.models import Member, Tenant
from tenants.scope import tenant_scope

logger = logging.getLogger(__name__)
LOST_AFTER = timedelta(minutes=5)  # without a sign of the worker
WAITED = timedelta(seconds=40)  # a hint that did not arrive


@dataclass(frozen=True)
class Asked:
    """What is to be tried: the card's `document`, of a version or a draft where it is one of theirs, beside `other`."""

    card: Scorecard
    document: Document
    version: ScorecardVersion | None = None
    draft: Draft | None = None
    other: ScorecardVersion | None = None
    guarded: bool = True
    suggest: bool = False


def backtest_start(*, asked: Asked, as_of: Any, by: Member | None, at: datetime) -> BackTest:
    """A back-test that waits to be done."""
    return BackTest.objects.create(
        scorecard=asked.card, document=asked.document, version=asked.version, draft=asked.draft,
        other=asked.other.definition if asked.other else None, other_version=asked.other, guarded=asked.guarded,
        suggest=asked.suggest, as_of=as_of, asked_by=by, asked_at=at, total=STEPS,
    )  # fmt: skip


def backtests_left(*, at: datetime) -> list[int]:
    """Back-tests that wait for a worker, or whose worker has shown no sign for a while."""
    left = Q(state=BackTest.State.WAITING, asked_at__lt=at - WAITED)
    left |= Q(state=BackTest.State.RUNNING, started_at__lt=at - LOST_AFTER)
    return list(BackTest.objects.filter(left).order_by("id").values_list("pk", flat=True))


def backtest_run(*, tenant: Tenant, pk: int, clock: Callable[[], datetime]) -> None:
    """Do a back-test that waits, one worker alone; every step commits, so that its progress shows. A fault is kept
    with it.
    """
    scope: Scope = lambda: tenant_scope(tenant)  # noqa: E731 - one line
    with override(tenant.language):
        with scope():
            test = _claim(pk, clock())
        if test is None:
            return
        try:
            result = _done(test, clock, scope)
            said: dict[str, Any] = {"state": BackTest.State.DONE, "result": result, "done": STEPS}
        except Exception as error:
            logger.exception("back-test %s of %s", pk, tenant.slug)
            said = {"state": BackTest.State.FAILED, "error": f"{type(error).__name__}: {error}"[:2000]}
        with scope():
            _own(test).update(finished_at=clock(), **said)


def _own(test: BackTest) -> Any:
    return BackTest.objects.filter(pk=test.pk)


def _claim(pk: int, at: datetime) -> BackTest | None:
    """The back-test, now running under this worker; None when another has it."""
    free = Q(state=BackTest.State.WAITING) | Q(state=BackTest.State.RUNNING, started_at__lt=at - LOST_AFTER)
    taken = BackTest.objects.filter(free, pk=pk).update(state=BackTest.State.RUNNING, started_at=at)
    return BackTest.objects.select_related("scorecard", "asked_by").get(pk=pk) if taken else None


def _done(test: BackTest, clock: Callable[[], datetime], scope: Scope) -> Result:
    trial = Trial(test.scorecard, test.document, test.as_of, test.other, test.guarded)
    tell: Tell = lambda done, total: _own(test).update(done=done, total=total, started_at=clock())  # noqa: E731 - one line
    if not test.suggest:
        return replay(trial, tell, scope)
    with scope():
        suggested, days = _suggested(trial)
        told = _told(suggested, days)
    if suggested.reason:
        return {**replay(trial, tell, scope), "suggested": told}
    document = weighed(test.document, suggested.shares)
    beside = Trial(test.scorecard, document, test.as_of, test.document, test.guarded)
    result = {**replay(beside, tell, scope), "suggested": told}
    with scope():
        name = _("Weights suggested by outcomes")
        draft = draft_open(card=test.scorecard, document=document, by=test.asked_by, at=clock(), name=name)
        now = {"draft": draft, "version": None, "document": document}
        _own(test).update(other=test.document, other_version=test.version, **now)
    return result


def _suggested(trial: Trial) -> tuple[Suggested, int]:
    """Weights from the horizon of 90 days, or from the one with most terms scored where that has more losses."""
    looks, _by_now = looks_of(trial, decided_terms(until=trial.as_of))
    look = max(looks, key=lambda one: (_weight(one), one.days == 90, -one.days))
    if not look.pairs:
        return Suggested(reason="few", counts={"lost": 0, "kept": 0, "needed": NEEDED}), look.days
    _seen, scores, _raws = seen_of(trial.document, look.pairs, guarded=trial.guarded)
    return suggest(card_of(trial.document), scores.subscores, look.outcomes), look.days


def _weight(look: Look) -> int:
    """How many terms of the rarer kind a horizon has."""
    lost = int(look.outcomes.lost.sum())
    return min(lost, len(look.outcomes) - lost)


def _told(found: Suggested, days: int) -> Result:
    return {
        "days": days,
        "reason": found.reason,
        "counts": found.counts,
        "unseen": found.unseen,
        "fitted": list(found.fitted),
    }

"""The order of the steps. Live refresh, the night, a recomputation and a new history are the same functions."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

from django.db import connection
from django.utils.timezone import now

from accounts.services import lifecycle_run, terms_night
from common.bulk import analyze
from health.models import Score
from health.services import cards_lint, overrides_expire, scores_fill, scores_mark_stale, scores_refill_stale
from operations.days import last_closable_day, local_date
from operations.models import Night
from operations.selectors import SHOWING_JOB, closed_day
from operations.services import StepFunction, night_reopen, night_step, nights_plan, provisional_set
from playbooks.services import alerts_refill
from tenants.models import Tenant
from tenants.scope import tenant_scope
from usage.services import (
    bodies_unpack,
    metrics_check,
    metrics_fill,
    metrics_refill_stale,
    slices_mark_all,
    slices_refill,
)

Progress = Callable[[str, int, int], None]
ALERTS_LOOK_BACK = 30
CHUNK_DAYS = 20
GROWING_TABLES = (
    "usage_useractivity", "usage_accountuser", "usage_accountday", "usage_metric", "health_score",
    "accounts_account", "accounts_touch", "accounts_accountvalue", "accounts_accountfieldhistory",
)  # fmt: skip


def silent_progress(_label: str, _done: int, _total: int) -> None:
    """Shows nothing."""


def refresh(*, tenant: Tenant, at: datetime, progress: Progress = silent_progress) -> int:
    """Unpack what has come in and refill the day slices it touched; returns how many bodies. Each round commits."""
    total = _take_in(tenant, at, progress)
    _late(tenant)
    return total


def _take_in(tenant: Tenant, at: datetime, progress: Progress) -> int:
    """Unpack all that waits and refill all that is marked; each round commits. Returns how many bodies."""
    bodies = slices = 0
    while taken := _unpack(tenant, at):
        bodies += taken
        progress(f"{tenant.name}: unpacking", bodies, bodies + 1)
    progress(f"{tenant.name}: unpacking", bodies, bodies)
    while taken := _refill(tenant):
        slices += taken
        progress(f"{tenant.name}: days", slices, slices + 1)
    progress(f"{tenant.name}: days", slices, slices)
    return bodies


def _late(tenant: Tenant) -> None:
    """Figures of closed days that late events changed, as known now; what the nights reported is kept beside them."""
    closed = closed_day(tenant=tenant)
    if closed is not None:
        with tenant_scope(tenant):
            scores_mark_stale(days=metrics_refill_stale(tenant=tenant, until=closed))
            scores_refill_stale(until=closed)


def _unpack(tenant: Tenant, at: datetime) -> int:
    with tenant_scope(tenant):
        return bodies_unpack(tenant=tenant, at=at)


def _refill(tenant: Tenant) -> int:
    with tenant_scope(tenant):
        return slices_refill(tenant=tenant)


def _intake(tenant: Tenant, day: date) -> int:
    """All that has come in is unpacked and in its day slices."""
    rows = 0
    while taken := bodies_unpack(tenant=tenant, at=now()):
        rows += taken
    while slices := slices_refill(tenant=tenant):
        rows += slices
    return rows


def _terms(tenant: Tenant, day: date) -> int:
    """ARR, seats and renewal date on the accounts are those of the day that has come, whichever night runs."""
    return terms_night(tenant=tenant, today=local_date(tenant.timezone, now()))


def _activity(tenant: Tenant, day: date) -> int:
    """The day's metrics; and those of earlier days that late events changed, whose scores are now stale."""
    rows = metrics_fill(tenant=tenant, days=[day], closing=True)
    changed = metrics_refill_stale(tenant=tenant, until=_latest(tenant, day))
    scores_mark_stale(days=changed)
    return rows + sum(len(ids) for ids in changed.values())


def _latest(tenant: Tenant, day: date) -> date:
    """The last day that has figures: nothing later is refilled."""
    closed = closed_day(tenant=tenant)
    return max(day, closed) if closed else day


def _health(tenant: Tenant, day: date) -> int:
    """The day's scores, and those of earlier days whose inputs late events changed."""
    stale = scores_refill_stale(until=_latest(tenant, day))
    closed = closed_day(tenant=tenant)
    return stale + scores_fill(days=[day], closing=True, again=closed is not None and closed > day)


def _alerts(tenant: Tenant, day: date) -> int:
    """Alerts look at the present: the night of an earlier day, run again, leaves them alone."""
    closed = closed_day(tenant=tenant)
    return 0 if closed and closed > day else alerts_refill(as_of=day, at=now())


def _lifecycle(tenant: Tenant, day: date) -> int:
    """The rules of the stages look at the present, as alerts do. They run once the day is shown: a rule that fails
    hides no figure.
    """
    closed = closed_day(tenant=tenant)
    if closed and closed > day:
        return 0
    done = lifecycle_run(tenant=tenant, as_of=day, at=now())
    return done.moved + done.proposed


def _cards(tenant: Tenant, day: date) -> int:
    """Bands set by hand whose day has come end, judged by the scores of the day that is now shown; scorecards are
    looked over once a week, and after each new version.
    """
    closed = closed_day(tenant=tenant)
    if closed and closed > day:
        return 0
    ended = overrides_expire(tenant=tenant, today=local_date(tenant.timezone, now()), at=now())
    return ended + cards_lint(day=day, at=now())


def _check(tenant: Tenant, day: date) -> int:
    """A few accounts' figures against raw SQL over the events; raises when one differs."""
    return metrics_check(tenant=tenant, day=day)


STEPS: dict[str, StepFunction] = {
    "intake": _intake,
    "terms": _terms,
    "activity": _activity,
    "health": _health,
    SHOWING_JOB: _alerts,
    "lifecycle": _lifecycle,
    "cards": _cards,
    "check": _check,
}
JOBS = list(STEPS)


def nights_run(*, at: datetime, tenant: Tenant | None = None, day: date | None = None) -> list[Night]:
    """Do every step that may run, one transaction each; returns what was tried."""
    tried = []
    while night := night_step(steps=STEPS, at=at, clock=now, tenant=tenant, day=day):
        tried.append(night)
    return tried


def nights_catch_up(*, tenant: Tenant, at: datetime, progress: Progress = silent_progress) -> int:
    """Plan and run every night that a tenant has missed; returns how many dates."""
    dates = nights_plan(tenant=tenant, jobs=JOBS, at=at)
    steps = dates * len(JOBS)
    for number in range(steps):
        if night_step(steps=STEPS, at=at, clock=now, tenant=tenant) is None:
            break
        progress(f"{tenant.name}: nights", number + 1, steps)
    return dates


def night_run(*, tenant: Tenant, day: date, at: datetime) -> list[Night]:
    """Run one date's night now, again if it has been: a closed day through the ledger. Returns the steps."""
    night_reopen(tenant=tenant, day=day, jobs=JOBS)
    return nights_run(at=at, tenant=tenant, day=day)


def provisional_run(*, tenant: Tenant, day: date, at: datetime) -> int:
    """Figures of a day that is not closed yet, marked provisional; its night refills them. Returns how many accounts
    have figures of the day now, also those that nothing changed.
    """
    with tenant_scope(tenant):
        _intake(tenant, day)
        metrics_fill(tenant=tenant, days=[day], provisional=True)
        before = min(day - timedelta(days=1), last_closable_day(tenant.timezone, tenant.night_hour, at))
        scores_mark_stale(days=metrics_refill_stale(tenant=tenant, until=before))
        scores_refill_stale(until=before)
        scores_fill(days=[day], provisional=True)
        provisional_set(tenant=tenant, day=day, at=at)
        return Score.objects.filter(day=day).count()


def is_closed(*, tenant: Tenant, day: date, at: datetime) -> bool:
    """Whether the night of the day may have started."""
    return day <= last_closable_day(tenant.timezone, tenant.night_hour, at)


def recompute(*, tenant: Tenant, first: date, last: date, progress: Progress = silent_progress) -> int:
    """Build [first, last] again from the events up; figures that change are known now, what was reported stays."""
    with tenant_scope(tenant):
        slices_mark_all(tenant=tenant, first=first, last=last)
    while _refill(tenant):
        pass
    return _figures(tenant=tenant, first=first, last=last, closing=False, progress=progress)


def history_close(
    *, tenant: Tenant, first: date, last: date, at: datetime, progress: Progress = silent_progress
) -> int:
    """Close every day of a history that has never been closed, as its nights would have; returns rows written."""
    _take_in(tenant, at, progress)
    rows = _history(tenant=tenant, first=first, last=last, progress=progress)
    with tenant_scope(tenant):
        for ago in range(ALERTS_LOOK_BACK, -1, -1):
            alerts_refill(as_of=last - timedelta(days=ago), at=at)
    night_reopen(tenant=tenant, day=last, jobs=JOBS)
    nights_run(at=at, tenant=tenant, day=last)
    return rows


def _figures(*, tenant: Tenant, first: date, last: date, closing: bool, progress: Progress) -> int:
    """Metrics and scores of every day of [first, last], in chunks that commit."""
    rows = 0
    for days in _chunks(tenant, first, last, progress):
        with tenant_scope(tenant):
            rows += metrics_fill(tenant=tenant, days=days, closing=closing)
            rows += scores_fill(days=days, closing=closing, again=not closing)
    return rows


def _history(*, tenant: Tenant, first: date, last: date, progress: Progress) -> int:
    """The same for days that nobody sees before all are there, so that metrics and scores may commit apart: a chunk
    is scored beside the metrics of the next.
    """
    rows, scored = 0, []
    with ThreadPoolExecutor(max_workers=1) as beside:
        for days in _chunks(tenant, first, last, progress):
            with tenant_scope(tenant):
                rows += metrics_fill(tenant=tenant, days=days, closing=True)
            scored.append(beside.submit(_scores_report, tenant, days))
    return rows + sum(work.result() for work in scored)


def _scores_report(tenant: Tenant, days: Sequence[date]) -> int:
    """The scores of days that have metrics, in a thread of its own."""
    try:
        with tenant_scope(tenant):
            return scores_fill(days=days, closing=True)
    finally:
        connection.close()


def _chunks(tenant: Tenant, first: date, last: date, progress: Progress) -> Iterator[list[date]]:
    """The days of [first, last] by chunks; the planner learns what has grown, and the progress is told."""
    days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    for start in range(0, len(days), CHUNK_DAYS):
        if start in (0, CHUNK_DAYS, 5 * CHUNK_DAYS):
            analyze(*GROWING_TABLES)
        yield days[start : start + CHUNK_DAYS]
        progress(f"{tenant.name}: figures", min(start + CHUNK_DAYS, len(days)), len(days))

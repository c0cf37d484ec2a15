"""The order of the steps. Live refresh, the night, a recomputation and a new history are the same functions."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import product

from django.utils.timezone import now

from accounts.models import Account
from common.bulk import analyze
from health.services import scores_fill, scores_mark_stale, scores_refill_stale
from operations.days import last_closable_day
from operations.models import Night
from operations.selectors import SHOWING_JOB, closed_day
from operations.services import StepFunction, night_reopen, night_step, nights_plan, provisional_set
from playbooks.services import alerts_refill
from tenants.models import Tenant
from tenants.scope import tenant_scope
from usage.services.metrics import metrics_fill, night_metrics
from usage.services.slices import slices_refill, slices_refresh
from usage.services.unpack import bodies_unpack

Progress = Callable[[str, int, int], None]
ALERTS_LOOK_BACK = 30
CHUNK_DAYS = 20
GROWING_TABLES = (
    "usage_useractivity", "usage_accountuser", "usage_nameday", "usage_accountday", "usage_metric", "health_score",
    "accounts_account", "accounts_touch",
)  # fmt: skip


def silent_progress(_label: str, _done: int, _total: int) -> None:
    """Shows nothing."""


def refresh(*, tenant: Tenant, at: datetime, progress: Progress = silent_progress) -> int:
    """Unpack what has come in, refill the day slices it touched, and score again what late events changed.

    Each round commits by itself. Returns how many bodies were unpacked.
    """
    unpacked = bodies_unpack(tenant=tenant, at=at)
    rounds = 0
    while _slices_round(tenant, at):
        rounds += 1
        progress(f"{tenant.name}: days", rounds, rounds + 1)
    with tenant_scope(tenant):
        scores_refill_stale(until=_last_day(tenant, at))
    progress(f"{tenant.name}: days", rounds, rounds)
    return unpacked.bodies


def _last_day(tenant: Tenant, at: datetime) -> date:
    return last_closable_day(tenant.timezone, tenant.night_hour, at)


def _slices_round(tenant: Tenant, at: datetime) -> int:
    """Refill some marked slices and the metrics that rest on them; their scores become stale in the same transaction."""
    with tenant_scope(tenant):
        done = slices_refresh(tenant=tenant, closed=_last_day(tenant, at))
        _mark_stale(done.changed)
    return done.slices


def _mark_stale(changed: Iterable[tuple[int, date]]) -> None:
    by_day: dict[date, list[int]] = {}
    for account_id, day in changed:
        by_day.setdefault(day, []).append(account_id)
    scores_mark_stale(days=by_day)


def _intake(tenant: Tenant, day: date) -> int:
    """All that has come in is unpacked and in its day slices."""
    at = now()
    rows = bodies_unpack(tenant=tenant, at=at).events
    while _slices_round(tenant, at):
        pass
    return rows


def _activity(tenant: Tenant, day: date) -> int:
    """The day's metrics of every account, reported from now on."""
    return len(night_metrics(day=day, reported=True))


def _health(tenant: Tenant, day: date) -> int:
    """The day's scores, and those of earlier days whose inputs late events changed."""
    stale = scores_refill_stale(until=_last_day(tenant, now()))
    return stale + scores_fill(days=[day], closing=True)


def _alerts(tenant: Tenant, day: date) -> int:
    """Alerts look at the present: the night of an earlier day, run again, leaves them alone."""
    closed = closed_day(tenant=tenant)
    return 0 if closed and closed > day else alerts_refill(as_of=day, at=now())


STEPS: dict[str, StepFunction] = {
    "intake": _intake,
    "activity": _activity,
    "health": _health,
    SHOWING_JOB: _alerts,
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
    """Figures of a day that is not closed yet, marked provisional; its night refills them. Returns accounts scored."""
    with tenant_scope(tenant):
        _intake(tenant, day)
        night_metrics(day=day, reported=False, provisional=True)
        scores_refill_stale(until=day - timedelta(days=1))
        scored = scores_fill(days=[day], provisional=True)
        provisional_set(tenant=tenant, day=day, at=at)
    return scored


def is_closed(*, tenant: Tenant, day: date, at: datetime) -> bool:
    """Whether the night of the day may have started."""
    return day <= last_closable_day(tenant.timezone, tenant.night_hour, at)


def recompute(*, tenant: Tenant, first: date, last: date, progress: Progress = silent_progress) -> int:
    """Build [first, last] again from the events up; figures that change are known now, what was reported stays."""
    days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    for start in range(0, len(days), CHUNK_DAYS):
        with tenant_scope(tenant):
            accounts = list(Account.objects.filter(archived_at=None).values_list("id", flat=True))
            slices_refill(tenant=tenant, slices=list(product(accounts, days[start : start + CHUNK_DAYS])))
        progress(f"{tenant.name}: days", min(start + CHUNK_DAYS, len(days)), len(days))
    return _figures(tenant=tenant, first=first, last=last, closing=False, progress=progress)


def history_close(
    *, tenant: Tenant, first: date, last: date, at: datetime, progress: Progress = silent_progress
) -> int:
    """Close every day of a history that has never been closed, as its nights would have; returns rows written."""
    bodies_unpack(tenant=tenant, at=at)
    rounds = 0
    while _history_round(tenant):
        progress(f"{tenant.name}: days", (rounds := rounds + 1), rounds + 1)
    progress(f"{tenant.name}: days", rounds, rounds)
    rows = _figures(tenant=tenant, first=first, last=last, closing=True, progress=progress)
    with tenant_scope(tenant):
        for ago in range(ALERTS_LOOK_BACK, -1, -1):
            alerts_refill(as_of=last - timedelta(days=ago), at=at)
    night_reopen(tenant=tenant, day=last, jobs=JOBS)
    nights_run(at=at, tenant=tenant, day=last)
    return rows


def _history_round(tenant: Tenant) -> int:
    """Refill some marked slices, and leave the figures to those who close the days."""
    with tenant_scope(tenant):
        return slices_refresh(tenant=tenant, closed=None).slices


def _figures(*, tenant: Tenant, first: date, last: date, closing: bool, progress: Progress) -> int:
    """Metrics and scores of every day of [first, last], in chunks that commit."""
    days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    rows = 0
    for start in range(0, len(days), CHUNK_DAYS):
        chunk = days[start : start + CHUNK_DAYS]
        if start in (0, CHUNK_DAYS, 5 * CHUNK_DAYS):
            analyze(*GROWING_TABLES)
        with tenant_scope(tenant):
            rows += _figures_of(tenant, chunk, closing)
        progress(f"{tenant.name}: figures", min(start + CHUNK_DAYS, len(days)), len(days))
    return rows


def _figures_of(tenant: Tenant, days: Sequence[date], closing: bool) -> int:
    accounts = list(Account.objects.filter(archived_at=None).values_list("id", flat=True))
    rows = len(metrics_fill(pairs=product(accounts, days), reported=closing))
    return rows + scores_fill(days=days, closing=closing)

"""Writes the ledger and the progress of long work."""

import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from operations.days import last_closable_day, night_start
from operations.models import Night, ProvisionalDay, Run
from operations.selectors import claimable_nights, last_planned_day
from tenants.models import Member, Tenant
from tenants.scope import tenant_scope

logger = logging.getLogger(__name__)
MAX_ATTEMPTS = 5
MAX_MISSED_NIGHTS = 400

# Does one step of a tenant's night for a day, in the tenant's scope; returns how many rows it wrote.
StepFunction = Callable[[Tenant, date], int]


def nights_plan(*, tenant: Tenant, jobs: Sequence[str], at: datetime) -> int:
    """Put every night that may start by `at` into the ledger, also those missed since the last; returns how many
    dates.
    """
    last = last_closable_day(tenant.timezone, tenant.night_hour, at)
    planned = last_planned_day(tenant=tenant)
    first = max(planned + timedelta(days=1), last - timedelta(days=MAX_MISSED_NIGHTS)) if planned else last
    days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    for day in days:
        _night_write(tenant=tenant, day=day, jobs=jobs)
    return len(days)


def _night_write(*, tenant: Tenant, day: date, jobs: Sequence[str]) -> None:
    due = night_start(tenant.timezone, day, tenant.night_hour)
    Night.objects.bulk_create(
        [
            Night(tenant=tenant, job=job, position=position, local_date=day, not_before=due)
            for position, job in enumerate(jobs)
        ],
        ignore_conflicts=True,
    )


def night_reopen(*, tenant: Tenant, day: date, jobs: Sequence[str]) -> None:
    """Make every step of a date pending again, whatever became of it."""
    _night_write(tenant=tenant, day=day, jobs=jobs)
    Night.objects.filter(tenant=tenant, local_date=day).update(
        state=Night.State.PENDING, attempts=0, error="", not_before=night_start(tenant.timezone, day, 0)
    )


def commit_without_wait() -> None:
    """Do not wait for the disk when this transaction ends: a crash may undo it as a whole, and it will be redone."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")


def night_retry(*, tenant: Tenant, day: date, at: datetime) -> int:
    """Make the failed steps of a date pending again; returns how many."""
    return Night.objects.filter(tenant=tenant, local_date=day, state=Night.State.FAILED).update(
        state=Night.State.PENDING, attempts=0, not_before=at
    )


def night_step(
    *, steps: dict[str, StepFunction], at: datetime, clock: Callable[[], datetime], tenant: Tenant | None = None,
    day: date | None = None,
) -> Night | None:  # fmt: skip
    """Claim the next step that may run, do it and commit both together; None when there is nothing to do.

    A step that raises is rolled back and tried again later, `MAX_ATTEMPTS` times; then it is failed. A process that
    dies here leaves the step as it was; so does a machine that dies before the commit is on its disk, which is not
    waited for: the step and its row in the ledger are lost together and done again.
    """
    with transaction.atomic():
        commit_without_wait()
        nights = claimable_nights(at=at, tenant=tenant)
        if day is not None:
            nights = nights.filter(local_date=day)
        night = nights.select_for_update(skip_locked=True, of=("self",)).select_related("tenant").first()
        if night is None:
            return None
        night.started_at = clock()
        try:
            with tenant_scope(night.tenant):
                night.rows = steps[night.job](night.tenant, night.local_date)
            night.state, night.error = Night.State.DONE, ""
        except Exception as error:
            logger.exception("night of %s, %s, step %s", night.tenant.slug, night.local_date, night.job)
            _attempt_failed(night, error, at)
        night.finished_at = clock()
        night.attempts += 1
        night.save()
    return night


def _attempt_failed(night: Night, error: Exception, at: datetime) -> None:
    night.error = f"{type(error).__name__}: {error}"[:2000]
    night.not_before = at + timedelta(minutes=2 ** (night.attempts + 1))
    if night.attempts + 1 >= MAX_ATTEMPTS:
        night.state = Night.State.FAILED


def provisional_set(*, tenant: Tenant, day: date, at: datetime) -> None:
    """Remember that the unclosed day was computed."""
    ProvisionalDay.objects.update_or_create(tenant=tenant, defaults={"local_date": day, "computed_at": at})


def run_start(*, kind: str, title: str, by: Member | None, params: dict[str, Any], at: datetime) -> Run:
    """Long work that waits to be done."""
    return Run.objects.create(kind=kind, title=title, started_by=by, params=params, created_at=at)


def run_progress(*, run: Run, done: int, total: int) -> None:
    """Show how far the work is."""
    Run.objects.filter(pk=run.pk).update(done=done, total=total, state=Run.State.RUNNING)


def run_finish(*, run: Run, result: dict[str, Any], at: datetime, error: str = "") -> None:
    """Keep the result (or the error) to be read later."""
    state = Run.State.FAILED if error else Run.State.DONE
    Run.objects.filter(pk=run.pk).update(result=result, error=error, finished_at=at, state=state)

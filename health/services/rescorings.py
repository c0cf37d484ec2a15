"""Scores a scorecard's past under one of its versions: work that may take a while, kept apart, removed again."""

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.models import Account
from health.models import RescoredScore, Rescoring, ScorecardVersion
from health.rescored import compared, days_rescored
from health.routing import versions_of_accounts
from health.rows import rows_write
from tenants.models import Member, Tenant
from tenants.scope import current_tenant_id, tenant_scope
from tenants.services import audit_add

logger = logging.getLogger(__name__)
LOST_AFTER = timedelta(minutes=5)  # without a sign of the worker
WAITED = timedelta(seconds=40)  # a hint that did not arrive
ROWS_AT_ONCE = 100_000
DAYS_AT_ONCE = 28
_State = Rescoring.State
_COUNT = """SELECT min(s.day), max(s.day), count(*), count(DISTINCT s.account_id) FROM health_score s
    WHERE s.tenant_id = %s AND NOT s.provisional AND {which}"""
_BY_CARD = """s.version_id IN (SELECT id FROM health_scorecardversion WHERE tenant_id = %s AND scorecard_id = %s)"""
_BY_ACCOUNT = "s.account_id = ANY(%s)"


class History(NamedTuple):
    """The stored scores that a rescoring takes; without days where there are none."""

    first: date | None
    last: date | None
    rows: int
    accounts: int

    @property
    def days(self) -> int:
        """From the first day to the last."""
        return (self.last - self.first).days + 1 if self.first and self.last else 0


def history_of(*, scorecard_id: int, account_ids: list[int] | None) -> History:
    """The history that a rescoring takes: where the card scored, or every day of these accounts."""
    tenant = current_tenant_id()
    which, rest = (_BY_CARD, [tenant, scorecard_id]) if account_ids is None else (_BY_ACCOUNT, [account_ids])
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(which=which), [tenant, *rest])
        return History(*cursor.fetchone())


def accounts_taken(*, scorecard_id: int, day: date) -> list[int]:
    """The live accounts that a card takes on a day."""
    live = list(Account.objects.filter(archived_at=None).order_by("id").values_list("id", flat=True))
    found = versions_of_accounts(day=day, account_ids=live)
    return [pk for version, ids in found if version.scorecard_id == scorecard_id for pk in ids]


def rescoring_start(
    *, version: ScorecardVersion, whole: date | None, by: Member | None, at: datetime, label: str = ""
) -> Rescoring:
    """A rescoring that waits to be done; one of the same card that is not done makes room for it.

    `whole`: take every day of the accounts that the card takes on this day; None: the days on which it scored them.
    `label` names a program where no member asks. Raises ValidationError where there is nothing to score.
    """
    ids = None if whole is None else accounts_taken(scorecard_id=version.scorecard_id, day=whole)
    found = history_of(scorecard_id=version.scorecard_id, account_ids=ids)
    if found.first is None or found.last is None:
        raise ValidationError(_("There are no scores of past days to score again."))
    others = Rescoring.objects.filter(scorecard_id=version.scorecard_id)
    others.exclude(state__in=(_State.DONE, _State.REMOVED)).update(state=_State.REMOVED)
    audit_add(actor=by, action="rescore", target=version, at=at, label=label or None)
    return Rescoring.objects.create(
        scorecard_id=version.scorecard_id, version=version, account_ids=ids, first=found.first, last=found.last,
        expected=found.rows, accounts=found.accounts, asked_by=by, asked_at=at,
    )  # fmt: skip


def rescoring_remove(*, pk: int, by: Member | None, at: datetime, label: str = "") -> None:
    """Stop a rescoring and take it off the pages at once; its rows go with the next worker that comes by. One that is
    gone stays so.
    """
    run = Rescoring.objects.select_related("version").exclude(state=_State.REMOVED).filter(pk=pk).first()
    if run is None:
        return
    Rescoring.objects.filter(pk=pk).update(state=_State.REMOVED)
    audit_add(actor=by, action="remove rescored", target=run.version, at=at, label=label or None)


def rescorings_left(*, at: datetime) -> list[int]:
    """Rescorings that wait for a worker, whose worker has shown no sign for a while, or whose rows are to go."""
    left = Q(state=_State.WAITING, asked_at__lt=at - WAITED) | Q(state=_State.REMOVED)
    left |= Q(state=_State.RUNNING, started_at__lt=at - LOST_AFTER)
    return list(Rescoring.objects.filter(left).order_by("id").values_list("pk", flat=True))


def rescoring_run(*, tenant: Tenant, pk: int, clock: Callable[[], datetime]) -> None:
    """Do a rescoring that waits, or go on where its lost worker stopped; or clear one that was removed.

    Every batch of days commits with its progress, so that nothing is written twice. A fault is kept with it.
    """
    with tenant_scope(tenant):
        run = _claim(pk, clock())
    if run is None:
        _clear_removed(tenant, pk)
        return
    try:
        while run.done_until is None or run.done_until < run.last:
            with tenant_scope(tenant):
                if not _batch(run, clock):
                    break
        else:
            with tenant_scope(tenant):
                _finish(run, clock)
    except Exception as error:
        logger.exception("rescoring %s of %s", pk, tenant.slug)
        said = {"state": _State.FAILED, "error": f"{type(error).__name__}: {error}"[:2000], "finished_at": clock()}
        with tenant_scope(tenant):
            _running(run).update(**said)
    with tenant_scope(tenant):
        gone = Rescoring.objects.filter(scorecard_id=run.scorecard_id, state=_State.REMOVED)
        removed = list(gone.values_list("pk", flat=True))
    for one in removed:
        _clear_removed(tenant, one)


def _running(run: Rescoring) -> Any:
    """The run, while it is this worker's: it was not removed, and no other worker went on with it."""
    return Rescoring.objects.filter(pk=run.pk, state=_State.RUNNING, done_until=run.done_until)


def _claim(pk: int, at: datetime) -> Rescoring | None:
    """The rescoring, now running under this worker; None when another has it or it was removed."""
    free = Q(state=_State.WAITING) | Q(state=_State.RUNNING, started_at__lt=at - LOST_AFTER)
    taken = Rescoring.objects.filter(free, pk=pk).update(state=_State.RUNNING, started_at=at)
    return Rescoring.objects.select_related("version").get(pk=pk) if taken else None


def _batch(run: Rescoring, clock: Callable[[], datetime]) -> bool:
    """Score the next days; whether the run still is this worker's."""
    first = run.first if run.done_until is None else run.done_until + timedelta(days=1)
    days = min(max(ROWS_AT_ONCE // max(run.accounts, 1), 1), DAYS_AT_ONCE)
    last = min(first + timedelta(days=days - 1), run.last)
    made = list(days_rescored(run, first, last))
    rows = sum(len(part) for part in made)
    if not _running(run).update(done_until=last, rows=F("rows") + rows, started_at=clock()):
        return False
    for part in made:
        rows_write(rescoring_id=run.pk, version_id=run.version_id, rows=part)
    run.done_until = last
    return True


def _finish(run: Rescoring, clock: Callable[[], datetime]) -> None:
    """Keep what it says, in place of the card's earlier one."""
    result = compared(run)
    if _running(run).update(state=_State.DONE, result=result, finished_at=clock()):
        earlier = Rescoring.objects.filter(scorecard_id=run.scorecard_id, pk__lt=run.pk)
        earlier.update(state=_State.REMOVED)


def _clear_removed(tenant: Tenant, pk: int) -> None:
    """Delete a removed rescoring, its rows some days at a time."""
    with tenant_scope(tenant):
        run = Rescoring.objects.filter(pk=pk, state=_State.REMOVED).first()
    if run is None:
        return
    days = min(max(ROWS_AT_ONCE // max(run.accounts, 1), 1), DAYS_AT_ONCE)
    for start in range(0, run.total, days):
        first = run.first + timedelta(days=start)
        with tenant_scope(tenant):
            RescoredScore.objects.filter(rescoring_id=pk, day__gte=first, day__lt=first + timedelta(days=days)).delete()
    with tenant_scope(tenant):
        Rescoring.objects.filter(pk=pk, state=_State.REMOVED).delete()

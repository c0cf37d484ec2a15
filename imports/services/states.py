"""The states of an import and the only places where they change."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from imports.models import Import, ImportRow, ImportSource
from imports.planning import contrary
from operations.models import Run
from operations.services import run_finish, run_start
from tenants.models import Member
from tenants.services import audit_add

State = Import.State
WORKING = (State.CHECKING, State.RUNNING, State.UNDOING)
_BEFORE: dict[str, tuple[str, ...]] = {
    State.CHECKING: (State.MAPPING, State.READY, State.CHECKING),
    State.READY: (State.CHECKING,),
    State.RUNNING: (State.READY,),
    State.DONE: (State.RUNNING,),
    State.UNDOING: (State.DONE, State.FAILED),
    State.UNDONE: (State.UNDOING,),
    State.FAILED: WORKING,
}


class WrongState(ValidationError):  # noqa: N818 - named by what it found, as EditConflict is
    """The import stands elsewhere by now: somebody else went on with it."""


def locked(of: Import) -> Import:
    """The import as it is now, held until the transaction ends."""
    return Import.objects.select_for_update().get(pk=of.pk)


def actor_of(of: Import) -> Member | None:
    """Who asked for what is being done: whoever imports or undoes, not who brought the file."""
    found: Member | None = of.run.started_by if of.run else of.by
    return found


def move(of: Import, state: str, at: datetime, **fields: Any) -> None:
    """Go to a state; raises WrongState when the import does not stand where that begins."""
    if of.state not in _BEFORE[state]:
        raise WrongState(_("This import is %(state)s already.") % {"state": of.get_state_display()})
    of.state, of.beat_at = state, at
    for name, value in fields.items():
        setattr(of, name, value)
    of.save()


def work_begin(of: Import, state: str, total: int, at: datetime, by: Member | None, **fields: Any) -> None:
    """Go to a state in which a worker is busy: it gets long work of its own, whose progress pages show."""
    run = run_start(kind=f"import_{state}", title=of.filename, by=by, params={}, at=at)
    Run.objects.filter(pk=run.pk).update(total=total, started_at=at)
    move(of, state, at, run=run, error="", stopped_in="", **fields)


def import_accept(*, of: Import, keys: Iterable[str], at: datetime, by: Member) -> Import:
    """Accept exactly these suggestions; the file is checked anew. They are remembered for the source.

    Accepting one declines what contradicts it. Raises ValidationError for two that contradict each other.
    """
    found = locked(of)
    known = {one["key"] for one in found.suggestions}
    chosen = set(keys) & known
    declined = {other for key in chosen if (other := contrary(key))}
    if declined & chosen:
        raise ValidationError(_("The dates of a column have one order. Choose one of the two."))
    known |= declined
    accepted = sorted((set(found.accepted) - known) | chosen)
    source, _made = ImportSource.objects.get_or_create(
        target=found.target, name=found.source, defaults={"used_at": at, "mapping": {}}
    )
    source.accepted = sorted((set(source.accepted) - known) | set(accepted))
    source.save(update_fields=["accepted"])
    work_begin(found, State.CHECKING, found.rows_total, at, by, accepted=accepted)
    return found


def import_go(*, of: Import, at: datetime, by: Member) -> Import:
    """Run an import that was checked."""
    found = locked(of)
    turned_away = ImportRow.objects.filter(of=found, fate="refused").count()
    counts = {"created": 0, "changed": 0, "unchanged": 0, "refused": turned_away}
    work_begin(found, State.RUNNING, found.rows_total, at, by, position=0, counts=counts)
    return found


def import_undo(*, of: Import, at: datetime, by: Member) -> Import:
    """Put back everything that an import did; what was changed since by others stays, and is named."""
    found = locked(of)
    total = ImportRow.objects.filter(of=found, undone="").exclude(fate="refused").count()
    work_begin(found, State.UNDOING, total, at, by, counts={**found.counts, "back": 0, "kept": 0})
    return found


def import_go_on(*, of: Import, at: datetime, by: Member) -> Import:
    """Go on with an import that stopped, from where it stopped."""
    found = locked(of)
    if found.state != State.FAILED or found.stopped_in not in WORKING:
        raise WrongState(_("This import is %(state)s already.") % {"state": found.get_state_display()})
    run = run_start(kind=f"import_{found.stopped_in}", title=found.filename, by=by, params={}, at=at)
    Run.objects.filter(pk=run.pk).update(total=found.rows_total, done=found.position, started_at=at)
    found.state, found.run, found.beat_at = found.stopped_in, run, at
    found.error = found.stopped_in = ""
    found.save()
    return found


def import_stop(*, of: Import, error: str, at: datetime) -> None:
    """A worker met a fault that trying again would not mend; what was done stays done and can be undone."""
    found = locked(of)
    if found.state in WORKING:
        if found.run:
            run_finish(run=found.run, result={}, at=at, error=error[:2000])
        move(found, State.FAILED, at, error=error[:2000], stopped_in=found.state)


def import_end(*, of: Import, state: str, at: datetime, **fields: Any) -> None:
    """The work that a worker did is complete."""
    if of.run:
        run_finish(run=of.run, result=of.counts, at=at)
        Run.objects.filter(pk=of.run.pk).update(done=of.run.total)
    move(of, state, at, **fields)
    if state in (State.DONE, State.UNDONE):
        action = "import" if state == State.DONE else "undo"
        changes = {name: [None, number] for name, number in of.counts.items() if number}
        audit_add(actor=actor_of(of), action=action, target=of, at=at, changes=changes)

"""A worker's part: checks, runs and undoes in steps that commit, so that one who dies loses a step and no more."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation
from django.utils.translation import ngettext

from common.bulk import analyze
from common.locks import ACCOUNT_IDS, transaction_lock
from imports.models import Import, ImportFile, ImportRow
from imports.planning import Suggestion, Typed, typed_rows
from imports.reading import read_sheet
from imports.registry import CHANGED, CREATED, FATES, REFUSED, UNCHANGED, Past, Plan, Row, Target, Work, target_of
from imports.services.start import row_of
from imports.services.states import State, actor_of, import_end, import_stop
from imports.services.strike import rows_strike
from imports.words import value_words
from operations.days import local_date
from operations.services import commit_without_wait, run_progress
from tenants.models import Tenant
from tenants.scope import tenant_scope

logger = logging.getLogger(__name__)
AT_ONCE = 500
GROWN = frozenset({1, 4, 16, 64})  # parts after which tables are so much larger that plans made before are wrong
SHOWN = 12
MOST_SUGGESTIONS = 5_000
Clock = Callable[[], datetime]


@dataclass
class Opened:
    """An import's file made ready: its rows, each to be planned, and what is known of the whole."""

    of: Import
    target: Target
    rows: list[Row]
    work: Work
    suggestions: list[Suggestion]
    findings: list[str]


def import_advance(*, tenant: Tenant, pk: int, clock: Clock) -> None:
    """Do what an import waits for, to its end. Several at once share the steps; called again, it goes on."""
    with tenant_scope(tenant):
        of = Import.objects.filter(pk=pk).first()
    if of is None or of.state not in _STEPS:
        return
    try:
        with translation.override(of.language):
            _STEPS[of.state](tenant, of, clock)
    except Exception as error:
        logger.exception("import %s of %s stopped", pk, tenant.slug)
        if transaction.get_connection().in_atomic_block:
            raise
        with tenant_scope(tenant):
            import_stop(of=of, error=f"{type(error).__name__}: {error}", at=clock())


def opened(of: Import, tenant: Tenant, at: datetime) -> Opened:
    """Read an import's file and clean it, without what is an erased person's."""
    held = read(of, tenant, at)
    if gone := held.target.turn_away(held.rows, held.work):
        held.rows = rows_strike(of, gone, held.rows, at)
    return held


def read(of: Import, tenant: Tenant, at: datetime) -> Opened:
    """Read an import's file: its rows in the order in which they are worked off."""
    target = target_of(of.target)
    if target is None:
        raise ValueError(f"nothing registers {of.target}")
    sheet = read_sheet(bytes(ImportFile.objects.get(of=of).raw))
    mapping = {int(number): key for number, key in of.mapping.items()}
    work = Work(tenant, actor_of(of), at, local_date(tenant.timezone, at), label=f"import: {of.filename}"[:100],
                columns=frozenset(mapping.values()))  # fmt: skip
    typed = typed_rows(sheet=sheet, mapping=mapping, target=target, accepted=of.accepted, work=work)
    rows = target.gather(typed.rows, work)
    return Opened(of, target, rows, work, list(typed.suggestions.values()), _findings(typed))


def _findings(typed: Typed) -> list[str]:
    if not typed.twins:
        return []
    said = ngettext(
        "%(n)d row repeats an id that stands above it. The first counts.",
        "%(n)d rows repeat an id that stands above them. The first counts.",
        typed.twins,
    )
    return [said % {"n": typed.twins}]


def _parts(rows: Sequence[Row], start: int = 0) -> Iterator[Sequence[Row]]:
    for place in range(start, len(rows), AT_ONCE):
        yield rows[place : place + AT_ONCE]


def _check(tenant: Tenant, of: Import, clock: Clock) -> None:
    """Plan every row without writing any; then the import is ready."""
    with tenant_scope(tenant):
        held = opened(of, tenant, clock())
        findings = held.findings + held.target.findings(held.rows, held.work)
        turned = ImportRow.objects.filter(of=of, fate=REFUSED).count()  # erased persons' rows have left the file
    counts = {**dict.fromkeys(FATES, 0), REFUSED: turned}
    preview: dict[str, list[Any]] = {fate: [] for fate in FATES}
    partly = 0
    for part in _parts(held.rows):
        with tenant_scope(tenant):
            for plan in held.target.plan(part, held.work):
                plan.fate = REFUSED if plan.row.is_out else plan.fate
                counts[plan.fate] += len(plan.row.all_lines)
                partly += plan.fate != REFUSED and bool(plan.row.notes)
                if len(preview[plan.fate]) < SHOWN:
                    preview[plan.fate].append(shown(plan))
            _beat(of, sum(counts.values()), of.rows_total, clock())
    suggestions = [_told(one) for one in sorted(held.suggestions, key=lambda one: -one.count)]
    findings += _left_out(partly, len(suggestions))
    with tenant_scope(tenant):
        now = Import.objects.select_for_update().get(pk=of.pk)
        if now.state == State.CHECKING and now.run_id == of.run_id:
            import_end(of=now, state=State.READY, at=clock(), counts=counts, preview=preview, findings=findings,
                       suggestions=suggestions[:MOST_SUGGESTIONS])  # fmt: skip


def _left_out(partly: int, suggestions: int) -> list[str]:
    """What a page cannot show row by row, or not yet."""
    found = []
    if partly:
        said = ngettext("In %(n)d row a value is left out; the row says which and why.",
                        "In %(n)d rows values are left out; each row says which and why.", partly)  # fmt: skip
        found.append(said % {"n": partly})
    if suggestions > MOST_SUGGESTIONS:
        said = ngettext("%(n)d further suggestion follows once those below are decided.",
                        "%(n)d further suggestions follow once those below are decided.",
                        suggestions - MOST_SUGGESTIONS)  # fmt: skip
        found.append(said % {"n": suggestions - MOST_SUGGESTIONS})
    return found


def shown(plan: Plan) -> dict[str, Any]:
    """A plan as a page shows it."""
    changes = [[name, value_words(plan.before.get(name)), value_words(new)] for name, new in plan.after.items()]
    return {
        "line": plan.row.line, "key": plan.key, "name": plan.name, "changes": changes, "reasons": plan.row.told,
    }  # fmt: skip


def _told(one: Suggestion) -> dict[str, Any]:
    return {
        "key": one.key, "field": one.field, "rule": one.rule, "text": one.text, "value": one.value, "line": one.line,
        "each": one.each, "count": one.count, "other": one.other, "one": one.one,
    }  # fmt: skip


def _beat(of: Import, done: int, total: int, at: datetime) -> None:
    Import.objects.filter(pk=of.pk).update(beat_at=at)
    if of.run:
        run_progress(run=of.run, done=done, total=total)


def _run(tenant: Tenant, of: Import, clock: Clock) -> None:
    """Write the rows, part by part; a part is written wholly or not at all, and its place with it."""
    with tenant_scope(tenant):
        held = opened(of, tenant, of.beat_at)
    while _run_part(tenant, held, clock):
        pass


def _run_part(tenant: Tenant, held: Opened, clock: Clock) -> bool:
    with tenant_scope(tenant):
        commit_without_wait()  # a crash may undo a part, together with its place
        of = Import.objects.select_for_update(skip_locked=True).filter(
            pk=held.of.pk, state=State.RUNNING
        ).first()  # fmt: skip
        if of is None:
            return False
        _hold_still(tenant)
        part = next(_parts(held.rows, of.position), [])
        plans, made = write_part(held.target, part, held.work) if part else ([], [])
        kept = [row_of(of, plan) for plan in (*made, *plans) if plan.fate != UNCHANGED]
        ImportRow.objects.bulk_create(kept, batch_size=2_000)
        for plan in plans:
            of.counts[plan.fate] = of.counts.get(plan.fate, 0) + len(plan.row.all_lines)
        of.position += len(part)
        if of.position // AT_ONCE in GROWN and held.target.tables:
            analyze("imports_importrow", "tenants_auditentry", *held.target.tables)
        of.save(update_fields=["counts", "position"])
        _beat(of, sum(of.counts.values()), of.rows_total, clock())
        if of.position >= len(held.rows):
            import_end(of=of, state=State.DONE, at=clock(), finished_at=clock())
            return False
    return True


def _hold_still(tenant: Tenant) -> None:
    """Let nobody else load anything until this part is committed: what is planned must still be so when it is written,
    or the record would call new what another import, a program or a person has just made, and undoing would delete it.
    """
    transaction_lock(ACCOUNT_IDS, tenant.pk)


def write_part(target: Target, part: Sequence[Row], work: Work) -> tuple[list[Plan], list[Plan]]:
    """Write some rows: all at once, or one by one where that is refused, so that only the bad ones stay out."""
    try:
        with transaction.atomic():
            return _write(target, part, work)
    except ValidationError:
        pass
    plans: list[Plan] = []
    made: list[Plan] = []
    for row in part:
        try:
            with transaction.atomic():
                one, more = _write(target, [row], work)
        except ValidationError as fault:
            row.reasons = [str(message) for message in fault.messages]
            one, more = target.plan([row], work), []
            for plan in one:
                plan.fate, plan.before, plan.after = REFUSED, {}, {}
        plans += one
        made += more
    return plans, made


def _write(target: Target, part: Sequence[Row], work: Work) -> tuple[list[Plan], list[Plan]]:
    plans = target.plan(part, work)
    for plan in plans:
        plan.fate = REFUSED if plan.row.is_out else plan.fate
    doing = [plan for plan in plans if plan.fate in (CREATED, CHANGED)]
    made = target.write(doing, work) if doing else []
    new = [past_of(plan) for plan in doing if plan.fate == CREATED]
    present = target.present(new, work) if new else {}
    for plan in doing:
        if plan.fate == CREATED:
            plan.after = present.get(plan.key, plan.after)
    return plans, made


def past_of(row: Plan | ImportRow) -> Past:
    """What a row did, to be put back."""
    return Past(row.noun, row.key, row.name, row.fate, row.before, row.after)


def _undo(tenant: Tenant, of: Import, clock: Clock) -> None:
    target = target_of(of.target)
    if target is None:
        raise ValueError(f"nothing registers {of.target}")
    while _undo_part(tenant, of, target, clock):
        pass


def _undo_part(tenant: Tenant, of: Import, target: Target, clock: Clock) -> bool:
    """Put back the last rows that are not put back yet: backwards, because later ones may stand on earlier ones."""
    from imports.services.undo import part_undo

    with tenant_scope(tenant):
        commit_without_wait()  # a crash may undo a part, together with its place
        now = Import.objects.select_for_update(skip_locked=True).filter(
            pk=of.pk, state=State.UNDOING
        ).first()  # fmt: skip
        if now is None:
            return False
        work = Work(
            tenant, actor_of(now), clock(), local_date(tenant.timezone, clock()), label=f"undo: {of.filename}"[:100]
        )
        _hold_still(tenant)
        rows = list(ImportRow.objects.filter(of=now, undone="").exclude(fate=REFUSED).order_by("-id")[:AT_ONCE])
        part_undo(rows=rows, target=target, work=work)
        for row in rows:
            if row.fate != "made":
                now.counts[row.undone] = now.counts.get(row.undone, 0) + 1
        now.save(update_fields=["counts"])
        done = now.counts.get("back", 0) + now.counts.get("kept", 0)
        _beat(now, done, now.run.total if now.run else done, clock())
        if not rows:
            import_end(of=now, state=State.UNDONE, at=clock(), undone_at=clock())
        return bool(rows)


_STEPS: dict[str, Callable[[Tenant, Import, Clock], None]] = {
    State.CHECKING: _check,
    State.RUNNING: _run,
    State.UNDOING: _undo,
}

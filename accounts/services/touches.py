"""Writes touches, next steps and events."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Account, Contact, NextStep, SearchToken, Touch, TouchContact
from accounts.services.changes import plain
from accounts.services.finding import search_fill
from common.locks import ACCOUNT_IDS, transaction_lock
from common.plausible import When, day_fault, demand
from tenants.models import Member, Tenant
from tenants.personal import ErasedPerson, blocked, turned_away
from tenants.personal.blocks import TEXT
from tenants.services import audit_add

TWO_WAY_KINDS = frozenset({Touch.Kind.CALL, Touch.Kind.MEETING, Touch.Kind.VISIT, Touch.Kind.TRAINING})


def is_two_way(kind: str, answered: bool) -> bool:
    """Whether a touch ends a silence: calls, meetings, visits and trainings do, anything else when it was answered.

    To have sat in an event is no answer.
    """
    return kind in TWO_WAY_KINDS or answered


def was_answered(touch: Touch) -> bool:
    """Whether somebody said that the customer answered. A call is two-way by its kind, which says nothing of an answer
    to the mail that it turns out to have been.
    """
    return touch.two_way and touch.kind not in TWO_WAY_KINDS


def touch_log(
    *,
    account: Account,
    kind: str,
    on: date,
    note: str,
    by: Member | None,
    at: datetime,
    answered: bool = False,
    contacts: Iterable[Contact] = (),
    level: str = "",
    step: str = "",
    step_due: date | None = None,
    external_id: str | None = None,
    label: str = "",
    **more: Any,
) -> Touch:
    """Log a touch, with a next step when one is given (`step` and the day it is due).

    Raises ValidationError for an empty note, a day in the future or long ago, a contact of another account, or a step
    without a plausible day.
    """
    people = touch_check(account, list(contacts), on, at)
    _erased_check(note)
    if step and step_due is None:
        raise ValidationError({"step": _("By when? Add a day, such as “in 2 weeks”.")})
    touch = Touch(account=account, kind=kind, on=on, note=note, level=level, author=by, created_at=at, **more)
    touch.external_id, touch.two_way = external_id, is_two_way(kind, answered)
    touch.full_clean(exclude=["tenant"])
    touch.save()
    TouchContact.objects.bulk_create([TouchContact(touch=touch, contact=contact) for contact in people])
    search_fill(touches=[touch])
    audit_add(
        actor=by, action="log", target=touch, at=at, changes={"account": [None, account.name]}, label=label or None
    )
    if step and step_due:
        step_add(account=account, text=step, due_on=step_due, touch=touch, at=at, by=by)
    return touch


def _erased_check(note: str) -> None:
    """Raises ErasedPerson for a text that was blacked out because it named an erased person."""
    if blocked(TEXT, [note]):
        raise ErasedPerson


def touch_check(account: Account, people: list[Contact], on: date, at: datetime) -> list[Contact]:
    """The people, where they are the account's and the day has come; raises ValidationError."""
    if any(contact.account_id != account.pk for contact in people):
        raise ValidationError({"contacts": _("These people belong to another account.")})
    _day_check(on, at)
    return people


def _day_check(on: date, at: datetime) -> None:
    if fault := day_fault(on, When.PAST, at.date()):
        ahead = _("A touch is logged once it has happened; this day lies in the future.")
        raise ValidationError({"on": ahead if on > at.date() else fault})


def touch_change(
    *, touch: Touch, values: Mapping[str, Any], at: datetime, by: Member | None, label: str = ""
) -> dict[str, list[Any]]:
    """Change a touch; returns `{field: [old, new]}`. `values` as `touch_log` takes them, steps apart."""
    people = None
    if values.get("on", touch.on) != touch.on:
        _day_check(values["on"], at)
    if "contacts" in values:
        people = touch_check(touch.account, list(values["contacts"]), values.get("on", touch.on), at)
    if values.get("note", touch.note) != touch.note:
        _erased_check(values["note"])
    changes = touch_apply(touch, values)
    touch.full_clean(exclude=["tenant"])
    changes |= _people_set(touch, people)
    if changes:
        stored = {"answered": "two_way", "contacts": ""}
        touch.save(update_fields=[field for name in changes if (field := stored.get(name, name))])
        search_fill(touches=[touch])
        audit_add(actor=by, action="change", target=touch, at=at, changes=changes, label=label or None)
    return changes


def touch_apply(touch: Touch, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set a touch's own fields; returns what changed, `{field: [old, new]}`. Whoever calls saves it."""
    changes: dict[str, list[Any]] = {}
    answered = values.get("answered", was_answered(touch))
    for field in ("kind", "on", "note", "level"):
        if field in values and getattr(touch, field) != values[field]:
            changes[field] = [plain(getattr(touch, field)), plain(values[field])]
            setattr(touch, field, values[field])
    two_way = is_two_way(touch.kind, answered)
    if two_way != touch.two_way:
        changes["answered"] = [touch.two_way, two_way]
        touch.two_way = two_way
    return changes


def _people_set(touch: Touch, people: Sequence[Contact] | None) -> dict[str, list[Any]]:
    if people is None:
        return {}
    held = list(touch.contacts.order_by("name", "id"))
    if {one.pk for one in held} == {one.pk for one in people}:
        return {}
    TouchContact.objects.filter(touch=touch).delete()
    TouchContact.objects.bulk_create([TouchContact(touch=touch, contact=contact) for contact in people])
    return {"contacts": [[one.name for one in held], [one.name for one in people]]}


def touch_delete(*, touch: Touch, at: datetime, by: Member) -> None:
    """Delete a touch and its open next steps; the audit trail keeps the note, and days silent count without it."""
    changes = {"account": [touch.account.name, None], "note": [touch.note, None], "on": [plain(touch.on), None]}
    audit_add(actor=by, action="delete", target=touch, at=at, changes=changes)
    NextStep.objects.filter(touch=touch, done_at=None).delete()
    SearchToken.objects.filter(kind=SearchToken.Kind.TOUCH, object_id=touch.pk).delete()
    touch.delete()


def step_add(
    *, account: Account, text: str, due_on: date, at: datetime, by: Member | None, touch: Touch | None = None
) -> NextStep:
    """Promise something to an account by a day; it is the promiser's, or the account's CSM's where a program acts."""
    demand({"due_on": due_on}, {"due_on": When.DUE}, at)
    owner = by.pk if by else account.csm_id
    step = NextStep(account=account, touch=touch, text=text.strip(), due_on=due_on, owner_id=owner, created_at=at)
    step.full_clean(exclude=["tenant"])
    step.save()
    audit_add(actor=by, action="create", target=step, at=at, changes={"due_on": [None, plain(due_on)]})
    return step


def step_done(*, step: NextStep, at: datetime, by: Member) -> None:
    """The promise is kept. Once is enough."""
    if step.done_at is None:
        step.done_at, step.done_by = at, by
        step.save()
        audit_add(actor=by, action="done", target=step, at=at)


def step_reopen(*, step: NextStep, at: datetime, by: Member) -> None:
    """Take back that a promise was kept."""
    if step.done_at is not None:
        step.done_at, step.done_by = None, None
        step.save()
        audit_add(actor=by, action="reopen", target=step, at=at)


def touches_upsert(
    *, tenant: Tenant, rows: Sequence[Mapping[str, Any]], at: datetime, by: Member | None, label: str = ""
) -> list[tuple[str, Touch | None]]:
    """Create or change touches by `external_id`, in order. Twice is the same as once. One whose text was blacked out
    for an erased person is counted and passed over: erased, without a touch.

    Raises ValidationError with `{row number: reasons}`.
    """
    transaction_lock(ACCOUNT_IDS, tenant.pk)
    ids = [row["external_id"] for row in rows]
    held = {t.external_id: t for t in Touch.objects.filter(external_id__in=ids).select_related("account")}
    results: list[tuple[str, Touch | None]] = []
    for number, row in enumerate(rows):
        try:
            fate, touch = _upsert(held.get(row["external_id"]), row, at=at, by=by, label=label)
        except ErasedPerson:
            results.append(("erased", None))
            continue
        except ValidationError as fault:
            raise ValidationError({str(number): fault.messages}) from fault
        held[touch.external_id] = touch
        results.append((fate, touch))
    turned_away(door="api", count=sum(fate == "erased" for fate, _touch in results), at=at)
    return results


def _upsert(
    touch: Touch | None, row: Mapping[str, Any], *, at: datetime, by: Member | None, label: str
) -> tuple[str, Touch]:
    values = dict(row)
    if touch is None:
        missing = [name for name in ("account", "kind", "on", "note") if name not in values]
        if missing:
            raise ValidationError(_("A new touch needs: %(names)s.") % {"names": ", ".join(missing)})
        return "created", touch_log(at=at, by=by, label=label, **values)
    if "account" in values and values["account"].pk != touch.account_id:
        raise ValidationError(_("This touch belongs to another account."))
    changes = touch_change(touch=touch, values=values, at=at, by=by, label=label)
    return ("changed" if changes else "unchanged"), touch

"""Touches from files: many at once, in a few statements however many they are."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.models import Contact, NextStep, SearchToken, Touch, TouchContact
from accounts.services.changes import plain
from accounts.services.finding import search_fill
from accounts.services.touches import touch_apply, touch_check
from tenants.models import Member
from tenants.personal import ErasedPerson, blocked
from tenants.personal.blocks import TEXT
from tenants.services import audit_entry, audits_add

AT_ONCE = 1_000
Rows = Sequence[tuple[Touch, Mapping[str, Any]]]


def touches_load(*, rows: Rows, at: datetime, by: Member | None, label: str = "") -> None:
    """Save touches with their values, as `touch_change` takes them; those that are not saved yet are new, with account,
    author, own id and `created_at`. Contacts of touches that are held are expected to be loaded.

    All or nothing: raises ValidationError as `touch_log` does, and the caller's transaction ends.
    """
    new = [touch for touch, _values in rows if touch.pk is None]
    if blocked(TEXT, [values["note"] for touch, values in rows if values.get("note", touch.note) != touch.note]):
        raise ErasedPerson
    for touch, values in rows:
        touch_check(touch.account, list(values.get("contacts", ())), values.get("on", touch.on), at)
    made = {id(touch) for touch in new}
    changes = [_own(touch, values) for touch, values in rows]
    Touch.objects.bulk_create(new, batch_size=AT_ONCE)
    told = [t for (t, _values), moved in zip(rows, changes, strict=True) if moved and id(t) not in made]
    if told:
        Touch.objects.bulk_update(told, ["kind", "on", "note", "level", "two_way"], batch_size=AT_ONCE)
    for (touch, values), moved in zip(rows, changes, strict=True):
        moved |= _people_moved(touch, values, id(touch) in made)
    _people_write([(t, values) for (t, values), moved in zip(rows, changes, strict=True) if "contacts" in moved])
    search_fill(touches=[t for (t, _v), moved in zip(rows, changes, strict=True) if id(t) in made or "note" in moved])
    _tell(rows, changes, made, at=at, by=by, label=label)


def _own(touch: Touch, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set the touch's own fields; returns what changed."""
    creating = touch.pk is None
    if creating:
        touch.two_way = False
    changes = touch_apply(touch, values)
    touch.clean_fields(exclude=["tenant", "account", "author", "event"])
    return {} if creating else changes


def _people_moved(touch: Touch, values: Mapping[str, Any], is_new: bool) -> dict[str, list[Any]]:
    if "contacts" not in values:
        return {}
    held: list[Contact] = [] if is_new else sorted(touch.contacts.all(), key=lambda one: (one.name, one.pk))
    if {one.pk for one in held} == {one.pk for one in values["contacts"]}:
        return {}
    return {"contacts": [[one.name for one in held], [one.name for one in values["contacts"]]]}


def _people_write(rows: Rows) -> None:
    TouchContact.objects.filter(touch__in=[touch.pk for touch, _values in rows]).delete()
    TouchContact.objects.bulk_create(
        [TouchContact(touch=touch, contact=contact) for touch, values in rows for contact in values["contacts"]],
        batch_size=2_000,
    )


def _tell(
    rows: Rows, changes: Sequence[dict[str, list[Any]]], made: Collection[int], *, at: datetime, by: Member | None,
    label: str,
) -> None:  # fmt: skip
    entries = []
    for (touch, _values), moved in zip(rows, changes, strict=True):
        creating = id(touch) in made
        said = {"account": [None, touch.account.name]} if creating else moved
        if said:
            action = "log" if creating else "change"
            entries.append(audit_entry(actor=by, action=action, target=touch, at=at, changes=said, label=label or None))
    audits_add(entries)


def touches_remove(*, touches: Collection[Touch], at: datetime, by: Member | None, label: str = "") -> None:
    """Delete touches and their open next steps; the audit trail keeps the notes."""
    audits_add(
        [
            audit_entry(
                actor=by, action="delete", target=one, at=at, label=label or None,
                changes={
                    "account": [one.account.name, None], "note": [one.note, None], "on": [plain(one.on), None]
                },
            )
            for one in touches
        ]
    )  # fmt: skip
    ids = [one.pk for one in touches]
    NextStep.objects.filter(touch__in=ids, done_at=None).delete()
    SearchToken.objects.filter(kind=SearchToken.Kind.TOUCH, object_id__in=ids).delete()
    Touch.objects.filter(pk__in=ids).delete()

"""Contacts from files: many at once, in a few statements however many they are."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.models import Contact, SearchToken
from accounts.selectors.fields import field_list
from accounts.services.changes import plain
from accounts.services.fields import Changes, values_load
from accounts.services.finding import search_fill
from accounts.services.people import contact_apply, erased_check, superiors_check
from tenants.models import Member
from tenants.personal.blocks import anybody_blocked
from tenants.services import audit_entry, audits_add

AT_ONCE = 1_000
Rows = Sequence[tuple[Contact, Mapping[str, Any]]]


def contacts_load(*, rows: Rows, at: datetime, by: Member | None, label: str = "") -> None:
    """Save contacts with their values, as `contact_save` takes them; contacts that are not saved yet are new ones with
    account and `created_at`. A superior may be among them.

    All or nothing: raises ValidationError as `contact_save` does, and the caller's transaction ends.
    """
    new = [contact for contact, _values in rows if contact.pk is None]
    changes = [_own(contact, values) for contact, values in rows]
    _check(rows, changes)
    Contact.objects.bulk_create(new, batch_size=AT_ONCE)
    for (contact, values), moved in zip(rows, changes, strict=True):
        if "reports_to" in values:
            moved |= contact_apply(contact, {"reports_to": values["reports_to"]})
    superiors_check(contacts=[c for (c, _values), moved in zip(rows, changes, strict=True) if "reports_to" in moved])
    _write(rows, changes, new)
    _tell(rows, changes, _custom(rows), {id(contact) for contact in new}, at=at, by=by, label=label)


def _own(contact: Contact, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set what needs no other contact; returns what changed."""
    return contact_apply(contact, {name: value for name, value in values.items() if name != "reports_to"})


def _check(rows: Rows, changes: Sequence[Mapping[str, Any]]) -> None:
    somebody = anybody_blocked()
    for (contact, _values), moved in zip(rows, changes, strict=True):
        if somebody:
            erased_check(contact, contact.pk is None, moved)
        contact.clean_fields(exclude=["tenant", "account", "reports_to"])


def _write(rows: Rows, changes: Sequence[Mapping[str, Any]], new: Sequence[Contact]) -> None:
    made = {id(contact) for contact in new}
    told = [
        contact for (contact, _values), moved in zip(rows, changes, strict=True)
        if moved and (id(contact) not in made or "reports_to" in moved)
    ]  # fmt: skip
    columns = sorted({name for moved in changes for name in moved})
    if told:
        Contact.objects.bulk_update(told, columns, batch_size=AT_ONCE)
    search_fill(
        contacts=[c for (c, _values), moved in zip(rows, changes, strict=True) if id(c) in made or "name" in moved]
    )


def _custom(rows: Rows) -> list[Changes]:
    pairs = [(contact, values.get("custom") or {}) for contact, values in rows]
    if not any(values for _contact, values in pairs):
        return [{} for _pair in pairs]
    return values_load(pairs=pairs, fields=field_list(holder="contact"))


def _tell(
    rows: Rows, changes: Sequence[dict[str, list[Any]]], custom: Sequence[Changes], made: Collection[int],
    *, at: datetime, by: Member | None, label: str,
) -> None:  # fmt: skip
    entries = []
    for (contact, _values), moved, more in zip(rows, changes, custom, strict=True):
        creating = id(contact) in made
        said = {} if creating else dict(moved)
        said |= {field.label: [plain(old), plain(value)] for field, (old, value) in more.items()}
        if creating or said:
            action = "create" if creating else "change"
            entries.append(
                audit_entry(actor=by, action=action, target=contact, at=at, changes=said, label=label or None)
            )
    audits_add(entries)


def contacts_remove(*, contacts: Collection[Contact], at: datetime, by: Member | None, label: str = "") -> None:
    """Delete contacts for good; touches keep their note, without the person."""
    audits_add(
        [
            audit_entry(
                actor=by, action="delete", target=one, at=at, changes={"account": [one.account.name, None]},
                label=label or None,
            )
            for one in contacts
        ]
    )  # fmt: skip
    ids = [one.pk for one in contacts]
    SearchToken.objects.filter(kind=SearchToken.Kind.CONTACT, object_id__in=ids).delete()
    Contact.objects.filter(pk__in=ids).delete()

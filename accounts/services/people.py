"""Writes contacts and touches."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Account, Contact, SearchToken, Touch, TouchContact
from accounts.services.changes import plain
from accounts.services.fields import values_set
from accounts.services.finding import search_fill
from accounts.tokens import name_key as name_key
from tenants.models import Member
from tenants.services import audit_add


def contact_save(
    *, account: Account, values: Mapping[str, Any], at: datetime, by: Member | None, contact: Contact | None = None
) -> Contact:
    """A new contact at the account, or a changed one."""
    creating = contact is None
    contact = contact or Contact(account=account, created_at=at)
    for field in ("name", "title", "role", "email", "phone"):
        setattr(contact, field, values.get(field, getattr(contact, field)))
    contact.full_clean(exclude=["tenant"])
    contact.save()
    search_fill(contacts=[contact])
    custom = values_set(holder=contact, values=values["custom"]) if values.get("custom") else {}
    told = {field.label: [plain(old), plain(new)] for field, (old, new) in custom.items()}
    audit_add(actor=by, action="create" if creating else "change", target=contact, at=at, changes=told)
    return contact


def contact_delete(*, contact: Contact, at: datetime, by: Member) -> None:
    """Remove a contact; touches keep their note, without the person."""
    audit_add(actor=by, action="delete", target=contact, at=at)
    SearchToken.objects.filter(kind=SearchToken.Kind.CONTACT, object_id=contact.pk).delete()
    contact.delete()


TWO_WAY_KINDS = frozenset({Touch.Kind.CALL, Touch.Kind.MEETING, Touch.Kind.VISIT, Touch.Kind.TRAINING})


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
) -> Touch:
    """Log a touch. Calls, meetings, visits and trainings are two-way; mails and messages when the customer answered.

    Raises ValidationError for an empty note, a day in the future, or a contact of another account.
    """
    people = list(contacts)
    if any(contact.account_id != account.pk for contact in people):
        raise ValidationError({"contacts": _("These people belong to another account.")})
    if on > at.date() and (on - at.date()).days > 1:
        raise ValidationError({"on": _("A touch is logged once it has happened; this day lies in the future.")})
    touch = Touch(
        account=account,
        kind=kind,
        on=on,
        note=note,
        two_way=kind in TWO_WAY_KINDS or answered,
        author=by,
        created_at=at,
    )
    touch.full_clean(exclude=["tenant"])
    touch.save()
    TouchContact.objects.bulk_create([TouchContact(touch=touch, contact=contact) for contact in people])
    audit_add(actor=by, action="log", target=touch, at=at, changes={"account": [None, account.name]})
    return touch

"""Writes events for customers, and who was invited and came."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Contact, CustomerEvent, Invitee, Touch
from accounts.services.touches import touch_delete, touch_log
from common.plausible import When, demand
from tenants.models import Member
from tenants.services import audit_add

EVENT_FIELDS = ("kind", "name", "on", "place", "level")


def event_save(
    *, values: Mapping[str, Any], at: datetime, by: Member, event: CustomerEvent | None = None
) -> CustomerEvent:
    """A new event, or a changed one; its attendances follow its day, name and level."""
    creating = event is None
    event = event or CustomerEvent(host=by, created_at=at)
    demand(values, {"on": When.DUE}, at)
    for field in EVENT_FIELDS:
        setattr(event, field, values.get(field, getattr(event, field)))
    event.full_clean(exclude=["tenant"])
    event.save()
    Touch.objects.filter(event=event).update(on=event.on, note=event.name, level=event.level)
    audit_add(actor=by, action="create" if creating else "change", target=event, at=at)
    return event


def invitees_add(*, event: CustomerEvent, contacts: Iterable[Contact], at: datetime, by: Member) -> int:
    """Invite people of any accounts; returns how many were not invited before."""
    held = set(Invitee.objects.filter(event=event).values_list("contact_id", flat=True))
    fresh = [contact for contact in {one.pk: one for one in contacts}.values() if contact.pk not in held]
    Invitee.objects.bulk_create([Invitee(event=event, contact=contact) for contact in fresh])
    if fresh:
        changes = {"invited": [None, [contact.name for contact in fresh]]}
        audit_add(actor=by, action="change", target=event, at=at, changes=changes)
    return len(fresh)


def invitee_remove(*, invitee: Invitee, at: datetime, by: Member) -> None:
    """Take an invitation back. Who came stays: raises ValidationError."""
    if invitee.touch_id:
        raise ValidationError(_("This person came; take the attendance back first."))
    changes = {"invited": [invitee.contact.name, None]}
    audit_add(actor=by, action="change", target=invitee.event, at=at, changes=changes)
    invitee.delete()


def attendance_set(*, invitee: Invitee, came: bool, at: datetime, by: Member) -> None:
    """Whether an invited person came: then it is a touch of their account, one-way until somebody spoke with them.

    Raises ValidationError before the event's day.
    """
    event, contact = invitee.event, invitee.contact
    if came and invitee.touch is None:
        invitee.touch = touch_log(
            account=contact.account,
            kind=Touch.Kind.EVENT,
            on=event.on,
            note=event.name,
            by=by,
            at=at,
            contacts=[contact],
            level=event.level,
            event=event,
        )
        invitee.save()
    elif not came and invitee.touch is not None:
        touch, invitee.touch = invitee.touch, None
        invitee.save()
        touch_delete(touch=touch, at=at, by=by)

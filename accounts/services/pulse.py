"""Writes what CSMs think of accounts."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Account, Pulse
from tenants.models import Member
from tenants.services import audit_add


def pulse_set(
    *, account: Account, feeling: str, reason: str, note: str, on: date, by: Member | None, at: datetime
) -> Pulse:
    """Note how it goes with the account on a day. A member's second one on a day takes the place of the first. Raises
    ValidationError by field.
    """
    faults = {}
    if feeling not in Pulse.Feeling.values:
        faults["feeling"] = _("Choose good, mixed or bad.")
    if reason not in Pulse.Reason.values:
        faults["reason"] = _("Choose what it rests on most.")
    if faults:
        raise ValidationError(faults)
    values = {"feeling": feeling, "reason": reason, "note": note.replace("\x00", "").strip()[:1000], "created_at": at}
    pulse, made = Pulse.objects.update_or_create(account=account, on=on, author=by, defaults=values)
    changes = {"feeling": [None, feeling], "reason": [None, reason]}
    audit_add(actor=by, action="create" if made else "change", target=pulse, at=at, changes=changes)
    return pulse

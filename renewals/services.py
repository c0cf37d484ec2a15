"""Writes of the renewals room."""

from datetime import datetime
from decimal import Decimal

from renewals.selectors import revenue_setting
from tenants.models import Member
from tenants.services import audit_add


def revenue_setting_set(*, gross_margin: Decimal | None, grace_days: int, at: datetime, by: Member) -> None:
    """How revenue figures are made from now on. Raises ValidationError."""
    setting = revenue_setting()
    fresh = {"gross_margin": gross_margin, "grace_days": grace_days}
    changes = {
        name: [_plain(getattr(setting, name)), _plain(value)]
        for name, value in fresh.items()
        if getattr(setting, name) != value
    }
    for name, value in fresh.items():
        setattr(setting, name, value)
    setting.full_clean(exclude=["tenant"])
    setting.save()
    if changes:
        audit_add(actor=by, action="change", target=setting, at=at, changes=changes)


def _plain(value: Decimal | int | None) -> str | int | None:
    return str(value) if isinstance(value, Decimal) else value

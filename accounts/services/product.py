"""Writes the tenant's product."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.models import Feature
from accounts.services.changes import plain
from accounts.tokens import name_key as name_key
from tenants.models import Member
from tenants.services import audit_add


def feature_save(
    *, values: Mapping[str, Any], at: datetime, by: Member | None, feature: Feature | None = None, label: str = ""
) -> Feature:
    """A new feature, or a changed one: key, name, core, entitled_by_default, target_uses."""
    creating = feature is None
    feature = feature or Feature(created_at=at)
    changes = {}
    for field in ("key", "name", "core", "entitled_by_default", "target_uses"):
        if field in values and getattr(feature, field) != values[field]:
            changes[field] = [plain(getattr(feature, field)), plain(values[field])]
            setattr(feature, field, values[field])
    feature.full_clean(exclude=["tenant"])
    feature.save(update_fields=None if creating else list(changes))
    if creating or changes:
        audit_add(
            actor=by,
            action="create" if creating else "change",
            target=feature,
            at=at,
            changes=changes,
            label=label or None,
        )
    return feature

"""Writes what tracked fields of accounts held when."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Model

from accounts.models import Account, AccountFieldHistory

# What time travel shows as it was. Custom fields are tracked too, under their own names.
TRACKED = ("csm", "lifecycle_stage", "segment", "tier", "arr")


def history_value(value: Any) -> str | None:
    """A value as history keeps it."""
    if value is None or value == "":
        return None
    if isinstance(value, Model):
        return str(value.pk)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    return value.isoformat() if isinstance(value, date) else str(value)


def history_add(*, account: Account, values: Mapping[str, Any], at: datetime) -> None:
    """From `at` on the account's fields hold these values."""
    AccountFieldHistory.objects.bulk_create(history_rows(account=account, values=values, at=at))


def history_rows(*, account: Account, values: Mapping[str, Any], at: datetime) -> list[AccountFieldHistory]:
    """The rows of `history_add`, for callers that write many at once."""
    return [
        AccountFieldHistory(account=account, field=field, value=history_value(value), at=at)
        for field, value in values.items()
    ]


def tracked_values(account: Account, fields: Iterable[str] = TRACKED) -> dict[str, Any]:
    """What the account's tracked fields hold now."""
    return {field: getattr(account, field) for field in TRACKED if field in set(fields) and hasattr(account, field)}

"""How changes are written down."""

from typing import Any


def plain(value: Any) -> Any:
    """A value as the audit trail keeps it."""
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)

"""Reads who changed what."""

from accounts.cells import Cell
from accounts.models import Account
from tenants.models import AuditEntry


def last_change(*, account: Account, cell: Cell) -> AuditEntry | None:
    """The latest entry of the audit trail that names the field of the account."""
    name = cell.custom.label if cell.custom else cell.key
    entries = AuditEntry.objects.filter(noun="account", object_id=account.pk, changes__has_key=name)
    return entries.order_by("-at", "-id").first()

"""A tenant as a whole: written to a file, read from one into this or another installation, deleted.

`tenant_export` and `tenant_import` move every row that belongs to a tenant, whatever app it is of: the tables are found
by their reference to the tenant, so a new table takes part by itself. Ids are shifted by a constant per table, so that
they meet nobody else's; apps say where ids hide outside of references (`register_hidden_id`, `register_after_import`).
"""

from tenants.transfer.deletion import tenant_delete, tenant_rows
from tenants.transfer.exporting import tenant_export
from tenants.transfer.hidden import Shifts, register_after_import, register_hidden_id, register_ids_array
from tenants.transfer.importing import TransferError, tenant_import

__all__ = [
    "Shifts",
    "TransferError",
    "register_after_import",
    "register_hidden_id",
    "register_ids_array",
    "tenant_delete",
    "tenant_export",
    "tenant_import",
    "tenant_rows",
]

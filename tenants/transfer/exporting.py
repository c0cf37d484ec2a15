"""Writes a tenant to a file."""

import json
import tempfile
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.migrations.loader import MigrationLoader

from tenants.models import Member, Tenant
from tenants.scope import tenant_scope
from tenants.transfer.tables import Table, quoted, transferred_tables

FORMAT = 1
TENANT_FIELDS = ("slug", "name", "timezone", "language", "currency", "night_hour", "csms_see_own_only", "created_at")


def tenant_export(*, tenant: Tenant, path: Path, at: datetime) -> dict[str, int]:
    """Write every row of the tenant to a zip file at one instant of the database; returns rows by table.

    The file holds personal data and no passwords, keys or links: those are made anew where it is imported. Raises
    FileExistsError where there is one of this name.
    """
    path.touch(mode=0o600, exist_ok=False)  # nobody else may read it, not even while it is written
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    try:
        with tenant_scope(tenant), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            tables = transferred_tables()
            counts = {table.name: _write(archive, table, tenant) for table in tables}
            archive.writestr("manifest.json", json.dumps(_manifest(tenant, tables, counts, at), indent=1))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE")
    return counts


def _write(archive: zipfile.ZipFile, table: Table, tenant: Tenant) -> int:
    columns = ", ".join(map(quoted, table.columns))
    query = f"SELECT {columns} FROM {quoted(table.name)} WHERE tenant_id = {tenant.pk:d}"  # noqa: S608 - own names
    with tempfile.TemporaryFile() as copied, connection.cursor() as cursor:
        cursor.copy_expert(f"COPY ({query}) TO STDOUT", copied)
        rows = int(cursor.rowcount)
        copied.seek(0)
        with archive.open(f"data/{table.name}.copy", "w", force_zip64=True) as member:
            while part := copied.read(1 << 20):
                member.write(part)
    return rows


def _manifest(tenant: Tenant, tables: list[Table], counts: dict[str, int], at: datetime) -> dict[str, Any]:
    users = [
        {"id": member.user_id, "email": member.user.email, "name": member.user.name, "language": member.user.language}
        for member in Member.objects.select_related("user").order_by("id")
    ]
    return {
        "format": FORMAT,
        "made_at": at.isoformat(),
        "migrations": migrations_applied(),
        "tenant": {field: _plain(getattr(tenant, field)) for field in TENANT_FIELDS},
        "users": users,
        "tables": [
            {
                "name": table.name,
                "columns": table.columns,
                "rows": counts[table.name],
                "largest_id": _largest_id(table, tenant),
            }
            for table in tables
        ],
    }


def _largest_id(table: Table, tenant: Tenant) -> int:
    if not table.has_id:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COALESCE(max(id), 0) FROM {quoted(table.name)} WHERE tenant_id = %s", [tenant.pk])  # noqa: S608 - own names
        return int(cursor.fetchone()[0])


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def migrations_applied() -> dict[str, str]:
    """The newest migration of every app, by which a file says which tables it fits."""
    return dict(sorted(MigrationLoader(connection).applied_migrations))

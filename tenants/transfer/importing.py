"""Reads a tenant from a file."""

import json
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, connections, transaction
from django.utils.dateparse import parse_datetime

from tenants.models import Tenant, User
from tenants.scope import tenant_scope
from tenants.services import audit_add
from tenants.transfer.exporting import FORMAT, migrations_applied
from tenants.transfer.hidden import after_import, hidden_id
from tenants.transfer.tables import Table, quoted, transferred_tables


class TransferError(RuntimeError):
    """The file cannot be imported here; nothing was kept. The message says what to do."""


def tenant_import(*, path: Path, slug: str, at: datetime) -> Tenant:
    """A new tenant `slug` with every row of the file, all or nothing.

    People are found by e-mail; those who are unknown here get no password and ask for one. Keys are made anew. Raises
    TransferError.
    """
    with _opened(path) as archive:
        manifest = _manifest(archive)
        tables = _checked(manifest, slug)
        moved = _Moved(tables, {entry["name"]: entry["largest_id"] for entry in manifest["tables"]})
        with transaction.atomic():
            tenant = Tenant.objects.create(**_settings(manifest), slug=slug)
            users = _users(manifest["users"])
            with tenant_scope(tenant):
                for table in tables:
                    _read(archive, table, tenant, moved, users)
                for work in after_import():
                    work(moved)
                audit_add(actor=None, action="import", target=tenant, at=at, label="tenant_import")
    return tenant


_UNFINISHED = "This file is no whole export of a tenant: its writing broke off, or it is something else. Export again."


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise TransferError(_UNFINISHED) from error


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    """What stands in the file; it is written last, so a file with it is whole."""
    try:
        found = json.loads(archive.read("manifest.json"))
    except (KeyError, ValueError) as error:
        raise TransferError(_UNFINISHED) from error
    if not isinstance(found, dict):
        raise TransferError(_UNFINISHED)
    return found


class _Moved:
    """How far the ids of each table move: numbers are reserved from the sequences, gaps are harmless."""

    def __init__(self, tables: list[Table], largest: dict[str, int]) -> None:
        self._by: dict[str, int] = {}
        for table in tables:
            if table.has_id:
                self._by[table.name] = _reserve(table.name, largest[table.name])

    def __call__(self, table: str) -> int:
        """What to add to an id of this table."""
        return self._by[table]


def _reserve(table: str, count: int) -> int:
    """Take `count` numbers from the table's sequence; the first is the answer plus one."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
        [sequence] = cursor.fetchone()
        cursor.execute("SELECT setval(%s, nextval(%s) + %s)", [sequence, sequence, count])
        return int(cursor.fetchone()[0]) - count


def _checked(manifest: dict[str, Any], slug: str) -> list[Table]:
    """The tables to read; raises TransferError when the file does not fit this installation."""
    if manifest.get("format") != FORMAT:
        raise TransferError("This file was not written by tenant_export of this kind of installation.")
    here = migrations_applied()
    other = sorted(app for app, name in manifest["migrations"].items() if here.get(app) != name)
    if other:
        raise TransferError(
            f"The file fits other tables ({', '.join(other)}). Import it into the version that wrote it, upgrade that "
            "installation to this version, and export again."
        )
    if Tenant.objects.filter(slug=slug).exists():
        raise TransferError(f"There is a tenant “{slug}” already. Choose another with --slug; nothing was changed.")
    tables = transferred_tables()
    held = {entry["name"]: tuple(entry["columns"]) for entry in manifest["tables"]}
    if held != {table.name: table.columns for table in tables}:
        raise TransferError("The file's tables are not those of this installation, though its version is.")
    return tables


def _settings(manifest: dict[str, Any]) -> dict[str, Any]:
    settings = {name: value for name, value in manifest["tenant"].items() if name != "slug"}
    return {**settings, "created_at": parse_datetime(settings["created_at"])}


def _users(held: list[dict[str, Any]]) -> dict[int, int]:
    """The users here by the file's ids."""
    found = {}
    for person in held:
        user = User.objects.filter(email=person["email"]).first()
        if user is None:
            user = User.objects.create_user(person["email"], name=person["name"], language=person["language"])
        found[person["id"]] = user.pk
    return found


def _read(archive: zipfile.ZipFile, table: Table, tenant: Tenant, moved: _Moved, users: dict[int, int]) -> None:
    """Copy a table's rows beside it, and from there in with its new ids (COPY is refused below a policy)."""
    columns = ", ".join(map(quoted, table.columns))
    values = ", ".join(_value(table, column, tenant, moved, users) for column in table.columns)
    with connection.cursor() as cursor, archive.open(f"data/{table.name}.copy") as rows:
        cursor.execute(f"CREATE TEMPORARY TABLE arrived AS SELECT {columns} FROM {quoted(table.name)} WITH NO DATA")  # noqa: S608 - own names
        cursor.copy_expert(f"COPY arrived ({columns}) FROM STDIN", rows)
        cursor.execute(f"INSERT INTO {quoted(table.name)} ({columns}) SELECT {values} FROM arrived")  # noqa: S608 - own names
        cursor.execute("DROP TABLE arrived")


def _value(table: Table, column: str, tenant: Tenant, moved: _Moved, users: dict[int, int]) -> str:
    name = quoted(column)
    if column == "tenant_id":
        return f"{tenant.pk:d}"
    if known := hidden_id(table.name, column):
        return known.sql(moved)
    if column in table.users:
        pairs = " ".join(f"WHEN {old:d} THEN {new:d}" for old, new in users.items())
        return f"CASE {name} {pairs} END"
    target = table.name if column == "id" and table.has_id else table.references.get(column)
    return f"{name} + {moved(target):d}" if target else name

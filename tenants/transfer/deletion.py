"""Deletes a tenant."""

from typing import Any

from django.apps import apps
from django.db import connections, transaction

from tenants.models import Tenant, User
from tenants.transfer.tables import quoted, tenant_models


def tenant_rows(*, tenant: Tenant) -> dict[str, int]:
    """How many rows each table holds of the tenant: what a deletion destroys. Empty tables are left out."""
    counts = {}
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        _as_tenant(cursor, tenant.pk)
        for table in _tables():
            cursor.execute(f"SELECT count(*) FROM {quoted(table)} WHERE tenant_id = %s", [tenant.pk])  # noqa: S608 - own names
            counts[table] = int(cursor.fetchone()[0])
    return {table: count for table, count in counts.items() if count}


def tenant_delete(*, tenant: Tenant) -> dict[str, int]:
    """Delete the tenant with every row, and the people who belong to no other tenant; returns rows by table.

    Only the owner role can: the run-time role may not touch the audit trail. One transaction, all or nothing; there is
    no way back but an export or a backup.
    """
    counts = {}
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        _as_tenant(cursor, tenant.pk)
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("SELECT user_id FROM tenants_member WHERE tenant_id = %s", [tenant.pk])
        people = [user for (user,) in cursor.fetchall()]
        for table in _tables():
            cursor.execute(f"DELETE FROM {quoted(table)} WHERE tenant_id = %s", [tenant.pk])  # noqa: S608 - own names
            counts[table] = int(cursor.rowcount)
        cursor.execute("DELETE FROM tenants_tenant WHERE id = %s", [tenant.pk])
        elsewhere = _members_elsewhere(cursor)
        _people_delete(cursor, [user for user in people if user not in elsewhere])
    return {table: count for table, count in counts.items() if count}


def _tables() -> list[str]:
    return sorted(model._meta.db_table for model in tenant_models())


def _as_tenant(cursor: Any, tenant_id: int) -> None:
    cursor.execute("SELECT set_config('app.tenant_id', %s, true)", [str(tenant_id)])


def _members_elsewhere(cursor: Any) -> set[int]:
    """Who belongs to a tenant that is left: asked tenant by tenant, since the owner is below the policies too."""
    found: set[int] = set()
    for pk in Tenant.objects.using("owner").values_list("pk", flat=True):
        _as_tenant(cursor, pk)
        cursor.execute("SELECT user_id FROM tenants_member WHERE tenant_id = %s", [pk])
        found.update(user for (user,) in cursor.fetchall())
    return found


def _people_delete(cursor: Any, users: list[int]) -> None:
    """Delete people with what the sign-in library keeps of them; platform staff stay."""
    cursor.execute("SELECT id FROM tenants_user WHERE id = ANY(%s) AND NOT is_platform_staff", [users])
    gone = [user for (user,) in cursor.fetchall()]
    of_tenants = set(tenant_models())
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if field.related_model is User and model not in of_tenants:
                table, column = quoted(model._meta.db_table), quoted(str(field.column))
                cursor.execute(f"DELETE FROM {table} WHERE {column} = ANY(%s)", [gone])  # noqa: S608 - own names
    cursor.execute("DELETE FROM tenants_user WHERE id = ANY(%s)", [gone])

"""Guards over every table: policies, references, uniqueness, and the one direction in which rooms may point."""

import pytest
from django.apps import apps
from django.db import connection, models

from tenants.fields import TenantForeignKey, TenantModel
from tenants.models import Tenant

pytestmark = pytest.mark.django_db

# Bottom up. A foreign key may point to its own room or one to the left of it.
STACK = ["tenants", "operations", "imports", "accounts", "usage", "service", "health", "renewals", "playbooks"]

NO_POLICY = {
    "tenants.Tenant": "is what a scope is chosen from",
    "tenants.User": "a person may belong to several tenants",
    "tenants.Door": "is read before any tenant is known; holds a hash and two numbers",
    "operations.Night": "the ledger of all tenants; holds no customer data",
    "operations.ProvisionalDay": "a date per tenant; holds no customer data",
}
LIBRARIES = {"auth", "contenttypes", "sessions", "account", "mfa"}


def own_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_label not in LIBRARIES]


def tenant_models() -> list[type[models.Model]]:
    return [model for model in own_models() if model._meta.label not in NO_POLICY]


def query(sql: str, params: list[str | list[str]] | None = None) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def test_every_model_is_a_tenants_or_has_a_reason_not_to_be() -> None:
    for model in tenant_models():
        owner = model._meta.get_field("tenant")
        assert owner.related_model is Tenant, model
        assert model._meta.base_manager_name == "objects", model
    known = {model._meta.label for model in own_models()}
    assert known >= set(NO_POLICY), "an entry of NO_POLICY names a model that is gone"


@pytest.mark.parametrize("label", sorted(model._meta.label for model in tenant_models()))
def test_the_table_has_an_enabled_and_forced_policy(label: str) -> None:
    table = apps.get_model(label)._meta.db_table
    sql = "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass"
    assert query(sql, [table]) == [(True, True)]
    assert query("SELECT count(*) FROM pg_policies WHERE tablename = %s", [table])[0][0]


def test_every_partition_has_its_own_policy_and_no_grant() -> None:
    partitions = query(
        """SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, has_table_privilege(c.oid, 'SELECT')
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'usage_event'::regclass"""
    )
    assert len(partitions) > 10
    assert [row for row in partitions if row[1:] != (True, True, False)] == []


def test_no_table_outside_the_list_is_without_a_policy() -> None:
    free = {
        row[0]
        for row in query(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
            " AND NOT relrowsecurity"
        )
    }
    listed = {apps.get_model(label)._meta.db_table for label in NO_POLICY}
    libraries = {m._meta.db_table for m in apps.get_models(include_auto_created=True) if m._meta.app_label in LIBRARIES}
    assert free - listed - libraries == {"django_cache", "django_cache_public", "django_migrations"}


def test_a_view_is_read_below_the_policies_of_whoever_reads_it() -> None:
    views = query(
        """SELECT c.relname, COALESCE('security_invoker=true' = ANY (c.reloptions), false) FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind IN ('v', 'm')"""
    )
    assert views == [("usage_nameday", True)]


def test_references_between_tenants_tables_are_composite_in_the_database() -> None:
    found = {
        (row[0], row[1])
        for row in query(
            """SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c
            JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[2]
            JOIN pg_attribute t ON t.attrelid = c.conrelid AND t.attnum = c.conkey[1]
            WHERE c.contype = 'f' AND array_length(c.conkey, 1) = 2 AND t.attname = 'tenant_id'"""
        )
    }
    wanted = {
        (model._meta.db_table, field.column)
        for model in tenant_models()
        for field in model._meta.local_fields
        if isinstance(field, TenantForeignKey) and field.constrained
    }
    assert wanted == found


def test_a_plain_foreign_key_never_points_at_a_tenants_table() -> None:
    for model in own_models():
        for field in model._meta.local_fields:
            target = field.related_model if isinstance(field, models.ForeignKey) else None
            if isinstance(target, type) and issubclass(target, TenantModel):
                assert isinstance(field, TenantForeignKey), f"{model._meta.label}.{field.name}"


def test_every_unique_constraint_of_a_tenants_table_starts_with_the_tenant() -> None:
    tables = [model._meta.db_table for model in tenant_models()]
    rows = query(
        """SELECT c.relname, i.relname, a.attname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
        JOIN pg_class c ON c.oid = x.indrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[0]
        WHERE x.indisunique AND c.relname = ANY(%s)""",
        [tables],
    )
    wrong = [row for row in rows if row[2] != "tenant_id" and not (row[2] == "id" and str(row[1]).endswith("_pkey"))]
    assert wrong == []


def test_foreign_keys_point_down_the_stack() -> None:
    for model in own_models():
        for field in model._meta.local_fields:
            target = field.related_model
            if isinstance(target, type) and target._meta.app_label in STACK:
                here, there = STACK.index(model._meta.app_label), STACK.index(target._meta.app_label)
                assert there <= here, f"{model._meta.label}.{field.name} points up to {target._meta.label}"


def test_there_is_no_admin_site() -> None:
    assert not apps.is_installed("django.contrib.admin")

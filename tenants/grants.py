"""What the run-time role may do: one place, applied by the owner after every migration."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

# MAINTAIN lets a large backfill refresh the planner's statistics, without which its later statements are planned
# blindly.
USUAL_RIGHTS = "SELECT, INSERT, UPDATE, DELETE, MAINTAIN"
SPECIAL_RIGHTS = {"tenants_auditentry": "SELECT, INSERT", "django_migrations": "SELECT"}


def grant_tables(*, using: str) -> None:
    """Give the run-time role its rights on every model's table, nothing on partitions, and reading only on migrations
    and views.
    """
    connection = connections[using]
    role = connection.ops.quote_name(str(settings.DATABASES[DEFAULT_DB_ALIAS]["USER"]))
    existing = set(connection.introspection.table_names())
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    tables |= {"django_cache", "django_cache_public", "django_migrations"}
    with connection.cursor() as cursor:
        for table in sorted(tables & existing):
            rights = SPECIAL_RIGHTS.get(table, USUAL_RIGHTS)
            cursor.execute(f"GRANT {rights} ON {connection.ops.quote_name(table)} TO {role}")
        cursor.execute("SELECT viewname FROM pg_views WHERE schemaname = 'public'")
        for (view,) in cursor.fetchall():
            cursor.execute(f"GRANT SELECT ON {connection.ops.quote_name(view)} TO {role}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}")


def after_migrate(*, using: str, **_kwargs: Any) -> None:
    """Signal receiver: the owner has just migrated."""
    if using != DEFAULT_DB_ALIAS:
        grant_tables(using=using)

"""The app of tenants."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TenantsConfig(AppConfig):
    """Grants follow every migration."""

    name = "tenants"

    def ready(self) -> None:
        """Connect the grants; say what the codes of roles are called, and which ids the audit trail holds."""
        from tenants.audit_words import register_values
        from tenants.grants import after_migrate
        from tenants.models import Role
        from tenants.transfer import register_hidden_id
        from tenants.transfer.tables import object_id_sql

        register_hidden_id("tenants_auditentry", "object_id", object_id_sql)
        post_migrate.connect(after_migrate, sender=self, dispatch_uid="tenants.grants")  # once, when all apps are done
        register_values("role", dict(Role.choices))

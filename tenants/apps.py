"""The app of tenants."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TenantsConfig(AppConfig):
    """Grants follow every migration."""

    name = "tenants"

    def ready(self) -> None:
        """Connect the grants."""
        from tenants.grants import after_migrate

        post_migrate.connect(after_migrate, dispatch_uid="tenants.grants")

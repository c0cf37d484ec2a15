"""`manage.py tenant_delete`: a tenant and everything of it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tenants.models import Tenant
from tenants.transfer import tenant_delete, tenant_rows


class Command(BaseCommand):
    """Deletes a tenant for good, once its name was typed again."""

    help = "Delete a tenant with all its rows. Without --yes SLUG it only says what would be destroyed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which tenant, and its slug again to mean it."""
        parser.add_argument("slug")
        parser.add_argument("--yes", metavar="SLUG", help="the slug again: delete it now")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what there is, or delete it."""
        tenant = Tenant.objects.filter(slug=options["slug"]).first()
        if tenant is None:
            raise CommandError(f"There is no tenant “{options['slug']}”.")
        if options["yes"] != tenant.slug:
            for table, count in tenant_rows(tenant=tenant).items():
                self.stdout.write(f"{count:>12,}  {table}")
            raise CommandError(f"Nothing was deleted. To destroy these rows for good, add --yes {tenant.slug}.")
        counts = tenant_delete(tenant=tenant)
        self.stdout.write(f"{tenant.name} is gone: {sum(counts.values()):,} rows of {len(counts)} tables.")

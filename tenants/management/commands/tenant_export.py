"""`manage.py tenant_export`: a tenant in a file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from tenants.models import Tenant
from tenants.transfer import tenant_export


class Command(BaseCommand):
    """Writes every row of a tenant to a zip file."""

    help = "Write a tenant to a zip file, which `tenant_import` reads. It holds personal data, and no secrets."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which tenant, to which file."""
        parser.add_argument("slug")
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it and say how much it holds."""
        tenant = Tenant.objects.filter(slug=options["slug"]).first()
        if tenant is None:
            raise CommandError(f"There is no tenant “{options['slug']}”.")
        if options["file"].exists():
            raise CommandError(f"{options['file']} exists already; nothing was written.")
        counts = tenant_export(tenant=tenant, path=options["file"], at=now())
        self.stdout.write(f"{tenant.name}: {sum(counts.values()):,} rows of {len(counts)} tables in {options['file']}")

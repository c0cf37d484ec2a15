"""`manage.py tenant_import`: a tenant from a file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from tenants.transfer import TransferError, tenant_import


class Command(BaseCommand):
    """Makes a new tenant of a file."""

    help = "Make a new tenant of a file that `tenant_export` wrote. People set a new password; keys are made anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """From which file, under which name in addresses."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--slug", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Import it, or say why not."""
        if not options["file"].is_file():
            raise CommandError(f"There is no file {options['file']}.")
        try:
            tenant = tenant_import(path=options["file"], slug=options["slug"], at=now())
        except TransferError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{tenant.name} is here as “{tenant.slug}”. Make its keys anew under Keys.")

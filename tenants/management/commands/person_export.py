"""`manage.py person_export`: a copy of what is held of one person."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from tenants.management.people import add_person_arguments, found_by, listed, tenant_named
from tenants.personal import person_export
from tenants.scope import tenant_scope


class Command(BaseCommand):
    """Writes one person's data to a zip file."""

    help = "Write everything that is held of one person to a zip file, and say where it is held."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whom, to which file."""
        add_person_arguments(parser)
        parser.add_argument("--out", type=Path, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it."""
        if options["out"].exists():
            raise CommandError(f"{options['out']} exists already; nothing was written.")
        if not options["out"].parent.is_dir():
            raise CommandError(f"There is no folder {options['out'].parent}.")
        with tenant_scope(tenant_named(options["slug"])):
            found = found_by(options)
            data = person_export(found=found, at=now(), by=None, label="person_export")
        options["out"].touch(mode=0o600)
        options["out"].write_bytes(data)
        for line in listed(found):
            self.stdout.write(line)
        self.stdout.write(f"Written to {options['out']}.")

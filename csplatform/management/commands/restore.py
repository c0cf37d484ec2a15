"""`manage.py restore`: the whole installation from a file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from csplatform.backups import BackupError, restore


class Command(BaseCommand):
    """Reads a backup into an empty database."""

    help = "Read a backup into an empty database (the owner's), then give the roles their rights."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """From which file."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read it; nothing that exists is overwritten."""
        try:
            restore(path=options["file"], url=settings.DATABASE_OWNER_URL)
        except BackupError as error:
            raise CommandError(str(error)) from error
        call_command("migrate", database="owner", verbosity=0, interactive=False)
        self.stdout.write("Everything is back. Start the services again.")

"""`manage.py backup`: the whole installation in a file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from csplatform.backups import BackupError, backup


class Command(BaseCommand):
    """Writes a backup of all tenants."""

    help = "Write all tenants and people to a file that `restore` reads, beside a running installation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """To which file."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it and say how large it is."""
        try:
            backup(path=options["file"], url=settings.DATABASE_BACKUP_URL)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{options['file']}: {options['file'].stat().st_size:,} bytes, readable by you alone.")

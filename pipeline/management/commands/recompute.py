"""`manage.py recompute`: build days again from the events."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.progress import bar
from pipeline.management.commands.nightly import tenant_of
from pipeline.services import recompute


class Command(BaseCommand):
    """Refills slices, metrics and scores of a period, both days included."""

    help = "Build the figures of a period again from the events; what was reported is kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which tenant and days."""
        parser.add_argument("--tenant", required=True, metavar="SLUG")
        parser.add_argument("--from", required=True, type=date.fromisoformat, dest="first", metavar="YYYY-MM-DD")
        parser.add_argument("--to", required=True, type=date.fromisoformat, dest="last", metavar="YYYY-MM-DD")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it with a bar."""
        if options["last"] < options["first"]:
            raise CommandError("--to lies before --from.")
        with bar() as progress:
            rows = recompute(
                tenant=tenant_of(options["tenant"]), first=options["first"], last=options["last"], progress=progress
            )
        self.stdout.write(f"{rows} rows")

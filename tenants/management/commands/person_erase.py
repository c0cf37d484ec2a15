"""`manage.py person_erase`: one person, from everywhere."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from tenants.management.people import add_person_arguments, found_by, listed, tenant_named
from tenants.personal import person_erase
from tenants.scope import tenant_scope


class Command(BaseCommand):
    """Erases a person for good, once it was asked for with --yes."""

    help = "Erase one person. Without --yes it only says what is held and what would be touched."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whom, why, and what about the places that somebody has to decide on."""
        add_person_arguments(parser)
        parser.add_argument("--reason", default="")
        parser.add_argument("--keep", action="append", default=[], metavar="KEY", help="a text to leave as it is")
        parser.add_argument("--also", action="append", default=[], metavar="KEY",
                            help="a text elsewhere with only their name (marked ?) to black out too")  # fmt: skip
        parser.add_argument("--delete", action="append", default=[], metavar="KEY", help="a file to delete")
        parser.add_argument("--yes", action="store_true", help="erase now")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what there is, or erase it."""
        tenant = tenant_named(options["slug"])
        with tenant_scope(tenant):
            found = found_by(options)
            if not options["yes"]:
                for line in listed(found):
                    self.stdout.write(line)
                raise CommandError("Nothing was erased. To erase for good, add --reason and --yes.")
            try:
                done = person_erase(
                    tenant=tenant, person=found.person, reason=options["reason"], at=now(), by=None,
                    keep=options["keep"], delete=options["delete"], also=options["also"], label="person_erase",
                )  # fmt: skip
            except ValidationError as fault:
                raise CommandError(" ".join(fault.messages)) from fault
        self.stdout.write(f"Erased {done.erasure.reference}: {sum(done.counts.values()):,} rows.")

"""`manage.py scores_verify`: derive every stored score of a tenant again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from health.verify import Difference, scores_verify
from tenants.scope import tenant_scope
from tenants.selectors import tenant_list


class Command(BaseCommand):
    """Compares each stored score with what its version and raw values give; fails where one differs."""

    help = "Derive all stored scores of a tenant again from their versions and inputs; names those that differ."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which tenant."""
        parser.add_argument("--tenant", required=True, metavar="SLUG")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and tell."""
        tenant = tenant_list().filter(slug=options["tenant"]).first()
        if tenant is None:
            raise CommandError(f"There is no tenant “{options['tenant']}”.")
        with tenant_scope(tenant):
            found = scores_verify()
        for difference in found.differences:
            self.stdout.write(_line(difference))
        if found.differing:
            raise CommandError(f"{found.differing} of {found.scores} stored scores differ from what they are made of.")
        self.stdout.write(f"{found.scores} stored scores derived again, all identical.")


def _line(one: Difference) -> str:
    where = f"{one.table} {one.day} account {one.account_id} version {one.version_id}"
    return f"{where}: stored {one.stored}; derived {one.derived}"

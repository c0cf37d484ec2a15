"""`manage.py nightly`: one tenant's night, now."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from common.progress import bar
from operations.days import last_closable_day, local_date
from operations.models import Night
from pipeline.services import is_closed, night_run, nights_catch_up, provisional_run
from tenants.models import Tenant
from tenants.selectors import tenant_list


def tenant_of(slug: str) -> Tenant:
    """The active tenant with this slug; CommandError otherwise."""
    tenant = tenant_list().filter(slug=slug).first()
    if tenant is None:
        raise CommandError(f"There is no tenant “{slug}”.")
    return tenant


class Command(BaseCommand):
    """Runs the night of a date through the ledger; an unclosed day gives provisional figures."""

    help = "Run a tenant's night (default: of the last closed day). With --missed: every tenant's missed nights."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which tenant and date."""
        parser.add_argument("--tenant", metavar="SLUG")
        parser.add_argument("--date", type=date.fromisoformat, metavar="YYYY-MM-DD")
        parser.add_argument("--missed", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it and say what was written."""
        at = now()
        if options["missed"]:
            with bar() as progress:
                for tenant in tenant_list():
                    nights_catch_up(tenant=tenant, at=at, progress=progress)
            return
        if not options["tenant"]:
            raise CommandError("Name a tenant: --tenant SLUG")
        tenant = tenant_of(options["tenant"])
        day = options["date"] or last_closable_day(tenant.timezone, tenant.night_hour, at)
        if day > (today := local_date(tenant.timezone, at)):
            raise CommandError(f"{day} lies ahead: there the day is {today}.")
        if not is_closed(tenant=tenant, day=day, at=at):
            scored = provisional_run(tenant=tenant, day=day, at=at)
            self.stdout.write(f"{day} is not closed yet: provisional figures of {scored} accounts")
            return
        for night in night_run(tenant=tenant, day=day, at=at):
            self.stdout.write(f"{night.local_date} {night.job:9} {night.state} {night.rows or 0:>8} rows {night.error}")
            if night.state != Night.State.DONE:
                raise CommandError("The step failed; it stays in the ledger and will be tried again.")

"""`manage.py tenant_create`: a tenant with its first admin and keys."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from tenants.services import tenant_create


class Command(BaseCommand):
    """Creates a tenant and prints what its first admin needs."""

    help = "Create a tenant with its first admin, a write key and an API key. The secrets are shown this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The tenant's settings; `--json` for programs."""
        parser.add_argument("slug")
        parser.add_argument("--name")
        parser.add_argument("--timezone", default="UTC")
        parser.add_argument("--language", default="en", choices=[code for code, _name in settings.LANGUAGES])
        parser.add_argument("--currency", default="USD")
        parser.add_argument("--admin", required=True, metavar="E-MAIL")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create it and print the secrets."""
        try:
            made = tenant_create(
                slug=options["slug"],
                name=options["name"] or options["slug"],
                timezone=options["timezone"],
                language=options["language"],
                currency=options["currency"],
                admin_email=options["admin"],
                at=now(),
            )
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        told = {
            "url": f"{settings.SITE_URL}/t/{made.tenant.slug}/",
            "admin": {"email": made.admin.user.email, "password": made.password},
            "write_key": made.write_key,
            "api_key": made.api_key,
        }
        if options["json"]:
            self.stdout.write(json.dumps(told))
            return
        self.stdout.write(f"{told['url']}\nadmin      {made.admin.user.email}")
        self.stdout.write(f"password   {made.password or 'unchanged: this person has signed in before'}")
        self.stdout.write(f"write key  {made.write_key}\nAPI key    {made.api_key}")

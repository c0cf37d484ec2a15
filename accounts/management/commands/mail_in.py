"""`manage.py mail_in --address … < message`: files a message that a mail server hands over."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.timezone import now

from accounts.mail import read_message
from accounts.models import Mailbox
from accounts.people_forms import LARGEST_MAIL
from accounts.services import mail_take
from tenants.models import Door
from tenants.personal import ErasedPerson, turned_away
from tenants.scope import tenant_scope
from tenants.selectors import door_of_token


class Command(BaseCommand):
    """Finds the account by the token of the address; anything after a plus sign or the host is of no matter."""

    help = "File the message on standard input at the account whose mail-in address is named."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The address to which the message was sent."""
        parser.add_argument("--address", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """File it once; ends with an error for an address that leads nowhere, so that the server can bounce it."""
        token = str(options["address"]).strip().strip("<>").partition("@")[0].partition("+")[0].lower()
        door = door_of_token(token=token, kind=Door.Kind.MAILBOX)
        if door is None:
            raise CommandError("No account has this mail-in address.")
        raw = sys.stdin.buffer.read(LARGEST_MAIL + 1)
        if len(raw) > LARGEST_MAIL:
            raise CommandError("The message is larger than 15 MB.")
        with tenant_scope(door.tenant), transaction.atomic():
            box = Mailbox.objects.select_related("account").get(pk=door.object_id)
            if box.account.archived_at is not None:
                raise CommandError("The account of this address is archived.")
            try:
                touch, new = mail_take(
                    account=box.account, message=read_message(raw), tenant=door.tenant, at=now(), by=None
                )
            except ErasedPerson:
                turned_away(door="mail", count=1, at=now())
                self.stdout.write("turned away: this person was erased")
                return
        self.stdout.write(f"{'filed' if new else 'known already'}: touch {touch.pk}")

"""Writes touches from messages, and the addresses under which they come in."""

import secrets
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accounts.mail import Message
from accounts.models import Account, Mailbox, Touch, TouchMail
from accounts.services.people import contacts_of_addresses
from accounts.services.touches import touch_log
from common.locks import ACCOUNT_IDS, transaction_lock
from tenants.models import Door, Member, Tenant
from tenants.personal import ErasedPerson, blocked
from tenants.personal.blocks import MAIL, TEXT
from tenants.services import door_make


def mailbox_ensure(*, account: Account, at: datetime) -> Mailbox:
    """The account's mail-in address, made when it is first asked for."""
    held = Mailbox.objects.filter(account=account).first()
    if held is not None:
        return held
    made, created = Mailbox.objects.get_or_create(
        account=account, defaults={"token": secrets.token_hex(10), "created_at": at}
    )
    if created:
        door_make(kind=Door.Kind.MAILBOX, token=made.token, target=made)
    return made


def mail_take(
    *, account: Account, message: Message, tenant: Tenant, at: datetime, by: Member | None
) -> tuple[Touch, bool]:
    """File a message as a touch; returns it and whether it is new: the same Message-ID comes once per account.

    From one of ours it is one-way; from anybody else the customer has written, which ends a silence. The day is the
    message's own in the tenant's zone, or that of `at` where it names none or one that lies ahead. Raises ErasedPerson
    for what an erased person wrote; their address among the receivers is left out.
    """
    transaction_lock(ACCOUNT_IDS, tenant.pk)
    gone = blocked(MAIL, message.addresses)
    if message.sender in gone or message.sender.lower() in gone or blocked(TEXT, [message.text]):
        raise ErasedPerson
    held = TouchMail.objects.filter(account=account, message_id=message.message_id).select_related("touch").first()
    if held is not None:
        return held.touch, False
    sent = message.sent_at if message.sent_at and message.sent_at <= at else at
    ours = _members(message.addresses)
    sender = message.sender.lower()
    people = contacts_of_addresses(account=account, addresses=message.addresses)
    touch = touch_log(
        account=account,
        kind=Touch.Kind.MAIL,
        on=sent.astimezone(ZoneInfo(tenant.timezone)).date(),
        note=message.text or message.subject or _("(an empty message)"),
        by=ours.get(sender, by),
        at=at.astimezone(UTC),
        answered=sender not in ours,
        contacts=people,
        label="" if by else "mail",
    )
    known = {person.email.lower() for person in people} | set(ours)
    TouchMail.objects.create(
        touch=touch,
        account=account,
        message_id=message.message_id,
        subject=message.subject,
        sender=message.sender,
        strangers=[address for address in message.addresses if address.lower() not in known and address not in gone],
        quoted=message.quoted,
        attachments=[{"name": a.name, "type": a.type, "bytes": a.size} for a in message.attachments],
    )
    return touch, True


def _members(addresses: tuple[str, ...]) -> dict[str, Member]:
    """The tenant's people among the addresses."""
    wanted = [address.lower() for address in addresses]
    found = Member.objects.filter(user__email__in=wanted).select_related("user")
    return {member.user.email.lower(): member for member in found}

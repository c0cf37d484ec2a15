"""Writes tickets."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Account
from common.plausible import When, demand
from service.models import Ticket
from tenants.models import Member
from tenants.personal import blocked, turned_away
from tenants.personal.blocks import CONTACT, MAIL, NAME, TEXT, USER, anybody_blocked, named
from tenants.personal.words import ERASED
from tenants.services import audit_add

MOMENTS = dict.fromkeys(("opened_at", "first_response_at", "closed_at"), When.PAST)
FIELDS = (
    "subject", "channel", "priority", "requester", "assignee", "opened_at", "first_response_at", "closed_at",
    "satisfaction", "basic", "deflected",
)  # fmt: skip


class RefusedTickets(ValidationError):  # noqa: N818 - named by what it found
    """Rows that cannot be kept, so nothing was changed: `by_row` maps a row's number (from 0) to its messages."""

    def __init__(self, by_row: Mapping[int, Sequence[str]]) -> None:
        super().__init__([f"{number}: {message}" for number, messages in by_row.items() for message in messages])
        self.by_row = {number: list(messages) for number, messages in by_row.items()}


def ticket_save(*, ticket: Ticket, values: Mapping[str, Any], at: datetime) -> bool:
    """Bring a ticket to these values; returns whether anything changed. Raises ValidationError by field."""
    before = {field: getattr(ticket, field) for field in FIELDS} if ticket.pk else {}
    for field in FIELDS:
        if field in values:
            setattr(ticket, field, values[field])
    demand(values, MOMENTS, at)
    _check(ticket, at)
    if before == {field: getattr(ticket, field) for field in FIELDS}:
        return False
    ticket.full_clean(exclude=["tenant"], validate_unique=False, validate_constraints=False)
    ticket.save()
    return True


def _check(ticket: Ticket, at: datetime) -> None:
    faults: dict[str, str] = {}
    for field in ("first_response_at", "closed_at"):
        if (moment := getattr(ticket, field)) and moment < ticket.opened_at:
            faults[field] = _("This lies before the opening. Send a time at or after opened_at, or null.")
    if ticket.opened_at and ticket.opened_at > at:
        faults["opened_at"] = _("This lies in the future. Send the time at which the customer asked.")
    if ticket.deflected and not ticket.basic:
        faults["deflected"] = _("Only a basic question can be answered by self-help. Send basic: true as well.")
    if faults:
        raise ValidationError(faults)


def tickets_upsert(*, rows: Sequence[Mapping[str, Any]], at: datetime, by: Member | None, label: str = "") -> list[str]:
    """Create or change tickets by external id; "created", "changed" or "unchanged" per row. Twice is once.

    A row has `external_id`, `account_external_id` and any of the ticket's fields. All or nothing: raises
    RefusedTickets.
    """
    rows = _without_erased(rows, at)
    accounts = _by_external_id(Account.objects.filter(archived_at=None), {row["account_external_id"] for row in rows})
    held = _by_external_id(Ticket.objects.select_for_update(), {row["external_id"] for row in rows})
    results: list[str] = []
    refused: dict[int, list[str]] = {}
    for number, row in enumerate(rows):
        account = accounts.get(row["account_external_id"])
        if account is None:
            refused[number] = [_("No live account has the id “%(id)s”.") % {"id": row["account_external_id"]}]
            continue
        ticket = held.get(row["external_id"])
        try:
            results.append(_upsert(ticket, account, row, at, held))
        except ValidationError as error:
            refused[number] = error.messages
    if refused:
        raise RefusedTickets(refused)
    if any(result != "unchanged" for result in results):
        changes: dict[str, Any] = {name: [None, results.count(name)] for name in ("created", "changed")}
        audit_add(actor=by, action="import", target=Ticket(subject=""), at=at, changes=changes, label=label or None)
    return results


def _without_erased(rows: Sequence[Mapping[str, Any]], at: datetime) -> list[Mapping[str, Any]]:
    """The rows without what names an erased person: a ticket is the account's, so it counts, but as nobody's."""
    if not anybody_blocked():
        return list(rows)
    said = {str(row.get("requester") or "") for row in rows}
    gone = blocked(MAIL, said) | blocked(CONTACT, said) | blocked(USER, said)
    for row in rows:
        name, account = str(row.get("requester") or ""), str(row.get("account_external_id") or "")
        if name and blocked(NAME, [named(account, name)]):
            gone.add(name)
    texts = blocked(TEXT, {str(row.get("subject") or "") for row in rows})
    turned_away(
        door="tickets", count=sum(row.get("requester") in gone or row.get("subject") in texts for row in rows), at=at
    )
    return [
        {
            **row,
            **({"requester": ""} if row.get("requester") in gone else {}),
            **({"subject": ERASED} if row.get("subject") in texts else {}),
        }
        for row in rows
    ]


def _upsert(ticket: Ticket | None, account: Account, row: Mapping[str, Any], at: datetime, held: dict[str, Any]) -> str:
    creating = ticket is None
    if ticket is None:
        ticket = Ticket(
            external_id=row["external_id"], account=account, created_at=at, opened_at=row.get("opened_at", at)
        )
    moved = ticket.account != account
    ticket.account = account
    changed = ticket_save(ticket=ticket, values=row, at=at)
    if moved and not changed:
        ticket.save(update_fields=["account"])
    held[ticket.external_id] = ticket
    return "created" if creating else "changed" if changed or moved else "unchanged"


def tickets_remove(*, external_ids: Sequence[str], at: datetime, by: Member | None, label: str = "") -> int:
    """Delete tickets by external id, as if they had never come; returns how many."""
    found = Ticket.objects.filter(external_id__in=list(external_ids))
    count = found.count()
    if count:
        found.delete()
        changes: dict[str, Any] = {"deleted": [None, count]}
        audit_add(actor=by, action="delete", target=Ticket(subject=""), at=at, changes=changes, label=label or None)
    return count


def _by_external_id(rows: Any, ids: set[str]) -> dict[str, Any]:
    return {row.external_id: row for row in rows.filter(external_id__in=ids)}

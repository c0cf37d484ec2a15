"""Writes contacts and what convinced them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Account, Contact, Conviction, SearchToken
from accounts.selectors.fields import field_list, values_of
from accounts.services.changes import plain
from accounts.services.fields import values_set
from accounts.services.finding import search_fill
from accounts.tokens import name_key as name_key
from common.locks import ACCOUNT_IDS, transaction_lock
from common.plausible import When, demand
from tenants.models import Member, Tenant
from tenants.personal import ErasedPerson, blocked, person_blocked, turned_away
from tenants.personal.blocks import CONTACT
from tenants.services import audit_add

CONTACT_FIELDS = (
    "external_id",
    "name",
    "title",
    "roles",
    "reports_to",
    "influence",
    "champion",
    "email",
    "phone",
    "left_on",
)


def contact_save(
    *,
    account: Account,
    values: Mapping[str, Any],
    at: datetime,
    by: Member | None,
    contact: Contact | None = None,
    label: str = "",
) -> Contact:
    """A new contact at the account, or a changed one; fields left out stay.

    Raises ValidationError for a superior of another account and for a circle of superiors. `label` names the program
    that acted where no member did.
    """
    creating = contact is None
    contact = contact or Contact(account=account, created_at=at)
    changes = _apply(contact, values)
    demand({name: values[name] for name in changes}, {"left_on": When.DUE}, at)
    _erased_check(contact, creating, changes)
    _superior_check(contact)
    contact.full_clean(exclude=["tenant"])
    if creating or changes:
        contact.save(update_fields=None if creating else list(changes))
        search_fill(contacts=[contact])
    custom = values_set(holder=contact, values=values["custom"]) if values.get("custom") else {}
    changes = {} if creating else changes
    changes |= {field.label: [plain(old), plain(new)] for field, (old, new) in custom.items()}
    if creating or changes:
        action = "create" if creating else "change"
        audit_add(actor=by, action=action, target=contact, at=at, changes=changes, label=label or None)
    return contact


def _apply(contact: Contact, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set the fields; returns what changed, `{field: [old, new]}`."""
    changes: dict[str, list[Any]] = {}
    for field in CONTACT_FIELDS:
        old = getattr(contact, field)
        if field in values and old != values[field]:
            changes[field] = [_kept(old), _kept(values[field])]
            setattr(contact, field, values[field])
    return changes


def _erased_check(contact: Contact, creating: bool, changes: Mapping[str, Any]) -> None:
    """Raises ErasedPerson for somebody who was erased, whoever brings them back."""
    if (creating or {"email", "external_id"} & set(changes)) and person_blocked(
        mail=contact.email,
        contact=contact.external_id or "",
        account=contact.account.external_id if creating else "",
        name=contact.name,
    ):
        raise ErasedPerson


def _kept(value: Any) -> Any:
    return list(value) if isinstance(value, list) else plain(value)


def _superior_check(contact: Contact) -> None:
    """The superior works at the same account, and nobody is their own superior over any number of steps."""
    above, seen = contact.reports_to, {contact.pk} - {None}
    while above is not None:
        if above.account_id != contact.account_id:
            raise ValidationError({"reports_to": _("This person belongs to another account.")})
        if above.pk in seen:
            raise ValidationError({"reports_to": _("That would make a circle: this person reports to them already.")})
        seen.add(above.pk)
        above = above.reports_to


def contact_delete(*, contact: Contact, at: datetime, by: Member) -> None:
    """Remove a contact; touches keep their note, without the person."""
    audit_add(actor=by, action="delete", target=contact, at=at, changes={"account": [contact.account.name, None]})
    SearchToken.objects.filter(kind=SearchToken.Kind.CONTACT, object_id=contact.pk).delete()
    contact.delete()


def conviction_add(
    *, contact: Contact, about: str, state: str, on: date, evidence: str, at: datetime, by: Member | None
) -> Conviction:
    """Note whether a person is convinced of something, with the day and the evidence. Earlier findings are kept.

    Raises ValidationError for a day that lies ahead.
    """
    demand({"on": on}, {"on": When.PAST}, at)
    found = Conviction(
        contact=contact, about=about, state=state, on=on, evidence=evidence.strip(), author=by, created_at=at
    )
    found.full_clean(exclude=["tenant"])
    found.save()
    changes = {"about": [None, about], "conviction": [None, state], "evidence": [None, found.evidence]}
    audit_add(actor=by, action="change", target=contact, at=at, changes=changes)
    return found


def contacts_upsert(
    *, tenant: Tenant, rows: Sequence[Mapping[str, Any]], at: datetime, by: Member | None, label: str = ""
) -> list[tuple[str, Contact | None]]:
    """Create or change contacts by `external_id`, in order; `account` is an Account, `reports_to` an external id.

    Superiors are set once every row stands, so that a list may name them in any order. Returns, per row, created,
    changed or unchanged; erased, without a contact, for somebody who was erased and is counted and passed over.
    Raises ValidationError with `{row number: reasons}`; nothing is applied then by the caller, whose transaction ends.
    """
    transaction_lock(ACCOUNT_IDS, tenant.pk)
    held = _held([row["external_id"] for row in rows])
    results: list[tuple[str, Contact | None]] = []
    for number, row in enumerate(rows):
        values = {name: value for name, value in row.items() if name not in ("account", "reports_to")}
        contact, account = held.get(row["external_id"]), row.get("account")
        if contact is None and account is None:
            raise _fault(number, "account_external_id", _("A new contact needs its account."))
        if contact is not None and account is not None and contact.account_id != account.pk:
            raise _fault(number, "account_external_id", _("This contact belongs to another account."))
        before = None if contact is None else _state(contact, "custom" in values)
        try:
            contact = contact_save(
                account=account or held[row["external_id"]].account,
                values=values,
                at=at,
                by=by,
                contact=contact,
                label=label,
            )
        except ErasedPerson:
            results.append(("erased", None))
            continue
        except ValidationError as fault:
            raise ValidationError({str(number): [str(fault.messages)]}) from fault
        held[contact.external_id or ""] = contact
        fate = (
            "created" if before is None else "unchanged" if before == _state(contact, "custom" in values) else "changed"
        )
        results.append((fate, contact))
    turned_away(door="api", count=sum(fate == "erased" for fate, _contact in results), at=at)
    return _superiors_set(rows, results, held, at=at, by=by, label=label)


def _held(ids: Iterable[str]) -> dict[str, Contact]:
    found = Contact.objects.filter(external_id__in=list(ids)).select_related("account")
    return {contact.external_id or "": contact for contact in found}


def _state(contact: Contact, with_custom: bool) -> list[Any]:
    own = [getattr(contact, field) for field in CONTACT_FIELDS if field != "reports_to"]
    return [*own, values_of(holders=[contact], fields=field_list(holder="contact"))] if with_custom else own


def _fault(number: int, field: str, reason: str) -> ValidationError:
    return ValidationError({str(number): [f"{field}: {reason}"]})


def _superiors_set(
    rows: Sequence[Mapping[str, Any]], results: list[tuple[str, Contact | None]], held: dict[str, Contact], **said: Any
) -> list[tuple[str, Contact | None]]:
    wanted = {row["reports_to"] for row in rows if row.get("reports_to")}
    held |= _held(wanted - set(held))
    gone = blocked(CONTACT, wanted - set(held))
    found: list[tuple[str, Contact | None]] = []
    for number, (row, (fate, contact)) in enumerate(zip(rows, results, strict=True)):
        if contact is None:
            found.append((fate, None))
            continue
        contact = held[contact.external_id or ""]
        if "reports_to" in row and row["reports_to"] not in gone:
            above = held.get(row["reports_to"]) if row["reports_to"] else None
            if row["reports_to"] and above is None:
                raise _fault(number, "reports_to", _("No contact has this external id."))
            if contact.reports_to_id != (above.pk if above else None):
                try:
                    contact_save(account=contact.account, values={"reports_to": above}, contact=contact, **said)
                except ValidationError as fault:
                    raise ValidationError({str(number): [f"reports_to: {fault.messages[0]}"]}) from fault
                fate = "changed" if fate == "unchanged" else fate
        found.append((fate, contact))
    return found


def contacts_of_addresses(*, account: Account, addresses: Iterable[str]) -> list[Contact]:
    """The people at the account to whom these e-mail addresses belong, in whatever case they are written."""
    wanted = {address.lower() for address in addresses}
    if not wanted:
        return []
    any_of = Q()
    for address in wanted:
        any_of |= Q(email__iexact=address)
    return list(account.contacts.filter(any_of).order_by("name", "id"))

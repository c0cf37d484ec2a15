"""Writes payments and the targets of CSMs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Account, CsmTarget, Payment
from accounts.services.accounts import ARCHIVED
from accounts.services.changes import plain
from accounts.services.contracts_upsert import RefusedRows
from common.locks import PAYMENT_IDS, transaction_lock
from common.plausible import When, faults_of
from tenants.models import Member, Tenant
from tenants.services import audit_add

PAYMENT_FIELDS = ("amount", "currency", "paid_on", "note")
NEEDED = ("account_external_id", "amount", "paid_on")
DAYS = {"paid_on": When.PAST}
TARGETS = ("collected", "arr", "accounts")
Row = Mapping[str, Any]


def payments_upsert(
    *, tenant: Tenant, rows: Sequence[Row], at: datetime, by: Member | None, label: str = ""
) -> list[tuple[str, Payment]]:
    """Create or change payments by external id, all or none; twice is the same as once.

    Each row: `external_id` and, of `account_external_id`, `amount`, `currency`, `paid_on` and `note`, what is to be
    set; a new one needs account, amount and day, and is in the tenant's currency where none is named. Returns
    "created", "changed" or "unchanged" with each payment. Raises RefusedRows, and changes nothing.
    """
    transaction_lock(PAYMENT_IDS, tenant.pk)
    ids = [row["external_id"] for row in rows]
    held = {p.external_id: p for p in Payment.objects.filter(external_id__in=ids).select_related("account")}
    named = [row["account_external_id"] for row in rows if "account_external_id" in row]
    accounts = {account.external_id: account for account in Account.objects.filter(external_id__in=named)}
    faults = [
        faults_of(row, DAYS, at.date()) | _faults(row, held.get(row["external_id"]), accounts, ids[:place])
        for place, row in enumerate(rows)
    ]
    if any(faults):
        raise RefusedRows(faults)
    done = [_applied(row, held.get(row["external_id"]), accounts, tenant, at) for row in rows]
    Payment.objects.bulk_create([payment for what, payment, _c in done if what == "created"], batch_size=1000)
    changed = [payment for what, payment, _c in done if what == "changed"]
    Payment.objects.bulk_update(changed, [*PAYMENT_FIELDS], batch_size=1000)
    for what, payment, changes in done:
        if what != "unchanged":
            action = "create" if what == "created" else "change"
            audit_add(actor=by, action=action, target=payment, at=at, changes=changes, label=label or None)
    return [(what, payment) for what, payment, _changes in done]


def _faults(
    row: Row, held: Payment | None, accounts: Mapping[str, Account], before: Sequence[str]
) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    if row["external_id"] in before:
        faults["external_id"] = [_("This id stands in the list already; send each payment once.")]
    if held is None:
        faults |= {name: [_("Needed for a payment that is new.")] for name in NEEDED if row.get(name) is None}
    if row.get("amount") == 0:
        faults["amount"] = [_("A payment is more than nothing; a refund is negative.")]
    if "account_external_id" in row and "account_external_id" not in faults:
        account = accounts.get(row["account_external_id"])
        if account is None:
            said = _("No account has the external id “%(id)s”. Create the account first.")
            faults["account_external_id"] = [said % {"id": row["account_external_id"]}]
        elif account.archived_at is not None:
            faults["account_external_id"] = [str(ARCHIVED)]
        elif held is not None and held.account_id != account.pk:
            said = _("This payment belongs to the account “%(id)s”; a payment stays with its account.")
            faults["account_external_id"] = [said % {"id": held.account.external_id}]
    return faults


def _applied(
    row: Row, held: Payment | None, accounts: Mapping[str, Account], tenant: Tenant, at: datetime
) -> tuple[str, Payment, dict[str, Any]]:
    """What becomes of a row, its payment with the values set, and what changed."""
    if held is None:
        values = {"currency": tenant.currency, **{name: row[name] for name in PAYMENT_FIELDS if name in row}}
        account = accounts[row["account_external_id"]]
        payment = Payment(account=account, external_id=row["external_id"], created_at=at, **values)
        return "created", payment, {"account": [None, account.name], "amount": [None, plain(payment.amount)]}
    changes = {}
    for name in PAYMENT_FIELDS:
        if name in row and getattr(held, name) != row[name]:
            changes[name] = [plain(getattr(held, name)), plain(row[name])]
            setattr(held, name, row[name])
    return ("changed" if changes else "unchanged"), held, changes


def payment_delete(*, payment: Payment, at: datetime, by: Member | None, label: str = "") -> None:
    """Take out a payment that never was."""
    changes = {"account": [payment.account.name, None], "amount": [plain(payment.amount), None]}
    audit_add(actor=by, action="delete", target=payment, at=at, changes=changes, label=label or None)
    payment.delete()


def csm_target_set(
    *, csm: Member, year: int, values: Mapping[str, Any], at: datetime, by: Member | None, label: str = ""
) -> CsmTarget:
    """Set what a CSM is to bring in in a year (collected, arr, accounts); None: no target. Raises ValidationError."""
    if not 2000 <= year <= 2200:
        raise ValidationError({"year": _("Write a year such as 2027.")})
    target = CsmTarget.objects.select_for_update().filter(csm=csm, year=year).first() or CsmTarget(csm=csm, year=year)
    changes = {}
    for name in TARGETS:
        if name in values and getattr(target, name) != values[name]:
            changes[name] = [plain(getattr(target, name)), plain(values[name])]
            setattr(target, name, values[name])
    if changes:
        target.full_clean(exclude=["tenant"])
        target.save()
        audit_add(actor=by, action="change", target=target, at=at, changes={"csm": [None, str(csm)], **changes},
                  label=label or None)  # fmt: skip
    return target

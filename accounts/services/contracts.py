"""Writes contracts, their lines and what became of them; the account's terms follow in the same transaction."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Account, Contract, ContractLine
from accounts.services.changes import plain
from accounts.services.terms import terms_refill
from accounts.signals import terms_changed
from common.locks import CONTRACT_IDS, transaction_lock
from common.plausible import When, demand
from operations.days import local_date
from tenants.models import Member
from tenants.services import audit_add

CONTRACT_FIELDS = ("external_id", "currency", "notes")
LINE_DAYS = dict.fromkeys(("start", "end", "outcome_date"), When.TERM)
LINE_FIELDS = (
    "external_id", "product", "plan", "seats", "amount", "billing_months", "one_off", "start", "end", "outcome",
    "outcome_date", "reason",
)  # fmt: skip
ENTITLING = frozenset({"plan", "start", "end"})


def contract_conflict() -> ValidationError:
    """What an edit meets that began before somebody else's was saved."""
    from accounts.services.accounts import EditConflict

    return EditConflict(
        _("Someone else changed this while you were editing. Your entries are kept below; check and save again.")
    )


def changed_fields(row: Any, values: Mapping[str, Any], fields: tuple[str, ...]) -> dict[str, list[Any]]:
    """Set the fields of a row; returns what changed, `{field: [old, new]}`."""
    changes: dict[str, list[Any]] = {}
    for field in fields:
        held = getattr(row, field, None)  # a new row has no product yet, and says so by raising
        if field in values and held != values[field]:
            changes[field] = [plain(held), plain(values[field])]
            setattr(row, field, values[field])
    return changes


def contract_save(
    *,
    account: Account,
    values: Mapping[str, Any],
    at: datetime,
    by: Member | None,
    contract: Contract | None = None,
    version: int | None = None,
    label: str = "",
) -> Contract:
    """A new contract of the account, or a changed one. Raises ValidationError for an id that is taken.

    `version`: the one the form was opened with; raises EditConflict when another has been saved since.
    """
    transaction_lock(CONTRACT_IDS, account.tenant_id)
    creating = contract is None
    contract = contract or Contract(account=account, created_at=at)
    if not creating:
        contract.refresh_from_db(from_queryset=Contract.objects.select_for_update())
        if version is not None and version != contract.version:
            raise contract_conflict()
    changes = changed_fields(contract, values, CONTRACT_FIELDS)
    demand({name: values[name] for name in changes}, {}, at)
    if not creating and not changes:
        return contract
    _once(contract)
    contract.full_clean(exclude=["tenant", "account"])
    contract.version += 0 if creating else 1
    contract.save()
    action = "create" if creating else "change"
    audit_add(actor=by, action=action, target=contract, at=at, changes=_of(account, changes), label=label or None)
    if "currency" in changes and not creating:
        _terms_follow(account, at)
    return contract


def _once(contract: Contract) -> None:
    """No other contract of the tenant has this id."""
    taken = Contract.objects.filter(external_id=contract.external_id).exclude(pk=contract.pk).first()
    if taken is not None:
        raise ValidationError({"external_id": _("Another contract has this number.")})


def _of(account: Account, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes with the account that they are about."""
    return {"account": [None, account.name], **changes}


def contract_delete(*, contract: Contract, at: datetime, by: Member) -> None:
    """Take a contract out with all its lines, as if it had never been entered."""
    account, found = contract.account, list(contract.lines.order_by("start", "id"))
    lines = [line.external_id for line in found]
    audit_add(actor=by, action="delete", target=contract, at=at, changes=_of(account, {"lines": [lines, None]}))
    contract.delete()
    _terms_follow(account, at)
    if entitling := [line.start for line in found if line.plan_id]:
        terms_changed.send(sender=Account, firsts={account.pk: entitling[0]})


def line_save(
    *,
    contract: Contract,
    values: Mapping[str, Any],
    at: datetime,
    by: Member | None,
    line: ContractLine | None = None,
    version: int | None = None,
    label: str = "",
) -> ContractLine:
    """A new line of the contract, or a changed one; the account's ARR, seats and renewal follow.

    Raises ValidationError, field by field, for what does not fit together, and EditConflict as `contract_save` does.
    """
    creating = line is None
    line = line or ContractLine(contract=contract)
    if not creating:
        line.refresh_from_db(from_queryset=ContractLine.objects.select_for_update())
        if version is not None and version != line.version:
            raise contract_conflict()
    before = line.start
    changes = line_apply(line, values, at)
    if not creating and not changes:
        return line
    _line_once(line)
    line.version += 0 if creating else 1
    line.save()
    account = contract.account
    action = "create" if creating else "change"
    audit_add(actor=by, action=action, target=line, at=at, changes=_of(account, changes), label=label or None)
    _terms_follow(account, at)
    if ENTITLING & set(changes) and (line.plan_id or "plan" in changes):
        first = min(day for day in (before, line.start) if day)
        terms_changed.send(sender=Account, firsts={account.pk: first})
    return line


def _line_once(line: ContractLine) -> None:
    same = ContractLine.objects.filter(contract_id=line.contract_id, external_id=line.external_id)
    if same.exclude(pk=line.pk).exists():
        raise ValidationError({"external_id": _("Another line of this contract has this number.")})


def line_apply(line: ContractLine, values: Mapping[str, Any], at: datetime) -> dict[str, list[Any]]:
    """Set the fields of a line and check that they fit together; returns what changed.

    A one-off fee has no months. An outcome without a date was decided on the day the term ends.
    """
    values = {**values}
    if values.get("one_off", line.one_off):
        values["billing_months"] = None
    outcome = values.get("outcome", line.outcome)
    if not outcome:
        values |= {"outcome_date": None} if "outcome" in values else {}
    elif values.get("outcome_date", line.outcome_date) is None:
        values["outcome_date"] = values.get("end", line.end)
    changes = changed_fields(line, values, LINE_FIELDS)
    demand({name: values[name] for name in changes}, LINE_DAYS, at)
    if faults := line_faults(line):
        raise ValidationError(faults)
    line.full_clean(
        exclude=["tenant", "contract", "product", "plan"], validate_unique=False, validate_constraints=False
    )
    return changes


def line_faults(line: ContractLine) -> dict[str, str]:
    """What does not fit together in a line, by field: which, why, and what would be accepted."""
    faults: dict[str, str] = {}
    if line.amount < 0:
        faults["amount"] = _("An amount is 0 or more.")
    if line.end and line.end < line.start:
        faults["end"] = _(
            "The end %(end)s lies before the start %(start)s. Take a later day, or none for a term that runs on."
        ) % {"end": line.end, "start": line.start}
    if not line.one_off and not line.billing_months:
        faults["billing_months"] = _("For how many months does the amount pay? Write 12 for a year, 1 for a month.")
    if line.outcome and line.end is None:
        faults["end"] = _("A term with an outcome has an end: the first day that it no longer covers.")
    if line.outcome_date and not line.outcome:
        faults["outcome"] = _("A date of the outcome needs the outcome: renewed, shrunk or lost.")
    if line.plan is not None and line.plan.product_id != line.product_id:
        faults["plan"] = _("The plan “%(plan)s” belongs to another product. Take one of %(product)s, or none.") % {
            "plan": line.plan,
            "product": line.product,
        }
    return faults


def line_outcome(
    *,
    line: ContractLine,
    outcome: str,
    on: date | None,
    reason: str,
    at: datetime,
    by: Member,
    version: int | None = None,
) -> ContractLine:
    """Record what became of a term (renewed, shrunk or lost; "" takes it back). A loss or cut needs its reason."""
    if outcome in (ContractLine.Outcome.LOST, ContractLine.Outcome.SHRUNK) and not reason.strip():
        raise ValidationError({"reason": _("Say why, so that the causes can be counted.")})
    values = {"outcome": outcome, "outcome_date": on if outcome else None, "reason": reason.strip() if outcome else ""}
    return line_save(contract=line.contract, values=values, at=at, by=by, line=line, version=version)


def line_delete(*, line: ContractLine, at: datetime, by: Member) -> None:
    """Take a line out as if it had never been entered."""
    account, start, entitled = line.contract.account, line.start, line.plan_id
    audit_add(actor=by, action="delete", target=line, at=at, changes=_of(account, {}))
    line.delete()
    _terms_follow(account, at)
    if entitled:
        terms_changed.send(sender=Account, firsts={account.pk: start})


def _terms_follow(account: Account, at: datetime) -> None:
    tenant = account.tenant
    terms_refill(tenant=tenant, today=local_date(tenant.timezone, at), account_ids=[account.pk])

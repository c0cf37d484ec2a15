"""Accounts from other systems: many at once by their own ids, in a few statements however many they are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Account, AccountFieldHistory, CustomField, StageHold
from accounts.selectors.fields import field_list
from accounts.services.accounts import (
    ACCOUNT_DAYS,
    ACCOUNT_FIELDS,
    ArchivedAccounts,
    DerivedFields,
    fields_apply,
    since_moved,
    since_set,
)
from accounts.services.changes import plain
from accounts.services.fields import Changes, values_load
from accounts.services.finding import search_fill
from accounts.services.groups import circles_refuse, parents_by_id
from accounts.services.history import history_rows, tracked_values
from accounts.services.terms import DERIVED_FIELDS, own_fields_keep, terms_refused
from accounts.signals import account_reassigned
from common.locks import ACCOUNT_IDS, transaction_lock
from common.plausible import demand
from operations.days import local_date
from tenants.models import Member, Tenant
from tenants.services import audit_entry, audits_add

AT_ONCE = 1_000
Fields = dict[str, list[Any]]


@dataclass
class _Change:
    """What rows do to one account: its own fields and the custom ones."""

    account: Account
    created: bool
    fields: Fields = field(default_factory=dict)
    custom: Changes = field(default_factory=dict)
    dated: list[str] = field(default_factory=list)


def accounts_upsert(
    *, tenant: Tenant, rows: Iterable[Mapping[str, Any]], at: datetime, by: Member | None, label: str = ""
) -> list[tuple[str, Account]]:
    """Create or change accounts by external id; returns ("created" | "changed" | "unchanged", account) per row.

    Each row has `external_id` and any of the account's fields; `custom` holds custom fields by key, and
    `parent_external_id` names the account that it belongs to, also one of the same list (None: none). Twice is the
    same as once. Raises ArchivedAccounts, and changes nothing, when rows name archived ones: what is in no list must
    not change unseen. So does DerivedFields for what contract lines decide, and ValidationError for what no account may
    hold.
    """
    transaction_lock(ACCOUNT_IDS, tenant.pk)
    rows = list(rows)
    ids = [row["external_id"] for row in rows]
    held = {a.external_id: a for a in Account.objects.filter(external_id__in=ids).select_for_update().order_by("id")}
    if archived := {external_id for external_id, account in held.items() if account.archived_at is not None}:
        raise ArchivedAccounts(archived)
    _refuse_derived(tenant, rows, held, at)
    changes: dict[str, _Change] = {}
    fates = [_row(row, held, changes, tenant, at) for row in rows]
    _check(changes.values(), at)
    parents = parents_by_id(rows, held)
    _write(list(changes.values()), rows, parents, at=at, by=by, label=label)
    _tell(list(changes.values()), at, by, label)
    return [(fate, held[external_id]) for fate, external_id in zip(_fates(fates, changes, ids), ids, strict=True)]


def _refuse_derived(
    tenant: Tenant, rows: Iterable[Mapping[str, Any]], held: Mapping[str, Account], at: datetime
) -> None:
    today = local_date(tenant.timezone, at)
    faults = {
        row["external_id"]: refused
        for row in rows
        if (account := held.get(row["external_id"])) and account.terms_from is not None
        and (refused := terms_refused(account=account, values=row, today=today))
    }  # fmt: skip
    if faults:
        raise DerivedFields(faults)


def _row(
    row: Mapping[str, Any], held: dict[str, Account], changes: dict[str, _Change], tenant: Tenant, at: datetime
) -> str:
    """Take a row over; of rows with one id each goes on from the one before."""
    external_id = row["external_id"]
    account = held.get(external_id)
    fate = "unchanged"
    if account is None:
        account = Account(
            tenant=tenant, external_id=external_id, name=external_id, currency=tenant.currency, created_at=at
        )
        held[external_id], fate = account, "created"
    change = changes.setdefault(external_id, _Change(account, created=fate == "created"))
    for name, (old, new) in fields_apply(account, row).items():
        change.fields[name] = [change.fields.get(name, [old])[0], new]
        fate = fate if fate == "created" else "changed"
    return fate


def _fates(fates: Sequence[str], changes: Mapping[str, _Change], ids: Sequence[str]) -> list[str]:
    """A row whose custom fields or parent alone changed is changed too."""
    return [
        "changed"
        if fate == "unchanged" and (changes[external_id].custom or "parent" in changes[external_id].fields)
        else fate
        for fate, external_id in zip(fates, ids, strict=True)
    ]


def _check(changes: Iterable[_Change], at: datetime) -> None:
    """What the table and the fields demand, without a query per account."""
    for change in changes:
        account = change.account
        account.clean_fields(exclude=["tenant", "name_key", "archived_at", "csm", "parent"])
        demand({name: getattr(account, name) for name in change.fields}, ACCOUNT_DAYS, at)
        if account.arr is not None and account.arr < 0:
            raise ValidationError({"arr": _("An amount is 0 or more.")})


def _write(
    changes: Sequence[_Change],
    rows: Sequence[Mapping[str, Any]],
    parents: Mapping[str, Account],
    *,
    at: datetime,
    by: Member | None,
    label: str,
) -> None:
    new = [change.account for change in changes if change.created]
    named: dict[str, set[str]] = {}
    for row in rows:
        named.setdefault(row["external_id"], set()).update(set(row) & set(ACCOUNT_FIELDS))
    for account in new:
        account.held_fields = sorted(named[account.external_id]) if by else []
        since_set(account)
    Account.objects.bulk_create(new, batch_size=AT_ONCE)
    _parents_set({change.account.external_id: change for change in changes}, rows, parents)
    _write_custom(changes, rows)
    old = [change for change in changes if not change.created and (change.fields or change.custom)]
    for change in old:
        change.account.version += 1
        if by:
            change.account.held_fields = sorted(set(change.account.held_fields) | set(change.fields))
        change.dated = since_moved(change.account, change.fields, at=at, label=label)
    columns = sorted({name for change in old for name in (*change.fields, *change.dated)})
    Account.objects.bulk_update(
        [change.account for change in old], [*columns, "name_key", "held_fields", "version"], batch_size=AT_ONCE
    )
    for change in old:
        if change.account.terms_from and set(DERIVED_FIELDS) & set(change.fields):
            own_fields_keep(account=change.account)
    search_fill(accounts=[c.account for c in changes if c.created or "name" in c.fields])


def _parents_set(
    changes: Mapping[str, _Change], rows: Sequence[Mapping[str, Any]], parents: Mapping[str, Account]
) -> None:
    """Let accounts belong to those that rows name, now that all of them have their ids."""
    moved = {}
    for row in rows:
        if "parent_external_id" not in row:
            continue
        change, parent = changes[row["external_id"]], parents.get(row["parent_external_id"] or "")
        if change.account.parent_id != (parent.pk if parent else None):
            old = change.fields.get("parent", [plain(change.account.parent)])[0]
            change.fields["parent"] = [old, plain(parent)]
            change.account.parent = parent
            moved[change.account.pk] = change
    if moved:
        circles_refuse({pk: change.account.parent_id for pk, change in moved.items()})
        fresh = [change.account for change in moved.values() if change.created]
        Account.objects.bulk_update(fresh, ["parent"], batch_size=AT_ONCE)


def _write_custom(changes: Sequence[_Change], rows: Sequence[Mapping[str, Any]]) -> None:
    wanted: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row.get("custom"):
            wanted.setdefault(row["external_id"], {}).update(row["custom"])
    if not wanted:
        return
    by_id = {change.account.external_id: change for change in changes}
    fields: list[CustomField] = field_list()
    found = values_load(pairs=[(by_id[key].account, values) for key, values in wanted.items()], fields=fields)
    for key, moved in zip(wanted, found, strict=True):
        by_id[key].custom = moved


def _tell(changes: Sequence[_Change], at: datetime, by: Member | None, label: str) -> None:
    """History, audit trail, and the rooms above where an account has another CSM."""
    history: list[AccountFieldHistory] = []
    entries = []
    for change in changes:
        if not (change.created or change.fields or change.custom):
            continue
        account = change.account
        custom = {one.name: new for one, (_old, new) in change.custom.items()}
        own = tracked_values(account) if change.created else tracked_values(account, change.fields)
        history += history_rows(account=account, values={**own, **custom}, at=at)
        told = {one.label: [plain(old), plain(new)] for one, (old, new) in change.custom.items()}
        action = "create" if change.created else "change"
        said = {} if change.created else {**change.fields, **told}
        entries.append(audit_entry(actor=by, action=action, target=account, at=at, changes=said, label=label or None))
    AccountFieldHistory.objects.bulk_create(history, batch_size=5_000)
    audits_add(entries)
    for change in changes:
        if not change.created and "csm" in change.fields:
            account_reassigned.send(sender=Account, account=change.account, csm=change.account.csm)


def accounts_hold(*, held: Mapping[str, Sequence[str]]) -> None:
    """Say which fields of accounts, by external id, a person holds: traits write the others."""
    accounts = list(Account.objects.filter(external_id__in=list(held)))
    for account in accounts:
        account.held_fields = sorted(held[account.external_id])
    Account.objects.bulk_update(accounts, ["held_fields"], batch_size=AT_ONCE)


def accounts_stage_back(*, stages: Mapping[str, Mapping[str, Any]]) -> None:
    """Say of accounts, by external id, since when they are in their stage and which hold stands against the rules, as
    `stage_states` told it before: a stage that was put back has not moved.
    """
    accounts = list(Account.objects.filter(external_id__in=list(stages)))
    StageHold.objects.filter(account__in=accounts).delete()
    for account in accounts:
        was = stages[account.external_id]
        account.stage_since = date.fromisoformat(was["since"]) if was["since"] else None
        if hold := was["hold"]:
            StageHold.objects.create(account=account, **{**hold, "at": datetime.fromisoformat(hold["at"])})
    Account.objects.bulk_update(accounts, ["stage_since"], batch_size=AT_ONCE)

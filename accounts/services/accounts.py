"""Writes accounts."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account, StageHold, StageProposal
from accounts.services.changes import plain
from accounts.services.fields import values_set
from accounts.services.finding import search_fill
from accounts.services.groups import circles_refuse
from accounts.services.history import history_add, tracked_values
from accounts.services.terms import DERIVED_FIELDS, own_fields_keep, terms_guard, terms_refused
from accounts.signals import account_reassigned
from accounts.tokens import name_key as name_key
from common.locks import ACCOUNT_IDS, transaction_lock
from common.plausible import When, demand
from operations.days import local_date
from tenants.models import Member, Tenant
from tenants.scope import current_tenant_id
from tenants.services import audit_add

ACCOUNT_DAYS = {"contract_start": When.TERM, "renewal_date": When.TERM}
ACCOUNT_FIELDS = (
    "name",
    "industry",
    "segment",
    "lifecycle_stage",
    "purpose",
    "driver",
    "tier",
    "csm",
    "parent",
    "seats",
    "contract_start",
    "renewal_date",
    "arr",
    "currency",
)
LIFECYCLE_RULES = "lifecycle"  # how the audit trail names the rules as who acted

ARCHIVED = gettext_lazy(
    "This account is archived, so nothing was changed. A manager can bring it back under “Archived accounts”; then "
    "send it again."
)


class EditConflict(ValidationError):  # noqa: N818 - a conflict is what it is called, as DoesNotExist is
    """Someone else changed the same row since the form was opened."""


class ArchivedAccounts(ValidationError):  # noqa: N818 - named by what it found, as EditConflict is
    """Rows name accounts that are archived; `external_ids` says which."""

    def __init__(self, external_ids: Iterable[str]) -> None:
        super().__init__(ARCHIVED)
        self.external_ids = frozenset(external_ids)


class DerivedFields(ValidationError):  # noqa: N818 - named by what it found, as EditConflict is
    """Rows set fields that contract lines decide; `faults`: reasons by field, by external id."""

    def __init__(self, faults: Mapping[str, Mapping[str, str]]) -> None:
        super().__init__([reason for fields in faults.values() for reason in fields.values()])
        self.faults = faults


def account_create(
    *, tenant: Tenant, external_id: str, values: Mapping[str, Any], at: datetime, by: Member | None, label: str = ""
) -> Account:
    """A new account; fields left out take the tenant's currency and their defaults. Raises ValidationError.

    `values["custom"]` holds custom fields by key. `label` names the program that acted where no member did. Of several
    at once with one id the first wins.
    """
    transaction_lock(ACCOUNT_IDS, tenant.pk)
    if Account.objects.filter(external_id=external_id).exists():
        raise ValidationError({"external_id": _("Another account has this id.")})
    account = Account(tenant=tenant, external_id=external_id, currency=tenant.currency, created_at=at)
    demand(values, ACCOUNT_DAYS, at)
    fields_apply(account, values)
    since_set(account)
    account.held_fields = sorted(set(values) & set(ACCOUNT_FIELDS)) if by else []
    account.full_clean(exclude=["tenant", "name_key", "archived_at"], validate_constraints=True)
    account.save()
    search_fill(accounts=[account])
    custom = values_set(holder=account, values=values["custom"]) if values.get("custom") else {}
    history = {**tracked_values(account), **{field.name: new for field, (_old, new) in custom.items()}}
    history_add(account=account, values=history, at=at)
    audit_add(actor=by, action="create", target=account, at=at, label=label or None)
    return account


def fields_apply(account: Account, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set the fields; returns what changed, `{field: [old, new]}`."""
    changes: dict[str, list[Any]] = {}
    for field in ACCOUNT_FIELDS:
        if field in values and getattr(account, field) != values[field]:
            changes[field] = [plain(getattr(account, field)), plain(values[field])]
            setattr(account, field, values[field])
    account.name_key = name_key(account.name)
    return changes


def account_change(
    *,
    account: Account,
    values: Mapping[str, Any],
    at: datetime,
    by: Member | None,
    label: str = "",
    version: int | None = None,
) -> dict[str, list[Any]]:
    """Change fields; returns `{field: [old, new]}`. A person's edit is held: traits no longer overwrite the field.

    `values["custom"]` holds custom fields by key; what changed of them is told under their labels. `version`: the one
    the form was opened with; raises EditConflict, naming the fields, when another has been saved since. Raises
    ValidationError, field by field, for what the account's contract lines decide.
    """
    account.refresh_from_db(from_queryset=Account.objects.select_for_update())
    if version is not None and version != account.version:
        raise EditConflict(
            _(
                "Someone else changed this account while you were editing. Your entries are kept below; check and "
                "save again."
            )
        )
    terms_guard(account=account, values=values, at=at)
    changes = fields_apply(account, values)
    demand({name: values[name] for name in changes}, ACCOUNT_DAYS, at)
    custom = values_set(holder=account, values=values["custom"]) if values.get("custom") else {}
    if not changes and not custom:
        return {}
    if "parent" in changes:
        circles_refuse({account.pk: account.parent_id})
    if by:
        account.held_fields = sorted(set(account.held_fields) | set(changes))
    account.full_clean(exclude=["tenant", "name_key", "archived_at"])
    account.version += 1
    _save(account, changes, at=at, label=label)
    history = {**tracked_values(account, changes), **{field.name: new for field, (_old, new) in custom.items()}}
    history_add(account=account, values=history, at=at)
    told = {**changes, **{field.label: [plain(old), plain(new)] for field, (old, new) in custom.items()}}
    audit_add(actor=by, action="change", target=account, at=at, changes=told, label=label or None)
    if "csm" in changes:
        account_reassigned.send(sender=Account, account=account, csm=account.csm)
    return told


def _save(account: Account, changes: Mapping[str, Any], *, at: datetime, label: str) -> None:
    """Write what changed, and what follows from it: since when, the account's own terms, the words of the search."""
    since = since_moved(account, changes, at=at, label=label)
    account.save(update_fields=[*changes, *since, "name_key", "held_fields", "version"])
    if account.terms_from and set(DERIVED_FIELDS) & set(changes):
        own_fields_keep(account=account)
    if "name" in changes:
        search_fill(accounts=[account])


def since_set(account: Account) -> None:
    """A new account is in its stage and tier since the day of its creation."""
    account.stage_since = local_date(account.tenant.timezone, account.created_at)
    account.tier_since = account.stage_since if account.tier else None


def since_moved(account: Account, changes: Mapping[str, Any], *, at: datetime, label: str) -> list[str]:
    """Note since when the account is in its stage and tier; returns the fields that this sets.

    Whoever but the rules sets the stage overrules them for now, and a move that waited for a person is settled.
    """
    dated = [since for field, since in (("lifecycle_stage", "stage_since"), ("tier", "tier_since")) if field in changes]
    for since in dated:
        setattr(account, since, local_date(account.tenant.timezone, at))
    if "lifecycle_stage" in changes and label != LIFECYCLE_RULES:
        hold = {"against": "", "seen": False, "at": at}
        StageHold.objects.update_or_create(account=account, defaults=hold)
        waiting = StageProposal.objects.filter(account=account, state=StageProposal.State.OPEN)
        waiting.update(state=StageProposal.State.WITHDRAWN, decided_at=at)
    return dated


def accounts_lock(*, accounts: Iterable[Account]) -> None:
    """Hold these accounts until the transaction ends, before any of them is read or changed.

    In the order of their ids, and behind the lock of those that load accounts: two who change overlapping lists wait
    for one another and never both.
    """
    transaction_lock(ACCOUNT_IDS, current_tenant_id())
    ids = [account.pk for account in accounts]
    list(Account.objects.filter(pk__in=ids).select_for_update().order_by("id").values_list("id"))


def accounts_assign(*, accounts: Iterable[Account], csm: Member, at: datetime, by: Member) -> int:
    """Give accounts to a CSM; their open work follows. Returns how many changed hands."""
    accounts = list(accounts)
    accounts_lock(accounts=accounts)
    return sum(bool(account_change(account=account, values={"csm": csm}, at=at, by=by)) for account in accounts)


def account_archive(*, account: Account, at: datetime, by: Member) -> None:
    """Take the account out of every list; nothing is deleted and `account_restore` brings it back."""
    if account.archived_at is None:
        account.archived_at = at
        account.save(update_fields=["archived_at"])
        audit_add(actor=by, action="archive", target=account, at=at)


def account_restore(*, account: Account, at: datetime, by: Member) -> None:
    """Bring an archived account back."""
    if account.archived_at is not None:
        account.archived_at = None
        account.save(update_fields=["archived_at"])
        audit_add(actor=by, action="restore", target=account, at=at)


def account_apply_traits(*, account: Account, values: Mapping[str, Any], at: datetime) -> dict[str, list[Any]]:
    """Take over what the product reports of the account; what a person has edited or contract lines decide stays."""
    account.refresh_from_db(from_queryset=Account.objects.select_for_update())
    kept = {*account.held_fields}
    if account.terms_from:
        today = local_date(account.tenant.timezone, at)
        kept |= set(terms_refused(account=account, values=values, today=today))
    free = {field: value for field, value in values.items() if field not in kept}
    return account_change(account=account, values=free, at=at, by=None, label="intake")


def account_release_field(*, account: Account, field: str, at: datetime, by: Member) -> None:
    """Let traits write the field again."""
    account.held_fields = [name for name in account.held_fields if name != field]
    account.save(update_fields=["held_fields"])
    audit_add(actor=by, action="release", target=account, at=at, changes={field: ["held", "released"]})

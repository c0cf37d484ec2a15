"""Traits of users and groups, applied in event-time order: per trait the latest value wins, whenever it arrives.

A group call creates the account of its group. What a person has edited on an account stays until it is released.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
from django.core.exceptions import ValidationError

from accounts.models import Account
from accounts.services import account_apply_traits, account_create
from common.locks import ACCOUNT_IDS, transaction_lock
from tenants.models import Tenant
from usage.intake.decode import read_time
from usage.models import EndUser, Group
from usage.services.lookups import instant

# Trait: its value, and the key of the call that said so. Keys sort by event time.
Said = dict[str, list[Any]]
_ACCOUNT_FIELDS = {
    "name": "name",
    "industry": "industry",
    "segment": "segment",
    "seats": "seats",
    "arr": "arr",
    "currency": "currency",
    "contract_start": "contract_start",
    "contractStart": "contract_start",
    "renewal_date": "renewal_date",
    "renewalDate": "renewal_date",
}
_LENGTHS = {"name": 200, "industry": 80, "segment": 80}


def said_by(payload: bytes | None, key: str) -> Said:
    """The traits of one call, each with the call's key."""
    traits = msgspec.json.decode(payload) if payload else None
    return {name: [value, key] for name, value in traits.items()} if isinstance(traits, dict) else {}


def merge(held: Mapping[str, list[Any]], said: Mapping[str, list[Any]]) -> Said:
    """Both together; of a trait in both the one with the larger key."""
    merged = dict(held)
    for name, (value, key) in said.items():
        if name not in merged or merged[name][1] < key:
            merged[name] = [value, key]
    return merged


def users_apply(said: Mapping[int, Said]) -> None:
    """Add what calls said of users to what is known of them."""
    changed = []
    for user in EndUser.objects.filter(id__in=said):
        traits = merge(user.traits, said[user.pk])
        if traits == user.traits:
            continue
        user.traits = traits
        user.name, user.email = _person_name(traits), str(_value(traits, "email") or "")[:320]
        changed.append(user)
    EndUser.objects.bulk_update(changed, ["traits", "name", "email"], batch_size=1000)


def _value(traits: Mapping[str, list[Any]], name: str) -> Any:
    return traits[name][0] if name in traits else None


def _person_name(traits: Mapping[str, list[Any]]) -> str:
    name = _value(traits, "name")
    if isinstance(name, str) and name.strip():
        return name.strip()[:200]
    parts = [_value(traits, "firstName"), _value(traits, "lastName")]
    return " ".join(part.strip() for part in parts if isinstance(part, str) and part.strip())[:200]


def groups_apply(*, tenant: Tenant, said: Mapping[int, Said], called: Iterable[int], at: datetime) -> None:
    """Add what group calls said of groups, create the accounts of the groups in `called` that have none, and hand both
    on.
    """
    transaction_lock(
        ACCOUNT_IDS, tenant.pk
    )  # before any row: bulk changes take it first too, so neither waits for both
    groups = list(Group.objects.filter(id__in=set(called) | set(said)).select_related("account").order_by("id"))
    changed = []
    for group in groups:
        traits = merge(group.traits, said.get(group.pk, {}))
        if group.account is None:
            _account_make(tenant, group, traits, at)
        elif traits != group.traits:
            _account_update(group.account, traits, at)
        if traits != group.traits or group.account_id is not None:
            group.traits = traits
            changed.append(group)
    Group.objects.bulk_update(changed, ["traits", "account"], batch_size=1000)


def _account_make(tenant: Tenant, group: Group, traits: Said, at: datetime) -> None:
    account = Account.objects.filter(external_id=group.external_id).first()
    if account is None:
        account = account_create(
            tenant=tenant,
            external_id=group.external_id,
            values={"name": account_values(traits).get("name", group.external_id)},
            at=at,
            by=None,
            label="intake",
        )
    _account_update(account, traits, at)
    group.account = account


def _account_update(account: Account, traits: Said, at: datetime) -> None:
    """Fields that the account refuses (a currency that does not exist, say) are left out one by one."""
    for field, value in account_values(traits).items():
        try:
            account_apply_traits(account=account, values={field: value}, at=at)
        except ValidationError:
            account.refresh_from_db()


def account_values(traits: Mapping[str, list[Any]]) -> dict[str, Any]:
    """The fields of an account that traits give, in the account's own types; what cannot be read is left out."""
    found: dict[str, Any] = {}
    for trait, field in _ACCOUNT_FIELDS.items():
        value = _field_value(field, _value(traits, trait))
        if value is not None:
            found[field] = value
    return found


def _field_value(field: str, value: Any) -> Any:
    if field in _LENGTHS:
        return str(value).strip()[: _LENGTHS[field]] or None if isinstance(value, str | int | float) else None
    if field == "currency":
        return value.upper() if isinstance(value, str) and len(value) == 3 and value.isalpha() else None
    if field == "seats":
        number = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 2**31
        return int(value) if number and float(value).is_integer() else None
    if field == "arr":
        return _money(value)
    return _date(value)


def _money(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        amount = Decimal(str(value)).quantize(Decimal("0.01"))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < 10**14 else None


def _date(value: Any) -> date | None:
    ms = read_time(value) if isinstance(value, str | int | float) else None
    if ms is None or not 0 <= ms < 253_402_300_800_000:
        return None
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else instant(ms).date()
    except ValueError:
        return instant(ms).date()

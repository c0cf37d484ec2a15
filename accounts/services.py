"""Writes accounts, contacts, touches, features and saved views."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account, Contact, Feature, SavedView, SearchToken, Touch, TouchContact
from accounts.signals import account_reassigned
from accounts.tokens import name_key as name_key
from accounts.tokens import tokens
from common.locks import ACCOUNT_IDS, transaction_lock
from tenants.models import Member, Tenant
from tenants.scope import current_tenant_id
from tenants.services import audit_add

ACCOUNT_FIELDS = (
    "name",
    "industry",
    "segment",
    "lifecycle_stage",
    "csm",
    "seats",
    "contract_start",
    "renewal_date",
    "arr",
    "currency",
)


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


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def account_create(
    *, tenant: Tenant, external_id: str, values: Mapping[str, Any], at: datetime, by: Member | None, label: str = ""
) -> Account:
    """A new account; fields left out take the tenant's currency and their defaults. Raises ValidationError.

    `label` names the program that acted where no member did. Of several at once with one id the first wins.
    """
    transaction_lock(ACCOUNT_IDS, tenant.pk)
    if Account.objects.filter(external_id=external_id).exists():
        raise ValidationError({"external_id": _("Another account has this id.")})
    account = Account(tenant=tenant, external_id=external_id, currency=tenant.currency, created_at=at)
    _apply(account, values)
    account.held_fields = sorted(set(values) & set(ACCOUNT_FIELDS)) if by else []
    account.full_clean(exclude=["tenant", "name_key", "archived_at"], validate_constraints=True)
    account.save()
    search_fill(accounts=[account])
    audit_add(actor=by, action="create", target=account, at=at, label=label or None)
    return account


def search_fill(*, accounts: Iterable[Account] = (), contacts: Iterable[Contact] = ()) -> None:
    """Write anew by which letters these accounts and contacts are found. Callers of `bulk_create` call this too."""
    _tokens_fill(
        SearchToken.Kind.ACCOUNT, {one.pk: tokens([one.name, one.external_id], one.name_key) for one in accounts}
    )
    _tokens_fill(SearchToken.Kind.CONTACT, {one.pk: tokens([one.name], name_key(one.name)) for one in contacts})


def _tokens_fill(kind: str, wanted: Mapping[int, Iterable[str]]) -> None:
    if not wanted:
        return
    SearchToken.objects.filter(kind=kind, object_id__in=list(wanted)).delete()
    pairs = [(pk, token) for pk, found in wanted.items() for token in found]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_searchtoken (tenant_id, kind, object_id, token)"
            " SELECT %s, %s, * FROM unnest(%s::bigint[], %s::text[])",
            [current_tenant_id(), kind, [pk for pk, _token in pairs], [token for _pk, token in pairs]],
        )


def _apply(account: Account, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set the fields; returns what changed, `{field: [old, new]}`."""
    changes: dict[str, list[Any]] = {}
    for field in ACCOUNT_FIELDS:
        if field in values and getattr(account, field) != values[field]:
            changes[field] = [_plain(getattr(account, field)), _plain(values[field])]
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

    `version`: the one the form was opened with; raises EditConflict, naming the fields, when another has been saved
    since.
    """
    account.refresh_from_db(from_queryset=Account.objects.select_for_update())
    if version is not None and version != account.version:
        raise EditConflict(
            _(
                "Someone else changed this account while you were editing. Your entries are kept below; check and "
                "save again."
            )
        )
    changes = _apply(account, values)
    if not changes:
        return {}
    if by:
        account.held_fields = sorted(set(account.held_fields) | set(changes))
    account.full_clean(exclude=["tenant", "name_key", "archived_at"])
    account.version += 1
    account.save(update_fields=[*changes, "name_key", "held_fields", "version"])
    if "name" in changes:
        search_fill(accounts=[account])
    audit_add(actor=by, action="change", target=account, at=at, changes=changes, label=label or None)
    if "csm" in changes:
        account_reassigned.send(sender=Account, account=account, csm=account.csm)
    return changes


def accounts_assign(*, accounts: Iterable[Account], csm: Member, at: datetime, by: Member) -> int:
    """Give accounts to a CSM; their open work follows. Returns how many changed hands."""
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
    """Take over what the product reports of the account; fields that a person has edited stay as they are."""
    account.refresh_from_db(from_queryset=Account.objects.select_for_update())
    free = {field: value for field, value in values.items() if field not in account.held_fields}
    return account_change(account=account, values=free, at=at, by=None, label="intake")


def account_release_field(*, account: Account, field: str, at: datetime, by: Member) -> None:
    """Let traits write the field again."""
    account.held_fields = [name for name in account.held_fields if name != field]
    account.save(update_fields=["held_fields"])
    audit_add(actor=by, action="release", target=account, at=at, changes={field: ["held", "released"]})


def accounts_upsert(
    *, tenant: Tenant, rows: Iterable[Mapping[str, Any]], at: datetime, by: Member | None, label: str = ""
) -> list[tuple[str, Account]]:
    """Create or change accounts by external id; returns ("created" | "changed" | "unchanged", account) per row.

    Each row has `external_id` and any of the account's fields. Twice is the same as once. Raises ArchivedAccounts,
    and changes nothing, when rows name archived ones: what is in no list must not change unseen.
    """
    transaction_lock(ACCOUNT_IDS, tenant.pk)
    rows = list(rows)
    ids = [row["external_id"] for row in rows]
    held = {account.external_id: account for account in Account.objects.filter(external_id__in=ids)}
    if archived := {external_id for external_id, account in held.items() if account.archived_at is not None}:
        raise ArchivedAccounts(archived)
    results: list[tuple[str, Account]] = []
    for row in rows:
        external_id, values = row["external_id"], {k: v for k, v in row.items() if k != "external_id"}
        account = held.get(external_id)
        if account is None:
            values.setdefault("name", external_id)
            account = account_create(tenant=tenant, external_id=external_id, values=values, at=at, by=by, label=label)
            held[external_id] = account
            results.append(("created", account))
        else:
            changes = account_change(account=account, values=values, at=at, by=by, label=label)
            results.append(("changed" if changes else "unchanged", account))
    return results


def contact_save(
    *, account: Account, values: Mapping[str, Any], at: datetime, by: Member | None, contact: Contact | None = None
) -> Contact:
    """A new contact at the account, or a changed one."""
    creating = contact is None
    contact = contact or Contact(account=account, created_at=at)
    for field in ("name", "title", "role", "email", "phone"):
        setattr(contact, field, values.get(field, getattr(contact, field)))
    contact.full_clean(exclude=["tenant"])
    contact.save()
    search_fill(contacts=[contact])
    audit_add(actor=by, action="create" if creating else "change", target=contact, at=at)
    return contact


def contact_delete(*, contact: Contact, at: datetime, by: Member) -> None:
    """Remove a contact; touches keep their note, without the person."""
    audit_add(actor=by, action="delete", target=contact, at=at)
    SearchToken.objects.filter(kind=SearchToken.Kind.CONTACT, object_id=contact.pk).delete()
    contact.delete()


TWO_WAY_KINDS = frozenset({Touch.Kind.CALL, Touch.Kind.MEETING, Touch.Kind.VISIT, Touch.Kind.TRAINING})


def touch_log(
    *,
    account: Account,
    kind: str,
    on: date,
    note: str,
    by: Member | None,
    at: datetime,
    answered: bool = False,
    contacts: Iterable[Contact] = (),
) -> Touch:
    """Log a touch. Calls, meetings, visits and trainings are two-way; mails and messages when the customer answered.

    Raises ValidationError for an empty note, a day in the future, or a contact of another account.
    """
    people = list(contacts)
    if any(contact.account_id != account.pk for contact in people):
        raise ValidationError({"contacts": _("These people belong to another account.")})
    if on > at.date() and (on - at.date()).days > 1:
        raise ValidationError({"on": _("A touch is logged once it has happened; this day lies in the future.")})
    touch = Touch(
        account=account,
        kind=kind,
        on=on,
        note=note,
        two_way=kind in TWO_WAY_KINDS or answered,
        author=by,
        created_at=at,
    )
    touch.full_clean(exclude=["tenant"])
    touch.save()
    TouchContact.objects.bulk_create([TouchContact(touch=touch, contact=contact) for contact in people])
    audit_add(actor=by, action="log", target=touch, at=at, changes={"account": [None, account.name]})
    return touch


def feature_save(
    *, values: Mapping[str, Any], at: datetime, by: Member | None, feature: Feature | None = None, label: str = ""
) -> Feature:
    """A new feature, or a changed one: key, name, core, entitled_by_default, target_uses."""
    creating = feature is None
    feature = feature or Feature(created_at=at)
    changes = {}
    for field in ("key", "name", "core", "entitled_by_default", "target_uses"):
        if field in values and getattr(feature, field) != values[field]:
            changes[field] = [_plain(getattr(feature, field)), _plain(values[field])]
            setattr(feature, field, values[field])
    feature.full_clean(exclude=["tenant"])
    feature.save()
    if creating or changes:
        audit_add(
            actor=by,
            action="create" if creating else "change",
            target=feature,
            at=at,
            changes=changes,
            label=label or None,
        )
    return feature


def saved_view_save(
    *, member: Member, name: str, query: str, is_shared: bool, is_default: bool, at: datetime
) -> SavedView:
    """Save the state of the table under a name; the same name again replaces it. One default per member."""
    if is_default:
        SavedView.objects.filter(owner=member, is_default=True).update(is_default=False)
    view, _created = SavedView.objects.update_or_create(
        owner=member,
        name=name,
        defaults={"query": query, "is_shared": is_shared, "is_default": is_default},
        create_defaults={"query": query, "is_shared": is_shared, "is_default": is_default, "created_at": at},
    )
    return view


def saved_view_delete(*, view: SavedView, at: datetime, by: Member) -> None:
    """Delete an own view."""
    if view.owner_id != by.pk:
        raise ValidationError(_("Only its owner can delete a view."))
    audit_add(actor=by, action="delete", target=view, at=at)
    view.delete()

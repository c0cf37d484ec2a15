"""Writes custom fields, their values, and tags."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Account, AccountTag, AccountValue, Contact, ContactValue, CustomField, Tag
from accounts.selectors.fields import field_has_values, field_list, values_of
from accounts.services.changes import plain
from accounts.tokens import name_key
from tenants.models import Member
from tenants.scope import current_tenant_id
from tenants.services import audit_add

MOST_FIELDS = 100
Changes = dict[CustomField, list[Any]]


def custom_field_save(
    *, values: Mapping[str, Any], at: datetime, by: Member | None, field: CustomField | None = None
) -> CustomField:
    """A new field (label, kind, holder, choices, required, key), or a changed one. Raises ValidationError.

    The kind cannot change once values exist, and a choice that accounts hold cannot be taken away.
    """
    creating = field is None
    field = field or _new(values, at)
    changes = {}
    if not creating and values.get("kind", field.kind) != field.kind and field_has_values(field=field):
        raise ValidationError(
            {"kind": _("This field has values, so its type stays. Archive it and make a new field instead.")}
        )
    for name in ("label", "kind", "choices", "required", "position"):
        if name in values and getattr(field, name) != values[name]:
            changes[name] = [plain(getattr(field, name)), plain(values[name])]
            setattr(field, name, values[name])
    _check(field)
    field.full_clean(exclude=["tenant"])
    field.save()
    if creating or changes:
        action = "create" if creating else "change"
        audit_add(actor=by, action=action, target=field, at=at, changes={} if creating else changes)
    return field


def _new(values: Mapping[str, Any], at: datetime) -> CustomField:
    holder = values.get("holder", CustomField.Holder.ACCOUNT)
    held = CustomField.objects.filter(holder=holder)
    keys, count = set(held.values_list("key", flat=True)), held.filter(archived_at=None).count()
    if count >= MOST_FIELDS:
        raise ValidationError(_("There are %(count)d fields already; archive one first.") % {"count": count})
    wanted = values.get("key") or _slug(str(values.get("label", "")))
    key, number = wanted, 2
    while key in keys and not values.get("key"):
        key, number = f"{wanted[:36]}_{number}", number + 1
    return CustomField(holder=holder, key=key, created_at=at, position=len(keys))


def _slug(label: str) -> str:
    """A key from a label: letters and digits, Chinese by its pinyin."""
    return re.sub(r"[^a-z0-9]+", "_", name_key(label).lower()).strip("_")[:40] or "field"


def _check(field: CustomField) -> None:
    if field.kind != CustomField.Kind.PICK:
        field.choices = []
        return
    if not field.choices:
        raise ValidationError({"choices": _("Write at least one choice, each on a line.")})
    if len({choice.casefold() for choice in field.choices}) != len(field.choices):
        raise ValidationError({"choices": _("Two choices are the same.")})
    if field.pk and (lost := _held_choices(field) - set(field.choices)):
        found = _(", ").join(sorted(lost)[:5])
        raise ValidationError({"choices": _("These choices are in use and must stay: %(found)s.") % {"found": found}})


def _held_choices(field: CustomField) -> set[str]:
    model = AccountValue if field.holder == CustomField.Holder.ACCOUNT else ContactValue
    return {text for text in model.objects.filter(field=field).values_list("text", flat=True).distinct() if text}


def custom_field_move(*, field: CustomField, up: bool, at: datetime, by: Member) -> None:
    """Change places with the neighbour."""
    fields = field_list(holder=field.holder)
    here = next(i for i, one in enumerate(fields) if one.pk == field.pk)
    there = here - 1 if up else here + 1
    if 0 <= there < len(fields):
        fields[here], fields[there] = fields[there], fields[here]
        for position, one in enumerate(fields):
            one.position = position
        CustomField.objects.bulk_update(fields, ["position"])
        audit_add(actor=by, action="change", target=field, at=at, changes={"position": [here + 1, there + 1]})


def custom_field_archive(*, field: CustomField, at: datetime, by: Member) -> None:
    """Take a field out of every page; its values stay. Refused while a condition asks for it, naming where."""
    from accounts.selectors.segments import definitions_naming

    if used := definitions_naming(field_key=field.name):
        said = _("These conditions use the field: %(names)s. Change them first.")
        raise ValidationError(said % {"names": _(", ").join(used[:5])})
    if field.archived_at is None:
        field.archived_at = at
        field.save(update_fields=["archived_at"])
        audit_add(actor=by, action="archive", target=field, at=at)


def custom_field_restore(*, field: CustomField, at: datetime, by: Member) -> None:
    """Bring an archived field back with its values."""
    if field.archived_at is not None:
        field.archived_at = None
        field.save(update_fields=["archived_at"])
        audit_add(actor=by, action="restore", target=field, at=at)


def check_value(field: CustomField, value: Any) -> Any:
    """The value when it is one of the field's kind, None for nothing; raises ValidationError by the field's key."""
    if value is None or value == "":
        return None
    wanted: dict[str, type | tuple[type, ...]] = {"number": Decimal, "money": Decimal, "date": date, "person": Member}
    if not isinstance(value, wanted.get(field.kind, str)) or (field.kind == "pick" and value not in field.choices):
        raise ValidationError({field.key: _("This is no value of the field %(field)s.") % {"field": field.label}})
    return value


def values_set(*, holder: Account | Contact, values: Mapping[str, Any], fields: Sequence[CustomField] | None = None
               ) -> dict[CustomField, list[Any]]:  # fmt: skip
    """Set custom values by key, None to empty one; returns what changed, `{field: [old, new]}`.

    Raises ValidationError for an unknown key, a value of another kind, or nothing in a required field.
    """
    named = fields or field_list(holder=holder._meta.model_name or "")
    return values_load(pairs=[(holder, values)], fields=named)[0]


def values_load(
    *, pairs: Sequence[tuple[Account | Contact, Mapping[str, Any]]], fields: Sequence[CustomField]
) -> list[Changes]:
    """`values_set` for many holders of one kind, in a few statements; returns what changed of each, in order."""
    known = {field.key: field for field in fields}
    for key in sorted({key for _holder, values in pairs for key in values}):
        if key not in known:
            raise ValidationError(
                _("There is no field “%(key)s”. Known are: %(known)s.")
                % {"key": key, "known": _(", ").join(sorted(known))}
            )
    named = {key for _holder, values in pairs for key in values}
    held = values_of(holders=[holder for holder, _values in pairs], fields=[known[key] for key in named])
    found = [_changes(held.get(holder.pk, {}), values, known) for holder, values in pairs]
    _write_many([(holder, changes) for (holder, _values), changes in zip(pairs, found, strict=True) if changes])
    return found


def _changes(held: Mapping[int, Any], values: Mapping[str, Any], known: Mapping[str, CustomField]) -> Changes:
    changes: Changes = {}
    for key in values:
        field = known[key]
        value = check_value(field, values[key])
        if value is None and field.required:
            raise ValidationError({key: _("%(field)s must not be empty.") % {"field": field.label}})
        if held.get(field.pk) != value:
            changes[field] = [held.get(field.pk), value]
    return changes


def _write_many(found: Sequence[tuple[Account | Contact, Changes]]) -> None:
    if not found:
        return
    model: Any = AccountValue if isinstance(found[0][0], Account) else ContactValue
    name = f"{found[0][0]._meta.model_name}_id"
    holders: dict[CustomField, list[int]] = {}
    for holder, changes in found:
        for field, (old, _new) in changes.items():
            if old is not None:
                holders.setdefault(field, []).append(holder.pk)
    for field, ids in holders.items():
        model.objects.filter(field=field, **{f"{name}__in": ids}).delete()
    rows = [
        model(tenant_id=current_tenant_id(), field=field, **{name: holder.pk, **value_columns(field, new)})
        for holder, changes in found
        for field, (_old, new) in changes.items()
        if new is not None
    ]
    model.objects.bulk_create(rows, batch_size=2_000)


def value_columns(field: CustomField, value: Any) -> dict[str, Any]:
    """The typed column of a value row."""
    return {field.column: value.pk if isinstance(value, Member) else value}


def tags_add(*, accounts: Iterable[Account], name: str, at: datetime, by: Member) -> list[tuple[Account, Tag]]:
    """Put a tag on accounts; a new name makes the tag. Returns those that did not have it."""
    name = " ".join(name.split())
    if not 0 < len(name) <= 40:
        raise ValidationError(_("A tag has 1 to 40 characters."))
    tag, _made = Tag.objects.get_or_create(name_lower=name.casefold()[:40], defaults={"name": name, "created_at": at})
    accounts = list(accounts)
    held = set(AccountTag.objects.filter(tag=tag, account__in=accounts).values_list("account_id", flat=True))
    new = [account for account in accounts if account.pk not in held]
    tenant = current_tenant_id()  # part of the key, which a bulk insert wants to know
    AccountTag.objects.bulk_create([AccountTag(tenant_id=tenant, tag=tag, account=account) for account in new])
    for account in new:
        audit_add(actor=by, action="change", target=account, at=at, changes={"tags": [None, tag.name]})
    return [(account, tag) for account in new]


def tags_remove(*, accounts: Iterable[Account], tag: Tag, at: datetime, by: Member) -> list[tuple[Account, Tag]]:
    """Take a tag off accounts. Returns those that had it."""
    accounts = list(accounts)
    rows = AccountTag.objects.filter(tag=tag, account__in=accounts)
    held = set(rows.values_list("account_id", flat=True))
    rows.delete()
    gone = [account for account in accounts if account.pk in held]
    for account in gone:
        audit_add(actor=by, action="change", target=account, at=at, changes={"tags": [tag.name, None]})
    return [(account, tag) for account in gone]

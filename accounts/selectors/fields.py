"""Reads custom fields and their values, and tags."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Count

from accounts.models import Account, AccountTag, AccountValue, Contact, ContactValue, CustomField, Tag
from tenants.models import Member


def field_list(*, holder: str = "account", archived: bool = False) -> list[CustomField]:
    """The tenant's fields of accounts or contacts in their order; those archived only where asked for."""
    return list(CustomField.objects.filter(holder=holder, archived_at__isnull=not archived).order_by("position", "id"))


def field_has_values(*, field: CustomField) -> bool:
    """Whether any account or contact holds a value of the field."""
    model: Any = AccountValue if field.holder == CustomField.Holder.ACCOUNT else ContactValue
    return bool(model.objects.filter(field=field).exists())


def field_counts() -> Mapping[int, int]:
    """How many accounts and contacts hold a value, by field."""
    found: dict[int, int] = {}
    for model in (AccountValue, ContactValue):
        rows: Any = model.objects.values_list("field_id").annotate(count=Count("*"))
        found.update(dict(rows))
    return found


def values_of(*, holders: Iterable[Account | Contact], fields: Sequence[CustomField]) -> dict[int, dict[int, Any]]:
    """The values of the fields by holder and field id; persons as members."""
    holders = list(holders)
    if not holders or not fields:
        return {}
    return values_of_ids(ids=[one.pk for one in holders], fields=fields, of_contacts=isinstance(holders[0], Contact))


def values_of_ids(
    *, ids: Sequence[int], fields: Sequence[CustomField], of_contacts: bool = False
) -> dict[int, dict[int, Any]]:
    """`values_of` by ids: one query, and one more where a field names persons."""
    model: Any = ContactValue if of_contacts else AccountValue
    name = "contact_id" if of_contacts else "account_id"
    column = {field.pk: field.column for field in fields}
    rows = list(
        model.objects.filter(field_id__in=list(column), **{f"{name}__in": list(ids)}).values_list(
            name, "field_id", "text", "number", "day", "person_id"
        )
    )
    people: dict[int, Member] = {}
    if any(one == "person_id" for one in column.values()):
        wanted = {row[5] for row in rows if row[5] is not None}
        people = {m.pk: m for m in Member.objects.filter(pk__in=wanted).select_related("user")}
    found: dict[int, dict[int, Any]] = {}
    for pk, field_id, text, number, day, person in rows:
        typed = {"text": text, "number": number, "day": day, "person_id": people.get(person)}
        found.setdefault(pk, {})[field_id] = typed[column[field_id]]
    return found


def tag_list() -> list[Tag]:
    """The tenant's tags by name."""
    return list(Tag.objects.order_by("name_lower"))


def tags_of(*, account_ids: Sequence[int]) -> dict[int, list[str]]:
    """The names of the accounts' tags, in order."""
    rows = AccountTag.objects.filter(account_id__in=list(account_ids)).order_by("tag__name_lower")
    found: dict[int, list[str]] = {}
    for pk, name in rows.values_list("account_id", "tag__name"):
        found.setdefault(pk, []).append(name)
    return found

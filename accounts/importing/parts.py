"""What the targets of several rooms share: how accounts and colleagues are named, and custom fields."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts.models import Account, CustomField
from accounts.owners import owners
from accounts.selectors.fields import field_list, values_of_ids
from accounts.services import ARCHIVED, custom_field_save
from common.plausible import When, faults_of
from imports.cleaning import Options, fold, options_of
from imports.registry import MADE, Field, Plan, Row, Work, plain
from tenants.models import Member

PREFIX = "c."
CUSTOM_KINDS = {
    "text": "text", "number": "number", "money": "money", "date": "date", "pick": "choice", "person": "choice",
    "link": "link",
}  # fmt: skip
LANGUAGES = ("en", "zh-hans")


def account_options() -> Options:
    """Every account by external id, and by name where only one has it; archived ones too, which rows then refuse."""
    found = list(Account.objects.values_list("external_id", "name"))
    words = dict(found)
    names: dict[str, list[str]] = {}
    for external_id, name in found:
        names.setdefault(fold(name), []).append(external_id)
    alone = {name: ids[0] for name, ids in names.items() if len(ids) == 1}
    exact = {**alone, **{fold(external_id): external_id for external_id, _name in found}}
    return Options(exact, words, alone, names=True)


def believed(row: Row, work: Work, days: Mapping[str, When]) -> None:
    """Refuse a row whose days (by column) or currency are not plausible; a currency counts in capitals."""
    if isinstance(code := row.values.get("currency"), str):
        row.values["currency"] = code.upper()
    for said in faults_of(row.values, days, work.today).values():
        row.refuse(said[0])


def account_field(**more: Any) -> Field:
    """The column that names an account."""
    words = (
        "account external id", "account id", "account", "account name", "customer id", "customer", "company", "client",
        "group id", "客户编号", "客户id", "客户", "客户名称", "公司", "公司名称", "企业", "外部编号",
    )  # fmt: skip
    return Field("account", gettext_lazy("Account"), "choice", words, account_options, **more)


def member_options() -> Options:
    """Colleagues who may look after accounts, by e-mail, and by name where only one has it."""
    return _people(owners())


def colleague_options() -> Options:
    """Every active colleague."""
    return _people(list(Member.objects.filter(is_active=True).select_related("user").order_by("id")))


def _people(members: Sequence[Member]) -> Options:
    names = [fold(member.user.name) for member in members]
    alone = {fold(m.user.name): m.user.email for m in members if m.user.name and names.count(fold(m.user.name)) == 1}
    mails = {fold(member.user.email): member.user.email for member in members}
    return Options({**alone, **mails}, {m.user.email: str(m) for m in members}, {**alone, **mails}, names=True)


def members_by_mail(mails: Iterable[str | None]) -> dict[str, Member]:
    """Members by e-mail."""
    wanted = {mail for mail in mails if mail}
    found = Member.objects.filter(user__email__in=wanted).select_related("user") if wanted else []
    return {member.user.email: member for member in found}


def choice_options(choices: type[TextChoices], more: Mapping[str, Sequence[str]] | None = None) -> Options:
    """The choices of a field by code and by their words in every language."""
    said: dict[str, list[str]] = {str(code): list((more or {}).get(str(code), ())) for code in choices.values}
    for language in LANGUAGES:
        with override(language):
            for code, label in choices.choices:
                said[str(code)].append(str(label))
    return options_of((str(code), str(label), said[str(code)]) for code, label in choices.choices)


def accounts_named(external_ids: Iterable[str]) -> dict[str, Account]:
    """Accounts by external id."""
    found = Account.objects.filter(external_id__in=set(external_ids)).select_related("csm__user", "parent")
    return {account.external_id: account for account in found}


def account_of(row: Row, accounts: Mapping[str, Account]) -> Account | None:
    """The row's account; an archived one refuses the row."""
    account = accounts.get(row.values.get("account", ""))
    if account is None:
        if not row.reasons:
            row.refuse(_("The account is missing."))
    elif account.archived_at is not None:
        row.refuse(ARCHIVED)
    return account


def contradictions_refuse(groups: Iterable[Sequence[Row]]) -> None:
    """Refuse all rows that mean the same thing under different names: none of them says more than the others."""
    for rows in groups:
        if len(rows) > 1:
            lines = _(", ").join(str(line) for line in sorted(row.line for row in rows))
            said = _(
                "Lines %(lines)s mean the same one, named in different ways, and contradict each other. Name it by its "
                "id in each, or leave one of them in the file."
            )
            for row in rows:
                row.refuse(said % {"lines": lines})


def custom_fields(holder: str) -> list[Field]:
    """The tenant's own fields, as columns can be mapped to them."""
    return [_custom(one) for one in field_list(holder=holder)]


def _custom(one: CustomField) -> Field:
    kind = CUSTOM_KINDS[one.kind]
    options = None
    if one.kind == CustomField.Kind.PICK:
        options = lambda: options_of((choice, choice, ()) for choice in one.choices)  # noqa: E731 - a field of its own
    elif one.kind == CustomField.Kind.PERSON:
        options = member_options
    return Field(f"{PREFIX}{one.key}", one.label, kind, (one.label, one.key), options, longest=500)


def custom_held(holder: str, ids: Sequence[int], keys: Iterable[str]) -> dict[int, dict[str, Any]]:
    """What accounts or contacts hold in the custom fields of these keys (with their prefix), plainly."""
    wanted = set(keys)
    fields = [one for one in field_list(holder=holder) if f"{PREFIX}{one.key}" in wanted]
    if not fields or not ids:
        return {}
    held = values_of_ids(ids=ids, fields=fields, of_contacts=holder == "contact")
    return {
        pk: {f"{PREFIX}{one.key}": plain(held.get(pk, {}).get(one.pk)) for one in fields} for pk in ids
    }  # fmt: skip


class CustomValues:
    """The custom values of rows as services take them: by key, typed, people as members."""

    def __init__(self, holder: str, rows: Sequence[Mapping[str, Any]]) -> None:
        named = {key.removeprefix(PREFIX) for row in rows for key in row if key.startswith(PREFIX)}
        self._kinds = {one.key: one.kind for one in field_list(holder=holder)} if named else {}
        people = {key for key in named if self._kinds.get(key) == "person"}
        self._members = members_by_mail(row.get(f"{PREFIX}{key}") for row in rows for key in people)

    def of(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Those of one row."""
        named = {key.removeprefix(PREFIX): value for key, value in row.items() if key.startswith(PREFIX)}
        return {key: _typed(self._kinds.get(key, "text"), value, self._members) for key, value in named.items()}


def _typed(kind: str, value: Any, members: Mapping[str, Member]) -> Any:
    from datetime import date

    if value is None or value == "":
        return None
    if kind == "person":
        return members.get(str(value))
    if kind in ("number", "money") and not isinstance(value, Decimal):
        return Decimal(str(value))
    if kind == "date" and isinstance(value, str):
        return date.fromisoformat(value)
    return value


def field_made(holder: str, head: str, kind: str, cells: Sequence[str], work: Work) -> tuple[str, Plan]:
    """Make a custom field for a column; picks offer what stands in it."""
    label = head.strip()[:60] or _("Column")
    values: dict[str, Any] = {"label": label, "kind": kind, "holder": holder}
    if kind == CustomField.Kind.PICK:
        values["choices"] = sorted({fold(cell): cell for cell in cells}.values())[:100] or ["–"]
    made = custom_field_save(values=values, at=work.at, by=work.by)
    return f"{PREFIX}{made.key}", Plan(Row(0), f"{holder}.{made.key}", made.label, MADE, "customfield")


def field_unmade(key: str, work: Work) -> None:
    """Take a field away that an import made, when nothing is in it any more."""
    from accounts.selectors.fields import field_has_values
    from accounts.selectors.segments import definitions_naming
    from tenants.services import audit_add

    holder, _dot, name = key.partition(".")
    field = CustomField.objects.filter(holder=holder, key=name).first()
    if field and not field_has_values(field=field) and not definitions_naming(field_key=field.name):
        audit_add(actor=work.by, action="delete", target=field, at=work.at, label=work.label or None)
        field.delete()

"""Columns that only some readers choose: custom fields, tags, facts, and how any figure changed in 7, 30 or 90 days.

They are made when asked for, and their values are read for the rows shown: one query for custom fields, one for tags,
and one for all facts and changes together.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import CustomField
from accounts.segments.catalogue import custom_field, fact_fields, own_fields
from accounts.segments.compiler import Compiler
from accounts.segments.definition import Field
from accounts.selectors.fields import field_list, tags_of, values_of_ids
from common import components, formats
from common.components import undefined
from portfolio.cells import Row
from portfolio.columns import COLUMNS, PortfolioColumn
from tenants.models import Member
from tenants.scope import current_tenant_id

SPANS = (7, 30, 90)
STATIC = frozenset(column.key for column in COLUMNS)
OWN = ("seats", "contract_start", "currency")  # fields of the account that are no column of the portfolio otherwise
SHOWN_ELSEWHERE = frozenset({"health_score", "health_band"})
_CHANGE = re.compile(r"^(.+)~(7|30|90)$")


def asked_columns(keys: Sequence[str]) -> list[PortfolioColumn]:
    """The columns of these keys that are not of the portfolio's own; unknown keys are left out. No query for none."""
    wanted = [key for key in dict.fromkeys(keys) if key not in STATIC]
    if not wanted:
        return []
    known = _known(custom=any(key.startswith("c.") for key in wanted))
    return [column for key in wanted if (column := _column(key, known)) is not None]


def _known(custom: bool) -> dict[str, Field | CustomField]:
    found: dict[str, Field | CustomField] = {field.key: field for field in (*fact_fields(), *own_fields(()))}
    if custom:
        found |= {field.name: field for field in field_list()}
    return found


def all_columns() -> list[PortfolioColumn]:
    """Every column there is beside the portfolio's own, for the chooser."""
    known = _known(custom=True)
    keys = ["tags", *(f"own.{name}" for name in OWN)]
    plain = [
        key for key in known if key not in STATIC | SHOWN_ELSEWHERE and (key.startswith("c.") or _is_fact(known[key]))
    ]
    changing = [key for key, one in known.items() if _dated(one)]
    keys += [*plain, *(f"{key}~{span}" for key in changing for span in SPANS if (key, span) != ("health_score", 7))]
    return [column for key in keys if (column := _column(key, known)) is not None]


def _is_fact(one: Field | CustomField) -> bool:
    return isinstance(one, Field) and bool(one.sql)


def _field(one: Field | CustomField) -> Field:
    return custom_field(one) if isinstance(one, CustomField) else one


def _dated(one: Field | CustomField) -> bool:
    return "rose" in _field(one).operators


def _column(key: str, known: Mapping[str, Field | CustomField]) -> PortfolioColumn | None:
    if key == "tags":
        return _tags()
    if match := _CHANGE.match(key):
        one = known.get(match[1])
        return _change(key, _field(one), int(match[2])) if one is not None and _dated(one) else None
    if key.startswith("own."):
        one = known.get(key.removeprefix("own."))
        return _own(key, one) if isinstance(one, Field) and one.key in OWN else None
    one = known.get(key)
    if isinstance(one, CustomField):
        return _custom(one)
    return _fact(one) if one is not None and one.sql else None


def _tags() -> PortfolioColumn:
    def cell(row: Row) -> SafeString | str:
        names = row.extra.get("tags") or []
        return format_html_join(" ", '<span class="tag">{}</span>', ((name,) for name in names)) or undefined()

    def plain(row: Row) -> str:
        return ", ".join(row.extra.get("tags") or [])

    return PortfolioColumn("tags", _("Tags"), default=False, sortable=False, cell=cell, plain=plain)


def _own(key: str, one: Field) -> PortfolioColumn:
    name = one.key

    def cell(row: Row) -> SafeString | str:
        value = getattr(row.account, name)
        return undefined() if value in (None, "") else _said(one, value, row)

    def plain(row: Row) -> Any:
        value = getattr(row.account, name)
        return "" if value is None else value

    edit = "" if name == "currency" else name
    numeric = one.kind == "number"
    return PortfolioColumn(key, one.label, numeric, default=False, sql=one.column, edit=edit, cell=cell, plain=plain)


def _cells(key: str, one: Field) -> tuple[Callable[[Row], SafeString | str], Callable[[Row], Any]]:
    words = dict(one.choices)

    def cell(row: Row) -> SafeString | str:
        value = row.extra.get(key)
        return undefined() if value is None else _said(one, words.get(value, value), row)

    def plain(row: Row) -> Any:
        value = row.extra.get(key)
        return "" if value is None else str(words[value]) if value in words else _plain(value)

    return cell, plain


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Member) else value


def _said(one: Field, value: Any, row: Row) -> SafeString | str:
    """A value as the page writes it, by the field's unit."""
    if one.kind == "date":
        return components.time_tag(value, formats.day(value))
    if one.unit == "link":
        shown = str(value).split("://", 1)[-1].removesuffix("/")
        return format_html('<a href="{}" rel="noopener noreferrer" target="_blank">{}</a>', value, shown[:40])
    if not isinstance(value, Decimal | int | float):
        return str(value)
    return _number(one, value, row)


def _number(one: Field, value: Any, row: Row) -> str:
    if one.unit == "ratio":
        return formats.percent(value)
    if one.unit == "money":
        return formats.money(value, row.account.currency)
    digits = max(0, -int(Decimal(str(value)).normalize().as_tuple().exponent))
    return formats.number(value, min(digits, 2))


_SOURCE = "LEFT JOIN ({source}) sorted ON sorted.account_id = a.id"


def _custom(field: CustomField) -> PortfolioColumn:
    one = custom_field(field)
    cell, plain = _cells(one.key, one)
    # A range of the key, read once (OFFSET 0 keeps it so): a look-up per account takes the planner's fancy otherwise.
    join = (
        f"LEFT JOIN (SELECT account_id, {field.column} FROM accounts_accountvalue"  # noqa: S608 - a column of the model
        f" WHERE tenant_id = %(tenant)s AND field_id = {int(field.pk)} OFFSET 0) sorted ON sorted.account_id = a.id"
    )
    sql = f"sorted.{field.column}"
    if field.kind == CustomField.Kind.PERSON:
        join += (
            " LEFT JOIN tenants_member sm ON sm.tenant_id = a.tenant_id AND sm.id = sorted.person_id"
            " LEFT JOIN tenants_user su ON su.id = sm.user_id"
        )
        sql = "su.name"
    return PortfolioColumn(
        one.key, field.label, one.kind == "number", default=False, sql=sql, join=join, edit=one.key, cell=cell,
        plain=plain,
    )  # fmt: skip


def _fact(one: Field) -> PortfolioColumn:
    cell, plain = _cells(one.key, one)
    return PortfolioColumn(
        one.key, one.label, one.kind == "number", default=False, definition=one.definition, sql="sorted.value",
        join=f"fact:{one.key}", dated=True, cell=cell, plain=plain,
    )  # fmt: skip


def _change(key: str, one: Field, days: int) -> PortfolioColumn:
    def cell(row: Row) -> SafeString | str:
        value = row.extra.get(key)
        if value is None:
            return undefined(_("Not known on both days"))
        shown, digits = (value * 100, 1) if one.unit == "ratio" else (value, 0 if value == value.to_integral() else 1)
        return components.delta(shown, digits=digits)

    def plain(row: Row) -> Any:
        value = row.extra.get(key)
        return "" if value is None else value

    text = ngettext("change in %(days)d day", "change in %(days)d days", days) % {"days": days}
    label = _("%(field)s, %(change)s") % {"field": one.label, "change": text}
    definition = _("The value of the day shown less the value %(days)d days before.") % {"days": days}
    return PortfolioColumn(
        key, label, True, default=False, definition=definition, sql="sorted.value", join=f"change:{one.key}:{days}",
        dated=True, cell=cell, plain=plain,
    )  # fmt: skip


def join_of(column: PortfolioColumn, compiler: Compiler) -> str:
    """The join that the column's sort needs, compiled for the day; nothing for none."""
    if not column.join.startswith(("fact:", "change:")):
        return column.join
    return _SOURCE.format(source=_select(column, compiler))


def _select(column: PortfolioColumn, compiler: Compiler) -> str:
    kind, _sep, rest = column.join.partition(":")
    if kind == "fact":
        return compiler.source(_by_key(rest), dated=True)
    key, _sep, days = rest.rpartition(":")
    one = _by_key(key)
    now, then = compiler.source(one, dated=True), compiler.source(one, back=int(days), dated=True)
    return (
        f"SELECT n.account_id, n.value - t.value AS value FROM ({now}) n JOIN ({then}) t ON t.account_id = n.account_id"  # noqa: S608 - parts are of the catalogue
    )


def _by_key(key: str) -> Field:
    if key.startswith("c."):
        return Field(key, key, "number", history=key)
    return next(one for one in (*fact_fields(), *own_fields(())) if one.key == key)


def extra_values(
    *, columns: Sequence[PortfolioColumn], ids: Sequence[int], compiler: Compiler
) -> dict[int, dict[str, Any]]:
    """The values of chosen columns by account: at most four queries, however many columns and accounts."""
    found: dict[int, dict[str, Any]] = {pk: {} for pk in ids}
    keys = {column.key for column in columns}
    if "tags" in keys:
        for pk, names in tags_of(account_ids=ids).items():
            found[pk]["tags"] = names
    if custom := [key for key in keys if key.startswith("c.") and "~" not in key]:
        fields = [field for field in field_list() if field.name in custom]
        names_of = {field.pk: field.name for field in fields}
        for pk, values in values_of_ids(ids=ids, fields=fields).items():
            found[pk].update({names_of[field_id]: value for field_id, value in values.items()})
    _computed([c for c in columns if c.join.startswith(("fact:", "change:"))], ids, compiler, found)
    return found


def _computed(
    columns: Sequence[PortfolioColumn], ids: Sequence[int], compiler: Compiler, found: dict[int, dict[str, Any]]
) -> None:
    if not columns:
        return
    parts = [
        f"SELECT {number} AS place, account_id, value::text FROM ({_select(column, compiler)}) f"  # noqa: S608 - as above
        " WHERE account_id = ANY(%(ids)s)"
        for number, column in enumerate(columns)
    ]
    with connection.cursor() as cursor:
        params = {**compiler.params, "tenant": current_tenant_id(), "ids": list(ids)}
        cursor.execute(" UNION ALL ".join(parts), params)
        for place, pk, text in cursor.fetchall():
            column = columns[place]
            found[pk][column.key] = Decimal(text) if text is not None and column.numeric else text

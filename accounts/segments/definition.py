"""What a segment's definition may say. Pure: from a document to a checked tree of conditions.

A document is `{"all": [...]}` or `{"any": [...]}` of conditions and further groups; a condition is
`{"field": "arr", "op": "gt", "value": 50000}`. Comparisons with nothing do not hold; "is not" and "does not contain"
hold for nothing too. `rose`, `fell` and `changed` compare the day with the one `days` before, and hold when the
difference is more than `value`; they do not hold where either is unknown.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

MOST_CONDITIONS = 40
MOST_DEPTH = 4
MOST_DAYS = 3650
NOTHING = ("filled", "empty")
WORDS = ("is", "is_not")
CHANGES = ("rose", "fell", "changed")
OPERATORS: Mapping[str, tuple[str, ...]] = {
    "text": ("contains", "not_contains", *WORDS, *NOTHING),
    "word": (*WORDS, *NOTHING),
    "number": ("gt", "ge", "lt", "le", "eq", "between", *NOTHING),
    "date": ("within_next", "more_ahead", "within_last", "more_ago", "before", "after", *NOTHING),
}
RELATIVE = ("within_next", "more_ahead", "within_last", "more_ago")


@dataclass(frozen=True)
class Field:
    """Something known of accounts. `kind`: text, word, number or date; `choices`: code and words of a word.

    Either `column` is an expression on the accounts as `a`, or `sql` selects `account_id` and `value` with
    `%(tenant)s` and `{day}`. `history`: its name in the field history, where that knows its past; `term`: its column
    among what contract lines come to by day, which goes before the history.
    """

    key: str
    label: Any
    kind: str
    unit: str = ""
    room: str = "accounts"
    choices: tuple[tuple[str, Any], ...] = ()
    column: str = ""
    sql: str = ""
    sql_reported: str = ""
    history: str = ""
    term: str = ""
    definition: Any = ""

    @property
    def operators(self) -> tuple[str, ...]:
        """What can be asked of it."""
        dated = self.kind == "number" and (self.history or "{day}" in self.sql)
        return (*OPERATORS[self.kind], *(CHANGES if dated else ()))


@dataclass(frozen=True)
class Condition:
    """One condition, its values typed: texts, Decimals, dates, or a number of days."""

    field: Field
    op: str
    values: tuple[Any, ...] = ()
    days: int = 0


@dataclass(frozen=True)
class Group:
    """Conditions and groups joined by "and", or by "or" when `any`. An empty one holds for every account."""

    parts: tuple["Condition | Group", ...]
    any: bool = False

    def conditions(self) -> Iterator[Condition]:
        """Every condition in it."""
        for part in self.parts:
            if isinstance(part, Group):
                yield from part.conditions()
            else:
                yield part

    def has_empty(self) -> bool:
        """Whether it or a group in it holds nothing: most likely one that somebody forgot to fill."""
        return not self.parts or any(isinstance(part, Group) and part.has_empty() for part in self.parts)


class DefinitionFault(ValueError):  # noqa: N818 - named by what it found
    """The document is no definition. `code` says why (`words.FAULTS`), `said` holds what it names."""

    def __init__(self, code: str, **said: Any) -> None:
        super().__init__(code)
        self.code, self.said = code, said


def parse(document: Any, fields: Mapping[str, Field]) -> Group:
    """The checked tree of a document; raises DefinitionFault at the first thing that cannot be read."""
    group = _group(document, fields, MOST_DEPTH)
    if len(list(group.conditions())) > MOST_CONDITIONS:
        raise DefinitionFault("too_many", most=MOST_CONDITIONS)
    return group


def _group(document: Any, fields: Mapping[str, Field], depth: int) -> Group:
    if not isinstance(document, dict) or len(document) != 1 or not set(document) <= {"all", "any"}:
        raise DefinitionFault("no_group")
    [(joined, parts)] = document.items()
    if not isinstance(parts, list) or len(parts) > MOST_CONDITIONS:
        raise DefinitionFault("no_group")
    if depth == 0:
        raise DefinitionFault("too_deep", most=MOST_DEPTH)
    return Group(tuple(_part(part, fields, depth) for part in parts), any=joined == "any")


def _part(part: Any, fields: Mapping[str, Field], depth: int) -> Condition | Group:
    if isinstance(part, dict) and "field" in part:
        return _condition(part, fields)
    return _group(part, fields, depth - 1)


def _condition(part: Mapping[str, Any], fields: Mapping[str, Field]) -> Condition:
    field = fields.get(part["field"]) if isinstance(part["field"], str) else None
    if field is None:
        raise DefinitionFault("no_field", field=str(part["field"])[:60])
    op = part.get("op")
    if op not in field.operators:
        raise DefinitionFault("no_operator", field=field.label)
    if op in NOTHING:
        return Condition(field, op)
    if op in CHANGES:
        by, days = _number(field, part.get("value")), _days(field, part.get("days"))
        if by < 0 or days < 1:
            raise DefinitionFault("no_change", field=field.label)
        return Condition(field, op, (by,), days)
    return Condition(field, op, _values(field, op, part.get("value")))


def _holds(value: Any) -> bool:
    """Whether it is a text that a table can hold: without NUL and without halves of signs, which JSON may write."""
    return isinstance(value, str) and "\x00" not in value and not any("\ud800" <= sign <= "\udfff" for sign in value)


def _values(field: Field, op: str, value: Any) -> tuple[Any, ...]:
    if op in WORDS:
        return _words(field, value)
    if field.kind == "text":
        if not _holds(value) or not value.strip() or len(value) > 200:
            raise DefinitionFault("no_text", field=field.label)
        return (value.strip(),)
    if op in RELATIVE:
        return (_days(field, value),)
    if field.kind == "date":
        return (_day(field, value),)
    if op == "between":
        if not isinstance(value, list) or len(value) != 2:
            raise DefinitionFault("no_number", field=field.label)
        return tuple(_number(field, one) for one in value)
    return (_number(field, value),)


def _words(field: Field, value: Any) -> tuple[str, ...]:
    words = value if isinstance(value, list) else [value]
    if not words or not all(_holds(one) and one for one in words):
        raise DefinitionFault("no_choice", field=field.label)
    if field.kind == "word" and (unknown := set(words) - {code for code, _words in field.choices}):
        raise DefinitionFault("unknown_choice", field=field.label, value=sorted(unknown)[0][:60])
    return tuple(dict.fromkeys(words))[:200]


def _number(field: Field, value: Any) -> Decimal:
    try:
        if isinstance(value, bool):
            raise InvalidOperation
        found = Decimal(str(value).strip())
    except InvalidOperation:
        raise DefinitionFault("no_number", field=field.label) from None
    if not found.is_finite() or abs(found) >= Decimal(10) ** 15 or abs(int(found.as_tuple().exponent)) > 12:
        raise DefinitionFault("no_number", field=field.label)
    return found


def _days(field: Field, value: Any) -> int:
    text = str(value).strip()
    if isinstance(value, bool) or not (text.isascii() and text.isdigit()) or len(text) > 4 or int(text) > MOST_DAYS:
        raise DefinitionFault("no_days", field=field.label, most=MOST_DAYS)
    return int(text)


def _day(field: Field, value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise DefinitionFault("no_day", field=field.label) from None

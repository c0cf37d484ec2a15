"""From the rows of a file to rows of values: cleaned, with suggestions for what a person has to decide."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from common.formats import labelled
from imports.cleaning import READERS, Options, Read, Refused, read_choice, read_choices, read_text, swapped
from imports.reading import Sheet
from imports.registry import Field, Row, Target, Work, plain
from imports.words import refused_words, suggested_words, value_words

MOST_NEAR = 1_000  # mistyped texts that are looked up in one file
MOST_NOTE = 5_000
SEPARATOR = "\x1f"
ORDERS = ("dmy", "mdy")


@dataclass
class Suggestion:
    """A reading that somebody has to accept: `text` becomes `value` in `count` rows, first in `line`.

    `other`: not likely enough to be among "all". `one`: of the suggestions with this name at most one can be accepted.
    """

    field: str
    rule: str
    text: str
    value: str
    line: int
    each: bool
    count: int = 0
    other: bool = False
    one: str = ""

    @cached_property
    def key(self) -> str:
        """What an acceptance names: the rule of a column, or of one text in it."""
        return SEPARATOR.join((self.field, self.rule, self.text if self.each else ""))


@dataclass
class Typed:
    """The rows of a file as values, and what is suggested."""

    rows: list[Row]
    suggestions: dict[str, Suggestion] = field(default_factory=dict)
    twins: int = 0


class _Column:
    """Reads the cells of one column, each text once."""

    def __init__(self, number: int, wanted: Field, zone: ZoneInfo) -> None:
        self.number, self.field, self.zone = number, wanted, zone
        self.options: Options | None = wanted.options() if wanted.options else None
        self.label = str(wanted.label)
        self.known: dict[str, Read | Refused] = {}
        self.offers: dict[str, list[tuple[Any, Suggestion]]] = {}
        self.elsewhere: set[str] = set()  # the orders of the file's other dates
        self.near = 0

    def read(self, text: str) -> Read | Refused:
        """The reading of a text, or why there is none."""
        found = self.known.get(text)
        if found is None:
            try:
                found = self._read(text)
            except Refused as refused:
                found = refused
            self.known[text] = found
        return found

    def _read(self, text: str) -> Read:
        kind = self.field.kind
        if self.options is not None:
            options = self.options
            if self.near >= MOST_NEAR:
                options = Options(options.exact, options.words)
            self.near += 1
            return read_choices(text, options) if kind == "choices" else read_choice(text, options)
        if kind in ("text", "note"):
            note = kind == "note"
            return read_text(text, MOST_NOTE if note else self.field.longest, note)
        read = READERS[kind](text)
        if isinstance(read.value, datetime) and read.value.tzinfo is None:
            return Read(read.value.replace(tzinfo=self.zone), read.rule, read.each, read.others)
        return read

    @cached_property
    def orders(self) -> set[str]:
        """In which orders the dates that can be read in one order only are written; asked once all are read."""
        return {r.rule for r in self.known.values() if isinstance(r, Read) and r.rule in ORDERS and not r.others}


def typed_rows(
    *, sheet: Sheet, mapping: Mapping[int, str], target: Target, accepted: Iterable[str], work: Work
) -> Typed:
    """Read every row by the mapping; what `accepted` does not name stays refused and is suggested."""
    fields = {one.key: one for one in target.fields()}
    zone = ZoneInfo(work.tenant.timezone)
    columns = [_Column(number, fields[key], zone) for number, key in mapping.items() if key in fields]
    _orders_read(sheet, [column for column in columns if column.field.kind in ("date", "instant")])
    typed, taken = Typed([]), frozenset(accepted)
    required = [one for one in fields.values() if one.required]
    for line, cells in zip(sheet.lines, sheet.rows, strict=True):
        row = Row(line)
        if len(cells) > len(sheet.heads):
            row.refuse(_("The row has more cells than the head."))
        said = set()
        for column in columns:
            if column.number < len(cells) and (text := cells[column.number]):
                _take(row, column, text, taken, typed)
                said.add(column.field.key)
        for one in required:
            if one.key not in said:
                row.refuse(_("%(field)s is missing.") % {"field": one.label})
        typed.rows.append(row)
    _alike(typed, target, taken, work)
    typed.twins = _twins(typed.rows, target)
    return typed


def _orders_read(sheet: Sheet, columns: Sequence[_Column]) -> None:
    """Read every date first: in which order days and months stand is told by all of them together."""
    for cells in sheet.rows:
        for column in columns:
            if column.number < len(cells) and cells[column.number]:
                column.read(cells[column.number])
    for column in columns:
        column.elsewhere = set().union(*(other.orders for other in columns if other is not column))


def _take(row: Row, column: _Column, text: str, taken: frozenset[str], typed: Typed) -> None:
    read = column.read(text)
    if isinstance(read, Refused):
        row.refuse(labelled(column.label, refused_words(text, read)))
        return
    if not read.rule:
        row.values[column.field.key] = read.value
        return
    if text not in column.offers:
        column.offers[text] = _offers(typed, column, text, read, row.line)
    offered = column.offers[text]
    for _value, suggestion in offered:
        suggestion.count += 1
    accepted = [value for value, suggestion in offered if suggestion.key in taken]
    if len(accepted) == 1:
        row.values[column.field.key] = accepted[0]
        return
    value, first = offered[0]
    if len(offered) == 1 or not first.other:
        row.values[column.field.key] = value
    said = [_said(column, one) for one, _suggestion in offered]
    row.wait(labelled(column.label, suggested_words(text, *said)))


def _offers(typed: Typed, column: _Column, text: str, read: Read, line: int) -> list[tuple[Any, Suggestion]]:
    """The readings of a text, the likely one first, each with its suggestion."""
    readings = _readings(read, column.orders, column.elsewhere)
    found = []
    for number, reading in enumerate(readings):
        told = number == 0 and not column.orders and len(column.elsewhere) == 1
        likely = not reading.perhaps if len(readings) == 1 else told
        fresh = Suggestion(
            column.field.key, reading.rule, text, _said(column, reading.value), line, reading.each, other=not likely,
            one=f"{column.field.key}{SEPARATOR}order" if len(readings) > 1 else "",
        )  # fmt: skip
        found.append((reading.value, typed.suggestions.setdefault(fresh.key, fresh)))
    return found


def _readings(read: Read, orders: set[str], elsewhere: set[str]) -> list[Read]:
    """How a date can be read: in the order that the rest of its column tells; in both where that tells none.

    Where both orders stand in the column, dates that can be read in one way only are read so by a rule of their own:
    they tell nothing about the others. What other columns tell puts the likely order first.
    """
    if read.rule not in ORDERS:
        return [read]
    if not read.others:
        return [Read(read.value, "mixed") if len(orders) > 1 else read]
    other = swapped(read, "mdy")
    if len(orders) == 1:
        return [other] if orders == {"mdy"} else [read]
    return [other, read] if elsewhere == {"mdy"} else [read, other]


def contrary(key: str) -> str | None:
    """The suggestion that cannot be accepted together with this one: the same dates in the other order."""
    field, rule, text = key.split(SEPARATOR, 2)
    if rule not in ORDERS:
        return None
    return SEPARATOR.join((field, ORDERS[1 - ORDERS.index(rule)], text))


def _said(column: _Column, value: Any) -> str:
    """A value as people read it."""
    words = column.options.words if column.options else {}
    said = _(", ").join(str(words.get(one, one)) for one in value) if isinstance(value, list) else words.get(value, "")
    return str(said or value_words(value))


def _alike(typed: Typed, target: Target, taken: frozenset[str], work: Work) -> None:
    """Rows that are probably about something known already: taken so where that was accepted."""
    for found in target.alike([row for row in typed.rows if not row.reasons], work):
        text = str(found.row.values.get("external_id") or found.row.values.get("name") or "")
        rule = "above" if found.above else "same"
        suggestion = Suggestion("external_id", rule, text, found.name, found.row.line, each=True, count=1)
        typed.suggestions.setdefault(suggestion.key, suggestion)
        if suggestion.key in taken:
            target.take_alike(found.row, found.key)


def _twins(rows: Sequence[Row], target: Target) -> int:
    """Refuse rows about a thing that a row above them is about; returns how many."""
    seen: dict[str, Row] = {}  # by what rows are named
    too: dict[str, Row] = {}  # by what others may name their things
    twins = 0
    for row in rows:
        key = None if row.reasons else target.twin(row)
        if key is None:
            continue
        names = list(target.named_too(row))
        above = seen.get(key) or too.get(key) or next((seen[name] for name in names if name in seen), None)
        if above is not None:
            twins += 1
            row.refuse(_twin_words(above, row, target))
            continue
        seen[key] = row
        for name in names:
            too.setdefault(name, row)
    return twins


def _twin_words(above: Row, row: Row, target: Target) -> str:
    """Which line counts, and what this one says otherwise."""
    names = [
        str(one.label) for one in target.fields()
        if one.key in row.values and plain(row.values[one.key]) != plain(above.values.get(one.key))
    ]  # fmt: skip
    if not names:
        return _("The same id stands in line %(line)d already.") % {"line": above.line}
    return _(
        "The same id stands in line %(line)d already, with something else in %(fields)s. Line %(line)d counts; leave "
        "one of the two in the file."
    ) % {"line": above.line, "fields": _(", ").join(names)}

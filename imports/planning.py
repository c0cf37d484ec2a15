"""From the rows of a file to rows of values: cleaned, with suggestions for what a person has to decide."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from imports.cleaning import READERS, Options, Read, Refused, read_choice, read_choices, read_text, swapped
from imports.reading import Sheet
from imports.registry import Field, Row, Target, Work, plain
from imports.words import refused_words, suggested_words, value_words

MOST_NEAR = 1_000  # mistyped texts that are looked up in one file
MOST_NOTE = 5_000
SEPARATOR = "\x1f"


@dataclass
class Suggestion:
    """A reading that somebody has to accept: `text` becomes `value` in `count` rows, first in `line`."""

    field: str
    rule: str
    text: str
    value: str
    line: int
    each: bool
    count: int = 0
    other: bool = False  # the less likely of two readings: not among "all"

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
        return {
            r.rule for r in self.known.values() if isinstance(r, Read) and r.rule in ("dmy", "mdy") and not r.others
        }


def typed_rows(
    *, sheet: Sheet, mapping: Mapping[int, str], target: Target, accepted: Iterable[str], work: Work
) -> Typed:
    """Read every row by the mapping; what `accepted` does not name stays refused and is suggested."""
    fields = {one.key: one for one in target.fields()}
    zone = ZoneInfo(work.tenant.timezone)
    columns = [_Column(number, fields[key], zone) for number, key in mapping.items() if key in fields]
    for cells in sheet.rows:
        for column in columns:
            if column.number < len(cells) and cells[column.number] and column.field.kind in ("date", "instant"):
                column.read(cells[column.number])
    typed, taken = Typed([]), frozenset(accepted)
    required = [one for one in fields.values() if one.required]
    for line, cells in zip(sheet.lines, sheet.rows, strict=True):
        row = Row(line)
        if len(cells) > len(sheet.heads):
            row.refuse(_("The row has more cells than the head."))
        for column in columns:
            if column.number < len(cells) and (text := cells[column.number]):
                _take(row, column, text, taken, typed)
        for one in required:
            if one.key not in row.values and not row.reasons:
                row.refuse(_("%(field)s is missing.") % {"field": one.label})
        typed.rows.append(row)
    _alike(typed, target, taken, work)
    typed.twins = _twins(typed.rows, target)
    return typed


def _take(row: Row, column: _Column, text: str, taken: frozenset[str], typed: Typed) -> None:
    read = column.read(text)
    if isinstance(read, Refused):
        row.refuse(f"{column.label}: {refused_words(text, read)}")
        return
    if not read.rule:
        row.values[column.field.key] = read.value
        return
    if text not in column.offers:
        column.offers[text] = [
            (one.value, _offer(typed, column, text, one, row.line, other=number > 0))
            for number, one in enumerate(_readings(read, column.orders))
        ]
    offered = column.offers[text]
    for _value, suggestion in offered:
        suggestion.count += 1
    for value, suggestion in offered:
        if suggestion.key in taken:
            row.values[column.field.key] = value
            return
    row.refuse(f"{column.label}: {suggested_words(text, _said(column, offered[0][0]))}")


def _readings(read: Read, orders: set[str]) -> list[Read]:
    """How a date can be read: in the order that the rest of its column tells; in both where it tells nothing."""
    if not read.others:
        return [read]
    other = swapped(read, "mdy")
    if orders == {"mdy"}:
        return [other]
    return [read] if orders == {"dmy"} else [read, other]


def _offer(typed: Typed, column: _Column, text: str, read: Read, line: int, *, other: bool) -> Suggestion:
    fresh = Suggestion(column.field.key, read.rule, text, _said(column, read.value), line, read.each)
    held = typed.suggestions.setdefault(fresh.key, fresh)
    held.other = held.other or other
    return held


def _said(column: _Column, value: Any) -> str:
    """A value as people read it."""
    words = column.options.words if column.options else {}
    said = _(", ").join(str(words.get(one, one)) for one in value) if isinstance(value, list) else words.get(value, "")
    return str(said or value_words(value))


def _alike(typed: Typed, target: Target, taken: frozenset[str], work: Work) -> None:
    """Rows that are probably about something known already: taken so where that was accepted."""
    for found in target.alike([row for row in typed.rows if not row.reasons], work):
        text = str(found.row.values.get("external_id") or found.row.values.get("name") or "")
        suggestion = Suggestion("external_id", "same", text, found.name, found.row.line, each=True, count=1)
        typed.suggestions.setdefault(suggestion.key, suggestion)
        if suggestion.key in taken:
            target.take_alike(found.row, found.key)


def _twins(rows: Sequence[Row], target: Target) -> int:
    """Refuse rows whose id stands above them; returns how many."""
    seen: dict[str, int] = {}
    twins = 0
    for row in rows:
        key = None if row.reasons else target.twin(row)
        if key is None:
            continue
        if key in seen:
            twins += 1
            row.refuse(_("The same id stands in line %(line)d already.") % {"line": seen[key]})
        seen.setdefault(key, row.line)
    return twins


def plain_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as they are kept."""
    return {name: plain(value) for name, value in values.items()}

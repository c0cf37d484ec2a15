"""Which column is which field: by the words of its head in both languages, then by what stands in it. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from imports.cleaning import READERS, Refused, fold

LIKE = 88
SAMPLE = 60
OFTEN = 0.8  # of the filled cells must be of a kind
_NEVER_BY_VALUE = frozenset({"text", "choice", "choices", "number", "count", "flag"})


@dataclass(frozen=True)
class Wanted:
    """A field as guessing sees it: its words, and the kind of its values."""

    key: str
    kind: str
    words: Sequence[str]
    by_value: bool = False


def head_word(head: str) -> str:
    """A head as it is compared: case, punctuation and what stands in brackets make no difference."""
    return re.sub(r"[\s_\-.:：*#/]+", "", re.sub(r"[(（\[【].*?[)）\]】]", "", fold(head)))


def guess(
    heads: Sequence[str], samples: Sequence[Sequence[str]], fields: Sequence[Wanted],
    remembered: Mapping[str, str] | None = None,
) -> dict[int, str]:  # fmt: skip
    """The field of each column, by number; each field once.

    `remembered`: what heads meant last time, "" for nothing.
    """
    found: dict[int, str] = {}
    known = {field.key for field in fields}
    for number, head in enumerate(heads):
        key = (remembered or {}).get(head)
        if key and key in known and key not in found.values():
            found[number] = key
    skipped = {n for n, head in enumerate(heads) if remembered is not None and head in remembered}
    _by_word(heads, fields, found, skipped)
    _by_likeness(heads, fields, found, skipped)
    _by_value(heads, samples, fields, found, skipped)
    return dict(sorted(found.items()))


def _free(heads: Sequence[str], found: Mapping[int, str], skipped: set[int]) -> list[int]:
    return [number for number in range(len(heads)) if number not in found and number not in skipped]


def _by_word(heads: Sequence[str], fields: Sequence[Wanted], found: dict[int, str], skipped: set[int]) -> None:
    """The words of a field stand in the order of how well they fit, so the first word of all columns wins."""
    heads_by_word: dict[str, list[int]] = {}
    for number in _free(heads, found, skipped):
        heads_by_word.setdefault(head_word(heads[number]), []).append(number)
    ranked = sorted(
        ((rank, place, word, field.key) for place, field in enumerate(fields)
         for rank, word in enumerate(dict.fromkeys(map(head_word, (field.key, *field.words))))),
    )  # fmt: skip
    for _rank, _place, word, key in ranked:
        free = [number for number in heads_by_word.get(word, ()) if number not in found]
        if free and key not in found.values():
            found[free[0]] = key


def _by_likeness(heads: Sequence[str], fields: Sequence[Wanted], found: dict[int, str], skipped: set[int]) -> None:
    from rapidfuzz import fuzz

    for number in _free(heads, found, skipped):
        head = head_word(heads[number])
        best = max(
            ((fuzz.ratio(head, head_word(word)), field.key) for field in fields if field.key not in found.values()
             for word in field.words),
            default=(0.0, ""),
        )  # fmt: skip
        if len(head) >= 4 and best[0] >= LIKE:
            found[number] = best[1]


def _by_value(
    heads: Sequence[str], samples: Sequence[Sequence[str]], fields: Sequence[Wanted], found: dict[int, str],
    skipped: set[int],
) -> None:  # fmt: skip
    """A kind that only one free field and one free column have; asked of kinds that can hardly be mistaken."""
    for kind in dict.fromkeys(field.kind for field in fields if field.by_value and field.kind not in _NEVER_BY_VALUE):
        wanting = [f.key for f in fields if f.kind == kind and f.by_value and f.key not in found.values()]
        columns = [n for n in _free(heads, found, skipped) if kind_share(column(samples, n), kind) >= OFTEN]
        if len(wanting) == 1 and len(columns) == 1:
            found[columns[0]] = wanting[0]


def column(samples: Sequence[Sequence[str]], number: int) -> list[str]:
    """The filled cells of a column."""
    return [row[number] for row in samples[:SAMPLE] if number < len(row) and row[number]]


def kind_share(cells: Iterable[str], kind: str) -> float:
    """Which share of the cells can be read as the kind."""
    cells = list(cells)
    return sum(_reads(cell, READERS[kind]) for cell in cells) / len(cells) if cells else 0.0


def _reads(cell: str, reader: Any) -> bool:
    try:
        reader(cell)
    except Refused:
        return False
    return True


def kind_of(cells: Sequence[str]) -> str:
    """The kind of a custom field that would hold a column: date, link, number, pick for few words, else text."""
    for kind in ("date", "link", "number"):
        if kind_share(cells, kind) >= 0.95:
            return kind
    few = len(set(cells)) <= 12 and len(cells) >= 2 * len(set(cells)) and max(map(len, cells), default=99) <= 60
    return "pick" if few else "text"

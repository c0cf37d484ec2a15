"""A column pasted from a spreadsheet, line by line against the accounts it is meant for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import override

from accounts.cells import Cell, held_values, shown_text, text_of
from accounts.models import Account
from accounts.values import ValueRefused
from common.formulas import plain_cell
from imports.guessing import head_word
from imports.registry import target_of

MOST_LINES = 2_000


@dataclass(frozen=True)
class Pasted:
    """What a line does to an account: what it holds, what it would hold, or why not."""

    account: Account
    typed: str
    held: str
    value: Any = None
    new: str = ""
    reason: str = ""
    changes: bool = False


@dataclass(frozen=True)
class Preview:
    """What pasted lines do. `head`: the first line, where it names the column and is no value."""

    rows: list[Pasted] = field(default_factory=list)
    head: str = ""


def lines_of(text: str) -> list[str]:
    """The first cell of each pasted line; the line break at the end is none."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
    return [plain_cell(line.split("\t")[0].strip()) for line in lines][:MOST_LINES]


def pasted(*, cell: Cell, accounts: Sequence[Account], text: str, headless: bool = False) -> Preview:
    """The lines beside the accounts in order, as many as there are of both; one line alone is for all of them.

    An empty line leaves its account as it is. A first line that names the column is its head and no value; so is one
    that the field refuses where there is a line more than accounts. `headless`: every line is a value.
    """
    lines = lines_of(text)
    head = "" if headless or len(lines) < 2 or not _is_head(cell, lines, len(accounts)) else lines[0]
    lines = lines[1:] if head else lines
    if len(lines) == 1 and not head:
        lines = lines * len(accounts)
    held = held_values(accounts=accounts, cell=cell)
    return Preview([_row(cell, one, line, held[one.pk]) for one, line in zip(accounts, lines, strict=False)], head)


def _is_head(cell: Cell, lines: Sequence[str], accounts: int) -> bool:
    if head_word(lines[0]) in head_words(cell):
        return True
    if not lines[0] or len(lines) != accounts + 1:
        return False
    try:
        cell.typed(lines[0])
    except ValueRefused:
        return True
    return False


def head_words(cell: Cell) -> set[str]:
    """What a column of the cell's field may be called: its label in both languages, and what imports know it by."""
    words = {cell.key}
    for language in ("en", "zh-hans"):
        with override(language):
            words.add(str(cell.label))
    target = target_of("accounts")
    for one in target.fields() if target else ():
        if one.key == cell.key:
            words |= set(one.words)
    return {head_word(word) for word in words}


def _row(cell: Cell, account: Account, typed: str, held: Any) -> Pasted:
    said = shown_text(cell, held)
    if not typed:
        return Pasted(account, typed, said, new=said)
    try:
        value = cell.typed(typed)
    except ValueRefused as error:
        return Pasted(account, typed, said, reason=str(error))
    return Pasted(account, typed, said, value, shown_text(cell, value), changes=text_of(value) != text_of(held))

"""A column pasted from a spreadsheet, line by line against the accounts it is meant for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from accounts.cells import Cell, held_values, shown_text, text_of
from accounts.models import Account
from accounts.values import ValueRefused
from common.csvfile import plain_cell

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


def lines_of(text: str) -> list[str]:
    """The first cell of each pasted line; the line break at the end is none."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
    return [plain_cell(line.split("\t")[0].strip()) for line in lines][:MOST_LINES]


def pasted_rows(*, cell: Cell, accounts: Sequence[Account], text: str) -> list[Pasted]:
    """The lines beside the accounts in order, as many as there are of both; one line alone is for all of them.

    An empty line leaves its account as it is.
    """
    lines = lines_of(text)
    if len(lines) == 1:
        lines = lines * len(accounts)
    held = held_values(accounts=accounts, cell=cell)
    return [
        _row(cell, account, line, held[account.pk]) for account, line in zip(accounts, lines, strict=False) if account
    ]


def _row(cell: Cell, account: Account, typed: str, held: Any) -> Pasted:
    said = shown_text(cell, held)
    if not typed:
        return Pasted(account, typed, said, new=said)
    try:
        value = cell.typed(typed)
    except ValueRefused as error:
        return Pasted(account, typed, said, reason=str(error))
    return Pasted(account, typed, said, value, shown_text(cell, value), changes=text_of(value) != text_of(held))

"""Ids that lie outside of references: in arrays, in columns that name several tables, in text."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


class Shifts(Protocol):
    """How far the ids of a table moved."""

    def __call__(self, table: str) -> int:
        """What to add to an id of this table."""


@dataclass(frozen=True)
class HiddenId:
    """A column with ids that no reference declares; `sql` gives the expression that reads it with shifted ids."""

    table: str
    column: str
    sql: Callable[[Shifts], str]


_hidden: dict[tuple[str, str], HiddenId] = {}
_after: list[Callable[[Shifts], None]] = []


def register_hidden_id(table: str, column: str, sql: Callable[[Shifts], str]) -> None:
    """Say how a column with ids outside of references is read: called when apps start."""
    _hidden[table, column] = HiddenId(table, column, sql)


def register_ids_array(table: str, column: str, target: str) -> None:
    """A column that is an array of ids of `target`."""
    register_hidden_id(
        table,
        column,
        lambda shifts: (
            f"ARRAY(SELECT one.id + {shifts(target)} FROM unnest({column}) WITH ORDINALITY AS one (id, place) "  # noqa: S608
            "ORDER BY one.place)"  # names and numbers of this installation's own code, never a person's
        ),
    )


def register_after_import(function: Callable[[Shifts], None]) -> None:
    """Work to do in the new tenant's scope once its rows are there, such as ids inside of texts."""
    _after.append(function)


def hidden_id(table: str, column: str) -> HiddenId | None:
    """What is known of a column, if anything."""
    return _hidden.get((table, column))


def after_import() -> list[Callable[[Shifts], None]]:
    """The work to do after an import."""
    return list(_after)

"""Many rows at once, below row-level security (where COPY into the table itself is refused)."""

import io
from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _text(value: object) -> str:
    return str(value).translate(_ESCAPES)


def _array(values: Sequence[Any]) -> str:
    return "{" + ",".join(["NULL" if value is None else repr(value) for value in values]) + "}"


# By exact type: a night writes ten values per account, and asking one type after the other took as long as scoring.
_TEXTS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _none: "\\N",
    bool: lambda value: "t" if value else "f",
    str: _text,
    date: date.isoformat,
    datetime: datetime.isoformat,
    list: _array,
    tuple: _array,
    int: str,
    float: str,
    Decimal: str,
}


def copy_text(value: Any) -> str:
    """One value in the text form of COPY. Sequences become arrays of numbers."""
    return _TEXTS.get(type(value), _text)(value)


def copy_rows(cursor: CursorWrapper, table: str, rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows into a temporary table whose columns have the rows' order."""
    text = "\n".join(["\t".join([copy_text(value) for value in row]) for row in rows])
    if text:
        cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO(text + "\n"))
        cursor.execute(f"ANALYZE {table}")


@contextmanager
def temporary_table(name: str, columns: str) -> Any:
    """A cursor beside a temporary table `name (columns)`, which is dropped after the block."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {name} ({columns}) ON COMMIT DROP")
        try:
            yield cursor
        finally:
            if not connection.needs_rollback:
                cursor.execute(f"DROP TABLE IF EXISTS {name}")


def analyze(*tables: str) -> None:
    """Refresh the planner's statistics after many rows were written; autovacuum would, but minutes later."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(tables)}")

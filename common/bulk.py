"""Many rows at once, below row-level security (where COPY into the table itself is refused)."""

import io
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_text(value: Any) -> str:
    """One value in the text form of COPY. Sequences become arrays of numbers."""
    if value is None:
        return "\\N"
    if value is True or value is False:
        return "t" if value else "f"
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return "{" + ",".join("NULL" if item is None else repr(item) for item in value) + "}"
    return str(value)


def copy_rows(cursor: CursorWrapper, table: str, rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows into a temporary table whose columns have the rows' order."""
    lines = ("\t".join(map(copy_text, row)) for row in rows)
    text = "\n".join(lines)
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

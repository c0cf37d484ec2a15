"""Small helpers around SQL written by hand. Every statement runs in a tenant's scope and still names its tenant."""

# ruff: noqa: S608 - statements are put together from constants of this package only

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString

from django.db import connection

from tenants.scope import current_tenant_id

UNPACK_LOCK, REFRESH_LOCK = 7101, 7102


def rows(sql: LiteralString, **params: Any) -> list[tuple[Any, ...]]:
    """Run a query of the tenant in scope (`%(tenant)s`) and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, {"tenant": current_tenant_id(), **params})
        return list(cursor.fetchall())


def run(sql: LiteralString, **params: Any) -> int:
    """Run a statement of the tenant in scope and return how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, {"tenant": current_tenant_id(), **params})
        return int(cursor.rowcount)


def lock(number: int) -> None:
    """Hold the tenant's lock of this number until the transaction ends."""
    rows("SELECT pg_advisory_xact_lock(%(number)s, %(tenant)s)", number=number)


def copy_rows(table: LiteralString, columns: LiteralString, lines: Iterable[str]) -> None:
    """COPY lines of Postgres' text format into a temporary table."""
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", io.BytesIO("\n".join(lines).encode()))


def unnest_insert(table: LiteralString, columns: Mapping[LiteralString, Sequence[Any]]) -> None:
    """Insert columns of values (`"name type"` to its values) into a temporary table."""
    names = ", ".join(column.split(" ", 1)[0] for column in columns)
    arrays = ", ".join("%s::" + column.split(" ", 1)[1] + "[]" for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays})", [list(v) for v in columns.values()]
        )


@contextmanager
def hashing() -> Iterator[None]:
    """Let statements join and group by hashing: the planner knows nothing of temporary tables, and of a new tenant
    nothing either, and would walk one row at a time or sort on disk."""
    run("SET LOCAL enable_nestloop = off; SET LOCAL enable_sort = off; SET LOCAL work_mem = '64MB'")
    yield
    run("SET LOCAL enable_nestloop = on; SET LOCAL enable_sort = on; SET LOCAL work_mem = DEFAULT")


@contextmanager
def epoch_at_once() -> Iterator[None]:
    """Let a statement read the words of a whole epoch by a bitmap of its rows: they lie together, which the planner
    does not know, and it would read those of all other epochs with them."""
    run("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    yield
    run("SET LOCAL enable_seqscan = on; SET LOCAL enable_indexscan = on")

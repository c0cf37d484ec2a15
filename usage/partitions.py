"""Partitions of the event table: two weeks each, made ahead and dropped by the owner role."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from tenants.operations import isolation_sql

PARTITION_DAYS = 14
AHEAD = timedelta(days=45)
BEHIND = timedelta(days=430)
_EPOCH = date(1970, 1, 1)
_DAY_MS = 86_400_000


def partition_number(day: date) -> int:
    """Which two weeks since 1970 (UTC) the day falls in."""
    return (day - _EPOCH).days // PARTITION_DAYS


def first_key(number: int) -> UUID:
    """The smallest event key of a partition."""
    return UUID(int=(number * PARTITION_DAYS * _DAY_MS) << 80)


def partitions_ensure(*, today: date, using: str = "owner") -> int:
    """Make the missing partitions around `today` (UTC), each with its own forced policy and no grant; returns how many.

    Events of those two weeks that lie in the default partition are moved into the new one.
    """
    made = 0
    for number in range(partition_number(today - BEHIND), partition_number(today + AHEAD) + 1):
        with transaction.atomic(using=using), connections[using].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(7103), to_regclass(%s) IS NOT NULL", [_table(number)])
            if not cursor.fetchone()[1]:
                _make(cursor, number)
                made += 1
    return made


def _table(number: int) -> str:
    return f"usage_event_p{number}"


def _make(cursor: Any, number: int) -> None:
    """Make one partition. The owner, too, is under the forced policy, so it is lifted while strays are moved."""
    table, low, high = _table(number), first_key(number), first_key(number + 1)
    cursor.execute(f"CREATE TABLE {table} (LIKE usage_event INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    cursor.execute("ALTER TABLE usage_event_default NO FORCE ROW LEVEL SECURITY")
    cursor.execute(
        f"WITH strays AS (DELETE FROM usage_event_default WHERE key >= %s AND key < %s RETURNING *) "  # noqa: S608
        f"INSERT INTO {table} SELECT * FROM strays",  # the table's name is made of a number above
        [low, high],
    )
    cursor.execute(f"ALTER TABLE usage_event ATTACH PARTITION {table} FOR VALUES FROM ('{low}') TO ('{high}')")
    cursor.execute("ALTER TABLE usage_event_default FORCE ROW LEVEL SECURITY")
    for sql in isolation_sql(table):
        cursor.execute(sql)


def partitions_drop(*, before: date, using: str = "owner") -> int:
    """Drop the partitions that hold only events of days before `before` (UTC); returns how many."""
    dropped = 0
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "WHERE i.inhparent = 'usage_event'::regclass AND c.relname ~ '^usage_event_p[0-9]+$'"
        )
        for (table,) in cursor.fetchall():
            if int(table.removeprefix("usage_event_p")) + 1 <= partition_number(before):
                cursor.execute(f"DROP TABLE {table}")
                dropped += 1
    return dropped

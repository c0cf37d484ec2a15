"""Partitions of the event table: two weeks each, made ahead by the owner role."""

from datetime import date, timedelta
from uuid import UUID

from django.db import connections

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
    """Make the missing partitions around `today` (UTC), each with its own forced policy and no grant;
    returns how many.
    """
    made = 0
    with connections[using].cursor() as cursor:
        for number in range(partition_number(today - BEHIND), partition_number(today + AHEAD) + 1):
            table = f"usage_event_p{number}"
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
            if cursor.fetchone()[0]:
                continue
            low, high = first_key(number), first_key(number + 1)
            cursor.execute(f"CREATE TABLE {table} PARTITION OF usage_event FOR VALUES FROM ('{low}') TO ('{high}')")
            for sql in isolation_sql(table):
                cursor.execute(sql)
            made += 1
    return made

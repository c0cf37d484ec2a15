"""What was known of an account at the end of a past day: dated by then and, where guarded, received by then.

Rooms say for their facts how to read many (account, day) pairs at once; a fact without a way to read it so is not
known to have been there, and a back-test leaves it out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection
from django.utils.functional import Promise

from tenants.scope import current_tenant_id

# The pairs as a table `p` in SQL. What came in at `until` or later was not known at the end of the day.
PAIRS = """unnest(%(places)s::int[], %(accounts)s::bigint[], %(days)s::date[], %(untils)s::timestamptz[])
    AS p (place, account_id, day, until)"""


class Pair(NamedTuple):
    """An account at the end of a day, which is the instant `until`."""

    account_id: int
    day: date
    until: datetime


@dataclass(frozen=True)
class Past:
    """Values by fact, one per pair in the order asked, None where nothing was known. `narrowed`: of facts that are read
    otherwise than every day, in which way.
    """

    values: dict[str, list[Any]] = field(default_factory=dict)
    narrowed: dict[str, str | Promise] = field(default_factory=dict)


# Reads a source's facts for pairs; `guarded`: only what was received by then.
LoadPast = Callable[[Sequence[Pair], bool], Past]


def pair_columns(sql: str, pairs: Sequence[Pair], keys: Sequence[str], **params: Any) -> dict[str, list[Any]]:
    """Run a query of `PAIRS` that answers a pair's place and then the keys' values, as columns in the pairs' order."""
    found: dict[str, list[Any]] = {key: [None] * len(pairs) for key in keys}
    given = {
        "places": list(range(len(pairs))),
        "accounts": [pair.account_id for pair in pairs],
        "days": [pair.day for pair in pairs],
        "untils": [pair.until for pair in pairs],
        "tenant": current_tenant_id(),
        **params,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        for place, *values in cursor.fetchall():
            for key, value in zip(keys, values, strict=True):
                found[key][place] = value
    return found

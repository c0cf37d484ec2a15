"""Whether the use of a day can be believed: a feed that brings nothing is held, and so are events that wait."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import LiteralString

from usage.activity import WINDOW_DAYS
from usage.sql import rows

HELD_AFTER = timedelta(days=3)  # a weekend without use is no held feed


@dataclass(frozen=True)
class Held:
    """Why figures of use may say too little. `since`: the tenant's last day with use of any account, where none came in
    for `HELD_AFTER` or longer. `waiting`: events of the account came in that its figures do not hold yet.
    """

    since: date | None = None
    waiting: bool = False

    def __bool__(self) -> bool:
        return self.since is not None or self.waiting


def feed_held(*, account_id: int, day: date) -> Held:
    """What is held of the feed that an account's use of a day rests on. A tenant without any use has no feed."""
    [(last, stale, marked)] = rows(_HELD, account=account_id, day=day, first=day - timedelta(days=WINDOW_DAYS - 1))
    silent = last is not None and day - last >= HELD_AFTER
    return Held(last if silent else None, bool(stale or marked))


_HELD: LiteralString = """
SELECT (SELECT d.day FROM usage_accountday d WHERE d.tenant_id = %(tenant)s AND d.day <= %(day)s AND d.events > 0
        ORDER BY d.day DESC LIMIT 1),
    EXISTS (SELECT FROM usage_stalemetric s WHERE s.tenant_id = %(tenant)s AND s.account_id = %(account)s
        AND s.first_day <= %(day)s AND (s.last_day IS NULL OR s.last_day >= %(day)s)),
    EXISTS (SELECT FROM usage_mark k JOIN usage_group g ON g.tenant_id = %(tenant)s AND g.id = k.group_id
        WHERE k.tenant_id = %(tenant)s AND g.account_id = %(account)s AND k.day BETWEEN %(first)s AND %(day)s)"""

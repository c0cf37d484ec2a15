"""Reads which end users an account's people are, when they last used the product, and how far use hangs on one."""

# ruff: noqa: S608 - statements are put together from constants of this package only

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import LiteralString

from accounts.facts import Values
from accounts.models import Account
from usage.activity import EPOCH_DAYS, MONTH, epoch_of
from usage.concentration import concentration_index, top_share
from usage.services.words import days_in, window_masks
from usage.sql import rows


@dataclass(frozen=True)
class SeenUser:
    """An end user known at an account: the last day with use (None: never), active days of the last 30, and which
    contact they are; `by_hand` says that a person said so."""

    pk: int
    name: str
    email: str
    last_used: date | None
    active_days: int
    contact_id: int | None
    by_hand: bool

    @property
    def label(self) -> str:
        """What the user is called."""
        return self.name or self.email


# The highest set bit of a word is the last day with use of its epoch.
_LAST_BIT: LiteralString = "length(ltrim(u.used::bit(64)::text, '0')) - 1"
_SEEN: LiteralString = f"""
WITH known AS (
    SELECT e.id, COALESCE(NULLIF(e.name, ''), e.external_id) AS name, e.email
    FROM usage_accountuser a JOIN usage_enduser e ON e.tenant_id = %(tenant)s AND e.id = a.end_user_id
    WHERE a.tenant_id = %(tenant)s AND a.account_id = %(account)s AND a.first_known <= %(day)s
), words AS (
    SELECT u.end_user_id, u.epoch, u.used & CASE WHEN u.epoch = %(epoch)s THEN (1::bigint << (%(place)s + 1)) - 1
        ELSE -1 END AS used, u.used_before
    FROM usage_useractivity u WHERE u.tenant_id = %(tenant)s AND u.epoch = ANY (%(epochs)s)
        AND u.account_id = %(account)s
), last AS (
    SELECT u.end_user_id, max(u.epoch * {EPOCH_DAYS} + {_LAST_BIT}) AS day FROM words u WHERE u.used > 0 GROUP BY 1
), month AS (
    SELECT u.end_user_id, {days_in("u.used", "u.used_before", "month")} AS days FROM words u WHERE u.epoch = %(epoch)s
), links AS (
    SELECT l.contact_id, l.end_user_id, l.same FROM usage_personlink l
    JOIN accounts_contact c ON c.tenant_id = %(tenant)s AND c.id = l.contact_id AND c.account_id = %(account)s
    WHERE l.tenant_id = %(tenant)s
)
SELECT k.id, k.name, k.email, l.day, COALESCE(m.days, 0), COALESCE(hand.contact_id, mail.id),
    hand.contact_id IS NOT NULL
FROM known k
LEFT JOIN last l ON l.end_user_id = k.id LEFT JOIN month m ON m.end_user_id = k.id
LEFT JOIN LATERAL (SELECT min(contact_id) AS contact_id FROM links WHERE links.end_user_id = k.id AND same) hand ON true
LEFT JOIN LATERAL (SELECT min(c.id) AS id FROM accounts_contact c WHERE c.tenant_id = %(tenant)s
    AND c.account_id = %(account)s AND k.email <> '' AND lower(c.email) = lower(k.email)
    AND NOT EXISTS (SELECT FROM links WHERE links.end_user_id = k.id AND links.contact_id = c.id AND NOT same)) mail
    ON true
ORDER BY 5 DESC, l.day DESC NULLS LAST, k.id
"""


def users_seen(*, account: Account, day: date) -> list[SeenUser]:
    """The users known at an account up to a day, the most active of the last 30 days first."""
    epoch, place = epoch_of(day)
    [(first,)] = rows("SELECT min(epoch) FROM usage_useractivity WHERE tenant_id = %(tenant)s")
    epochs = list(range(min(first if first is not None else epoch, epoch), epoch + 1))
    found = rows(
        _SEEN, account=account.pk, day=day, epoch=epoch, place=place, epochs=epochs, **window_masks(place, month=MONTH)
    )
    return [SeenUser(pk, name, email, _day(last), *more) for pk, name, email, last, *more in found]


def _day(number: int | None) -> date | None:
    """A day from its number: epochs count from day 0 of the calendar."""
    return None if number is None else date.fromordinal(number)


def last_uses(users: Sequence[SeenUser]) -> dict[int, date | None]:
    """The last day with use by contact; None for a contact who is a user and never used it."""
    found: dict[int, date | None] = {}
    for user in users:
        if user.contact_id is not None:
            held = found.get(user.contact_id)
            found[user.contact_id] = max(filter(None, (held, user.last_used)), default=None)
    return found


_ACTIVE_DAYS: LiteralString = f"""
SELECT account_id, array_agg(days) FROM (
    SELECT u.account_id, {days_in("u.used", "u.used_before", "month")} AS days
    FROM usage_useractivity u WHERE u.tenant_id = %(tenant)s AND u.epoch = %(epoch)s
        AND (%(ids)s::bigint[] IS NULL OR u.account_id = ANY (%(ids)s::bigint[]))) person
WHERE days > 0 GROUP BY 1"""


def concentration_facts(as_of: date, account_ids: Sequence[int] | None) -> Mapping[str, Values]:
    """The share of the most active user and the concentration index, per account; absent where nobody was active."""
    epoch, place = epoch_of(as_of)
    ids = None if account_ids is None else list(account_ids)
    found = rows(_ACTIVE_DAYS, epoch=epoch, ids=ids, **window_masks(place, month=MONTH))
    return {
        "top_user_share": {account: top_share(days) for account, days in found},
        "user_concentration": {account: concentration_index(days) for account, days in found},
    }

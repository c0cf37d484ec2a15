"""Who is who, by event time: ties of visitors to users, memberships of users in groups.

One rule resolves everything: the latest fact at or before the event, else the earliest after it; on equal times the
fact with the larger key. So the order of arrival does not matter: a fact that comes late resolves stored events again.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, LiteralString

from usage.days import days_of
from usage.intake.keys import ZERO_TAIL, bound_hex, key_ms
from usage.services.lookups import instant
from usage.sql import rows, run

FIRST_KEY, LAST_KEY = "0" * 32, "f" * 32
_LAST_TAIL = "f" * 20

# Facts that repeat the one before them answer nothing new, so they stay in the database. Read at once for many people:
# one by one, an index that the planner picks without knowing a new tenant's rows could be walked for every event.
_TIES: LiteralString = """
SELECT visitor_id, key, end_user_id FROM (
    SELECT visitor_id, key, end_user_id, lag(end_user_id) OVER (PARTITION BY visitor_id ORDER BY key) AS before
    FROM usage_tie WHERE tenant_id = %(tenant)s AND visitor_id = ANY (%(whose)s::bigint[])) told
WHERE end_user_id IS DISTINCT FROM before ORDER BY key"""
_MEMBERSHIPS: LiteralString = """
SELECT end_user_id, key, group_id FROM (
    SELECT end_user_id, key, group_id, lag(group_id) OVER (PARTITION BY end_user_id ORDER BY key) AS before
    FROM usage_membership WHERE tenant_id = %(tenant)s AND end_user_id = ANY (%(whose)s::bigint[])) told
WHERE group_id IS DISTINCT FROM before ORDER BY key"""


class Told:
    """What facts say of some people: for each the keys in order and what counts from there on."""

    def __init__(self, found: Iterable[tuple[int, Any, int]]) -> None:
        self._keys: dict[int, list[str]] = {}
        self._what: dict[int, list[int]] = {}
        for whose, key, what in found:
            self._keys.setdefault(whose, []).append(key.hex)
            self._what.setdefault(whose, []).append(what)

    def at(self, whose: int, key: str) -> int | None:
        """What counts at the time of an event's key: facts of the same millisecond are at or before it."""
        keys = self._keys.get(whose)
        if keys is None:
            return None
        place = bisect_right(keys, key[:12] + _LAST_TAIL) if len(keys) > 1 else 1
        return self._what[whose][max(place - 1, 0)]

    def around(self, whose: int, key: str) -> tuple[int | None, bool, str | None]:
        """What counts at a key; whether a fact precedes it; the key from which something else counts, if any."""
        keys = self._keys.get(whose)
        if keys is None:
            return None, False, None
        place = bisect_right(keys, key)
        return self._what[whose][max(place - 1, 0)], place > 0, keys[place] if place < len(keys) else None


def users_of_visitors(visitors: Iterable[int]) -> Told:
    """Which user each visitor was, by time."""
    whose = sorted(set(visitors))
    return Told(rows(_TIES, whose=whose) if whose else ())


def groups_of_users(users: Iterable[int]) -> Told:
    """In which group each user was, by time."""
    whose = sorted(set(users))
    return Told(rows(_MEMBERSHIPS, whose=whose) if whose else ())


@dataclass
class Affected:
    """Whose stored events have to be resolved again, and between which keys they lie."""

    visitors: set[int] = field(default_factory=set)
    users: set[int] = field(default_factory=set)
    low: str = LAST_KEY
    high: str = FIRST_KEY

    def widen(self, low: str, high: str) -> None:
        """Include the keys from low to high."""
        self.low, self.high = min(self.low, low), max(self.high, high)


@dataclass(frozen=True, slots=True)
class NewTie:
    """A visitor was this user, by the call with this key."""

    key: str
    visitor: int
    user: int


@dataclass(frozen=True, slots=True)
class NewMembership:
    """A user (or a visitor, whoever that is) belonged to this group, by the call with this key."""

    key: str
    user: int | None
    visitor: int | None
    group: int


def ties_add(ties: Sequence[NewTie], affected: Affected, *, known: frozenset[int] = frozenset()) -> None:
    """Store ties, and note the visitors whose stored events they give to someone else. `known`: new people to skip."""
    if not ties:
        return
    visitors = sorted({tie.visitor for tie in ties})
    before = users_of_visitors(visitors)
    run(
        """INSERT INTO usage_tie (tenant_id, key, visitor_id, end_user_id, at)
           SELECT %(tenant)s, * FROM unnest(%(keys)s::uuid[], %(visitors)s::bigint[], %(users)s::bigint[],
                                            %(ats)s::timestamptz[])
           ON CONFLICT DO NOTHING""",
        keys=[tie.key for tie in ties],
        visitors=[tie.visitor for tie in ties],
        users=[tie.user for tie in ties],
        ats=[instant(key_ms(tie.key)) for tie in ties],
    )
    seen = _seen("SELECT id, first_seen_on, seen_until FROM usage_visitor WHERE id", visitors)
    new = [(tie.visitor, tie.key, tie.user) for tie in ties if tie.visitor not in known]
    changed = _changed(new, before, seen, affected)
    affected.visitors |= changed
    _memberships_move(changed, affected)


def memberships_add(memberships: Sequence[NewMembership], affected: Affected, *, known: frozenset[int]) -> None:
    """Store memberships, and note the users whose stored events they give to another group. `known`: new people."""
    if not memberships:
        return
    told = users_of_visitors(new.visitor for new in memberships if new.visitor is not None)
    users = [new.user if new.visitor is None else told.at(new.visitor, new.key) for new in memberships]
    whose = sorted({user for user in users if user is not None} - known)
    before = groups_of_users(whose)
    run(
        """INSERT INTO usage_membership (tenant_id, key, end_user_id, visitor_id, group_id, at)
           SELECT %(tenant)s, * FROM unnest(%(keys)s::uuid[], %(users)s::bigint[], %(visitors)s::bigint[],
                                            %(groups)s::bigint[], %(ats)s::timestamptz[])
           ON CONFLICT DO NOTHING""",
        keys=[new.key for new in memberships],
        users=users,
        visitors=[new.visitor for new in memberships],
        groups=[new.group for new in memberships],
        ats=[instant(key_ms(new.key)) for new in memberships],
    )
    seen = _seen("SELECT id, (first_seen_at AT TIME ZONE 'UTC')::date, seen_until FROM usage_enduser WHERE id", whose)
    new_facts = [(user, new.key, new.group) for user, new in zip(users, memberships, strict=True) if user in seen]
    affected.users |= _changed(new_facts, before, seen, affected)


def _seen(select: LiteralString, whose: Sequence[int]) -> dict[int, tuple[date, date]]:
    """From and to which UTC date people were seen."""
    if not whose:
        return {}
    return {
        person: (first, last)
        for person, first, last in rows(select + " = ANY (%(ids)s) AND tenant_id = %(tenant)s", ids=whose)
    }


def _changed(
    new: Iterable[tuple[int | None, str, int]], before: Told, seen: dict[int, tuple[date, date]], affected: Affected
) -> set[int]:
    """Whose events get another answer from new facts than from those before; widens `affected` to hold the events."""
    changed: set[int] = set()
    for person, key, what in new:
        if person is None:
            continue
        said, preceded, until = before.around(person, key)
        if what == said:
            continue
        changed.add(person)
        first, last = seen[person]
        high = _date_key(last + timedelta(days=1))
        low = f"{key_ms(key):012x}{ZERO_TAIL}" if preceded else _date_key(first)
        affected.widen(low, min(high, until) if until else high)
    return changed


def _date_key(day: date) -> str:
    return bound_hex(datetime.combine(day, time(), tzinfo=UTC))


def _memberships_move(visitors: set[int], affected: Affected) -> None:
    """Give memberships that visitors brought along to the users they now are; all those users are resolved again."""
    if not visitors:
        return
    held = rows(
        """SELECT id, key, visitor_id, end_user_id FROM usage_membership
           WHERE tenant_id = %(tenant)s AND visitor_id = ANY (%(visitors)s)""",
        visitors=sorted(visitors),
    )
    told = users_of_visitors(visitors)
    moved = [(pk, user, told.at(visitor, key.hex)) for pk, key, visitor, user in held]
    moved = [row for row in moved if row[1] != row[2]]
    if not moved:
        return
    run(
        """UPDATE usage_membership m SET end_user_id = n.user_id
           FROM unnest(%(ids)s::bigint[], %(users)s::bigint[]) AS n (id, user_id)
           WHERE m.tenant_id = %(tenant)s AND m.id = n.id""",
        ids=[pk for pk, _, _ in moved],
        users=[user for _, _, user in moved],
    )
    affected.users |= {user for row in moved for user in row[1:] if user is not None}
    affected.widen(FIRST_KEY, LAST_KEY)


def events_resolve(affected: Affected, *, zone: str) -> list[tuple[int, date]]:
    """Resolve the stored events of the affected people again; returns the (group, day) slices they left and joined."""
    if not affected.visitors and not affected.users:
        return []
    held = rows(
        _EVENTS_OF,
        visitors=sorted(affected.visitors),
        users=sorted(affected.users),
        low=affected.low,
        high=affected.high,
    )
    moved = _moved(held)
    if moved:
        run(
            _EVENTS_MOVE,
            keys=[row[0] for row in moved],
            users=[row[3] for row in moved],
            groups=[row[4] for row in moved],
            low=min(row[0] for row in moved),
            high=max(row[0] for row in moved),
        )
    days = days_of(zone, [key_ms(row[0]) for row in moved])
    slices = {(group, day) for row, day in zip(moved, days, strict=True) for group in (row[2], row[4])}
    return sorted((group, day) for group, day in slices if group is not None)


Moved = tuple[str, int | None, int | None, int | None, int | None]


def _moved(held: Sequence[tuple[Any, ...]]) -> list[Moved]:
    """(key, user, group, user now, group now) of the events that count for someone or somewhere else now."""
    told = users_of_visitors(visitor for _, visitor, *_ in held if visitor is not None)
    users = [told.at(visitor, key.hex) if visitor is not None else user for key, visitor, user, _, _ in held]
    groups = groups_of_users(user for user in users if user is not None)
    found: list[Moved] = []
    for (key, _, old_user, old_group, explicit), user in zip(held, users, strict=True):
        group = old_group if explicit else groups.at(user, key.hex) if user is not None else None
        if (user, group) != (old_user, old_group):
            found.append((key.hex, old_user, old_group, user, group))
    return found


_EVENTS_OF: LiteralString = """
SELECT key, visitor_id, end_user_id, group_id, group_explicit FROM usage_event
WHERE tenant_id = %(tenant)s AND key >= %(low)s::uuid AND key <= %(high)s::uuid
  AND (visitor_id = ANY (%(visitors)s::bigint[]) OR (end_user_id = ANY (%(users)s::bigint[]) AND NOT group_explicit))"""

_EVENTS_MOVE: LiteralString = """
UPDATE usage_event e SET end_user_id = n.user_id, group_id = n.group_id
FROM unnest(%(keys)s::uuid[], %(users)s::bigint[], %(groups)s::bigint[]) AS n (key, user_id, group_id)
WHERE e.tenant_id = %(tenant)s AND e.key >= %(low)s::uuid AND e.key <= %(high)s::uuid AND e.key = n.key"""

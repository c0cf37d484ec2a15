"""Who is who, by event time: ties of visitors to users, memberships of users in groups.

One rule resolves everything: the latest fact at or before the event, else the earliest after it; on equal times the
fact with the larger key. So the order of arrival does not matter: a fact that comes late resolves stored events again.
"""

# ruff: noqa: S608 - statements are put together from constants of this package only

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, LiteralString

from usage.days import days_of
from usage.intake.keys import ZERO_TAIL, bound_hex, key_ms
from usage.services.lookups import instant
from usage.sql import rows, run

# Facts of the event's own millisecond are "at or before" it whatever their hash: compare with that millisecond's last
# key.
USER_OF_VISITOR: LiteralString = """COALESCE(
    (SELECT t.end_user_id FROM usage_tie t WHERE t.tenant_id = %(tenant)s AND t.visitor_id = {visitor}
       AND t.key <= (left({key}::text, 13) || '-ffff-ffff-ffffffffffff')::uuid ORDER BY t.key DESC LIMIT 1),
    (SELECT t.end_user_id FROM usage_tie t WHERE t.tenant_id = %(tenant)s AND t.visitor_id = {visitor}
     ORDER BY t.key LIMIT 1))"""

GROUP_OF_USER: LiteralString = """COALESCE(
    (SELECT m.group_id FROM usage_membership m WHERE m.tenant_id = %(tenant)s AND m.end_user_id = {user}
       AND m.key <= (left({key}::text, 13) || '-ffff-ffff-ffffffffffff')::uuid ORDER BY m.key DESC LIMIT 1),
    (SELECT m.group_id FROM usage_membership m WHERE m.tenant_id = %(tenant)s AND m.end_user_id = {user}
     ORDER BY m.key LIMIT 1))"""

FIRST_KEY, LAST_KEY = "0" * 32, "f" * 32


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
    keys = [tie.key for tie in ties]
    run(
        """INSERT INTO usage_tie (tenant_id, key, visitor_id, end_user_id, at)
           SELECT %(tenant)s, * FROM unnest(%(keys)s::uuid[], %(visitors)s::bigint[], %(users)s::bigint[],
                                            %(ats)s::timestamptz[])
           ON CONFLICT DO NOTHING""",
        keys=keys,
        visitors=[tie.visitor for tie in ties],
        users=[tie.user for tie in ties],
        ats=[instant(key_ms(tie.key)) for tie in ties],
    )
    visitors = _changed(rows(_TIES_AROUND, keys=keys, visitors=[tie.visitor for tie in ties]), affected, skip=known)
    affected.visitors |= visitors
    _memberships_move(visitors, affected)


def memberships_add(memberships: Sequence[NewMembership], affected: Affected, *, known: frozenset[int]) -> None:
    """Store memberships, and note the users whose stored events they give to another group. `known`: new people to
    skip.
    """
    if not memberships:
        return
    keys = [membership.key for membership in memberships]
    run(
        _MEMBERSHIPS_INSERT,
        keys=keys,
        users=[membership.user for membership in memberships],
        visitors=[membership.visitor for membership in memberships],
        groups=[membership.group for membership in memberships],
        ats=[instant(key_ms(key)) for key in keys],
    )
    affected.users |= _changed(rows(_MEMBERSHIPS_AROUND, keys=keys), affected, skip=known)


_MEMBERSHIPS_INSERT: LiteralString = """
INSERT INTO usage_membership (tenant_id, key, end_user_id, visitor_id, group_id, at)
SELECT %(tenant)s, n.key,
       COALESCE(n.user_id, CASE WHEN n.visitor_id IS NOT NULL THEN {user} END), n.visitor_id, n.group_id, n.at
FROM unnest(%(keys)s::uuid[], %(users)s::bigint[], %(visitors)s::bigint[], %(groups)s::bigint[], %(ats)s::timestamptz[])
     AS n (key, user_id, visitor_id, group_id, at)
ON CONFLICT DO NOTHING""".format(user=USER_OF_VISITOR.format(visitor="n.visitor_id", key="n.key"))

# Each new fact between the older facts beside it: (whose, key, what, seen from, seen to, before, after, key after).
_TIES_AROUND: LiteralString = """
SELECT n.visitor_id, n.key, n.end_user_id, v.first_seen_on, v.last_seen_on,
       before.end_user_id, after.end_user_id, after.key
FROM usage_tie n JOIN usage_visitor v ON v.tenant_id = %(tenant)s AND v.id = n.visitor_id
LEFT JOIN LATERAL (SELECT t.end_user_id FROM usage_tie t WHERE t.tenant_id = %(tenant)s AND t.visitor_id = n.visitor_id
    AND t.key < n.key AND t.key <> ALL (%(keys)s::uuid[]) ORDER BY t.key DESC LIMIT 1) before ON true
LEFT JOIN LATERAL (SELECT t.end_user_id, t.key FROM usage_tie t WHERE t.tenant_id = %(tenant)s
    AND t.visitor_id = n.visitor_id AND t.key > n.key AND t.key <> ALL (%(keys)s::uuid[]) ORDER BY t.key LIMIT 1) after
    ON true
WHERE n.tenant_id = %(tenant)s AND n.visitor_id = ANY (%(visitors)s::bigint[]) AND n.key = ANY (%(keys)s::uuid[])"""

_MEMBERSHIPS_AROUND: LiteralString = """
SELECT n.end_user_id, n.key, n.group_id, (u.first_seen_at AT TIME ZONE 'UTC')::date, u.last_seen_on,
       before.group_id, after.group_id, after.key
FROM usage_membership n JOIN usage_enduser u ON u.tenant_id = %(tenant)s AND u.id = n.end_user_id
LEFT JOIN LATERAL (SELECT m.group_id FROM usage_membership m WHERE m.tenant_id = %(tenant)s AND m.end_user_id =
n.end_user_id
    AND m.key < n.key AND m.key <> ALL (%(keys)s::uuid[]) ORDER BY m.key DESC LIMIT 1) before ON true
LEFT JOIN LATERAL (SELECT m.group_id, m.key FROM usage_membership m WHERE m.tenant_id = %(tenant)s
    AND m.end_user_id = n.end_user_id AND m.key > n.key AND m.key <> ALL (%(keys)s::uuid[]) ORDER BY m.key LIMIT 1)
    after ON true
WHERE n.tenant_id = %(tenant)s AND n.key = ANY (%(keys)s::uuid[])"""


def _changed(around: Iterable[tuple[Any, ...]], affected: Affected, *, skip: frozenset[int]) -> set[int]:
    """Whose events get another answer from the new facts; the range of those events widens `affected`."""
    changed: set[int] = set()
    for whose, key, what, seen_from, seen_to, before, after, after_key in around:
        if whose in skip or what == (before if before is not None else after):
            continue
        changed.add(whose)
        low = _date_key(seen_from) if before is None else f"{key_ms(key):012x}{ZERO_TAIL}"
        high = _date_key(seen_to + timedelta(days=1))
        affected.widen(low, min(high, after_key.hex) if after_key else high)
    return changed


def _date_key(day: date) -> str:
    return bound_hex(datetime.combine(day, time(), tzinfo=UTC))


def _memberships_move(visitors: set[int], affected: Affected) -> None:
    """Give memberships that visitors brought along to the users they now are; all those users are resolved again."""
    if not visitors:
        return
    moved = rows(_MEMBERSHIPS_MOVE, visitors=list(visitors))
    if moved:
        affected.users |= {user for row in moved for user in row if user is not None}
        affected.widen(FIRST_KEY, LAST_KEY)


_MEMBERSHIPS_MOVE: LiteralString = """
WITH now AS (SELECT m.id, {user} AS user_id FROM usage_membership m
             WHERE m.tenant_id = %(tenant)s AND m.visitor_id = ANY (%(visitors)s))
UPDATE usage_membership m SET end_user_id = now.user_id FROM now
WHERE m.tenant_id = %(tenant)s AND m.id = now.id AND m.end_user_id IS DISTINCT FROM now.user_id
RETURNING old.end_user_id, new.end_user_id""".format(user=USER_OF_VISITOR.format(visitor="m.visitor_id", key="m.key"))


def events_resolve(affected: Affected, *, zone: str) -> list[tuple[int, date]]:
    """Resolve the stored events of the affected people again; returns the (group, day) slices they left and joined."""
    if not affected.visitors and not affected.users:
        return []
    moved = rows(
        _EVENTS_RESOLVE,
        visitors=list(affected.visitors),
        users=list(affected.users),
        low=affected.low,
        high=affected.high,
    )
    days = days_of(zone, [key_ms(row[0]) for row in moved])
    return sorted(
        {(group, day) for row, day in zip(moved, days, strict=True) for group in row[1:] if group is not None}
    )


_EVENTS_RESOLVE: LiteralString = """
WITH held AS (
    SELECT e.key, e.end_user_id, e.group_id, e.group_explicit,
           CASE WHEN e.visitor_id IS NOT NULL THEN {user} ELSE e.end_user_id END AS new_user
    FROM usage_event e
    WHERE e.tenant_id = %(tenant)s AND e.key >= %(low)s::uuid AND e.key <= %(high)s::uuid
      AND (e.visitor_id = ANY (%(visitors)s::bigint[])
           OR (e.end_user_id = ANY (%(users)s::bigint[]) AND NOT e.group_explicit))
), now AS (
    SELECT held.*, CASE WHEN group_explicit THEN group_id WHEN new_user IS NOT NULL THEN {group} END AS new_group FROM
    held
)
UPDATE usage_event e SET end_user_id = now.new_user, group_id = now.new_group
FROM now
WHERE e.tenant_id = %(tenant)s AND e.key >= %(low)s::uuid AND e.key <= %(high)s::uuid AND e.key = now.key
  AND (now.new_user IS DISTINCT FROM now.end_user_id OR now.new_group IS DISTINCT FROM now.group_id)
RETURNING e.key, now.group_id, now.new_group""".format(
    user=USER_OF_VISITOR.format(visitor="e.visitor_id", key="e.key"),
    group=GROUP_OF_USER.format(user="held.new_user", key="held.key"),
)

"""From raw bodies to events: many bodies in a transaction, their rows together with their removal.

Killed at any moment, a transaction leaves its bodies as they were. A body that cannot be unpacked blocks no other: it
is moved whole to the rejected items.
"""

# ruff: noqa: S608 - statements are put together from constants of this package only

import gc
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import LiteralString

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction

from tenants.models import Tenant
from usage.days import days_of
from usage.intake.body import UNPACKED_LIMIT, BodyTooLargeError, MalformedBodyError, unpacked
from usage.intake.decode import ALIAS, GROUP, IDENTIFY, SCREEN, Call, Fault, Limits, read_calls
from usage.intake.keys import event_key_hex
from usage.services import facts, lookups, traits
from usage.services.doors import admitted, faults_admitted
from usage.services.rejected import conflict, rejected_add, unreadable
from usage.services.untimed import times_of
from usage.sql import UNPACK_LOCK, copy_rows, lock, rows, run

logger = logging.getLogger(__name__)
BODIES_AT_ONCE = 50
BYTES_AT_ONCE = 8 * 1024 * 1024
RETENTION_DAYS = 400


@dataclass(frozen=True, slots=True)
class Body:
    """A raw body as it was received. `pk` says in which order."""

    pk: int
    received_at: datetime
    call: str
    data: bytes


@dataclass(slots=True)
class Arrival:
    """A call with its key and the instant its body was received."""

    key: str
    ms: int
    call: Call
    received_at: datetime


@dataclass
class Unpacked:
    """What became of some bodies."""

    bodies: int = 0
    events: int = 0
    repeated: int = 0
    rejected: int = 0
    marks: int = 0


def bodies_unpack(*, tenant: Tenant, at: datetime) -> int:
    """Unpack the oldest bodies that wait, in the caller's scope and transaction; returns how many, 0 when none wait.

    `at` is when accounts that appear are created.
    """
    lock(UNPACK_LOCK)
    tenant.refresh_from_db(fields=["timezone"])  # marks are days of the present zone
    try:
        with transaction.atomic(), no_collection():
            return bodies_store(tenant=tenant, bodies=_take(BODIES_AT_ONCE), at=at).bodies
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("unpacking a handful of bodies of %s; now one by one", tenant.slug)
        return sum(_unpack_one(tenant, at) for _ in range(BODIES_AT_ONCE))


@contextmanager
def no_collection() -> Iterator[None]:
    """Put off the search for cycles: a handful makes many objects and no cycles, and each search would walk them
    all.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _unpack_one(tenant: Tenant, at: datetime) -> int:
    """Unpack the oldest body; when it cannot be, keep it whole as a rejected item."""
    try:
        with transaction.atomic():
            return bodies_store(tenant=tenant, bodies=_take(1), at=at).bodies
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        logger.exception("a body of %s cannot be unpacked and is kept as rejected", tenant.slug)
        taken = _take(1)
        rejected_add((body.received_at, unreadable(call=body.call, body=body.data, error=error)) for body in taken)
        return len(taken)


def _take(most: int) -> list[Body]:
    """Remove the oldest bodies that nobody else is unpacking, up to a number and a size, and return them in order."""
    taken = rows(_TAKE, most=most, size=BYTES_AT_ONCE)
    return [Body(pk, received_at, call, bytes(data)) for pk, received_at, call, data in sorted(taken)]


_TAKE: LiteralString = """
DELETE FROM usage_intakebody WHERE tenant_id = %(tenant)s AND id IN (
    SELECT id FROM (
        SELECT id, sum(length(body)) OVER (ORDER BY id) - length(body) AS before FROM (
            SELECT id, body FROM usage_intakebody WHERE tenant_id = %(tenant)s
            ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED) held
    ) sized WHERE before < %(size)s)
RETURNING id, received_at, call, body"""


def bodies_store(*, tenant: Tenant, bodies: Iterable[Body], at: datetime) -> Unpacked:
    """Store the events and facts of bodies, in the caller's transaction and scope; returns the counts.

    Events that are there already are left alone; another call under a known message id is kept as a conflict.
    """
    bodies = list(bodies)
    faults: list[tuple[datetime, Fault]] = []
    done = arrivals_store(tenant=tenant, arrivals=arrivals_of(bodies, faults), at=at, faults=faults)
    done.rejected = rejected_add(faults_admitted(faults, at=at))
    done.bodies = len(bodies)
    return done


def arrivals_store(
    *, tenant: Tenant, arrivals: Iterable[Arrival], at: datetime, faults: list[tuple[datetime, Fault]]
) -> Unpacked:
    """Store decoded calls with everything that follows from them; conflicts are added to `faults`."""
    fresh: dict[str, Arrival] = {}
    repeated = 0
    # The first to come counts under a key. Sorted here, so that overlapping transactions cannot deadlock and the index
    # is appended to (the sort is stable).
    for arrival in sorted(admitted(arrivals, at=at), key=attrgetter("key")):
        first = fresh.setdefault(arrival.key, arrival)
        repeated += first is not arrival
        if first.call.digest != arrival.call.digest:
            faults.append((arrival.received_at, conflict(arrival.call)))
    done = Chunk(tenant, at, fresh).store(faults) if fresh else Unpacked()
    done.repeated += repeated
    return done


def arrivals_of(bodies: Iterable[Body], faults: list[tuple[datetime, Fault]]) -> list[Arrival]:
    """The readable calls of bodies, keyed; faults are added to `faults`."""
    found: list[tuple[datetime, Call]] = []
    for body in bodies:
        for result in _calls(body):
            if isinstance(result, Call):
                found.append((body.received_at, result))
            else:
                faults.append((body.received_at, result))
    first_came = times_of((call.message_id, received_at) for received_at, call in found if call.at_ms is None)
    arrivals = []
    for received_at, call in found:
        ms = call.at_ms if call.at_ms is not None else first_came[call.message_id]
        arrivals.append(Arrival(event_key_hex(ms, call.message_id), ms, call, received_at))
    return arrivals


def _calls(body: Body) -> Iterator[Call | Fault]:
    limits = Limits.at(body.received_at, retention_days=getattr(settings, "USAGE_RETENTION_DAYS", RETENTION_DAYS))
    try:
        yield from read_calls(unpacked(body.data, limit=UNPACKED_LIMIT), call=body.call, limits=limits)
    except (MalformedBodyError, BodyTooLargeError) as error:
        yield unreadable(call=body.call, body=body.data, error=error)


@dataclass
class Chunk:
    """Calls that are stored together, by key."""

    tenant: Tenant
    at: datetime
    fresh: dict[str, Arrival]
    names: dict[tuple[int, str], int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)
    users: dict[str, int] = field(default_factory=dict)
    visitors: dict[str, int] = field(default_factory=dict)
    new_users: frozenset[int] = frozenset()
    new_visitors: frozenset[int] = frozenset()

    def store(self, faults: list[tuple[datetime, Fault]]) -> Unpacked:
        """Store everything; conflicts with stored events are added to `faults`."""
        self._look_up()
        tellers = self._new_tellers()
        marks = self._facts(tellers)
        inserted, new_marks = self._insert()
        repeated = len(self.fresh) - inserted
        if repeated:
            faults.extend(self._conflicts())
        marks = sorted(set(marks) | set(new_marks))
        marks_add(marks)
        self._traits(tellers)
        return Unpacked(events=inserted, repeated=repeated, marks=len(marks))

    def _look_up(self) -> None:
        users: dict[str, tuple[int, int]] = {}
        visitors: dict[str, tuple[int, int]] = {}
        groups: dict[str, int] = {}
        for arrival in self.fresh.values():
            call, ms = arrival.call, arrival.ms
            if call.user_id is not None:
                held = users.get(call.user_id)
                users[call.user_id] = (ms, ms) if held is None else (held[0], ms)
            if call.anonymous_id is not None:
                _see(visitors, call.anonymous_id, ms)
            if call.previous_id is not None:
                _see(visitors, call.previous_id, ms)
            if call.group_id is not None and call.group_id not in groups:
                groups[call.group_id] = ms
        self.names = lookups.name_ids(arrival.call for arrival in self.fresh.values())
        self.groups = lookups.group_ids(groups) if groups else {}
        people = lookups.user_ids(users) if users else lookups.People({}, frozenset())
        self.users, self.new_users = people.ids, people.new
        people = lookups.visitor_ids(visitors) if visitors else lookups.People({}, frozenset())
        self.visitors, self.new_visitors = people.ids, people.new

    def _new_tellers(self) -> list[Arrival]:
        """The identify, group and alias calls whose keys are not stored yet, in event order."""
        keys = [key for key, arrival in self.fresh.items() if arrival.call.kind > SCREEN]
        stored = {
            row[0].hex
            for row in rows(
                "SELECT key FROM usage_event WHERE tenant_id = %(tenant)s AND key = ANY(%(keys)s::uuid[])", keys=keys
            )
        }
        return [self.fresh[key] for key in sorted(set(keys) - stored)]

    def _facts(self, tellers: list[Arrival]) -> list[tuple[int, date]]:
        """Store who is who; returns the slices that stored events left and joined because of it."""
        ties, memberships = [], []
        for arrival in tellers:
            call = arrival.call
            user = self.users.get(call.user_id) if call.user_id else None
            visitor = call.previous_id if call.kind == ALIAS else call.anonymous_id
            if call.kind in (IDENTIFY, ALIAS) and user is not None and visitor is not None:
                ties.append(facts.NewTie(arrival.key, self.visitors[visitor], user))
            if call.kind in (IDENTIFY, GROUP) and call.group_id is not None:
                who = None if user is not None else self.visitors[visitor or ""]
                memberships.append(facts.NewMembership(arrival.key, user, who, self.groups[call.group_id]))
        affected = facts.Affected()
        facts.ties_add(ties, affected, known=self.new_visitors)
        facts.memberships_add(memberships, affected, known=self.new_users)
        return facts.events_resolve(affected, zone=self.tenant.timezone)

    def _insert(self) -> tuple[int, list[tuple[int, date]]]:
        """Insert the events that are not there yet; returns how many, and the slices they lie in."""
        run(_INCOMING)
        arrivals = list(self.fresh.values())
        days = days_of(self.tenant.timezone, [arrival.ms for arrival in arrivals])
        who = self._who(arrivals)
        received = {at: str(at) for at in {arrival.received_at for arrival in arrivals}}
        copy_rows(
            "usage_incoming",
            _COLUMNS,
            (self.line(a, w, received[a.received_at]) for a, w in zip(arrivals, who, strict=True)),
        )
        inserted = run(_INSERT)
        if not inserted:
            return 0, []
        # Slices of events that were there already are marked too, harmlessly: a refill twice is the same as once.
        slices = {(group, day) for (user, group), day in zip(who, days, strict=True) if user and group}
        return inserted, [(group, day) for group, day in slices if group is not None]

    def _who(self, arrivals: list[Arrival]) -> list[tuple[int | None, int | None]]:
        """The user and the group for which each event counts, as far as anybody knows."""
        visitors = {self.visitors[a.call.anonymous_id] for a in arrivals if a.call.anonymous_id and not a.call.user_id}
        told = facts.users_of_visitors(visitors)
        users = [
            self.users[a.call.user_id] if a.call.user_id else told.at(self.visitors[a.call.anonymous_id or ""], a.key)
            for a in arrivals
        ]
        asked = {user for user, a in zip(users, arrivals, strict=True) if user is not None and a.call.group_id is None}
        groups = facts.groups_of_users(asked)
        return [
            (user, self.groups[a.call.group_id] if a.call.group_id else groups.at(user, a.key) if user else None)
            for user, a in zip(users, arrivals, strict=True)
        ]

    def line(self, arrival: Arrival, who: tuple[int | None, int | None], received: str) -> str:
        """A row of the incoming table as COPY reads it."""
        call = arrival.call
        visitor = NULL if call.user_id or not call.anonymous_id else self.visitors[call.anonymous_id]
        payload, context = call.payload, call.context
        return (
            f"{arrival.key}\t{call.kind}\t{self.names[call.kind, call.name]}\t{who[0] or NULL}\t{visitor}\t"
            f"{who[1] or NULL}\t{call.group_id is not None}\t{received}\t{call.digest}\t"
            f"{NULL if payload is None else _copied(payload)}\t{NULL if context is None else _copied(context)}"
        )

    def _conflicts(self) -> list[tuple[datetime, Fault]]:
        """The calls whose key is stored with another payload."""
        found = rows(
            """SELECT i.key FROM usage_incoming i JOIN usage_event e ON e.tenant_id = %(tenant)s AND e.key = i.key
               WHERE e.digest <> i.digest"""
        )
        arrivals = [self.fresh[key.hex] for (key,) in found]
        return [(arrival.received_at, conflict(arrival.call)) for arrival in arrivals]

    def _traits(self, tellers: list[Arrival]) -> None:
        """Apply what the new calls say of users and groups."""
        users: dict[int, traits.Said] = {}
        groups: dict[int, traits.Said] = {}
        called: set[int] = set()
        for arrival in tellers:
            call = arrival.call
            said = traits.said_by(call.payload, arrival.key)
            if call.kind == GROUP and call.group_id is not None:
                group = self.groups[call.group_id]
                called.add(group)
                groups[group] = traits.merge(groups.get(group, {}), said)
            elif call.kind == IDENTIFY and call.user_id is not None and said:
                user = self.users[call.user_id]
                users[user] = traits.merge(users.get(user, {}), said)
        if users:
            traits.users_apply(users)
        if called:
            traits.groups_apply(tenant=self.tenant, said=groups, called=called, at=self.at)


def _copied(text: bytes) -> str:
    """JSON as COPY reads it: the only character in it that COPY would take for its own is the backslash."""
    return text.decode().replace("\\", "\\\\") if b"\\" in text else text.decode()


def _see(seen: dict[str, tuple[int, int]], name: str, ms: int) -> None:
    """Widen the range of times at which someone was seen; times come in order."""
    held = seen.get(name)
    seen[name] = (ms, ms) if held is None else (held[0], ms)


def marks_add(slices: Iterable[tuple[int, date]]) -> None:
    """Append marks: these (group, day) slices have to be refilled."""
    slices = list(slices)
    if slices:
        run(
            """INSERT INTO usage_mark (tenant_id, group_id, day)
               SELECT %(tenant)s, * FROM unnest(%(groups)s::bigint[], %(days)s::date[])""",
            groups=[group for group, _ in slices],
            days=[day for _, day in slices],
        )


NULL = r"\N"
_COLUMNS: LiteralString = (
    "key, kind, name_id, end_user_id, visitor_id, group_id, group_explicit, received_at, digest, properties, context"
)
_INCOMING: LiteralString = """
CREATE TEMP TABLE IF NOT EXISTS usage_incoming (
    key uuid, kind smallint, name_id bigint, end_user_id bigint, visitor_id bigint, group_id bigint,
    group_explicit boolean, received_at timestamptz, digest integer, properties jsonb, context jsonb
) ON COMMIT DELETE ROWS;
DELETE FROM usage_incoming"""

_INSERT: LiteralString = """
INSERT INTO usage_event (tenant_id, key, kind, name_id, end_user_id, visitor_id, group_id, group_explicit,
                         received_at, digest, properties, context)
SELECT %(tenant)s, key, kind, name_id, end_user_id, visitor_id, group_id, group_explicit,
       received_at, digest, properties, context
FROM usage_incoming
ON CONFLICT (tenant_id, key) DO NOTHING"""

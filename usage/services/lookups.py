"""From names and ids as they are sent to rows, in bulk: read what is there, insert what is not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, LiteralString

from usage.intake.decode import DAY_MS, Call
from usage.sql import rows, run

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class People:
    """The ids of people by the ids that callers use; `new`: who was not known before."""

    ids: dict[str, int]
    new: frozenset[int]


def instant(ms: int) -> datetime:
    """The instant of a number of milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=ms)


def _fill(held: dict[Any, int], wanted: Iterable[Any], insert: LiteralString, columns: Mapping[str, list[Any]]) -> None:
    """Insert the missing rows and add their ids to `held`. `columns` are as long as the missing keys in `wanted`."""
    if any(True for _ in wanted):
        held.update({row[0] if len(row) == 2 else row[:-1]: row[-1] for row in rows(insert, **columns)})


def name_ids(calls: Iterable[Call]) -> dict[tuple[int, str], int]:
    """The ids of the event names, by (kind, name)."""
    wanted = sorted({(call.kind, call.name) for call in calls})
    names = sorted({name for _, name in wanted})
    held = {
        (kind, name): pk
        for kind, name, pk in rows(
            "SELECT kind, name, id FROM usage_eventname WHERE tenant_id = %(tenant)s AND name = ANY(%(names)s)",
            names=names,
        )
    }
    missing = [key for key in wanted if key not in held]
    _fill(
        held,
        missing,
        """INSERT INTO usage_eventname (tenant_id, kind, name)
           SELECT %(tenant)s, * FROM unnest(%(kinds)s::smallint[], %(names)s::text[])
           ON CONFLICT (tenant_id, kind, name) DO UPDATE SET name = excluded.name RETURNING kind, name, id""",
        {"kinds": [kind for kind, _ in missing], "names": [name for _, name in missing]},
    )
    return held


def group_ids(first_ms: Mapping[str, int]) -> dict[str, int]:
    """The ids of groups; a group seen for the first time gets the account with its external id, if there is one."""
    held: dict[str, int] = dict(
        rows(
            "SELECT external_id, id FROM usage_group WHERE tenant_id = %(tenant)s AND external_id = ANY(%(ids)s)",
            ids=list(first_ms),
        )
    )
    missing = sorted(set(first_ms) - set(held))
    _fill(
        held,
        missing,
        """INSERT INTO usage_group (tenant_id, external_id, account_id, traits, first_seen_at)
           SELECT %(tenant)s, new.external_id, a.id, '{}', new.at
           FROM unnest(%(ids)s::text[], %(ats)s::timestamptz[]) AS new (external_id, at)
           LEFT JOIN accounts_account a ON a.tenant_id = %(tenant)s AND a.external_id = new.external_id
           ON CONFLICT (tenant_id, external_id) DO UPDATE SET external_id = excluded.external_id
           RETURNING external_id, id""",
        {"ids": missing, "ats": [instant(first_ms[name]) for name in missing]},
    )
    return held


def user_ids(seen_ms: Mapping[str, tuple[int, int]]) -> People:
    """End users, seen from and to these times; the row's own range is widened to hold them."""
    return _people(
        seen_ms,
        read="""SELECT external_id, id, floor(extract(epoch FROM first_seen_at) * 1000)::bigint,
                       seen_until - '1970-01-01'::date
                FROM usage_enduser WHERE tenant_id = %(tenant)s AND external_id = ANY(%(ids)s)""",
        insert="""INSERT INTO usage_enduser (tenant_id, external_id, name, email, traits, first_seen_at, seen_until)
                  SELECT %(tenant)s, new.id, '', '', '{}', new.first, new.last
                  FROM unnest(%(ids)s::text[], %(firsts)s::timestamptz[], %(lasts)s::date[]) AS new (id, first, last)
                  ON CONFLICT (tenant_id, external_id) DO UPDATE SET
                      first_seen_at = least(usage_enduser.first_seen_at, excluded.first_seen_at),
                      seen_until = greatest(usage_enduser.seen_until, excluded.seen_until)
                  RETURNING external_id, id""",
    )


def visitor_ids(seen_ms: Mapping[str, tuple[int, int]]) -> People:
    """Visitors, seen from and to these times; the row's own range is widened to hold them."""
    return _people(
        seen_ms,
        read="""SELECT anonymous_id, id, (first_seen_on - '1970-01-01'::date)::bigint * 86400000,
                       seen_until - '1970-01-01'::date
                FROM usage_visitor WHERE tenant_id = %(tenant)s AND anonymous_id = ANY(%(ids)s)""",
        insert="""INSERT INTO usage_visitor (tenant_id, anonymous_id, first_seen_on, seen_until)
                  SELECT %(tenant)s, new.id, (new.first AT TIME ZONE 'UTC')::date, new.last
                  FROM unnest(%(ids)s::text[], %(firsts)s::timestamptz[], %(lasts)s::date[]) AS new (id, first, last)
                  ON CONFLICT (tenant_id, anonymous_id) DO UPDATE SET
                      first_seen_on = least(usage_visitor.first_seen_on, excluded.first_seen_on),
                      seen_until = greatest(usage_visitor.seen_until, excluded.seen_until)
                  RETURNING anonymous_id, id""",
    )


def _people(seen_ms: Mapping[str, tuple[int, int]], *, read: LiteralString, insert: LiteralString) -> People:
    """Rows of people by their ids; those that are new, or seen outside the range that is kept, are written."""
    held: dict[str, int] = {}
    within: set[str] = set()
    for name, pk, first_ms, until in rows(read, ids=list(seen_ms)):
        held[name] = pk
        low, high = seen_ms[name]
        if low >= first_ms and high < (until + 1) * DAY_MS:
            within.add(name)
    wider = sorted(seen_ms.keys() - within)
    before = set(held.values())
    _fill(
        held,
        wider,
        insert,
        {
            "ids": wider,
            "firsts": [instant(seen_ms[name][0]) for name in wider],
            "lasts": [_until(seen_ms[name][1]) for name in wider],
        },
    )
    return People(held, frozenset(held.values()) - before if wider else frozenset())


def _until(ms: int) -> date:
    """The last day of the eight weeks in which the time lies."""
    return (_EPOCH + timedelta(days=(ms // DAY_MS // 56 + 1) * 56 - 1)).date()


def groups_link() -> int:
    """Give groups without account the account that has appeared since; returns how many. Their parked marks then
    count.
    """
    return run(
        """UPDATE usage_group g SET account_id = a.id FROM accounts_account a
           WHERE g.tenant_id = %(tenant)s AND g.account_id IS NULL
             AND a.tenant_id = %(tenant)s AND a.external_id = g.external_id"""
    )

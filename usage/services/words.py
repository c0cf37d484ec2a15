"""The words of days of a user at an account (`UserActivity`): written from a refilled slice, read as windows.

Built on the temporary tables of `usage.services.slices`: usage_slice, usage_seen, usage_touched and usage_moving.
"""

# ruff: noqa: S608 - statements are put together from constants of this package only

from collections.abc import Mapping, Sequence
from datetime import date
from typing import LiteralString

from usage.activity import EPOCH_DAYS, Window, epoch_of, masks
from usage.sql import epoch_at_once, hashing, rows, run

LOOKED_UP_ONE_BY_ONE = 5000


def words_build(epochs: Sequence[int], *, day: date | None = None) -> None:
    """Bring the words of the slices' accounts in these epochs up to date, and what the next epochs carry of them.

    `day`: the one day of all slices, where they have one.
    """
    epochs_open(epochs)
    with hashing():
        with epoch_at_once():
            run(_WORDS_DIFFER if day is None else _WORDS_DIFFER_DAY, epochs=list(epochs), **_of_day(day))
            run(_WORDS_UPDATE, epochs=list(epochs))
        run(_WORDS_INSERT)
        if rows(_NEXT_OPEN, epochs=[epoch + 1 for epoch in epochs]):
            run(_WORDS_CARRY, epochs=list(epochs))
        run(_WORDS_DELETE)


def _of_day(day: date | None) -> dict[str, int]:
    if day is None:
        return {}
    epoch, place = epoch_of(day)
    return {"epoch": epoch, "bit": 1 << place}


def epochs_open(epochs: Sequence[int]) -> None:
    """Give every user of the epoch before a row in each of these epochs, once: what they carry is kept up from then."""
    for epoch in sorted(epochs):
        if run(_OPEN, epoch=epoch):
            run(_CARRY_ALL, epoch=epoch)


_OPEN: LiteralString = """
INSERT INTO usage_openepoch (tenant_id, epoch) VALUES (%(tenant)s, %(epoch)s) ON CONFLICT DO NOTHING"""
_CARRY_ALL: LiteralString = """
INSERT INTO usage_useractivity AS u (tenant_id, epoch, account_id, end_user_id, known, used, logged_in, used_before,
    logged_before)
SELECT tenant_id, epoch + 1, account_id, end_user_id, 0, 0, 0, used, logged_in FROM usage_useractivity
WHERE tenant_id = %(tenant)s AND epoch = %(epoch)s - 1 AND used <> 0
ON CONFLICT (tenant_id, epoch, account_id, end_user_id)
DO UPDATE SET used_before = excluded.used_before, logged_before = excluded.logged_before"""
_NEXT_OPEN: LiteralString = """
SELECT epoch FROM usage_openepoch WHERE tenant_id = %(tenant)s AND epoch = ANY (%(epochs)s::smallint[])"""


def used_in(
    word: LiteralString, before: LiteralString, window: LiteralString, *, inside: bool = False
) -> LiteralString:
    """The condition that a user has a day in a window, from their words of its epoch and of the epoch before.

    `window` names the placeholders of its masks, as `window_masks` gives them. `inside`: all of it lies in the epoch.
    """
    if inside:
        return f"({word} & %({window})s) <> 0"
    return f"(({word} & %({window})s) | ({before} & %({window}_before)s)) <> 0"


def days_in(word: LiteralString, before: LiteralString, window: LiteralString) -> LiteralString:
    """How many days a user has in a window; as `used_in`."""
    return f"(bit_count(({word} & %({window})s)::bit(64)) + bit_count(({before} & %({window}_before)s)::bit(64)))::int"


def window_masks(offset: int, **windows: Window) -> dict[str, int]:
    """The masks of windows of the day at `offset` of its epoch, by the names of their placeholders."""
    found: dict[str, int] = {}
    for name, window in windows.items():
        found[name], found[f"{name}_before"] = masks(window, offset)
    return found


def windows_inside(masks_by_name: Mapping[str, int]) -> frozenset[str]:
    """The windows of `window_masks` that do not reach into the epoch before."""
    return frozenset(name for name in masks_by_name if masks_by_name.get(f"{name}_before") == 0)


def first_days_move(*, day: date | None = None) -> list[tuple[int, date]]:
    """Bring the first days of users up to date, whose first day may lie in a refilled slice. `day`: the one day of all
    slices, where they have one.

    Returns (account, day) for every user whose first known or first active day moved: the earlier of the old and new
    day. For a few users the words are looked up one by one, in every epoch, so that the history does not matter.
    """
    with hashing():
        affected = run(_FIRST_AFFECTED if day is None else _FIRST_AFFECTED_DAY, day=day)
    if not affected:
        return []
    [(first, last)] = rows("SELECT min(epoch), max(epoch) FROM usage_useractivity WHERE tenant_id = %(tenant)s")
    epochs = list(range(first, last + 1)) if first is not None else []
    if affected > LOOKED_UP_ONE_BY_ONE:
        with hashing():
            moved = rows(_FIRST_DAYS, length=EPOCH_DAYS, epochs=epochs)
    else:
        run("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off")
        moved = rows(_FIRST_DAYS, length=EPOCH_DAYS, epochs=epochs)
        run("SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on")
    return [(account, day) for account, day in moved if day is not None]


_LOGIN_NAMES: LiteralString = """(
    SELECT en.id FROM usage_eventname en
    WHERE en.tenant_id = %(tenant)s
      AND en.name IN (SELECT ln.event_name FROM usage_loginname ln WHERE ln.tenant_id = %(tenant)s))"""
_WORDS_OF_DAYS: LiteralString = f"""
    SELECT s.account_id, s.epoch, n.end_user_id, bit_or(s.bit) AS known,
           bit_or(CASE WHEN n.kind <= 3 THEN s.bit ELSE 0 END) AS used,
           bit_or(CASE WHEN n.kind <= 3 AND l.id IS NOT NULL THEN s.bit ELSE 0 END) AS logged_in
    FROM usage_seen n
    JOIN usage_slice s ON s.account_id = n.account_id AND s.day = n.day
    LEFT JOIN {_LOGIN_NAMES} l ON l.id = n.name_id
    GROUP BY 1, 2, 3"""
# The same for slices of one day: its bit is known beforehand.
_WORDS_OF_DAY: LiteralString = f"""
    SELECT n.account_id, %(epoch)s::smallint AS epoch, n.end_user_id, %(bit)s::bigint AS known,
           CASE WHEN bool_or(n.kind <= 3) THEN %(bit)s::bigint ELSE 0 END AS used,
           CASE WHEN bool_or(n.kind <= 3 AND n.name_id IN {_LOGIN_NAMES}) THEN %(bit)s::bigint ELSE 0 END AS logged_in
    FROM usage_seen n GROUP BY n.account_id, n.end_user_id"""
_HELD_OF_DAYS: LiteralString = """
    SELECT u.account_id, u.epoch, u.end_user_id, m.bits, u.known & m.bits AS known, u.used & m.bits AS used,
           u.logged_in & m.bits AS logged_in
    FROM (SELECT account_id, epoch, bit_or(bit) AS bits FROM usage_slice GROUP BY 1, 2) m
    JOIN usage_useractivity u ON u.tenant_id = %(tenant)s AND u.epoch = ANY (%(epochs)s) AND u.epoch = m.epoch
                             AND u.account_id = m.account_id"""
_HELD_OF_DAY: LiteralString = """
    SELECT u.account_id, u.epoch, u.end_user_id, %(bit)s::bigint AS bits, u.known & %(bit)s AS known,
           u.used & %(bit)s AS used, u.logged_in & %(bit)s AS logged_in
    FROM usage_slice m
    JOIN usage_useractivity u ON u.tenant_id = %(tenant)s AND u.epoch = ANY (%(epochs)s)
                             AND u.account_id = m.account_id"""


def _differ(word: LiteralString, held: LiteralString, on: LiteralString) -> LiteralString:
    """Whose words differ: those of the slices' users now, and of the users who were there before. `held`: there is a
    row."""
    return f"""
WITH word AS ({word}
)
INSERT INTO usage_touched
SELECT COALESCE(o.account_id, w.account_id), COALESCE(o.end_user_id, w.end_user_id), COALESCE(o.epoch, w.epoch), o.bits,
       COALESCE(w.known, 0), COALESCE(w.used, 0), COALESCE(w.logged_in, 0), o.account_id IS NOT NULL
FROM ({held}) o
FULL JOIN word w ON w.account_id = o.account_id {on} AND w.end_user_id = o.end_user_id
WHERE (o.known, o.used, o.logged_in) IS DISTINCT FROM
      (COALESCE(w.known, 0), COALESCE(w.used, 0), COALESCE(w.logged_in, 0))"""


_WORDS_DIFFER = _differ(_WORDS_OF_DAYS, _HELD_OF_DAYS, "AND w.epoch = o.epoch")
_WORDS_DIFFER_DAY = _differ(_WORDS_OF_DAY, _HELD_OF_DAY, "")

_WORDS_UPDATE: LiteralString = """
UPDATE usage_useractivity u
SET known = (u.known & ~n.bits) | n.known, used = (u.used & ~n.bits) | n.used,
    logged_in = (u.logged_in & ~n.bits) | n.logged_in
FROM usage_touched n
WHERE n.held AND u.tenant_id = %(tenant)s AND u.epoch = ANY (%(epochs)s) AND u.epoch = n.epoch
  AND u.account_id = n.account_id AND u.end_user_id = n.end_user_id"""

_WORDS_INSERT: LiteralString = """
INSERT INTO usage_useractivity (tenant_id, epoch, account_id, end_user_id, known, used, logged_in)
SELECT %(tenant)s, epoch, account_id, end_user_id, known, used, logged_in FROM usage_touched WHERE NOT held"""

# What has changed in an epoch is carried into the one after it, if that is open.
_WORDS_CARRY: LiteralString = """
INSERT INTO usage_useractivity AS u (tenant_id, epoch, account_id, end_user_id, known, used, logged_in, used_before,
    logged_before)
SELECT %(tenant)s, o.epoch + 1, o.account_id, o.end_user_id, 0, 0, 0, o.used, o.logged_in
FROM (SELECT DISTINCT account_id, epoch FROM usage_slice) s
JOIN usage_openepoch x ON x.tenant_id = %(tenant)s AND x.epoch = s.epoch + 1
JOIN usage_useractivity o ON o.tenant_id = %(tenant)s AND o.epoch = ANY (%(epochs)s) AND o.epoch = s.epoch
                         AND o.account_id = s.account_id
LEFT JOIN usage_useractivity n ON n.tenant_id = %(tenant)s AND n.epoch = o.epoch + 1 AND n.account_id = o.account_id
                              AND n.end_user_id = o.end_user_id
WHERE COALESCE(n.used_before, 0) <> o.used OR COALESCE(n.logged_before, 0) <> o.logged_in
ON CONFLICT (tenant_id, epoch, account_id, end_user_id)
DO UPDATE SET used_before = excluded.used_before, logged_before = excluded.logged_before"""

_WORDS_DELETE: LiteralString = """
DELETE FROM usage_useractivity u USING (
    SELECT account_id, epoch FROM usage_slice UNION SELECT account_id, epoch + 1 FROM usage_slice) s
WHERE u.tenant_id = %(tenant)s AND u.epoch = s.epoch AND u.account_id = s.account_id
  AND u.known = 0 AND u.used_before = 0"""

# A first day can only move where the user is new at the account, was never active, or a slice up to that day changed.
_FIRST_AFFECTED: LiteralString = """
INSERT INTO usage_moving
SELECT DISTINCT t.account_id, t.end_user_id
FROM usage_touched t
JOIN (SELECT account_id, min(day) AS day FROM usage_slice GROUP BY 1) s ON s.account_id = t.account_id
LEFT JOIN usage_accountuser a ON a.tenant_id = %(tenant)s AND a.account_id = t.account_id
                             AND a.end_user_id = t.end_user_id
WHERE (a.first_known < s.day AND a.first_active < s.day) IS NOT TRUE"""

_FIRST_AFFECTED_DAY: LiteralString = """
INSERT INTO usage_moving
SELECT t.account_id, t.end_user_id
FROM usage_touched t
LEFT JOIN usage_accountuser a ON a.tenant_id = %(tenant)s AND a.account_id = t.account_id
                             AND a.end_user_id = t.end_user_id
WHERE (a.first_known < %(day)s AND a.first_active < %(day)s) IS NOT TRUE"""

# The lowest bit of a word is the first day: x & -x keeps it, and one less has as many bits as its place.
_FIRST_DAYS: LiteralString = """
WITH found AS (
    SELECT t.account_id, t.end_user_id,
           min(u.epoch * %(length)s + bit_count(((u.known & -u.known) - 1)::bit(64)))
               FILTER (WHERE u.known <> 0) AS known,
           min(u.epoch * %(length)s + bit_count(((u.used & -u.used) - 1)::bit(64))) FILTER (WHERE u.used <> 0) AS used
    FROM usage_moving t
    LEFT JOIN usage_useractivity u ON u.tenant_id = %(tenant)s AND u.epoch = ANY (%(epochs)s::smallint[])
                                  AND u.account_id = t.account_id
                                  AND u.end_user_id = t.end_user_id
    GROUP BY 1, 2
), gone AS (
    DELETE FROM usage_accountuser a USING found f
    WHERE a.tenant_id = %(tenant)s AND a.account_id = f.account_id AND a.end_user_id = f.end_user_id AND f.known IS NULL
    RETURNING a.account_id, a.first_known
), written AS (
    INSERT INTO usage_accountuser AS a (tenant_id, account_id, end_user_id, first_known, first_active)
    SELECT %(tenant)s, account_id, end_user_id, '0001-01-01'::date + (known - 1)::int, '0001-01-01'::date + (used -
    1)::int FROM found WHERE known IS NOT NULL
    ON CONFLICT (tenant_id, account_id, end_user_id)
    DO UPDATE SET first_known = excluded.first_known, first_active = excluded.first_active
    WHERE (a.first_known, a.first_active) IS DISTINCT FROM (excluded.first_known, excluded.first_active)
    RETURNING a.account_id, old.first_known AS old_known, new.first_known AS new_known,
              old.first_active AS old_active, new.first_active AS new_active
)
SELECT account_id, first_known FROM gone
UNION SELECT account_id, least(old_known, new_known) FROM written WHERE old_known IS DISTINCT FROM new_known
UNION SELECT account_id, least(old_active, new_active) FROM written WHERE old_active IS DISTINCT FROM new_active"""

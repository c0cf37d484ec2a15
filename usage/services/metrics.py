"""Computes the activity metrics of any set of (account, day) pairs in one statement: a night, a backfill, late refills.

The formulas are those of `usage.activity`; tests hold the two against each other.
"""

# ruff: noqa: S608 - statements are put together from constants of this package only

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import islice
from typing import LiteralString

from django.db import connection

from common.reported import fold_fresh
from tenants.models import Tenant
from tenants.scope import current_tenant_id
from usage.activity import BEFORE_28, DAY, EPOCH_DAYS, LATEST_28, MONTH, WEEK, epoch_of
from usage.services.account_days import uses_fill
from usage.services.contracts import PLAIN, WITH_CONTRACTS, contracts_there
from usage.services.words import days_in, epochs_open, used_in, window_masks, windows_inside
from usage.sql import REFRESH_LOCK, epoch_at_once, hashing, lock, rows, run, unnest_insert

PAIRS_AT_ONCE = 100_000
_COLUMNS = (
    "seats", "seats_from", "dau", "wau", "mau", "stickiness", "users_ever", "activation_rate", "login_ratio",
    "login_listed", "minutes_online", "breadth", "depth", "application_gap", "features_unused", "usage_trend",
    "users_28", "users_28_before",
)  # fmt: skip


def metrics_fill(*, tenant: Tenant, days: Sequence[date], closing: bool = False, provisional: bool = False) -> int:
    """Compute the metrics of every live account for consecutive days, in the caller's scope; returns rows written.

    `closing`: the night of these days, which reports them; what it says first is kept when it changes later.
    `provisional`: the day is still running.
    """
    lock(REFRESH_LOCK)
    run(_TABLES)
    run(_WANT_ALL, days=list(days), length=EPOCH_DAYS)
    written = _fill(closing=closing, provisional=provisional, whole=days[0] if len(days) == 1 else None)
    if days:
        run(_STALE_ADVANCE, first=min(days), after=max(days) + timedelta(days=1))
    return len(written)


_WANT_ALL: LiteralString = """
INSERT INTO usage_wanted
SELECT a.id, d.day, (d.day - date '0001-01-01' + 1) / %(length)s, (d.day - date '0001-01-01' + 1) %% %(length)s
FROM unnest(%(days)s::date[]) AS d (day) CROSS JOIN accounts_account a
WHERE a.tenant_id = %(tenant)s AND a.archived_at IS NULL"""


def metrics_refill_stale(*, tenant: Tenant, until: date) -> dict[date, list[int]]:
    """Compute again what rests on refilled slices, up to `until`, the last day that has figures.

    Returns the days and accounts whose metrics are different now. In the caller's scope and transaction.
    """
    lock(REFRESH_LOCK)
    # A night that has computed its day but is not complete yet has figures after `until`: they must not be missed.
    until = max([until, *(day for (day,) in rows(_LAST_FIGURES) if day)])
    pairs: set[tuple[int, date]] = set()
    for account, first, last in rows(_STALE_TAKE):
        end = until if last is None else min(last, until)
        pairs.update((account, first + timedelta(days=number)) for number in range((end - first).days + 1))
    changed: dict[date, list[int]] = {}
    for account, day in sorted(_pairs_fill(pairs)):
        changed.setdefault(day, []).append(account)
    return changed


# Days after the last one with figures need no refill: they will be computed from the slices as they are then.
_STALE_TAKE: LiteralString = """
DELETE FROM usage_stalemetric WHERE tenant_id = %(tenant)s RETURNING account_id, first_day, last_day"""
_LAST_FIGURES: LiteralString = """
SELECT day FROM usage_metric WHERE tenant_id = %(tenant)s AND NOT provisional ORDER BY day DESC LIMIT 1"""
_STALE_ADVANCE: LiteralString = """
UPDATE usage_stalemetric SET first_day = %(after)s
WHERE tenant_id = %(tenant)s AND first_day >= %(first)s AND first_day < %(after)s"""


def _pairs_fill(pairs: Iterable[tuple[int, date]]) -> set[tuple[int, date]]:
    """Compute the metrics of (account, day) pairs; returns those whose stored row is new or different."""
    changed: set[tuple[int, date]] = set()
    left = iter(sorted(set(pairs), key=lambda pair: (pair[1], pair[0])))
    while part := list(islice(left, PAIRS_AT_ONCE)):
        run(_TABLES)
        epochs = [epoch_of(day) for _, day in part]
        unnest_insert(
            "usage_wanted",
            {
                "account_id bigint": [account for account, _ in part],
                "day date": [day for _, day in part],
                "epoch smallint": [epoch for epoch, _ in epochs],
                "place integer": [offset for _, offset in epochs],
            },
        )
        changed.update(_fill())
    return changed


def _fill(*, closing: bool = False, provisional: bool = False, whole: date | None = None) -> list[tuple[int, date]]:
    """Compute and store what `usage_wanted` names; returns the accounts and days whose row is new or different.

    `whole`: it names every live account on this day alone.
    """
    days = [day for (day,) in rows("SELECT DISTINCT day FROM usage_wanted")]
    if not days:
        return []
    first, last = min(days), max(days)
    epochs_open(sorted({epoch_of(day)[0] for day in days}))
    uses_fill(days, whole=whole)
    with hashing():
        _users_count(days, whole=whole is not None)
        run(_computing(contracts=contracts_there(), whole=whole is not None), first=first, last=last)
        with connection.cursor() as cursor:
            return fold_fresh(
                cursor,
                table="usage_metric",
                kept_table="usage_reportedmetric",
                fresh="usage_computed",
                columns=_COLUMNS,
                days=(first, last),
                closing=closing,
                provisional=provisional,
                tenant_id=current_tenant_id(),
            )


_TABLES: LiteralString = """
CREATE TEMP TABLE IF NOT EXISTS usage_wanted (account_id bigint, day date, epoch smallint, place integer)
    ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS usage_computed (account_id bigint, day date,
    seats integer, seats_from varchar(8), dau integer, wau integer, mau integer, stickiness float8, users_ever integer,
    activation_rate float8, login_ratio float8, login_listed boolean, minutes_online float8, breadth float8, depth
    float8, application_gap float8, features_unused bigint[], usage_trend float8, users_28 integer,
    users_28_before integer)
    ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS usage_counted (account_id bigint, day date, dau integer, wau integer, mau integer,
    latest integer, before integer, logged_in integer, user_days integer) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS usage_uses (account_id bigint, day date, feature_id bigint, uses bigint)
    ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS usage_plain (account_id bigint) ON COMMIT DELETE ROWS;
DELETE FROM usage_wanted; DELETE FROM usage_computed; DELETE FROM usage_counted; DELETE FROM usage_uses;
DELETE FROM usage_plain"""


def _users_count(days: Iterable[date], *, whole: bool) -> None:
    """Fill `usage_counted`: one place of the epoch at a time, so that its masks are constants of the statement."""
    epochs: dict[int, list[int]] = {}
    for day in days:
        epoch, place = epoch_of(day)
        epochs.setdefault(place, []).append(epoch)
    for place, found in epochs.items():
        masks = window_masks(place, **_WINDOWS)
        with epoch_at_once():
            run(_users(windows_inside(masks), whole), epochs=found, place=place, **masks)


_WINDOWS = {"day": DAY, "week": WEEK, "month": MONTH, "latest": LATEST_28, "before": BEFORE_28}


@cache
def _users(inside: frozenset[str], whole: bool) -> LiteralString:
    """Counts users per window; of windows inside an epoch only that epoch's words are asked. `whole`: of one day, for
    all accounts, so that they need not be looked up user by user.
    """

    def used(name: LiteralString) -> LiteralString:
        return f"count(*) FILTER (WHERE {used_in('u.used', 'u.used_before', name, inside=name in inside)})"

    counts: LiteralString = f"""{used("day")} AS dau, {used("week")} AS wau, {used("month")} AS mau,
       {used("latest")} AS latest, {used("before")} AS before,
       count(*) FILTER (WHERE {used_in("u.logged_in", "u.logged_before", "week", inside="week" in inside)})
           AS logged_in,
       sum({days_in("u.used", "u.used_before", "month")}) AS user_days"""
    if whole:
        return f"""
INSERT INTO usage_counted
SELECT w.account_id, w.day, c.dau, c.wau, c.mau, c.latest, c.before, c.logged_in, c.user_days
FROM usage_wanted w JOIN (
    SELECT u.account_id, {counts}
    FROM usage_useractivity u WHERE u.tenant_id = %(tenant)s AND u.epoch = ANY (%(epochs)s)
    GROUP BY u.account_id) c ON c.account_id = w.account_id
WHERE w.place = %(place)s"""
    return f"""
INSERT INTO usage_counted
SELECT w.account_id, w.day, {counts}
FROM usage_wanted w
JOIN usage_useractivity u ON u.tenant_id = %(tenant)s AND u.epoch = ANY (%(epochs)s)
                         AND u.epoch = w.epoch AND u.account_id = w.account_id
WHERE w.place = %(place)s
GROUP BY 1, 2"""


@cache
def _computing(*, contracts: bool, whole: bool) -> LiteralString:
    """The statement that puts everything together. `contracts`: they say something of seats or features; `whole`: for
    one day and all accounts.
    """
    parts = WITH_CONTRACTS if contracts else PLAIN
    return f"""
INSERT INTO usage_computed
WITH ever AS ({_EVER_WHOLE if whole else _EVER}), meant AS MATERIALIZED (
    SELECT w.account_id, w.day, COALESCE(p.mau, 0) AS mau
    FROM usage_wanted w LEFT JOIN usage_counted p ON p.account_id = w.account_id AND p.day = w.day
), {parts.feature}, {parts.features}, {parts.seated}, listed AS (
    SELECT EXISTS (SELECT FROM usage_loginname ln WHERE ln.tenant_id = %(tenant)s) AS yes
)
SELECT s.account_id, s.day, s.seats, s.seats_from, COALESCE(u.dau, 0), COALESCE(u.wau, 0), COALESCE(u.mau, 0),
       u.user_days::float8 / 30 / nullif(u.mau, 0),
       s.active,
       s.active::float8 / nullif(s.seats, 0),
       COALESCE(CASE WHEN listed.yes THEN u.logged_in ELSE u.wau END, 0)::float8 / nullif(s.seats, 0),
       listed.yes,
       COALESCE(d.minutes, 0),
       f.core_used::float8 / nullif(f.core, 0),
       CASE WHEN f.core > 0 THEN COALESCE(f.deep, 0) / f.core END,
       f.unused::float8 / nullif(f.entitled, 0),
       COALESCE(f.unused_ids, '{{}}'),
       COALESCE(u.latest, 0)::float8 / nullif(u.before, 0),
       COALESCE(u.latest, 0), COALESCE(u.before, 0)
FROM seated s CROSS JOIN listed
LEFT JOIN usage_counted u ON u.account_id = s.account_id AND u.day = s.day
LEFT JOIN features f ON f.account_id = s.account_id AND f.day = s.day
LEFT JOIN usage_accountday d ON d.tenant_id = %(tenant)s AND d.day BETWEEN %(first)s AND %(last)s
    AND d.account_id = s.account_id AND d.day = s.day"""


_EVER: LiteralString = """
    SELECT w.account_id, w.day, count(*) FILTER (WHERE a.first_active <= w.day) AS active,
           count(*) FILTER (WHERE a.first_known <= w.day) AS known
    FROM usage_wanted w JOIN usage_accountuser a ON a.tenant_id = %(tenant)s AND a.account_id = w.account_id
    GROUP BY 1, 2"""
_EVER_WHOLE: LiteralString = """
    SELECT a.account_id, %(first)s::date AS day, count(*) FILTER (WHERE a.first_active <= %(first)s) AS active,
           count(*) FILTER (WHERE a.first_known <= %(first)s) AS known
    FROM usage_accountuser a WHERE a.tenant_id = %(tenant)s GROUP BY 1"""

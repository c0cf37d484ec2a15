"""A tenant to send calls to, and the same figures by brute force."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.services import tenant_create
from usage import activity
from usage.models import IntakeBody
from usage.services import bodies_unpack, metrics_fill, metrics_refill_stale, slices_refill
from usage.sql import rows

RECEIVED = datetime(2026, 6, 30, 12, tzinfo=UTC)
TODAY = RECEIVED.date()
Sent = dict[str, Any]


def make_tenant(slug: str = "acme", timezone: str = "UTC") -> Tenant:
    """A tenant without anything."""
    made = tenant_create(
        slug=slug,
        name=slug.title(),
        timezone=timezone,
        language="en",
        currency="USD",
        admin_email=f"admin@{slug}.example",
        at=RECEIVED,
    )
    return made.tenant


def receive(tenant: Tenant, items: Iterable[object], at: datetime = RECEIVED) -> None:
    """Store a body as the intake does."""
    body = json.dumps({"batch": list(items)}).encode()
    with tenant_scope(tenant):
        IntakeBody.objects.create(received_at=at, call="batch", body=body)


def work_off(tenant: Tenant) -> None:
    """Unpack all that waits and refill what it touched."""
    with tenant_scope(tenant):
        while bodies_unpack(tenant=tenant, at=RECEIVED):
            pass
        while slices_refill(tenant=tenant):
            pass


def send(tenant: Tenant, *items: object, at: datetime = RECEIVED) -> None:
    """Receive and work off."""
    receive(tenant, items, at)
    work_off(tenant)


def night(tenant: Tenant, day: date) -> dict[date, list[int]]:
    """The activity step of a night."""
    with tenant_scope(tenant):
        metrics_fill(tenant=tenant, days=[day], closing=True)
        return metrics_refill_stale(tenant=tenant, until=day)


def at(day: date | int, hour: float = 12.0) -> str:
    """A timestamp: `day` is a date, or days before TODAY."""
    when = day if isinstance(day, date) else TODAY - timedelta(days=day)
    return (datetime.combine(when, datetime.min.time(), UTC) + timedelta(hours=hour)).isoformat()


_number = iter(range(10**9))


def call(kind: str, user: str | None, when: str, **more: Any) -> Sent:
    """A call with a message id of its own."""
    item = {"type": kind, "userId": user, "timestamp": when, "messageId": f"m-{next(_number)}"}
    return {**item, **({"event": "Used"} if kind == "track" else {}), **more}


# Which epochs are open, and so which rows carry nothing but an earlier epoch, depends on the order of arrival.
TABLES = (
    ("usage_useractivity", "account_id, end_user_id, epoch, known, used, logged_in", "known <> 0"),
    ("usage_accountuser", "account_id, end_user_id, first_known, first_active", "true"),
    ("usage_nameday", "account_id, day, name_id, uses", "true"),
    ("usage_accountday", "account_id, day, events, round(minutes * 60000)", "true"),
)


# Totals that are not the sums of the uses up to their day.
WRONG_TOTALS = """
SELECT d.account_id, d.day, u.name_id, t.total, u.uses FROM usage_accountday d
CROSS JOIN LATERAL (
    SELECT n.name_id, sum(n.uses) AS uses FROM usage_nameday n
    WHERE n.tenant_id = %(tenant)s AND n.account_id = d.account_id AND n.day <= d.day
      AND n.day >= d.day - (d.day - date '0001-01-01' + 1) %% 360
    GROUP BY 1) u
LEFT JOIN LATERAL unnest(d.names, d.totals) AS t (name_id, total) ON t.name_id = u.name_id
WHERE d.tenant_id = %(tenant)s AND (t.total IS DISTINCT FROM u.uses OR cardinality(d.names) <> (
    SELECT count(DISTINCT n.name_id) FROM usage_nameday n WHERE n.tenant_id = %(tenant)s
    AND n.account_id = d.account_id AND n.day <= d.day AND n.day >= d.day - (d.day - date '0001-01-01' + 1) %% 360))"""
# Words of an open epoch that do not carry those of the epoch before.
WRONG_CARRIED = """
SELECT u.*, b.* FROM usage_openepoch o
JOIN usage_useractivity u ON u.tenant_id = o.tenant_id AND u.epoch = o.epoch
FULL JOIN (SELECT x.* FROM usage_useractivity x JOIN usage_openepoch y
           ON y.tenant_id = x.tenant_id AND y.epoch = x.epoch + 1 WHERE x.tenant_id = %(tenant)s AND x.used <> 0) b
    ON b.epoch = u.epoch - 1 AND b.account_id = u.account_id AND b.end_user_id = u.end_user_id
WHERE (u.tenant_id = %(tenant)s OR u.tenant_id IS NULL)
  AND (COALESCE(u.used_before, 0), COALESCE(u.logged_before, 0)) <> (COALESCE(b.used, 0), COALESCE(b.logged_in, 0))"""


def tables(tenant: Tenant) -> dict[str, set[tuple[Any, ...]]]:
    """The derived tables by the names that callers use, so that ids do not matter; what they carry is checked."""
    with tenant_scope(tenant):
        assert rows(WRONG_TOTALS) == []
        assert rows(WRONG_CARRIED) == []
        accounts = dict(rows("SELECT id, external_id FROM accounts_account WHERE tenant_id = %(tenant)s"))
        users = dict(rows("SELECT id, external_id FROM usage_enduser WHERE tenant_id = %(tenant)s"))
        names = {
            pk: (kind, name)
            for pk, kind, name in rows("SELECT id, kind, name FROM usage_eventname WHERE tenant_id = %(tenant)s")
        }
        found: dict[str, set[tuple[Any, ...]]] = {}
        for table, columns, kept in TABLES:
            plain = rows("SELECT " + columns + " FROM " + table + " WHERE tenant_id = %(tenant)s AND " + kept)
            found[table] = {_named(columns.split(", "), row, accounts, users, names) for row in plain}
        found["metric"] = {
            (accounts[row[0]], *row[1:])
            for row in rows(
                "SELECT account_id, day, seats, dau, wau, mau, stickiness, users_ever, activation_rate, login_ratio, "
                "minutes_online, users_28, users_28_before, usage_trend FROM usage_metric WHERE tenant_id = %(tenant)s"
            )
        }
    return found


def _named(columns: Sequence[str], row: tuple[Any, ...], accounts: Any, users: Any, names: Any) -> tuple[Any, ...]:
    known = {"account_id": accounts, "end_user_id": users, "name_id": names}
    return tuple(known[column][value] if column in known else value for column, value in zip(columns, row, strict=True))


@dataclass
class Truth:
    """What a set of calls means, worked out one by one from the definitions."""

    zone: str
    ties: dict[str, list[tuple[int, str, str]]] = field(default_factory=lambda: defaultdict(list))
    memberships: dict[str, list[tuple[int, str, str]]] = field(default_factory=lambda: defaultdict(list))
    uses: dict[tuple[str, date], list[tuple[str, int, str]]] = field(default_factory=lambda: defaultdict(list))
    known: dict[str, dict[str, date]] = field(default_factory=lambda: defaultdict(dict))

    @classmethod
    def of(cls, items: Iterable[Sent], zone: str = "UTC") -> "Truth":
        """Read all calls; facts first, since they count whenever they arrive."""
        truth = cls(zone)
        items = list({item["messageId"]: item for item in items}.values())
        for item in items:
            visitor = item.get("previousId") if item["type"] == "alias" else item.get("anonymousId")
            if item["type"] in ("identify", "alias") and item.get("userId") and visitor:
                truth.ties[visitor].append((*_order(item), item["userId"]))
        for item in items:
            user = truth.user(item)
            group = _group(item)
            if item["type"] in ("identify", "group") and user and group:
                truth.memberships[user].append((*_order(item), group))
        for item in items:
            truth._count(item)
        return truth

    def user(self, item: Sent) -> str | None:
        """Who made the call."""
        named: str | None = item.get("userId")
        return named or _latest(self.ties.get(item.get("anonymousId", ""), []), _order(item)[0])

    def _count(self, item: Sent) -> None:
        user = self.user(item)
        ms = _order(item)[0]
        group = _group(item) or (_latest(self.memberships.get(user, []), ms) if user else None)
        if not user or not group:
            return
        day = datetime.fromtimestamp(ms / 1000, ZoneInfo(self.zone)).date()
        self.known[group][user] = min(day, self.known[group].get(user, day))
        if item["type"] in ("track", "page", "screen"):
            self.uses[group, day].append((user, ms, item.get("event") or item.get("name") or ""))

    def users(self, group: str, first: date, last: date) -> set[str]:
        """Who used the product at the group's account from first to last."""
        return {user for (where, day), uses in self.uses.items() if where == group and first <= day <= last
                for user, _, _ in uses}  # fmt: skip

    def metrics(self, group: str, day: date, logins: Sequence[str] = ()) -> dict[str, Any]:
        """The metrics that need no feature."""

        def active(days: int, until: int = 0) -> set[str]:
            return self.users(group, day - timedelta(days=days - 1), day - timedelta(days=until))

        daily = [len(self.users(group, d, d)) for d in (day - timedelta(days=n) for n in range(30))]
        seats = sum(1 for first in self.known[group].values() if first <= day)
        week = [self.uses.get((group, day - timedelta(days=n)), []) for n in range(7)]
        logged_in = {user for uses in week for user, _, name in uses if name in logins}
        by_user: dict[str, list[int]] = defaultdict(list)
        for user, ms, _ in self.uses.get((group, day), []):
            by_user[user].append(ms)
        return {
            "seats": seats,
            "dau": daily[0],
            "wau": len(active(7)),
            "mau": len(active(30)),
            "stickiness": activity.stickiness(sum(daily), len(active(30))),
            "users_ever": len(self.users(group, date.min, day)),
            "activation_rate": activity.ratio(len(self.users(group, date.min, day)), seats),
            "login_ratio": activity.ratio(len(logged_in if logins else active(7)), seats),
            "minutes_online": sum(activity.minutes_online(times) for times in by_user.values()),
            "usage_trend": activity.ratio(len(active(28)), len(active(56, 28))),
        }


def _order(item: Sent) -> tuple[int, str]:
    from usage.intake.decode import read_time
    from usage.intake.keys import event_key_hex

    ms = read_time(item["timestamp"])
    assert ms is not None
    return ms, event_key_hex(ms, item["messageId"])


def _group(item: Sent) -> str | None:
    group: str | None = item.get("groupId") or (item.get("context") or {}).get("groupId")
    return group


def _latest(facts: list[tuple[int, str, str]], ms: int) -> str | None:
    """The latest fact at or before, else the earliest after; on equal times the larger key."""
    before = [fact for fact in facts if fact[0] <= ms]
    if before:
        return max(before)[2]
    return min(facts)[2] if facts else None

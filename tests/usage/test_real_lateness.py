"""Real histories with real lateness: what a night could see, and what is known once everything has arrived.

The expected figures come from two other engines (see tests/data/events_openstack).
"""

import csv
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Account
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.usage.world import make_tenant, night, receive
from usage.models import Metric, ReportedMetric
from usage.services import bodies_unpack, metrics_refill_stale, slices_refill
from usage.sql import rows as query

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parent.parent / "data" / "events_openstack"
FIGURES = ("dau", "wau", "mau", "user_days30", "events30", "breadth30")


def table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open() as file:
        return list(csv.DictReader(file))


def deliver(tenant: Tenant, rows: list[dict[str, str]], received: datetime) -> None:
    """Send rows as calls, with their accounts; whatever their receipt was, the order is that of the file."""
    groups = sorted({(row["account"], row["user"]) for row in rows})
    start = min(row["timestamp"] for row in rows)
    receive(
        tenant,
        [
            {"type": "group", "groupId": group, "userId": user, "timestamp": start, "messageId": f"{group}/{user}"}
            for group, user in groups
        ],
        received,
    )
    items = [
        {
            "type": "track",
            "userId": row["user"],
            "event": row["event"],
            "timestamp": row["timestamp"],
            "messageId": row["message_id"],
            "context": {"groupId": row["account"]},
        }
        for row in rows
    ]
    receive(tenant, items, received)
    with tenant_scope(tenant):
        while bodies_unpack(tenant=tenant, at=received):
            pass
        while slices_refill(tenant=tenant):
            pass


def figures(account: str, day: date, row: Any) -> dict[str, int]:
    """The oracle's figures from ours: sums of our 30 days."""
    [(events, names)] = query(
        """SELECT COALESCE(sum(n.uses), 0), count(DISTINCT n.name_id) FROM usage_nameday n
        JOIN accounts_account a ON a.tenant_id = n.tenant_id AND a.id = n.account_id
        WHERE n.tenant_id = %(tenant)s AND a.external_id = %(account)s
          AND n.day BETWEEN %(day)s::date - 29 AND %(day)s""",
        account=account,
        day=day,
    )
    return {
        "dau": row.dau,
        "wau": row.wau,
        "mau": row.mau,
        "user_days30": round((row.stickiness or 0) * row.mau * 30),
        "events30": events,
        "breadth30": names,
    }


def expected(as_of: str, tenant: str, suffix: str) -> dict[str, dict[str, int]]:
    rows = [row for row in table("expected_metrics.csv") if (row["as_of"], row["tenant"]) == (as_of, tenant)]
    return {row["account"]: {name: int(row[name + suffix]) for name in FIGURES} for row in rows}


def found(day: date, rows: dict[str, Any], accounts: set[str]) -> dict[str, dict[str, int]]:
    return {account: figures(account, day, rows[account]) for account in accounts if account in rows}


def without_nothing(figures_: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    """An account of which nothing was seen yet has no row with us, and zeros with the oracle."""
    return {account: row for account, row in figures_.items() if row["events30"]}


@pytest.mark.parametrize("project", ["nova", "neutron"])
@pytest.mark.parametrize("as_of", ["2013-09-01", "2015-06-01", "2018-03-01"])
def test_a_night_says_what_it_could_see_and_late_events_make_it_whole(as_of: str, project: str) -> None:
    tenant = make_tenant(project)
    day = date.fromisoformat(as_of) - timedelta(days=1)
    low = (day - timedelta(days=29)).isoformat()
    rows = [row for row in table("events.csv") if row["tenant"] == project and low <= row["timestamp"][:10] < as_of]
    night_time = datetime.fromisoformat(f"{as_of}T02:00:00+00:00")
    seen = [row for row in rows if row["received_at"] < as_of]
    deliver(tenant, seen, night_time)
    night(tenant, day)
    with tenant_scope(tenant):
        stored = {row.account.external_id: row for row in Metric.objects.filter(day=day).select_related("account")}
        wanted = expected(as_of, project, "_seen")
        assert without_nothing(found(day, stored, set(wanted))) == without_nothing(wanted)

    deliver(tenant, [row for row in rows if row["received_at"] >= as_of], night_time + timedelta(days=300))
    with tenant_scope(tenant):
        changed = metrics_refill_stale(tenant=tenant, until=day)
        now = {row.account.external_id: row for row in Metric.objects.filter(day=day).select_related("account")}
        wanted = expected(as_of, project, "")
        assert found(day, now, set(wanted)) == without_nothing(wanted)
        kept = set(ReportedMetric.objects.filter(day=day).values_list("account_id", flat=True))
        assert kept <= set(changed[day])
        assert kept
        assert Account.objects.count() >= len(wanted)

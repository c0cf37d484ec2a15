"""A night computes its one day by shorter statements than a backfill of many days: both say the same."""

import random
from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import Account, Entitlement, Feature
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.usage.test_metrics import feature
from tests.usage.world import RECEIVED, TODAY, at, call, make_tenant, receive, work_off
from usage.models import Metric
from usage.services import login_names_set, metrics_fill, slices_mark_all

pytestmark = pytest.mark.django_db
FIRST, LAST = TODAY - timedelta(days=70), TODAY - timedelta(days=1)
NAMES = ("Report", "Export", "Invite", "Signed in")


def calls(chance: random.Random) -> list[list[Any]]:
    """A day's calls each, the oldest first: two steady accounts with the same names every day, and one now and then."""
    days = []
    for ago in range(70, 0, -1):
        day = [
            call("track", f"{group}-{user}", at(ago, chance.randrange(24)), event=name, groupId=group)
            for group in ("steady", "large")
            for user in range(3)
            for name in NAMES[: 2 + (group == "large")]
        ]
        if chance.random() < 0.3:
            day.append(
                call("track", "rare-1", at(ago, chance.randrange(24)), event=chance.choice(NAMES), groupId="rare")
            )
        days.append(day)
    return days


def figures(day: date) -> dict[int, tuple[Any, ...]]:
    columns = [field.attname for field in Metric._meta.local_fields if field.attname not in ("tenant_id", "reported")]
    return {row[columns.index("account_id")]: row for row in Metric.objects.filter(day=day).values_list(*columns)}


@pytest.mark.parametrize("contracts", [False, True])
def test_the_figures_of_each_night_are_those_of_one_backfill(contracts: bool) -> None:
    tenant: Tenant = make_tenant()
    with tenant_scope(tenant):
        groups = [call("group", "starter", at(80), groupId=group) for group in ("steady", "large", "rare", "never")]
    receive(tenant, groups)
    work_off(tenant)
    with tenant_scope(tenant):
        for number, name in enumerate(NAMES[:3]):
            feature(name.lower(), [name], core=number < 2, target=2.0 if number else None)
        login_names_set(names=["Signed in"], at=RECEIVED, by=None, label="test")
        if contracts:
            one, two = Account.objects.order_by("id")[:2]
            report = Feature.objects.get(key="report")
            Entitlement.objects.create(account=one, feature=report, granted=False, start=FIRST, created_at=RECEIVED)
            Entitlement.objects.create(account=two, feature=report, granted=True, start=FIRST, created_at=RECEIVED)
    nightly = {}
    for ago, day_calls in zip(range(70, 0, -1), calls(random.Random(5)), strict=True):
        receive(tenant, day_calls)
        work_off(tenant)
        with tenant_scope(tenant):
            day = TODAY - timedelta(days=ago)
            metrics_fill(tenant=tenant, days=[day], closing=True)
            nightly[day] = figures(day)
    with tenant_scope(tenant):
        Metric.objects.all().delete()
        slices_mark_all(tenant=tenant, first=FIRST, last=LAST)
    work_off(tenant)
    with tenant_scope(tenant):
        metrics_fill(tenant=tenant, days=[FIRST + timedelta(days=n) for n in range(70)], closing=True)
        assert {day: figures(day) for day in nightly} == nightly

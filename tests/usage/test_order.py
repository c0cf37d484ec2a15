"""The same calls in any order, in any batches, delivered twice: the same tables, and those of the definitions."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.usage.world import TODAY, Sent, Truth, at, make_tenant, night, receive, tables, work_off
from usage.models import Metric
from usage.services import login_names_set, metrics_check

pytestmark = pytest.mark.django_db(transaction=True)

USERS, VISITORS, GROUPS = ["u1", "u2", "u3"], ["a1", "a2"], ["g1", "g2"]
# Few hours, so that calls of one millisecond and gaps of exactly half an hour come up.
moments = st.tuples(
    st.sampled_from([0, 1, 2, 6, 7, 27, 28, 55, 56, 61, 119]), st.sampled_from([0.0, 0.5, 1.0, 12.0, 23.999])
)


@st.composite
def sent(draw: st.DrawFn) -> Sent:
    """A call of any kind by a few people at a few groups."""
    kind = draw(st.sampled_from(["track", "track", "track", "page", "identify", "group", "alias"]))
    days, hour = draw(moments)
    item: dict[str, Any] = {"type": kind, "timestamp": at(days, hour), "userId": draw(st.sampled_from(USERS))}
    if kind == "alias":
        return {**item, "previousId": draw(st.sampled_from(VISITORS))}
    if draw(st.booleans()):
        item["anonymousId"] = draw(st.sampled_from(VISITORS))
        if draw(st.booleans()):
            del item["userId"]
    if kind == "group":
        item["groupId"] = draw(st.sampled_from(GROUPS))
    elif draw(st.sampled_from([False, False, True])):
        item["context"] = {"groupId": draw(st.sampled_from(GROUPS))}
    return {**item, **({"event": draw(st.sampled_from(["Used", "Signed in"]))} if kind == "track" else {})}


worlds = st.lists(sent(), min_size=1, max_size=25).map(
    lambda items: [{**item, "messageId": f"m{number}"} for number, item in enumerate(items)]
)
# Group calls first, so that both accounts exist in every world.
START = [
    {"type": "group", "userId": "starter", "groupId": group, "timestamp": at(120), "messageId": f"start-{group}"}
    for group in GROUPS
]
LAST = TODAY - timedelta(days=1)


class UndoError(Exception):
    """Leaves no trace of an example."""


def delivered(tenant: Tenant, batches: list[list[Sent]]) -> dict[str, set[tuple[Any, ...]]]:
    """The tables after these batches came in and two nights ran, one of them in between."""
    found: dict[str, set[tuple[Any, ...]]] = {}
    try:
        with transaction.atomic():
            with tenant_scope(tenant):
                login_names_set(names=["Signed in"], at=tenant.created_at, by=None)
            receive(tenant, START)
            work_off(tenant)
            for number, batch in enumerate(batches):
                receive(tenant, batch)
                work_off(tenant)
                if number == 0:
                    night(tenant, LAST - timedelta(days=1))
            night(tenant, LAST)
            found = tables(tenant)
            with tenant_scope(tenant):
                metrics_check(tenant=tenant, day=LAST)
                found["reported"] = set(Metric.objects.values_list("day", "reported"))
            raise UndoError
    except UndoError:
        return found


def shuffled(items: list[Sent], draw: st.DataObject) -> list[list[Sent]]:
    order = draw.draw(st.permutations(items + items[::3]))
    cut = draw.draw(st.integers(0, len(order)))
    return [part for part in (order[:cut], order[cut:]) if part]


@given(worlds, st.data())
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_shuffled_late_and_repeated_delivery_ends_in_equal_tables(items: list[Sent], data: st.DataObject) -> None:
    tenant = Tenant.objects.filter(slug="world").first() or make_tenant("world")
    once = delivered(tenant, [items])
    again = delivered(tenant, shuffled(items, data))
    for name in once.keys() - {"metric", "reported"}:
        assert again[name] == once[name], name
    last = {row for row in once["metric"] if row[1] == LAST}
    assert {row for row in again["metric"] if row[1] == LAST} == last


@given(worlds)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_figure_is_what_the_definitions_say(items: list[Sent]) -> None:
    tenant = Tenant.objects.filter(slug="world").first() or make_tenant("world")
    truth = Truth.of(START + items)
    found = delivered(tenant, [items])
    assert found["usage_accountday"] == {
        (group, day, len(uses), round(truth.metrics(group, day)["minutes_online"] * 60_000))
        for (group, day), uses in truth.uses.items()
    }
    assert found["usage_accountuser"] == {
        (group, user, first, _first_active(truth, group, user))
        for group, users in truth.known.items()
        for user, first in users.items()
    }
    columns = [
        "seats",
        "dau",
        "wau",
        "mau",
        "stickiness",
        "users_ever",
        "activation_rate",
        "login_ratio",
        "minutes_online",
    ]
    for group, day, *row in found["metric"]:
        expected = truth.metrics(group, day, logins=["Signed in"])
        assert row[: len(columns)] == pytest.approx([expected[name] for name in columns]), (group, day)
        assert row[-1] == pytest.approx(expected["usage_trend"]), (group, day)


def _first_active(truth: Truth, group: str, user: str) -> date | None:
    days = [day for (where, day), uses in truth.uses.items() if where == group and any(use[0] == user for use in uses)]
    return min(days, default=None)

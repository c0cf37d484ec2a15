"""Metrics in the database against their formulas; features, logins, zones, self-check, partitions."""

import random
from collections import Counter
from datetime import date, timedelta

import pytest

from accounts.facts import fact_values
from accounts.models import Account, Feature
from accounts.services import feature_save
from tenants.models import AuditEntry, Member, Tenant
from tenants.scope import tenant_scope
from tenants.services import tenant_change
from tests.usage.world import RECEIVED, TODAY, Truth, at, call, make_tenant, night, send, tables, work_off
from usage import activity
from usage.models import AccountDay, Mark, Metric
from usage.selectors import (
    groups_parked,
    intake_state,
    metrics_of_account,
    names_seen,
    rejected_counts,
)
from usage.services import (
    feature_names_set,
    login_names_set,
    metrics_check,
    metrics_fill,
    metrics_refill_stale,
    slices_mark_all,
)
from usage.services.checks import MetricsDifferError

pytestmark = pytest.mark.django_db
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


def feature(
    key: str, names: list[str], *, core: bool = True, entitled: bool = True, target: float | None = None
) -> Feature:
    values = {"key": key, "name": key.title(), "core": core, "entitled_by_default": entitled, "target_uses": target}
    made = feature_save(values=values, at=RECEIVED, by=None, label="test")
    feature_names_set(feature=made, names=names, at=RECEIVED, by=None, label="test")
    return made


@pytest.mark.parametrize("seed", range(4))
def test_breadth_depth_and_gap_are_those_of_their_formulas(tenant: Tenant, seed: int) -> None:
    chance = random.Random(seed)
    names = ["Report", "Export", "Invite", "Other"]
    items = [
        call("track", f"u{chance.randrange(4)}", at(chance.randrange(1, 70)), event=chance.choice(names), groupId="g")
        for _ in range(40)
    ]
    send(tenant, call("group", "u0", at(80), groupId="g"), *items)
    rules = {"reports": (["Report", "Export"], 3.0), "invites": (["Invite"], None), "never": (["Nothing"], 0.5)}
    with tenant_scope(tenant):
        for key, (counted, target) in rules.items():
            feature(key, counted, target=target)
        feature("side", ["Other"], core=False)
        feature("barred", ["Report"], entitled=False)
    days = [YESTERDAY - timedelta(days=n) for n in range(0, 40, 13)]
    truth = Truth.of(items)
    with tenant_scope(tenant):
        metrics_fill(tenant=tenant, days=sorted(YESTERDAY - timedelta(days=n) for n in range(40)))
        for day in days:
            window = [use for (_, d), uses in truth.uses.items() if day - timedelta(days=30) < d <= day for use in uses]
            uses = Counter(name for _, _, name in window)
            mau = len({user for user, _, _ in window})
            counts = [(sum(uses[name] for name in counted), target) for counted, target in rules.values()]
            row = Metric.objects.get(day=day)
            assert row.breadth == pytest.approx(activity.breadth([count for count, _ in counts]))
            assert row.depth == pytest.approx(activity.depth(counts, mau))
            assert row.application_gap == pytest.approx(
                activity.application_gap([count for count, _ in counts] + [uses["Other"]])
            )
            unused = set(Feature.objects.filter(id__in=row.features_unused).values_list("key", flat=True))
            by_key = dict(zip(rules, counts, strict=True)) | {"side": (uses["Other"], None)}
            assert unused == {key for key, (count, _) in by_key.items() if not count}


def test_without_features_or_seats_what_rests_on_them_is_not_defined(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        from accounts.services import account_create

        account_create(tenant=tenant, external_id="quiet", values={"name": "Quiet"}, at=RECEIVED, by=None, label="test")
    night(tenant, YESTERDAY)
    with tenant_scope(tenant):
        row = Metric.objects.get()
        assert (row.dau, row.wau, row.mau, row.minutes_online, row.seats, row.seats_from) == (0, 0, 0, 0.0, 0, "users")
        undefined = (
            "stickiness",
            "activation_rate",
            "login_ratio",
            "breadth",
            "depth",
            "application_gap",
            "usage_trend",
        )
        assert [getattr(row, name) for name in undefined] == [None] * 7


def test_an_account_without_use_has_depth_zero_and_the_whole_gap(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        from accounts.services import account_create

        account_create(tenant=tenant, external_id="quiet", values={"name": "Quiet"}, at=RECEIVED, by=None, label="test")
        feature("reports", ["Report"])
        feature("plans", ["Plan"], target=5)
    night(tenant, YESTERDAY)
    with tenant_scope(tenant):
        row = Metric.objects.get()
        assert (row.mau, row.depth, row.breadth, row.application_gap) == (0, 0.0, 0.0, 1.0)


def test_the_accounts_own_seats_come_before_its_known_users_and_activation_is_not_capped(tenant: Tenant) -> None:
    send(
        tenant,
        call("group", "u", at(3), groupId="g", traits={"seats": 2}),
        *(call("track", f"u{n}", at(2), groupId="g") for n in range(3)),
    )
    night(tenant, YESTERDAY)
    with tenant_scope(tenant):
        row = Metric.objects.get(day=YESTERDAY)
        assert (row.seats, row.seats_from, row.activation_rate, row.login_listed) == (2, "account", 1.5, False)


def test_naming_a_login_counts_the_days_that_hold_it_again(tenant: Tenant) -> None:
    send(
        tenant,
        call("group", "u", at(9), groupId="g"),
        call("track", "u", at(3), event="Signed in"),
        call("track", "v", at(2), groupId="g"),
    )
    with tenant_scope(tenant):
        assert login_names_set(names=["Signed in"], at=RECEIVED, by=None, label="test")
        assert not login_names_set(names=["Signed in", " "], at=RECEIVED, by=None, label="test")
        assert Mark.objects.count() == 1
    work_off(tenant)
    night(tenant, YESTERDAY)
    with tenant_scope(tenant):
        row = Metric.objects.get(day=YESTERDAY)
        assert (row.login_listed, row.login_ratio) == (True, 0.5)
        assert AuditEntry.objects.filter(changes__has_key="login_names").exists()


def test_names_that_count_for_nothing_are_suggested_first(tenant: Tenant) -> None:
    send(
        tenant,
        call("group", "u", at(9), groupId="g"),
        call("page", "u", at(2), name="Home"),
        *(call("track", "u", at(2, hour), event="Report") for hour in (8, 9)),
    )
    with tenant_scope(tenant):
        feature("reports", ["Report"])
        seen = [(name.name, name.uses, name.accounts, name.features) for name in names_seen(day=TODAY)]
        assert seen == [("Home", 1, 1, []), ("Report", 2, 1, ["Reports"])]


def test_what_is_parked_and_rejected_is_shown(tenant: Tenant) -> None:
    send(
        tenant,
        call("track", "u", at(2), groupId="later"),
        call("track", "u", at(1), groupId="later"),
        call("x", "u", at(1)),
    )
    with tenant_scope(tenant):
        [parked] = groups_parked()
        assert (parked.external_id, parked.days, parked.last_day) == ("later", 2, YESTERDAY)
        assert rejected_counts(since=RECEIVED - timedelta(days=1)) == [("unknown_type", 1)]
        state = intake_state(at=RECEIVED)
        assert (state.waiting, state.last_received_at) == (0, RECEIVED)


def test_the_facts_of_a_day_are_its_metrics(tenant: Tenant) -> None:
    send(tenant, call("group", "u", at(9), groupId="g"), call("track", "u", at(2)))
    night(tenant, YESTERDAY)
    with tenant_scope(tenant):
        pk = Account.objects.get().pk
        values = fact_values(keys=["mau", "usage_trend", "users_28"], as_of=YESTERDAY)
        assert (values["mau"][pk], values["usage_trend"][pk], values["users_28"][pk]) == (1, None, 1)


def test_a_day_is_the_tenants_and_moves_when_its_zone_changes(tenant: Tenant) -> None:
    send(tenant, call("group", "u", at(9), groupId="g"), call("track", "u", at(2, 23.5)), call("track", "u", at(5, 12)))
    before = {row[1] for row in tables(tenant)["usage_accountday"]}
    with tenant_scope(tenant):
        tenant_change(tenant=tenant, values={"timezone": "Asia/Shanghai"}, by=Member.objects.get(), at=RECEIVED)
    work_off(tenant)
    after = {row[1] for row in tables(tenant)["usage_accountday"]}
    assert before == {TODAY - timedelta(days=2), TODAY - timedelta(days=5)}
    assert after == {TODAY - timedelta(days=1), TODAY - timedelta(days=5)}


def test_sessions_end_at_the_local_midnight_and_through_a_clock_change_minutes_stay_real() -> None:
    tenant = make_tenant("berlin", "Europe/Berlin")
    day = date(2026, 3, 29)
    send(
        tenant,
        call("group", "u", "2026-03-28T10:00:00Z", groupId="g"),
        call("track", "u", "2026-03-28T22:50:00Z"),
        call("track", "u", "2026-03-28T23:10:00Z"),
        call("track", "u", "2026-03-29T00:55:00Z"),
        call("track", "u", "2026-03-29T01:05:00Z"),
        call("track", "u", "2026-03-29T21:59:59.999Z"),
        call("track", "u", "2026-03-29T22:00:00Z"),
    )
    with tenant_scope(tenant):
        rows = dict(AccountDay.objects.values_list("day", "minutes"))
    assert rows == {day - timedelta(days=1): 0.0, day: 10.0, day + timedelta(days=1): 0.0}


def test_building_every_slice_again_changes_nothing(tenant: Tenant) -> None:
    chance = random.Random(1)
    send(
        tenant,
        call("group", "u0", at(90), groupId="g"),
        call("group", "u1", at(30), groupId="h"),
        *(call("track", f"u{chance.randrange(2)}", at(chance.randrange(80))) for _ in range(30)),
    )
    night(tenant, YESTERDAY)
    first = tables(tenant)
    with tenant_scope(tenant):
        slices_mark_all(tenant=tenant, first=TODAY - timedelta(days=100), last=TODAY)
    work_off(tenant)
    with tenant_scope(tenant):
        assert metrics_refill_stale(tenant=tenant, until=YESTERDAY).get(YESTERDAY) is None
    again = tables(tenant)
    assert {name: again[name] for name in again if name != "metric"} == {n: first[n] for n in first if n != "metric"}


def test_the_nights_own_check_finds_a_figure_that_is_not_what_the_events_say(tenant: Tenant) -> None:
    send(tenant, call("group", "u", at(9), groupId="g"), call("track", "u", at(1)))
    night(tenant, YESTERDAY)
    with tenant_scope(tenant):
        assert metrics_check(tenant=tenant, day=YESTERDAY) == 1
        Metric.objects.update(mau=7)
        with pytest.raises(MetricsDifferError, match="stored"):
            metrics_check(tenant=tenant, day=YESTERDAY)


def test_a_provisional_day_is_marked_and_its_night_reports_it(tenant: Tenant) -> None:
    send(tenant, call("group", "u", at(9), groupId="g"), call("track", "u", at(0, 8)))
    with tenant_scope(tenant):
        metrics_fill(tenant=tenant, days=[TODAY], provisional=True)
        row = Metric.objects.get(day=TODAY)
        assert (row.provisional, row.reported, row.dau) == (True, Metric.Reported.NEVER, 1)
    send(tenant, call("track", "v", at(0, 9), groupId="g"))
    night(tenant, TODAY)
    with tenant_scope(tenant):
        row = Metric.objects.get(day=TODAY)
        assert (row.provisional, row.reported, row.dau) == (False, Metric.Reported.SAME, 2)
        [said] = metrics_of_account(
            account=Account.objects.get(), start=TODAY, end=TODAY + timedelta(days=1), reported=True
        )
        assert said.dau == 2


def test_every_partition_forces_its_policy_and_grants_nothing(tenant: Tenant) -> None:
    from usage.sql import rows

    with tenant_scope(tenant):
        found = rows(
            """SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, has_table_privilege(c.oid, 'SELECT')
               FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'usage_event'::regclass"""
        )
        assert len(found) > 30
        assert {row[1:] for row in found} == {(True, True, False)}

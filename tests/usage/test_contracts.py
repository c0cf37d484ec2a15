"""Seats and features of a day come from the contract lines that run on it; others' nights are what they were."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.models import Account, Contract, Feature
from accounts.selectors.contracts import entitled_features
from accounts.services import (
    account_create,
    contract_save,
    entitlement_delete,
    entitlement_save,
    feature_save,
    line_save,
    plan_save,
    product_save,
)
from tenants.models import Member, Tenant
from tenants.scope import tenant_scope
from tests.usage.world import RECEIVED, TODAY, at, call, make_tenant, night, send
from usage.models import Metric, StaleMetric
from usage.services import metrics_fill, metrics_refill_stale
from usage.services.contracts import contracts_there

pytestmark = pytest.mark.django_db
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


def days_ago(number: int) -> date:
    return YESTERDAY - timedelta(days=number)


def account(tenant: Tenant, seats: int | None = None) -> Account:
    values = {"name": "G", "seats": seats}
    return account_create(tenant=tenant, external_id="g", values=values, at=RECEIVED, by=None, label="test")


def sign(account: Account, start: date, end: date | None, seats: int | None, plan: str = "") -> None:
    contract = Contract.objects.first() or contract_save(
        account=account, values={"external_id": "c", "currency": "EUR"}, at=RECEIVED, by=None
    )
    product = product_save(values={"key": f"p{start}{plan}", "name": "P"}, at=RECEIVED, by=None)
    values = {"external_id": str(start), "product": product, "amount": Decimal(12), "billing_months": 12}
    if plan:
        features = [feature(key) for key in plan.split()]
        plan_values = {"key": "plan", "name": "Plan", "features": features}
        values["plan"] = plan_save(product=product, values=plan_values, at=RECEIVED, by=None)
    values |= {"start": start, "end": end, "seats": seats}
    line_save(contract=contract, values=values, at=RECEIVED, by=None)


def feature(key: str, *, core: bool = True, usual: bool = True) -> Feature:
    held = Feature.objects.filter(key=key).first()
    values = {"key": key, "name": key, "core": core, "entitled_by_default": usual}
    return held or feature_save(values=values, at=RECEIVED, by=None, label="test")


def seats_by_day(tenant: Tenant, most: int) -> list[tuple[int | None, str]]:
    metrics_fill(tenant=tenant, days=[days_ago(n) for n in range(most, -1, -1)])
    return list(Metric.objects.order_by("day").values_list("seats", "seats_from"))


def test_seats_are_those_of_the_lines_of_the_day_else_the_own_field_else_known_users(tenant: Tenant) -> None:
    send(tenant, call("group", "u", at(20), groupId="g"), *(call("track", f"u{n}", at(19), groupId="g") for n in "ab"))
    night(tenant, days_ago(9))
    with tenant_scope(tenant):
        held = Account.objects.get()
        Account.objects.update(seats=7)
        sign(held, days_ago(6), days_ago(3), 20)
        sign(held, days_ago(4), days_ago(2), 5)
        sign(held, days_ago(1), None, None)
        assert contracts_there()
        found = dict(zip(range(8, -1, -1), seats_by_day(tenant, 8)[-9:], strict=True))
    assert found[8] == found[7] == (7, "account")
    assert found[6] == found[5] == (20, "contract")
    assert found[4] == (25, "contract")
    assert found[3] == (5, "contract")
    assert found[2][1] == found[1][1] == found[0][1] == "users"


def test_a_line_entered_later_marks_past_days_and_their_seats_follow_as_known_now(tenant: Tenant) -> None:
    send(tenant, call("group", "u", at(20), groupId="g"), call("track", "u", at(19), groupId="g"))
    for back in (3, 2, 1, 0):
        night(tenant, days_ago(back))
    with tenant_scope(tenant):
        StaleMetric.objects.all().delete()
        sign(Account.objects.get(), days_ago(2), None, 40)
        assert StaleMetric.objects.get().first_day == days_ago(2)
        changed = metrics_refill_stale(tenant=tenant, until=YESTERDAY)
        assert sorted(changed) == [days_ago(2), days_ago(1), days_ago(0)]
        assert list(Metric.objects.order_by("day").values_list("seats", flat=True))[-4:] == [1, 40, 40, 40]


def test_a_contract_that_changes_no_seats_marks_nothing(tenant: Tenant) -> None:
    night(tenant, YESTERDAY)
    with tenant_scope(tenant):
        sign(account(tenant), days_ago(2), None, None)
        assert not StaleMetric.objects.exists()


def test_features_are_those_of_the_plans_of_the_day_with_what_was_given_and_without_what_was_taken(
    tenant: Tenant,
) -> None:
    with tenant_scope(tenant):
        held = account(tenant, seats=3)
        rules = {"usual": True, "bought": False, "given": False}
        features = {key: feature(key, usual=usual) for key, usual in rules.items()}
        sign(held, days_ago(6), days_ago(3), 1, plan="usual bought")
        sign(held, days_ago(3), days_ago(2), 1)
        more = {"feature": features["given"], "granted": True, "start": days_ago(5), "end": days_ago(1)}
        entitlement_save(account=held, values=more, at=RECEIVED, by=None)
        less = {"feature": features["usual"], "granted": False, "start": days_ago(4), "end": days_ago(3)}
        entitlement_save(account=held, values=less, at=RECEIVED, by=None)
        metrics_fill(tenant=tenant, days=[days_ago(n) for n in range(8, -1, -1)])
        keys = dict(Feature.objects.values_list("pk", "key"))
        told = {row.day: sorted(keys[pk] for pk in row.features_unused) for row in Metric.objects.all()}
        for number in range(9):  # nothing was used: what is unused is what the account may use
            assert told[days_ago(number)] == sorted(
                f.key for f in entitled_features(account=held, day=days_ago(number))
            )
    assert told[days_ago(7)] == ["usual"]
    assert told[days_ago(6)] == ["bought", "usual"]
    assert told[days_ago(5)] == ["bought", "given", "usual"]
    assert told[days_ago(4)] == ["bought", "given"]
    assert told[days_ago(3)] == ["given", "usual"]
    assert told[days_ago(1)] == ["usual"]


def test_an_account_with_an_empty_plan_may_use_nothing_and_its_breadth_is_not_defined(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        held = account(tenant)
        feature("usual")
        product = product_save(values={"key": "p", "name": "P"}, at=RECEIVED, by=None)
        plan = plan_save(product=product, values={"key": "e", "name": "E"}, at=RECEIVED, by=None)
        contract = contract_save(account=held, values={"external_id": "c", "currency": "EUR"}, at=RECEIVED, by=None)
        values = {"external_id": "1", "product": product, "plan": plan, "amount": Decimal(1), "billing_months": 1}
        line_save(contract=contract, values={**values, "start": days_ago(3)}, at=RECEIVED, by=None)
        metrics_fill(tenant=tenant, days=[YESTERDAY])
        row = Metric.objects.get()
        assert (row.breadth, row.depth, row.application_gap, row.features_unused) == (None, None, None, [])


def test_an_exception_taken_back_is_as_if_it_had_never_been(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        held = account(tenant)
        given = feature("given", usual=False)
        values = {"feature": given, "granted": True, "start": days_ago(3)}
        exception = entitlement_save(account=held, values=values, at=RECEIVED, by=None)
    night(tenant, YESTERDAY)
    with tenant_scope(tenant):
        assert Metric.objects.get().features_unused == [given.pk]
        by = Member.objects.first()
        assert by is not None
        entitlement_delete(entitlement=exception, at=RECEIVED, by=by)
        metrics_refill_stale(tenant=tenant, until=YESTERDAY)
        assert Metric.objects.get().features_unused == []

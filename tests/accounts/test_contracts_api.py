"""Contracts through the API: what is taken, what is refused and how that is said."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Contract, ContractLine, Plan, Product
from accounts.services import feature_save, plan_save, product_save
from tenants.scope import tenant_scope
from tenants.services import NewTenant
from tests.factories import AT, make_account, make_tenant

pytestmark = pytest.mark.django_db
Ask = Callable[..., Any]


@pytest.fixture
def made() -> NewTenant:
    made = make_tenant()
    with tenant_scope(made.tenant):
        make_account(made.tenant, "one", arr=Decimal(5), seats=1)
    return made


@pytest.fixture
def ask(made: NewTenant) -> Ask:
    client, headers = Client(), {"Authorization": f"Bearer {made.api_key}"}

    def ask(path: str, body: Any = None, method: str = "post") -> Any:
        if body is None:
            return client.get(f"/api/v1/{path}", headers=headers)
        call = getattr(client, method)
        return call(f"/api/v1/{path}", body, content_type="application/json", headers=headers)

    return ask


def line(**values: Any) -> dict[str, Any]:
    usual = {"external_id": "1", "product": "suite", "seats": 20, "amount": "1200.00", "billing_months": 12}
    return {**usual, "start": "2025-01-01", "end": None, "outcome": None, "outcome_date": None, **values}


def contract(*lines: dict[str, Any], **values: Any) -> dict[str, Any]:
    usual = {"external_id": "c1", "account_external_id": "one", "currency": "EUR"}
    return {**usual, "lines": list(lines), **values}


def test_contracts_decide_the_account_and_are_told_back_as_sent(ask: Ask) -> None:
    sent = [contract(line(), line(external_id="2", seats=5, amount="25", billing_months=1, end="2070-01-01"))]
    first = ask("contracts/bulk/", sent)
    assert first.status_code == 200, first.content
    assert first.json()["created"] == 1
    assert first.json()["products_created"] == ["suite"]
    account = ask("accounts/?external_id=one").json()["results"][0]
    assert (account["arr"], account["seats"]) == (1500, 25)
    assert (account["renewal_date"], account["contract_start"]) == ("2070-01-01", "2025-01-01")
    [told] = ask("contracts/?account_external_id=one").json()["results"]
    names = set(line()) - {"amount"}
    assert [{n: one[n] for n in names} for one in told["lines"]] == [
        {n: one[n] for n in names} for one in sent[0]["lines"]
    ]
    assert [Decimal(one["amount"]) for one in told["lines"]] == [Decimal(1200), Decimal(25)]


def test_the_same_list_again_changes_nothing(ask: Ask) -> None:
    ask("contracts/bulk/", [contract(line())])
    again = ask("contracts/bulk/", [contract(line())]).json()
    assert (again["created"], again["changed"], again["unchanged"]) == (0, 0, 1)


def test_what_was_told_can_be_sent_back(ask: Ask) -> None:
    ask("contracts/bulk/", [contract(line(end="2026-01-01", outcome="shrunk", outcome_date="2025-12-01"))])
    [told] = ask("contracts/").json()["results"]
    back = {name: told[name] for name in ("external_id", "account_external_id", "currency", "notes")}
    back["lines"] = [{name: value for name, value in one.items() if name != "id"} for one in told["lines"]]
    answer = ask("contracts/bulk/", [back])
    assert answer.json().get("unchanged") == 1, answer.content


@pytest.mark.parametrize(
    ("wrong", "field", "hint"),
    [
        ({"seats": -1}, "seats", "0"),
        ({"amount": "-5"}, "amount", "0"),
        ({"amount": "twelve"}, "amount", "number"),
        ({"billing_months": 0}, "billing_months", "1"),
        ({"billing_months": None}, "billing_months", "12"),
        ({"start": "01-02-2025"}, "start", "YYYY-MM-DD"),
        ({"start": None}, "start", "null"),
        ({"end": "2024-12-31"}, "end", "later day"),
        ({"outcome": "gone"}, "outcome", "gone"),
        ({"outcome": "lost"}, "end", "first day"),
        ({"plan": "nope"}, "plan", "Known are"),
        ({"prize": 1}, "prize", "Known are"),
        ({"product": ""}, "product", "blank"),
    ],
)
def test_a_refused_value_is_named_by_item_line_and_field_and_nothing_is_changed(
    ask: Ask, made: NewTenant, wrong: dict[str, Any], field: str, hint: str
) -> None:
    answer = ask(
        "contracts/bulk/", [contract(line()), contract(line(), line(external_id="2", **wrong), external_id="c2")]
    )
    assert answer.status_code == 400, answer.content
    assert set(answer.json()["error"]["fields"]) == {"1"}
    refused = answer.json()["error"]["fields"]["1"]["lines"]
    assert set(refused) == {"1"}
    assert hint in refused["1"][field][0]
    with tenant_scope(made.tenant):
        assert not Contract.objects.exists()
        assert not Product.objects.exists()


@pytest.mark.parametrize(
    ("item", "field", "hint"),
    [
        (contract(account_external_id="nobody"), "account_external_id", "nobody"),
        (contract(currency="euro"), "currency", "three capital letters"),
        ({"external_id": "x"}, "account_external_id", "required"),
        (contract(line(), line()), "lines", ""),
    ],
)
def test_a_refused_contract_says_why(ask: Ask, item: dict[str, Any], field: str, hint: str) -> None:
    answer = ask("contracts/bulk/", [item])
    assert answer.status_code == 400
    assert hint in str(answer.json()["error"]["fields"]["0"][field])


@pytest.mark.parametrize("body", [{}, [], [1], ["x"], [None], [[]], [contract(lines=["line"])], [contract(lines="no")]])
def test_no_shape_of_a_body_is_a_fault_of_ours(ask: Ask, body: Any) -> None:
    assert ask("contracts/bulk/", body).status_code == 400


def test_one_contract_twice_in_a_list_is_refused(ask: Ask) -> None:
    answer = ask("contracts/bulk/", [contract(line()), contract(line(seats=3))])
    assert answer.status_code == 400
    assert "already" in answer.json()["error"]["fields"]["1"]["external_id"][0]


def test_a_contract_stays_with_its_account(ask: Ask, made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        make_account(made.tenant, "two")
    ask("contracts/bulk/", [contract(line())])
    answer = ask("contracts/bulk/", [contract(line(), account_external_id="two")])
    assert "“one”" in answer.json()["error"]["fields"]["0"]["account_external_id"][0]


def test_accounts_of_another_tenant_are_unknown(ask: Ask) -> None:
    theirs = make_tenant()
    with tenant_scope(theirs.tenant):
        make_account(theirs.tenant, "theirs")
    assert ask("contracts/bulk/", [contract(line(), account_external_id="theirs")]).status_code == 400
    with tenant_scope(theirs.tenant):
        assert not Contract.objects.exists()


def test_the_accounts_derived_fields_refuse_the_api_field_by_field(ask: Ask, made: NewTenant) -> None:
    ask("contracts/bulk/", [contract(line())])
    rows = [{"external_id": "new"}, {"external_id": "one", "seats": 3, "arr": "9", "name": "New name"}]
    answer = ask("accounts/bulk/", rows)
    assert answer.status_code == 400
    refused = answer.json()["error"]["fields"]["1"]
    assert set(refused) == {"seats", "arr"}
    assert "contract lines" in refused["seats"][0]
    with tenant_scope(made.tenant):
        account = Account.objects.get()
        assert account.name == "One"
    answer = ask(f"accounts/{account.pk}/", {"renewal_date": "2030-01-01"}, "patch")
    assert set(answer.json()["error"]["fields"]) == {"renewal_date"}
    assert ask("accounts/bulk/", [{"external_id": "one", "seats": 20, "name": "New name"}]).status_code == 200


def test_a_line_may_be_changed_by_what_is_new_alone(ask: Ask, made: NewTenant) -> None:
    ask("contracts/bulk/", [contract(line(end="2026-01-01"))])
    lost = {"external_id": "1", "outcome": "lost", "outcome_date": "2025-11-30", "reason": "Price"}
    assert ask("contracts/bulk/", [contract(lost)]).json()["changed"] == 1
    with tenant_scope(made.tenant):
        held = ContractLine.objects.get()
        assert (held.outcome, held.outcome_date, held.seats) == ("lost", date(2025, 11, 30), 20)


def test_lines_that_are_not_named_stay_unless_the_caller_says_so(ask: Ask, made: NewTenant) -> None:
    ask("contracts/bulk/", [contract(line(), line(external_id="2"))])
    assert ask("contracts/bulk/", [contract(line())]).json()["unchanged"] == 1
    assert ask("contracts/bulk/?replace_lines=true", [contract(line())]).json()["changed"] == 1
    with tenant_scope(made.tenant):
        assert ContractLine.objects.count() == 1


def test_a_plan_is_kept_when_a_line_is_sent_again_without_it(ask: Ask, made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        suite = product_save(values={"key": "suite", "name": "Suite"}, at=AT, by=None)
        plan_save(product=suite, values={"key": "pro", "name": "Pro"}, at=AT, by=None)
    ask("contracts/bulk/", [contract(line(plan="pro"))])
    assert ask("contracts/bulk/", [contract(line())]).json()["unchanged"] == 1
    assert ask("contracts/bulk/", [contract(line(plan=None))]).json()["changed"] == 1


def test_products_and_plans_are_written_by_key(ask: Ask, made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        feature_save(values={"key": "reports", "name": "Reports"}, at=AT, by=None)
    sent = {"key": "suite", "name": "Suite", "plans": [{"key": "pro", "name": "Pro", "features": ["reports"]}]}
    assert ask("products/", sent).status_code == 201
    assert ask("products/", sent).status_code == 200
    [told] = ask("products/").json()["results"]
    assert told["plans"] == [{"key": "pro", "name": "Pro", "features": ["reports"]}]
    refused = ask("products/", {**sent, "features": ["nope"]})
    assert "Known are: reports" in refused.json()["error"]["fields"]["features"][0]
    with tenant_scope(made.tenant):
        assert Plan.objects.count() == 1


def test_rates_are_set_by_currency_and_date_and_the_arr_follows(ask: Ask) -> None:
    ask("contracts/bulk/", [contract(line(), currency="USD")])
    assert ask("accounts/?external_id=one").json()["results"][0]["arr"] is None
    rates = [{"currency": "USD", "date": "2025-06-01", "rate": "0.9"}]
    assert ask("exchange-rates/", rates).status_code == 200
    assert ask("exchange-rates/", rates).status_code == 200
    assert ask("accounts/?external_id=one").json()["results"][0]["arr"] == 1080
    assert len(ask("exchange-rates/").json()["results"]) == 1
    refused = ask("exchange-rates/", [*rates, {"currency": "EUR", "date": "2025-06-01", "rate": "1"}])
    assert "own currency" in refused.json()["error"]["fields"]["1"]["currency"][0]
    refused = ask("exchange-rates/", [{"currency": "USD", "date": "2025-06-01", "rate": "0"}])
    assert "above 0" in refused.json()["error"]["fields"]["0"]["rate"][0]

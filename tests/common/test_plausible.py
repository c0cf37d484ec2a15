"""Which days and currencies are believed, and that every door asks the same rule."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.importing import parts
from accounts.models import Account, Contract, ExchangeRate, Payment, Touch
from accounts.services import account_change, payments_upsert, rate_set, touch_change, touch_log
from common.plausible import EARLIEST, When, currency_fault, day_fault, demand
from imports.registry import Row, Work
from tenants.scope import tenant_scope
from tenants.services import tenant_change
from tests.factories import AT, DAY, make_account, make_tenant
from tests.house.api import Caller
from tests.house.test_urls import furnish
from tests.house.url_table import TENANT_LINES

TODAY = date(2026, 3, 10)


@pytest.mark.parametrize("when", list(When))
def test_the_first_and_the_last_day_are_believed_and_the_days_beside_them_not(when: When) -> None:
    last = TODAY + timedelta(days=int(when))
    assert [day_fault(day, when, TODAY) for day in (EARLIEST, TODAY, last)] == ["", "", ""]
    assert day_fault(EARLIEST - timedelta(days=1), when, TODAY)
    assert day_fault(last + timedelta(days=1), when, TODAY)


def test_an_instant_is_judged_by_its_day() -> None:
    assert day_fault(datetime(2026, 3, 11, 9, tzinfo=UTC), When.PAST, TODAY) == ""
    assert day_fault(datetime(2026, 3, 12, 0, tzinfo=UTC), When.PAST, TODAY)


@pytest.mark.parametrize("code", ["EUR", "CNY", "USD", "JPY", "GBP"])
def test_currencies_are_believed(code: str) -> None:
    assert currency_fault(code) == ""


@pytest.mark.parametrize("code", ["ZZZ", "XXX", "XTS", "XAU", "eur", "EU", "", "EURO", "€"])
def test_what_is_no_currency_is_not(code: str) -> None:
    assert currency_fault(code)


def test_what_is_left_out_or_empty_is_not_judged_and_every_fault_is_named() -> None:
    demand({"on": None, "name": "x"}, {"on": When.PAST, "due": When.DUE}, AT)
    with pytest.raises(ValidationError) as refused:
        demand(
            {"on": date(2099, 1, 1), "due": date(1066, 1, 1), "currency": "ZZZ"}, {"on": When.PAST, "due": When.DUE}, AT
        )
    assert set(refused.value.message_dict) == {"on", "due", "currency"}


@pytest.mark.django_db
def test_services_refuse_what_is_not_plausible() -> None:
    made = make_tenant()
    far = date(2206, 3, 1)
    with tenant_scope(made.tenant):
        account = make_account(made.tenant, "one")
        touch = touch_log(account=account, kind="call", on=DAY, note="Spoke", by=None, at=AT)
        paid: dict[str, Any] = {"external_id": "p", "account_external_id": "one", "amount": 5, "paid_on": far}
        usual: dict[str, Any] = {"tenant": made.tenant, "at": AT, "by": None}
        for act in (
            lambda: account_change(account=account, values={"renewal_date": far}, at=AT, by=None),
            lambda: account_change(account=account, values={"currency": "ZZZ"}, at=AT, by=None),
            lambda: touch_change(touch=touch, values={"on": far}, at=AT, by=None),
            lambda: payments_upsert(rows=[paid], **usual),
            lambda: payments_upsert(rows=[{**paid, "paid_on": DAY, "currency": "ZZZ"}], **usual),
            lambda: rate_set(currency="ZZZ", day=DAY, rate=2, **usual),  # type: ignore[arg-type]  # any number
            lambda: rate_set(currency="USD", day=far, rate=2, **usual),  # type: ignore[arg-type]  # any number
            lambda: tenant_change(tenant=made.tenant, values={"currency": "ZZZ"}, by=made.admin, at=AT),
        ):
            with pytest.raises(ValidationError), transaction.atomic():
                act()
        assert not Payment.objects.exists()
        assert not ExchangeRate.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "row", "field"),
    [
        ("payments", {"external_id": "p", "paid_on": "2099-01-01"}, "paid_on"),
        ("payments", {"external_id": "p", "currency": "ZZZ"}, "currency"),
        ("contracts", {"external_id": "c", "account_external_id": "one", "currency": "ZZZ"}, "currency"),
        ("accounts", {"external_id": "one", "currency": "ZZZ"}, "currency"),
        ("accounts", {"external_id": "one", "renewal_date": "2206-01-01"}, "renewal_date"),
        ("touches", {"external_id": "t", "on": "2099-01-01"}, "on"),
        ("touches", {"external_id": "t", "step_due": "2206-01-01"}, "step_due"),
        ("contacts", {"external_id": "c", "left_on": "1066-10-14"}, "left_on"),
        ("survey-answers", {"account_external_id": "one", "kind": "nps", "score": 9, "person": "A",
                            "answered_at": "1066-10-14T12:00:00Z"}, "answered_at"),
        ("tickets", {"external_id": "t", "account_external_id": "one", "subject": "x",
                     "opened_at": "1066-10-14T12:00:00Z"}, "opened_at"),
    ],
)  # fmt: skip
def test_the_api_names_the_row_and_the_field(path: str, row: dict[str, Any], field: str) -> None:
    made = make_tenant()
    with tenant_scope(made.tenant):
        make_account(made.tenant, "one")
    answer = Caller(made.api_key)("POST", f"/api/v1/{path}/bulk/", [row])
    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == ["0"]
    assert field in answer.json()["error"]["fields"]["0"]


@pytest.mark.django_db
def test_exchange_rates_and_lines_of_contracts_too() -> None:
    call = Caller(make_tenant().api_key)
    rate = call("POST", "/api/v1/exchange-rates/", [{"currency": "ZZZ", "date": "2099-01-01", "rate": 2}])
    assert set(rate.json()["error"]["fields"]["0"]) == {"currency", "date"}
    line = {"external_id": "1", "product": "p", "amount": 1, "billing_months": 1, "start": "1800-01-01"}
    sent = [{"external_id": "c", "account_external_id": "one", "lines": [line]}]
    refused = call("POST", "/api/v1/contracts/bulk/", sent)
    assert "start" in refused.json()["error"]["fields"]["0"]["lines"]["0"]


@pytest.mark.django_db
def test_an_import_refuses_the_row() -> None:
    made = make_tenant()
    work = Work(tenant=made.tenant, by=None, at=AT, today=TODAY)
    row = Row(line=1, values={"paid_on": date(2099, 1, 1), "currency": "zzz"})
    parts.believed(row, work, {"paid_on": When.PAST})
    assert len(row.reasons) == 2
    good = Row(line=2, values={"paid_on": DAY, "currency": "usd"})
    parts.believed(good, work, {"paid_on": When.PAST})
    assert not good.reasons
    assert good.values["currency"] == "USD"


DAYS = ("on", "due_on", "step_due", "start", "end", "outcome_date", "day", "since", "gone_on", "left_on", "until",
        "contract_start", "renewal_date", "due", "date")  # fmt: skip


@pytest.mark.django_db
def test_no_form_takes_a_far_day_or_an_unknown_currency_and_none_fails_over_it() -> None:
    made = make_tenant("ours")
    with tenant_scope(made.tenant):
        ids = furnish(made, made.admin, made.admin)
    client, wrong = Client(raise_request_exception=False), []
    client.force_login(made.admin.user)
    for line in (line for line in TENANT_LINES if line.method == "POST" and line.audience != "method"):
        url = reverse(line.name, args=[made.tenant.slug, *(ids[arg] for arg in line.args)])
        for far in ("2206-01-01", "1066-10-14"):
            sent = {
                name: ids.get(value, value) if isinstance(value, str) else value for name, value in line.send.items()
            }
            with transaction.atomic():
                answer = client.post(url, {**sent, **dict.fromkeys(DAYS, far), "currency": "ZZZ"})
                taken = held(made, far)
                transaction.set_rollback(True)
            if answer.status_code >= 500 or taken:
                wrong.append(f"{line} with {far}: {answer.status_code} {taken}")
    assert not wrong, "\n".join(wrong)


def held(made: Any, far: str) -> list[str]:
    """What took the day or the currency."""
    with tenant_scope(made.tenant):
        found = {
            "account": Account.objects.filter(renewal_date=far) | Account.objects.filter(currency="ZZZ"),
            "contract": Contract.objects.filter(currency="ZZZ"),
            "touch": Touch.objects.filter(on=far),
            "rate": ExchangeRate.objects.filter(currency="ZZZ"),
        }
        return [name for name, rows in found.items() if rows.exists()]

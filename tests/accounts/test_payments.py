"""Payments come over the API once, however often they are sent, and count for whoever looked after the account."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Payment
from accounts.selectors.payments import collected, targets_of
from accounts.services import (
    RefusedRows,
    account_archive,
    account_change,
    csm_target_set,
    payment_delete,
    payments_upsert,
    rate_set,
)
from tenants.models import AuditEntry, Member, Role
from tenants.scope import tenant_scope
from tenants.services import NewTenant
from tests.factories import AT, DAY, make_account, make_member, make_tenant

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=60)
YEAR: dict[str, Any] = {"start": date(2026, 1, 1), "end": date(2027, 1, 1), "zone": "Europe/Berlin", "currency": "EUR"}


@pytest.fixture
def made() -> Iterator[NewTenant]:
    made = make_tenant()
    with tenant_scope(made.tenant):
        yield made


@pytest.fixture
def csm(made: NewTenant) -> Member:
    return make_member(Role.CSM)


def row(external_id: str = "p1", **values: Any) -> dict[str, Any]:
    return {
        "external_id": external_id, "account_external_id": "one", "amount": Decimal(100), "paid_on": DAY, **values
    }  # fmt: skip


def send(made: NewTenant, *rows: dict[str, Any]) -> list[str]:
    return [what for what, _payment in payments_upsert(tenant=made.tenant, rows=rows, at=LATER, by=None, label="bank")]


def test_the_same_payment_twice_changes_nothing_and_another_amount_does(made: NewTenant) -> None:
    make_account(made.tenant, "one")
    assert send(made, row(), row("p2", currency="USD", note="second")) == ["created", "created"]
    assert send(made, row(), row("p2", currency="USD", note="second")) == ["unchanged", "unchanged"]
    assert send(made, {"external_id": "p1", "amount": Decimal(90)}) == ["changed"]
    held = {p.external_id: (p.amount, p.currency, p.paid_on) for p in Payment.objects.all()}
    assert held == {"p1": (Decimal(90), "EUR", DAY), "p2": (Decimal(100), "USD", DAY)}
    assert AuditEntry.objects.filter(noun="payment").count() == 3
    payment_delete(payment=Payment.objects.get(external_id="p1"), at=AT, by=made.admin)
    assert Payment.objects.count() == 1


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"account_external_id": "nobody"}, "account_external_id"),
        ({"account_external_id": "gone"}, "account_external_id"),
        ({"amount": Decimal(0)}, "amount"),
        ({"amount": None}, "amount"),
        ({"paid_on": None}, "paid_on"),
        ({"external_id": "fine"}, "external_id"),
    ],
)
def test_one_refused_payment_refuses_all_and_says_which_and_why(
    made: NewTenant, bad: dict[str, Any], field: str
) -> None:
    make_account(made.tenant, "one")
    account_archive(account=make_account(made.tenant, "gone"), at=AT, by=made.admin)
    with pytest.raises(RefusedRows) as refused:
        send(made, row("fine"), row(**bad))
    assert refused.value.faults[0] == {}
    assert list(refused.value.faults[1]) == [field]
    assert not Payment.objects.exists()


def test_a_payment_stays_with_its_account(made: NewTenant) -> None:
    make_account(made.tenant, "one")
    make_account(made.tenant, "two")
    send(made, row())
    with pytest.raises(RefusedRows) as refused:
        send(made, row(account_external_id="two"))
    assert "belongs to the account" in refused.value.faults[0]["account_external_id"][0]


def test_what_was_collected_stays_with_whoever_had_the_account_that_day(made: NewTenant, csm: Member) -> None:
    other = make_member(Role.CSM)
    account = make_account(made.tenant, "one", csm=csm)  # on 10 March at 13:00 in Berlin
    account_change(account=account, values={"csm": other}, at=AT + timedelta(days=5), by=made.admin)
    sent = ((-30, 1), (3, 10), (5, 100), (40, 1000), (-400, 5))
    send(made, *(row(f"p{ago}", paid_on=AT.date() + timedelta(days=ago), amount=Decimal(n)) for ago, n in sent))
    found = collected(**YEAR)
    assert found.by_csm == {csm.pk: Decimal(10), other.pk: Decimal(1101)}
    send(made, row("back", paid_on=AT.date() + timedelta(days=41), amount=Decimal(-1000)))
    assert collected(**YEAR).by_csm[other.pk] == Decimal(101)
    assert collected(**{**YEAR, "end": YEAR["start"]}).by_csm == {}


def test_other_currencies_count_at_the_rate_of_their_day_or_are_named(made: NewTenant, csm: Member) -> None:
    make_account(made.tenant, "one", csm=csm)
    for day, rate in ((date(2026, 1, 1), "0.5"), (date(2026, 3, 1), "0.8")):
        rate_set(tenant=made.tenant, currency="USD", day=day, rate=Decimal(rate), at=AT, by=made.admin)
    days = (date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1))
    send(made, *(row(f"p{day}", currency="USD", paid_on=day) for day in days), row("gbp", currency="GBP"))
    found = collected(**YEAR)
    assert found.by_csm == {csm.pk: Decimal("210.00")}
    assert found.lacks == {"GBP"}


def test_a_target_is_set_changed_and_refused(made: NewTenant, csm: Member) -> None:
    csm_target_set(csm=csm, year=2026, values={"collected": Decimal(2_000_000), "accounts": 40}, at=AT, by=made.admin)
    csm_target_set(csm=csm, year=2026, values={"accounts": None}, at=AT, by=made.admin)
    held = targets_of(year=2026)[csm.pk]
    assert (held.collected, held.accounts) == (Decimal(2_000_000), None)
    for year, values in ((1900, {"accounts": 4}), (2026, {"arr": Decimal(-1)})):
        with pytest.raises(ValidationError):
            csm_target_set(csm=csm, year=year, values=values, at=AT, by=made.admin)


def test_the_api_takes_payments_and_targets_and_tells_what_it_refused(
    made: NewTenant, csm: Member, client: Any
) -> None:
    make_account(made.tenant, "one", csm=csm)
    key = {"Authorization": f"Bearer {made.api_key}"}
    sent: dict[str, Any] = {"content_type": "application/json", "headers": key}
    good = {"external_id": "p1", "account_external_id": "one", "amount": "12.50", "paid_on": "2026-03-09"}
    first = client.post("/api/v1/payments/bulk/", [good], **sent).json()
    assert (first["created"], first["results"][0]["result"]) == (1, "created")
    assert client.post("/api/v1/payments/bulk/", [good], **sent).json()["unchanged"] == 1
    for bad, said in (
        ({**good, "amount": "much"}, "valid number"), ({**good, "amont": "1"}, "Unknown field"),
        ({**good, "currency": "euro"}, "three capital letters"), ({**good, "account_external_id": "x"}, "Create the"),
    ):  # fmt: skip
        answer = client.post("/api/v1/payments/bulk/", [bad], **sent)
        assert answer.status_code == 400
        assert said in answer.content.decode()
    assert client.post("/api/v1/payments/bulk/", {}, **sent).status_code == 400
    listed = client.get("/api/v1/payments/?account_external_id=one&paid_from=2026-03-09", headers=key).json()
    assert [one["external_id"] for one in listed["results"]] == ["p1"]
    assert client.get("/api/v1/payments/?paid_from=2026-03-10", headers=key).json()["results"] == []
    target = {"csm": csm.user.email, "year": 2026, "collected": "2000000.00"}
    assert client.post("/api/v1/csm-targets/", target, **sent).json()["collected"] == 2_000_000
    rows = client.get("/api/v1/capacity/?year=2026", headers=key).json()["results"]
    [own] = [one for one in rows if one["csm"] == csm.user.email]
    assert (own["accounts"], own["collected"], own["collected_target"]) == (1, 12.5, 2_000_000)
    assert client.get("/api/v1/capacity/?year=soon", headers=key).status_code == 400

"""Contracts on the account page: what is shown, who edits, and how two editors meet."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now

from accounts.models import Account, Contract, ContractLine
from accounts.services import contract_save, line_save, product_save
from tenants.models import Member, Role
from tenants.scope import tenant_scope
from tenants.services import NewTenant
from tests.factories import AT, make_account, make_member, make_tenant
from tests.portfolio.world import signed_in

pytestmark = pytest.mark.django_db


class Desk:
    """An account with a running line, and people in front of it."""

    def __init__(self) -> None:
        self.made: NewTenant = make_tenant(currency="EUR")
        today = now().date()
        self.start, self.end = today - timedelta(days=100), today + timedelta(days=265)
        with tenant_scope(self.made.tenant):
            self.csm: Member = make_member(Role.CSM)
            self.viewer: Member = make_member(Role.VIEWER)
            self.account = make_account(self.made.tenant, "one", name="Harbor")
            self.product = product_save(values={"key": "suite", "name": "Suite"}, at=AT, by=None)
            self.contract = contract_save(
                account=self.account, values={"external_id": "C-1", "currency": "EUR"}, at=AT, by=None
            )
            self.line = self.add(external_id="1")
        self.client: Client = signed_in(self.csm)

    def add(self, **values: Any) -> ContractLine:
        usual = {"product": self.product, "amount": Decimal(1200), "billing_months": 12, "seats": 20}
        dates = {"start": self.start, "end": self.end}
        return line_save(contract=self.contract, values={**usual, **dates, **values}, at=now(), by=None)

    def path(self, rest: str) -> str:
        return f"/t/{self.made.tenant.slug}/account/{self.account.pk}/{rest}"

    def form(self, **changes: Any) -> dict[str, Any]:
        values = {"product": self.product.pk, "amount": "1200", "billing_months": "12", "external_id": "1"}
        dates = {"start": self.start.isoformat(), "end": self.end.isoformat()}
        return {**values, **dates, "version": "1", **changes}

    def held(self) -> ContractLine:
        with tenant_scope(self.made.tenant):
            return ContractLine.objects.get(pk=self.line.pk)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_the_sum_of_the_running_lines_is_the_arr_that_the_account_shows(desk: Desk) -> None:
    with tenant_scope(desk.made.tenant):
        desk.add(external_id="2", amount=Decimal(30), billing_months=1, seats=4)
        desk.add(external_id="3", amount=Decimal(900), one_off=True, seats=None)
        ended = desk.start - timedelta(days=365)
        desk.add(external_id="0", amount=Decimal(999), start=ended, end=desk.start, outcome="lost", reason="Too dear")
    page = desk.client.get(desk.path("contracts/"), headers={"HX-Request": "true"}).content.decode()
    foot = page[page.index("<tfoot>") :]
    assert "€1,560" in foot
    assert "24" in foot
    assert "Too dear" in page
    assert "one-off" in page
    account_page = desk.client.get(desk.path("")).content.decode()
    assert "€1,560" in account_page
    assert f'hx-get="{desk.path("contracts/")}"' in account_page


def test_without_scripts_the_fragment_is_a_page(desk: Desk) -> None:
    assert "<h1>" in desk.client.get(desk.path("contracts/")).content.decode()


def test_a_viewer_reads_and_is_offered_nothing_to_change(desk: Desk) -> None:
    page = signed_in(desk.viewer).get(desk.path("contracts/")).content.decode()
    assert "C-1" in page
    for offer in ("New contract", "Add a line", "Outcome", "Add an exception"):
        assert offer not in page


def test_a_new_contract_comes_with_its_first_line_or_not_at_all(desk: Desk) -> None:
    sent = {"external_id": "C-2", "currency": "EUR"} | {f"line-{name}": v for name, v in desk.form().items()}
    wrong = sent | {"line-end": (desk.start - timedelta(days=1)).isoformat()}
    page = desk.client.post(desk.path("contracts/new/"), wrong)
    assert page.status_code == 200
    assert "lies before the start" in page.content.decode()
    assert 'value="C-2"' in page.content.decode()
    with tenant_scope(desk.made.tenant):
        assert Contract.objects.count() == 1
    assert desk.client.post(desk.path("contracts/new/"), sent).status_code == 302
    with tenant_scope(desk.made.tenant):
        assert Contract.objects.count() == 2


def test_an_edit_over_a_newer_one_shows_both_and_the_next_save_counts(desk: Desk) -> None:
    path = desk.path(f"contracts/{desk.contract.pk}/lines/{desk.line.pk}/")
    assert desk.client.post(path, desk.form(seats="30")).status_code == 302
    page = desk.client.post(path, desk.form(seats="40")).content.decode()
    assert "<td>30</td><td>40</td>" in page
    assert desk.held().seats == 30
    assert desk.client.post(path, desk.form(seats="40", version="2")).status_code == 302
    assert desk.held().seats == 40


def test_an_outcome_is_recorded_and_a_loss_asks_for_its_reason(desk: Desk) -> None:
    path = desk.path(f"lines/{desk.line.pk}/outcome/")
    sent = {"outcome": "lost", "outcome_date": desk.start.isoformat(), "version": "1"}
    assert "Say why" in desk.client.post(path, sent).content.decode()
    assert desk.client.post(path, {**sent, "reason": "Price"}).status_code == 302
    assert (desk.held().outcome, desk.held().reason) == ("lost", "Price")


def test_the_account_form_refuses_what_lines_decide_at_the_field_and_keeps_what_was_typed(desk: Desk) -> None:
    sent = {
        "name": "Harbor", "lifecycle_stage": "training", "currency": "EUR", "version": "2", "seats": "77",
        "arr": "1200", "renewal_date": desk.end.isoformat(), "contract_start": desk.start.isoformat(),
    }  # fmt: skip
    page = desk.client.post(desk.path("edit/"), sent).content.decode()
    assert "so “77” was not saved" in page
    assert 'value="77"' in page
    assert page.count("was not saved") == 1
    assert desk.client.post(desk.path("edit/"), {**sent, "seats": "20"}).status_code == 302
    with tenant_scope(desk.made.tenant):
        assert Account.objects.get().lifecycle_stage == "training"


def test_a_day_between_two_terms_is_asked_about(desk: Desk) -> None:
    with tenant_scope(desk.made.tenant):
        before = desk.start - timedelta(days=1)
        desk.add(external_id="0", start=before - timedelta(days=364), end=before, outcome="renewed")
    page = desk.client.get(desk.path("contracts/")).content.decode()
    assert "meant as the last day" in page


def test_the_label_of_the_picture_of_terms_is_text_without_tags(desk: Desk) -> None:
    said = desk.client.get(desk.path("contracts/")).content.decode()
    label = said.split('class="term-bars"')[1].split('aria-label="')[1].split('"')[0]
    assert label.startswith("1 term between")
    assert label.endswith("lists it")
    assert "lt;" not in label

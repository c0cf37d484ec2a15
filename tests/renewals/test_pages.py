"""The retention pages: what a manager reads, every number with its rows, and who may see whose."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Account
from renewals.models import RevenueSetting
from tenants.models import AuditEntry, Role
from tenants.scope import tenant_scope
from tenants.services import NewTenant
from tests.factories import make_account, make_member, make_tenant
from tests.portfolio.world import signed_in
from tests.renewals.world import make_contract, make_line, make_product, settle

ASKED = "?from=2024-01-01&to=2024-12-31"
PAGES = ("retention", "retention_rows", "retention_rivals", "retention_cohorts", "retention_csv", "retention_rows_csv")


@pytest.fixture
def made(db: None) -> Iterator[NewTenant]:
    """Five accounts: one stays, one grows, one shrinks, one leaves and is archived, one is new."""
    found = make_tenant("harbour")
    with tenant_scope(found.tenant):
        suite = make_product()
        paths = {
            "stays": (1000, 1000),
            "grows": (1000, 1500),
            "shrinks": (1000, 400),
            "leaves": (1000, 0),
            "new": (0, 300),
        }
        for name, (before, after) in paths.items():
            contract = make_contract(make_account(found.tenant, name, segment="Big" if name == "grows" else "Small"))
            if before:
                outcome = {"leaves": "lost", "shrinks": "shrunk"}.get(name, "renewed")
                make_line(contract, suite, date(2023, 7, 1), date(2024, 7, 1), before, outcome=outcome)
            if after:
                make_line(contract, suite, date(2024, 7, 1), date(2025, 7, 1), after)
        settle(found.tenant, date(2024, 12, 31))
        Account.objects.filter(external_id="leaves").update(archived_at=found.tenant.created_at)
        yield found


def opened(made: NewTenant, name: str, query: str = ASKED, role: Role = Role.MANAGER, **kwargs: int) -> str:
    client = signed_in(make_member(role)) if role else Client()
    pieces = ("retention_lines", "retention_rivals", "retention_cohorts")
    headers = {"HX-Request": "true"} if name in pieces else {}
    response = client.get(reverse(name, kwargs={"slug": "harbour", **kwargs}) + query, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_says_the_bridge_the_rates_and_what_became_of_the_contracts(made: NewTenant) -> None:
    text = opened(made, "retention")
    for shown in ("4,000.00", "300.00", "500.00", "−600.00", "−1,000.00", "3,200.00"):
        assert f">{shown}<" in text
    assert "72.5%" in text  # NRR: (1000 + 1500 + 400) ÷ 4000
    assert "60.0%" in text  # GRR: (1000 + 1000 + 400) ÷ 4000
    assert "3 of 4 accounts" in text
    assert "no gross margin is set" in text


def test_the_rows_behind_a_figure_sum_to_it_and_open_to_their_lines(made: NewTenant) -> None:
    lost = opened(made, "retention_rows", ASKED + "&kind=churn")
    assert "Leaves" in lost
    assert "archived" in lost
    assert "Stays" not in lost
    pk = Account.objects.get(external_id="grows").pk
    lines = opened(made, "retention_lines", ASKED, pk=pk)
    assert "1,000.00" in lines
    assert "1,500.00" in lines
    told = opened(made, "retention_rows_csv")
    assert len(told.strip().splitlines()) == 6


@pytest.mark.parametrize(
    "by", ["segment", "csm", "industry", "product", "currency", "cohort", "stage", "fit", "salesperson"]
)
def test_the_groups_sum_to_the_whole(made: NewTenant, by: str) -> None:
    rows = [line.split(",") for line in opened(made, "retention_csv", f"{ASKED}&by={by}").strip().splitlines()[1:]]
    for column in range(1, 9):
        assert Decimal(rows[0][column]) == sum(Decimal(row[column]) for row in rows[1:])


def test_what_was_lost_and_won_back_is_itemised_by_account(made: NewTenant) -> None:
    contract, suite = make_contract(make_account(made.tenant, "returns")), make_product("Extra")
    make_line(contract, suite, date(2023, 1, 1), date(2024, 3, 1), 700)
    make_line(contract, suite, date(2024, 9, 1), None, 700)
    text = opened(made, "retention_rivals")
    assert "Returns" in text
    assert "+700.00" in text


def test_the_margin_changes_the_lifetime_value_and_leaves_a_trace(made: NewTenant) -> None:
    manager = signed_in(make_member(Role.MANAGER))
    url = reverse("revenue_settings", args=["harbour"])
    manager.post(url, {"gross_margin": "80", "grace_days": "45"})
    setting = RevenueSetting.objects.get()
    assert (setting.gross_margin, setting.grace_days) == (Decimal(80), 45)
    assert AuditEntry.objects.filter(noun="revenuesetting").count() == 1
    assert "80.0%" in opened(made, "retention")
    refused = manager.post(url, {"gross_margin": "180", "grace_days": "45"}, follow=True).content.decode()
    assert "Not saved." in refused
    assert RevenueSetting.objects.get().gross_margin == 80


def test_a_csm_who_sees_only_their_own_gets_their_own_figures(made: NewTenant) -> None:
    made.tenant.csms_see_own_only = True
    made.tenant.save()
    csm = make_member(Role.CSM)
    Account.objects.filter(external_id="stays").update(csm=csm)
    text = signed_in(csm).get(reverse("retention_rows", args=["harbour"]) + ASKED).content.decode()
    assert "Stays" in text
    assert "Grows" not in text
    other = Account.objects.get(external_id="grows").pk
    assert signed_in(csm).get(reverse("retention_lines", args=["harbour", other]) + ASKED).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_as_much_of_twenty_accounts_as_of_five(made: NewTenant, name: str) -> None:
    client = signed_in(make_member(Role.MANAGER))
    url = reverse(name, args=["harbour"]) + ASKED
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(url)
    suite = make_product("More")
    for number in range(15):
        make_line(make_contract(make_account(made.tenant, f"more-{number}")), suite, date(2024, 2, 1), None, 10)
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) == len(few)


def test_odd_periods_fall_back_to_twelve_months(made: NewTenant) -> None:
    for query in ("?from=2024-05-01&to=2024-01-01", "?from=x&to=y", "?period=never", "?by=moon"):
        assert "Retention" in opened(made, "retention", query)

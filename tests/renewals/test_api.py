"""Retention over the API: the bridge closes, and the figures are those of the page."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from tenants.scope import tenant_scope
from tests.factories import make_account, make_tenant
from tests.renewals.world import make_contract, make_line, make_product, settle

pytestmark = pytest.mark.django_db


def test_a_program_reads_the_bridge_the_rates_and_the_groups() -> None:
    made = make_tenant("harbour")
    with tenant_scope(made.tenant):
        suite = make_product()
        for name, before, after in (("stays", 1000, 1000), ("grows", 1000, 1500), ("leaves", 1000, 0), ("new", 0, 300)):
            contract = make_contract(make_account(made.tenant, name, segment="Big" if name == "grows" else "Small"))
            if before:
                make_line(
                    contract, suite, date(2023, 7, 1), date(2024, 7, 1), before, outcome="renewed" if after else "lost"
                )
            if after:
                make_line(contract, suite, date(2024, 7, 1), None, after)
        settle(made.tenant, date(2024, 12, 31))
    client = Client(headers={"Authorization": f"Bearer {made.api_key}"})
    found = client.get("/api/v1/retention/?from=2024-01-01&to=2024-12-31&by=segment").json()
    parts = ("opening_arr", "new", "expansion", "contraction", "churn", "reactivation", "currency")
    assert sum(Decimal(str(found[part])) for part in parts) == Decimal(str(found["closing_arr"])) == 2800
    assert (found["nrr"], found["grr"]) == (pytest.approx(2500 / 3000), pytest.approx(2000 / 3000))
    assert found["logo_renewal_rate"] == found["revenue_renewal_rate"] == pytest.approx(2 / 3)
    assert {one["group"]: one["nrr"] for one in found["groups"]} == {"Big": 1.5, "Small": 0.5}
    refused = client.get("/api/v1/retention/?from=2024-12-31&to=2024-01-01")
    assert refused.status_code == 400
    assert "to" in refused.json()["error"]["fields"]

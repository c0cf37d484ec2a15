"""Reports narrowed to a segment by their address."""

from decimal import Decimal

import pytest
from django.test import Client

from accounts.services import segment_save, touch_log
from tenants.models import Role, Tenant
from tenants.scope import tenant_scope
from tests.factories import AT, DAY, make_account, make_member, make_tenant
from tests.portfolio.world import close_day, signed_in

pytestmark = pytest.mark.django_db
REPORTS = ("levels/", "capacity/", "handovers/report/", "lifecycle/")


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant().tenant


def scene(tenant: Tenant) -> tuple[Client, int]:
    """Two accounts of two CSMs with a touch each; a segment holds the large one."""
    with tenant_scope(tenant):
        close_day(tenant)
        manager = make_member(Role.MANAGER)
        for name, arr in (("Lena", 5000), ("Omar", 10)):
            csm = make_member(Role.CSM, name=name)
            account = make_account(tenant, arr=Decimal(arr), csm=csm)
            touch_log(account=account, kind="call", on=DAY, note="Spoke", by=csm, at=AT)
        document = {"all": [{"field": "arr", "op": "ge", "value": 1000}]}
        segment = segment_save(name="Large", definition=document, at=AT, by=manager)
        return signed_in(manager), segment.pk


@pytest.mark.parametrize("report", REPORTS)
def test_every_report_offers_the_segments_and_says_when_one_is_gone(tenant: Tenant, report: str) -> None:
    client, segment = scene(tenant)
    text = client.get(f"/t/{tenant.slug}/{report}?segment={segment}").content.decode()
    assert f'<option value="{segment}" selected>Large</option>' in text
    if report != "lifecycle/":
        gone = client.get(f"/t/{tenant.slug}/{report}?segment=999999").content.decode()
        assert "does not exist (any more)" in gone


@pytest.mark.parametrize("report", ["levels/", "capacity/"])
def test_a_report_in_a_segment_counts_only_its_accounts(
    tenant: Tenant, report: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portfolio.views.levels.today_of", lambda _tenant: DAY)
    client, segment = scene(tenant)
    whole = client.get(f"/t/{tenant.slug}/{report}").content.decode()
    assert "Lena" in whole
    assert "Omar" in whole
    narrowed = client.get(f"/t/{tenant.slug}/{report}?segment={segment}").content.decode()
    assert "Lena" in narrowed
    assert "Omar" not in narrowed
    data = client.get(f"/t/{tenant.slug}/{report}data.csv?segment={segment}").content.decode()
    assert "Lena" in data
    assert "Omar" not in data


def test_the_portfolio_in_a_segment_says_rows_and_sums_of_one_look(tenant: Tenant) -> None:
    client, segment = scene(tenant)
    for sort in ("-arr", "name", "health", "silent", "csm"):
        page = client.get(f"/t/{tenant.slug}/portfolio/?segment={segment}&csm=all&sort={sort}")
        assert [len(page.context["rows"]), page.context["totals"].accounts, page.context["totals"].arr] == [1, 1, 5000]

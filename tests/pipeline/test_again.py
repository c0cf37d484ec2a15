"""The last night, run again on a person's word."""

import pytest

from health.models import Score
from operations.selectors import closed_day
from pipeline.services import night_run, nights_run
from tenants.scope import tenant_scope
from tests.factories import AT, DAY, make_account, make_tenant
from tests.portfolio.world import signed_in

pytestmark = pytest.mark.django_db


def test_an_account_that_came_in_after_the_night_has_figures_once_it_ran_again() -> None:
    made = make_tenant("acme")
    night_run(tenant=made.tenant, day=DAY, at=AT)
    with tenant_scope(made.tenant):
        account = make_account(made.tenant, "late")
        assert closed_day(tenant=made.tenant) == DAY
    answer = signed_in(made.admin).post(f"/t/acme/nights/{DAY}/again/", follow=True)
    assert "runs again within a minute" in answer.content.decode()
    nights_run(at=AT, tenant=made.tenant, day=DAY)
    with tenant_scope(made.tenant):
        assert closed_day(tenant=made.tenant) == DAY
        assert Score.objects.filter(account=account, day=DAY).exists()


def test_an_earlier_day_is_left_alone() -> None:
    made = make_tenant("acme")
    for day in (DAY.replace(day=8), DAY):
        night_run(tenant=made.tenant, day=day, at=AT)
    signed_in(made.admin).post(f"/t/acme/nights/{DAY.replace(day=8)}/again/")
    assert nights_run(at=AT, tenant=made.tenant) == []

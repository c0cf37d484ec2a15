"""The portfolio of a past day: why an account needed attention then."""

import pytest

from common import formats
from tenants.models import Member, Tenant
from tenants.scope import tenant_scope
from tests.factories import DAY, make_account
from tests.portfolio.test_table_work import shown
from tests.portfolio.world import WEEK, make_alert, signed_in

pytestmark = pytest.mark.django_db


def test_a_past_day_gives_the_reason_that_stood_then_and_not_todays(tenant: Tenant, manager: Member) -> None:
    past = DAY - 2 * WEEK
    with tenant_scope(tenant):
        account = make_account(tenant, "one")
        make_alert(account, opened_on=past - WEEK, state="done", closed_on=DAY - WEEK)
        make_alert(account, "use_down", opened_on=DAY)
    client = signed_in(manager)
    assert shown(client, tenant, "csm=all&col=why")[1][2].startswith("Use is down Active users fell")
    assert (
        shown(client, tenant, f"csm=all&col=why&day={past}")[1][2]
        == f"Silent since {formats.day(past - WEEK, 'short')}"
    )
    page = client.get(f"/t/{tenant.slug}/portfolio/?csm=all&col=why&day={past}").content.decode()
    assert "as-today" not in page

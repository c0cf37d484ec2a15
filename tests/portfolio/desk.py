"""A CSM's morning, for the tests of Today."""

import copy
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.test import Client

from accounts.models import Account
from accounts.reasons import Asked
from health.models import Score
from health.selectors import version_latest
from health.services import scorecard_publish
from portfolio.selectors.today import TodayRow, rows_told, today_list
from tenants.models import Member, Role
from tenants.services import NewTenant
from tests.factories import AT, DAY, make_account, make_member
from tests.portfolio.world import close_day

TODAY = DAY + timedelta(days=1)
HTMX = {"HX-Request": "true"}


class Desk:
    """A CSM's morning: a tenant in scope, a CSM, a manager, and a way to ask for the list."""

    def __init__(self, made: NewTenant) -> None:
        self.made, self.tenant = made, made.tenant
        close_day(self.tenant)
        self.csm, self.manager = make_member(Role.CSM, "Mina"), make_member(Role.MANAGER, "Helen")

    def account(self, name: str = "", **values: Any) -> Account:
        values = {"arr": Decimal(1000), "currency": "EUR", "csm": self.csm, **values}
        return make_account(self.tenant, name=name, **values) if name else make_account(self.tenant, **values)

    def asked(self, member: Member | None = None, *, mine: bool = False) -> Asked:
        return Asked(self.tenant, member or self.csm, mine, DAY, TODAY)

    def rows(
        self, *kinds: str, member: Member | None = None, mine: bool = False, aside: bool = False
    ) -> list[TodayRow]:
        asked = self.asked(member, mine=mine)
        return rows_told(gathered=today_list(asked=asked, kinds=kinds, put_aside=aside).rows, asked=asked)

    def url(self, path: str = "") -> str:
        return f"/t/{self.tenant.slug}/{path}"


def text(client: Client, url: str) -> str:
    page = client.get(url)
    assert page.status_code == 200
    return page.content.decode()


def publish_other_weights(desk: Desk) -> None:
    document = copy.deepcopy(version_latest().definition)
    document["groups"][0]["measures"][0]["weight"] = 900
    scorecard_publish(document=document, tenant=desk.tenant, by=desk.made.admin, at=AT, reason="Use counts most")
    Score.objects.filter(day=DAY).delete()  # publishing has scored the day; the test says what it found

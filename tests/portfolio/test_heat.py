"""The heat map: every cell by hand, worst first, by pages, within what a member sees, in a fixed number of queries."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from health.card import card_of
from health.models import Score, Scorecard
from health.scoring import subscore
from health.selectors import scorecard_get, version_latest
from portfolio.selectors.heat import heat_get
from tenants.models import Member, Role, Tenant
from tenants.scope import tenant_scope
from tests.factories import DAY, make_account, make_member
from tests.portfolio.world import make_score, signed_in

pytestmark = pytest.mark.django_db
COUNT = 7  # measures of the card that every tenant starts with


def placed(tenant: Tenant, csm: Member | None, score: float | None, *raws: float | None, name: str = "") -> Account:
    account = make_account(tenant, csm=csm, **({"name": name} if name else {}))
    make_score(account, score, raws=[*raws, *[0.5] * (COUNT - len(raws))])
    return account


def text(client: Client, tenant: Tenant, query: str = "") -> str:
    page = client.get(f"/t/{tenant.slug}/scorecard/heat/{query}")
    assert page.status_code == 200
    return page.content.decode()


def order(page: str) -> list[int]:
    return [int(pk) for pk in re.findall(r'class="who"><a href="[^"]*/account/(\d+)/"', page)]


def test_each_cell_is_the_sub_score_of_the_stored_value_and_missing_ones_say_so(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        placed(tenant, None, 50, 0.9, None, 0.01)
        found = heat_get(
            accounts=Account.objects.all(), day=DAY, scorecard_id=scorecard_get().pk, order="score", page=1
        )
        card = card_of(version_latest().definition)
    (row,) = found.rows
    for measure, (score, value) in zip(card.measures, row.cells, strict=True):
        if value is None:
            assert score is None
        else:
            assert score == pytest.approx(float(subscore(measure, float(value))))  # type: ignore[arg-type]  # one value
    assert row.cells[1] == (None, None)


def test_the_worst_come_first_any_column_sorts_both_ways_and_no_value_comes_last(
    tenant: Tenant, manager: Member
) -> None:
    with tenant_scope(tenant):
        low, high = placed(tenant, None, 20, 1.0), placed(tenant, None, 90, 0.4)
        none, middle = placed(tenant, None, None, None), placed(tenant, None, 50, 0.8)
    client = signed_in(manager)
    assert order(text(client, tenant)) == [low.pk, middle.pk, high.pk, none.pk]
    assert order(text(client, tenant, "?sort=-score")) == [high.pk, middle.pk, low.pk, none.pk]
    assert order(text(client, tenant, "?sort=usage_trend")) == [high.pk, middle.pk, low.pk, none.pk]
    assert order(text(client, tenant, "?sort=-usage_trend")) == [low.pk, middle.pk, high.pk, none.pk]
    assert order(text(client, tenant, "?sort=nonsense&page=0&card=x&csm=%00")) == [low.pk, middle.pk, high.pk, none.pk]


def test_a_csm_starts_with_their_own_and_sees_no_more_than_they_may(tenant: Tenant, manager: Member) -> None:
    with tenant_scope(tenant):
        csm = make_member(Role.CSM)
        mine, other = placed(tenant, csm, 20), placed(tenant, manager, 30)
    client = signed_in(csm)
    assert order(text(client, tenant)) == [mine.pk]
    assert order(text(client, tenant, "?csm=all")) == [mine.pk, other.pk]
    assert order(text(signed_in(manager), tenant, f"?csm={csm.pk}")) == [mine.pk]
    tenant.csms_see_own_only = True
    tenant.save()
    assert order(text(client, tenant, "?csm=all")) == [mine.pk]


def test_accounts_that_nobody_looks_after_can_be_asked_for_alone_or_with_a_csms(
    tenant: Tenant, manager: Member
) -> None:
    with tenant_scope(tenant):
        csm = make_member(Role.CSM)
        free, held = placed(tenant, None, 20), placed(tenant, csm, 30)
        placed(tenant, manager, 40)
    client = signed_in(manager)
    assert order(text(client, tenant, "?csm=none")) == [free.pk]
    assert order(text(client, tenant, f"?csm=none&csm={csm.pk}")) == [free.pk, held.pk]


def test_a_page_holds_100_and_leads_to_the_next_with_the_same_order(tenant: Tenant, manager: Member) -> None:
    with tenant_scope(tenant):
        pks = [placed(tenant, None, place / 2).pk for place in range(130)]
    client = signed_in(manager)
    first = text(client, tenant, "?sort=-score")
    assert order(first) == pks[::-1][:100]
    (further,) = re.findall(r'rel="next" href="([^"]+)"', first)
    assert order(text(client, tenant, further.replace("&amp;", "&"))) == pks[::-1][100:]


def test_the_page_needs_as_many_queries_for_60_accounts_as_for_4(tenant: Tenant, manager: Member) -> None:
    def grow(count: int) -> int:
        with tenant_scope(tenant):
            for _ in range(count):
                placed(tenant, manager, 40)
        client = signed_in(manager)
        text(client, tenant)
        with CaptureQueriesContext(connection) as caught:
            text(client, tenant)
        return len(caught)

    assert grow(4) == grow(56)


def test_without_scores_the_page_says_so(tenant: Tenant, manager: Member) -> None:
    assert "Nothing to show" in text(signed_in(manager), tenant)


def test_colour_never_stands_alone_and_titles_are_escaped(tenant: Tenant, manager: Member) -> None:
    with tenant_scope(tenant):
        placed(tenant, None, 20, 0.4, name="<b>Bold</b>")
    page = text(signed_in(manager), tenant)
    cells: list[Any] = re.findall(r'<td class="n (green|amber|red)" title="([^"]+)">(\d+)</td>', page)
    assert len(cells) == COUNT
    assert ("red", "At risk: 40%", "0") in cells
    assert "<b>Bold" not in page


def test_it_opens_on_the_card_that_scored_most_accounts(tenant: Tenant, manager: Member) -> None:
    with tenant_scope(tenant):
        card = Scorecard.objects.create(name="Most of them", position=1)
        version = version_latest()
        version.pk, version.scorecard = None, card
        version.save()
        Score.objects.filter(account=placed(tenant, None, 50)).update(version=version)
    page = text(signed_in(manager), tenant)
    assert 'aria-current="page">Most of them' in page
    assert "1 account " in page

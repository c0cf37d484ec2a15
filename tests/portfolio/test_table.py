"""The portfolio as the reader sees it."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import SavedView
from accounts.services import touch_log
from portfolio.filters import Filters
from portfolio.selectors.table import PAGE, account_ids, totals
from tenants.models import Role, Tenant
from tenants.scope import tenant_scope
from tests.factories import AT, DAY, make_account, make_member
from tests.portfolio.world import WEEK, make_alert, make_metric, make_score, signed_in

pytestmark = pytest.mark.django_db


def test_rows_sort_by_any_column_and_what_has_no_value_comes_last(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        member = make_member(Role.MANAGER)
        low, none, high = (make_account(tenant, name) for name in ("low", "none", "high"))
        make_score(low, 20)
        make_score(high, 80)
        up = account_ids(member=member, filters=Filters(), order="health", day=DAY)
        down = account_ids(member=member, filters=Filters(), order="-health", day=DAY)
    assert (up, down) == ([low.pk, high.pk, none.pk], [high.pk, low.pk, none.pk])


def test_every_sortable_column_is_valid_sql(tenant: Tenant) -> None:
    from portfolio.selectors.table import ORDERS

    with tenant_scope(tenant):
        member, account = make_member(Role.VIEWER), make_account(tenant)
        make_metric(account)
        for key in ORDERS:
            assert account_ids(member=member, filters=Filters(), order=f"-{key}", day=DAY) == [account.pk], key


def test_filters_narrow_and_combine(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        csm, manager = make_member(Role.CSM), make_member(Role.MANAGER)
        mine = make_account(tenant, "mine", csm=csm, segment="Enterprise", renewal_date=DAY + timedelta(days=30))
        other = make_account(tenant, "other", segment="Small", contract_start=DAY - timedelta(days=50))
        make_score(mine, 30)
        touch_log(account=mine, kind="call", on=DAY - timedelta(days=3), note="Talked", by=csm, at=AT)

        def found(**wish: object) -> list[int]:
            return account_ids(member=manager, filters=Filters(**wish), order="name", day=DAY)  # type: ignore[arg-type]

        assert found(csm=(str(csm.pk),)) == [mine.pk]
        assert found(csm=("none",)) == [other.pk]
        assert found(band=("red",)) == [mine.pk]
        assert found(band=("unknown",)) == [other.pk]
        assert found(segment=("Enterprise", "Small")) == [mine.pk, other.pk]
        assert found(renewal=30) == [mine.pk]
        assert found(renewal=29) == []
        assert found(silent=49) == [other.pk]
        assert found(silent=50) == []
        assert found(band=("red",), segment=("Small",)) == []


@pytest.mark.parametrize("typed", ["云帆", "yunfan", "YunF", "yfrj", "CRM-7"])
def test_a_chinese_name_is_found_by_its_signs_its_pinyin_its_first_letters_and_its_id(
    tenant: Tenant, typed: str
) -> None:
    with tenant_scope(tenant):
        member = make_member(Role.VIEWER)
        wanted = make_account(tenant, "crm-7", name="云帆软件")
        make_account(tenant, "crm-8", name="Harbor Logistics")
        assert account_ids(member=member, filters=Filters(q=typed), order="name", day=DAY) == [wanted.pk]


def test_letters_within_a_word_are_searched_where_no_word_begins_with_them(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        member = make_member(Role.VIEWER)
        harbor, arbor = make_account(tenant, name="Harbor"), make_account(tenant, name="Arboretum")

        def found(text: str) -> list[int]:
            return account_ids(member=member, filters=Filters(q=text), order="name", day=DAY)

        assert (found("arbo"), found("rbor"), found("zzz")) == ([arbor.pk], [arbor.pk, harbor.pk], [])


def test_the_head_line_sums_what_is_shown_and_only_renewals_of_90_days_are_at_risk(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        member, soon = make_member(Role.VIEWER), DAY + timedelta(days=90)
        for score, when in ((20, soon), (50, soon), (None, soon), (90, soon), (20, soon + timedelta(days=1))):
            account = make_account(tenant, arr=Decimal(1000), currency="EUR", renewal_date=when)
            make_score(account, score)
        make_account(tenant, arr=Decimal(7), currency="USD")
        found = totals(member=member, filters=Filters(), day=DAY)
    assert (found.accounts, found.arr, found.at_risk, found.foreign) == (6, Decimal(5000), Decimal(2000), 1)


def test_a_csm_of_a_tenant_that_says_so_sees_only_their_own(tenant: Tenant) -> None:
    tenant.csms_see_own_only = True
    tenant.save()
    with tenant_scope(tenant):
        csm = make_member(Role.CSM)
        mine, other = make_account(tenant, csm=csm), make_account(tenant)
        assert account_ids(member=csm, filters=Filters(), order="name", day=DAY) == [mine.pk]
    client = signed_in(csm)
    assert client.get(f"/t/{tenant.slug}/portfolio/{other.pk}/peek/").status_code == 404
    assert client.get(f"/t/{tenant.slug}/account/{other.pk}/").status_code == 404
    assert client.get(f"/t/{tenant.slug}/account/{mine.pk}/").status_code == 200


def test_the_page_needs_as_many_queries_for_200_accounts_as_for_20(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        member = make_member(Role.MANAGER)

    def grow(count: int) -> int:
        with tenant_scope(tenant):
            for _ in range(count):
                account = make_account(tenant, csm=member, arr=Decimal(10), currency="EUR")
                make_metric(account)
                make_score(account, 50)
                make_score(account, 60, day=DAY - WEEK)
                make_alert(account)
        client = signed_in(member)
        client.get(f"/t/{tenant.slug}/portfolio/")
        with CaptureQueriesContext(
            connection,
        ) as caught:
            page = client.get(f"/t/{tenant.slug}/portfolio/")
        assert page.status_code == 200
        return len(caught)

    assert grow(20) == grow(180)


def test_the_export_holds_exactly_the_rows_and_columns_shown_and_runs_no_formula(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        member = make_member(Role.VIEWER)
        make_score(make_account(tenant, "a", name='=HYPERLINK("http://x")', segment="Big"), 61.5)
        make_account(tenant, "b", name="Small one", segment="Small")
    answer = signed_in(member).get(f"/t/{tenant.slug}/portfolio/export/?segment=Big&col=health&col=segment")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows == [
        ["External id", "Account", "Health, 7 days", "Segment (field)"],
        ["a", '\'=HYPERLINK("http://x")', "61.5", "Big"],
    ]


def test_the_export_of_picked_rows_holds_those(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        member = make_member(Role.VIEWER)
        make_account(tenant, "a")
        picked = make_account(tenant, "b")
    answer = signed_in(member).post(f"/t/{tenant.slug}/portfolio/export/", {"pick": [picked.pk], "csm": "all"})
    assert [row[0] for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))] == ["External id", "b"]


def test_a_csm_opens_on_their_own_accounts_and_their_default_view_wins(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        csm = make_member(Role.CSM)
        make_account(tenant, name="Mine it is", csm=csm)
        make_account(tenant, name="Another one", segment="Big")
    client, path = signed_in(csm), f"/t/{tenant.slug}/portfolio/"
    page = client.get(path).content.decode()
    assert "Mine it is" in page
    assert "Another one" not in page
    client.post(f"/t/{tenant.slug}/views/save/", {"name": "Big", "query": "segment=Big", "is_default": "on"})
    page = client.get(path).content.decode()
    assert "Another one" in page
    assert "Mine it is" not in page


def test_only_its_owner_deletes_a_view_and_a_shared_one_is_offered_to_all(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        owner, colleague = make_member(Role.CSM), make_member(Role.VIEWER)
    save = {"name": "Renewals of mine", "query": "renewal=30", "is_shared": "on"}
    signed_in(owner).post(f"/t/{tenant.slug}/views/save/", save)
    with tenant_scope(tenant):
        view = SavedView.objects.get()
    other = signed_in(colleague)
    assert "Renewals of mine" in other.get(f"/t/{tenant.slug}/portfolio/").content.decode()
    assert other.post(f"/t/{tenant.slug}/views/{view.pk}/delete/").status_code == 404
    assert signed_in(owner).post(f"/t/{tenant.slug}/views/{view.pk}/delete/").status_code == 302


def test_the_next_page_comes_as_rows_alone(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        member = make_member(Role.VIEWER)
        for number in range(PAGE + 1):
            make_account(tenant, f"n{number:03}")
    client, path = signed_in(member), f"/t/{tenant.slug}/portfolio/"
    first = client.get(f"{path}?sort=external_id").content.decode()
    assert "page=2" in first
    assert f"n{PAGE:03}" not in first
    second = client.get(f"{path}?sort=external_id&page=2", headers={"HX-Request": "true"}).content.decode()
    assert second.count("data-href") == 1
    assert "<html" not in second

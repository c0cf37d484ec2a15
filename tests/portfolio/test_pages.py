"""Every page of these rooms meets the owner, the colleague without the right, and the stranger."""

import copy
from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import Account, Contact, Touch
from health.selectors import version_latest
from health.services import scorecard_publish
from playbooks.models import Alert
from tenants.models import Role, Tenant
from tenants.scope import tenant_scope
from tests.factories import AT, DAY, make_account, make_member, make_tenant
from tests.portfolio.world import WEEK, close_day, make_alert, make_metric, make_score, signed_in

pytestmark = pytest.mark.django_db

READS = (
    "",
    "?whose=all",
    "portfolio/",
    "portfolio/export/",
    "portfolio/{a}/peek/",
    "account/{a}/",
    "account/{a}/?basis=reported&span=90",
    "account/{a}/history/scores.csv",
    "account/{a}/history/metrics.csv",
    "palette?q=har",
)
WORKS = (
    "account/new/",
    "account/{a}/edit/",
    "account/{a}/contacts/new/",
    "account/{a}/contacts/{c}/",
    "account/{a}/touches/new/",
)
MANAGES = ("import/", "accounts/archived/")
WORK_POSTS = (
    "account/{a}/touches/new/",
    "account/{a}/edit/",
    "alerts/{l}/done/",
    "alerts/{l}/snooze/",
    "alerts/{l}/undo/",
    "account/{a}/contacts/{c}/remove/",
)
MANAGE_POSTS = ("accounts/assign/", "account/{a}/archive/", "import/")
OF_AN_ACCOUNT = [path for path in (*READS, *WORKS) if "{a}" in path]


class Book:
    """A tenant with one account that has everything."""

    def __init__(self) -> None:
        self.tenant: Tenant = make_tenant().tenant
        close_day(self.tenant)
        with tenant_scope(self.tenant):
            self.csm, self.viewer = make_member(Role.CSM, "Mina"), make_member(Role.VIEWER)
            self.manager = make_member(Role.MANAGER)
            self.account: Account = make_account(
                self.tenant,
                "harbor",
                name="Harbor <b>Logistics</b>",
                csm=self.csm,
                arr=Decimal(120000),
                currency="EUR",
                renewal_date=DAY + timedelta(days=40),
                contract_start=DAY - timedelta(days=300),
                seats=40,
            )
            make_metric(self.account)
            make_score(self.account, 31)
            raws = [0.9] * len(make_score(self.account, 62, day=DAY - WEEK).raws)
            make_score(self.account, 65, day=DAY - 2 * WEEK, raws=raws)
            self.alert: Alert = make_alert(self.account, "use_down")
            self.contact = Contact.objects.create(account=self.account, name="Ida", created_at=AT)

    def url(self, path: str) -> str:
        ids = {"a": self.account.pk, "c": self.contact.pk, "l": self.alert.pk}
        return f"/t/{self.tenant.slug}/" + path.format(**ids)


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.mark.parametrize("path", READS)
def test_a_viewer_reads(book: Book, path: str) -> None:
    assert signed_in(book.viewer).get(book.url(path), headers={"HX-Request": "true"}).status_code == 200


@pytest.mark.parametrize("path", WORKS)
def test_a_csm_works_and_a_viewer_may_not(book: Book, path: str) -> None:
    assert signed_in(book.csm).get(book.url(path)).status_code == 200
    assert signed_in(book.viewer).get(book.url(path)).status_code == 403


@pytest.mark.parametrize("path", MANAGES)
def test_a_manager_manages_and_a_csm_may_not(book: Book, path: str) -> None:
    assert signed_in(book.manager).get(book.url(path)).status_code == 200
    assert signed_in(book.csm).get(book.url(path)).status_code == 403


@pytest.mark.parametrize("path", WORK_POSTS)
def test_a_viewer_posting_is_refused(book: Book, path: str) -> None:
    assert signed_in(book.viewer).post(book.url(path)).status_code == 403


@pytest.mark.parametrize("path", MANAGE_POSTS)
def test_a_csm_posting_what_is_a_managers_is_refused(book: Book, path: str) -> None:
    assert signed_in(book.csm).post(book.url(path)).status_code == 403


@pytest.mark.parametrize("path", [*READS, *WORKS, *MANAGES])
def test_a_stranger_finds_nothing(book: Book, path: str) -> None:
    other = make_tenant().tenant
    with tenant_scope(other):
        stranger = make_member(Role.ADMIN)
    client = signed_in(stranger)
    assert client.get(book.url(path)).status_code == 404
    if path in OF_AN_ACCOUNT:
        own = book.url(path).replace(book.tenant.slug, other.slug)
        assert client.get(own).status_code == 404


def test_who_is_signed_out_is_asked_to_sign_in(book: Book) -> None:
    from django.test import Client

    assert Client().get(book.url("portfolio/")).status_code == 302


def test_today_says_whom_to_call_and_why(book: Book) -> None:
    page = signed_in(book.csm).get(book.url("")).content.decode()
    assert "Harbor &lt;b&gt;Logistics" in page
    assert "Active users fell by 46% in four weeks: 112 → 61" in page
    assert "€120K" in page


def test_today_ranks_by_what_may_be_lost(book: Book) -> None:
    with tenant_scope(book.tenant):
        small = make_account(book.tenant, name="Small but red", csm=book.csm, arr=Decimal(500), currency="EUR")
        make_score(small, 10)
        make_alert(small)
        large = make_account(book.tenant, name="Large and green", csm=book.csm, arr=Decimal(900000), currency="EUR")
        make_score(large, 95)
        make_alert(large)
    page = signed_in(book.csm).get(book.url("")).content.decode()
    page = page[page.index("data-table") :]
    assert page.index("Harbor") < page.index("Large and green") < page.index("Small but red")


def test_the_account_page_shows_a_contribution_for_every_measure_and_its_sum(book: Book) -> None:
    page = signed_in(book.viewer).get(book.url("account/{a}/")).content.decode()
    with tenant_scope(book.tenant):
        from health.selectors import version_latest

        measures = len(version_latest().measure_keys)
    explained = page[page.index("What the score is made of") :].partition("</table>")[0]
    assert explained.count('<th scope="row">') == measures + 1


def test_a_touch_is_logged_from_today_and_leads_back(book: Book) -> None:
    asked = {"kind": "call", "on": str(DAY), "note": "Agreed on a training", "next": book.url("?whose=all")}
    answer = signed_in(book.csm).post(book.url("account/{a}/touches/new/"), asked, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, book.url("?whose=all"))
    with tenant_scope(book.tenant):
        touch = Touch.objects.get()
        assert (touch.note, touch.author, touch.two_way) == ("Agreed on a training", book.csm, True)


def test_a_touch_with_a_mistake_keeps_what_was_typed(book: Book) -> None:
    asked = {"kind": "call", "on": "31.31.2026", "note": "Half an hour of typing"}
    answer = signed_in(book.csm).post(book.url("account/{a}/touches/new/"), asked, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "Half an hour of typing" in answer.content.decode()


def test_leading_back_never_leaves_the_house(book: Book) -> None:
    asked = {"kind": "call", "on": str(DAY), "note": "x", "next": "https://evil.example/"}
    answer = signed_in(book.csm).post(book.url("account/{a}/touches/new/"), asked)
    assert answer["Location"] == book.url("account/{a}/")


def test_an_alert_is_done_and_undone_in_place(book: Book) -> None:
    client, htmx = signed_in(book.csm), {"HX-Request": "true"}
    done = client.post(book.url("alerts/{l}/done/"), headers=htmx)
    assert "Undo" in done.content.decode()
    again = client.post(book.url("alerts/{l}/done/"), headers=htmx)
    assert again.status_code == 409
    assert "closed already" in again.content.decode()
    assert "Snooze" in client.post(book.url("alerts/{l}/undo/"), headers=htmx).content.decode()
    snoozed = client.post(book.url("alerts/{l}/snooze/"), {"days": "7"}, headers=htmx)
    assert "snoozed until" in snoozed.content.decode()


def test_an_alert_of_another_tenant_does_not_exist(book: Book) -> None:
    other = make_tenant().tenant
    with tenant_scope(other):
        stranger = make_member(Role.ADMIN)
    answer = signed_in(stranger).post(f"/t/{other.slug}/alerts/{book.alert.pk}/done/")
    assert answer.status_code == 404


def test_the_palette_finds_accounts_people_and_pages(book: Book) -> None:
    client = signed_in(book.csm)
    asked = {"HX-Request": "true"}
    assert "harbor" in client.get(book.url("palette?q=harb"), headers=asked).content.decode()
    assert "Ida" in client.get(book.url("palette?q=ida"), headers=asked).content.decode()
    assert "Portfolio" in client.get(book.url("palette?q=port"), headers=asked).content.decode()
    assert "Nothing is called" in client.get(book.url("palette?q=zzzz"), headers=asked).content.decode()


def test_pages_stand_before_the_first_night(book: Book) -> None:
    bare = make_tenant().tenant
    with tenant_scope(bare):
        member, account = make_member(Role.MANAGER), make_account(bare)
    client = signed_in(member)
    for path in ("", "portfolio/", f"account/{account.pk}/", f"portfolio/{account.pk}/peek/"):
        assert client.get(f"/t/{bare.slug}/{path}", headers={"HX-Request": "true"}).status_code == 200, path


def test_another_scorecard_is_a_row_of_its_own_and_the_same_use_moved_nothing() -> None:
    made = make_tenant()
    with tenant_scope(made.tenant):
        account = make_account(made.tenant)
        make_score(account, 50, day=DAY - WEEK)
        document = copy.deepcopy(version_latest().definition)
        document["groups"][0]["measures"][0]["weight"] = 900
        scorecard_publish(document=document, tenant=made.tenant, by=made.admin, at=AT, reason="Use counts most")
        close_day(made.tenant)
        make_score(account, 60)
    page = signed_in(made.admin).get(f"/t/{made.tenant.slug}/account/{account.pk}/")
    assert [str(row.label) for row in page.context["moved"]] == ["Scorecard v1 → v2"]


def test_a_visit_is_remembered() -> None:
    made = make_tenant()
    assert made.admin.last_seen_at is None
    signed_in(made.admin).get(f"/t/{made.tenant.slug}/members/")
    with tenant_scope(made.tenant):
        made.admin.refresh_from_db()
    assert made.admin.last_seen_at is not None


def test_the_account_page_names_the_fewest_changes_that_reach_the_next_band() -> None:
    made = make_tenant()
    with tenant_scope(made.tenant):
        account = make_account(made.tenant)
        close_day(made.tenant)
        # trend 85, stickiness 100, the rest 60, silence 35: 61.9 in all, and 25 % hang on silence: 86 there for 74.5
        make_score(account, 61.9, band="amber", raws=[1.0, 0.3, 0.35, 0.6, 0.5, 0.35, 60.0])
    page = signed_in(made.admin).get(f"/t/{made.tenant.slug}/account/{account.pk}/")
    [row] = page.context["path"]
    assert (row.label, row.note) == ("Days silent", "60 d → 22 d")
    assert "Shortest way to “Healthy”" in page.content.decode()

"""The help page that customers read without a login, and survey answers that come in a file."""

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse

from accounts.models import Account, Contact, LifecycleStage, Payment
from accounts.services import contact_save, feature_save
from common.visits import first_today
from service.models import HelpArticle, HelpPage, HelpVote, SurveyAnswer
from service.quality import quality
from service.selectors.help import helped_by_week
from service.services.help import article_save
from service.services.help_page import OFF, ON, RENEW, help_page_set
from tenants.models import Member, Tenant
from tenants.scope import tenant_scope
from tests.factories import AT, make_account, make_tenant
from tests.imports.world import bring, check, undo

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tenant() -> Tenant:
    """A tenant with a published article, a draft, and an open help page."""
    caches["public"].clear()
    tenant = make_tenant("vendor").tenant
    with tenant_scope(tenant):
        by = Member.objects.get()
        reports = feature_save(values={"key": "r", "name": "Reports", "core": True}, at=AT, by=by)
        shared = {"text_en": "Open <b>the</b> menu", "title_zh": "报表", "text_zh": "打开菜单"}
        video = "https://video.example/1"
        article_save(values={"title_en": "Export", "feature": reports, "video_en": video, **shared}, at=AT, by=by)
        article_save(values={"title_en": "Secret draft", "text_en": "x", "published": False}, at=AT, by=by)
        help_page_set(action=ON, at=AT, by=by)
        make_account(tenant, "acme", name="Acme Corp")
    return tenant


def link(tenant: Tenant) -> str:
    with tenant_scope(tenant):
        return reverse("public_help", args=[HelpPage.objects.get().token])


def test_customers_find_published_articles_in_both_languages_and_nothing_else(tenant: Tenant) -> None:
    client, url = Client(), link(tenant)
    page = client.get(url)
    text = page.content.decode()
    assert (page.status_code, page["X-Robots-Tag"], page["Cache-Control"]) == (200, "noindex, nofollow", "no-store")
    assert "Export" in text
    assert "Reports" in text
    for hidden in ("Secret draft", "Acme", "admin@", "/t/vendor", "Customer success"):
        assert hidden not in text, hidden
    assert "报表" in client.get(url, headers={"accept-language": "zh-hans"}).content.decode()
    assert "Export" in client.get(url, {"q": "menu export"}).content.decode()
    assert "Export" not in client.get(url, {"q": "nothing"}).content.decode()
    with tenant_scope(tenant):
        shown, draft = HelpArticle.objects.order_by("id").values_list("pk", flat=True)
    article = client.get(f"{url}{shown}/").content.decode()
    assert "Open &lt;b&gt;the" in article
    assert "https://video.example/1" in article
    assert client.get(f"{url}{draft}/").status_code == 404


def test_a_closed_or_renewed_link_leads_nowhere_and_other_tenants_articles_are_not_there(tenant: Tenant) -> None:
    url, other = link(tenant), make_tenant("other").tenant
    with tenant_scope(other):
        foreign, _new = article_save(values={"title_en": "Theirs", "text_en": "x"}, at=AT, by=None)
    assert Client().get(f"{url}{foreign.pk}/").status_code == 404
    with tenant_scope(tenant):
        help_page_set(action=RENEW, at=AT, by=Member.objects.get())
    assert Client().get(url).status_code == 404
    new = link(tenant)
    assert Client().get(new).status_code == 200
    with tenant_scope(tenant):
        help_page_set(action=OFF, at=AT, by=Member.objects.get())
    assert Client().get(new).status_code == 404


def test_a_reader_says_once_a_day_whether_it_helped_and_the_share_of_self_help_counts_it(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        article = HelpArticle.objects.get(title_en="Export")
    vote = f"{link(tenant)}{article.pk}/vote/"
    for address, said in (("10.0.0.1", "yes"), ("10.0.0.1", "yes"), ("10.0.0.2", "yes"), ("10.0.0.3", "no")):
        answer = Client(REMOTE_ADDR=address).post(vote, {"helped": said})
        assert answer.status_code == 302
    with tenant_scope(tenant):
        assert sorted(HelpVote.objects.values_list("helped", "count")) == [(False, 1), (True, 2)]
        day = HelpVote.objects.values_list("day", flat=True)[0]
        monday = day - timedelta(days=day.weekday())
        assert helped_by_week(start=day, end=day + timedelta(days=1)) == {monday: 2}
    assert quality([], helped=2).deflected_share == 1.0


def test_a_page_asked_for_too_often_says_so(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.public_pages.MOST_PER_MINUTE", 60)
    url = link(tenant)
    answers = {Client().get(url).status_code for _ in range(130)}  # a minute may end in between
    assert answers == {200, 429}


def test_a_new_link_opens_no_closed_page(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        by = Member.objects.get()
        help_page_set(action=OFF, at=AT, by=by)
        assert not help_page_set(action=RENEW, at=AT, by=by).is_on
    assert Client().get(link(tenant)).status_code == 404


def test_what_visitors_fill_never_pushes_out_the_limits_of_sign_in() -> None:
    caches["default"].set("allauth:rl:x", 5)
    for number in range(400):
        first_today(what="helped:1", address=f"10.0.{number % 250}.{number}", day="2026-02-01")
    assert caches["default"].get("allauth:rl:x") == 5
    assert not first_today(what="helped:1", address="10.0.7.7", day="2026-02-01")
    assert first_today(what="helped:1", address="10.0.7.7", day="2026-02-02")


ANSWERS = """Account,Question,Score,Respondent,Comment,Answered at
acme,NPS,9,Ann,Good,2026-02-01
acme,NPS,3,ann@acme.example,Again,2026-02-20
acme,NPS,8,Ann,Later,2026-01-02 08:00
acme,CSAT,7,Bob,,2026-02-01
acme,CSAT,5,Bob,,2026-02-02
acme,满意度,4,Bob,,2026-01-02
"""


def test_answers_come_in_a_file_one_per_person_and_span_and_go_again(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        by, account = Member.objects.get(), Account.objects.get()
        contact_save(account=account, values={"name": "Ann", "email": "ann@acme.example"}, at=AT, by=by)
        of = bring(tenant, "answers", ANSWERS, by=by)
        assert (of.counts["created"], of.counts["refused"]) == (3, 3)
        reasons = {row.line: row.reasons[0] for row in of.rows.filter(fate="refused")}
        assert "in line 2" in reasons[3]
        assert "in line 2" in reasons[4]
        assert "from 1 to 5" in reasons[5]
        ann = SurveyAnswer.objects.get(kind="nps")
        assert (ann.contact, ann.score, ann.window, ann.source) == (Contact.objects.get(), 9, "2026Q1", "file")
        assert bring(tenant, "answers", ANSWERS, by=by).counts["unchanged"] == 3
        changed = bring(tenant, "answers", ANSWERS.replace("9,Ann,Good", "10,Ann,Great"), by=by)
        assert changed.counts["changed"] == 1
        undo(tenant, changed, by=by)
        ann.refresh_from_db()
        assert (ann.score, ann.comment) == (9, "Good")
        SurveyAnswer.objects.filter(pk=ann.pk).update(source="link")
        again = check(tenant, "answers", ANSWERS.replace("9,Ann,Good", "1,Ann,Bad"), by=by)
        assert again.counts["refused"] == 4
        SurveyAnswer.objects.filter(pk=ann.pk).update(source="file")
        undo(tenant, of, by=by)
        assert not SurveyAnswer.objects.exists()


def test_refunds_come_in_a_file_of_payments_and_in_no_other(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        by = Member.objects.get()
        text = 'Account,Payment date,Amount\nacme,2026-02-01,"1,000"\nacme,2026-02-02,-250.50\nacme,2026-02-03,0\n'
        of = bring(tenant, "payments", text, by=by)
        assert (of.counts["created"], of.counts["refused"]) == (2, 1)
        assert sum(Payment.objects.values_list("amount", flat=True)) == 749.5
        refused = check(tenant, "accounts", "External id,ARR\nacme,-5\n", by=by)
        assert refused.counts["refused"] == 1


def test_a_files_stages_are_read_by_the_tenants_own_names_and_the_built_in_ones_in_both_languages(
    tenant: Tenant,
) -> None:
    from accounts.models import StageRule
    from accounts.stage_words import forget

    with tenant_scope(tenant):
        StageRule.objects.create(stage="go_live", name="Launch week")
        forget()
        said = {"a": "Launch week", "b": "Go-live", "c": "上线运行", "d": "go_live", "e": "After-sales"}
        text = "External id,Name,Stage\n" + "".join(f"{key},{key}{key},{stage}\n" for key, stage in said.items())
        of = bring(tenant, "accounts", text, by=Member.objects.get())
        assert of.counts["created"] == 5, list(of.rows.values_list("reasons", flat=True))
        stages = dict(Account.objects.filter(external_id__in=said).values_list("external_id", "lifecycle_stage"))
        live = LifecycleStage.GO_LIVE.value
        assert stages == {"a": live, "b": live, "c": live, "d": live, "e": "after_sales"}
    forget()


def test_basic_questions_and_helped_readers_together_make_the_share() -> None:
    from service.quality import Case

    cases = [Case(opened_at=AT, basic=True, deflected=True), Case(opened_at=AT, basic=True), Case(opened_at=AT)]
    assert quality(cases).deflected_share == 0.5
    assert quality(cases, helped=2).deflected_share == 0.75
    assert quality(cases, helped=2).basic_share == pytest.approx(2 / 3)

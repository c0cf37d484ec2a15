"""Surveys: the arithmetic, the link without a login, one answer per person and window, the API."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.core.cache import caches
from django.core.exceptions import ValidationError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.services import contact_save
from service.models import SurveyAnswer
from service.selectors.surveys import survey_facts
from service.services.surveys import AnsweredAlready, answers_upsert, survey_answer, survey_ask
from service.surveys import result, window_of
from tenants.models import Role
from tenants.scope import tenant_scope
from tenants.services import key_create
from tests.factories import AT, DAY, make_account, make_member, make_tenant
from tests.portfolio.world import signed_in


@given(st.lists(st.integers(0, 10), min_size=1, max_size=50))
def test_the_nps_is_the_promoters_minus_the_detractors_of_a_hundred(scores: list[int]) -> None:
    points = [100 if score >= 9 else 0 if score >= 7 else -100 for score in scores]
    assert result(("nps", score) for score in scores).nps == Fraction(sum(points), len(points))


def test_a_window_is_a_calendar_quarter_for_nps_and_a_month_for_csat() -> None:
    assert [window_of("nps", date(2026, month, 1)) for month in (1, 3, 4, 12)] == [
        "2026Q1",
        "2026Q1",
        "2026Q2",
        "2026Q4",
    ]
    assert window_of("csat", date(2026, 3, 31)) == "2026-03"
    assert result([]).nps is None


class Scene:
    """A person who is asked."""

    def __init__(self) -> None:
        caches["public"].clear()
        self.tenant = make_tenant(name="Harbor").tenant
        with tenant_scope(self.tenant):
            self.csm = make_member(Role.CSM)
            self.account = make_account(self.tenant, "one", csm=self.csm)
            values = {"name": "Ann", "email": "ann@example.com", "external_id": "p1"}
            self.ann = contact_save(account=self.account, values=values, at=AT, by=None)

    def ask(self, kind: str = "nps", language: str = "en", ago: int = 0) -> str:
        from django.utils.timezone import now

        with tenant_scope(self.tenant):
            at = now() - timedelta(days=ago)
            return survey_ask(contact=self.ann, kind=kind, language=language, at=at, by=self.csm)[1]

    def answers(self) -> list[tuple[str, int, str]]:
        with tenant_scope(self.tenant):
            return list(SurveyAnswer.objects.order_by("id").values_list("kind", "score", "comment"))


@pytest.fixture
def scene(db: None) -> Scene:
    return Scene()


def test_a_customer_answers_by_the_link_in_their_language_once_and_looking_answers_nothing(scene: Scene) -> None:
    url = f"/answer/{scene.ask(language='zh-hans')}/"
    page = Client().get(f"{url}?score=9")
    assert 'lang="zh' in page.content.decode()
    assert "Harbor" in page.content.decode()
    assert page["Referrer-Policy"] == "same-origin"
    assert page["Cache-Control"] == "no-store"
    assert scene.answers() == []
    assert "谢谢" in Client().post(url, {"score": "9", "comment": "好用"}).content.decode()
    Client().post(url, {"score": "1"})
    Client().post(f"/answer/{scene.ask()}/", {"score": "2"})
    assert scene.answers() == [("nps", 9, "好用")]
    Client().post(f"/answer/{scene.ask('csat')}/", {"score": "5"})
    assert len(scene.answers()) == 2


def test_a_number_outside_the_scale_or_none_is_asked_again_with_the_comment_kept(scene: Scene) -> None:
    url = f"/answer/{scene.ask('csat')}/"
    for score in ("", "0", "6", "x"):
        page = Client().post(url, {"score": score, "comment": "Keep me"}).content.decode()
        assert "Please choose a number" in page
        assert "Keep me" in page
    assert scene.answers() == []


def test_a_wrong_link_an_expired_one_and_one_asked_for_too_often_open_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Client().get("/answer/wrong/").status_code == 404
    old = f"/answer/{scene.ask(ago=31)}/"
    assert Client().get(old).status_code == 410
    assert Client().post(old, {"score": "9"}).status_code == 410
    monkeypatch.setattr("service.survey_pages.MOST_PER_MINUTE", 5)
    codes = [Client().get("/answer/wrong/").status_code for _time in range(20)]  # a minute may end in between
    assert 429 in codes
    assert scene.answers() == []


def test_the_answer_of_one_tenant_is_not_seen_by_another_and_the_page_needs_its_token(scene: Scene) -> None:
    Client().post(f"/answer/{scene.ask()}/", {"score": "10", "comment": "Fast help"})
    page = signed_in(scene.csm).get(f"/t/{scene.tenant.slug}/surveys/").content.decode()
    assert "Fast help" in page
    other = make_tenant()
    assert "Fast help" not in signed_in(other.admin).get(f"/t/{other.tenant.slug}/surveys/").content.decode()
    part = signed_in(scene.csm).get(f"/t/{scene.tenant.slug}/account/{scene.account.pk}/surveys/").content.decode()
    assert "Fast help" in part
    assert "Fast help" in signed_in(scene.csm).get(f"/t/{scene.tenant.slug}/surveys/answers.csv").content.decode()


def test_asking_shows_the_link_once_and_mails_it_in_the_customers_language(
    scene: Scene, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    url = f"/t/{scene.tenant.slug}/account/{scene.account.pk}/surveys/ask/"
    form = {"kind": "nps", "contact": scene.ann.pk, "language": "zh-hans", "mail": "on"}
    with django_capture_on_commit_callbacks(execute=True):
        page = signed_in(scene.csm).post(url, form).content.decode()
    assert "/answer/" in page
    [mail] = mailoutbox
    assert mail.to == ["ann@example.com"]
    assert "/answer/" in mail.body
    assert "一个问题" in mail.subject


def test_the_service_keeps_the_first_answer_and_refuses_an_expired_question(scene: Scene) -> None:
    with tenant_scope(scene.tenant):
        invite, _token = survey_ask(contact=scene.ann, kind="nps", language="en", at=AT, by=None)
        survey_answer(invite=invite, tenant=scene.tenant, score=3, comment="", at=AT)
        with pytest.raises(AnsweredAlready):
            survey_answer(invite=invite, tenant=scene.tenant, score=9, comment="", at=AT)
        with pytest.raises(ValidationError, match="expired"):
            survey_answer(invite=invite, tenant=scene.tenant, score=9, comment="", at=AT + timedelta(days=30))
        facts = survey_facts(AT.date(), None)
        assert facts == {"nps_90": {scene.account.pk: -100.0}, "csat_90": {}}
        assert survey_facts(DAY, [scene.account.pk])["nps_90"] == {}


def test_answers_over_the_api_are_one_per_person_and_window_and_change_with_the_person(scene: Scene) -> None:
    with tenant_scope(scene.tenant):
        _key, secret = key_create(kind="api", name="x", scopes=["surveys:read", "surveys:write"], by=None, at=AT)
    headers = {"Authorization": f"Bearer {secret}"}

    def post(**more: Any) -> Any:
        row = {"account_external_id": "one", "kind": "csat", "score": 4, "contact_external_id": "p1",
               "answered_at": "2026-03-02T10:00:00Z", **more}  # fmt: skip
        return Client().post("/api/v1/survey-answers/bulk/", [row], content_type="application/json", headers=headers)

    assert [post().json()["results"][0]["result"] for _time in range(2)] == ["created", "unchanged"]
    assert post(score=5, answered_at="2026-03-20T10:00:00Z").json()["changed"] == 1
    assert post(answered_at="2026-04-01T10:00:00Z").json()["created"] == 1
    assert post(score=0).status_code == 400
    assert post(contact_external_id="nobody").status_code == 400
    assert len(Client().get("/api/v1/survey-answers/?account=one", headers=headers).json()["results"]) == 2
    with tenant_scope(scene.tenant), pytest.raises(ValidationError, match="person"):
        answers_upsert(
            tenant=scene.tenant, rows=[{"account": scene.account, "kind": "nps", "score": 5}], at=AT, by=None
        )

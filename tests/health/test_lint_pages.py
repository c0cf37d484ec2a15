"""The linter over real accounts: on drafts at once, on published cards once a week, and said in words."""

import copy
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from accounts.models import Segment
from health import lint_words
from health.definition import STARTING_DOCUMENT
from health.inputs import inputs_known
from health.lint_data import lint_of, lint_reports
from health.lint_words import findings_said
from health.linter import Finding
from health.models import LintReport
from health.selectors import scorecard_get
from health.services import card_create, cards_lint, draft_open, scorecard_publish
from tenants.models import Role
from tenants.scope import tenant_scope
from tenants.services import NewTenant
from tests.factories import AT, DAY, make_account, make_member, make_tenant
from tests.health.test_overrides import settle
from tests.portfolio.world import close_day, make_metric, make_score, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> NewTenant:
    made = make_tenant()
    close_day(made.tenant)
    with tenant_scope(made.tenant):
        for place in range(24):
            trend = 0.3 + place / 20
            make_metric(make_account(made.tenant), usage_trend=trend, login_ratio=0.3, breadth=trend - 0.2, depth=0.1)
    return made


def odd() -> Any:
    document = copy.deepcopy(STARTING_DOCUMENT)
    document["groups"][0]["measures"][0]["breakpoints"] = [[0.4, 100], [1.0, 0]]
    return document


def of(found: list[Finding]) -> set[tuple[str, tuple[str, ...]]]:
    return {(one.rule, one.where) for one in found}


def test_a_draft_is_held_against_the_accounts_it_takes(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        found = of(lint_of(card=scorecard_get(), document=odd(), as_of=DAY))
    assert ("wrong_direction", ("usage_trend",)) in found
    assert ("alike", ("usage_trend", "breadth")) in found
    assert ("no_variance", ("login_ratio",)) in found
    assert ("no_data", ("days_silent",)) in found


def test_what_customers_did_later_is_read_from_the_scores_of_90_days_before(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        for place in range(24):
            account = make_account(made.tenant)
            left = place % 2 == 0
            settle(account, made.admin, "lost" if left else "renewed", DAY - timedelta(days=10))
            trend = 1.0 if left else 0.5
            make_score(account, 60, day=DAY - timedelta(days=100), raws=[trend, *[0.5] * 6])
        found = of(lint_of(card=scorecard_get(), document=STARTING_DOCUMENT, as_of=DAY))
    assert ("against_outcomes", ("usage_trend",)) in found
    assert ("against_outcomes", ("breadth",)) not in found


def test_cards_that_take_nobody_say_why(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        unread = Segment.objects.create(
            name="Old", definition={"all": [{"field": "gone", "op": "filled"}]}, created_at=AT
        )
        card = card_create(name="New", document=copy.deepcopy(STARTING_DOCUMENT), by=made.admin, at=AT)
        assert ("not_published", ()) in of(lint_of(card=card, document=STARTING_DOCUMENT, as_of=DAY))
        card.segment = unread
        card.save()
        assert ("segment_unreadable", ()) in of(lint_of(card=card, document=STARTING_DOCUMENT, as_of=DAY))


def test_the_night_looks_once_a_week_and_after_a_new_version(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        assert cards_lint(day=DAY, at=AT) == 1
        assert cards_lint(day=DAY + timedelta(days=6), at=AT) == 0
        scorecard_publish(document=odd(), tenant=made.tenant, by=made.admin, at=AT, reason="Try")
        assert cards_lint(day=DAY + timedelta(days=6), at=AT) == 1
        report = lint_reports()[scorecard_get().pk]
        assert "wrong_direction" in {one["rule"] for one in report.findings}
        assert cards_lint(day=DAY + timedelta(days=12), at=AT) == 0
        assert cards_lint(day=DAY + timedelta(days=13), at=AT) == 1
        assert LintReport.objects.count() == 1


def test_the_page_shows_the_weekly_look_and_a_draft_its_own(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        card, viewer, csm = scorecard_get(), make_member(Role.VIEWER), make_member(Role.CSM)
        cards_lint(day=DAY, at=AT)
        draft = draft_open(card=card, document=odd(), by=made.admin, at=AT)
    here = f"/t/{made.tenant.slug}/scorecard/{card.pk}/"
    page = signed_in(viewer).get(here).content.decode()
    assert "go up and down together" in page
    assert "falls when it rises" not in page
    url = f"{here}lint/?draft={draft.pk}"
    # The form around it sends its answers to the effect: this one stays in its own place.
    fetched = f'hx-get="{url}" hx-trigger="load" hx-target="this"'
    assert fetched in signed_in(made.admin).get(here).content.decode()
    told = signed_in(viewer).get(url, headers={"HX-Request": "true"}).content.decode()
    assert "Usage trend: more of it is better, but its score falls when it rises." in told
    assert signed_in(viewer).get(f"{here}lint/?draft=9999", headers={"HX-Request": "true"}).status_code == 404
    made.tenant.csms_see_own_only = True
    made.tenant.save()
    assert "falls when" not in signed_in(csm).get(url, headers={"HX-Request": "true"}).content.decode()


def test_every_finding_is_said_in_both_languages(made: NewTenant) -> None:
    facts = {"share": 0.2, "rows": 9, "measures": 2, "weight": 30.0, "score": 50.0, "band": "green", "low": 0.1}
    facts |= {"high": 0.9, "rises": True, "from": 1.0, "to": 2.0, "number": 1, "at_most": True, "points": [0.5]}
    facts |= {"accounts": 40, "r": 0.95, "chance": 0.3, "stayed": 12, "left": 11, "without": 30, "minimum": 0.5}
    where = ("usage_trend", "breadth")
    found = [Finding(rule, "fault", where, {**facts, "segment": "Old"}) for rule in lint_words._RULES]
    with tenant_scope(made.tenant):
        known = inputs_known()
    said = findings_said(found, STARTING_DOCUMENT, known)
    assert len({one.text for one in said}) == len(found)
    with translation.override("zh-hans"):
        chinese = findings_said(found, STARTING_DOCUMENT, known)
    assert not {one.text for one in said} & {one.text for one in chinese}
    assert not {one.todo for one in said} & {one.todo for one in chinese}


def test_the_api_answers_the_weekly_look_and_looks_at_a_draft_at_once(made: NewTenant) -> None:
    api = Client(headers={"authorization": f"Bearer {made.api_key}"})
    with tenant_scope(made.tenant):
        card = scorecard_get()
        draft = draft_open(card=card, document=odd(), by=None, at=AT)
        faulty = draft_open(card=card, document={**odd(), "minimum_coverage": 7}, by=None, at=AT)
        other = card_create(name="Other", document=odd(), by=made.admin, at=AT)
    url = f"/api/v1/scorecards/{card.pk}/linter/"
    assert api.get(url).json() == {"as_of": None, "version": None, "draft": None, "findings": []}
    with tenant_scope(made.tenant):
        cards_lint(day=DAY, at=AT)
        expected = [one["rule"] for one in LintReport.objects.get(scorecard=card).findings]
    found = api.get(url).json()
    assert (found["as_of"], found["version"]) == (DAY.isoformat(), 1)
    assert [one["rule"] for one in found["findings"]] == expected
    assert expected
    now = api.get(url, {"draft": draft.pk}).json()
    assert (now["as_of"], now["draft"]) == (DAY.isoformat(), draft.pk)
    wrong = next(one for one in now["findings"] if one["rule"] == "wrong_direction")
    assert wrong["where"] == ["usage_trend"]
    assert wrong["text"]
    assert wrong["todo"]
    assert api.get(url, {"draft": faulty.pk}).status_code == 400
    assert api.get(f"/api/v1/scorecards/{other.pk}/linter/", {"draft": draft.pk}).status_code == 404
    answers = {no: api.get(url, {"draft": no}).status_code for no in ("", "x", "9" * 30, str(draft.pk + 999))}
    assert answers == {"": 404, "x": 400, "9" * 30: 400, str(draft.pk + 999): 404}

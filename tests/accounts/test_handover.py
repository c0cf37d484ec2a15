"""The hand-over: the fit's arithmetic, completeness, its states, who sees it, and what is typed into it."""

from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts.fit import STEPS, Filled, PromiseState, Weighed, fit_score, is_poor, missing
from accounts.models import Contact, Handover, Need, Promise
from accounts.selectors import visible_to
from accounts.selectors.handovers import (
    Asked,
    fit_facts,
    handover_list,
    handover_ready,
    sales_report,
)
from accounts.services import contact_save
from accounts.services.handover import (
    fit_threshold_set,
    handover_accept,
    handover_complete,
    handover_demand,
    handover_return,
    handover_set,
    handover_start,
    handovers_upsert,
    part_add,
    part_set,
)
from tenants.models import AuditEntry, Member, Role
from tenants.scope import tenant_scope
from tenants.services import key_create
from tests.factories import AT, DAY, make_account, make_member, make_tenant
from tests.portfolio.world import signed_in

NEEDS = st.lists(st.builds(Weighed, st.integers(1, 10), st.none() | st.integers(0, 100)), max_size=8)


@given(NEEDS)
def test_the_fit_is_the_mean_match_of_a_list_in_which_each_need_stands_as_often_as_it_weighs(
    needs: list[Weighed],
) -> None:
    spread = [need.match for need in needs for _time in range(need.weight) if need.match is not None]
    assert fit_score(needs) == (Fraction(sum(spread), 100 * len(spread)) if spread else None)


def test_the_threshold_itself_is_enough_and_no_score_is_not_poor() -> None:
    assert not is_poor(fit_score([Weighed(1, 0), Weighed(1, 60)]), 30)
    assert is_poor(fit_score([Weighed(1, 0), Weighed(1, 59)]), 30)
    assert not is_poor(None, 30)
    assert fit_score([Weighed(3, 100), Weighed(9, None)]) == 1


def test_a_planned_promise_needs_an_owner_and_a_day_and_none_may_be_unjudged() -> None:
    empty = Filled(False, False, frozenset(), False, False, False, False, [], [], 0)
    assert missing(empty) == [s for s in STEPS if s not in ("promises_judged", "promises_owned", "needs_judged")]
    full: dict[str, Any] = {
        "salesperson": True, "contract": True, "roles": frozenset({"decision_maker", "project_lead"}),
        "expectations": True, "nature": True, "profile": True, "no_promises": False, "needs": [Weighed(1, 0)],
        "learners": 1,
    }  # fmt: skip
    assert missing(Filled(**full, promises=[PromiseState("planned", True, True)])) == []
    assert missing(Filled(**full, promises=[PromiseState("planned", True, False)])) == ["promises_owned"]
    assert missing(Filled(**full, promises=[PromiseState("open", True, True)])) == ["promises_judged"]
    assert missing(Filled(**full, promises=[])) == ["promises"]
    assert missing(Filled(**{**full, "no_promises": True}, promises=[])) == []


class Scene:
    """A hand-over that a contributor fills in, and those who look after the account."""

    def __init__(self) -> None:
        self.made = make_tenant()
        self.tenant = self.made.tenant
        with tenant_scope(self.tenant):
            self.seller, self.csm = make_member(Role.CONTRIBUTOR, "Nick"), make_member(Role.CSM, "Mina")
            self.manager = make_member(Role.MANAGER, "Helen")
            self.account = make_account(self.tenant, "one", csm=self.csm, industry="Food")
            self.other = make_account(self.tenant, "two", csm=self.csm)
            self.handover = self.start()

    def start(self) -> Handover:
        return handover_start(account=self.account, due_on=DAY, salesperson=self.seller, at=AT, by=self.csm)

    def fill(self, match: int = 80) -> None:
        """Everything that makes it complete."""
        held = Handover.objects.get(pk=self.handover.pk)
        values = {
            "contract_text": "Three years",
            "expectations": "Faster",
            "nature": "pioneering",
            "profile": "Growing",
        }
        for key, value in values.items():
            handover_set(handover=held, key=key, value=value, at=AT, by=self.seller)
        for name, role in (("Ann", "decision_maker"), ("Bob", "project_lead")):
            contact_save(account=self.account, values={"name": name, "roles": [role]}, at=AT, by=self.seller)
        for kind, more in (("promise", {"state": "kept"}), ("need", {"match": match, "weight": 3}), ("learner", {})):
            part_add(handover=held, kind=kind, values={"text": f"A {kind}", **more}, at=AT, by=self.seller)

    def held(self) -> Handover:
        return Handover.objects.select_related("account").get(pk=self.handover.pk)

    def complete(self, match: int = 80) -> Handover:
        self.fill(match)
        handover_complete(handover=self.held(), at=AT, by=self.seller)
        return self.held()

    def url(self, rest: str = "") -> str:
        return f"/t/{self.tenant.slug}/account/{self.account.pk}/handover/{rest}"

    def as_(self, member: Member) -> Client:
        return signed_in(member)


@pytest.fixture
def scene(db: None) -> Scene:
    return Scene()


def test_a_contributor_sees_only_accounts_that_name_them_and_no_longer_once_another_hands_over(scene: Scene) -> None:
    with tenant_scope(scene.tenant):
        assert list(visible_to(scene.seller)) == [scene.account]
        handover_set(handover=scene.held(), key="salesperson", value=scene.manager, at=AT, by=scene.csm)
        assert not visible_to(scene.seller).exists()


def test_it_cannot_be_completed_before_all_is_filled_in_and_then_waits_for_the_csm(scene: Scene) -> None:
    with tenant_scope(scene.tenant):
        with pytest.raises(ValidationError) as fault:
            handover_complete(handover=scene.held(), at=AT, by=scene.seller)
        assert "the project lead on the customer's side" in fault.value.messages
        with pytest.raises(ValidationError, match="lacks"):
            handover_demand(account=scene.account)
        with pytest.raises(ValidationError, match="no hand-over"):
            handover_demand(account=scene.other)
        held = scene.complete()
        handover_demand(account=scene.account)
        with pytest.raises(ValidationError, match="complete"):
            handover_set(handover=held, key="profile", value="Other", at=AT, by=scene.seller)
        handover_return(handover=held, question="Which site first?", at=AT, by=scene.csm)
        assert not handover_ready(account=scene.account).ready
        handover_complete(handover=scene.held(), at=AT, by=scene.seller)
        handover_accept(handover=scene.held(), reason="", manages=False, at=AT, by=scene.csm)
        assert scene.held().state == "accepted"
        assert handover_ready(account=scene.account).ready


def test_a_poor_fit_is_accepted_only_by_a_manager_with_a_reason(scene: Scene) -> None:
    with tenant_scope(scene.tenant):
        held = scene.complete(match=29)
        assert not handover_ready(account=scene.account).ready
        with pytest.raises(ValidationError, match="no manager"):
            handover_demand(account=scene.account)
        with pytest.raises(ValidationError, match="manager has to"):
            handover_accept(handover=held, reason="Strategic", manages=False, at=AT, by=scene.csm)
        with pytest.raises(ValidationError, match="why"):
            handover_accept(handover=held, reason=" ", manages=True, at=AT, by=scene.manager)
        fit_threshold_set(threshold=29, at=AT, by=scene.manager)
        handover_demand(account=scene.account)
        fit_threshold_set(threshold=30, at=AT, by=scene.manager)
        handover_accept(handover=held, reason="Strategic", manages=True, at=AT, by=scene.manager)
        assert scene.held().fit_reason == "Strategic"
        assert handover_ready(account=scene.account).ready


def test_what_becomes_of_a_promise_is_noted_after_the_handover_and_its_text_stays(scene: Scene) -> None:
    with tenant_scope(scene.tenant):
        scene.complete()
        promise = Promise.objects.select_related("handover").get()
        part_set(part=promise, key="state", value="impossible", at=AT, by=scene.csm)
        with pytest.raises(ValidationError):
            part_set(part=promise, key="text", value="Less", at=AT, by=scene.csm)
        with pytest.raises(ValidationError):
            part_set(part=promise, key="state", value="kept", at=AT, by=scene.seller, follows=False)


def cell(client: Client, scene: Scene, path: str, value: str, was: str, **more: str) -> str:
    response = client.post(scene.url(path), {"value": value, "was": was, **more}, headers={"HX-Request": "true"})
    assert response.status_code == 200
    return response.content.decode()


def test_what_two_people_type_into_one_field_is_shown_to_both_and_overwritten_only_on_purpose(scene: Scene) -> None:
    nick, mina = scene.as_(scene.seller), scene.as_(scene.csm)
    assert "saved" in cell(nick, scene, "form/0/expectations/", "Faster plans", "")
    said = cell(mina, scene, "form/0/expectations/", "Cheaper plans", "")
    assert "Nick changed this meanwhile to" in said
    assert "Faster plans" in said
    with tenant_scope(scene.tenant):
        assert scene.held().expectations == "Faster plans"
    assert "Nick changed" in cell(mina, scene, "form/0/expectations/", "Cheaper plans!", "", over="Something older")
    assert "saved" in cell(mina, scene, "form/0/expectations/", "Cheaper plans!", "", over="Faster plans")
    with tenant_scope(scene.tenant):
        assert scene.held().expectations == "Cheaper plans!"
        assert AuditEntry.objects.filter(noun="handover", changes__has_key="expectations").count() == 2


def test_a_refused_value_says_why_and_what_would_be_accepted_and_changes_nothing(scene: Scene) -> None:
    nick = scene.as_(scene.seller)
    assert nick.post(scene.url("need/add/"), {"text": "Speed", "weight": "3"}).status_code == 302
    with tenant_scope(scene.tenant):
        need = Need.objects.get()
    assert "from 0 to 100" in cell(nick, scene, f"need/{need.pk}/match/", "101", "")
    assert "from 1 to 10" in cell(nick, scene, f"need/{need.pk}/weight/", "0", "3")
    assert "saved" in cell(nick, scene, f"need/{need.pk}/match/", "40 %", "")
    page = nick.post(scene.url("need/add/"), {"text": "Kept text", "weight": "99"}).content.decode()
    assert 'value="Kept text"' in page
    with tenant_scope(scene.tenant):
        need.refresh_from_db()
        assert (need.match, need.weight, Need.objects.count()) == (40, 3, 1)


def test_the_whole_way_through_the_pages_from_a_draft_to_an_accepted_poor_fit(scene: Scene) -> None:
    with tenant_scope(scene.tenant):
        scene.fill(match=10)
    nick, mina, helen = (scene.as_(one) for one in (scene.seller, scene.csm, scene.manager))
    assert "below 30%" in nick.get(scene.url()).content.decode()
    nick.post(scene.url("do/"), {"act": "complete"})
    assert "Only those who look after accounts" in nick.post(scene.url("do/"), {"act": "accept"}).content.decode()
    answer = mina.post(scene.url("do/"), {"act": "accept", "text": "I like it"}).content.decode()
    assert "a manager has to accept" in answer
    assert "I like it" in answer
    helen.post(scene.url("do/"), {"act": "accept", "text": "Strategic"})
    assert "Strategic" in mina.get(scene.url()).content.decode()
    assert "Accepted" in mina.get(scene.url("part/")).content.decode()


def test_late_ones_are_seen_in_the_list_and_on_today(scene: Scene) -> None:
    page = scene.as_(scene.csm).get(f"/t/{scene.tenant.slug}/handovers/?state=late").content.decode()
    assert 'class="tag bad">late' in page
    assert "One" in page
    today = scene.as_(scene.csm).get(f"/t/{scene.tenant.slug}/").content.decode()
    assert "Hand-over is overdue by" in today
    with tenant_scope(scene.tenant):
        assert handover_list(member=scene.csm, asked=Asked(state="late"), today=DAY) == []
        assert len(handover_list(member=scene.csm, asked=Asked(state="late"), today=DAY + timedelta(days=1))) == 1


def test_today_says_of_one_that_lacks_nothing_what_is_still_to_do(scene: Scene) -> None:
    today = f"/t/{scene.tenant.slug}/?whose=all&kind=handover"
    with tenant_scope(scene.tenant):
        scene.fill(80)
    page = scene.as_(scene.manager).get(today).content.decode()
    assert "it only has to be handed over" in page
    with tenant_scope(scene.tenant):
        handover_complete(handover=scene.held(), at=AT, by=scene.seller)
        handover_return(handover=scene.held(), question="Which site first?", at=AT, by=scene.csm)
    page = scene.as_(scene.manager).get(today).content.decode()
    assert "the question of the CSM waits for an answer" in page
    assert "0 steps" not in page


def test_the_report_to_sales_counts_fit_and_promises_and_opens_to_its_rows(scene: Scene) -> None:
    with tenant_scope(scene.tenant):
        scene.fill(match=20)
        report = sales_report(accounts=visible_to(scene.manager))
        assert (report.total.handovers, report.total.poor, report.total.kept, report.total.promises) == (1, 1, 1, 1)
        assert [line.key for line in report.industries] == ["Food"]
        assert fit_facts(DAY, None) == {"fit_score": {scene.account.pk: 0.2}, "promises_open": {}}
    client = scene.as_(scene.manager)
    page = client.get(f"/t/{scene.tenant.slug}/handovers/report/").content.decode()
    assert f"?salesperson={scene.seller.pk}" in page
    assert "One" in client.get(f"/t/{scene.tenant.slug}/handovers/?industry=Food").content.decode()
    assert "One" not in client.get(f"/t/{scene.tenant.slug}/handovers/?industry=Steel").content.decode()
    assert "Nick" in client.get(f"/t/{scene.tenant.slug}/handovers/report.csv").content.decode()


def test_the_list_asks_as_often_for_twenty_as_for_two(scene: Scene) -> None:
    client, url = scene.as_(scene.manager), f"/t/{scene.tenant.slug}/handovers/"
    counts = []
    client.get(url)
    for number in (1, 19):
        with tenant_scope(scene.tenant):
            for n in range(number):
                account = make_account(scene.tenant, f"more-{number}-{n}")
                made = handover_start(account=account, due_on=DAY, salesperson=scene.seller, at=AT, by=None)
                part_add(handover=made, kind="promise", values={"text": "x", "owner": scene.csm}, at=AT, by=None)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(url)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_api_fills_in_a_handover_twice_as_once_and_names_each_refused_row(scene: Scene) -> None:
    with tenant_scope(scene.tenant):
        _key, secret = key_create(kind="api", name="crm", scopes=["handovers:read", "handovers:write"], by=None, at=AT)
    headers = {"Authorization": f"Bearer {secret}"}
    row = {
        "account_external_id": "two", "salesperson": scene.seller.user.email, "due_on": "2026-04-01",
        "needs": [{"text": "Speed", "weight": 4, "match": 50}], "promises": [{"text": "ERP", "state": "planned"}],
    }  # fmt: skip
    for fate in ("created", "unchanged"):
        answer = Client().post("/api/v1/handovers/bulk/", [row], content_type="application/json", headers=headers)
        assert answer.json()["results"][0]["result"] == fate
    listed = Client().get("/api/v1/handovers/?account=two", headers=headers).json()["results"][0]
    assert (float(listed["fit"]), listed["state"]) == (0.5, "draft")
    bad = [row, {"account_external_id": "two", "needs": [{"text": "Speed", "match": 120}]}]
    answer = Client().post("/api/v1/handovers/bulk/", bad, content_type="application/json", headers=headers)
    assert answer.status_code == 400
    assert "100" in str(answer.json())
    with tenant_scope(scene.tenant):
        scene.complete()
        with pytest.raises(ValidationError, match="complete"):
            handovers_upsert(tenant=scene.tenant, rows=[{"account": scene.account, "profile": "New"}], at=AT, by=None)


def test_a_field_saved_between_reading_and_completing_stands_and_the_state_is_judged_anew(scene: Scene) -> None:
    with tenant_scope(scene.tenant):
        scene.fill()
        read_before = scene.held()
        handover_set(handover=scene.held(), key="expectations", value="Twice as fast", at=AT, by=scene.csm)
        handover_complete(handover=read_before, at=AT, by=scene.seller)
        assert (scene.held().state, scene.held().expectations) == ("complete", "Twice as fast")
        also_complete = scene.held()
        handover_return(handover=scene.held(), question="Who pays?", at=AT, by=scene.csm)
        with pytest.raises(ValidationError, match="Only a complete hand-over"):
            handover_accept(handover=also_complete, reason="", manages=True, at=AT, by=scene.csm)
        stale = scene.held()
        handover_complete(handover=scene.held(), at=AT, by=scene.seller)
        with pytest.raises(ValidationError, match="is complete"):
            handover_set(handover=stale, key="expectations", value="Late", at=AT, by=scene.seller)


def test_who_left_is_marked_in_the_form_and_does_not_count_as_the_project_lead(scene: Scene) -> None:
    with tenant_scope(scene.tenant):
        scene.fill()
        lead = Contact.objects.get(name="Bob")
        contact_save(account=scene.account, contact=lead, values={"left_on": DAY}, at=AT, by=scene.csm)
    page = scene.as_(scene.seller).get(scene.url()).content.decode()
    assert page.count("does not count</small>") == 1
    assert ">the project lead on the customer&#x27;s side</a>" in page

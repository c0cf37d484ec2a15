"""The pages of the lifecycle: the funnel, the stages with their conditions, and moves that wait on Today."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Account, StageProposal, StageRule
from accounts.services import account_change, lifecycle_run, stage_rule_save
from tenants.models import Role
from tenants.scope import tenant_scope
from tenants.services import NewTenant
from tests.factories import AT, DAY, make_account, make_member, make_tenant
from tests.portfolio.world import close_day, signed_in

pytestmark = pytest.mark.django_db
SEATS = {"all": [{"field": "seats", "op": "ge", "value": 10}]}


@pytest.fixture
def made() -> Iterator[NewTenant]:
    made = make_tenant()
    close_day(made.tenant)
    with tenant_scope(made.tenant):
        yield made


def address(made: NewTenant, name: str, *args: Any) -> str:
    return reverse(name, args=[made.tenant.slug, *args])


def test_the_funnel_says_who_went_on_and_where_the_median_is_not_reached_yet(made: NewTenant) -> None:
    for number in range(3):
        account = make_account(made.tenant, f"a{number}")
        if number < 2:
            account_change(account=account, values={"lifecycle_stage": "training"}, at=AT.replace(day=20), by=None)
    html = signed_in(made.admin).get(address(made, "lifecycle")).content.decode()
    assert "67%" in html
    assert "10 d" in html
    assert "not reached yet" in html
    csv = signed_in(made.admin).get(address(made, "lifecycle_csv")).content.decode("utf-8-sig")
    assert "Configuration,3,2,0,0,1,10,0" in csv


def test_a_condition_is_counted_as_typed_saved_and_said_in_words(made: NewTenant) -> None:
    for seats in (5, 10, 15):
        make_account(made.tenant, seats=seats)
    browser = signed_in(made.admin)
    typed = {"definition": json.dumps(SEATS), "version": "0"}
    counted = browser.post(address(made, "stage_count", "training", "entry"), typed).content.decode()
    assert '<span class="fig" data-stage-moves>2</span>' in counted
    assert not StageRule.objects.exists()
    browser.post(address(made, "stage_condition", "training", "entry"), typed)
    assert StageRule.objects.get().entry == SEATS
    page = browser.get(address(made, "stages")).content.decode()
    assert "Seats (field) is at least 10" in page
    assert "Run now" in page
    browser.post(address(made, "stages_run"))
    assert StageProposal.objects.filter(state="open").count() == 2


def test_what_cannot_be_read_is_refused_and_what_was_typed_is_kept(made: NewTenant) -> None:
    url = address(made, "stage_condition", "training", "entry")
    browser = signed_in(made.admin)
    wrong = {"all": [{"field": "seats", "op": "ge", "value": "many"}]}
    html = browser.post(url, {"definition": json.dumps(wrong), "version": "0"}).content.decode()
    assert "Seats (field): write a number." in html
    assert "many" in html
    assert "cannot be read" in browser.post(url, {"definition": "{", "version": "0"}).content.decode()
    assert not StageRule.objects.exists()
    assert browser.get(address(made, "stage_edit", "nowhere")).status_code == 404
    assert browser.get(address(made, "stage_condition", "training", "sideways")).status_code == 404


def test_two_people_who_change_the_same_condition_see_each_other(made: NewTenant) -> None:
    stage_rule_save(stage="training", values={"entry": SEATS}, at=AT, by=None)
    stage_rule_save(stage="training", values={"name": "Class"}, at=AT, by=None)
    other = {"all": [{"field": "seats", "op": "ge", "value": 50}]}
    url = address(made, "stage_condition", "training", "entry")
    html = signed_in(made.admin).post(url, {"definition": json.dumps(other), "version": "1"}).content.decode()
    assert "Someone else saved this stage meanwhile" in html
    assert StageRule.objects.get().entry == SEATS


def test_a_move_waits_on_today_and_on_the_account_and_is_decided_there(made: NewTenant) -> None:
    csm = make_member(Role.CSM)
    account = make_account(made.tenant, "one", seats=20, csm=csm)
    stage_rule_save(stage="training", values={"entry": SEATS}, at=AT, by=None)
    lifecycle_run(tenant=made.tenant, as_of=DAY, at=AT)
    browser = signed_in(csm)
    html = browser.get(address(made, "account", account.pk)).content.decode()
    assert "Configuration → <b>Training</b>" in html
    assert "Because Seats (field) is at least 10" in html
    assert 'data-key="a"' in html
    html = browser.get(address(made, "today")).content.decode()
    assert "Configuration → Training to confirm: Seats (field) is at least 10" in html
    assert 'data-row-key="a"' in html
    move = StageProposal.objects.get()
    browser.post(address(made, "proposal_set", move.pk), {"act": "accept"})
    assert Account.objects.get().lifecycle_stage == "training"
    browser.post(address(made, "proposal_set", move.pk))
    assert Account.objects.get().lifecycle_stage == "configuration"
    browser.post(address(made, "proposal_set", move.pk), {"act": "decline"})
    assert "to confirm" not in browser.get(address(made, "today")).content.decode()


def test_today_costs_as_many_queries_with_many_moves_as_with_two(made: NewTenant) -> None:
    csm = make_member(Role.CSM)
    stage_rule_save(stage="training", values={"entry": SEATS}, at=AT, by=None)
    browser, counts = signed_in(csm), []
    for wanted in (2, 20):
        for number in range(Account.objects.count(), wanted):
            make_account(made.tenant, f"a{number}", seats=20, csm=csm)
        lifecycle_run(tenant=made.tenant, as_of=DAY, at=AT)
        browser.get(address(made, "today"))
        with CaptureQueriesContext(connection) as captured:
            browser.get(address(made, "today"))
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_api_reads_and_sets_stages_and_decides_moves(made: NewTenant, client: Any) -> None:
    account = make_account(made.tenant, "one", seats=20)
    key = {"Authorization": f"Bearer {made.api_key}"}

    def send(method: str, path: str, body: Any) -> Any:
        return getattr(client, method)(f"/api/v1/{path}", body, content_type="application/json", headers=key)

    assert send("patch", "lifecycle/training/", {"entry": SEATS, "name": "Class"}).json()["entry"] == SEATS
    assert send("patch", "lifecycle/training/", {"entree": SEATS}).status_code == 400
    refused = send("patch", "lifecycle/training/", {"entry": {"all": [{"field": "gone", "op": "filled"}]}})
    assert refused.status_code == 400
    assert "gone" in refused.content.decode()
    assert send("patch", "lifecycle/nowhere/", {}).status_code == 404
    stages = client.get("/api/v1/lifecycle/", headers=key).json()["results"]
    assert [one["stage"] for one in stages][1:3] == ["training", "go_live"]
    lifecycle_run(tenant=made.tenant, as_of=DAY, at=AT)
    [move] = client.get("/api/v1/stage-moves/", headers=key).json()["results"]
    assert (move["account_external_id"], move["to_stage"]) == ("one", "training")
    assert send("post", f"stage-moves/{move['id']}/", {"decision": "perhaps"}).status_code == 400
    assert send("post", f"stage-moves/{move['id']}/", {"decision": "accept"}).json()["state"] == "accepted"
    assert send("post", f"stage-moves/{move['id']}/", {"decision": "accept"}).status_code == 400
    account.refresh_from_db()
    assert account.lifecycle_stage == "training"
    figures = client.get("/api/v1/lifecycle/funnel/?from=2026-03-01", headers=key).json()["results"]
    assert figures[0]["entered"] == 1
    assert client.get("/api/v1/lifecycle/funnel/?from=soon", headers=key).status_code == 400

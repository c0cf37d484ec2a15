"""The rescored past on its page, on the account's chart and over the API, each kept apart from what was reported."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from health import rescore_views
from health.models import RescoredScore, Rescoring, Score
from health.selectors import scorecard_get
from tenants.models import Role
from tenants.scope import tenant_scope
from tenants.services import NewTenant
from tests.factories import AT, DAY, make_member, make_tenant
from tests.health.rescored_world import stored_document, version_made, world_made
from tests.house.api import Caller
from tests.portfolio.world import close_day, signed_in

pytestmark = pytest.mark.django_db


class Place:
    """A tenant with a past, its card, and a version to try."""

    def __init__(self) -> None:
        self.made: NewTenant = make_tenant()
        close_day(self.made.tenant)
        with tenant_scope(self.made.tenant):
            self.accounts: list[Account] = world_made(self.made.tenant)
            document = stored_document()
            document["bands"] = {"green": 60, "amber": 55}
            self.version = version_made(document, reason="Lower edges")
            self.card = scorecard_get()
        self.admin = signed_in(self.made.admin)
        self.page = f"/t/{self.made.tenant.slug}/scorecard/{self.card.pk}/rescored/"

    def start(self, **sent: Any) -> str:
        answer = self.admin.post(self.page + "start/", sent, follow=True)
        assert answer.status_code == 200
        return answer.content.decode()


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setattr(timezone, "now", lambda: AT)
    return Place()


def test_an_admin_reads_how_much_there_is_starts_it_and_reads_what_came_of_it(place: Place) -> None:
    before = place.admin.get(place.page).content.decode()
    assert "60 scores of 5 accounts on 12 days" in before
    assert "Nobody saw these scores then" not in before
    page = place.start(version=str(place.version.number))
    assert f"Hypothetical: what version {place.version.number} would have said" in page
    assert "As reported then" in page
    assert "The band would have been the same on" in page
    assert page.count("data-plot=") == 2
    by_arr = place.admin.get(place.page + "?of=arr").content.decode()
    assert "ARR is that of each day" in by_arr


def test_a_long_past_is_left_to_the_workers_and_can_be_stopped(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rescore_views, "AT_ONCE", 3)
    page = place.start(version=str(place.version.number))
    assert "Waiting to start" in page
    assert "Stop it" in page
    with tenant_scope(place.made.tenant):
        run = Rescoring.objects.get()
    progress = f"/t/{place.made.tenant.slug}/scorecard/rescorings/{run.pk}/"
    assert "HX-Refresh" not in place.admin.get(progress, headers={"HX-Request": "true"})
    with tenant_scope(place.made.tenant):
        Rescoring.objects.update(state=Rescoring.State.RUNNING)
    for page in (place.page, progress):
        assert "You can leave this page" in place.admin.get(page, follow=True).content.decode()
    place.admin.post(progress + "remove/")
    assert place.admin.get(progress, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert "Waiting to start" not in place.admin.get(place.page).content.decode()


def test_a_removed_past_is_gone_from_every_page(place: Place) -> None:
    place.start(version=str(place.version.number))
    with tenant_scope(place.made.tenant):
        run = Rescoring.objects.get()
    place.admin.post(f"/t/{place.made.tenant.slug}/scorecard/rescorings/{run.pk}/remove/")
    assert "No past has been scored again yet" in place.admin.get(place.page).content.decode()
    with tenant_scope(place.made.tenant):
        assert not RescoredScore.objects.exists()


def test_who_sees_only_their_own_accounts_does_not_see_all_of_them_scored_again(place: Place) -> None:
    place.start(version=str(place.version.number))
    tenant = place.made.tenant
    tenant.csms_see_own_only = True
    tenant.save()
    with tenant_scope(tenant):
        csm = make_member(Role.CSM)
    page = signed_in(csm).get(place.page).content.decode()
    assert "Not for you" in page
    assert "Hypothetical" not in page
    assert signed_in(csm).post(place.page + "start/").status_code == 403


def test_the_accounts_chart_offers_the_three_pasts(place: Place) -> None:
    account = place.accounts[0]
    charts = f"/t/{place.made.tenant.slug}/account/{account.pk}/charts/"
    part = {"HX-Request": "true"}
    before = place.admin.get(charts, headers=part).content.decode()
    assert "basis=rescored" not in before
    place.start(version=str(place.version.number))
    name = f"Under version {place.version.number}"
    known = place.admin.get(charts, headers=part).content.decode()
    reported = place.admin.get(charts + "?basis=reported", headers=part).content.decode()
    rescored = place.admin.get(charts + f"?basis=rescored&scorecard={place.card.pk}", headers=part).content.decode()
    for page in (known, reported, rescored):
        assert "As known now" in page
        assert "As reported" in page
        assert name in page
    assert "Nobody saw these scores then" in rescored
    assert "Nobody saw these scores then" not in known + reported


def test_each_basis_answers_its_own_scores_in_the_csv_and_over_the_api(place: Place) -> None:
    place.start(version=str(place.version.number))
    account = place.accounts[0]
    with tenant_scope(place.made.tenant):
        changed = Score.objects.filter(account=account, reported=Score.Reported.KEPT).first()
        assert changed is not None
        rescored = {
            row.day.isoformat(): row.band for row in RescoredScore.objects.filter(account=account).order_by("day")
        }
    caller = Caller(place.made.api_key)
    url = f"/api/v1/accounts/{account.pk}/health/?from={DAY.replace(day=1)}&to={DAY}"
    known, reported, again = (caller("GET", url + more).json() for more in ("", "&basis=reported", "&basis=rescored"))
    day = changed.day.isoformat()
    scores = [next(row for row in found["results"] if row["date"] == day) for found in (known, reported, again)]
    assert scores[0]["score"] == float(changed.score or 0)
    assert scores[1]["score"] != scores[0]["score"]
    assert [row["scorecard_version"] for row in scores] == [2, 2, place.version.number]
    within = {one: band for one, band in rescored.items() if one >= DAY.replace(day=1).isoformat()}
    assert {row["date"]: row["band"] for row in again["results"]} == within
    assert again["rescored"]["version"] == place.version.number
    assert caller("GET", url + "&basis=rescored&scorecard=999999").status_code == 404
    csv = (
        f"/t/{place.made.tenant.slug}/account/{account.pk}/history/scores.csv?basis=rescored&scorecard={place.card.pk}"
    )
    text = place.admin.get(csv).content.decode()
    assert all(f"{one}," in text for one in rescored)


def test_over_the_api_the_past_is_scored_again_read_and_removed(place: Place) -> None:
    head, url = {"Authorization": f"Bearer {place.made.api_key}"}, f"/api/v1/scorecards/{place.card.pk}/rescore/"
    client = Client(headers=head)
    assert client.get(url).status_code == 404
    refused = client.post(url, {"version": 99}, content_type="application/json")
    assert refused.status_code == 400
    assert "version" in refused.json()["error"]["fields"]
    done = client.post(url, {"version": place.version.number}, content_type="application/json")
    assert done.status_code == 200
    found = done.json()
    assert (found["state"], found["rows"], found["days"]) == ("done", 60, "then")
    assert len(found["result"]["points"]) == 12
    assert client.get(url).json() == found
    assert client.post(url, {"days": "whole"}, content_type="application/json").json()["days"] == "whole"
    assert client.post(url + "remove/", content_type="application/json").status_code == 204
    assert client.get(url).status_code == 404


def test_a_stranger_cannot_start_or_remove_anything(place: Place) -> None:
    other = make_tenant()
    client: Client = signed_in(other.admin)
    theirs = place.page.replace(place.made.tenant.slug, other.tenant.slug)
    assert client.post(theirs + "start/").status_code == 404
    assert Caller(other.api_key)("POST", f"/api/v1/scorecards/{place.card.pk}/rescore/").status_code == 404

"""The account page's people and timeline, the quick log, the palette's touches and the API of both."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Contact, NextStep, Touch
from accounts.services import account_change, contact_save, conviction_add, touch_change, touch_log
from portfolio.selectors.timeline import PAGE, Asked, cursor_read, timeline_page
from tenants.models import AuditEntry, Member, Role
from tenants.scope import tenant_scope
from tenants.services import NewTenant
from tests.factories import AT, DAY, make_account, make_member, make_tenant
from tests.portfolio.world import close_day, make_alert, make_metric, make_score, signed_in

pytestmark = pytest.mark.django_db


class Scene:
    """A tenant with an account that has people, and three members."""

    def __init__(self, made: NewTenant) -> None:
        self.made, self.tenant = made, made.tenant
        with tenant_scope(self.tenant):
            self.csm, self.colleague = make_member(Role.CSM, "Mina"), make_member(Role.CSM, "Tom")
            self.manager, self.viewer = make_member(Role.MANAGER), make_member(Role.VIEWER)
            self.account = make_account(self.tenant, "one", csm=self.csm, segment="Big", contract_start=DAY)
            self.boss = self.person("王芳", roles=["decision_maker"], external_id="p-1")
            self.lead = self.person("Tom Lind", roles=["project_lead"], reports_to=self.boss, champion=True)
            close_day(self.tenant)

    def person(self, name: str, **values: Any) -> Contact:
        return contact_save(account=self.account, values={"name": name, **values}, at=AT, by=None)

    def touch(self, note: str, back: int = 0, **more: Any) -> Touch:
        values: dict[str, Any] = {
            "kind": "call",
            "on": DAY - timedelta(days=back),
            "note": note,
            "by": self.csm,
            **more,
        }
        return touch_log(account=self.account, at=AT, **values)

    def url(self, path: str = "") -> str:
        return f"/t/{self.tenant.slug}/account/{self.account.pk}/{path}"

    def as_(self, member: Member) -> Client:
        return signed_in(member)


@pytest.fixture
def scene() -> Scene:
    return Scene(make_tenant())


def text(response: Any) -> str:
    assert response.status_code == 200
    return str(response.content.decode())


def test_the_page_shows_the_map_with_states_in_words_the_gaps_and_what_is_going_on(scene: Scene) -> None:
    with tenant_scope(scene.tenant):
        make_metric(scene.account)
        make_score(scene.account, 31)
        conviction_add(contact=scene.boss, about="solution", state="against", on=DAY, evidence="", at=AT, by=None)
    page = text(scene.as_(scene.viewer).get(scene.url()))
    assert "王芳 is against." in page
    assert "Tom Lind" in page
    assert 'class="word">Against' in page
    assert "Use is steady: 18 people in 28 days, 20 in the 28 before." in page
    assert "conviction/" not in page  # a viewer only reads


def test_a_touch_is_logged_with_a_next_step_said_in_words_and_shown_on_today(scene: Scene) -> None:
    form = {"kind": "meeting", "note": "Spoke", "level": "advice", "step": "两天后发报价", "contacts": [scene.boss.pk]}
    client = scene.as_(scene.csm)
    response = client.post(scene.url("touches/new/"), {**form, "on": "2026-03-09"}, follow=True)
    assert "Next: 发报价, due" in text(response)
    with tenant_scope(scene.tenant):
        step, touch = NextStep.objects.get(), Touch.objects.get()
        assert (step.text, touch.level, list(touch.contacts.all())) == ("发报价", "advice", [scene.boss])
        NextStep.objects.update(due_on=DAY)
    assert "发报价" in text(client.get(f"/t/{scene.tenant.slug}/"))
    assert "done" in text(client.post(f"/t/{scene.tenant.slug}/steps/{step.pk}/", headers={"HX-Request": "true"}))


def test_what_was_typed_stays_when_a_step_has_no_day(scene: Scene) -> None:
    form = {"kind": "call", "note": "A long note", "level": "", "step": "Send it", "on": "2026-03-09"}
    page = text(scene.as_(scene.csm).post(scene.url("touches/new/"), form))
    assert "By when?" in page
    assert "A long note" in page
    with tenant_scope(scene.tenant):
        assert not Touch.objects.exists()


def test_a_touch_is_changed_and_deleted_by_its_author_and_managers_only_and_the_trail_keeps_it(scene: Scene) -> None:
    with tenant_scope(scene.tenant):
        touch = scene.touch("First")
    form = {"kind": "visit", "note": "Second", "level": "gap", "on": "2026-03-08"}
    url = scene.url(f"touches/{touch.pk}/")
    assert scene.as_(scene.colleague).post(url, form).status_code == 403
    assert scene.as_(scene.csm).post(url, form).status_code == 302
    with tenant_scope(scene.tenant):
        touch.refresh_from_db()
        assert (touch.kind, touch.note, touch.level) == ("visit", "Second", "gap")
        assert AuditEntry.objects.get(noun="touch", action="change").changes["note"] == ["First", "Second"]
    assert scene.as_(scene.manager).post(f"{url}remove/").status_code == 302
    with tenant_scope(scene.tenant):
        assert AuditEntry.objects.get(noun="touch", action="delete").changes["note"][0] == "Second"


def walk(account: Account, **asked: Any) -> list[str]:
    """Every entry of the timeline, page by page."""
    found, cursor = [], None
    while True:
        page = timeline_page(account=account, asked=Asked(cursor=cursor, **asked))
        found += [entry.text or entry.title for entry in page.entries]
        cursor = cursor_read(page.cursor)
        if cursor is None:
            return found


@pytest.mark.parametrize(
    "query",
    [
        "until=9999-12-31",
        "until=0001-01-01",
        "from=9999-12-31",
        "cursor=9999-12-31.1.1",
        f"cursor=2026-01-01.{'9' * 99}.1",
    ],
)
def test_days_at_the_ends_of_the_calendar_are_no_fault_of_the_timeline(scene: Scene, query: str) -> None:
    assert scene.as_(scene.csm).get(scene.url(f"timeline/?{query}")).status_code == 200


@pytest.mark.parametrize(
    "place", ["portfolio", "9999-12-31", "//evil.example/", "https://evil.example/", "javascript:x"]
)
def test_a_form_leads_back_to_addresses_of_this_site_only(scene: Scene, place: str) -> None:
    answer = scene.as_(scene.csm).post(
        scene.url("touches/new/"), {"kind": "call", "on": str(DAY), "note": "Spoke", "next": place}
    )
    assert answer.status_code == 302
    assert answer["Location"].startswith(f"/t/{scene.tenant.slug}/")


def test_a_call_that_turns_out_to_have_been_a_mail_ends_no_silence_unless_it_was_answered(scene: Scene) -> None:
    with tenant_scope(scene.tenant):
        call, mail = scene.touch("Spoke"), scene.touch("Wrote", kind="mail", answered=True)
        touch_change(touch=call, values={"kind": "mail"}, at=AT, by=scene.csm)
        touch_change(touch=mail, values={"kind": "message"}, at=AT, by=scene.csm)
        assert (call.two_way, mail.two_way) == (False, True)
        touch_change(touch=call, values={"kind": "visit"}, at=AT, by=scene.csm)
        touch_change(touch=mail, values={"kind": "call", "answered": False}, at=AT, by=scene.csm)
        assert (call.two_way, mail.two_way) == (True, True)


def test_the_timeline_walks_over_everything_once_newest_first(scene: Scene) -> None:
    with tenant_scope(scene.tenant):
        for number in range(2 * PAGE + 5):
            scene.touch(f"note {number}", back=number // 3)
        make_alert(scene.account)
        for back, band in ((3, "green"), (2, "red"), (1, "red"), (0, "amber")):
            make_score(scene.account, 50, band, day=DAY - timedelta(days=back))
        scene.account.refresh_from_db()
        found = walk(scene.account)
        notes = [note for note in found if note.startswith("note ")]
        assert sorted(notes) == sorted(f"note {number}" for number in range(2 * PAGE + 5))
        assert len(found) == len(notes) + 1 + 2 + 3  # an alert, two changes of band, three rows made
        assert len(walk(scene.account, kinds=frozenset({"band"}))) == 2
        assert walk(scene.account, first=DAY, kinds=frozenset({"call"})) == ["note 2", "note 1", "note 0"]


def test_the_timeline_says_what_was_set_changed_and_removed_without_an_arrow_to_nothing(scene: Scene) -> None:
    with tenant_scope(scene.tenant):
        for place, industry in enumerate(("Mining", "Energy", "")):
            at = AT + timedelta(hours=place)
            account_change(account=scene.account, values={"industry": industry}, at=at, by=None)
        page = timeline_page(account=scene.account, asked=Asked(kinds=frozenset({"change"})))
    said = [entry.text for entry in page.entries if "industry" in entry.text]
    assert said == ["industry: Energy removed", "industry: Mining → Energy", "industry: Mining"]


def test_the_timeline_is_searched_in_both_languages_and_by_person(scene: Scene) -> None:
    with tenant_scope(scene.tenant):
        scene.touch("演示质检追溯", contacts=[scene.boss])
        scene.touch("Import of orders")
    client = scene.as_(scene.csm)
    page = text(client.get(scene.url("timeline/"), {"q": "质检"}))
    assert "演示质检追溯" in page
    assert "Import of orders" not in page
    page = text(client.get(scene.url("timeline/"), {"person": scene.boss.pk}))
    assert "演示质检追溯" in page
    assert "Import of orders" not in page
    assert "Nothing here is like that" in text(client.get(scene.url("timeline/"), {"q": "nowhere"}))
    for odd in ("cursor=x", "cursor=2026-03-09.9.9", "from=banana", "person=abc", "kind=nothing", "q=%00"):
        assert client.get(scene.url("timeline/") + "?" + odd).status_code == 200


def test_each_figure_stands_beside_the_median_of_the_segment(scene: Scene) -> None:
    with tenant_scope(scene.tenant):
        for mau, segment in ((20, ""), (10, "Big"), (16, "Big"), (999, "Small")):
            account = make_account(scene.tenant, segment=segment) if segment else scene.account
            make_metric(account, mau=mau)
    page = text(scene.as_(scene.viewer).get(scene.url("compare/")))
    row = page.split("Monthly active users</button>")[1].split("</tr>")[0]
    assert '<td class="n">20</td><td class="n">16</td>' in row
    assert "above" in row


def test_the_palette_finds_touches_and_logs_one_but_not_out_of_sight(scene: Scene) -> None:
    with tenant_scope(scene.tenant):
        scene.touch("演示质检追溯")
    url = f"/t/{scene.tenant.slug}/palette?q="
    asked = {"HX-Request": "true"}
    assert "演示质检追溯" in text(scene.as_(scene.csm).get(url + "质检", headers=asked))
    assert "touches/new/" in text(scene.as_(scene.csm).get(url + "one", headers=asked))
    assert "touches/new/" not in text(scene.as_(scene.viewer).get(url + "one", headers=asked))
    scene.tenant.csms_see_own_only = True
    scene.tenant.save()
    assert "演示质检追溯" not in text(scene.as_(scene.colleague).get(url + "质检", headers=asked))


def test_the_number_of_queries_of_the_page_does_not_grow_with_people_and_touches(
    scene: Scene, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, counts = scene.as_(scene.manager), []
    for round_ in range(2):
        with tenant_scope(scene.tenant):
            for number in range(2 if not round_ else 15):
                person = scene.person(f"P {round_} {number}", reports_to=scene.boss)
                scene.touch("x", contacts=[person], step="do", step_due=DAY)
        client.get(scene.url())
        with CaptureQueriesContext(connection) as captured:
            text(client.get(scene.url()))
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_levels_page_and_its_csv_agree(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portfolio.views.levels.today_of", lambda _tenant: DAY)
    with tenant_scope(scene.tenant):
        for level in ("advice", "advice", "solve", ""):
            scene.touch("x", level=level)
    client = scene.as_(scene.viewer)
    assert "50% business advice" in text(client.get(f"/t/{scene.tenant.slug}/levels/"))
    lines = text(client.get(f"/t/{scene.tenant.slug}/levels/data.csv")).splitlines()
    assert sorted(lines[1:]) == sorted(
        f"2026-03-09,Mina,{row}" for row in ("Business advice,2", "Problem solved,1", "No level given,1")
    )


def test_an_uploaded_message_becomes_a_touch_once(scene: Scene) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    raw = "From: wang@example.com\nSubject: 你好\nContent-Type: text/plain; charset=utf-8\n\n质检很好用".encode()
    for said in ("The message is filed.", "filed before"):
        file = SimpleUploadedFile("a.eml", raw)
        response = scene.as_(scene.csm).post(scene.url("mail/"), {"file": file}, follow=True)
        assert said in text(response)
    with tenant_scope(scene.tenant):
        assert Touch.objects.get().note == "质检很好用"


def api(scene: Scene, method: str, path: str, body: Any = None) -> Any:
    headers = {"Authorization": f"Bearer {scene.made.api_key}"}
    more = {} if body is None else {"data": body, "content_type": "application/json"}
    return getattr(Client(), method)(f"/api/v1/{path}", headers=headers, **more)


def test_contacts_and_touches_are_upserted_and_listed_over_the_api(scene: Scene) -> None:
    rows = [{"external_id": "x", "account_external_id": "one", "name": "Xia", "roles": ["it"], "reports_to": "p-1"}]
    assert api(scene, "post", "contacts/bulk/", rows).json()["created"] == 1
    assert api(scene, "post", "contacts/bulk/", rows).json()["unchanged"] == 1
    found = api(scene, "get", "contacts/?external_id=x").json()["results"]
    assert [(one["name"], one["reports_to"], one["account_external_id"]) for one in found] == [("Xia", "p-1", "one")]
    touch = {"external_id": "t", "account_external_id": "one", "kind": "mail", "on": "2026-03-08", "note": "Hello"}
    more = {"contacts": ["x"], "step": "Answer", "step_due": "2026-03-20"}
    assert api(scene, "post", "touches/", {**touch, **more}).status_code == 201
    assert api(scene, "post", "touches/", touch).status_code == 400
    again = api(scene, "post", "touches/bulk/", [{**touch, "answered": True}, {**touch, "answered": True}]).json()
    assert (again["changed"], again["unchanged"]) == (1, 1)
    [shown] = api(scene, "get", "touches/?account=one").json()["results"]
    assert (shown["two_way"], shown["steps"][0]["text"], shown["contacts"][0]["external_id"]) == (True, "Answer", "x")


@pytest.mark.parametrize(
    ("path", "row", "word"),
    [
        ("contacts", {"external_id": "x", "account_external_id": "gone", "name": "X"}, "account_external_id"),
        ("contacts", {"external_id": "x", "account_external_id": "one", "nam": "X"}, "nam"),
        ("contacts", {"external_id": "x", "name": "X"}, "account_external_id"),
        ("contacts", {"external_id": "p-1", "reports_to": "nobody"}, "reports_to"),
        ("contacts", {"external_id": "p-1", "roles": ["king"]}, "roles"),
        ("touches", {"external_id": "t", "account_external_id": "one", "kind": "call"}, "note"),
        ("touches", {"external_id": "t", "account_external_id": "one", "contacts": ["no"]}, "contacts"),
        (
            "touches",
            {"external_id": "t", "account_external_id": "one", "kind": "call", "on": "2999-01-01", "note": "x"},
            "future",
        ),
    ],
)
def test_a_refused_row_says_why_and_nothing_of_its_list_is_applied(
    scene: Scene, path: str, row: dict[str, Any], word: str
) -> None:
    good = {"external_id": "good", "account_external_id": "one"}
    good |= {"name": "G"} if path == "contacts" else {"kind": "call", "on": "2026-03-08", "note": "x"}
    response = api(scene, "post", f"{path}/bulk/", [good, row])
    assert response.status_code == 400
    assert word in response.content.decode()
    with tenant_scope(scene.tenant):
        assert not Touch.objects.exists()
        assert not Contact.objects.filter(external_id="good").exists()

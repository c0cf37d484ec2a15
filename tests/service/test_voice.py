"""The voice of the customer: who wants what, the money behind it, who was told; rivals; cases where they fit."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Touch
from accounts.selectors import visible_to
from accounts.services import feature_save, rate_set
from service.models import Request, Wish
from service.selectors.voice import Asked, cases_fitting, request_list, voice_facts, wanted_of
from service.services import (
    RequestMove,
    case_save,
    request_merge,
    request_move,
    request_save,
    request_tell,
    rival_save,
    wish_add,
)
from service.services.voice import MOVES
from tenants.models import Role
from tenants.scope import tenant_scope
from tenants.services import key_create
from tests.factories import AT, DAY, make_account, make_member, make_tenant
from tests.portfolio.world import close_day, make_metric, signed_in


class Scene:
    """Two accounts that want the same, and those who look after them."""

    def __init__(self) -> None:
        self.tenant = make_tenant().tenant
        with tenant_scope(self.tenant):
            self.csm, self.viewer = make_member(Role.CSM, "Mina"), make_member(Role.VIEWER)
            self.one = make_account(
                self.tenant, "one", csm=self.csm, arr=Decimal("1000.10"), currency="EUR", industry="Food"
            )
            self.two = make_account(self.tenant, "two", csm=self.csm, arr=Decimal("3000.03"), currency="USD")
            self.wanted = request_save(values={"title": "Photos"}, at=AT, by=self.csm)
            for account in (self.one, self.two):
                self.wish(self.wanted, account)

    def wish(self, request: Request, account: Account, note: str = "") -> Wish:
        return wish_add(request=request, account=account, since=DAY, note=note, at=AT, by=self.csm)[0]

    def plan(self, answer: str = "In spring", state: str = "planned") -> None:
        request_move(request=self.wanted, state=state, answer=answer, at=AT, by=self.csm)

    def read(self) -> Any:
        accounts = visible_to(self.csm)
        return wanted_of(requests=[self.wanted], accounts=accounts, currency="EUR", day=DAY)[0]

    def tell(self, *accounts: Account) -> int:
        wishes = Wish.objects.filter(account__in=accounts).select_related("account", "contact")
        return request_tell(request=self.wanted, wishes=wishes, kind="mail", on=DAY, at=AT, by=self.csm)


@pytest.fixture
def scene(db: None) -> Scene:
    return Scene()


def test_the_arr_behind_is_exact_in_the_tenants_currency_and_names_what_it_cannot_price(scene: Scene) -> None:
    with tenant_scope(scene.tenant):
        assert (scene.read().money.arr, scene.read().money.unpriced) == (Decimal("1000.10"), 1)
        rate_set(tenant=scene.tenant, currency="USD", day=DAY, rate=Decimal("0.3333333333"), at=AT, by=None)
        assert (scene.read().money.arr, scene.read().money.unpriced) == (Decimal("2000.11"), 0)


def test_a_request_moves_only_along_its_ways_and_an_answer_is_demanded_where_customers_hear_one(scene: Scene) -> None:
    with tenant_scope(scene.tenant):
        with pytest.raises(ValidationError, match="answer"):
            scene.plan(answer=" ")
        scene.plan()
        scene.plan(state="done", answer="It is there")
        with pytest.raises(RequestMove, match="Being looked at"):
            scene.plan(state="new")
        assert {way for ways in MOVES.values() for way in ways} | {"new", "merged"} == set(Request.State.values)


def test_every_account_that_asked_is_told_once_by_a_touch_and_again_after_a_newer_answer(scene: Scene) -> None:
    with tenant_scope(scene.tenant):
        with pytest.raises(ValidationError, match="no answer yet"):
            scene.tell(scene.one)
        scene.plan()
        assert scene.tell(scene.one) == 1
        assert scene.tell(scene.one, scene.two) == 1
        assert scene.tell(scene.one, scene.two) == 0
        assert Touch.objects.count() == 2
        touch = Touch.objects.filter(account=scene.one).get()
        assert (touch.note, touch.two_way) == ("Photos: In spring", False)
        assert (scene.read().told, scene.read().untold) == (2, 0)
        scene.plan(answer="In summer")
        assert (scene.read().told, scene.read().untold) == (0, 2)


def test_a_duplicate_is_merged_with_its_accounts_and_later_wishes_for_it_follow(scene: Scene) -> None:
    with tenant_scope(scene.tenant):
        scene.plan()
        twin = request_save(values={"title": "Pictures"}, at=AT, by=scene.csm)
        three = make_account(scene.tenant, "three")
        scene.wish(twin, scene.one, "with a camera")
        scene.wish(twin, three)
        assert request_merge(request=twin, into=scene.wanted, at=AT, by=scene.csm) == 1
        assert Wish.objects.get(account=scene.one).note == "with a camera"
        four = make_account(scene.tenant, "four")
        assert scene.wish(twin, four).request == scene.wanted
        assert Wish.objects.filter(request=scene.wanted).count() == 4
        with pytest.raises(ValidationError):
            request_merge(request=scene.wanted, into=twin, at=AT, by=scene.csm)
        shown = request_list(asked=Asked(), accounts=visible_to(scene.csm), currency="EUR", day=DAY)
        assert [one.request.pk for one in shown] == [scene.wanted.pk]


def test_cases_of_the_industry_come_first_and_drafts_and_the_own_case_never(scene: Scene) -> None:
    with tenant_scope(scene.tenant):
        feature = feature_save(values={"key": "mobile", "name": "Mobile"}, at=AT, by=None)
        said: dict[str, Any] = {"result_en": "More", "features": [feature]}
        drafted = {"industry": "Food", "published": False}
        titled: dict[str, dict[str, Any]] = {"Other": {"industry": "Steel"}, "Any": {}, "Fits": {"industry": "Food"}}
        titled["Draft"] = drafted
        for title, more in (*titled.items(), ("Own", {"account": scene.one})):
            case_save(values={"title_en": title, **said, **more}, at=AT, by=None)
        found = cases_fitting(account=scene.one, features={feature.pk})
        assert [case.title for case in found[feature.pk]] == ["Fits", "Any"]
        with pytest.raises(ValidationError, match="language"):
            case_save(values={"title_en": "Half", "result_zh": "半"}, at=AT, by=None)


def test_facts_count_open_requests_and_rivals_that_are_not_gone(scene: Scene) -> None:
    with tenant_scope(scene.tenant):
        rival_save(values={"name": "A"}, account=scene.one, at=AT, by=scene.csm)
        rival_save(values={"name": "B", "since": DAY, "gone_on": DAY}, account=scene.one, at=AT, by=scene.csm)
        facts = voice_facts(DAY, [scene.one.pk])
        assert facts == {"requests_open": {scene.one.pk: 1}, "rivals_seen": {scene.one.pk: 1}}
        scene.plan(state="declined", answer="No")
        assert voice_facts(DAY, None)["requests_open"] == {}


def test_the_pages_note_tell_and_show_who_is_not_told_and_a_viewer_only_reads(scene: Scene) -> None:
    client, root = signed_in(scene.csm), f"/t/{scene.tenant.slug}"
    form = {"title": "photos", "note": "For complaints", "since": "2026-03-09"}
    client.post(f"{root}/account/{scene.one.pk}/requests/new/", form)
    client.post(f"{root}/account/{scene.one.pk}/requests/new/", {**form, "title": "Dark mode"})
    client.post(f"{root}/account/{scene.one.pk}/rivals/new/", {"name": "PlanMaster", "area": "Purchasing"})
    part = client.get(f"{root}/account/{scene.one.pk}/voice/").content.decode()
    assert all(text in part for text in ("Photos", "For complaints", "Dark mode", "PlanMaster", "seen by Mina"))
    page = f"{root}/requests/{scene.wanted.pk}/"
    assert "Write the answer" in client.post(f"{page}state/", {"state": "done", "answer": ""}).content.decode()
    client.post(f"{page}state/", {"state": "done", "answer": "It is there"})
    with tenant_scope(scene.tenant):
        wish = Wish.objects.get(request=scene.wanted, account=scene.two)
    client.post(f"{page}tell/", {"kind": "wecom", "on": "2026-03-09", "pick": wish.pk, "text": "Have a look"})
    with tenant_scope(scene.tenant):
        later = [make_account(scene.tenant, name, csm=scene.csm) for name in ("three", "four")]
    added = client.post(f"{page}accounts/", {"pick": [one.pk for one in later]}, follow=True).content.decode()
    assert "2 accounts are added." in added
    shown = signed_in(scene.viewer).get(page).content.decode()
    assert shown.index('id="untold"') < shown.index("One") < shown.index('id="told"') < shown.index("Two")
    assert "Tell the picked" not in shown
    assert "Photos" in client.get(f"{root}/requests/?state=untold").content.decode()


def test_unused_features_are_shown_with_the_case_that_fits_in_the_readers_language(scene: Scene) -> None:
    with tenant_scope(scene.tenant):
        close_day(scene.tenant)
        feature = feature_save(values={"key": "mobile", "name": "Mobile"}, at=AT, by=None)
        make_metric(scene.one, features_unused=[feature.pk])
        values = {"title_en": "Scan", "result_en": "Less search", "title_zh": "扫码", "result_zh": "少找货"}
        case, _new = case_save(values={**values, "features": [feature], "industry": "Food"}, at=AT, by=None)
    client, url = signed_in(scene.viewer), f"/t/{scene.tenant.slug}/account/{scene.one.pk}/gap/"
    assert "Less search" in client.get(url).content.decode()
    client.cookies["django_language"] = "zh-hans"
    assert "少找货" in client.get(url).content.decode()
    page = client.get(f"/t/{scene.tenant.slug}/cases/{case.pk}/").content.decode()
    assert 'id="share-en"' in page
    assert 'id="share-zh-hans"' in page


def test_the_list_asks_as_often_for_twenty_requests_as_for_two(scene: Scene) -> None:
    client, url = signed_in(scene.csm), f"/t/{scene.tenant.slug}/requests/"
    client.get(url)
    counts = []
    for number in (1, 19):
        with tenant_scope(scene.tenant):
            for n in range(number):
                scene.wish(request_save(values={"title": f"R {number} {n}"}, at=AT, by=scene.csm), scene.one)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_api_upserts_twice_as_once_and_refuses_by_row(scene: Scene) -> None:
    scopes = ["requests:read", "requests:write", "cases:read", "cases:write"]
    with tenant_scope(scene.tenant):
        _key, secret = key_create(kind="api", name="x", scopes=scopes, by=None, at=AT)

    def post(path: str, rows: Any) -> Any:
        headers = {"Authorization": f"Bearer {secret}"}
        return Client().post(f"/api/v1/{path}", rows, content_type="application/json", headers=headers)

    row = {"external_id": "r1", "title": "API", "state": "planned", "answer": "Soon", "accounts": ["one", "two"]}
    case = {"external_id": "c1", "title_en": "C", "result_en": "R", "industry": "Food"}
    for fate in ("created", "unchanged"):
        assert post("requests/bulk/", [row]).json()[fate] == 1
        assert post("cases/bulk/", [case]).json()[fate] == 1
    refused = post("requests/bulk/", [row, {"external_id": "r2", "title": "X", "state": "done"}])
    assert refused.status_code == 400
    assert "answer" in str(refused.json())
    assert post("requests/bulk/", [{**row, "accounts": ["nobody"]}]).status_code == 400
    headers = {"Authorization": f"Bearer {secret}"}
    listed = Client().get("/api/v1/requests/?external_id=r1", headers=headers).json()["results"][0]
    assert [one["told"] for one in listed["accounts"]] == [False, False]

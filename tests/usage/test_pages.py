"""The pages of features and of the intake: what the admin does there, what others see, and that rows cost nothing."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from accounts.models import Feature
from tenants.models import Member, Role
from tenants.scope import tenant_scope
from tenants.services import NewTenant
from tests.factories import make_member, make_tenant
from tests.usage.world import at, call, receive, send, work_off
from usage.intake.hints import hints
from usage.models import FeatureName, LoginName, Rejected

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def hinted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    given: list[int] = []
    monkeypatch.setattr(hints, "give", given.append)
    return given


@pytest.fixture
def made() -> NewTenant:
    return make_tenant("acme", timezone="UTC")


@pytest.fixture
def admin(made: NewTenant) -> Client:
    client = Client()
    client.force_login(made.admin.user)
    return client


def page(client: Client, path: str) -> str:
    response = client.get(f"/t/acme/{path}")
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_an_admin_makes_a_feature_from_an_event_that_counts_for_nothing(made: NewTenant, admin: Client) -> None:
    send(made.tenant, call("group", "u", at(9), groupId="g"), call("track", "u", at(1), event="Bericht & Co"))
    form = page(admin, "features/new/?name=Bericht+%26+Co")
    assert form.count("Bericht &amp; Co") >= 2
    sent = {
        "name": "Reports",
        "key": "reports",
        "core": "on",
        "target_uses": "2",
        "event_names": "Bericht & Co\n\n Other ",
    }
    response = admin.post("/t/acme/features/new/", sent)
    assert response.status_code == 302
    with tenant_scope(made.tenant):
        feature = Feature.objects.get()
        assert (feature.key, feature.core, feature.entitled_by_default, feature.target_uses) == (
            "reports",
            True,
            False,
            Decimal(2),
        )
        assert set(FeatureName.objects.values_list("event_name", flat=True)) == {"Bericht & Co", "Other"}
    assert "Reports" in page(admin, "features/")


def test_a_taken_key_and_a_bad_target_are_refused_and_what_was_typed_stays(made: NewTenant, admin: Client) -> None:
    admin.post("/t/acme/features/new/", {"name": "One", "key": "one"})
    response = admin.post("/t/acme/features/new/", {"name": "Two words", "key": "one", "target_uses": "-1"})
    assert response.status_code == 200
    text = response.content.decode()
    assert "exists already" in text
    assert "Two words" in text
    with tenant_scope(made.tenant):
        assert Feature.objects.count() == 1


def test_an_admin_changes_a_feature_and_its_key_stays(made: NewTenant, admin: Client) -> None:
    admin.post("/t/acme/features/new/", {"name": "One", "key": "one", "event_names": "A"})
    with tenant_scope(made.tenant):
        pk = Feature.objects.get().pk
    assert ">A" in page(admin, f"features/{pk}/")
    admin.post(f"/t/acme/features/{pk}/", {"name": "First", "key": "other", "event_names": "B"})
    with tenant_scope(made.tenant):
        feature = Feature.objects.get()
        assert (feature.name, feature.key) == ("First", "one")
        assert list(FeatureName.objects.values_list("event_name", flat=True)) == ["B"]


def test_logins_are_listed_and_the_workers_are_hinted_at(
    made: NewTenant, admin: Client, hinted: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        admin.post("/t/acme/features/logins/", {"names": "Signed in\nSigned in\nLogged in"})
    with tenant_scope(made.tenant):
        assert set(LoginName.objects.values_list("event_name", flat=True)) == {"Signed in", "Logged in"}
    assert hinted == [made.tenant.pk]
    assert "Signed in" in page(admin, "features/")


def test_a_reader_sees_features_and_no_way_to_change_them(made: NewTenant, admin: Client) -> None:
    admin.post("/t/acme/features/new/", {"name": "Reports", "key": "reports"})
    with tenant_scope(made.tenant):
        viewer: Member = make_member(Role.VIEWER)
    client = Client()
    client.force_login(viewer.user)
    text = page(client, "features/")
    assert "Reports" in text
    assert "features/new" not in text
    assert "features/logins" not in text


def test_the_intake_shows_what_is_parked_and_rejected_and_replays_it(
    made: NewTenant, admin: Client, hinted: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    send(
        made.tenant,
        call("track", "u", at(1), groupId="<later>"),
        call("perform", "u", at(1), more="<script>"),
        call("track", None, at(1)),
    )
    text = page(admin, "intake/")
    assert "&lt;later&gt;" in text
    assert '<script>"' not in text
    assert "neither a userId" in text
    only = page(admin, "intake/?reason=no_id")
    assert only.count("neither a userId") == 1
    assert "none of track" not in only
    with tenant_scope(made.tenant):
        one = Rejected.objects.get(reason="no_id")
    with django_capture_on_commit_callbacks(execute=True):
        assert admin.post("/t/acme/intake/again/", {"pk": str(one.pk)}).status_code == 302
        assert admin.post("/t/acme/intake/again/", {"reason": "unknown_type"}).status_code == 302
    assert hinted == [made.tenant.pk] * 2
    work_off(made.tenant)
    with tenant_scope(made.tenant):
        assert Rejected.objects.filter(replayed_at=None).count() == 2
        assert Rejected.objects.exclude(replayed_at=None).count() == 2


def test_a_replay_of_nothing_or_of_nonsense_is_not_found(admin: Client) -> None:
    for pk in ("0", "x", "9" * 30, "²"):
        assert admin.post("/t/acme/intake/again/", {"pk": pk}).status_code == 404


def test_both_pages_speak_chinese(made: NewTenant, admin: Client) -> None:
    receive(made.tenant, [call("perform", "u", at(1))])
    work_off(made.tenant)
    made.admin.user.language = "zh-hans"
    made.admin.user.save()
    with override("zh-hans"):
        headers = {"Accept-Language": "zh-hans"}
        assert "功能" in admin.get("/t/acme/features/", headers=headers).content.decode()
        assert "数据接入" in admin.get("/t/acme/intake/", headers=headers).content.decode()


@pytest.mark.parametrize("path", ["features/", "intake/"])
def test_a_page_asks_as_often_for_two_rows_as_for_twenty(
    path: str, made: NewTenant, admin: Client, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def grow(first: int, last: int) -> None:
        for number in range(first, last):
            admin.post(
                "/t/acme/features/new/", {"name": f"F{number}", "key": f"f{number}", "event_names": f"E{number}"}
            )
            send(
                made.tenant, call("track", "u", at(1), event=f"N{number}", groupId=f"g{number}"), call("x", "u", at(1))
            )

    grow(0, 2)
    page(admin, path)
    with CaptureQueriesContext(connection) as few:
        page(admin, path)
    asked = len(few)
    assert asked > 5
    grow(2, 20)
    with django_assert_num_queries(asked):
        page(admin, path)


def test_users_who_belong_to_no_account_are_shown_until_a_group_call_says_where(made: NewTenant, admin: Client) -> None:
    send(made.tenant, call("track", "lost-one", at(1)), call("track", "member", at(1), groupId="known"))
    text = page(admin, "intake/")
    assert "<code>lost-one</code>" in text
    assert "<code>member</code>" not in text
    send(made.tenant, call("group", "lost-one", at(9), groupId="known"))
    assert "lost-one" not in page(admin, "intake/")


def test_a_feature_made_from_an_event_has_an_identifier_to_begin_with(admin: Client) -> None:
    assert 'value="report-viewed"' in page(admin, "features/new/?name=Report+Viewed")


def test_a_rejected_item_without_a_message_id_shows_none(made: NewTenant, admin: Client) -> None:
    send(made.tenant, {"type": "track", "event": "A"})
    with tenant_scope(made.tenant):
        assert Rejected.objects.get().message_id == ""

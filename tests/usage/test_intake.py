"""The tracking API as SDKs meet it: every captured conversation, every answer they act upon."""

import base64
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from tenants.models import Key, Member
from tenants.scope import tenant_scope
from tenants.services import NewTenant, key_revoke, tenant_create
from tests.usage.world import RECEIVED, work_off
from usage.intake import views
from usage.intake.hints import hints
from usage.models import EndUser, Event, Group, IntakeBody, Rejected

pytestmark = [pytest.mark.django_db, pytest.mark.urls("usage.urls_intake")]

CAPTURES = Path(__file__).parent.parent / "data" / "sdk_captures"
CALLS = ["batch", "track", "identify", "group", "page", "screen", "alias"]
ITEM = {"userId": "u", "event": "e", "groupId": "g", "previousId": "p", "type": "track"}


@pytest.fixture(autouse=True)
def hinted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The tenants for which workers were hinted at; nothing is sent."""
    given: list[int] = []
    monkeypatch.setattr(hints, "give", given.append)
    return given


@pytest.fixture
def made() -> NewTenant:
    return tenant_create(
        slug="acme",
        name="Acme",
        timezone="UTC",
        language="en",
        currency="USD",
        admin_email="admin@acme.example",
        at=RECEIVED,
    )


def basic(key: str) -> str:
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


def post(body: bytes, key: str | None, path: str = "/v1/batch", **headers: str) -> Any:
    if key is not None:
        headers["Authorization"] = basic(key)
    kind = headers.pop("content_type", "application/json")
    return Client(enforce_csrf_checks=True).post(path, body, content_type=kind, headers=headers)


def kept(made: NewTenant) -> int:
    with tenant_scope(made.tenant):
        return IntakeBody.objects.count()


def requests() -> Iterator[Any]:
    for path in sorted(CAPTURES.glob("*.json")):
        if path.stem == "summary" or path.stem.startswith("posthog"):
            continue
        for number, request in enumerate(json.loads(path.read_text())["requests"]):
            yield pytest.param(request, id=f"{path.stem}-{number}")


@pytest.mark.parametrize("request_", list(requests()))
def test_every_captured_request_is_answered_as_its_sdk_needs(request_: dict[str, Any], made: NewTenant) -> None:
    headers = {name.lower(): value for name, value in request_["headers"].items()}
    raw = json.dumps(request_["body"]).replace("WRITE_KEY", made.write_key).encode() if request_["body"] else b""
    if headers.get("content-encoding") == "gzip":
        raw = gzip.compress(raw)
    sent = {name: value for name, value in headers.items() if name not in ("content-length", "host", "authorization")}
    sent["authorization"] = basic(made.write_key)
    client = Client(enforce_csrf_checks=True, headers=sent)
    if request_["method"] == "GET":
        assert client.get(request_["path"]).status_code == 405
        return
    kind = headers["content-type"]
    response = client.generic("POST", request_["path"], raw, content_type=kind)
    assert (response.status_code, response.json()) == (200, {"success": True})
    with tenant_scope(made.tenant):
        IntakeBody.objects.update(received_at=_when(request_))
    work_off(made.tenant)
    with tenant_scope(made.tenant):
        # one capture holds an event of 2025, older than the retention when it was recorded
        assert not Rejected.objects.exclude(reason="out_of_range_past").exists()
        assert Event.objects.count() + Rejected.objects.count() == len(request_["body"]["batch"])


def _when(request_: dict[str, Any]) -> Any:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(request_["t"], UTC)


@pytest.mark.parametrize("name", ["segment_py_calls", "segment_node_calls", "rudder_py_calls", "rudder_node_calls"])
def test_what_an_sdk_says_with_its_seven_calls_ends_where_it_belongs(name: str, made: NewTenant) -> None:
    for request_ in json.loads((CAPTURES / f"{name}.json").read_text())["requests"]:
        assert post(json.dumps(request_["body"]).encode(), made.write_key).status_code == 200
    with tenant_scope(made.tenant):
        IntakeBody.objects.update(received_at=_when(request_))
    work_off(made.tenant)
    with tenant_scope(made.tenant):
        assert Group.objects.get().external_id == "acct-42"
        assert Group.objects.get().account is not None
        user = EndUser.objects.get(external_id="u-1")
        assert user.email == "ada@example.com"
        used = Event.objects.filter(kind__lte=3, end_user=user, group=Group.objects.get())
        assert "Report Viewed" in {event.name.name for event in used.select_related("name")}


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("call", CALLS)
def test_every_call_answers_200_with_and_without_a_slash(call: str, slash: str, made: NewTenant) -> None:
    body = {"batch": [ITEM]} if call == "batch" else ITEM
    response = post(json.dumps(body).encode(), made.write_key, f"/v1/{call}{slash}")
    assert (response.status_code, response.json()) == (200, {"success": True})
    assert kept(made) == 1


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "head"])
def test_other_methods_are_405_and_never_a_redirect(method: str) -> None:
    for path in ("/v1/batch", "/v1/batch/"):
        response = getattr(Client(), method)(path)
        assert (response.status_code, response["Allow"]) == (405, "POST, OPTIONS")


def test_a_browser_may_ask_first() -> None:
    response = Client().options("/v1/track", headers={"Origin": "https://app.example"})
    assert (response.status_code, response["Access-Control-Allow-Origin"]) == (204, "*")


def test_the_key_comes_from_basic_authentication_else_from_the_body(made: NewTenant) -> None:
    body = {"batch": [ITEM], "writeKey": made.write_key}
    assert post(json.dumps(body).encode(), None).status_code == 200
    assert post(json.dumps(body).encode(), "").status_code == 200
    assert post(json.dumps({"batch": [ITEM], "writeKey": "other"}).encode(), made.write_key).status_code == 200


def test_a_wrong_missing_or_revoked_key_and_one_of_another_kind_are_401(made: NewTenant) -> None:
    body = json.dumps({"batch": [ITEM]}).encode()
    for key in (None, "", "wk_wrong", "é", made.api_key):
        assert post(body, key).status_code == 401
    assert Client().post("/v1/batch", body, "application/json", headers={"Authorization": "Basic ?"}).status_code == 401
    right_in_body = json.dumps({"batch": [ITEM], "writeKey": made.write_key}).encode()
    assert post(right_in_body, "wk_wrong").status_code == 401
    with tenant_scope(made.tenant):
        write_key = Key.objects.get(kind=Key.Kind.WRITE)
        key_revoke(key=write_key, by=Member.objects.get(), at=RECEIVED)
    assert post(body, made.write_key).status_code == 401
    assert kept(made) == 0


def test_a_tenant_that_was_switched_off_takes_nothing(made: NewTenant) -> None:
    made.tenant.is_active = False
    made.tenant.save()
    assert post(json.dumps({"batch": [ITEM]}).encode(), made.write_key).status_code == 401


def test_a_malformed_body_is_400_with_the_position(made: NewTenant) -> None:
    response = post(b'{"batch": [\n  {"type" 1}]}', made.write_key)
    assert response.status_code == 400
    assert (response.json()["line"], response.json()["column"]) == (2, 11)
    assert post(gzip.compress(b'{"batch":[]}')[:-4], made.write_key).status_code == 400
    assert post(b"", made.write_key).status_code == 400


def test_a_body_over_five_megabytes_is_413_packed_or_not(made: NewTenant) -> None:
    large = json.dumps({"batch": [{**ITEM, "properties": {"pad": "x" * 5_300_000}}]}).encode()
    assert post(large, made.write_key).status_code == 413
    assert post(gzip.compress(large), made.write_key).status_code == 200
    assert post(gzip.compress(bytes(40_000_000)), made.write_key).status_code == 413


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data", "nonsense"])
def test_gzip_is_seen_by_its_bytes_whatever_the_headers_say(kind: str, made: NewTenant) -> None:
    body = json.dumps({"batch": [ITEM]}).encode()
    assert post(gzip.compress(body), made.write_key, content_type=kind).status_code == 200
    assert post(body, made.write_key, content_type=kind, **{"Content-Encoding": "gzip"}).status_code == 200
    assert kept(made) == 2


def test_bad_input_never_loses_the_rest_of_its_batch(made: NewTenant) -> None:
    good = {**ITEM, "timestamp": "2026-06-30T11:00:00Z", "type": "track", "messageId": "good"}
    bad = [
        {**good, "messageId": "m1", "type": None},
        {**good, "messageId": "m2", "userId": None},
        {**good, "messageId": "m3", "timestamp": "1970-01-01T00:00:00Z"},
        {**good, "messageId": "m4", "timestamp": "9999-01-01T00:00:00Z"},
        "text",
        None,
    ]
    odd = [
        {**good, "messageId": None},
        {**good, "messageId": "m5", "properties": {"nul": "a\x00b", "half": "\ud800", "nan": float("nan")}},
        {**good, "messageId": "m6", "properties": {"pad": "x" * 40_000}},
        {**good, "messageId": {"shape": ["any"]}},
        {**good, "messageId": "m7", "event": "n\x00l", "userId": "\udfff"},
    ]
    assert post(json.dumps({"batch": [*bad, good, *odd]}).encode(), made.write_key).status_code == 200
    with tenant_scope(made.tenant):
        IntakeBody.objects.update(received_at=RECEIVED)
    work_off(made.tenant)
    with tenant_scope(made.tenant):
        assert Event.objects.count() == 1 + len(odd)
        reasons = sorted(Rejected.objects.values_list("reason", flat=True))
        expected = ["no_id", "no_type", "not_an_object", "not_an_object", "out_of_range_future", "out_of_range_past"]
        assert reasons == expected
        stored = Event.objects.exclude(properties=None).values_list("properties", flat=True)
        assert {"nul": "a\ufffdb", "half": "\ufffd", "nan": None} in list(stored)


def test_the_workers_are_hinted_at_after_the_row_is_stored(made: NewTenant, hinted: list[int]) -> None:
    post(json.dumps({"batch": [ITEM]}).encode(), made.write_key)
    assert hinted == [made.tenant.pk]
    post(b"no json", made.write_key)
    assert hinted == [made.tenant.pk]


def test_without_the_database_the_answer_is_503_and_asks_to_come_again(
    made: NewTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_kwargs: object) -> None:
        raise OperationalError("the database system is shutting down")

    monkeypatch.setattr(views, "body_keep", away)
    monkeypatch.setattr(connection, "close", lambda: None)
    response = post(json.dumps({"batch": [ITEM]}).encode(), made.write_key)
    assert (response.status_code, response["Retry-After"]) == (503, "10")


def test_only_beyond_a_very_large_backlog_is_the_answer_429(made: NewTenant, settings: Any) -> None:
    body = json.dumps({"batch": [ITEM]}).encode()
    assert post(body, made.write_key).status_code == 200
    settings.INTAKE_BACKLOG_LIMIT = -1
    response = post(body, made.write_key)
    assert (response.status_code, response["Retry-After"]) == (429, "10")


def test_the_use_of_a_key_is_remembered(made: NewTenant) -> None:
    post(json.dumps({"batch": [ITEM]}).encode(), made.write_key)
    with tenant_scope(made.tenant):
        assert Key.objects.get(kind=Key.Kind.WRITE).last_used_at is not None


def test_a_request_costs_few_statements(made: NewTenant, django_assert_num_queries: Any) -> None:
    body = json.dumps({"batch": [ITEM] * 50}).encode()
    post(body, made.write_key)
    with django_assert_num_queries(4):  # the door, a savepoint (BEGIN outside tests), the row, its release
        post(body, made.write_key)

"""Every operation of the API: its filters, its pages, and the one shape in which it refuses."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from tenants.scope import tenant_scope
from tenants.scopes import API_SCOPES
from tenants.services import NewTenant, key_create
from tests.factories import AT, make_tenant
from tests.house.api import Caller, Operation, is_one_shape, operations
from tests.house.test_urls import furnish
from tests.house.url_table import API_LINES

pytestmark = pytest.mark.django_db
OPERATIONS = operations()
READS = [one for one in OPERATIONS if one.method == "GET"]
PAGED = [one for one in READS if "cursor" in one.parameters]
NOBODY = {(400, "csm"), (404, "segment"), (400, "kind"), (404, "draft")}  # well-formed, but nothing here is called so
RIGHT = {"date": "2026-03-01", "integer": "1", "boolean": "true", "email": "nobody@example.com", "string": "x"}


@pytest.fixture
def world() -> tuple[NewTenant, dict[str, Any]]:
    made = make_tenant("ours", name="Ours")
    with tenant_scope(made.tenant):
        return made, furnish(made, made.admin, made.admin)


def url_of(operation: Operation, ids: dict[str, Any]) -> str:
    line = operation.line
    return reverse(line.name, args=[ids[arg] for arg in line.args])


def right(name: str, said: dict[str, Any]) -> str:
    """A value that a parameter takes by its description."""
    if name == "year":
        return "2026"
    if "enum" in said:
        return str(said["enum"][0])
    said = said.get("items", said)
    return RIGHT[said.get("format", said.get("type", "string"))] if name != "cursor" else ""


def needed(operation: Operation) -> dict[str, str]:
    asked = [one for one in operation.said.get("parameters", []) if one["in"] == "query" and one.get("required")]
    return {one["name"]: right(one["name"], one["schema"]) for one in asked}


def test_every_method_that_a_key_may_call_is_described_and_every_line_of_the_table_is_one() -> None:
    there = {(one.line.name, one.method) for one in OPERATIONS}
    assert {(line.name, line.method) for line in API_LINES} == there
    assert len(PAGED) > 10


def test_a_described_filter_works_and_one_that_is_not_described_is_refused(
    world: tuple[NewTenant, dict[str, Any]],
) -> None:
    made, ids = world
    call, wrong = Caller(made.api_key), []
    for operation in READS:
        url, base = url_of(operation, ids), needed(operation)
        for name, said in operation.parameters.items():
            answer = call("GET", url, QUERY_STRING=query({**base, name: right(name, said)}))
            told = answer.status_code == 200 or (answer.status_code, name) in NOBODY
            if not told:
                wrong.append(f"{operation}?{name}: {answer.status_code} {answer.content[:200]!r}")
        answer = call("GET", url, QUERY_STRING=query({**base, "serach": "x"}))
        reason = answer.json().get("error", {}).get("fields", {}).get("serach", [""])[0]
        if answer.status_code != 400 or any(name not in reason for name in operation.parameters):
            wrong.append(f"{operation}?serach: {answer.status_code} {answer.content[:200]!r}")
    assert not wrong, "\n".join(wrong)


def query(values: dict[str, str]) -> str:
    return urlencode(values)


def test_no_value_of_a_filter_is_a_fault_of_ours(world: tuple[NewTenant, dict[str, Any]]) -> None:
    made, ids = world
    call, wrong = Caller(made.api_key), []
    odd = ("", "0", "-1", "1e400", "9" * 30, "0000-00-00", "9999-12-31", "NaN", "\x00", "é" * 3000, "[]", "a&b", "１")
    for operation in READS:
        url, base = url_of(operation, ids), needed(operation)
        for name in operation.parameters:
            for value in odd:
                answer = call("GET", url, QUERY_STRING=query({**base, name: value}))
                if answer.status_code not in (200, 400, 404) or (
                    answer.status_code != 200 and not is_one_shape(answer)
                ):
                    wrong.append(f"{operation}?{name}={value[:20]!r}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("cursor", ["nonsense", "cD1hYmM=", "cD0tMQ==", "bz05OTk5OTk5", "cD0x" + "A" * 3000, "\x00"])
def test_a_cursor_that_no_page_gave_is_named_as_such(world: tuple[NewTenant, dict[str, Any]], cursor: str) -> None:
    made, ids = world
    call = Caller(made.api_key)
    for operation in PAGED:
        answer = call("GET", url_of(operation, ids), QUERY_STRING=query({"cursor": cursor}))
        if cursor == "bz05OTk5OTk5" and answer.status_code == 200:
            continue  # an offset alone is a cursor that a page of equal rows could give
        assert answer.status_code == 400, operation
        assert "cursor" in answer.json()["error"]["fields"], operation
        assert is_one_shape(answer), operation


def test_every_refusal_has_the_one_shape(world: tuple[NewTenant, dict[str, Any]]) -> None:
    made, ids = world
    with tenant_scope(made.tenant):
        keys = {s: key_create(kind="api", name=s, scopes=[s], by=None, at=AT)[1] for s in API_SCOPES}
    call, stranger, wrong = Caller(made.api_key), Caller(""), []
    for operation in OPERATIONS:
        url, method = url_of(operation, ids), operation.method
        other = next(scope for scope in API_SCOPES if scope != operation.line.audience)
        said = {
            401: [stranger(method, url), Caller("ak_wrong")(method, url), Caller("\u00e9\u00e9")(method, url)],
            403: [Caller(keys[other])(method, url)],
            405: [call("DELETE", url), call("TRACE", url)],
            406: [call(method, url, QUERY_STRING=query(needed(operation)), headers={"Accept": "text/x-none"})],
            400: [call(method, url, QUERY_STRING="nothing=1")],
        }
        if method != "GET":
            said[400] += [call(method, url, body) for body in (b"{", b"\xff", b"[1e400]", b"NaN", [], [1], 1)]
            said[415] = [call(method, url, b"<x/>", content_type="text/xml")]
            with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=10):
                said[413] = [call(method, url, ["a long text" * 3])]
        wrong += [
            f"{operation}: {one.status_code} {one.content[:120]!r}, not {code}"
            for code, answers in said.items()
            for one in answers
            if one.status_code != code or not is_one_shape(one)
        ]
    assert not wrong, "\n".join(wrong)


def test_an_address_that_does_not_exist_is_refused_in_the_shape_too_and_a_page_as_a_page() -> None:
    client = Client()
    for path in ("/api/v1/nowhere/", "/api/v1/accounts", "/api/v2/accounts/", "/api/v1/accounts/abc/"):
        assert is_one_shape(client.get(path)), path
        assert client.get(path).status_code == 404
    assert client.post("/api/v1/schema/").status_code == 405
    assert client.get("/nowhere/")["Content-Type"].startswith("text/html")


def test_a_fault_of_ours_is_told_in_the_shape(
    world: tuple[NewTenant, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _ids = world
    monkeypatch.setattr("portfolio.api.accounts.shown_day", lambda **_more: 1 / 0)
    answer = Caller(made.api_key)("GET", "/api/v1/accounts/")
    assert answer.status_code == 500
    assert is_one_shape(answer)

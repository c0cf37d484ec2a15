"""What the API must withstand: odd values in every field, ids of another tenant, one thing twice in a list."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from accounts.models import Account, Contact, Contract, Payment, Touch
from health.selectors import version_latest
from portfolio.api.scorecard import version_document
from service.models import Ticket
from tenants.models import Member, Role
from tenants.scope import tenant_scope
from tenants.services import NewTenant
from tests.factories import make_tenant
from tests.house.api import Caller, Operation, is_one_shape, operations
from tests.house.test_urls import furnish

pytestmark = pytest.mark.django_db
WRITES = [one for one in operations() if one.method != "GET" and one.body()[1]]
World = tuple[NewTenant, dict[str, Any], NewTenant, dict[str, Any]]
DEEP: Any = "x"
for _level in range(40):
    DEEP = [DEEP]
ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 10**30, -(10**400), "", " ", "é" * 30_000, "a\u0000b", "\ud800", "\u202e\u0007", "NaN",
    "Infinity", "1e400", "0000-00-00", "9999-12-31", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "2026-02-30",
    "ZZZ", [], ["x"], [None], [[]], {}, {"": None}, {"x": {"y": []}}, [{"text": 5}], [{}], DEEP,
)  # fmt: skip
RAW = (b"1e400", b"-1e400", b"1E-400", b'"\\ud800\\u0000"', b"NaN", b"9" * 5000)


@pytest.fixture
def world() -> World:
    made, other = make_tenant("ours", name="Ours"), make_tenant("theirs", name="Theirs")
    with tenant_scope(other.tenant):
        theirs = furnish(other, other.admin, other.admin)
    with tenant_scope(made.tenant):
        ours = furnish(made, made.admin, made.admin)
    return made, ours, other, theirs


def base_of(operation: Operation, ids: dict[str, Any]) -> tuple[str, bool, dict[str, Any]]:
    """The address, whether a list is sent, and a row that is answered."""
    line = operation.line
    row = dict(line.send["rows"][0] if set(line.send) == {"rows"} else line.send)
    if "key" in row and operation.method == "PATCH":
        row["key"] = ids["feature_key"]
    if "csm" in row:
        row["csm"] = Member.objects.get(role=Role.ADMIN).user.email
    if line.name == "api-scorecard":
        row = version_document(version_latest())
    return reverse(line.name, args=[ids[arg] for arg in line.args]), operation.body()[0], row


def bodies(operation: Operation, row: dict[str, Any], many: bool) -> Iterator[tuple[str, bytes]]:
    """Every field with every odd value, and inside rows of rows too."""
    _many, said = operation.body()
    for name, field in (said.get("properties") or dict.fromkeys(row, {})).items():
        for value in ODD:
            yield f"{name}={str(value)[:30]!r}", dumped({**row, name: value}, many)
        for raw in RAW:
            yield f"{name}={raw[:20]!r}", dumped({**row, name: "@"}, many).replace(b'"@"', raw)
        inner = operation.seen(operation.seen(field).get("items", {})).get("properties", {})
        for below in inner:
            for value in ODD:
                yield f"{name}.{below}={str(value)[:30]!r}", dumped({**row, name: [{**LINE, below: value}]}, many)
    for value in ODD:
        yield f"row {str(value)[:30]!r}", json.dumps([value] if many else value).encode()
        yield f"body {str(value)[:30]!r}", json.dumps(value).encode()


LINE = {"external_id": "1", "product": "suite", "amount": "1", "billing_months": 1, "start": "2026-01-01",
        "key": "k", "name": "K", "text": "T"}  # fmt: skip


def dumped(row: dict[str, Any], many: bool) -> bytes:
    return json.dumps([row] if many else row).encode()


@pytest.mark.parametrize("operation", WRITES, ids=str)
def test_no_value_of_a_field_is_a_fault_of_ours(operation: Operation, world: World) -> None:
    made, ours, _other, _theirs = world
    with tenant_scope(made.tenant):
        url, many, row = base_of(operation, ours)
    call, wrong = Caller(made.api_key), []
    assert call(operation.method, url, [row] if many else row).status_code < 300, "the row to start from is taken"
    for told, body in bodies(operation, row, many):
        answer = call(operation.method, url, body)
        if answer.status_code >= 500 or (answer.status_code >= 400 and not is_one_shape(answer)):
            wrong.append(f"{told}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_no_id_of_another_tenant_is_found_or_changed_by_any_operation(
    world: World,
) -> None:
    made, ours, other, theirs = world
    call, wrong = Caller(made.api_key), []
    with tenant_scope(other.tenant):
        before = everything()
    for operation in operations():
        line = operation.line
        for arg in (arg for arg in line.args if arg != "stage"):
            url = reverse(line.name, args=[{**ours, arg: theirs[arg]}[name] for name in line.args])
            dates = "from=2026-03-01&to=2026-03-02" if "from" in operation.parameters else ""
            answer = call(operation.method, url, line.send or None, QUERY_STRING=dates)
            if answer.status_code != 404 or not is_one_shape(answer):
                wrong.append(f"{operation} with their {arg}: {answer.status_code}")
        if line.method == "GET" and not line.args:
            told = call("GET", reverse(line.name), QUERY_STRING="account=theirs-only" if filtered(operation) else "")
            if b"theirs" in told.content.lower():
                wrong.append(f"{operation} tells of them")
    assert not wrong, "\n".join(wrong)
    with tenant_scope(other.tenant):
        assert everything() == before


def filtered(operation: Operation) -> bool:
    return operation.parameters.get("account", {}).get("type") == "string"


def everything() -> list[Any]:
    """Rows of one tenant that a list could touch."""
    models: tuple[Any, ...] = (Account, Contact, Contract, Payment, Touch, Ticket)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_a_list_of_the_other_tenant_s_external_ids_touches_only_one_s_own(
    world: World,
) -> None:
    made, _ours, other, _theirs = world
    with tenant_scope(other.tenant):
        before = everything()
    call = Caller(made.api_key)
    for operation in WRITES:
        line = operation.line
        if set(line.send) == {"rows"}:
            with transaction.atomic():
                answer = call("POST", reverse(line.name), line.send["rows"])
            assert answer.status_code == 200, operation
    with tenant_scope(other.tenant):
        assert everything() == before


@pytest.mark.parametrize("operation", [one for one in WRITES if one.body()[0]], ids=str)
def test_a_row_twice_in_a_list_and_a_list_twice_are_as_one(operation: Operation, world: World) -> None:
    made, ours, _other, _theirs = world
    with tenant_scope(made.tenant):
        url, _many, row = base_of(operation, ours)
    call = Caller(made.api_key)
    twice = call("POST", url, [row, row])
    if twice.status_code == 400:
        assert is_one_shape(twice)
        assert set(twice.json()["error"]["fields"]) == {"1"}, "the second is the one too many"
    else:
        told = twice.json()
        assert twice.status_code == 200
        assert told.get("created", 0) <= 1
    with transaction.atomic():
        first = call.client.post(url, [row], content_type="application/json", headers=call.headers)
        again = call.client.post(url, [row], content_type="application/json", headers=call.headers)
        transaction.set_rollback(True)
    assert (first.status_code, again.status_code) == (200, 200)
    if "unchanged" in again.json():
        assert (again.json()["created"], again.json()["changed"], again.json()["unchanged"]) == (0, 0, 1)

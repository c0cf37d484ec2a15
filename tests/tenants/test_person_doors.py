"""One person by command and over the API: who may ask, what is told, and that the other tenant is never touched."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Contact, Touch
from accounts.services import contact_save, touch_log
from tenants.models import AuditEntry, Erasure
from tenants.scope import tenant_scope
from tenants.services import NewTenant, key_create
from tests.factories import AT, DAY, make_account, make_tenant
from tests.house.api import Caller, is_one_shape

pytestmark = pytest.mark.django_db
MAIL = "lin.mei@harbor.example"
ASKED = {"email": MAIL}


def furnish(made: NewTenant) -> NewTenant:
    """A person, a colleague, and words about the person."""
    with tenant_scope(made.tenant):
        account = make_account(made.tenant, "one")
        for key, name, mail in (("c-lin", "Lin Mei", MAIL), ("c-bo", "Bo Berg", "bo@harbor.example")):
            contact_save(account=account, values={"external_id": key, "name": name, "email": mail}, at=AT, by=None)
        lin = Contact.objects.get(external_id="c-lin")
        said = "Lin Mei wants growth"
        touch_log(account=account, kind="call", on=DAY, note=said, contacts=[lin], by=None, at=AT)
    return made


@pytest.fixture
def ours() -> NewTenant:
    return furnish(make_tenant("ours"))


@pytest.fixture
def theirs() -> NewTenant:
    return furnish(make_tenant("theirs"))


def state(made: NewTenant) -> dict[str, Any]:
    """What a tenant holds of people and words, and what its trail says."""
    with tenant_scope(made.tenant):
        return {
            "contacts": list(Contact.objects.order_by("pk").values()),
            "touches": list(Touch.objects.order_by("pk").values()),
            "trail": list(AuditEntry.objects.order_by("pk").values()),
            "erasures": list(Erasure.objects.values()),
        }


def people(made: NewTenant) -> list[str | None]:
    with tenant_scope(made.tenant):
        return list(Contact.objects.order_by("name").values_list("external_id", flat=True))


def post(made: NewTenant, door: str, body: Any) -> Any:
    return Caller(made.api_key)("POST", f"/api/v1/persons/{door}/", body)


def erase_for_good(made: NewTenant, **more: Any) -> Any:
    """Without the caller's way back."""
    call = Caller(made.api_key)
    body = {**ASKED, "reason": "Asked by letter", **more}
    return call.client.post("/api/v1/persons/erase/", body, content_type="application/json", headers=call.headers)


def test_find_tells_who_is_meant_what_is_held_and_what_to_decide(ours: NewTenant, theirs: NewTenant) -> None:
    before = state(theirs)
    told = post(ours, "find", ASKED).json()
    assert [one["name"] for one in told["known_as"]] == ["Lin Mei"]
    assert sum(told["held"].values()) >= 1
    assert any("wants growth" in one["text"] and one["chosen"] for one in told["decide"])
    assert "bo@harbor.example" not in json.dumps(told)
    assert state(theirs) == before


def test_the_copy_is_a_zip_of_the_person_alone_and_is_not_kept_by_caches(ours: NewTenant) -> None:
    answer = post(ours, "export", {"contact_external_id": "c-lin"})
    assert answer["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        said = b"".join(file.read(name) for name in file.namelist()).decode()
    assert MAIL in said
    assert "bo@harbor.example" not in said


def test_an_erasure_takes_the_person_out_of_one_tenant_and_the_second_finds_nobody(
    ours: NewTenant, theirs: NewTenant
) -> None:
    before = state(theirs)
    first = erase_for_good(ours)
    assert first.status_code == 200, first.content
    assert len(first.json()["reference"]) == 16
    assert sum(first.json()["erased"].values()) >= 2
    assert people(ours) == ["c-bo"]
    with tenant_scope(ours.tenant):
        assert "Lin Mei" not in Touch.objects.get().note
        assert Erasure.objects.get().by is None
        held = state(ours)
    again = erase_for_good(ours)
    assert (again.status_code, is_one_shape(again)) == (404, True)
    assert state(ours) == held, "the second time changes nothing"
    assert state(theirs) == before


@pytest.mark.parametrize("door", ["find", "export", "erase"])
def test_only_a_key_with_the_scope_may_ask_and_nothing_happens_otherwise(ours: NewTenant, door: str) -> None:
    with tenant_scope(ours.tenant):
        _key, weak = key_create(kind="api", name="CRM", scopes=["contacts:write", "accounts:write"], by=None, at=AT)
        _key, fit = key_create(kind="api", name="DPO", scopes=["persons:erase"], by=None, at=AT)
    before = state(ours)
    body = {**ASKED, **({"reason": "x"} if door == "erase" else {})}
    url = f"/api/v1/persons/{door}/"
    assert [Caller(key)("POST", url, body).status_code for key in ("", ours.write_key, weak)] == [401, 401, 403]
    assert Caller(weak)("GET", url).status_code == 405
    assert state(ours)["contacts"] == before["contacts"]
    assert Caller(fit)("POST", url, body).status_code == 200


@pytest.mark.parametrize(
    ("door", "body", "code"),
    [
        ("find", {}, 400),
        ("find", {"email": ""}, 400),
        ("find", {"mail": MAIL}, 400),
        ("find", {"email": ["x"]}, 400),
        ("find", {"email": "nobody@harbor.example"}, 404),
        ("export", {"user_id": "nobody"}, 404),
        ("find", {**ASKED, "leave_out": ["contact:99999999"]}, 400),
        ("erase", ASKED, 400),
        ("erase", {**ASKED, "reason": "  "}, 400),
        ("erase", {**ASKED, "reason": "x", "keep": ["accounts.Touch:99999999"]}, 400),
        ("erase", {**ASKED, "reason": "x", "also": ["nonsense"]}, 400),
        ("erase", {**ASKED, "reason": "x", "delete": ["nonsense"]}, 400),
        ("erase", [ASKED], 400),
    ],
)
def test_bad_input_is_refused_and_changes_nothing(ours: NewTenant, door: str, body: Any, code: int) -> None:
    before = state(ours)
    answer = post(ours, door, body)
    assert answer.status_code == code, answer.content
    assert is_one_shape(answer)
    assert state(ours) == before


def test_a_text_that_is_kept_stays_as_it_is(ours: NewTenant) -> None:
    keys = [one["key"] for one in post(ours, "find", ASKED).json()["decide"] if "growth" in one["text"]]
    assert erase_for_good(ours, keep=keys).status_code == 200
    with tenant_scope(ours.tenant):
        assert Touch.objects.get().note == "Lin Mei wants growth"


def command(name: str, *args: str, **more: Any) -> str:
    out = io.StringIO()
    call_command(name, *args, stdout=out, **more)
    return out.getvalue()


def test_the_command_without_yes_only_tells_what_there_is(ours: NewTenant) -> None:
    before, out = state(ours), io.StringIO()
    with pytest.raises(CommandError, match="Nothing was erased"):
        call_command("person_erase", "ours", "--mail", MAIL, "--reason", "x", stdout=out)
    assert "Lin Mei" in out.getvalue()
    assert "wants growth" in out.getvalue()
    assert state(ours) == before


def test_the_command_erases_once_and_touches_no_other_tenant(ours: NewTenant, theirs: NewTenant) -> None:
    before = state(theirs)
    said = command("person_erase", "ours", "--mail", MAIL, "--reason", "Asked by letter", "--yes")
    assert said.startswith("Erased ")
    assert MAIL not in said
    assert people(ours) == ["c-bo"]
    with pytest.raises(CommandError, match="Nothing is held"):
        command("person_erase", "ours", "--mail", MAIL, "--reason", "Asked by letter", "--yes")
    with tenant_scope(ours.tenant):
        assert Erasure.objects.get().by_label == "person_erase"
    assert state(theirs) == before


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("nowhere", "--mail", MAIL), "no tenant"),
        (("ours",), "Name the person"),
        (("ours", "--mail", "nobody@harbor.example"), "Nothing is held"),
        (("ours", "--mail", MAIL, "--yes"), "Say why"),
        (("ours", "--mail", MAIL, "--yes", "--reason", "x", "--keep", "nonsense"), "nonsense"),
        (("ours", "--mail", MAIL, "--yes", "--reason", "x", "--delete", "nonsense"), "nonsense"),
        (("ours", "--mail", MAIL, "--yes", "--reason", "x", "--not", "contact:99999999"), "contact:99999999"),
    ],
)
def test_the_command_says_what_is_wrong_and_changes_nothing(ours: NewTenant, args: tuple[str, ...], said: str) -> None:
    before = state(ours)
    with pytest.raises(CommandError, match=said):
        command("person_erase", *args)
    assert state(ours) == before


def test_the_export_is_written_once_for_the_owner_s_eyes_only(ours: NewTenant, tmp_path: Path) -> None:
    out = tmp_path / "lin.zip"
    said = command("person_export", "ours", "--mail", MAIL, "--out", str(out))
    assert f"Written to {out}" in said
    assert out.stat().st_mode & 0o777 == 0o600
    assert zipfile.is_zipfile(out)
    with pytest.raises(CommandError, match="exists already"):
        command("person_export", "ours", "--mail", MAIL, "--out", str(out))
    with pytest.raises(CommandError, match="no folder"):
        command("person_export", "ours", "--mail", MAIL, "--out", str(tmp_path / "none" / "lin.zip"))
    with pytest.raises(CommandError, match="Nothing is held"):
        command("person_export", "ours", "--mail", "nobody@harbor.example", "--out", str(tmp_path / "b.zip"))
    assert [path.name for path in tmp_path.iterdir()] == ["lin.zip"]

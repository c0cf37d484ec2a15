"""The CSV import: planned row by row, applied once, safe."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Account
from accounts.sheet import SheetError, read_sheet
from operations.models import Run
from tenants.models import Role, Tenant
from tenants.scope import tenant_scope
from tests.factories import make_account, make_member, make_tenant
from tests.portfolio.world import signed_in

ENGLISH = 'External id,Name,ARR,Renewal date,Seats\nh1,Harbor,"1,200.50",2027-01-31,40\n'


def test_headers_are_known_in_both_languages_and_excel_s_own_encoding_is_read() -> None:
    text = "客户编号\t客户名称\t年费\t续约日期\t阶段\nh1\t云帆软件\t12万\t2027年1月31日\t上线运行\n"
    for raw in (text.encode("utf-8-sig"), text.encode("gb18030"), text.encode("utf-16")):
        row = read_sheet(raw).rows[0]
        assert row.reasons == []
        assert row.values == {
            "external_id": "h1",
            "name": "云帆软件",
            "arr": Decimal("120000.00"),
            "renewal_date": date(2027, 1, 31),
            "lifecycle_stage": "go_live",
        }


@pytest.mark.parametrize("cell", ["01/02/2027", "2027-02-30", "soon", "2027-13-01"])
def test_a_date_that_is_none_or_could_be_read_in_two_ways_is_refused(cell: str) -> None:
    row = read_sheet(f"id,renewal\nh1,{cell}\n".encode()).rows[0]
    assert len(row.reasons) == 1
    assert cell in row.reasons[0]


@pytest.mark.parametrize("cell", ["-1", "NaN", "1e999", "Infinity", "many", "1.2.3"])
def test_an_amount_that_is_none_is_refused(cell: str) -> None:
    assert read_sheet(f"id,arr\nh1,{cell}\n".encode()).rows[0].reasons


@pytest.mark.parametrize("raw", [b"", b"Name\nHarbor\n", b"\x00\x01\x02,\x00", b"id\n" + b"x\n" * 5001])
def test_a_file_without_ids_without_text_or_too_long_is_refused_as_a_whole(raw: bytes) -> None:
    with pytest.raises(SheetError):
        read_sheet(raw)


def test_the_same_id_twice_is_refused_the_second_time() -> None:
    first, second = read_sheet(b"id,name\nh1,One\nh1,Two\n").rows
    assert first.reasons == []
    assert "line 2" in second.reasons[0]


def test_an_exported_formula_guard_is_taken_off_again() -> None:
    assert read_sheet(b"id,name\nh1,'=1+1\n").rows[0].values["name"] == "=1+1"


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant().tenant


def upload(client: Client, tenant: Tenant, text: str) -> str:
    file = SimpleUploadedFile("accounts.csv", text.encode())
    answer = client.post(f"/t/{tenant.slug}/import/", {"file": file})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def plan(tenant: Tenant) -> dict[str, object]:
    with tenant_scope(tenant):
        return dict(Account.objects.values_list("external_id", "arr"))


@pytest.mark.django_db
def test_nothing_changes_before_it_is_confirmed_and_the_same_file_twice_changes_nothing(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        manager = make_member(Role.MANAGER)
        make_account(tenant, "h0", arr=Decimal(1))
    client = signed_in(manager)
    text = ENGLISH + "h0,,2,,\nbad,Bad,x,,\n"
    here = upload(client, tenant, text)
    preview = client.get(here).content.decode()
    assert "Apply 2 rows" in preview
    assert "<del>1.00</del> → <ins>2.00</ins>" in preview
    assert "“x” is no amount." in preview
    assert plan(tenant) == {"h0": Decimal(1)}
    assert client.post(f"{here}apply/").status_code == 302
    assert plan(tenant) == {"h0": Decimal(2), "h1": Decimal("1200.50")}
    again = client.get(upload(client, tenant, text)).content.decode()
    assert "There is nothing to apply" in again
    assert "<del>1.00</del> → <ins>2.00</ins>" in client.get(here).content.decode()


@pytest.mark.django_db
def test_an_import_is_applied_once(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        manager = make_member(Role.MANAGER)
    client = signed_in(manager)
    here = upload(client, tenant, ENGLISH)
    client.post(f"{here}apply/")
    with tenant_scope(tenant):
        Account.objects.update(arr=7)
    client.post(f"{here}apply/")
    assert plan(tenant) == {"h1": Decimal(7)}


@pytest.mark.django_db
def test_an_import_of_another_tenant_does_not_exist_and_a_csm_may_not(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        manager, csm = make_member(Role.MANAGER), make_member(Role.CSM)
    here = upload(signed_in(manager), tenant, ENGLISH)
    other = make_tenant().tenant
    with tenant_scope(other):
        stranger = make_member(Role.ADMIN)
    with tenant_scope(tenant):
        run = Run.objects.get()
    assert signed_in(csm).get(here).status_code == 403
    assert signed_in(csm).post(f"{here}apply/").status_code == 403
    assert signed_in(stranger).get(f"/t/{other.slug}/import/{run.pk}/").status_code == 404
    assert signed_in(stranger).post(f"/t/{other.slug}/import/{run.pk}/apply/").status_code == 404

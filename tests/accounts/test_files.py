"""Files of an account: what is kept and what is refused, handed back as it came, deleted, moved with the tenant."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import AccountFile
from accounts.services.files import account_file_add
from accounts.services.handover import handover_start
from operations.files import LARGEST, clean_name, judge
from operations.models import File, FileBody
from tenants.models import AuditEntry, Role, Tenant
from tenants.scope import tenant_scope
from tests.factories import AT, DAY, make_account, make_member, make_tenant
from tests.portfolio.world import signed_in

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 4


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("contract.pdf", PDF, ""),
        ("合同.PDF", PDF, ""),
        ("notes.txt", "合同要点".encode("gb18030"), ""),
        ("page.html", b"<script>1</script>", "type"),
        ("picture.svg", b"<svg onload=alert(1)>", "type"),
        ("contract.pdf.exe", b"MZ", "type"),
        ("contract", PDF, "type"),
        ("contract.pdf", b"<html>", "content"),
        ("sheet.xlsx", PDF, "content"),
        ("notes.txt", b"MZ\x00\x01", "content"),
        ("empty.pdf", b"", "empty"),
        ("large.pdf", PDF[:9] + bytes(LARGEST), "large"),
    ],
)
def test_a_file_is_kept_only_when_ending_and_content_agree(name: str, content: bytes, fault: str) -> None:
    assert judge(name, content).fault == fault


@given(st.text(max_size=400))
def test_a_cleaned_name_names_no_place_and_stays_as_it_is(name: str) -> None:
    clean = clean_name(name)
    assert clean
    assert not set(clean) & set('/\\<>:"|?*\x00\n\u202e')
    assert len(clean) <= 150
    assert clean_name(clean) == clean


@pytest.fixture
def tenant(db: None) -> Tenant:
    return make_tenant().tenant


def test_a_file_comes_back_byte_by_byte_as_a_download_that_runs_nowhere(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        csm, account = make_member(Role.CSM, "Mina"), make_account(tenant)
    client, url = signed_in(csm), f"/t/{tenant.slug}/account/{account.pk}/files/"
    client.post(f"{url}add/", {"file": [SimpleUploadedFile("合同.pdf", PDF), SimpleUploadedFile("x.html", b"<b>")]})
    page = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "合同.pdf" in page
    assert "x.html" not in page
    with tenant_scope(tenant):
        kept = AccountFile.objects.get()
    answer = client.get(f"{url}{kept.pk}/")
    assert answer.content == PDF
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_why_a_file_is_refused_is_said_with_what_would_be_accepted(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        csm, account = make_member(Role.CSM), make_account(tenant)
    url = f"/t/{tenant.slug}/account/{account.pk}/files/add/"
    page = signed_in(csm).post(url, {"file": SimpleUploadedFile("x.exe", b"MZ")}, follow=True).content.decode()
    assert "x.exe" in page
    assert "Accepted are" in page


def test_files_beyond_what_is_taken_at_once_are_named(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        csm, account = make_member(Role.CSM), make_account(tenant)
    url = f"/t/{tenant.slug}/account/{account.pk}/files/add/"
    sent = [SimpleUploadedFile(f"{number}.pdf", PDF + bytes([number])) for number in range(12)]
    page = signed_in(csm).post(url, {"file": sent}, follow=True).content.decode()
    assert "10 of 12 kept." in page
    assert all(f"“{number}.pdf” was not kept" in page for number in (10, 11))


def test_the_same_file_twice_is_kept_once_and_deleting_takes_the_bytes_and_leaves_a_trail(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        csm, seller, account = make_member(Role.CSM), make_member(Role.CONTRIBUTOR), make_account(tenant)
        handover_start(account=account, due_on=DAY, salesperson=seller, at=AT, by=csm)
        kept = [account_file_add(account=account, name="a.pdf", content=PDF, at=AT, by=csm) for _time in range(2)]
        assert kept[0] == kept[1]
        own = account_file_add(account=account, name="b.pdf", content=PDF, at=AT, by=seller)
    client, url = signed_in(seller), f"/t/{tenant.slug}/account/{account.pk}/files/"
    assert client.post(f"{url}{kept[0].pk}/remove/").status_code == 403
    assert client.post(f"{url}{own.pk}/remove/").status_code == 302
    assert signed_in(csm).post(f"{url}{kept[0].pk}/remove/").status_code == 302
    with tenant_scope(tenant):
        assert (File.objects.count(), FileBody.objects.count(), AccountFile.objects.count()) == (0, 0, 0)
        entry = AuditEntry.objects.filter(noun="accountfile", action="delete").latest("id")
        assert entry.changes["size"] == [len(PDF), None]


def test_files_are_tables_that_an_export_and_a_deletion_of_the_tenant_hold() -> None:
    from tenants.transfer.tables import transferred_tables

    names = {table.name for table in transferred_tables()}
    assert {"operations_file", "operations_filebody", "accounts_accountfile"} <= names

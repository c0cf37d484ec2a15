"""The pages of an import, as a manager walks them."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from accounts.models import Account
from imports.models import Import
from tenants.models import Role, Tenant
from tenants.scope import tenant_scope
from tests.factories import make_account, make_member, make_tenant
from tests.portfolio.world import signed_in

pytestmark = pytest.mark.django_db
TEXT = "External id,Name,Stage,ARR\nh1,Harbor,go-lvie,100\nh2,Inland,training,200\nh3,=1+1,training,many\n"


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant().tenant


@pytest.fixture
def manager(tenant: Tenant) -> Client:
    with tenant_scope(tenant):
        return signed_in(make_member(Role.MANAGER))


def upload(client: Client, tenant: Tenant, raw: bytes, name: str = "list.csv", target: str = "accounts") -> str:
    answer = client.post(f"/t/{tenant.slug}/import/", {"target": target, "file": SimpleUploadedFile(name, raw)})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def told(client: Client, url: str, **data: object) -> str:
    """A form sent, and the page that follows."""
    answer = client.post(url, data, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_file_goes_from_upload_over_columns_and_suggestions_to_the_result_and_back(
    tenant: Tenant, manager: Client
) -> None:
    url = upload(manager, tenant, TEXT.encode())
    page = manager.get(url).content.decode()
    assert '<option value="external_id" selected>' in page
    columns = {"col-0": "external_id", "col-1": "name", "col-2": "lifecycle_stage", "col-3": "arr"}
    page = told(manager, f"{url}columns/", **columns)
    assert "Import 1 row" in page
    assert "Probably mistyped" in page
    page = told(manager, f"{url}accept/", all="1")
    assert "Import 2 rows" in page
    assert "<ins>Go-live</ins>" in page, "choices are called by their words"
    page = told(manager, f"{url}go/")
    assert "What became of each row is kept here" in page
    refused = manager.get(f"{url}refused.csv").content.decode("utf-8-sig")
    assert "h3,'=1+1,training,many,4," in refused
    book = load_workbook(io.BytesIO(manager.get(f"{url}refused.xlsx").content))
    assert [cell.value for cell in book.worksheets[0][2]][:4] == ["h3", "=1+1", "training", "many"]
    assert book.worksheets[0][2][1].data_type == "s", "no formula"
    with tenant_scope(tenant):
        assert Account.objects.count() == 2
    page = told(manager, f"{url}undo/")
    assert "Everything is as it was before." in page
    with tenant_scope(tenant):
        assert Account.objects.count() == 0
    assert "list.csv" in manager.get(f"/t/{tenant.slug}/import/").content.decode()


def test_a_mapping_that_will_not_do_is_shown_again_as_it_was_chosen(tenant: Tenant, manager: Client) -> None:
    url = upload(manager, tenant, TEXT.encode())
    page = manager.post(f"{url}columns/", {"col-2": "industry", "col-3": "industry"}).content.decode()
    assert "Two columns are Industry" in page
    page = manager.post(f"{url}columns/", {"col-2": "industry"}).content.decode()
    assert "Missing: External id" in page
    assert '<option value="industry" selected>' in page


@pytest.mark.parametrize("raw", [b"", b"\x00\x01\x02,\x00", b"PK\x03\x04broken", b"id\n", b"[1, 2"])
def test_a_file_that_cannot_be_read_says_why_and_keeps_nothing(tenant: Tenant, manager: Client, raw: bytes) -> None:
    file = SimpleUploadedFile("x.csv", raw)
    answer = manager.post(f"/t/{tenant.slug}/import/", {"target": "accounts", "file": file})
    assert answer.status_code == 200
    assert 'class="error"' in answer.content.decode()
    with tenant_scope(tenant):
        assert not Import.objects.exists()


def test_a_spreadsheet_is_read_with_its_dates_and_numbers(tenant: Tenant, manager: Client) -> None:
    from datetime import UTC, date, datetime

    book = Workbook()
    sheet = book.worksheets[0]
    for row in (
        ["客户清单"],
        [],
        ["外部编号", "客户名称", "ARR", "续约日期"],
        ["h1", "云帆", 1200.5, datetime(2027, 1, 31, tzinfo=UTC).replace(tzinfo=None)],
    ):
        sheet.append(row)
    held = io.BytesIO()
    book.save(held)
    url = upload(manager, tenant, held.getvalue(), "客户.xlsx")
    told(
        manager, f"{url}columns/", **{"col-0": "external_id", "col-1": "name", "col-2": "arr", "col-3": "renewal_date"}
    )
    told(manager, f"{url}go/")
    with tenant_scope(tenant):
        account = Account.objects.get()
    assert (account.name, str(account.arr), account.renewal_date) == ("云帆", "1200.50", date(2027, 1, 31))


def test_a_file_can_be_discarded_and_an_import_that_ran_cannot(tenant: Tenant, manager: Client) -> None:
    url = upload(manager, tenant, b"id,name\nh1,One\n")
    assert "nothing was imported" in told(manager, f"{url}discard/")
    assert manager.get(url).status_code == 404
    url = upload(manager, tenant, b"id,name\nh1,One\n")
    told(manager, f"{url}columns/", **{"col-0": "external_id", "col-1": "name"})
    told(manager, f"{url}go/")
    assert "Undo it instead" in told(manager, f"{url}discard/")
    assert "already" in told(manager, f"{url}go/"), "a second click runs nothing twice"


def test_while_a_worker_is_busy_the_page_shows_how_far_it_is(tenant: Tenant, manager: Client) -> None:
    url = upload(manager, tenant, b"id,name\nh1,One\n")
    with tenant_scope(tenant):
        Import.objects.update(state="running")
    page = manager.get(url).content.decode()
    assert f'hx-get="{url}progress/"' in page
    assert "Importing" in manager.get(f"{url}progress/", headers={"HX-Request": "true"}).content.decode()
    with tenant_scope(tenant):
        Import.objects.update(state="done")
    assert manager.get(f"{url}progress/", headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_many_rows_go_to_the_workers_and_the_tick_finds_what_nobody_does(
    tenant: Tenant, manager: Client, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: object
) -> None:
    from datetime import timedelta

    from django.utils.timezone import now

    from imports import views
    from imports.tasks import imports_tick

    hinted: list[int] = []
    monkeypatch.setattr(views, "AT_ONCE", 1)
    monkeypatch.setattr(views, "import_hint", lambda _tenant, pk: hinted.append(pk))
    url = upload(manager, tenant, b"id,name\nh1,One\nh2,Two\n")
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        manager.post(f"{url}columns/", {"col-0": "external_id", "col-1": "name"})
    with tenant_scope(tenant):
        of = Import.objects.get()
        assert (of.state, hinted) == ("checking", [of.pk])
        Import.objects.update(beat_at=now() - timedelta(minutes=5))
    imports_tick()
    with tenant_scope(tenant):
        assert Import.objects.get().state == "ready"


def test_dates_in_either_order_are_one_choice_that_accept_all_leaves_open(tenant: Tenant, manager: Client) -> None:
    url = upload(manager, tenant, b"id,contract start,stage\na,03/04/2025,Training\nb,,Trainnig\n")
    page = told(
        manager, f"{url}columns/", **{"col-0": "external_id", "col-1": "contract_start", "col-2": "lifecycle_stage"}
    )
    assert page.count('type="radio" name="one-contract_start"') == 3, "day first, month first, undecided"
    assert "2 suggestions are open" in page
    assert "1 row is checked again once you decide" in page
    page = told(manager, f"{url}accept/", all="1")
    assert "Import 1 row" in page
    assert "1 suggestion is open" in page
    page = told(manager, f"{url}accept/", **{"one-contract_start": "contract_start\x1fmdy\x1f", "all": "1"})
    assert "Import 2 rows" in page
    assert page.count('type="radio" name="one-contract_start"') == 3, "it can still be decided otherwise"
    with tenant_scope(tenant):
        assert Import.objects.get().accepted == ["contract_start\x1fmdy\x1f", "lifecycle_stage\x1fnear\x1fTrainnig"]


def test_what_messages_become_is_shown_with_the_words_of_tickets(tenant: Tenant, manager: Client) -> None:
    with tenant_scope(tenant):
        make_account(tenant, "one", name="Harbor")
    head = "Time,Sender,Receiver,Content,Account\n"
    url = upload(manager, tenant, f"{head}2026-03-03 10:00:00,Ann,Bob,How?,Harbor\n".encode(), target="wecom")
    columns = {f"col-{n}": key for n, key in enumerate(("at", "sender", "receiver", "text", "account"))}
    page = told(manager, f"{url}columns/", **columns)
    assert "<span>Channel <ins>WeChat/WeCom</ins></span>" in page
    assert "3 Mar 2026, 10:00" in page
    assert "opened_at" not in page
    assert "T10:00:00" not in page


def test_reasons_of_refused_rows_are_chinese_with_its_signs_and_without_a_space_between_them(
    tenant: Tenant, manager: Client
) -> None:
    manager.cookies["django_language"] = "zh-hans"
    text = "external_id,name,arr,renewal_date\nz1,锦程制造,很多,2027-02-30\n"
    url = upload(manager, tenant, text.encode())
    columns = {"col-0": "external_id", "col-1": "name", "col-2": "arr", "col-3": "renewal_date"}
    told(manager, f"{url}columns/", **columns)
    told(manager, f"{url}go/")
    refused = manager.get(f"{url}refused.csv").content.decode("utf-8-sig")
    assert "ARR：无法接受“很多”。请填写数字，例如 1234.5。续约日期：无法接受“2027-02-30”。" in refused

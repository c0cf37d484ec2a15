"""What is done in the portfolio's table: cells, many at once, pasted columns, past days, exports."""

import csv
import io
import json
import zipfile
from datetime import timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, AccountTag, BulkChange, CustomField, SavedView
from accounts.selectors.fields import field_list, tags_of, values_of_ids
from accounts.services import (
    account_change,
    contract_save,
    custom_field_save,
    line_save,
    product_save,
    segment_save,
    tags_add,
)
from operations.days import day_bounds
from tenants.models import AuditEntry, Key, Member, Role, Tenant
from tenants.scope import tenant_scope
from tenants.services import key_create
from tests.factories import AT, DAY, make_account, make_member, make_tenant
from tests.imports.world import bring
from tests.portfolio.world import WEEK, make_metric, make_score, signed_in
from usage.models import Metric, ReportedMetric

pytestmark = pytest.mark.django_db


def field(label: str, kind: str, **values: Any) -> CustomField:
    return custom_field_save(values={"label": label, "kind": kind, **values}, at=AT, by=None)


def held(account: Account, one: CustomField) -> Any:
    return values_of_ids(ids=[account.pk], fields=[one]).get(account.pk, {}).get(one.pk)


def cell(tenant: Tenant, account: Account, key: str) -> str:
    return f"/t/{tenant.slug}/account/{account.pk}/cell/{key}/"


def shown(client: Client, tenant: Tenant, query: str) -> list[list[str]]:
    """The export of a query: what the screen shows, as cells."""
    answer = client.get(f"/t/{tenant.slug}/portfolio/export/?{query}")
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_a_cell_is_changed_and_what_is_refused_says_why_and_keeps_what_was_typed(
    tenant: Tenant, manager: Member
) -> None:
    with tenant_scope(tenant):
        account, volume = make_account(tenant), field("Volume", "number")
    client = signed_in(manager)
    url = cell(tenant, account, volume.name)
    assert client.get(url, headers={"HX-Request": "true"}).status_code == 200
    refused = client.post(url, {"value": "a lot", "was": ""})
    assert b"a lot" in refused.content
    assert b"such as 1234.5" in refused.content
    assert client.post(url, {"value": "1,200.5", "was": ""}).status_code == 204
    with tenant_scope(tenant):
        assert held(account, volume) == Decimal("1200.5")
        assert (
            AuditEntry.objects.filter(changes__Volume=[None, "1200.5000"]).exists()
            or AuditEntry.objects.filter(changes__has_key="Volume").exists()
        )


def test_two_people_in_one_cell_see_each_others_change(tenant: Tenant, manager: Member) -> None:
    with tenant_scope(tenant):
        account, other = make_account(tenant, industry="Steel"), make_member(Role.CSM, "Otto")
        account_change(account=account, values={"industry": "Paper"}, at=AT, by=other)
    client, url = signed_in(manager), cell(tenant, account, "industry")
    answer = client.post(url, {"value": "Glass", "was": "Steel"})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "Otto" in page
    assert "Paper" in page
    assert 'value="Glass"' in page
    with tenant_scope(tenant):
        assert Account.objects.get().industry == "Paper"
    assert client.post(url, {"value": "Glass", "was": "Paper"}).status_code == 204


def test_another_tenants_account_or_field_has_no_cell(tenant: Tenant, manager: Member) -> None:
    other = make_tenant().tenant
    with tenant_scope(other):
        theirs, secret = make_account(other), field("Secret", "text")
    with tenant_scope(tenant):
        account = make_account(tenant)
    client = signed_in(manager)
    assert client.get(cell(tenant, theirs, "industry")).status_code == 404
    assert client.get(cell(tenant, account, secret.name)).status_code == 404


def test_many_accounts_are_changed_tagged_and_put_back_but_not_over_later_changes(
    tenant: Tenant, manager: Member
) -> None:
    with tenant_scope(tenant):
        accounts = [make_account(tenant, lifecycle_stage="training") for _ in range(3)]
    client, base = signed_in(manager), f"/t/{tenant.slug}/accounts"
    picks = [account.pk for account in accounts]
    client.post(f"{base}/bulk/", {"pick": picks, "lifecycle_stage": "go_live"})
    client.post(f"{base}/bulk/", {"pick": picks, "tag": "VIP"})
    with tenant_scope(tenant):
        assert set(Account.objects.values_list("lifecycle_stage", flat=True)) == {"go_live"}
        assert AccountTag.objects.count() == 3
        stage, tag = BulkChange.objects.order_by("id")
        account_change(account=accounts[0], values={"lifecycle_stage": "after_sales"}, at=AT, by=None)
    client.post(f"{base}/undo/{stage.pk}/")
    client.post(f"{base}/undo/{tag.pk}/")
    with tenant_scope(tenant):
        stages = list(Account.objects.order_by("id").values_list("lifecycle_stage", flat=True))
        assert stages == ["after_sales", "training", "training"]
        assert AccountTag.objects.count() == 0


def test_a_pasted_column_is_shown_first_and_applied_when_confirmed(tenant: Tenant, manager: Member) -> None:
    with tenant_scope(tenant):
        accounts = [make_account(tenant, f"p{i}", arr=Decimal(5)) for i in range(4)]
    client, url = signed_in(manager), f"/t/{tenant.slug}/accounts/paste/"
    send = {"field": "arr", "pick": [a.pk for a in accounts], "text": "1,000\nmuch\n\n3万\n"}
    preview = client.post(url, send).content.decode()
    assert "2 accounts will change" in preview
    assert "1 line is refused" in preview
    with tenant_scope(tenant):
        assert set(Account.objects.values_list("arr", flat=True)) == {Decimal(5)}
    client.post(url, {**send, "confirm": "1"})
    with tenant_scope(tenant):
        found = list(Account.objects.order_by("id").values_list("arr", flat=True))
        change = BulkChange.objects.get()
    assert found == [Decimal(1000), Decimal(5), Decimal(5), Decimal(30000)]
    client.post(f"/t/{tenant.slug}/accounts/undo/{change.pk}/")
    with tenant_scope(tenant):
        assert set(Account.objects.values_list("arr", flat=True)) == {Decimal(5)}


def test_the_head_of_a_pasted_column_is_shown_as_such_and_is_no_value(tenant: Tenant, manager: Member) -> None:
    with tenant_scope(tenant):
        accounts = [make_account(tenant, f"p{i}", arr=Decimal(5)) for i in range(3)]
    client, url = signed_in(manager), f"/t/{tenant.slug}/accounts/paste/"

    def told(text: str, field: str = "arr", **more: str) -> str:
        send = {"field": field, "pick": [a.pk for a in accounts], "text": text, **more}
        return client.post(url, send).content.decode()

    for head in ("ARR", "年度经常性收入", "Contract value"):  # its label, a word of imports, no value and one too many
        preview = told(f"{head}\n1000\n2000\n3000\n")
        assert "3 accounts will change" in preview
        assert "line is refused" not in preview
        assert f"<q>{head}</q>" in preview
    assert "<q>" not in told("Contract value\n1000\n2000\n"), "as many lines as accounts: the first is refused"
    assert "2 accounts will change" in told("Industry\nShips\nRail\n", field="industry")
    assert "3 accounts will change" in told("Industry\nShips\nRail\n", field="industry", headless="1")
    assert "3 accounts will change" in told("Industry", field="industry"), "one line alone is for all"
    told("Industry\nShips\nRail\n", field="industry", confirm="1")
    with tenant_scope(tenant):
        assert list(Account.objects.order_by("id").values_list("industry", flat=True)) == ["Ships", "Rail", ""]


def test_any_field_figure_and_change_can_be_a_column_and_sort(tenant: Tenant, manager: Member) -> None:
    with tenant_scope(tenant):
        low, high = make_account(tenant, "low"), make_account(tenant, "high")
        volume, plan = field("Volume", "number"), field("Plan", "pick", choices=["Basic", "Pro"])
        who = field("Sponsor", "person")
        account_change(account=low, values={"custom": {volume.key: Decimal(2), plan.key: "Pro"}}, at=AT, by=manager)
        account_change(account=high, values={"custom": {volume.key: Decimal(30), who.key: manager}}, at=AT, by=manager)
        tags_add(accounts=[high], name="VIP", at=AT, by=manager)
        for account, before in ((low, 25), (high, 5)):
            make_metric(account)
            make_metric(account, mau=before, day=DAY - timedelta(days=30))
    client = signed_in(manager)
    columns = [volume.name, plan.name, who.name, "tags", "mau~30", "days_to_renewal"]
    query = "csm=all&" + "&".join(f"col={key}" for key in columns)
    rows = shown(client, tenant, f"{query}&sort=-{volume.name}")
    assert rows[0][2:] == [
        "Volume", "Plan", "Sponsor", "Tags", "Monthly active users, change in 30 days", "Days to renewal",
    ]  # fmt: skip
    assert [row[0] for row in rows[1:]] == ["high", "low"]
    assert rows[1][2:7] == ["30.0000", "", "Mara", "VIP", "15"]
    assert rows[2][2:7] == ["2.0000", "Pro", "", "", "-5"]
    for key in (volume.name, plan.name, who.name, "mau~30", "days_to_renewal", "health_score~90", "arr~7"):
        found = shown(client, tenant, f"{query}&col={key}&sort={key}")
        assert len(found) == 3, key
    page = client.get(f"/t/{tenant.slug}/portfolio/?{query}").content.decode()
    assert page.index(">Volume<") < page.index(">Plan<")


def test_segments_and_free_conditions_narrow_the_portfolio_and_read_as_a_sentence(
    tenant: Tenant, manager: Member
) -> None:
    with tenant_scope(tenant):
        make_account(tenant, "big", arr=Decimal(90000), industry="Steel")
        make_account(tenant, "small", arr=Decimal(10), industry="Steel")
        document = {"all": [{"field": "arr", "op": "gt", "value": 1000}]}
        segment = segment_save(name="Large ones", definition=document, at=AT, by=manager)
    client = signed_in(manager)
    assert [row[0] for row in shown(client, tenant, f"segment={segment.pk}")[1:]] == ["big"]
    where = json.dumps({"all": [{"field": "arr", "op": "lt", "value": 1000}]})
    assert [row[0] for row in shown(client, tenant, f"where={where}")[1:]] == ["small"]
    assert shown(client, tenant, f"where={where}&segment={segment.pk}")[1:] == []
    page = client.get(f"/t/{tenant.slug}/portfolio/", {"segment": str(segment.pk), "where": where}).content.decode()
    assert "Large ones" in page
    assert "ARR is less than 1,000" in page
    broken = client.get(f"/t/{tenant.slug}/portfolio/", {"where": "{not json"})
    assert broken.status_code == 200
    assert "cannot be read" in broken.content.decode()


def test_a_past_day_shows_what_was_reported_then_or_what_is_known_now(tenant: Tenant, manager: Member) -> None:
    past, later = DAY - 2 * WEEK, day_bounds(tenant.timezone, DAY - WEEK)[0]
    early = day_bounds(tenant.timezone, DAY - 4 * WEEK)[0]
    with tenant_scope(tenant):
        first, second = make_member(Role.CSM, "First"), make_member(Role.CSM, "Second")
        account = make_account(tenant, "one")
        then = {"csm": first, "arr": Decimal(100), "segment": "Small", "lifecycle_stage": "training"}
        account_change(account=account, values=then, at=early, by=None)
        now = {"csm": second, "arr": Decimal(500), "segment": "Big", "lifecycle_stage": "go_live"}
        account_change(account=account, values=now, at=later, by=None)
        make_score(account, 40, day=past)
        make_metric(account, day=past, mau=9)
        Metric.objects.filter(day=past).update(reported=Metric.Reported.KEPT)
        kept = {f.attname: getattr(Metric.objects.get(day=past), f.attname) for f in ReportedMetric._meta.local_fields}
        ReportedMetric.objects.create(**{**kept, "mau": 7})
        make_metric(account)
    client = signed_in(manager)
    columns = "csm=all&col=csm&col=arr&col=segment&col=stage&col=mau&col=health"
    today = shown(client, tenant, columns)[1]
    reported = shown(client, tenant, f"{columns}&day={past}")[1]
    known = shown(client, tenant, f"{columns}&day={past}&basis=known")[1]
    assert today[2:7] == ["Second", "500.00", "Big", "Go-live", "20.0"]
    assert reported[2:] == ["First", "100", "Small", "Training", "7.0", "40.0"]
    assert known[2:7] == ["First", "100", "Small", "Training", "9.0"]
    assert len(shown(client, tenant, f"csm={first.pk}&day={past}")) == 2
    assert len(shown(client, tenant, f"csm={second.pk}&day={past}")) == 1
    for key in ("csm", "arr", "health", "mau", "change", "segment"):
        assert len(shown(client, tenant, f"csm=all&sort={key}&day={past}")) == 2
    page = client.get(f"/t/{tenant.slug}/portfolio/?csm=all&day={past}").content.decode()
    assert "as-today" in page
    assert "data-edit" not in page
    assert "as they were reported then" in page


def test_the_arr_of_a_past_day_is_what_the_contract_lines_came_to_then(tenant: Tenant, manager: Member) -> None:
    past = DAY - 2 * WEEK
    with tenant_scope(tenant):
        account = make_account(tenant, "one", arr=Decimal(5))
        contract = contract_save(account=account, values={"external_id": "c", "currency": "EUR"}, at=AT, by=None)
        product = product_save(values={"key": "suite", "name": "Suite"}, at=AT, by=None)
        line = {"product": product, "seats": 5, "billing_months": 12}
        for start, end, amount in ((past - WEEK, past + WEEK, 1000), (past + WEEK, None, 2000)):
            values = {**line, "external_id": str(amount), "amount": Decimal(amount), "start": start, "end": end}
            line_save(contract=contract, values=values, at=AT, by=None)
        for day in (DAY, past):
            make_score(account, 40, day=day)
            make_metric(account, day=day)
    client = signed_in(manager)
    for day, arr in ((DAY, "2000"), (past, "1000")):
        rows = shown(client, tenant, f"csm=all&col=arr&sort=arr&day={day}")
        assert [row[2].split(".")[0] for row in rows[1:]] == [arr], day


def test_the_excel_file_holds_what_the_csv_file_holds_and_no_formula(tenant: Tenant, manager: Member) -> None:
    with tenant_scope(tenant):
        names = ["=1+1", "+1", "-1", "@x", "Plain"]
        for i, name in enumerate(names):
            make_account(tenant, f"n{i}", name=name, arr=Decimal(i), renewal_date=DAY)
    client, query = signed_in(manager), "csm=all&col=arr&col=renewal&sort=external_id"
    rows = shown(client, tenant, query)
    answer = client.get(f"/t/{tenant.slug}/portfolio/export/?{query}&format=xlsx")
    book = zipfile.ZipFile(io.BytesIO(answer.content))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    strings = [
        "".join(node.itertext())
        for node in Xml.fromstring(book.read("xl/sharedStrings.xml")).iter()  # noqa: S314 - written by ourselves
        if node.tag.endswith("}si")
    ]
    assert "<f>" not in sheet
    assert set(names) <= set(strings)
    assert rows[0] == strings[: len(rows[0])]
    assert all(row[1].startswith("'") for row in rows[1:5])


def test_custom_fields_come_and_go_through_import_and_api(tenant: Tenant, manager: Member) -> None:
    made = make_tenant()
    tenant = made.tenant
    with tenant_scope(tenant):
        plan, signed = field("Plan", "pick", choices=["Basic", "Pro"]), field("Signed on", "date")
        manager = make_member(Role.MANAGER)
        _key, secret = key_create(
            kind=Key.Kind.API, name="K", scopes=["accounts:read", "accounts:write"], by=made.admin, at=AT
        )
    with tenant_scope(tenant):
        text = "external id,name,Plan,Signed on\nx1,One,pro,2026-01-31\nx2,Two,Gold,2026-01-31\n"
        assert bring(tenant, "accounts", text, by=manager).counts["refused"] == 1
        account = Account.objects.get()
        values = values_of_ids(ids=[account.pk], fields=field_list())[account.pk]
        assert (values[plan.pk], values[signed.pk].isoformat()) == ("Pro", "2026-01-31")
    api = Client(headers={"authorization": f"Bearer {secret}"})
    rows = [{"external_id": "x1", "custom": {plan.key: "Basic", signed.key: None}}]
    for what in ("changed", "unchanged"):
        answer = api.post("/api/v1/accounts/bulk/", rows, content_type="application/json")
        assert answer.json()[what] == 1, answer.json()
    got = api.get("/api/v1/accounts/").json()["results"][0]
    assert got["custom"] == {plan.key: "Basic", signed.key: None}
    wrong = [{"external_id": "x1", "custom": {plan.key: "Gold", "nothing": 1}}]
    refused = api.post("/api/v1/accounts/bulk/", wrong, content_type="application/json")
    assert refused.status_code == 400
    assert "Choose one of" in refused.content.decode()
    assert "Known are" in refused.content.decode()


def test_a_field_with_values_keeps_its_type_and_choices_in_use_stay(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        admin = make_member(Role.ADMIN)
        plan = field("Plan", "pick", choices=["Basic", "Pro"])
        account = make_account(tenant)
        account_change(account=account, values={"custom": {plan.key: "Pro"}}, at=AT, by=admin)
    client, url = signed_in(admin), f"/t/{tenant.slug}/fields/{plan.pk}/"
    assert "It cannot change any more" in client.get(url).content.decode()
    answer = client.post(url, {"label": "Plan", "choices": "Basic"})
    assert "must stay: Pro" in answer.content.decode()
    with tenant_scope(tenant):
        with pytest.raises(Exception, match="type stays"):
            custom_field_save(values={"kind": "text"}, at=AT, by=admin, field=plan)
        plan.refresh_from_db()
        assert plan.kind == "pick"


def test_the_page_with_segment_and_custom_columns_needs_as_many_queries_for_many(
    tenant: Tenant, manager: Member
) -> None:
    with tenant_scope(tenant):
        volume = field("Volume", "number")
        document = {"all": [{"field": volume.name, "op": "gt", "value": 1}, {"field": "mau", "op": "gt", "value": 1}]}
        segment = segment_save(name="S", definition=document, at=AT, by=manager)
    client = signed_in(manager)
    path = f"/t/{tenant.slug}/portfolio/?segment={segment.pk}&col={volume.name}&col=mau~30&sort=-{volume.name}"

    def grow(count: int) -> int:
        with tenant_scope(tenant):
            for _ in range(count):
                account = make_account(tenant, csm=manager)
                account_change(account=account, values={"custom": {volume.key: Decimal(5)}}, at=AT, by=None)
                make_metric(account)
        client.get(path)
        with CaptureQueriesContext(connection) as caught:
            assert client.get(path).status_code == 200
        return len(caught)

    assert grow(3) == grow(30)


def test_a_view_is_renamed_shared_deleted_and_brought_back(tenant: Tenant, manager: Member) -> None:
    client, base = signed_in(manager), f"/t/{tenant.slug}/views"
    client.post(f"{base}/save/", {"name": "Mine", "query": "csm=me"})
    with tenant_scope(tenant):
        view = SavedView.objects.get()
    client.post(f"{base}/{view.pk}/edit/", {"name": "Renamed", "is_shared": "on"})
    with tenant_scope(tenant):
        assert (SavedView.objects.get().name, SavedView.objects.get().is_shared) == ("Renamed", True)
    client.post(f"{base}/{view.pk}/delete/")
    client.post(f"{base}/restore/")
    with tenant_scope(tenant):
        assert (SavedView.objects.get().name, SavedView.objects.get().query) == ("Renamed", "csm=me")
        assert tags_of(account_ids=[]) == {}

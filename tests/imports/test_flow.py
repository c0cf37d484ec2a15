"""An import from file to undo: counts, refusals, twice is once, undone is as before."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Account, AccountValue, Contact, ContractLine, CustomField, StageHold, Touch
from accounts.services import account_change, contact_save, custom_field_save
from imports.models import Import, ImportRow, ImportSource
from imports.selectors import refused_file
from imports.services import import_accept, import_advance, import_discard
from tenants.models import AuditEntry, Member, Tenant
from tenants.scope import tenant_scope
from tenants.services import NewTenant
from tests.factories import AT, make_account, make_member, make_tenant
from tests.imports.world import ACCOUNTS, bring, check, everything, run, start, undo

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Iterator[NewTenant]:
    made = make_tenant()
    with tenant_scope(made.tenant):
        yield made


@pytest.fixture
def tenant(made: NewTenant) -> Tenant:
    return made.tenant


@pytest.fixture
def admin(made: NewTenant) -> Member:
    return made.admin


def test_nothing_is_changed_before_an_import_runs(tenant: Tenant, admin: Member) -> None:
    before = everything()
    of = check(tenant, "accounts", ACCOUNTS, by=admin)
    assert everything() == before
    assert of.counts == {"created": 2, "changed": 0, "unchanged": 0, "refused": 0}


def test_accounts_come_in_with_their_values_history_and_audit(tenant: Tenant, admin: Member) -> None:
    of = bring(tenant, "accounts", ACCOUNTS, by=admin)
    harbor = Account.objects.get(external_id="h1")
    assert (harbor.name, harbor.arr, harbor.renewal_date, harbor.seats) == (
        "Harbor", Decimal("1200.50"), date(2027, 1, 31), 40,
    )  # fmt: skip
    assert Account.objects.get(external_id="h2").currency == tenant.currency
    assert of.counts["created"] == 2
    created = AuditEntry.objects.filter(noun="account", action="create")
    assert {entry.object_label for entry in created} == {"Harbor", "Inland"}


def test_the_same_file_twice_changes_nothing(tenant: Tenant, admin: Member) -> None:
    bring(tenant, "accounts", ACCOUNTS, by=admin)
    before = everything()
    again = bring(tenant, "accounts", ACCOUNTS, by=admin)
    assert again.counts == {"created": 0, "changed": 0, "unchanged": 2, "refused": 0}
    assert everything() == before


def test_undone_everything_is_as_before(tenant: Tenant, admin: Member) -> None:
    make_account(tenant, "h1", name="Old harbour", industry="Fish")
    before = everything()
    of = bring(tenant, "accounts", ACCOUNTS, by=admin)
    assert everything() != before
    undone = undo(tenant, of, by=admin)
    assert everything() == before
    assert (undone.counts["back"], undone.counts["kept"]) == (2, 0)


def test_what_somebody_changed_since_stays_and_is_named(tenant: Tenant, admin: Member) -> None:
    of = bring(tenant, "accounts", ACCOUNTS, by=admin)
    account_change(account=Account.objects.get(external_id="h1"), values={"industry": "Rail"}, at=AT, by=admin)
    undone = undo(tenant, of, by=admin)
    assert (undone.counts["back"], undone.counts["kept"]) == (1, 1)
    kept = ImportRow.objects.get(of=of, undone="kept")
    assert "Rail" in kept.reasons[0]
    assert Account.objects.get().industry == "Rail"


def test_a_new_account_with_which_somebody_has_worked_stays(tenant: Tenant, admin: Member) -> None:
    of = bring(tenant, "accounts", ACCOUNTS, by=admin)
    contact_save(account=Account.objects.get(external_id="h2"), values={"name": "Ann"}, at=AT, by=admin)
    undo(tenant, of, by=admin)
    assert [account.external_id for account in Account.objects.all()] == ["h2"]


def test_refused_rows_come_back_as_they_were_with_their_reasons(tenant: Tenant, admin: Member) -> None:
    text = "External id,Name,ARR\nh1,Harbor,a lot\nh1,Twin,1\n,,\n,=1+1,5\nh3,Fine,3\n"
    of = bring(tenant, "accounts", text, by=admin)
    assert (of.counts["created"], of.counts["refused"]) == (3, 1)
    heads, rows = refused_file(of=of)
    [row] = rows
    assert heads == ["External id", "Name", "ARR"]
    assert row[:4] == ["h1", "Harbor", "a lot", "2"]
    assert "such as 1234.5" in row[4]


def test_the_same_id_twice_is_refused_the_second_time(tenant: Tenant, admin: Member) -> None:
    of = bring(tenant, "accounts", "id,name\nh1,One\nh1,Two\n", by=admin)
    assert Account.objects.get().name == "One"
    assert "line 2" in ImportRow.objects.get(of=of, fate="refused").reasons[0]


def test_suggestions_are_accepted_one_by_one_or_all(tenant: Tenant, admin: Member) -> None:
    text = "id,name,stage,contract start\na,A,go-lvie,16-10-2024\nb,B,training,11-06-2024\nc,C,trainning,2024-01-05\n"
    of = check(tenant, "accounts", text, by=admin)
    assert of.counts["refused"] == 3
    rules = {(one["rule"], one["text"] if one["each"] else "") for one in of.suggestions}
    assert rules == {("dmy", ""), ("near", "go-lvie"), ("near", "trainning")}
    done = run(tenant, check(tenant, "accounts", text, by=admin, accept=True), by=admin)
    assert done.counts["created"] == 3
    assert Account.objects.get(external_id="b").contract_start == date(2024, 6, 11)
    assert Account.objects.get(external_id="a").lifecycle_stage == "go_live"


def test_a_date_that_can_be_read_in_two_ways_offers_both_and_takes_neither(tenant: Tenant, admin: Member) -> None:
    of = check(tenant, "accounts", "id,contract start\na,03/04/2025\n", by=admin)
    assert [(one["rule"], one["other"]) for one in of.suggestions] == [("dmy", True), ("mdy", True)]
    assert of.counts["refused"] == 1


def test_a_company_known_under_another_id_is_suggested_and_not_made_twice(tenant: Tenant, admin: Member) -> None:
    make_account(tenant, "crm-1", name="Harbor Logistics Ltd.")
    text = "id,name,industry\nnew-7,Harbour Logistics,Ships\nnew-8,Harbor Logistics 2,Rail\n"
    of = check(tenant, "accounts", text, by=admin)
    assert [(one["rule"], one["text"]) for one in of.suggestions] == [("same", "new-7")]
    assert of.counts["created"] == 2, "not accepted, it is a new account"
    done = bring(tenant, "accounts", text, by=admin, accept=True)
    assert (done.counts["created"], done.counts["changed"]) == (1, 1)
    assert Account.objects.get(external_id="crm-1").industry == "Ships"


def test_columns_are_remembered_for_the_source(tenant: Tenant, admin: Member) -> None:
    bring(
        tenant, "accounts", "Nr,Firma,id\n9,Harbor,h1\n", by=admin, mapping={0: "seats", 1: "name"}, name="crm 2026.csv"
    )
    of = start("accounts", "id,Firma,Nr\nh1,Harbor,10\n", by=admin, name="crm 2027-01.csv")
    assert of.mapping == {"0": "external_id", "1": "name", "2": "seats"}
    assert ImportSource.objects.get().name == "crm"


def test_a_column_becomes_a_field_of_ones_own_and_undoing_takes_it_away(tenant: Tenant, admin: Member) -> None:
    before = everything()
    text = "id,Country,Colour\n" + "".join(f"a{n},{'US' if n % 2 else 'IN'},c{n}\n" for n in range(8))
    of = bring(tenant, "accounts", text, by=admin, mapping={1: "new:pick"})
    field = CustomField.objects.get()
    assert (field.label, field.kind, field.choices) == ("Country", "pick", ["IN", "US"])
    assert AccountValue.objects.filter(field=field, text="US").count() == 4
    undo(tenant, of, by=admin)
    assert everything() == before


def test_a_file_that_is_discarded_leaves_no_field_behind(tenant: Tenant, admin: Member) -> None:
    before = everything()
    of = check(tenant, "accounts", "id,Country\na,US\n", by=admin, mapping={1: "new:text"})
    import_discard(of=of, at=AT, by=admin)
    assert everything() == before
    assert not Import.objects.exists()


def test_custom_values_come_in_are_refused_and_put_back(tenant: Tenant, admin: Member) -> None:
    for label, kind in (("Score", "number"), ("Since", "date"), ("Sponsor", "person")):
        custom_field_save(values={"label": label, "kind": kind}, at=AT, by=admin)
    csm = make_member(name="Mia Sun")
    account = make_account(tenant, "h1")
    bring(tenant, "accounts", "id,Score,Since,Sponsor\nh1,1,2024-01-01,Mia Sun\n", by=admin)
    before = everything()
    of = bring(tenant, "accounts", f"id,Score,Since,Sponsor\nh1,2.5,2024年3月1日,{csm.user.email}\nh2,x,,\n", by=admin)
    assert (of.counts["changed"], of.counts["refused"]) == (1, 1)
    held = {value.field.key: value for value in AccountValue.objects.filter(account=account).select_related("field")}
    assert (held["score"].number, held["since"].day, held["sponsor"].person) == (Decimal("2.5"), date(2024, 3, 1), csm)
    undo(tenant, of, by=admin)
    assert everything() == before


def test_people_come_in_with_roles_and_superiors_in_any_order(tenant: Tenant, admin: Member) -> None:
    make_account(tenant, "h1", name="Harbor")
    before = everything()
    text = (
        "客户,姓名,职位,角色,邮箱,上级\nHarbor,李雷,工程师,使用者,li@h.cn,韩梅\n"
        "Harbor,韩梅,总经理,一把手；关键人,han@h.cn,\nHarbor,王五,,,,赵六\n"
    )
    of = bring(tenant, "contacts", text, by=admin)
    assert (of.counts["created"], of.counts["refused"]) == (2, 1)
    li = Contact.objects.get(name="李雷")
    assert li.reports_to is not None
    assert (li.reports_to.name, li.reports_to.roles) == ("韩梅", ["decision_maker", "key_person"])
    again = bring(tenant, "contacts", text, by=admin)
    assert again.counts["unchanged"] == 2
    changed = bring(tenant, "contacts", "客户,姓名,邮箱,职位\nHarbor,李雷,li@h.cn,总监\n", by=admin)
    assert Contact.objects.get(email="li@h.cn").title == "总监"
    undo(tenant, changed, by=admin)
    undo(tenant, of, by=admin)
    assert everything() == before


def test_contract_lines_come_in_and_go_again(tenant: Tenant, admin: Member) -> None:
    make_account(tenant, "h1", name="Harbor", arr=Decimal(5), seats=3)
    before = everything()
    text = (
        "Contract id,Line id,Account,Product,Seats,MRR,Start,Valid until\n"
        "k1,1,h1,Suite,10,100,2026-01-01,2026-12-31\nk1,2,h1,Add-on,2,50,2026-01-01,2026-12-31\nk2,1,nobody,Suite,1,1,2026-01-01,\n"
    )
    of = bring(tenant, "contracts", text, by=admin)
    assert (of.counts["created"], of.counts["refused"]) == (2, 1)
    account = Account.objects.get()
    assert (account.arr, account.seats, account.renewal_date) == (Decimal(1800), 12, date(2027, 1, 1))
    assert bring(tenant, "contracts", text, by=admin).counts["unchanged"] == 2
    changed = bring(
        tenant, "contracts", "Contract id,Line id,Account,Seats,MRR,Start\nk1,1,h1,11,100,2026-01-01\n", by=admin
    )
    assert changed.counts["changed"] == 1
    assert ContractLine.objects.get(external_id="1").seats == 11
    undo(tenant, changed, by=admin)
    assert ContractLine.objects.get(external_id="1").seats == 10
    undo(tenant, of, by=admin)
    assert everything() == before


def test_seats_go_to_the_running_line_else_to_the_field(tenant: Tenant, admin: Member) -> None:
    make_account(tenant, "h1")
    make_account(tenant, "h2")
    bring(tenant, "contracts", "Contract id,Account,ARR,Start\nk1,h1,1200,2026-01-01\n", by=admin)
    before = everything()
    of = bring(tenant, "seats", "account,seats\nh1,7\nh2,9 users\n", by=admin, accept=True)
    assert (ContractLine.objects.get().seats, Account.objects.get(external_id="h2").seats) == (7, 9)
    assert Account.objects.get(external_id="h1").seats == 7
    undo(tenant, of, by=admin)
    assert everything() == before


def test_a_loss_ends_the_lines_that_ran_on_its_day(tenant: Tenant, admin: Member) -> None:
    make_account(tenant, "h1")
    bring(tenant, "contracts", "Contract id,Account,ARR,Start\nk1,h1,1200,2025-01-01\nk2,h1,600,2026-02-01\n", by=admin)
    before = everything()
    text = "account,churn date,reason\nh1,2025-12-01,price\nh1,2024-01-01,none\n"
    of = bring(tenant, "losses", text, by=admin)
    lost = ContractLine.objects.get(outcome="lost")
    assert (lost.contract.external_id, lost.end, lost.outcome_date, lost.reason) == (
        "k1", date(2025, 12, 1), date(2025, 12, 1), "price",
    )  # fmt: skip
    assert of.counts["refused"] == 1
    assert bring(tenant, "losses", text, by=admin).counts["unchanged"] == 1
    undo(tenant, of, by=admin)
    assert everything() == before


def test_touches_come_in_with_people_once(tenant: Tenant, admin: Member) -> None:
    account = make_account(tenant, "h1", name="Harbor")
    contact_save(account=account, values={"name": "Ann"}, at=AT, by=admin)
    before = everything()
    text = (
        "客户,跟进日期,跟进方式,跟进内容,参与人\nHarbor,2026/3/1,电话,聊了续约,Ann\n"
        "Harbor,2026/3/2,企业微信,发了材料,\nHarbor,2027/1/1,电话,未来,\n"
    )
    of = bring(tenant, "touches", text, by=admin)
    assert (of.counts["created"], of.counts["refused"]) == (2, 1)
    call = Touch.objects.get(kind="call")
    assert (call.two_way, [one.name for one in call.contacts.all()]) == (True, ["Ann"])
    assert bring(tenant, "touches", text, by=admin).counts["unchanged"] == 2
    undo(tenant, of, by=admin)
    assert everything() == before


def test_a_run_that_was_cut_off_goes_on_where_it_stopped(
    tenant: Tenant, admin: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    from imports.services import advance, import_advance, import_go

    monkeypatch.setattr(advance, "AT_ONCE", 3)
    text = "id,name\n" + "".join(f"a{n},Company {n}\n" for n in range(10))
    of = check(tenant, "accounts", text, by=admin)
    import_go(of=of, at=AT, by=admin)
    held = advance.opened(of, tenant, AT)
    assert advance._run_part(tenant, held, lambda: AT)
    assert Account.objects.count() == 3
    import_advance(tenant=tenant, pk=of.pk, clock=lambda: AT)
    of.refresh_from_db()
    assert (of.state, Account.objects.count(), of.counts["created"]) == (Import.State.DONE, 10, 10)


def test_what_contracts_decide_is_left_out_and_the_rest_of_the_row_is_taken(tenant: Tenant, admin: Member) -> None:
    make_account(tenant, "h1", name="Harbor")
    bring(tenant, "contracts", "Contract id,Account,ARR,Start,End\nk1,h1,1200,2026-01-01,2027-01-01\n", by=admin)
    text = "id,name,ARR,Renewal date,Stage\nh1,Harbor,999,2028-05-01,Training\n"
    of = check(tenant, "accounts", text, by=admin)
    assert (of.counts["changed"], of.counts["refused"]) == (1, 0)
    [row] = of.preview["changed"]
    assert [name for name, _old, _new in row["changes"]] == ["lifecycle_stage"]
    assert "1200 is kept, not 999: decided by contracts" in row["reasons"][0]
    assert len(row["reasons"]) == 2
    assert of.findings == ["In 1 row a value is left out; the row says which and why."]
    run(tenant, of, by=admin)
    account = Account.objects.get()
    assert (account.arr, account.lifecycle_stage) == (Decimal(1200), "training")
    again = bring(tenant, "accounts", text, by=admin)
    assert (again.counts["unchanged"], again.counts["refused"]) == (1, 0)


def test_a_stage_that_is_put_back_leaves_no_hold_against_the_rules(tenant: Tenant, admin: Member) -> None:
    make_account(tenant, "h1", name="Harbor", lifecycle_stage="go_live")
    before = everything()
    of = bring(tenant, "accounts", "id,stage\nh1,Training\n", by=admin)
    assert StageHold.objects.count() == 1
    undo(tenant, of, by=admin)
    assert everything() == before


def test_a_row_without_a_name_keeps_that_of_its_account_and_a_new_one_says_what_to_do(
    tenant: Tenant, admin: Member
) -> None:
    make_account(tenant, "h1", name="Harbor")
    of = bring(tenant, "accounts", "id,name,industry\nh1,,Ships\nn1,,Rail\n,,Fish\n", by=admin)
    assert (of.counts["changed"], of.counts["created"], of.counts["refused"]) == (1, 0, 2)
    assert (Account.objects.get().name, Account.objects.get().industry) == ("Harbor", "Ships")
    first, second = ImportRow.objects.filter(of=of, fate="refused").order_by("line")
    assert "“n1”, and a new one needs a name. Write it in the row" in first.reasons[0]
    assert "Neither external id nor name. Write one of them" in second.reasons[0]


def test_one_order_of_dates_is_accepted_and_the_other_declined(tenant: Tenant, admin: Member) -> None:
    text = "id,contract start\na,03/04/2025\nb,05/06/2025\n"
    of = check(tenant, "accounts", text, by=admin)
    day_first, month_first = (one["key"] for one in of.suggestions)
    with pytest.raises(ValidationError, match="Choose one"):
        import_accept(of=of, keys=[day_first, month_first], at=AT, by=admin)
    for key in (day_first, month_first):
        import_accept(of=of, keys=[key], at=AT, by=admin)
        import_advance(tenant=tenant, pk=of.pk, clock=lambda: AT)
        of.refresh_from_db()
        assert of.accepted == [key]
        assert ImportSource.objects.get().accepted == [key]
    assert of.counts["created"] == 2
    run(tenant, of, by=admin)
    assert Account.objects.get(external_id="a").contract_start == date(2025, 3, 4)


def test_dates_in_both_orders_are_read_where_they_can_be_and_decided_where_not(tenant: Tenant, admin: Member) -> None:
    text = "id,contract start\na,16/10/2024\nb,10/17/2024\nc,03/04/2025\n"
    of = check(tenant, "accounts", text, by=admin)
    assert {(one["rule"], one["other"]) for one in of.suggestions} == {("mixed", False), ("dmy", True), ("mdy", True)}
    done = run(tenant, check(tenant, "accounts", text, by=admin, accept=True), by=admin)
    assert (done.counts["created"], done.counts["refused"]) == (2, 1)


def test_another_column_tells_which_order_is_likely(tenant: Tenant, admin: Member) -> None:
    text = "id,contract start,renewal date\na,03/04/2025,10/16/2026\n"
    done = bring(tenant, "accounts", text, by=admin, accept=True)
    assert done.counts["created"] == 1
    assert Account.objects.get().contract_start == date(2025, 3, 4), "month first, as the renewal is"


def test_what_else_is_wrong_with_a_row_shows_before_its_suggestion_is_accepted(tenant: Tenant, admin: Member) -> None:
    make_account(tenant, "crm-1", name="Harbor Logistics Ltd.")
    text = (
        "id,name,stage,contract start,renewal date,currency\n"
        "a,Harbour Logistics,Trainnig,2026-01-01,2027-01-01,\nb,B,Trainnig,2026-01-01,2025-01-01,\n"
        "c,C,Trainnig,,,EURO\nd,D,Training,,,\nd,E,Trainnig,,,\n"
    )
    first = check(tenant, "accounts", text, by=admin)
    assert {one["rule"] for one in first.suggestions} == {"near", "same"}
    second = check(tenant, "accounts", text, by=admin, accept=True)
    assert {one["key"] for one in second.suggestions} == {one["key"] for one in first.suggestions}
    for row in second.preview["refused"]:
        [before] = [one for one in first.preview["refused"] if one["line"] == row["line"]]
        assert set(row["reasons"]) <= set(before["reasons"])
    assert [row["line"] for row in second.preview["refused"]] == [3, 4, 6]


def test_a_line_that_contradicts_one_above_says_in_what(tenant: Tenant, admin: Member) -> None:
    of = check(tenant, "accounts", "id,name,industry\na,A,Ships\na,A,Rail\na,A,Ships\n", by=admin)
    other, same = of.preview["refused"]
    assert other["reasons"] == [
        "The same id stands in line 2 already, with something else in Industry. Line 2 counts; leave one of the two in "
        "the file."
    ]
    assert same["reasons"] == ["The same id stands in line 2 already."]


def test_an_account_named_by_id_and_by_the_name_that_this_changes_is_a_contradiction(
    tenant: Tenant, admin: Member
) -> None:
    make_account(tenant, "h1", name="Harbor")
    before = everything()
    for _time in (1, 2):
        of = bring(tenant, "accounts", "id,name,industry\nh1,Haven,Ships\n,Harbor,Rail\n", by=admin)
        assert (of.counts["refused"], everything() == before) == (2, True)
    assert "Lines 2, 3 mean the same one" in ImportRow.objects.filter(fate="refused")[0].reasons[0]


def test_a_long_chain_of_superiors_comes_in(tenant: Tenant, admin: Member) -> None:
    make_account(tenant, "h1", name="Harbor")
    chain = "".join(f"h1,P{n},{f'P{n + 1}' if n < 1_600 else ''}\n" for n in range(1_601))
    of = bring(tenant, "contacts", "account,name,reports to\n" + chain, by=admin)
    assert (of.counts["created"], of.counts["refused"]) == (1_601, 0)
    assert Contact.objects.filter(reports_to=None).get().name == "P1600"
    undo(tenant, of, by=admin)
    assert not Contact.objects.exists()


def test_people_who_report_in_a_circle_are_refused_before_the_run(tenant: Tenant, admin: Member) -> None:
    make_account(tenant, "h1", name="Harbor")
    text = "account,name,reports to\nh1,Ann,Bob\nh1,Bob,Cy\nh1,Cy,Ann\nh1,Di,Ann\nh1,Ed,\n"
    of = check(tenant, "contacts", text, by=admin)
    assert (of.counts["created"], of.counts["refused"]) == (1, 4)
    reasons = {row["line"]: row["reasons"] for row in of.preview["refused"]}
    assert reasons[2] == reasons[4] == ["These people would report to each other in a circle: lines 2, 3, 4."]
    assert reasons[5] == ["Nobody at this account is called “Ann”."]


def test_a_superior_is_named_by_address_too_and_one_who_stays_out_is_nobody_s(tenant: Tenant, admin: Member) -> None:
    make_account(tenant, "h1", name="Harbor")
    before = everything()
    text = (
        "account,name,e-mail,reports to,roles\nh1,Ann,ann@h.example,,\nh1,Bob,,ANN@h.example,\n"
        "h1,Cy,,,Boss\nh1,Di,,Cy,\n"
    )
    of = bring(tenant, "contacts", text, by=admin)
    assert (of.counts["created"], of.counts["refused"]) == (2, 2)
    bob = Contact.objects.get(name="Bob")
    assert bob.reports_to is not None
    assert bob.reports_to.name == "Ann"
    again = bring(tenant, "contacts", text, by=admin)
    assert (again.counts["changed"], again.counts["unchanged"]) == (0, 2)
    undo(tenant, of, by=admin)
    assert everything() == before


def test_rows_that_mean_one_person_by_different_names_are_refused_together(tenant: Tenant, admin: Member) -> None:
    account = make_account(tenant, "h1", name="Harbor")
    contact_save(account=account, values={"name": "Ann", "email": "ann@h.example"}, at=AT, by=admin)
    before = everything()
    for _time in (1, 2):
        of = bring(tenant, "contacts", "account,name,e-mail\nh1,Bob,ann@h.example\nh1,Ann,\n", by=admin)
        assert (of.counts["refused"], everything() == before) == (2, True)


def test_one_contract_has_one_account_and_one_currency(tenant: Tenant, admin: Member) -> None:
    for key in ("h1", "h2"):
        make_account(tenant, key)
    text = (
        "Contract id,Line id,Account,ARR,Start,Currency\nk1,1,h1,10,2026-01-01,EUR\nk1,2,h2,10,2026-01-01,\n"
        "k1,3,h1,10,2026-01-01,USD\nk1,4,h1,10,2026-01-01,EUR\n"
    )
    of = check(tenant, "contracts", text, by=admin)
    assert [row["reasons"] for row in of.preview["refused"]] == [
        ["Line 2 says something else of the same contract in Account, and counts."],
        ["Line 2 says something else of the same contract in Currency, and counts."],
    ]
    assert of.counts["created"] == 2


def test_a_touch_without_a_kind_keeps_the_one_it_has(tenant: Tenant, admin: Member) -> None:
    make_account(tenant, "h1")
    bring(tenant, "touches", "id,account,date,kind,note\nt1,h1,2026-03-01,Call,Spoke\n", by=admin)
    before = everything()
    of = bring(tenant, "touches", "id,account,date,note\nt1,h1,2026-03-01,Spoke long\n", by=admin)
    assert (Touch.objects.get().kind, Touch.objects.get().two_way, Touch.objects.get().note) == (
        "call", True, "Spoke long",
    )  # fmt: skip
    undo(tenant, of, by=admin)
    assert everything() == before

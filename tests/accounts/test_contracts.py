"""Contracts: what an account's fields become, who may still write them, and what is refused with which reason."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from accounts.models import Account, AccountTerm, Contract, ContractLine, Product
from accounts.selectors.contracts import contract_book, entitled_features, terms_of_day
from accounts.services import (
    EditConflict,
    account_apply_traits,
    account_change,
    contract_delete,
    contract_save,
    contracts_upsert,
    entitlement_save,
    feature_save,
    line_delete,
    line_outcome,
    line_save,
    plan_save,
    product_save,
    rate_delete,
    rate_set,
    terms_night,
)
from tenants.models import AuditEntry, Member, Role
from tenants.scope import tenant_scope
from tenants.services import NewTenant
from tests.factories import AT, DAY, make_account, make_member, make_tenant
from tests.imports.world import bring

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 10)
YEAR = timedelta(days=365)


@pytest.fixture
def made() -> Iterator[NewTenant]:
    made = make_tenant()
    with tenant_scope(made.tenant):
        yield made


@pytest.fixture
def csm(made: NewTenant) -> Member:
    return make_member(Role.CSM)


@pytest.fixture
def account(made: NewTenant) -> Account:
    own = {"arr": Decimal(500), "seats": 7, "renewal_date": TODAY + YEAR, "contract_start": TODAY - YEAR}
    return make_account(made.tenant, "one", **own)


def product(key: str = "suite") -> Product:
    return Product.objects.filter(key=key).first() or product_save(values={"key": key, "name": key}, at=AT, by=None)


def line_values(**values: Any) -> dict[str, Any]:
    usual = {"external_id": "1", "product": product(), "amount": Decimal(1200), "billing_months": 12, "seats": 20}
    return {**usual, "start": date(2026, 1, 1), "end": date(2027, 1, 1), **values}


def signed(account: Account, by: Member | None = None, currency: str = "EUR", **values: Any) -> ContractLine:
    contract = contract_save(
        account=account, values={"external_id": f"c-{account.pk}", "currency": currency}, at=AT, by=by
    )
    return line_save(contract=contract, values=line_values(**values), at=AT, by=by)


def shown(account: Account) -> tuple[Any, ...]:
    account.refresh_from_db()
    return account.arr, account.seats, account.renewal_date, account.contract_start


def test_the_first_line_decides_the_accounts_fields_and_without_it_they_are_its_own_again(
    account: Account, csm: Member
) -> None:
    own = shown(account)
    line = signed(account, csm)
    assert shown(account) == (Decimal("1200.00"), 20, date(2027, 1, 1), date(2026, 1, 1))
    line_delete(line=line, at=AT, by=csm)
    assert shown(account) == own
    assert account.terms_from is None
    assert not AccountTerm.objects.exists()


def test_past_and_coming_days_have_the_terms_of_their_lines_and_before_the_first_the_own_fields(
    account: Account, csm: Member
) -> None:
    line = signed(account, csm)
    later = {"external_id": "2", "start": date(2026, 7, 1), "end": date(2027, 1, 1), "seats": 5, "amount": Decimal(300)}
    line_save(contract=line.contract, values=line_values(**later), at=AT, by=csm)
    told = {
        day: (terms_of_day(day=day)[account.pk].arr, terms_of_day(day=day)[account.pk].seats)
        for day in (date(2025, 5, 5), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1), date(2027, 1, 1))
    }
    assert list(told.values()) == [
        (Decimal(500), 7), (Decimal(1200), 20), (Decimal(1200), 20), (Decimal(1500), 25), (Decimal(0), None),
    ]  # fmt: skip


def test_the_date_that_passes_changes_the_account_in_the_night(made: NewTenant, account: Account, csm: Member) -> None:
    signed(account, csm, start=TODAY + timedelta(days=1))
    own = shown(account)
    assert terms_night(tenant=made.tenant, today=TODAY) == 0
    assert shown(account) == own
    assert terms_night(tenant=made.tenant, today=TODAY + timedelta(days=1)) == 1
    assert shown(account)[:2] == (Decimal(1200), 20)
    assert terms_night(tenant=made.tenant, today=TODAY + timedelta(days=1)) == 0


def test_own_fields_are_free_until_the_first_line_starts(account: Account, csm: Member) -> None:
    signed(account, csm, start=TODAY + timedelta(days=5))
    account_change(account=account, values={"arr": Decimal(650)}, at=AT, by=csm)
    assert shown(account)[0] == Decimal(650)
    assert terms_of_day(day=TODAY)[account.pk].arr == Decimal(650)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("arr", Decimal(999)),
        ("seats", 3),
        ("renewal_date", date(2030, 1, 1)),
        ("contract_start", date(2020, 1, 1)),
        ("currency", "USD"),
    ],
)
def test_what_lines_decide_refuses_a_hand_with_the_reason_and_the_value(
    account: Account, csm: Member, field: str, value: Any
) -> None:
    signed(account, csm)
    with pytest.raises(ValidationError) as raised:
        account_change(account=account, values={field: value, "segment": "A"}, at=AT, by=csm)
    [reason] = raised.value.message_dict[field]
    assert str(value) in reason
    assert "contract lines" in reason
    assert Account.objects.get().segment == ""


def test_traits_leave_alone_what_lines_decide_and_set_the_rest(account: Account, csm: Member) -> None:
    signed(account, csm)
    account_apply_traits(account=account, values={"seats": 3, "industry": "School"}, at=AT)
    account.refresh_from_db()
    assert (account.seats, account.industry) == (20, "School")


def test_a_value_that_is_held_already_is_no_change_and_not_refused(account: Account, csm: Member) -> None:
    signed(account, csm)
    changes = account_change(account=account, values={"seats": 20, "segment": "A"}, at=AT, by=csm)
    assert set(changes) == {"segment"}


def test_who_had_the_account_open_when_its_first_line_came_meets_a_conflict(account: Account, csm: Member) -> None:
    version = account.version
    signed(account, csm)
    with pytest.raises(EditConflict):
        account_change(account=account, values={"seats": 9}, at=AT, by=csm, version=version)


def test_a_currency_without_a_rate_leaves_the_arr_undefined_until_it_has_one(
    made: NewTenant, account: Account, csm: Member
) -> None:
    signed(account, csm, currency="USD")
    assert shown(account)[0] is None
    assert terms_of_day(day=DAY)[account.pk].lacks == "USD"
    _what, rate = rate_set(tenant=made.tenant, currency="USD", day=date(2026, 2, 1), rate=Decimal("0.9"), at=AT, by=csm)
    assert shown(account)[0] == Decimal("1080.00")
    assert terms_of_day(day=date(2026, 1, 31))[account.pk].arr is None
    assert contract_book(account=account, day=TODAY, currency="EUR").arr == Decimal("1080.00")
    rate_delete(tenant=made.tenant, rate=rate, at=AT, by=csm)
    assert shown(account)[0] is None


def test_the_own_currency_takes_no_rate(made: NewTenant, csm: Member) -> None:
    with pytest.raises(ValidationError, match="own currency"):
        rate_set(tenant=made.tenant, currency="EUR", day=DAY, rate=Decimal(2), at=AT, by=csm)


def test_two_people_on_one_line_do_not_overwrite_each_other(account: Account, csm: Member) -> None:
    line = signed(account, csm)
    line_save(contract=line.contract, values={"seats": 30}, at=AT, by=csm, line=line, version=1)
    with pytest.raises(EditConflict):
        line_save(contract=line.contract, values={"seats": 40}, at=AT, by=csm, line=line, version=1)
    assert ContractLine.objects.get().seats == 30


def test_a_loss_needs_its_reason_and_is_written_with_it(account: Account, csm: Member) -> None:
    line = signed(account, csm, start=date(2025, 1, 1), end=date(2026, 3, 1))
    assert shown(account)[2] == date(2026, 3, 1), "overdue: nobody has decided"
    with pytest.raises(ValidationError) as raised:
        line_outcome(line=line, outcome="lost", on=date(2026, 3, 2), reason=" ", at=AT, by=csm)
    assert "reason" in raised.value.message_dict
    line_outcome(line=line, outcome="lost", on=date(2026, 3, 2), reason="Budget", at=AT, by=csm)
    assert shown(account)[2] is None
    entry = AuditEntry.objects.filter(noun="contractline").latest("id")
    assert entry.changes["outcome"] == ["", "lost"]
    assert entry.changes["account"] == [None, account.name]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"end": date(2025, 12, 31)}, "end"),
        ({"billing_months": None}, "billing_months"),
        ({"outcome": "lost", "end": None}, "end"),
        ({"amount": Decimal(-1)}, "amount"),
    ],
)
def test_what_does_not_fit_together_is_refused_by_field(
    account: Account, csm: Member, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as raised:
        signed(account, csm, **values)
    assert set(raised.value.message_dict) == {field}


def test_an_outcome_without_a_date_was_decided_when_the_term_ends(account: Account, csm: Member) -> None:
    line = signed(account, csm, outcome="renewed")
    assert line.outcome_date == line.end


@pytest.mark.parametrize(
    "change", ["amount = -1", "seats = -1", "billing_months = 0", 'start = "end" + 1', "outcome = 'lost'"]
)
def test_the_table_itself_refuses_what_makes_no_sense(account: Account, csm: Member, change: str) -> None:
    signed(account, csm)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE accounts_contractline SET {change}")


def test_a_contract_goes_with_its_lines_and_is_audited(account: Account, csm: Member) -> None:
    line = signed(account, csm)
    contract_delete(contract=line.contract, at=AT, by=csm)
    assert not ContractLine.objects.exists()
    assert shown(account)[0] == Decimal(500)
    assert AuditEntry.objects.get(noun="contract", action="delete").changes["lines"] == [["1"], None]


def test_an_account_may_use_what_its_plans_contain_and_what_it_was_given_besides(account: Account, csm: Member) -> None:
    names = {"base": True, "extra": False, "more": False}
    features = {key: feature_save(values={"key": key, "name": key, "entitled_by_default": by_default}, at=AT, by=None)
                for key, by_default in names.items()}  # fmt: skip
    plan = plan_save(
        product=product(), values={"key": "pro", "name": "Pro", "features": [features["extra"]]}, at=AT, by=None
    )

    def used(day: date = TODAY) -> set[str]:
        return {feature.key for feature in entitled_features(account=account, day=day)}

    assert used() == {"base"}
    signed(account, csm, plan=plan)
    assert used() == {"extra"}
    assert used(date(2025, 12, 31)) == {"base"}
    more = {"feature": features["more"], "granted": True, "start": TODAY, "end": None}
    entitlement_save(account=account, values=more, at=AT, by=csm)
    entitlement_save(account=account, values={**more, "feature": features["extra"], "granted": False}, at=AT, by=csm)
    assert used() == {"more"}
    assert used(TODAY - timedelta(days=1)) == {"extra"}


def test_the_same_list_twice_changes_nothing_and_lines_left_out_stay(made: NewTenant, account: Account) -> None:
    line = {k: v for k, v in line_values().items() if k != "product"} | {"product": "suite"}
    row = {"external_id": "c1", "account_external_id": "one", "currency": "EUR", "lines": [line]}

    def send(*rows: dict[str, Any], **more: Any) -> list[str]:
        done = contracts_upsert(tenant=made.tenant, rows=rows, at=AT, by=None, label="test", **more)
        return [what for what, _contract in done.results]

    assert send(row) == ["created"]
    assert send(row) == ["unchanged"]
    entries = AuditEntry.objects.count()
    assert send({**row, "lines": []}) == ["unchanged"]
    assert AuditEntry.objects.count() == entries
    assert send({**row, "lines": [{**line, "external_id": "2", "seats": 1}]}) == ["changed"]
    assert ContractLine.objects.count() == 2
    assert send({**row, "lines": [line]}, replace_lines=True) == ["changed"]
    assert ContractLine.objects.count() == 1
    assert shown(account)[:2] == (Decimal(1200), 20)


def test_a_number_is_taken_once_by_tenant_and_another_tenant_may_have_it_too() -> None:
    values = {"external_id": "same", "currency": "EUR"}
    for made in (make_tenant(), make_tenant()):
        with tenant_scope(made.tenant):
            contract_save(account=make_account(made.tenant), values=values, at=AT, by=None)
            with pytest.raises(ValidationError):
                contract_save(account=make_account(made.tenant), values=values, at=AT, by=None)
            assert Contract.objects.count() == 1


def test_rows_of_another_tenant_are_refused_by_every_reference() -> None:
    theirs, ours = make_tenant(), make_tenant()
    with tenant_scope(theirs.tenant):
        foreign = signed(make_account(theirs.tenant))
        ids = {"contract_id": foreign.contract_id, "product_id": foreign.product_id}
    with tenant_scope(ours.tenant):
        line = signed(make_account(ours.tenant))
        for column, pk in ids.items():
            with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    f"SET CONSTRAINTS ALL IMMEDIATE; UPDATE accounts_contractline SET {column} = %s WHERE id = %s",
                    [pk, line.pk],
                )
        assert ContractLine.objects.count() == 1


def test_at_is_the_day_of_the_tenants_zone_when_a_line_starts(made: NewTenant, csm: Member) -> None:
    night = datetime.fromisoformat("2026-03-09T23:30:00+00:00")  # 10 March in Berlin
    account = make_account(made.tenant, "berlin", seats=1)
    contract = contract_save(account=account, values={"external_id": "b", "currency": "EUR"}, at=night, by=csm)
    line_save(contract=contract, values=line_values(start=TODAY), at=night, by=csm)
    account.refresh_from_db()
    assert account.seats == 20


def test_an_imported_row_leaves_out_what_lines_decide_and_takes_the_rest(account: Account, csm: Member) -> None:
    line = signed(account, csm)
    text = "external_id,seats,arr,renewal,industry\none,9,1200,2030-01-01,Ships\n"
    done = bring(account.tenant, "accounts", text, by=csm)
    [row] = done.rows.all()
    assert row.fate == "changed"
    assert [reason for reason in row.reasons if "decided by contracts" in reason] == row.reasons
    assert len(row.reasons) == 2, "the ARR is what it is already"
    account.refresh_from_db()
    assert (account.industry, account.seats, account.renewal_date) == ("Ships", line.seats, line.end)

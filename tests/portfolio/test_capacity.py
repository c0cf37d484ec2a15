"""Capacity: what each CSM carries, and what moving accounts would do before anything is saved."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Account, BulkChange, NextStep
from accounts.services import bulk_undo, csm_target_set, payments_upsert, tier_save
from portfolio.capacity import Item, Load, by_csm, load_of, overloaded, sides
from portfolio.selectors.capacity import team_get
from tenants.models import Member, Role
from tenants.scope import tenant_scope
from tenants.services import NewTenant
from tests.factories import AT, DAY, make_account, make_member, make_tenant
from tests.portfolio.world import close_day, make_score, signed_in

TALK = {"name": "Talk", "kinds": [], "levels": [], "every": 1, "unit": "month"}
CSMS = st.sampled_from([None, 1, 2, 3])
ITEMS = st.lists(
    st.builds(
        Item,
        account_id=st.integers(1, 10**6),
        csm_id=CSMS,
        arr=st.none() | st.integers(0, 10**6).map(Decimal),
        at_risk=st.integers(0, 10**6).map(Decimal),
        band=st.sampled_from(["green", "amber", "red", "unknown"]),
        load=st.integers(0, 5).map(float),
        steps=st.integers(0, 3),
        owed=st.integers(0, 3),
    ),
    unique_by=lambda item: item.account_id,
    max_size=30,
)


@given(ITEMS, st.integers(1, 3), st.data())
def test_moving_accounts_changes_the_sides_concerned_and_loses_nothing(
    items: list[Item], to: int, data: st.DataObject
) -> None:
    picked = set(data.draw(st.lists(st.sampled_from([item.account_id for item in items])))) if items else set()
    found = sides(items=items, picked=picked, csm_id=to)
    assert found[0].csm_id == to
    for name in ("accounts", "arr", "at_risk", "load", "steps", "owed"):
        assert sum(getattr(side.before, name) for side in found) == sum(getattr(side.after, name) for side in found)
    moved = [item for item in items if item.account_id in picked and item.csm_id != to]
    assert {side.csm_id for side in found[1:]} == {item.csm_id for item in moved}
    assert found[0].after.accounts == found[0].before.accounts + len(moved)
    for side in found[1:]:
        left = [item for item in items if item.csm_id == side.csm_id and item.account_id not in picked]
        assert side.after == load_of(left)


@given(ITEMS)
def test_loads_by_csm_come_to_the_load_of_all(items: list[Item]) -> None:
    loads = by_csm(items)
    whole = load_of(items)
    assert sum(one.accounts for one in loads.values()) == whole.accounts
    assert sum((one.arr for one in loads.values()), Decimal(0)) == whole.arr
    assert sum(sum(one.bands.values()) for one in loads.values()) == len(items)


def test_who_is_overloaded() -> None:
    team = [Load(load=2.0), Load(load=2.0), Load(load=5.0)]
    assert overloaded(load=Load(accounts=41), full=40, team=[])
    assert not overloaded(load=Load(accounts=40), full=40, team=[])
    assert overloaded(load=team[2], full=None, team=team)
    assert not overloaded(load=team[0], full=None, team=team)
    assert not overloaded(load=Load(), full=None, team=[Load(), Load()])


@pytest.fixture
def made(db: None) -> Iterator[NewTenant]:
    made = make_tenant()
    close_day(made.tenant)
    with tenant_scope(made.tenant):
        yield made


@pytest.fixture
def csm(made: NewTenant) -> Member:
    return make_member(Role.CSM, "Ann")


@pytest.fixture
def other(made: NewTenant) -> Member:
    return make_member(Role.CSM, "Bob")


def address(made: NewTenant, name: str, *args: Any) -> str:
    return reverse(name, args=[made.tenant.slug, *args])


def furnished(made: NewTenant, csm: Member) -> list[Account]:
    """Three accounts: a red one that is owed something and has a step overdue, a green and an unscored one."""
    gold = tier_save(values={"name": "Gold", "duties": [TALK]}, at=AT, by=None)
    accounts = [
        make_account(made.tenant, name, csm=csm, arr=arr, tier=tier)
        for name, arr, tier in (("red", 1000, gold), ("green", 500, None), ("blank", 200, None))
    ]
    make_score(accounts[0], 20)
    make_score(accounts[1], 90)
    Account.objects.filter(pk=accounts[0].pk).update(tier_since=date(2026, 1, 1))
    NextStep.objects.create(account=accounts[0], text="Call", due_on=DAY, created_at=AT)
    return accounts


def test_a_row_says_what_a_csm_carries_collected_and_is_to_bring_in(
    made: NewTenant, csm: Member, other: Member
) -> None:
    furnished(made, csm)
    csm_target_set(csm=csm, year=2026, values={"accounts": 2, "arr": Decimal(3400)}, at=AT, by=made.admin)
    paid = {"external_id": "p", "account_external_id": "red", "amount": Decimal(70), "paid_on": DAY}
    payments_upsert(tenant=made.tenant, rows=[paid], at=AT, by=None)
    today = DAY + timedelta(days=1)
    team = team_get(tenant=made.tenant, year=2026, day=DAY, today=today)
    ann = team.rows[0]
    assert (ann.csm, ann.load.accounts, ann.load.arr, ann.collected) == (csm, 3, Decimal(1700), Decimal(70))
    assert (ann.load.at_risk, ann.load.steps, ann.load.owed, ann.overloaded) == (Decimal("1100.00"), 1, 1, True)
    assert dict(ann.load.bands) == {"red": 1, "green": 1, "unknown": 1}
    assert ann.load.load == pytest.approx(1.0)
    assert {row.csm: row.load.accounts for row in team.rows}[other] == 0
    assert team_get(tenant=made.tenant, year=2025, day=DAY, today=today).rows[0].collected == 0


def test_managers_see_the_team_and_csms_themselves(made: NewTenant, csm: Member, other: Member) -> None:
    furnished(made, csm)
    team = signed_in(made.admin).get(address(made, "capacity")).content.decode()
    assert "Ann" in team
    assert "Bob" in team
    assert "Who carries what" in team
    own = signed_in(csm).get(address(made, "capacity"))
    assert "What you carry" in own.content.decode()
    assert "Bob" not in own.content.decode()
    csv = signed_in(csm).get(address(made, "capacity_csv")).content.decode("utf-8-sig")
    assert csv.count("\n") == 2
    assert signed_in(csm).get(address(made, "capacity_move")).status_code == 403


def test_a_what_if_shows_both_sides_saves_in_one_change_and_is_undone(
    made: NewTenant, csm: Member, other: Member
) -> None:
    red, green, _blank = furnished(made, csm)
    browser = signed_in(made.admin)
    sent = {"pick": [str(red.pk), str(green.pk)], "to": str(other.pk), "from": str(csm.pk)}
    page = browser.get(address(made, "capacity_move"), sent).content.decode()
    assert page.count("after") >= 2
    shown = browser.post(address(made, "capacity_sides"), sent).content.decode()
    assert shown.index("Bob") < shown.index("Ann")
    assert set(Account.objects.values_list("csm", flat=True)) == {csm.pk}
    browser.post(address(made, "capacity_move"), sent)
    assert set(Account.objects.filter(csm=other).values_list("external_id", flat=True)) == {"red", "green"}
    assert bulk_undo(change=BulkChange.objects.get(), at=AT, by=made.admin) == (2, 0)
    assert set(Account.objects.values_list("csm", flat=True)) == {csm.pk}
    browser.post(address(made, "capacity_move"), {"pick": str(red.pk)})
    assert BulkChange.objects.count() == 1


def test_targets_are_typed_for_everybody_and_wrong_ones_are_named(made: NewTenant, csm: Member) -> None:
    browser, url = signed_in(made.admin), address(made, "capacity_targets") + "?year=2026"
    sent = {f"csm{csm.pk}-collected": "2000000", f"csm{csm.pk}-accounts": "40"}
    html = browser.post(url, {**sent, f"csm{csm.pk}-arr": "lots"}).content.decode()
    assert 'aria-invalid="true"' in html
    assert "lots" in html
    browser.post(url, sent)
    assert "2000000" in browser.get(url).content.decode()
    browser.post(url, {})
    assert "2000000" not in browser.get(url).content.decode()


@pytest.mark.parametrize("name", ["capacity", "capacity_move"])
def test_pages_take_as_many_queries_for_two_accounts_as_for_twenty(made: NewTenant, csm: Member, name: str) -> None:
    gold = tier_save(values={"name": "Gold", "duties": [TALK]}, at=AT, by=None)
    browser, counts = signed_in(made.admin), []
    for wanted in (2, 20):
        for number in range(Account.objects.count(), wanted):
            make_account(made.tenant, f"a{number}", csm=csm, arr=5, tier=gold)
        browser.get(address(made, name))
        with CaptureQueriesContext(connection) as captured:
            browser.get(address(made, name), {"from": str(csm.pk)})
        counts.append(len(captured))
    assert counts[0] == counts[1]

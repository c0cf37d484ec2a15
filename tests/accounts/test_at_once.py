"""Two people at the same accounts in the same moment: nobody's change is lost, nobody waits for ever."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client

from accounts.cells import cells
from accounts.models import Account, BulkChange
from accounts.services import account_change, accounts_assign, accounts_set, accounts_tag, bulk_undo, feature_save
from accounts.services.bulk import MOST
from tenants.models import Member, Role
from tenants.scope import tenant_scope
from tenants.services import NewTenant, member_change
from tests.accounts.test_same_id import Beside
from tests.factories import AT, make_account, make_member, make_tenant
from tests.portfolio.world import signed_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def made(transactional_db: None) -> NewTenant:
    return make_tenant()


def assign(made: NewTenant, accounts: list[Account]) -> Any:
    return accounts_assign(accounts=accounts, csm=made.admin, at=AT, by=made.admin)


def stage(made: NewTenant, accounts: list[Account]) -> Any:
    return accounts_set(accounts=accounts, cell=cells()["lifecycle_stage"], values="training", at=AT, by=made.admin)


def tag(made: NewTenant, accounts: list[Account]) -> Any:
    return accounts_tag(accounts=accounts, name="VIP", at=AT, by=made.admin)


@pytest.mark.parametrize("act", [assign, stage, tag])
def test_two_bulk_acts_on_the_same_accounts_in_opposite_orders_both_end(
    made: NewTenant, act: Callable[[NewTenant, list[Account]], Any]
) -> None:
    with tenant_scope(made.tenant):
        accounts = [make_account(made.tenant, f"a{n}") for n in range(40)]
    gate = threading.Barrier(2)

    def there(_tenant: Any) -> None:
        gate.wait()
        act(made, accounts[::-1])

    beside = Beside(made.tenant, there)
    with tenant_scope(made.tenant), transaction.atomic():
        gate.wait()
        act(made, list(accounts))
    assert beside.end() is None


def test_undoing_a_bulk_change_puts_back_what_stood_when_it_was_made(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        account = make_account(made.tenant, "one", industry="Old")
    found: list[BulkChange] = []

    def there(_tenant: Any) -> None:
        values = {account.pk: "Bulk"}
        cell = cells()["industry"]
        found.append(accounts_set(accounts=[account], cell=cell, values=values, at=AT, by=made.admin))

    with tenant_scope(made.tenant), transaction.atomic():
        account_change(account=Account.objects.get(), values={"industry": "Between"}, at=AT, by=made.admin)
        beside = Beside(made.tenant, there)
        assert beside.waits()
    assert beside.end() is None
    with tenant_scope(made.tenant):
        bulk_undo(change=found[0], at=AT, by=made.admin)
        assert Account.objects.get().industry == "Between"


def test_who_types_into_a_cell_while_another_saves_it_is_shown_what_they_saved(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        account = make_account(made.tenant, "one", industry="Old")
    client, answers = signed_in(made.admin), []
    url = f"/t/{made.tenant.slug}/account/{account.pk}/cell/industry/"

    def there(_tenant: Any) -> None:
        answers.append(client.post(url, {"value": "Mine", "was": "Old"}))

    with tenant_scope(made.tenant), transaction.atomic():
        account_change(account=Account.objects.get(), values={"industry": "Theirs"}, at=AT, by=made.admin)
        beside = Beside(made.tenant, there)
        assert beside.waits()
    assert beside.end() is None
    assert answers[0].status_code == 200
    assert "Theirs" in answers[0].content.decode()
    with tenant_scope(made.tenant):
        assert Account.objects.get().industry == "Theirs"


def test_only_managers_give_an_account_to_another_csm_by_whatever_door(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        csm, other, manager = make_member(Role.CSM), make_member(Role.CSM), make_member(Role.MANAGER)
        account = make_account(made.tenant, "one", csm=csm)
    base = f"/t/{made.tenant.slug}"
    form = {"name": "New", "lifecycle_stage": account.lifecycle_stage, "currency": "EUR", "csm": other.pk}

    def held_after(client: Client) -> list[int | None]:
        found = []
        for url, data in (
            (f"{base}/account/{account.pk}/cell/csm/", {"value": other.pk, "was": csm.pk}),
            (f"{base}/account/{account.pk}/edit/", form),
            (f"{base}/accounts/bulk/", {"pick": account.pk, "csm": other.pk}),
        ):
            client.post(url, data)
            with tenant_scope(made.tenant):
                found.append(Account.objects.get().csm_id)
                Account.objects.update(csm=csm)
        return found

    assert held_after(signed_in(csm)) == [csm.pk] * 3
    with tenant_scope(made.tenant):
        assert Account.objects.get().name == "New", "the rest of the form is saved"
    assert held_after(signed_in(manager)) == [other.pk] * 3


def test_two_admins_who_demote_each_other_at_once_leave_one(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        other = make_member(Role.ADMIN)

    def demote(member: Member, by: Member) -> None:
        member_change(member=member, role=Role.VIEWER, is_active=True, by=by, at=AT)

    with tenant_scope(made.tenant), transaction.atomic():
        demote(other, made.admin)
        beside = Beside(made.tenant, lambda _tenant: demote(Member.objects.get(pk=made.admin.pk), other))
        assert beside.waits()
    assert isinstance(beside.end(), ValidationError)
    with tenant_scope(made.tenant):
        assert list(Member.objects.filter(role=Role.ADMIN, is_active=True)) == [made.admin]


def test_a_bulk_act_takes_as_many_accounts_as_it_says(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        account = make_account(made.tenant, "one")
    picks = [account.pk, *range(10**9, 10**9 + MOST - 1)]
    answer = signed_in(made.admin).post(f"/t/{made.tenant.slug}/accounts/bulk/", {"pick": picks, "tag": "VIP"})
    assert answer.status_code == 302
    with tenant_scope(made.tenant):
        assert BulkChange.objects.get().changes[0][0] == account.pk


def test_an_account_keeps_a_csm_who_left_when_the_rest_of_its_form_is_saved(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        csm, gone = make_member(Role.CSM), make_member(Role.CSM)
        account = make_account(made.tenant, "one", csm=gone)
        type(gone).objects.filter(pk=gone.pk).update(is_active=False)
    form = {"name": "New", "lifecycle_stage": account.lifecycle_stage, "currency": "EUR"}
    signed_in(csm).post(f"/t/{made.tenant.slug}/account/{account.pk}/edit/", form)
    with tenant_scope(made.tenant):
        assert (Account.objects.get().name, Account.objects.get().csm_id) == ("New", gone.pk)


def test_the_later_of_two_api_calls_that_make_the_same_is_told_to_send_it_again(made: NewTenant) -> None:
    answers, headers = [], {"Authorization": f"Bearer {made.api_key}"}

    def post() -> Any:
        body = {"key": "reports", "name": "Reports"}
        return Client().post("/api/v1/features/", body, content_type="application/json", headers=headers)

    with tenant_scope(made.tenant), transaction.atomic():
        feature_save(values={"key": "reports", "name": "Mine"}, at=AT, by=made.admin)
        beside = Beside(made.tenant, lambda _tenant: answers.append(post()))
        assert beside.waits()
    assert beside.end() is None
    assert answers[0].status_code == 409
    assert answers[0].json()["error"]["code"] == "conflict"
    assert post().status_code == 200

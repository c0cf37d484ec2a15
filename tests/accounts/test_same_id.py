"""One external id, several ways in at once: one account, and an answer for everyone."""

import threading
from collections.abc import Callable
from itertools import product

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test import Client

from accounts.models import Account
from accounts.services import account_archive, account_create, accounts_upsert
from tenants.models import AuditEntry, Tenant
from tenants.scope import tenant_scope
from tests.factories import AT, make_account, make_tenant
from usage.models import Group
from usage.services.traits import groups_apply

SECONDS = 10


@pytest.fixture
def tenant(transactional_db: None) -> Tenant:
    return make_tenant().tenant


def by_hand(tenant: Tenant) -> None:
    account_create(tenant=tenant, external_id="same", values={"name": "Hand"}, at=AT, by=None, label="hand")


def by_api(tenant: Tenant) -> None:
    accounts_upsert(tenant=tenant, rows=[{"external_id": "same", "segment": "Api"}], at=AT, by=None, label="api")


def by_intake(tenant: Tenant) -> None:
    group = Group.objects.create(external_id="same", first_seen_at=AT)
    groups_apply(tenant=tenant, said={}, called=[group.pk], at=AT)


class Beside:
    """The same tenant from a connection of another thread; keeps what was raised there."""

    def __init__(self, tenant: Tenant, act: Callable[[Tenant], None]) -> None:
        self.raised: Exception | None = None
        self._tenant, self._act = tenant, act
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            with tenant_scope(self._tenant), transaction.atomic():
                self._act(self._tenant)
        except Exception as fault:
            self.raised = fault
        finally:
            connection.close()

    def waits(self) -> bool:
        """Whether the other one is still held up after a moment."""
        self._thread.join(0.5)
        return self._thread.is_alive()

    def end(self) -> Exception | None:
        """Wait for its end; what it raised."""
        self._thread.join(SECONDS)
        assert not self._thread.is_alive()
        return self.raised


# Intake beside intake cannot be: a tenant's bodies are unpacked one transaction at a time.
@pytest.mark.parametrize(
    ("first", "second"),
    [pair for pair in product([by_hand, by_api, by_intake], repeat=2) if pair != (by_intake, by_intake)],
)
def test_the_second_with_the_same_id_waits_for_the_first_and_meets_its_account(
    tenant: Tenant, first: Callable[[Tenant], None], second: Callable[[Tenant], None]
) -> None:
    with tenant_scope(tenant), transaction.atomic():
        first(tenant)
        beside = Beside(tenant, second)
        assert beside.waits()
    raised = beside.end()
    assert isinstance(raised, ValidationError) if second is by_hand else raised is None
    with tenant_scope(tenant):
        assert Account.objects.filter(external_id="same").count() == 1
        assert AuditEntry.objects.filter(noun="account", action="create").count() == 1


def test_who_rolls_back_leaves_the_id_to_the_one_that_waits(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        with transaction.atomic():
            by_hand(tenant)
            beside = Beside(tenant, by_hand)
            assert beside.waits()
            transaction.set_rollback(True)
        assert beside.end() is None
        assert Account.objects.get().name == "Hand"


@pytest.mark.django_db
def test_a_bulk_call_that_names_an_archived_account_says_so_and_changes_nothing() -> None:
    made = make_tenant()
    with tenant_scope(made.tenant):
        account_archive(account=make_account(made.tenant, "gone", name="Gone"), at=AT, by=made.admin)
    rows = [{"external_id": "new", "name": "New"}, {"external_id": "gone", "name": "Changed"}]
    headers = {"Authorization": f"Bearer {made.api_key}"}
    answer = Client().post("/api/v1/accounts/bulk/", rows, content_type="application/json", headers=headers)
    assert answer.status_code == 400
    said = answer.content.decode()
    assert "archived" in said
    assert "Archived accounts" in said
    with tenant_scope(made.tenant):
        assert [a.name for a in Account.objects.all()] == ["Gone"]

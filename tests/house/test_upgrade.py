"""A home of the first release, with rows in it, comes to the present: migrations fill tables from real rows."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db.migrations.executor import MigrationExecutor
from pytest_django import DjangoDbBlocker

from tenants.models import Tenant
from tenants.scope import current_tenant_id, tenant_scope
from tests import services

FIRST_RELEASE = [
    ("tenants", "0002_user_without_theme"),
    ("operations", "0001_initial"),
    ("accounts", "0003_search_tokens"),
    ("usage", "0003_membership_index"),
    ("health", "0002_stale_score"),
    ("playbooks", "0001_initial"),
]
AT = datetime(2026, 3, 2, tzinfo=UTC)
DAYS = [date(2026, 3, 1), date(2026, 3, 2)]


@pytest.fixture
def old_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Any]:
    """The owner's connection to a database of the first release."""
    with services.empty_database("old") as owner, django_db_blocker.unblock():
        MigrationExecutor(owner).migrate(FIRST_RELEASE)
        yield owner


def fill(owner: Any) -> None:
    """An account with a person, a touch and two days of use, as the first release stored them."""
    apps = MigrationExecutor(owner).loader.project_state(FIRST_RELEASE).apps

    def make(label: str, **values: Any) -> Any:
        return apps.get_model(label)._base_manager.using(owner.alias).create(**values)

    tenant = make("tenants.Tenant", slug="old", name="Old", timezone="UTC", language="en", currency="USD")
    with tenant_scope(Tenant(pk=tenant.pk)), owner.cursor() as cursor:
        cursor.execute("SELECT set_config('app.tenant_id', %s, false)", [str(tenant.pk)])
        fill_rooms(make)


def fill_rooms(make: Callable[..., Any]) -> None:
    """The rows of the tenant in scope."""
    account = make(
        "accounts.Account", external_id="a", name="Alpha", name_key="alpha", segment="SMB", arr=10, currency="USD",
        created_at=AT,
    )  # fmt: skip
    make("accounts.Contact", account_id=account.pk, name="Ada", role="it", created_at=AT)
    make(
        "accounts.Touch",
        account_id=account.pk,
        kind="call",
        on=DAYS[0],
        note="Nightly export",
        two_way=True,
        created_at=AT,
    )
    name = make("usage.EventName", kind=1, name="export")
    for day in DAYS:
        slice_of = {"tenant_id": current_tenant_id(), "account_id": account.pk, "day": day}
        make("usage.AccountDay", **slice_of, events=3, minutes=1)
        make("usage.NameDay", **slice_of, name_id=name.pk, uses=3)


def column(owner: Any, sql: str) -> list[Any]:
    with owner.cursor() as cursor:
        cursor.execute(sql)
        return [value for (value,) in cursor.fetchall()]


def test_a_home_of_the_first_release_comes_to_the_present_with_its_rows(old_database: Any) -> None:
    fill(old_database)
    executor = MigrationExecutor(old_database)
    executor.migrate(executor.loader.graph.leaf_nodes())
    assert column(old_database, "SELECT roles FROM accounts_contact") == [["it"]]
    assert column(old_database, "SELECT totals FROM usage_accountday ORDER BY day") == [[3], [6]]
    assert column(old_database, "SELECT field FROM accounts_accountfieldhistory ORDER BY field") == [
        "arr", "csm", "lifecycle_stage", "segment",
    ]  # fmt: skip
    assert "nightly" in column(old_database, "SELECT token FROM accounts_searchtoken WHERE kind = 'touch'")

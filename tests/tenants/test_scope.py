"""The nets around a tenant, each tried without the others, against a real second tenant."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.forms import modelform_factory

from accounts.models import Account, Contact, Feature
from tenants.models import Member, Tenant
from tenants.scope import NoTenantScope, request_scope, tenant_scope
from tenants.services import NewTenant
from tests.factories import AT, make_account, make_tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def ours() -> NewTenant:
    return make_tenant("ours")


@pytest.fixture
def theirs() -> NewTenant:
    return make_tenant("theirs")


@pytest.fixture
def their_account(theirs: NewTenant) -> Account:
    with tenant_scope(theirs.tenant):
        return make_account(theirs.tenant, "same-id", name="Theirs")


def set_raw(tenant_id: int | str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.tenant_id', %s, true)", [str(tenant_id)])


def test_a_query_outside_a_scope_raises_instead_of_finding_nothing(their_account: Account) -> None:
    for run in (Account.objects.count, Account.objects.exists, lambda: list(Account.objects.all())):
        with pytest.raises(NoTenantScope):
            run()
    with pytest.raises(NoTenantScope):
        Account.objects.update(name="x")
    with pytest.raises(NoTenantScope):
        their_account.refresh_from_db()


def test_a_query_set_may_be_built_anywhere_and_sees_the_scope_it_runs_in(ours: NewTenant, theirs: NewTenant) -> None:
    query = Account.objects.order_by("name")
    for made in (ours, theirs, ours):
        with tenant_scope(made.tenant):
            if not query.all().exists():
                make_account(made.tenant, "one")
            assert [account.tenant_id for account in query.all()] == [made.tenant.pk]


def test_a_row_cannot_be_saved_for_another_tenant(ours: NewTenant, theirs: NewTenant) -> None:
    with tenant_scope(ours.tenant), pytest.raises(ValueError, match="another tenant"):
        Feature.objects.create(tenant=theirs.tenant, key="k", name="n", created_at=AT)


def test_postgres_itself_hides_other_tenants_rows(ours: NewTenant, their_account: Account) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        set_raw(ours.tenant.pk)
        cursor.execute("SELECT count(*) FROM accounts_account")
        assert cursor.fetchone() == (0,)
        cursor.execute("UPDATE accounts_account SET name = 'taken' WHERE id = %s", [their_account.pk])
        assert cursor.rowcount == 0
        cursor.execute("DELETE FROM accounts_account WHERE id = %s", [their_account.pk])
        assert cursor.rowcount == 0


def run_raw(sql: str, *params: int | str, tenant_id: int | str) -> None:
    """A statement as it would come from code that forgot the scope: only Postgres stands in its way."""
    with transaction.atomic(), connection.cursor() as cursor:
        set_raw(tenant_id)
        cursor.execute(sql, params)


def test_postgres_itself_refuses_a_query_without_a_tenant(their_account: Account) -> None:
    # With no row at all the planner may never ask the policy.
    with pytest.raises(DatabaseError):
        run_raw("SELECT count(*) FROM accounts_account", tenant_id="")


def test_postgres_itself_refuses_a_row_written_for_another_tenant(ours: NewTenant, theirs: NewTenant) -> None:
    sql = "INSERT INTO usage_loginname (tenant_id, event_name) VALUES (%s, 'x')"
    with pytest.raises(DatabaseError, match="row-level security"):
        run_raw(sql, theirs.tenant.pk, tenant_id=ours.tenant.pk)


def add_contact_to(account: Account, tenant: Tenant) -> None:
    with tenant_scope(tenant), transaction.atomic():
        Contact.objects.create(account_id=account.pk, name="n", created_at=AT)
        connection.check_constraints()


def test_a_reference_to_another_tenants_row_breaks_a_constraint(ours: NewTenant, their_account: Account) -> None:
    with pytest.raises(IntegrityError):
        add_contact_to(their_account, ours.tenant)


def test_a_form_refuses_another_tenants_id(ours: NewTenant, their_account: Account) -> None:
    form_class = modelform_factory(Contact, fields=["account", "name"])
    with tenant_scope(ours.tenant):
        form = form_class({"account": their_account.pk, "name": "n"})
        assert not form.is_valid()
        assert "account" in form.errors


def test_the_same_external_id_may_exist_in_two_tenants(ours: NewTenant, their_account: Account) -> None:
    with tenant_scope(ours.tenant):
        assert make_account(ours.tenant, "same-id").name != "Theirs"


def test_scopes_of_two_tenants_do_not_nest(ours: NewTenant, theirs: NewTenant) -> None:
    with tenant_scope(ours.tenant), pytest.raises(RuntimeError), tenant_scope(theirs.tenant):
        pass


def test_a_failed_scope_writes_nothing(ours: NewTenant) -> None:
    def half_of_the_work() -> None:
        with tenant_scope(ours.tenant):
            make_account(ours.tenant, "half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_of_the_work()
    with tenant_scope(ours.tenant):
        assert not Account.objects.exists()


def test_my_memberships_are_readable_before_a_tenant_is_chosen_and_only_mine(
    ours: NewTenant, theirs: NewTenant
) -> None:
    with request_scope(tenant_id=None, user_id=ours.admin.user_id), transaction.atomic():
        assert [member.tenant_id for member in Member.own.all()] == [ours.tenant.pk]
    with request_scope(tenant_id=None, user_id=None), transaction.atomic():
        assert not Member.own.exists()


def test_the_audit_trail_cannot_be_changed_by_the_running_product(ours: NewTenant) -> None:
    for statement in ("UPDATE tenants_auditentry SET action = 'x'", "DELETE FROM tenants_auditentry"):
        with pytest.raises(DatabaseError, match="permission denied"):
            run_raw(statement, tenant_id=ours.tenant.pk)


def test_the_runtime_role_owns_nothing_and_cannot_bypass_policies() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False, False)
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user")
        assert cursor.fetchone() == (0,)

"""Who sees which accounts: the query set and the SQL condition are the same rule."""

import pytest
from django.db import connection

from accounts.models import NamedMember
from accounts.selectors import visible_sql, visible_to
from tenants.models import Role
from tenants.scope import tenant_scope
from tests.factories import AT, make_account, make_member, make_tenant

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("own_only", [False, True])
@pytest.mark.parametrize("role", list(Role))
def test_the_condition_in_sql_finds_what_the_query_set_finds(role: Role, own_only: bool) -> None:
    made = make_tenant()
    made.tenant.csms_see_own_only = own_only
    made.tenant.save()
    with tenant_scope(made.tenant):
        member = make_member(role)
        make_account(made.tenant, "hers", csm=member)
        make_account(made.tenant, "nobodys")
        named = make_account(made.tenant, "names her")
        for account in (named, make_account(made.tenant, "names another")):
            who = member if account == named else made.admin
            NamedMember.objects.create(account=account, member=who, why="handover")
        gone = make_account(made.tenant, "gone", csm=member)
        gone.archived_at = AT
        gone.save()
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT external_id FROM accounts_account a WHERE {visible_sql(member, 'a')}")
            found = {row[0] for row in cursor.fetchall()}
        assert found == set(visible_to(member).values_list("external_id", flat=True))
        assert "gone" not in found
        assert ("nobodys" in found) == (role != Role.CONTRIBUTOR and (not own_only or role != Role.CSM))
        if role == Role.CONTRIBUTOR:
            assert found == {"names her"}

"""What the tests of this room share."""

from collections.abc import Iterator

import pytest

from tenants.models import Member, Role, Tenant
from tenants.scope import tenant_scope
from tests.factories import make_member, make_tenant
from tests.portfolio.desk import Desk
from tests.portfolio.world import close_day


@pytest.fixture
def desk(db: None) -> Iterator[Desk]:
    """A tenant in scope, with a CSM and a manager."""
    made = make_tenant()
    with tenant_scope(made.tenant):
        yield Desk(made)


@pytest.fixture
def tenant(db: None) -> Tenant:
    """A tenant whose day is closed."""
    tenant = make_tenant().tenant
    close_day(tenant)
    return tenant


@pytest.fixture
def manager(tenant: Tenant) -> Member:
    """A manager of it."""
    with tenant_scope(tenant):
        return make_member(Role.MANAGER, "Mara")

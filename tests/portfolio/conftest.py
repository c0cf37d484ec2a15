"""What the tests of this room share."""

from collections.abc import Iterator

import pytest

from tenants.scope import tenant_scope
from tests.factories import make_tenant
from tests.portfolio.desk import Desk


@pytest.fixture
def desk(db: None) -> Iterator[Desk]:
    """A tenant in scope, with a CSM and a manager."""
    made = make_tenant()
    with tenant_scope(made.tenant):
        yield Desk(made)

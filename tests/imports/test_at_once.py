"""The same things brought in by two at once: one of each, and each record says what its import did."""

import pytest
from django.db import transaction

from accounts.models import Account, Contact
from imports.models import Import
from imports.services import import_advance, import_go
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.services import NewTenant
from tests.accounts.test_same_id import Beside
from tests.factories import AT, make_account, make_tenant
from tests.imports.world import check, run, undo

pytestmark = pytest.mark.django_db(transaction=True)
FILES = {
    "accounts": "External id,Name\na1,Acme\n",
    "contacts": "Account id,Name,E-mail\nheld,Ann Lee,ann@example.com\n",
}


@pytest.fixture
def made(transactional_db: None) -> NewTenant:
    return make_tenant()


@pytest.mark.parametrize("target", FILES)
def test_of_two_imports_of_one_file_the_second_finds_what_the_first_made(made: NewTenant, target: str) -> None:
    tenant = made.tenant
    with tenant_scope(tenant):
        make_account(tenant, "held")
        first, second = (check(tenant, target, FILES[target], by=made.admin) for _time in range(2))
        import_go(of=second, at=AT, by=made.admin)

    def there(tenant: Tenant) -> None:
        import_advance(tenant=tenant, pk=second.pk, clock=lambda: AT)

    with tenant_scope(tenant), transaction.atomic():
        run(tenant, first, by=made.admin)
        beside = Beside(tenant, there)
        assert beside.waits()
    assert beside.end() is None
    with tenant_scope(tenant):
        second.refresh_from_db()
        assert (second.state, second.counts["created"], second.counts["unchanged"]) == (Import.State.DONE, 0, 1)
        things = [Account.objects.filter(external_id="a1"), Contact.objects.all()][list(FILES).index(target)]
        assert things.count() == 1
        undo(tenant, second, by=made.admin)
        assert things.count() == 1, "what the first made is not the second's to take away"

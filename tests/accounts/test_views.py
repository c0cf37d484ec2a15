"""Accounts: edited by two people, given away, archived."""

from decimal import Decimal

import pytest

from accounts.models import Account
from accounts.services import account_change
from playbooks.models import Alert
from tenants.models import Role, Tenant
from tenants.scope import tenant_scope
from tests.factories import AT, make_account, make_member, make_tenant
from tests.portfolio.world import make_alert, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant().tenant


def form_of(account: Account, **changes: str) -> dict[str, str]:
    values = {"name": account.name, "lifecycle_stage": account.lifecycle_stage, "currency": account.currency}
    return {**values, "version": str(account.version), **changes}


def test_an_edit_over_a_newer_one_shows_both_values_and_the_next_save_counts(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        csm = make_member(Role.CSM)
        account = make_account(tenant, name="Harbor")
        account_change(account=Account.objects.get(), values={"segment": "Theirs"}, at=AT, by=csm)
    client, path = signed_in(csm), f"/t/{tenant.slug}/account/{account.pk}/edit/"
    page = client.post(path, form_of(account, segment="Mine")).content.decode()
    assert "<td>Theirs</td><td>Mine</td>" in page
    assert 'value="Mine"' in page
    assert client.post(path, form_of(account, segment="Mine", version="2")).status_code == 302
    with tenant_scope(tenant):
        assert Account.objects.get().segment == "Mine"


def test_a_new_account_with_a_taken_id_is_refused_and_the_form_kept(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        csm = make_member(Role.CSM)
        make_account(tenant, "taken")
    asked = {"name": "Second", "external_id": "taken", "lifecycle_stage": "training", "currency": "EUR"}
    page = signed_in(csm).post(f"/t/{tenant.slug}/account/new/", asked).content.decode()
    assert "Another account has this id." in page
    assert 'value="Second"' in page


def test_a_csm_of_another_tenant_cannot_be_chosen(tenant: Tenant) -> None:
    other = make_tenant().tenant
    with tenant_scope(other):
        foreign = make_member(Role.CSM)
    with tenant_scope(tenant):
        manager, account = make_member(Role.MANAGER), make_account(tenant)
    client = signed_in(manager)
    path = f"/t/{tenant.slug}/account/{account.pk}/edit/"
    assert client.post(path, form_of(account, csm=str(foreign.pk))).status_code == 200
    client.post(f"/t/{tenant.slug}/accounts/assign/", {"csm": foreign.pk, "pick": [account.pk]})
    with tenant_scope(tenant):
        assert Account.objects.get().csm_id is None


def test_open_alerts_follow_an_account_to_its_new_csm_and_closed_ones_stay(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        manager, old, new = make_member(Role.MANAGER), make_member(Role.CSM), make_member(Role.CSM)
        account = make_account(tenant, csm=old)
        make_alert(account, "silent")
        make_alert(account, "use_down", state=Alert.State.ENDED)
    client = signed_in(manager)
    answer = client.post(f"/t/{tenant.slug}/accounts/assign/", {"csm": new.pk, "pick": [account.pk, 10**12]})
    assert answer.status_code == 302
    with tenant_scope(tenant):
        assert Account.objects.get().csm == new
        assert dict(Alert.objects.values_list("rule", "owner_id")) == {"silent": new.pk, "use_down": old.pk}


def test_an_archived_account_is_in_no_list_and_comes_back(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        manager = make_member(Role.MANAGER)
        account = make_account(tenant, name="Gone Ltd", arr=Decimal(5))
    client, base = signed_in(manager), f"/t/{tenant.slug}"
    assert client.post(f"{base}/account/{account.pk}/archive/").status_code == 302
    client.get(f"{base}/accounts/archived/")  # takes the message along
    assert "Gone Ltd" not in client.get(f"{base}/portfolio/").content.decode()
    assert client.get(f"{base}/account/{account.pk}/").status_code == 404
    assert client.post(f"{base}/account/{account.pk}/restore/").status_code == 302
    assert client.get(f"{base}/account/{account.pk}/").status_code == 200

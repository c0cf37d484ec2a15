"""Who of an account's people uses the product, and how far use hangs on one, against brute force."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.facts import fact_values
from accounts.models import Account
from accounts.services import contact_save
from tenants.models import Role, Tenant
from tenants.scope import tenant_scope
from tests.factories import AT, make_member
from tests.usage.world import TODAY, at, call, make_tenant, send
from usage.concentration import concentration_index, top_share
from usage.models import EndUser
from usage.people import SeenUser, last_uses, users_seen
from usage.services import metrics_fill, person_link


@given(st.lists(st.integers(0, 30), max_size=40))
def test_concentration_is_that_of_the_plain_sums(days: list[int]) -> None:
    active = [count for count in days if count]
    if not active:
        assert (top_share(days), concentration_index(days)) == (None, None)
        return
    shares = [count / sum(active) for count in active]
    assert top_share(days) == pytest.approx(max(shares))
    index = concentration_index(days)
    assert index == pytest.approx(sum(share**2 for share in shares))
    assert index is not None
    assert 1 / len(active) - 1e-9 <= index <= 1 + 1e-9


def test_one_alone_has_index_one_and_equals_share_it() -> None:
    assert (concentration_index([7]), concentration_index([3, 3, 3, 3])) == (1, 0.25)


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


def account_of(tenant: Tenant) -> Account:
    return Account.objects.create(tenant=tenant, external_id="a", name="A", name_key="a", currency="USD", created_at=AT)


def use(tenant: Tenant, days: dict[str, set[int]]) -> None:
    """Users of account a with use on these days before TODAY."""
    calls = [call("group", user, at(89, 1), groupId="a") for user in days]
    calls += [call("track", user, at(back)) for user, backs in days.items() for back in backs]
    send(tenant, *calls)


@pytest.mark.django_db
@pytest.mark.parametrize("ahead", [0, 1, 17, 31, 44, 59])
def test_the_facts_of_a_day_look_at_its_30_days_wherever_an_epoch_begins(tenant: Tenant, ahead: int) -> None:
    days = {"u1": {0, 3, 29, 30, 60}, "u2": {1, 40, 61, 62}, "u3": {12, 13, 31, 45, 59, 70}, "u4": {88}}
    day = TODAY - timedelta(days=ahead)
    with tenant_scope(tenant):
        account = account_of(tenant)
    use(tenant, days)
    with tenant_scope(tenant):
        metrics_fill(tenant=tenant, days=[day], closing=True)
        found = fact_values(keys=["top_user_share", "user_concentration"], as_of=day, account_ids=[account.pk])
        seen = {user.name: user for user in users_seen(account=account, day=day)}
    counts = {user: sum(1 for back in backs if ahead <= back < ahead + 30) for user, backs in days.items()}
    assert found["top_user_share"].get(account.pk) == top_share(counts.values())
    assert found["user_concentration"].get(account.pk) == concentration_index(counts.values())
    for user, backs in days.items():
        last = min((back for back in backs if back >= ahead), default=None)
        assert seen[user].last_used == (None if last is None else TODAY - timedelta(days=last)), user
        assert seen[user].active_days == counts[user]


@pytest.mark.django_db
def test_a_contact_is_the_user_with_their_address_until_somebody_says_otherwise(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        account, member = account_of(tenant), make_member(Role.MANAGER)
        ann = contact_save(account=account, values={"name": "Ann", "email": "Ann@Example.com"}, at=AT, by=member)
        bob = contact_save(account=account, values={"name": "Bob"}, at=AT, by=member)
    use(tenant, {"u1": {5}, "u2": {2}})
    with tenant_scope(tenant):
        EndUser.objects.filter(external_id="u1").update(email="ann@example.com")
        users = {user.external_id: user for user in EndUser.objects.all()}

        def linked() -> dict[str, int | None]:
            return {user.name: user.contact_id for user in users_seen(account=account, day=TODAY)}

        assert linked() == {"u1": ann.pk, "u2": None}
        person_link(contact=bob, end_user=users["u2"], same=True, at=AT, by=member)
        person_link(contact=ann, end_user=users["u1"], same=False, at=AT, by=member)
        assert linked() == {"u1": None, "u2": bob.pk}
        person_link(contact=ann, end_user=users["u2"], same=True, at=AT, by=member)
        assert linked() == {"u1": None, "u2": ann.pk}
        stranger = EndUser.objects.create(external_id="x", first_seen_at=AT, seen_until=TODAY)
        with pytest.raises(ValidationError):
            person_link(contact=ann, end_user=stranger, same=True, at=AT, by=member)


def test_a_contact_who_is_several_users_was_last_there_when_any_was() -> None:
    def user(pk: int, contact: int | None, day: date | None) -> SeenUser:
        return SeenUser(pk, "", "", day, 0, contact, False)

    users = [
        user(1, 7, None),
        user(2, 7, TODAY),
        user(3, 7, TODAY - timedelta(days=9)),
        user(4, 8, None),
        user(5, None, TODAY),
    ]
    assert last_uses(users) == {7: TODAY, 8: None}

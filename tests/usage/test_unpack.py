"""From bodies to day slices: who, where and when, in whatever order calls arrive."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Account
from accounts.services import account_create
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.usage.world import RECEIVED, TODAY, at, call, make_tenant, night, receive, send, tables, work_off
from usage.intake.decode import read_calls
from usage.models import EndUser, Event, Group, IntakeBody, Mark, Metric, Rejected

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


def minutes(tenant: Tenant) -> dict[str, float]:
    return {row[0]: row[3] / 60_000 for row in tables(tenant)["usage_accountday"]}


def test_a_group_call_creates_the_account_and_what_its_users_do_counts_there(tenant: Tenant) -> None:
    send(
        tenant,
        call("group", "u-1", at(1), groupId="acct", traits={"name": "Acme", "seats": 5, "industry": "Steel"}),
        call("track", "u-1", at(1, 13)),
        call("page", "u-1", at(1, 13.25), name="Home"),
    )
    with tenant_scope(tenant):
        account = Account.objects.get(external_id="acct")
        assert (account.name, account.seats, account.industry) == ("Acme", 5, "Steel")
    assert tables(tenant)["usage_accountday"] == {("acct", TODAY - timedelta(days=1), 2, 15 * 60_000)}


def test_a_resend_counts_once_and_another_payload_under_the_same_id_is_a_conflict(tenant: Tenant) -> None:
    item = call("track", "u", at(1), context={"groupId": "g"}, properties={"a": 1})
    send(tenant, item, item)
    send(tenant, {**item, "sentAt": "later"}, {**item, "properties": {"a": 2}})
    with tenant_scope(tenant):
        assert Event.objects.count() == 1
        assert [row.reason for row in Rejected.objects.all()] == ["conflict"]


def test_an_event_of_an_unknown_account_waits_and_counts_once_the_account_appears(tenant: Tenant) -> None:
    send(tenant, call("track", "u", at(2), context={"groupId": "later"}))
    assert tables(tenant)["usage_accountday"] == set()
    with tenant_scope(tenant):
        assert Mark.objects.count() == 1
        account_create(tenant=tenant, external_id="later", values={"name": "Later"}, at=RECEIVED, by=None, label="test")
    work_off(tenant)
    assert tables(tenant)["usage_accountday"] == {("later", TODAY - timedelta(days=2), 1, 0)}
    with tenant_scope(tenant):
        assert not Mark.objects.exists()


def test_an_anonymous_event_counts_once_its_visitor_is_tied_to_a_user(tenant: Tenant) -> None:
    send(
        tenant,
        call("track", None, at(3), anonymousId="a", context={"groupId": "g"}),
        call("group", "u", at(3), groupId="g"),
    )
    assert tables(tenant)["usage_accountday"] == set()
    send(tenant, call("alias", "u", at(2), previousId="a"))
    assert tables(tenant)["usage_accountday"] == {("g", TODAY - timedelta(days=3), 1, 0)}


def test_a_membership_that_arrives_late_moves_events_and_refills_both_accounts(tenant: Tenant) -> None:
    send(
        tenant,
        call("group", "u", at(9), groupId="old"),
        call("group", "v", at(9), groupId="new"),
        call("track", "u", at(8)),
        call("track", "u", at(4)),
    )
    assert {row[0] for row in tables(tenant)["usage_accountday"]} == {"old"}
    send(tenant, call("group", "u", at(5), groupId="new"))
    assert tables(tenant)["usage_accountday"] == {
        ("old", TODAY - timedelta(days=8), 1, 0),
        ("new", TODAY - timedelta(days=4), 1, 0),
    }


def test_an_event_before_the_first_membership_belongs_to_that_membership(tenant: Tenant) -> None:
    send(tenant, call("track", "u", at(9)))
    send(tenant, call("group", "u", at(2), groupId="g"))
    assert tables(tenant)["usage_accountday"] == {("g", TODAY - timedelta(days=9), 1, 0)}


def test_a_group_call_of_a_visitor_is_the_membership_of_the_user_it_becomes(tenant: Tenant) -> None:
    send(tenant, call("group", None, at(9), anonymousId="a", groupId="g"), call("track", "u", at(8)))
    assert tables(tenant)["usage_accountday"] == set()
    send(tenant, call("identify", "u", at(1), anonymousId="a"))
    assert tables(tenant)["usage_accountday"] == {("g", TODAY - timedelta(days=8), 1, 0)}


def test_a_fact_of_the_same_millisecond_counts_as_before_the_event(tenant: Tenant) -> None:
    for number in range(8):
        send(
            tenant,
            call("group", f"u{number}", at(9), groupId="old"),
            call("track", f"u{number}", at(5)),
            call("group", f"u{number}", at(5), groupId="new"),
        )
    assert {row[0] for row in tables(tenant)["usage_accountday"]} == {"new"}


def test_identify_group_and_alias_are_no_use_but_make_the_user_known(tenant: Tenant) -> None:
    send(tenant, call("group", "u", at(3), groupId="g"), call("identify", "v", at(2), context={"groupId": "g"}))
    found = tables(tenant)
    assert found["usage_accountday"] == set()
    assert found["usage_accountuser"] == {
        ("g", "u", TODAY - timedelta(days=3), None),
        ("g", "v", TODAY - timedelta(days=2), None),
    }


def test_traits_are_applied_in_event_order_and_a_persons_edit_wins(tenant: Tenant) -> None:
    from accounts.services import account_change
    from tenants.models import Member

    send(tenant, call("group", "u", at(2), groupId="g", traits={"name": "Newer", "industry": "Steel"}))
    send(tenant, call("group", "u", at(5), groupId="g", traits={"name": "Older", "segment": "SMB"}))
    with tenant_scope(tenant):
        account = Account.objects.get()
        assert (account.name, account.industry, account.segment) == ("Newer", "Steel", "SMB")
        account_change(account=account, values={"name": "By hand"}, at=RECEIVED, by=Member.objects.get())
    send(tenant, call("group", "u", at(1), groupId="g", traits={"name": "Newest", "industry": "Iron"}))
    with tenant_scope(tenant):
        account = Account.objects.get()
        assert (account.name, account.industry) == ("By hand", "Iron")


def test_users_carry_their_traits_by_event_time(tenant: Tenant) -> None:
    send(tenant, call("identify", "u", at(1), traits={"email": "new@x.example", "name": "Ada"}))
    send(tenant, call("identify", "u", at(3), traits={"email": "old@x.example"}))
    with tenant_scope(tenant):
        user = EndUser.objects.get(external_id="u")
        assert (user.email, user.name) == ("new@x.example", "Ada")


def test_bad_items_are_kept_with_their_reason_and_can_be_replayed(tenant: Tenant) -> None:
    from usage.services import rejected_replay

    send(tenant, call("track", "u", at(500)), call("perform", "u", at(1)), call("track", "u", at(1)))
    with tenant_scope(tenant):
        assert sorted(Rejected.objects.values_list("reason", flat=True)) == ["out_of_range_past", "unknown_type"]
        assert Event.objects.count() == 1
        for row in Rejected.objects.all():
            rejected_replay(rejected=row, at=RECEIVED, by=None)
    work_off(tenant)
    with tenant_scope(tenant):
        assert Event.objects.count() == 1
        assert Rejected.objects.filter(replayed_at=None).count() == 2


def test_a_body_that_spoils_its_transaction_is_kept_and_blocks_no_other(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    from usage.services import unpack

    def poisoned(body: bytes, **kwargs: Any) -> object:
        if b"poison" in body:
            raise ArithmeticError("a fault of ours")
        return read_calls(body, **kwargs)

    monkeypatch.setattr(unpack, "read_calls", poisoned)
    for name in ("one", "poison", "two"):
        receive(tenant, [call("track", name, at(1))])
    work_off(tenant)
    with tenant_scope(tenant):
        assert {user.external_id for user in EndUser.objects.all()} == {"one", "two"}
        rejected = Rejected.objects.get()
        assert rejected.reason == "unreadable"
        assert b"poison" in bytes(rejected.item)
        assert not IntakeBody.objects.exists()


def test_a_message_without_a_time_gets_the_time_of_its_first_arrival_and_keeps_it(tenant: Tenant) -> None:
    item = {"type": "track", "userId": "u", "event": "e", "messageId": "untimed", "context": {"groupId": "g"}}
    send(tenant, item, at=RECEIVED)
    send(tenant, item, at=RECEIVED + timedelta(hours=12))
    with tenant_scope(tenant):
        assert Event.objects.count() == 1
        assert Group.objects.get().first_seen_at == RECEIVED


def test_late_events_reopen_the_days_that_rest_on_them_and_the_first_report_is_kept(tenant: Tenant) -> None:
    from usage.selectors import metrics_of_account

    send(tenant, call("group", "u", at(90), groupId="g"), call("track", "u", at(10)))
    days = [TODAY - timedelta(days=n) for n in range(9, 0, -1)]
    for day in days[:-1]:
        night(tenant, day)
    send(tenant, call("group", "v", at(8), groupId="g"), call("track", "v", at(8)))
    changed = night(tenant, days[-1])
    with tenant_scope(tenant):
        account = Account.objects.get()
        now = {row.day: row.mau for row in metrics_of_account(account=account, start=days[0], end=TODAY)}
        said = {
            row.day: row.mau for row in metrics_of_account(account=account, start=days[0], end=TODAY, reported=True)
        }
        states = set(Metric.objects.filter(day__in=days).values_list("day", "reported"))
    assert [now[day] for day in days] == [1, 2, 2, 2, 2, 2, 2, 2, 2]
    assert [said[day] for day in days] == [1] * 8 + [2]
    assert set(changed) == set(days[1:-1])
    assert states == {(day, 2 if day in days[1:-1] else 1) for day in days}

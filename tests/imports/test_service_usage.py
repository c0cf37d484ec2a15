"""Tickets, conversations and feature use, as imports bring them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Account, Feature, Payment, Touch
from accounts.services import contact_save
from service.models import Ticket
from service.talks import GAP, Message, talks
from tenants.models import Member, Role
from tenants.scope import tenant_scope
from tenants.services import NewTenant
from tests.factories import AT, make_account, make_member, make_tenant
from tests.imports.world import bring, everything, undo
from usage.models import AccountDay, UsageCount
from usage.services import slices_refill


@pytest.fixture
def made(db: None) -> Iterator[NewTenant]:
    made = make_tenant(timezone="Asia/Shanghai")
    with tenant_scope(made.tenant):
        make_account(made.tenant, "h1", name="云帆软件")
        yield made


def test_tickets_come_in_with_times_of_the_tenant_s_zone_once(made: NewTenant) -> None:
    before = everything()
    text = (
        "工单编号,客户,主题,渠道,优先级,创建时间,首响时长,关闭时间,满意度\n"
        "t1,云帆软件,登录不了,企业微信,紧急,2026-03-01 09:00,30,2026-03-01 12:00,5\n"
        "t2,h1,报表,邮件,中,2026-03-02 09:00,,2026-03-01 12:00,\nt3,h1,报表,邮件,中,2026-03-02 09:00,,,9\n"
    )
    of = bring(made.tenant, "tickets", text, by=made.admin)
    assert (of.counts["created"], of.counts["refused"]) == (1, 2)
    ticket = Ticket.objects.get()
    assert (ticket.opened_at, ticket.first_response_at) == (
        datetime(2026, 3, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, 1, 30, tzinfo=UTC),
    )  # fmt: skip
    assert (ticket.channel, ticket.priority, ticket.satisfaction) == ("wecom", "urgent", 5)
    assert bring(made.tenant, "tickets", text, by=made.admin).counts["unchanged"] == 1
    changed = bring(made.tenant, "tickets", "工单编号,客户,创建时间,满意度\nt1,h1,2026-03-01 09:00,2\n", by=made.admin)
    assert Ticket.objects.get().satisfaction == 2
    undo(made.tenant, changed, by=made.admin)
    undo(made.tenant, of, by=made.admin)
    assert everything() == before


def test_payments_come_in_once_and_go_again(made: NewTenant) -> None:
    before = everything()
    text = (
        "客户,回款金额,到账日期,备注\n云帆软件,120,2026-03-01,首款\nh1,20,2026-03-02,尾款\n"
        "h1,0,2026-03-02,\nh2,5,2026-03-02,\n"
    )
    of = bring(made.tenant, "payments", text, by=made.admin)
    assert (of.counts["created"], of.counts["refused"]) == (2, 2)
    found = Payment.objects.order_by("paid_on").values_list("account__external_id", "amount", "currency", "note")
    assert list(found) == [("h1", Decimal(120), "EUR", "首款"), ("h1", Decimal(20), "EUR", "尾款")]
    assert bring(made.tenant, "payments", text, by=made.admin).counts["unchanged"] == 2
    undo(made.tenant, of, by=made.admin)
    assert everything() == before


def test_a_payment_s_former_amount_comes_back_when_its_change_is_undone(made: NewTenant) -> None:
    bring(made.tenant, "payments", "id,account,amount,paid on\np1,h1,10,2026-03-01\n", by=made.admin)
    changed = bring(made.tenant, "payments", "id,account,amount,paid on\np1,h1,12,2026-03-04\n", by=made.admin)
    assert (changed.counts["changed"], Payment.objects.get().amount) == (1, Decimal(12))
    undo(made.tenant, changed, by=made.admin)
    assert (Payment.objects.get().amount, Payment.objects.get().paid_on) == (Decimal(10), date(2026, 3, 1))


def test_messages_of_wecom_become_tickets_and_touches(made: NewTenant) -> None:
    csm: Member = make_member(Role.CSM, name="孙米")
    contact_save(account=csm_account(), values={"name": "李雷"}, at=AT, by=made.admin)
    before = everything()
    text = (
        "消息id,发送时间,发送人,群名称,消息内容\nm1,2026-03-01 09:00:00,李雷,云帆软件项目群,怎么导出报表？\n"
        "m2,2026-03-01 09:12:00,孙米,云帆软件项目群,在右上角\nm3,2026-03-01 09:20:00,李雷,云帆软件项目群,谢谢\n"
        "m4,2026-03-03 10:00:00,孙米,云帆软件项目群,下周来拜访吗\nm5,2026-03-03 11:00:00,李雷,云帆软件项目群,可以\n"
        "m6,2026-03-05 08:00:00,王五,别的群,有人吗\nm7,2026-03-06 08:00:00,李雷,,还有个问题\n"
    )
    of = bring(made.tenant, "wecom", text, by=made.admin)
    assert (of.counts["created"], of.counts["refused"]) == (6, 1), "counted by message"
    asked, open_ = Ticket.objects.order_by("opened_at")
    assert (asked.first_response_at, asked.closed_at) == (
        datetime(2026, 3, 1, 1, 12, tzinfo=UTC), datetime(2026, 3, 1, 1, 20, tzinfo=UTC),
    )  # fmt: skip
    assert (asked.assignee, asked.requester, asked.subject, asked.channel) == (csm, "李雷", "怎么导出报表？", "wecom")
    assert (open_.closed_at, open_.account.external_id) == (None, "h1")
    touch = Touch.objects.get()
    assert (touch.kind, touch.on, touch.two_way, touch.author) == ("wecom", date(2026, 3, 3), True, csm)
    assert bring(made.tenant, "wecom", text, by=made.admin).counts["unchanged"] == 6
    undo(made.tenant, of, by=made.admin)
    assert everything() == before


def csm_account() -> Account:
    return Account.objects.get(external_id="h1")


def test_the_archive_s_own_json_is_read(made: NewTenant) -> None:
    contact_save(account=csm_account(), values={"name": "李雷", "external_id": "wm01"}, at=AT, by=made.admin)
    raw = (
        '[{"msgid":"a","action":"send","from":"wm01","tolist":["sun"],"roomid":"","msgtime":1772326800000,'
        '"msgtype":"text","text":{"content":"你好"}}]'
    )
    of = bring(made.tenant, "wecom", raw, by=made.admin, name="messages.json")
    assert of.counts["created"] == 1
    assert Ticket.objects.get().opened_at == datetime(2026, 3, 1, 1, tzinfo=UTC)


minutes = st.integers(0, 100_000)


@settings(deadline=None)  # libraries load on first use
@given(st.lists(st.tuples(st.sampled_from("ab"), minutes, st.booleans()), max_size=30))
def test_conversations_hold_every_message_once_and_end_at_a_gap(said: list[tuple[str, int, bool]]) -> None:
    from datetime import timedelta

    start = datetime(2026, 1, 1, tzinfo=UTC)
    messages = [Message(room, start + timedelta(minutes=m), "x", ours, "", n) for n, (room, m, ours) in enumerate(said)]
    found = talks(messages)
    assert sorted(one.line for talk in found for one in talk.messages) == list(range(len(messages)))
    for talk in found:
        times = [one.at for one in talk.messages]
        assert all(later - earlier <= GAP for earlier, later in zip(times, times[1:], strict=False))
        assert len({one.room for one in talk.messages}) == 1
    for room in "ab":
        own = [talk for talk in found if talk.first.room == room]
        pairs = zip(own, own[1:], strict=False)
        assert all(later.first.at - earlier.messages[-1].at > GAP for earlier, later in pairs)


def test_counts_without_users_fill_days_and_features_and_no_users(made: NewTenant) -> None:
    before = everything()
    text = "account,date,feature,count\nh1,2026-03-01,Reports,3\nh1,2026-03-01,Reports,2\nh1,2026-03-02,Search,1\n"
    of = bring(made.tenant, "usage", text, by=made.admin)
    assert of.counts["created"] == 3
    assert sorted(UsageCount.objects.values_list("uses", flat=True)) == [1, 5]
    assert set(Feature.objects.values_list("name", flat=True)) == {"Reports", "Search"}
    while slices_refill(tenant=made.tenant):
        pass
    assert sorted(AccountDay.objects.values_list("day", "events")) == [(date(2026, 3, 1), 5), (date(2026, 3, 2), 1)]
    assert bring(made.tenant, "usage", text, by=made.admin).counts["unchanged"] == 3
    undo(made.tenant, of, by=made.admin)
    while slices_refill(tenant=made.tenant):
        pass
    assert everything() == before

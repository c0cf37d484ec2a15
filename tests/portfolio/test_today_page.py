"""Today as people work with it: done, snoozed, taken back, what is new, and the same list over the API."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Aside, Look, NextStep, StageProposal
from accounts.reasons import Asked, ReasonSource, Said, reason_sources, register
from accounts.services import account_change, accounts_assign, contact_save, step_add, touch_log
from accounts.services.today import look_seen, look_take
from health.models import Score
from health.selectors import version_latest
from playbooks.models import Alert
from portfolio.selectors.news import news
from portfolio.selectors.today import today_list
from tenants.models import Member, Role
from tenants.scope import tenant_scope
from tests.factories import AT, DAY, make_member, make_tenant
from tests.portfolio.desk import HTMX, TODAY, Desk, publish_other_weights, text
from tests.portfolio.world import WEEK, make_alert, make_score, signed_in

pytestmark = pytest.mark.django_db


def act(client: Client, desk: Desk, account: Account, name: str, send: dict[str, str], *, htmx: bool = True) -> Any:
    headers = HTMX if htmx else None
    return client.post(desk.url(f"today/{account.pk}/{name}/?whose=all"), send, headers=headers)


def undo_of(html: str) -> str:
    return html.split('hx-post="')[1].split('"')[0].replace("&amp;", "&")


def test_an_alert_is_done_for_everybody_and_taken_back(desk: Desk) -> None:
    account, client = desk.account(), signed_in(desk.csm)
    alert = make_alert(account, "use_down")
    did = act(client, desk, account, "done", {"reason": f"alert alert:{alert.pk}"}).content.decode()
    assert "Done for everybody" in did
    assert Alert.objects.get().state == Alert.State.DONE
    assert f'id="call-{account.pk}"' not in did
    assert 'id="today-count" hx-swap-oob="true"' in did, "the counts beside the list come along"
    assert 'id="today-kinds" hidden hx-swap-oob="true"' in did
    again = act(client, desk, account, "done", {"reason": f"alert alert:{alert.pk}"})
    assert (again.status_code, "no longer there" in again.content.decode()) == (409, True)
    back = client.post(undo_of(did), headers=HTMX).content.decode()
    assert f'id="call-{account.pk}"' in back
    assert Alert.objects.get().state == Alert.State.OPEN


def test_a_promise_is_kept_from_the_list_and_the_next_reason_takes_its_place(desk: Desk) -> None:
    account, client = desk.account(renewal_date=DAY + timedelta(days=61)), signed_in(desk.csm)
    step = step_add(account=account, text="Send the offer", due_on=TODAY, at=AT, by=desk.csm)
    did = act(client, desk, account, "done", {"reason": f"step step:{step.pk}"}).content.decode()
    assert "Done: Send the offer" in did
    assert "Renews in" in did
    assert NextStep.objects.get().done_by == desk.csm


def test_a_stage_is_accepted_from_the_list_and_taken_back(desk: Desk) -> None:
    account, client = desk.account(), signed_in(desk.csm)
    asked: dict[str, Any] = {"from_stage": account.lifecycle_stage, "to_stage": "training", "because": {"all": []}}
    move = StageProposal.objects.create(account=account, day=DAY, created_at=AT, **asked)
    did = act(client, desk, account, "accept", {"reason": f"stage stage:{move.pk}"}).content.decode()
    assert Account.objects.get().lifecycle_stage == "training"
    client.post(undo_of(did), headers=HTMX)
    assert Account.objects.get().lifecycle_stage == account.lifecycle_stage


@pytest.mark.parametrize(
    ("send", "status"),
    [({"days": "7"}, 200), ({"days": "0"}, 409), ({"days": "x"}, 409), ({"until": "2026-02-30"}, 409),
     ({"until": "9999-01-01"}, 409), ({"until": "1999-01-01"}, 409), ({}, 409)],
)  # fmt: skip
def test_snooze_takes_days_or_a_date_ahead_and_says_what_it_takes(
    desk: Desk, send: dict[str, str], status: int
) -> None:
    account, client = desk.account(), signed_in(desk.csm)
    make_alert(account, "use_down")
    answer = act(client, desk, account, "snooze", send)
    assert answer.status_code == status
    assert Aside.objects.count() == (1 if status == 200 else 0)
    if status == 200:
        assert f'id="call-{account.pk}"' in client.post(undo_of(answer.content.decode()), headers=HTMX).content.decode()
    else:
        assert "Choose a day in the future" in answer.content.decode()


def test_without_scripts_the_same_leads_back_to_the_list_with_a_message(desk: Desk) -> None:
    account, client = desk.account(), signed_in(desk.csm)
    make_alert(account, "use_down")
    answer = act(client, desk, account, "snooze", {"days": "3"}, htmx=False)
    assert answer["Location"] == desk.url("?whose=all")
    assert "is snoozed until" in text(client, answer["Location"])
    assert "Show again" in text(client, desk.url("?whose=all&put=aside"))


@pytest.mark.parametrize("key", ["alert%20alert:x", "step%20step:", "stage%20nonsense", "nobody%20knows", "%00"])
def test_taking_back_what_never_was_is_refused_in_words_or_changes_nothing(desk: Desk, key: str) -> None:
    account = desk.account()
    url = desk.url(f"today/{account.pk}/undo/?reason={key}")
    assert signed_in(desk.csm).post(url, headers=HTMX).status_code in (200, 409)


def test_nobody_deals_with_what_they_may_not_see(desk: Desk) -> None:
    account = desk.account(csm=desk.manager)
    alert = make_alert(account, "use_down")
    send = {"reason": f"alert alert:{alert.pk}"}
    assert act(signed_in(make_member(Role.VIEWER)), desk, account, "done", send).status_code == 403
    assert act(signed_in(desk.csm), desk, account, "nonsense", send).status_code == 404
    desk.tenant.csms_see_own_only = True
    desk.tenant.save()
    assert act(signed_in(desk.csm), desk, account, "done", send).status_code == 404
    assert signed_in(desk.csm).get(desk.url(f"today/{account.pk}/row/")).status_code == 404
    mine = desk.account()
    assert act(signed_in(desk.csm), desk, mine, "done", send).status_code == 409
    assert Alert.objects.get().state == Alert.State.OPEN


def test_a_touch_logged_from_the_list_leaves_the_page_as_it_is(desk: Desk) -> None:
    account, client = desk.account(), signed_in(desk.csm)
    form = client.get(desk.url(f"account/{account.pk}/touches/new/?stay=1"), headers=HTMX).content.decode()
    assert 'name="stay"' in form
    send = {"kind": "call", "on": str(DAY), "note": "Spoke", "stay": "1"}
    answer = client.post(desk.url(f"account/{account.pk}/touches/new/"), send, headers=HTMX)
    assert answer.status_code == 204
    assert "HX-Redirect" not in answer
    assert f'"touch-logged": {{"account": {account.pk}}}' in answer["HX-Trigger"]


def minutes(count: int) -> datetime:
    return AT + timedelta(minutes=count)


def test_what_is_new_counts_from_the_last_sitting_and_not_from_the_last_page(desk: Desk) -> None:
    def since(at: int) -> datetime | None:
        return look_take(member=desk.csm, at=minutes(at)).since

    assert since(0) is None
    assert since(29) is None
    assert since(58) is None  # every page prolongs the sitting
    assert since(88) == minutes(58)
    assert since(100) == minutes(58)
    look_seen(member=desk.csm, at=minutes(101))
    assert since(102) == minutes(101)
    assert Look.objects.count() == 1


def lines(desk: Desk, since: datetime, member: Member | None = None, *, mine: bool = False) -> dict[str, list[str]]:
    groups = news(asked=desk.asked(member, mine=mine), since=since)
    return {group.key: [f"{line.account.name}: {line.text}" for line in group.lines] for group in groups}


def test_news_names_every_kind_of_change_since_then_and_nothing_older(desk: Desk) -> None:
    account = desk.account("One", renewal_date=date(2027, 1, 31))
    old = contact_save(account=account, values={"name": "Ann"}, at=minutes(-10), by=desk.csm)
    touch_log(account=account, by=desk.manager, kind="call", on=DAY, note="Before", at=minutes(-10))
    since = minutes(0)
    assert lines(desk, since) == {}
    contact_save(account=account, values={"name": "Bob", "roles": ["it"]}, at=minutes(1), by=desk.manager)
    contact_save(account=account, contact=old, values={"left_on": DAY}, at=minutes(2), by=desk.manager)
    account_change(account=account, values={"renewal_date": date(2027, 3, 31)}, at=minutes(3), by=desk.manager)
    touch_log(account=account, by=desk.manager, kind="call", on=DAY, note="They asked for a visit", at=minutes(4))
    touch_log(account=account, by=desk.csm, kind="call", on=DAY, note="My own", at=minutes(5))
    accounts_assign(accounts=[account], csm=desk.manager, at=minutes(6), by=desk.manager)
    found = lines(desk, since)
    assert found == {
        "gone": ["One: Ann"],
        "renewal": ["One: 31 Jan 2027 → 31 Mar 2027"],
        "csm": ["One: Mina → Helen"],
        "contact": ["One: Bob · IT"],
        "touch": ["One: Call: They asked for a visit"],
    }
    assert lines(desk, since, mine=True).keys() == {"csm"}  # the account is no longer hers, and that she hears
    assert "touch" in lines(desk, since, desk.manager)


def test_news_tells_of_flipped_bands_and_new_alerts_and_when_the_card_did_it(desk: Desk) -> None:
    red, card = desk.account("Red"), desk.account("Card")
    before = AT - timedelta(days=3)  # no night was complete by then: the day shown was the one before
    shown = DAY - timedelta(days=3)
    for account in (red, card):
        make_score(account, 80, day=shown)
    publish_other_weights(desk)
    old = version_latest().scorecard.versions.order_by("number")[0]
    make_score(red, 20)
    Score.objects.update(version=old)
    make_score(card, 50)
    make_alert(red, "use_down", opened_on=DAY)
    make_alert(card, "silent", opened_on=shown)
    found = lines(desk, before)
    assert found["band"] == ["Red: Healthy → At risk", "Card: Healthy → Watch (scorecard changed)"]
    assert [line.split(":")[0] for line in found["alert"]] == ["Red"]


def test_the_page_says_honestly_that_nothing_happened_and_marks_as_seen(desk: Desk) -> None:
    client = signed_in(desk.csm)
    Look.objects.create(member=desk.csm, at=AT)
    account = desk.account("Told", csm=desk.csm)
    touch_log(account=account, by=desk.manager, kind="call", on=DAY, note="They were glad", at=minutes(10_000_000))
    assert "They were glad" in text(client, desk.url())
    seen = client.post(desk.url("today/seen/"), headers=HTMX).content.decode()
    assert "Nothing has changed" in seen
    assert client.post(desk.url("today/seen/"))["Location"].startswith(desk.url("?whose="))


def test_an_empty_list_says_why(desk: Desk) -> None:
    client = signed_in(desk.csm)
    assert "No figures yet" in text(client, desk.url())
    account = desk.account()
    Account.objects.update(created_at=minutes(5))
    assert "No night has looked at these accounts yet" in text(client, desk.url())
    Account.objects.update(created_at=AT)
    assert "Nobody needs a call today" in text(client, desk.url())
    make_alert(account, "use_down")
    assert "No account has a reason of these kinds" in text(client, desk.url("?kind=stage"))
    act(client, desk, account, "snooze", {"days": "7"})
    assert "Everything there was is put aside" in text(client, desk.url())
    assert "Nobody needs a call today" not in text(client, desk.url("?put=aside"))


def test_a_room_adds_a_source_with_one_registration_and_no_key_twice(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from accounts import reasons

    account = desk.account()

    def load(_asked: Asked) -> list[reasons.Reason]:
        return [reasons.Reason(account.pk, "task", "task:1", 50)]

    monkeypatch.setattr(reasons, "_sources", dict(reason_sources()))

    def said(found: Sequence[reasons.Reason], _asked: Asked) -> reasons.Words:
        return {(one.account_id, one.key): Said("a task is late") for one in found}

    register(ReasonSource("task", "Task", "A task.", load, said))
    assert [row.line for row in desk.rows()] == ["A task is late"]
    with pytest.raises(ValueError, match="task"):
        register(ReasonSource("task", "Task", "A task.", load, said))


def api(desk: Desk, query: str = "") -> Any:
    return Client().get(f"/api/v1/today/{query}", headers={"Authorization": f"Bearer {desk.made.api_key}"})


def test_the_api_gives_the_same_list_by_pages(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portfolio.api.today.local_date", lambda _zone, _at: TODAY)
    for number in range(5):
        make_alert(desk.account(f"A{number}", arr=Decimal(number * 100)), "use_down")
    rows = desk.rows()
    first = api(desk, "?limit=3").json()
    rest = Client().get(first["next"], headers={"Authorization": f"Bearer {desk.made.api_key}"}).json()
    assert [one["account"] for one in first["results"] + rest["results"]] == [row.account.pk for row in rows]
    assert (first["count"], rest["next"]) == (5, None)
    one = first["results"][0]
    assert one["line"] == rows[0].line
    assert one["rank"] == float(rows[0].value)
    assert one["reasons"][0] == {
        "kind": "alert",
        "key": rows[0].lead.reason.key,
        "text": rows[0].line,
        "urgency": 70,
        "due": str(DAY + WEEK),
    }


def test_the_api_asks_for_kinds_and_people_that_exist(desk: Desk) -> None:
    make_alert(desk.account(csm=desk.manager), "use_down")
    assert len(api(desk, "?kind=alert").json()["results"]) == 1
    assert api(desk, "?kind=renewal").json()["results"] == []
    assert api(desk, f"?csm={desk.csm.user.email}").json()["results"] == []
    assert "known are" in str(api(desk, "?kind=nonsense").json())
    assert api(desk, "?csm=nobody@example.com").status_code == 400
    assert "cursor" in api(desk, "?cursor=nonsense").json()["error"]["fields"]


def test_another_tenant_sees_nothing_of_it() -> None:
    made, other = make_tenant(), make_tenant().tenant
    with tenant_scope(made.tenant):
        make_alert(Desk(made).account(), "use_down")
    with tenant_scope(other):
        member = make_member(Role.ADMIN)
        asked = Asked(other, member, False, DAY, TODAY)
        assert today_list(asked=asked).rows == []
        assert news(asked=asked, since=AT - timedelta(days=400)) == []

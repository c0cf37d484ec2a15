"""Today: every source, what is put aside, what is new, and the same list over the API."""

import copy
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Aside, Handover, Look, NextStep, StageProposal
from accounts.reasons import Asked, ReasonSource, Said, reason_sources, register
from accounts.services import account_change, accounts_assign, contact_save, step_add, tier_save, touch_log
from accounts.services.handover import handover_start
from accounts.services.today import aside_drop, aside_put, look_seen, look_take
from health.models import Score
from health.selectors import version_latest
from health.services import scorecard_publish
from playbooks.models import Alert
from portfolio.selectors.news import news
from portfolio.selectors.today import TodayRow, rows_told, today_list
from tenants.models import Member, Role
from tenants.scope import tenant_scope
from tenants.services import NewTenant
from tests.factories import AT, DAY, make_account, make_member, make_tenant
from tests.portfolio.world import WEEK, close_day, make_alert, make_score, signed_in

pytestmark = pytest.mark.django_db
TODAY = DAY + timedelta(days=1)
HTMX = {"HX-Request": "true"}


class Desk:
    """A CSM's morning: a tenant in scope, a CSM, a manager, and a way to ask for the list."""

    def __init__(self, made: NewTenant) -> None:
        self.made, self.tenant = made, made.tenant
        close_day(self.tenant)
        self.csm, self.manager = make_member(Role.CSM, "Mina"), make_member(Role.MANAGER, "Helen")

    def account(self, name: str = "", **values: Any) -> Account:
        values = {"arr": Decimal(1000), "currency": "EUR", "csm": self.csm, **values}
        return make_account(self.tenant, name=name, **values) if name else make_account(self.tenant, **values)

    def asked(self, member: Member | None = None, *, mine: bool = False) -> Asked:
        return Asked(self.tenant, member or self.csm, mine, DAY, TODAY)

    def rows(
        self, *kinds: str, member: Member | None = None, mine: bool = False, aside: bool = False
    ) -> list[TodayRow]:
        asked = self.asked(member, mine=mine)
        return rows_told(gathered=today_list(asked=asked, kinds=kinds, put_aside=aside).rows, asked=asked)

    def url(self, path: str = "") -> str:
        return f"/t/{self.tenant.slug}/{path}"


@pytest.fixture
def desk() -> Any:
    made = make_tenant()
    with tenant_scope(made.tenant):
        yield Desk(made)


def text(client: Client, url: str) -> str:
    page = client.get(url)
    assert page.status_code == 200
    return page.content.decode()


def test_an_account_with_many_reasons_is_one_row_that_leads_with_the_most_urgent(desk: Desk) -> None:
    account = desk.account(renewal_date=DAY + timedelta(days=35))
    make_alert(account, "use_down")
    step_add(account=account, text="Send the offer", due_on=TODAY + timedelta(days=2), at=AT, by=desk.csm)
    [row] = desk.rows()
    assert row.line == "Active users fell by 46 % in four weeks: 112 → 61; renews in 35 days"
    assert [told.source.key for told in row.everything] == ["alert", "renewal", "step"]


def test_an_alert_that_speaks_of_the_renewal_leaves_no_second_line_about_it(desk: Desk) -> None:
    make_alert(desk.account(renewal_date=DAY + timedelta(days=40)), "red_renewal")
    [row] = desk.rows()
    assert [told.source.key for told in row.everything] == ["alert"]
    assert row.line == "Score 31 is red and the renewal is in 40 days"


@pytest.mark.parametrize(
    ("days", "urgency"), [(-31, None), (-30, 80), (-1, 80), (0, 70), (30, 70), (31, 50), (61, 30), (90, 30), (91, None)]
)
def test_a_renewal_presses_more_the_nearer_it_is(desk: Desk, days: int, urgency: int | None) -> None:
    desk.account(renewal_date=DAY + timedelta(days=days))
    assert [row.lead.reason.urgency for row in desk.rows()] == ([urgency] if urgency else [])


def test_a_promise_shows_within_a_week_and_is_the_owners_even_at_anothers_account(desk: Desk) -> None:
    theirs = desk.account(csm=desk.manager)
    step_add(account=theirs, text="Call back", due_on=TODAY + timedelta(days=7), at=AT, by=desk.csm)
    step_add(account=theirs, text="Later", due_on=TODAY + timedelta(days=8), at=AT, by=desk.csm)
    [row] = desk.rows(mine=True)
    assert row.line == "“Call back” is due in 7 days"
    assert row.everything == [row.lead]


def test_a_touch_of_today_ends_a_silence_at_once(desk: Desk) -> None:
    account = desk.account()
    make_alert(account)
    assert [row.lead.source.key for row in desk.rows()] == ["silent"]
    touch_log(account=account, by=desk.csm, kind="mail", on=TODAY, note="No answer", at=AT)
    assert len(desk.rows()) == 1
    touch_log(account=account, by=desk.csm, kind="call", on=TODAY, note="Spoke", at=AT)
    assert desk.rows() == []


def test_a_hand_over_shows_when_due_late_or_waiting(desk: Desk) -> None:
    account = desk.account()
    handover_start(account=account, salesperson=desk.manager, due_on=TODAY - timedelta(days=3), at=AT, by=desk.manager)
    [row] = desk.rows()
    assert row.line.startswith("Hand-over was due 3 days ago: ")
    assert row.lead.said.url.endswith("/handover/")
    assert [one.account for one in desk.rows(member=desk.manager, mine=True)] == [account]
    Handover.objects.update(state=Handover.State.COMPLETE)
    assert [row.lead.reason.urgency for row in desk.rows()] == [40]


def test_a_touch_that_a_tier_owes_shows_once_with_how_many_are_late(desk: Desk) -> None:
    duty = {"name": "Call", "kinds": [], "levels": [], "every": 1, "unit": "week"}
    values = {"name": "Gold", "rule": None, "duties": [duty, {**duty, "name": "Visit", "every": 2}]}
    tier = tier_save(values=values, at=AT, by=None)
    account = desk.account(tier=tier, contract_start=TODAY - timedelta(days=30))
    Account.objects.update(tier_since=TODAY - timedelta(days=30))
    [row] = desk.rows()
    assert row.line == "“Call” is 23 d behind (Gold), and 1 more is late"
    touch_log(account=account, by=desk.csm, kind="call", on=TODAY, note="Spoke", at=AT)
    assert desk.rows() == []


def moved(account: Account, now: float, then: float) -> None:
    """A score then and now whose whole change comes from the first measure."""
    keys = version_latest().measure_keys
    make_score(account, then, day=DAY - WEEK, raws=[0.9] * len(keys))
    make_score(account, now, raws=[0.1, *[0.9] * (len(keys) - 1)])


def test_a_score_that_fell_names_the_measures_that_moved_it(desk: Desk) -> None:
    moved(desk.account(), 48, 62)
    moved(desk.account(), 59, 62)
    [row] = desk.rows("score")
    assert row.line.startswith("Score fell 62 → 48 in 7 days: ")
    assert row.lead.reason.urgency == 34


def publish_other_weights(desk: Desk) -> None:
    document = copy.deepcopy(version_latest().definition)
    document["groups"][0]["measures"][0]["weight"] = 900
    scorecard_publish(document=document, tenant=desk.tenant, by=desk.made.admin, at=AT, reason="Use counts most")
    Score.objects.filter(day=DAY).delete()  # publishing has scored the day; the test says what it found


def test_what_a_new_scorecard_did_is_no_reason_to_call(desk: Desk) -> None:
    same, worse = desk.account("Same"), desk.account("Worse")
    keys = version_latest().measure_keys
    raws: list[float | None] = [0.5] * len(keys)
    for account in (same, worse):
        make_score(account, 70, day=DAY - WEEK, raws=raws)
    publish_other_weights(desk)
    from health.selectors import explain

    def score(given: list[float | None]) -> float:
        return sum(share.contribution for share in explain(version=version_latest(), raws=given))

    make_score(same, score(raws), raws=raws)
    first: list[float | None] = [0.0, *raws[1:]]
    make_score(worse, score(first), raws=first)
    [row] = desk.rows("score")
    assert row.account == worse
    assert "the new scorecard: " in row.line
    assert row.lead.reason.facts.behaviour == pytest.approx(score(first) - score(raws), abs=0.001)


def test_a_measure_that_is_new_on_the_card_is_the_cards_doing(desk: Desk) -> None:
    account = desk.account()
    old = version_latest()
    make_score(account, 70, day=DAY - WEEK)
    document = copy.deepcopy(old.definition)
    measure = {**document["groups"][0]["measures"][0], "key": "days_since_contact", "weight": 500}
    document["groups"][0]["measures"].append(measure)
    scorecard_publish(document=document, tenant=desk.tenant, by=desk.made.admin, at=AT, reason="More to see")
    Score.objects.filter(day=DAY).delete()
    make_score(account, 20, raws=[0.5] * len(version_latest().measure_keys))
    from health.moves import change_splits
    from health.selectors import scores_of_days

    now, then = scores_of_days(days=[DAY, DAY - WEEK]).values()
    split = change_splits([(now[account.pk], then[account.pk])])[account.pk]
    assert split.moved == []
    assert split.card is not None


def test_what_is_done_for_oneself_returns_when_it_changes(desk: Desk) -> None:
    account = desk.account(renewal_date=DAY + timedelta(days=61))
    [row] = desk.rows()
    aside_put(
        member=desk.csm, account=account, keys=[row.lead.reason.key], until=TODAY + WEEK, today=TODAY, at=AT, done=True
    )
    assert desk.rows() == []
    assert len(desk.rows(member=desk.manager)) == 1
    account_change(account=account, values={"renewal_date": DAY + timedelta(days=60)}, at=AT, by=desk.manager)
    assert [row.line for row in desk.rows()] == ["Renews in 60 days"]


def test_a_snoozed_account_returns_on_its_day_or_with_a_new_reason(desk: Desk) -> None:
    account = desk.account()
    alert = make_alert(account, "use_down")
    keys = [told.reason.key for told in desk.rows()[0].everything]
    aside_put(member=desk.csm, account=account, keys=keys, until=TODAY + WEEK, today=TODAY, at=AT)
    assert desk.rows() == []
    assert [row.until for row in desk.rows(aside=True)] == [TODAY + WEEK]
    make_alert(account, "silent")
    [row] = desk.rows()
    assert (row.lead.source.key, row.aside) == ("silent", 1)
    later = Asked(desk.tenant, desk.csm, False, DAY, TODAY + WEEK)
    [row] = rows_told(gathered=today_list(asked=later).rows, asked=later)
    assert [told.reason.key for told in row.everything] == [f"alert:{alert.pk}", row.everything[1].reason.key]
    aside_drop(member=desk.csm, account=account, keys=keys)
    assert len(desk.rows()[0].everything) == 2


def test_snoozing_into_the_past_is_refused_and_old_asides_are_taken_away(desk: Desk) -> None:
    account = desk.account()
    with pytest.raises(ValidationError):
        aside_put(member=desk.csm, account=account, keys=["x:1"], until=TODAY, today=TODAY, at=AT)
    aside_put(member=desk.csm, account=account, keys=["x:1"], until=TODAY + WEEK, today=TODAY, at=AT)
    aside_put(member=desk.csm, account=account, keys=["x:2"], until=TODAY + 3 * WEEK, today=TODAY + 2 * WEEK, at=AT)
    assert [aside.key for aside in Aside.objects.all()] == ["x:2"]


def test_kinds_are_counted_over_all_and_lead_where_they_are_asked_for(desk: Desk) -> None:
    both = desk.account(renewal_date=DAY + timedelta(days=61))
    make_alert(both, "use_down")
    make_alert(desk.account(), "use_down")
    [row] = desk.rows("renewal")
    assert (row.account, row.lead.source.key) == (both, "renewal")
    assert today_list(asked=desk.asked(), kinds=["renewal"]).counts == {"alert": 2, "renewal": 1}


def test_arr_in_another_currency_ranks_by_its_rate_and_without_one_as_unknown(desk: Desk) -> None:
    from accounts.services import rate_set

    rate_set(tenant=desk.tenant, currency="USD", day=DAY, rate=Decimal("0.5"), at=AT, by=desk.manager)
    for name, arr, currency in (("Own", 1000, "EUR"), ("Half", 1800, "USD"), ("None", 99999, "JPY")):
        make_alert(desk.account(name, arr=Decimal(arr), currency=currency), "use_down")
    assert [row.account.name for row in desk.rows()] == ["Own", "Half", "None"]


def test_the_page_needs_as_many_queries_for_200_accounts_as_for_20(desk: Desk) -> None:
    client = signed_in(desk.manager)

    def grow(count: int) -> int:
        for number in range(count):
            account = desk.account(renewal_date=DAY + timedelta(days=number % 80))
            moved(account, 40, 60)
            make_alert(account)
            touch_log(account=account, by=desk.csm, kind="mail", on=DAY, note="Wrote", at=AT)
            step_add(account=account, text="Do it", due_on=TODAY, at=AT, by=desk.csm)
            StageProposal.objects.create(
                account=account, from_stage="training", to_stage="go_live", because={"all": []}, day=DAY, created_at=AT
            )
        client.get(desk.url())
        with CaptureQueriesContext(connection) as caught:
            text(client, desk.url("?whose=all"))
        return len(caught)

    assert grow(20) == grow(180)


def test_the_list_comes_by_pages_of_thirty_without_loss(desk: Desk) -> None:
    for _number in range(70):
        make_alert(desk.account(), "use_down")
    client = signed_in(desk.csm)
    seen: list[str] = []
    for page in (1, 2, 3):
        html = client.get(desk.url(f"?whose=all&page={page}"), headers=HTMX if page > 1 else None).content.decode()
        seen += [part.split('"')[0] for part in html.split('<tr id="call-')[1:]]
        assert ("page=" in html) == (page < 3)
    assert len(seen) == len(set(seen)) == 70


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
    assert api(desk, "?cursor=nonsense").status_code == 404


def test_another_tenant_sees_nothing_of_it() -> None:
    made, other = make_tenant(), make_tenant().tenant
    with tenant_scope(made.tenant):
        make_alert(Desk(made).account(), "use_down")
    with tenant_scope(other):
        member = make_member(Role.ADMIN)
        asked = Asked(other, member, False, DAY, TODAY)
        assert today_list(asked=asked).rows == []
        assert news(asked=asked, since=AT - timedelta(days=400)) == []

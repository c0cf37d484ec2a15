"""Today: every source, what is put aside, what is new, and the same list over the API."""

import copy
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Aside, Handover, StageProposal
from accounts.reasons import Asked
from accounts.services import account_change, step_add, tier_save, touch_log
from accounts.services.handover import handover_start
from accounts.services.today import aside_drop, aside_put
from health.models import Score
from health.selectors import version_latest
from health.services import scorecard_publish
from portfolio.selectors.today import rows_told, today_list
from tests.factories import AT, DAY
from tests.portfolio.desk import HTMX, TODAY, Desk, publish_other_weights, text
from tests.portfolio.world import WEEK, make_alert, make_score, signed_in

pytestmark = pytest.mark.django_db


def test_an_account_with_many_reasons_is_one_row_that_leads_with_the_most_urgent(desk: Desk) -> None:
    account = desk.account(renewal_date=DAY + timedelta(days=35))
    make_alert(account, "use_down")
    step_add(account=account, text="Send the offer", due_on=TODAY + timedelta(days=2), at=AT, by=desk.csm)
    [row] = desk.rows()
    assert row.line == "Active users fell by 46% in four weeks: 112 → 61; renews in 35 days"
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
    assert row.line.startswith("Hand-over is overdue by 3 days: ")
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


def shown(html: str) -> list[str]:
    return [part.split('"')[0] for part in html.split('<tr id="call-')[1:]]


def next_page(html: str) -> str:
    return html.split('class="more" hx-get="')[1].split('"')[0].replace("&amp;", "&")


def test_the_list_comes_by_pages_of_thirty_without_loss(desk: Desk) -> None:
    for _number in range(70):
        make_alert(desk.account(), "use_down")
    client = signed_in(desk.csm)
    html = client.get(desk.url("?whose=all")).content.decode()
    seen = shown(html)
    for _page in (2, 3):
        html = client.get(desk.url(next_page(html)), headers=HTMX).content.decode()
        seen += shown(html)
    assert 'class="more"' not in html
    assert len(seen) == len(set(seen)) == 70


@pytest.mark.parametrize("gone", [(0, 1, 2), (27, 28, 29), range(30)])
def test_nobody_is_skipped_when_rows_above_are_dealt_with(desk: Desk, gone: Sequence[int]) -> None:
    for number in range(50):
        make_alert(desk.account(arr=Decimal(1000 - number)), "use_down")
    client = signed_in(desk.csm)
    html = client.get(desk.url("?whose=all")).content.decode()
    first = shown(html)
    for place in gone:
        client.post(desk.url(f"today/{first[place]}/snooze/?whose=all"), {"days": "3"}, headers=HTMX)
    rest = shown(client.get(desk.url(next_page(html)), headers=HTMX).content.decode())
    assert len(set(first) | set(rest)) == 50

"""Service tiers: what is owed and since when, which tier is suggested, and how both are set."""

import random
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.facts import fact_values
from accounts.models import Account, AccountFieldHistory, BulkChange, Level, ServiceTier, TierDuty, Touch
from accounts.segments.catalogue import catalogue, fact_fields
from accounts.selectors.segments import segment_account_ids
from accounts.selectors.tier_rules import Suggestion, suggestions
from accounts.selectors.tiers import behind, owed, tier_list, touches_per_month
from accounts.services import (
    EditConflict,
    account_archive,
    account_change,
    bulk_undo,
    segment_save,
    tier_archive,
    tier_move,
    tier_restore,
    tier_save,
    tiers_set,
)
from tenants.models import Member, Role
from tenants.scope import tenant_scope
from tenants.services import NewTenant
from tests.factories import AT, DAY, make_account, make_member, make_tenant
from tests.portfolio.world import close_day, signed_in

pytestmark = pytest.mark.django_db
TALK = {"name": "Talk", "kinds": ["call", "meeting"], "levels": [], "every": 30, "unit": "day"}
REVIEW = {"name": "Review", "kinds": ["meeting"], "levels": ["advice"], "every": 1, "unit": "quarter"}
LARGE = {"all": [{"field": "arr", "op": "ge", "value": 1000}]}


@pytest.fixture
def made() -> Iterator[NewTenant]:
    made = make_tenant()
    close_day(made.tenant)
    with tenant_scope(made.tenant):
        yield made


@pytest.fixture
def csm(made: NewTenant) -> Member:
    return make_member(Role.CSM)


def tier(name: str = "Gold", *duties: dict[str, Any], **values: Any) -> ServiceTier:
    return tier_save(values={"name": name, "duties": list(duties), **values}, at=AT, by=None)


def touch(account: Account, on: date, kind: str = "call", level: str = "", *, two_way: bool = True) -> None:
    Touch.objects.create(account=account, kind=kind, on=on, level=level, two_way=two_way, note="Spoke", created_at=AT)


def months_on(day: date, months: int) -> date:
    """So many calendar months later; the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def next_due(duty: TierDuty, start: date) -> date:
    lengths = {"month": 1, "quarter": 3, "year": 12}
    if duty.unit in lengths:
        return months_on(start, duty.every * lengths[duty.unit])
    return start + timedelta(days=duty.every * (7 if duty.unit == "week" else 1))


def test_what_is_owed_is_what_a_walk_through_every_touch_finds(made: NewTenant) -> None:
    rnd = random.Random(7)
    units = TierDuty.Unit.values
    tiers = []
    for number in range(3):
        duties = [
            {
                "name": f"Duty {place}",
                "kinds": rnd.sample(Touch.Kind.values, rnd.randint(0, 2)),
                "levels": rnd.sample(Level.values, rnd.randint(0, 2)),
                "every": rnd.randint(1, 4),
                "unit": rnd.choice(units),
            }
            for place in range(rnd.randint(1, 3))
        ]
        tiers.append(tier(f"Tier {number}", *duties))
    accounts = []
    for number in range(15):
        start = DAY - timedelta(days=rnd.randint(0, 500)) if number % 4 else None
        account = make_account(made.tenant, f"a{number}", contract_start=start, tier=rnd.choice([*tiers, None]))
        Account.objects.filter(pk=account.pk).update(tier_since=DAY - timedelta(days=rnd.randint(0, 400)))
        for _one in range(rnd.randint(0, 12)):
            on = DAY + timedelta(days=rnd.randint(-500, 20))
            touch(
                account, on, rnd.choice(Touch.Kind.values), rnd.choice([*Level.values, ""]), two_way=rnd.random() < 0.7
            )
        accounts.append(account)
    found = owed(None, DAY)
    expected = {}
    for account in Account.objects.exclude(tier=None):
        rows = []
        for duty in TierDuty.objects.filter(tier=account.tier_id):
            days = [
                one.on for one in account.touches.all()
                if one.two_way and one.on <= DAY and (not duty.kinds or one.kind in duty.kinds)
                and (not duty.levels or one.level in duty.levels)
            ]  # fmt: skip
            since = max(day for day in (account.tier_since, account.contract_start) if day)
            due = next_due(duty, max(days, default=since))
            rows.append((duty.name, max(days, default=None), due, (DAY - due).days))
        expected[account.pk] = sorted(rows)
    assert {pk: sorted((o.duty, o.last, o.due, o.behind) for o in each) for pk, each in found.items()} == expected
    some = list(expected)[:3]
    assert owed(some, DAY) == {pk: found[pk] for pk in some}
    facts = fact_values(keys=["days_behind_tier", "touches_owed"], as_of=DAY)
    for pk, rows in expected.items():
        assert facts["days_behind_tier"][pk] == max(0, *(row[3] for row in rows))
        assert facts["touches_owed"][pk] == sum(row[3] > 0 for row in rows)


def test_segments_and_the_fact_loader_agree_on_who_is_behind(made: NewTenant) -> None:
    gold = tier("Gold", TALK)
    late, fine = (make_account(made.tenant, name, tier=gold) for name in ("late", "fine"))
    Account.objects.update(tier_since=DAY - timedelta(days=100))
    touch(fine, DAY - timedelta(days=3))
    touch(late, DAY - timedelta(days=3), two_way=False)
    make_account(made.tenant, "none")
    definition = {"all": [{"field": "days_behind_tier", "op": "ge", "value": 70}]}
    segment = segment_save(name="Behind", definition=definition, at=AT, by=None)
    assert segment_account_ids(segment=segment, day=DAY, zone="UTC") == [late.pk]
    assert fact_values(keys=["days_behind_tier"], as_of=DAY)["days_behind_tier"] == {late.pk: 70, fine.pk: 0}
    assert {"days_behind_tier", "touches_owed"} <= {field.key for field in fact_fields()}


def test_nothing_is_owed_by_archived_tiers_and_to_archived_accounts(made: NewTenant) -> None:
    gold, silver = tier("Gold", TALK), tier("Silver", TALK)
    account, other = make_account(made.tenant, "one", tier=gold), make_account(made.tenant, "two", tier=silver)
    tier_archive(tier=gold, at=AT, by=made.admin)
    assert list(owed(None, DAY)) == [other.pk]
    account_archive(account=other, at=AT, by=made.admin)
    assert owed(None, DAY) == {}
    tier_restore(tier=gold, at=AT, by=made.admin)
    assert list(owed(None, DAY)) == [account.pk]
    assert behind(None, DAY) == []


def test_a_tier_set_today_is_behind_only_after_a_period(made: NewTenant, csm: Member) -> None:
    gold = tier("Gold", TALK)
    account = make_account(made.tenant, contract_start=DAY - timedelta(days=900))
    account_change(account=account, values={"tier": gold}, at=AT, by=csm)
    assert account.tier_since == AT.date()
    assert [one.due for one in owed([account.pk], DAY)[account.pk]] == [AT.date() + timedelta(days=30)]
    kept = (
        AccountFieldHistory.objects.filter(account=account, field="tier").order_by("id").values_list("value", flat=True)
    )
    assert list(kept) == [None, str(gold.pk)]


def test_the_first_rule_that_holds_suggests_its_tier(made: NewTenant, csm: Member) -> None:
    tier("Hand only")
    gold, rest = tier("Gold", rule=LARGE), tier("Rest", rule={"all": [{"field": "arr", "op": "filled"}]})
    large, small = make_account(made.tenant, "large", arr=5000), make_account(made.tenant, "small", arr=5)
    make_account(made.tenant, "fits", arr=4000, tier=gold)
    make_account(made.tenant, "unknown")
    asked: dict[str, Any] = {"day": DAY, "zone": "UTC"}
    assert suggestions(**asked) == [Suggestion(large.pk, gold.pk, None), Suggestion(small.pk, rest.pk, None)]
    assert suggestions(**asked, account_id=small.pk) == [Suggestion(small.pk, rest.pk, None)]
    tier_move(tier=rest, up=True, at=AT, by=made.admin)
    assert [one.name for one in tier_list()] == ["Hand only", "Rest", "Gold"]
    assert suggestions(**asked)[0] == Suggestion(large.pk, rest.pk, None)
    change = tiers_set(accounts=[large, small], tiers={large.pk: gold, small.pk: rest}, at=AT, by=csm)
    assert {a.external_id: str(a.tier) for a in Account.objects.exclude(tier=None)} == {
        "large": "Gold", "small": "Rest", "fits": "Gold",
    }  # fmt: skip
    assert bulk_undo(change=change, at=AT, by=csm) == (2, 0)
    assert Account.objects.exclude(tier=None).count() == 1


def test_a_tier_is_saved_with_a_reason_against_what_is_wrong(made: NewTenant, csm: Member) -> None:
    gold = tier("Gold", TALK, REVIEW)
    for values, said in (
        ({"name": "Gold"}, "Another tier"), ({"name": " "}, "Give the tier a name"),
        ({"name": "X", "rule": {"all": [{"field": "gone", "op": "filled"}]}}, "is gone"),
        ({"name": "X", "duties": [{**TALK, "every": 0}]}, "every 1 to 1,000"),
        ({"name": "X", "duties": [{**TALK, "kinds": ["pigeon"]}]}, "known kinds"),
        ({"name": "X", "duties": [TALK] * 9}, "at most 8"),
    ):  # fmt: skip
        with pytest.raises(ValidationError, match=said):
            tier_save(values=values, at=AT, by=csm)
    assert tier_save(values={"name": "Golden"}, at=AT, by=csm, tier=gold, version=1).version == 2
    with pytest.raises(EditConflict):
        tier_save(values={"name": "Gold"}, at=AT, by=csm, tier=gold, version=1)
    assert [duty.name for duty in gold.duties.order_by("position")] == ["Talk", "Review"]


def test_the_load_of_a_tier_is_its_touches_per_month(made: NewTenant) -> None:
    gold = tier("Gold", {**TALK, "every": 1, "unit": "month"}, {**TALK, "every": 1, "unit": "quarter"})
    assert touches_per_month(gold.duties.all()) == pytest.approx(4 / 3)


def address(made: NewTenant, name: str, *args: Any) -> str:
    return reverse(name, args=[made.tenant.slug, *args])


def test_who_is_behind_stands_on_the_page_the_account_and_today(made: NewTenant, csm: Member) -> None:
    gold = tier("Gold", TALK, REVIEW)
    account = make_account(made.tenant, "one", tier=gold, csm=csm, purpose="platform")
    Account.objects.update(tier_since=date(2026, 1, 1))
    browser = signed_in(csm)
    page = browser.get(address(made, "owed")).content.decode()
    assert page.count("<tr data-href") == 2
    for url in (address(made, "account", account.pk), address(made, "today")):
        html = browser.get(url).content.decode()
        assert "Gold" in html
        assert "Talk" in html
    html = browser.get(address(made, "account", account.pk)).content.decode()
    assert "2 things owed by its tier Gold, first: Talk" in html
    assert "A platform" in html
    csv = browser.get(address(made, "owed_csv")).content.decode("utf-8-sig")
    assert "one,One," in csv
    other = signed_in(make_member(Role.CSM))
    assert "Nothing is overdue" in other.get(address(made, "owed")).content.decode()


@pytest.mark.parametrize("name", ["owed", "today", "tiers_suggested"])
def test_pages_take_as_many_queries_for_two_accounts_as_for_twenty(made: NewTenant, csm: Member, name: str) -> None:
    gold, _other = tier("Gold", TALK, REVIEW), tier("Large", rule=LARGE)
    browser, counts = signed_in(csm), []
    for wanted in (2, 20):
        for number in range(Account.objects.count(), wanted):
            make_account(made.tenant, f"a{number}", arr=5000, tier=gold, csm=csm)
        Account.objects.update(tier_since=date(2026, 1, 1))
        browser.get(address(made, name))
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(address(made, name)).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_an_admin_makes_a_tier_with_duties_and_a_rule(made: NewTenant) -> None:
    browser = signed_in(made.admin)
    sent = {
        "name": "Gold", "duty0-name": "Talk", "duty0-every": "2", "duty0-unit": "week",
        "duty0-kinds": ["call", "visit"],
        "duty1-name": "", "duty1-every": "", "duty1-unit": "month",
    }  # fmt: skip
    browser.post(address(made, "tier_new"), sent)
    gold = ServiceTier.objects.get()
    [duty] = gold.duties.all()
    assert (duty.every, duty.unit, duty.kinds) == (2, "week", ["call", "visit"])
    assert "every 2 weeks" in browser.get(address(made, "tiers")).content.decode()
    again = browser.post(
        address(made, "tier_edit", gold.pk), {**sent, "duty0-every": "", "version": "1"}
    ).content.decode()
    assert "Write how often." in again
    rule = '{"all": [{"field": "arr", "op": "ge", "value": 1000}]}'
    browser.post(address(made, "tier_rule", gold.pk), {"definition": rule})
    make_account(made.tenant, "one", arr=5000)
    page = browser.get(address(made, "tiers")).content.decode()
    assert "ARR is at least 1,000" in page
    assert "1 suggestion" in page
    browser.post(address(made, "tiers_suggested"), {"pick": str(Account.objects.get().pk)})
    assert Account.objects.get().tier == gold
    assert BulkChange.objects.count() == 1


def test_an_accounts_tier_is_set_in_a_dialog_that_says_what_the_rules_suggest(made: NewTenant, csm: Member) -> None:
    gold = tier("Gold", TALK, rule=LARGE)
    account = make_account(made.tenant, "one", arr=5000, csm=csm)
    url = address(made, "account_tier", account.pk)
    html = signed_in(csm).get(url, headers={"HX-Request": "true"}).content.decode()
    assert "Suggested: Gold, because ARR is at least 1,000." in html
    signed_in(csm).post(url, {"tier": str(gold.pk), "purpose": "cure_all", "driver": "it"})
    account.refresh_from_db()
    assert (account.tier, account.purpose, account.driver) == (gold, "cure_all", "it")
    assert str(dict(catalogue()["tier"].choices)[str(gold.pk)]) == "Gold"


def test_the_portfolio_shows_filters_and_sorts_by_tier_today_and_in_the_past(made: NewTenant, csm: Member) -> None:
    gold = tier("Gold", TALK)
    make_account(made.tenant, "one", tier=gold, csm=csm, purpose="platform", driver="it")
    make_account(made.tenant, "two", csm=csm)
    browser = signed_in(csm)
    query = "?csm=all&col=tier&col=purpose&col=driver&col=days_behind_tier&col=days_in_stage&sort=tier"
    where = f'&where={{"all":[{{"field":"tier","op":"is","value":["{gold.pk}"]}}]}}'
    html = browser.get(address(made, "portfolio") + query).content.decode()
    assert "Gold" in html
    assert "A platform" in html
    assert browser.get(address(made, "portfolio") + query + where).content.decode().count("<tr data-href") == 1
    past = query + where + f"&day={DAY - timedelta(days=5)}"
    assert browser.get(address(made, "portfolio") + past).status_code == 200


def test_the_api_sets_tiers_by_name_and_lists_what_is_owed(made: NewTenant, client: Any) -> None:
    tier("Gold", TALK)
    key = {"Authorization": f"Bearer {made.api_key}"}
    row = {"external_id": "one", "name": "One", "tier": "Gold", "purpose": "platform"}
    sent = {"content_type": "application/json", "headers": key}
    assert client.post("/api/v1/accounts/bulk/", [row], **sent).status_code == 200
    held = client.get("/api/v1/accounts/", headers=key).json()["results"][0]
    assert (held["tier"], held["purpose"], held["driver"]) == ("Gold", "platform", "")
    refused = client.post("/api/v1/accounts/bulk/", [{**row, "tier": "Silver"}], **sent)
    assert refused.status_code == 400
    assert "Known are: Gold" in refused.content.decode()
    Account.objects.update(tier_since=date(2026, 1, 1))
    [late] = client.get("/api/v1/owed/", headers=key).json()["results"]
    assert (late["account_external_id"], late["duty"], late["last"]) == ("one", "Talk", None)
    [listed] = client.get("/api/v1/tiers/", headers=key).json()["results"]
    assert listed["duties"][0]["every"] == 30

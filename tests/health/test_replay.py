"""Back-tests of stored cards: only what was known then counts, what they say, suggested weights, pages and API."""

import copy
import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.facts import known_facts
from accounts.models import Account, AccountFieldHistory, Contact, Contract, ContractLine, Conviction, Pulse, Touch
from health.card import card_of
from health.definition import STARTING_DOCUMENT, Document
from health.inputs import raws_of
from health.models import BackTest, Draft, Score
from health.outcomes import decided_terms
from health.past import raws_at
from health.replay import Trial, replay
from health.selectors import scorecard_get, version_latest
from health.services import Asked, backtest_run, backtest_start, backtests_left
from service.models import SurveyAnswer, Ticket
from tenants.models import Role
from tenants.scope import tenant_scope
from tenants.services import NewTenant
from tests.factories import AT, DAY, make_account, make_member, make_tenant
from tests.health.past_world import accounts_made, decide, figures, noon, past_made
from tests.health.test_services import close
from tests.portfolio.world import signed_in
from usage.models import Metric, ReportedMetric

pytestmark = pytest.mark.django_db
KEYS = (
    "usage_trend", "mau", "days_silent", "days_since_contact", "people_known", "people_against", "people_convinced",
    "pulse", "tickets_30", "nps_90", "csat_90", "segment", "tickets_open", "days_to_renewal", "champions_known",
)  # fmt: skip
T = DAY - timedelta(days=30)


@pytest.fixture
def made() -> NewTenant:
    return make_tenant()


def wide() -> Document:
    """A card that measures everything that can be guarded, and something that cannot."""
    measures: list[dict[str, Any]] = [
        {"key": key, "weight": 1, "breakpoints": [[0, 100], [90, 0]], "missing": "skip"}
        for key in KEYS
        if key not in ("pulse", "segment")
    ]
    feelings = [["good", 100], ["mixed", 50], ["bad", 0]]
    measures.append({"key": "pulse", "weight": 1, "categories": feelings, "missing": "skip", "max_age": 60})
    sizes = [["small", 20], ["large", 90]]
    measures.append({"key": "segment", "weight": 1, "categories": sizes, "missing": "skip"})
    return {**STARTING_DOCUMENT, "minimum_coverage": 0, "groups": [{"key": "all", "weight": 1, "measures": measures}]}


def add_fact(kind: str, account: Account, dated: date, at: datetime, number: int) -> None:
    """A fact of a kind, dated on a day and received at an instant."""
    ADD[kind](account, dated, at, number)


def add_touch(account: Account, dated: date, at: datetime, number: int) -> None:
    Touch.objects.create(account=account, kind="call", on=dated, note="Spoke", two_way=True, created_at=at)


def add_pulse(account: Account, dated: date, at: datetime, number: int) -> None:
    Pulse.objects.create(account=account, on=dated, feeling="bad", reason="other", created_at=at)


def add_ticket(account: Account, dated: date, at: datetime, number: int) -> None:
    opened = noon(dated)
    done = {"first_response_at": opened, "closed_at": opened, "satisfaction": 1, "external_id": f"t-{number}"}
    Ticket.objects.create(account=account, subject="?", opened_at=opened, created_at=at, **done)


def add_answer(account: Account, dated: date, at: datetime, number: int) -> None:
    named = {"person": f"p{number}", "window": "2026Q1", "score": 0}
    SurveyAnswer.objects.create(account=account, kind="nps", answered_at=noon(dated), source="api", **named)


def add_person(account: Account, dated: date, at: datetime, number: int) -> None:
    contact = Contact.objects.create(account=account, name="Ann", external_id=f"p-{number}", created_at=at)
    Conviction.objects.create(contact=contact, about="value", state="against", on=dated, created_at=at)


def add_conviction(account: Account, dated: date, at: datetime, number: int) -> None:
    for contact in Contact.objects.filter(account=account):
        Conviction.objects.create(contact=contact, about="value", state="convinced", on=dated, created_at=at)


def add_leaving(account: Account, dated: date, at: datetime, number: int) -> None:
    Contact.objects.filter(account=account).update(left_on=dated)


def add_field(account: Account, dated: date, at: datetime, number: int) -> None:
    AccountFieldHistory.objects.create(account=account, field="segment", value="small", at=at)


def add_metric(account: Account, dated: date, at: datetime, number: int) -> None:
    """Late events change a day's figures: what its night reported moves to the kept table, as `fold_fresh` does."""
    row = Metric.objects.filter(account=account, day=dated).values().first()
    if row and row["reported"] == Metric.Reported.SAME:
        kept = {key: value for key, value in row.items() if key not in ("reported", "provisional")}
        ReportedMetric.objects.create(**kept)
    Metric.objects.filter(account=account, day=dated).update(usage_trend=0.01, mau=1, reported=Metric.Reported.KEPT)


def add_terms(account: Account, dated: date, at: datetime, number: int) -> None:
    renewal = dated + timedelta(days=500)
    Account.objects.filter(pk=account.pk).update(renewal_date=renewal, contract_start=dated, segment="small")


ADD = {
    "touch": add_touch, "pulse": add_pulse, "ticket": add_ticket, "answer": add_answer, "person": add_person,
    "conviction": add_conviction, "left": add_leaving, "field": add_field, "metric": add_metric, "terms": add_terms,
}  # fmt: skip


def known_then(made: NewTenant) -> Account:
    """An account of which something of every kind was known at T."""
    account = make_account(made.tenant, "one", segment="large")
    early = T - timedelta(days=20)
    figures(account, T).save(force_insert=True)
    for number, kind in enumerate(("touch", "ticket", "person")):
        add_fact(kind, account, early, noon(early), number)
    Pulse.objects.create(account=account, on=early, feeling="good", reason="other", created_at=noon(early))
    link = {"person": "linked", "window": "2026Q0", "score": 10, "source": "link"}
    SurveyAnswer.objects.create(account=account, kind="nps", answered_at=noon(early), **link)
    AccountFieldHistory.objects.create(account=account, field="segment", value="large", at=noon(early))
    return account


later = st.tuples(st.sampled_from(list(ADD)), st.integers(-60, 60), st.integers(1, 40))


def read(account: Account, *, guarded: bool = True) -> dict[str, float]:
    card = card_of(wide())
    row = raws_at(card=card, pairs=[(account.pk, T)], guarded=guarded).values[0]
    return dict(zip(card.keys, row.tolist(), strict=True))


def test_what_was_known_by_then_is_read_and_what_cannot_be_known_is_named(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        account = known_then(made)
        found = read(account)
        assert (found["usage_trend"], found["mau"], found["days_silent"], found["tickets_30"]) == (1.0, 20, 20, 1)
        assert (found["people_known"], found["people_against"], found["nps_90"]) == (1, 1, 100)
        assert (found["pulse"], found["segment"]) == (0, 1)
        raws = raws_at(card=card_of(wide()), pairs=[(account.pk, T)])
        assert sorted(raws.left_out) == ["champions_known", "days_to_renewal", "tickets_open"]
        assert set(raws.narrowed) == {
            "days_silent",
            "people_known",
            "people_against",
            "people_convinced",
            "nps_90",
            "csat_90",
        }
        assert np.isnan([found[key] for key in raws.left_out]).all()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(later, min_size=1, max_size=6))
def test_nothing_that_was_received_later_ever_moves_what_was_known(facts: list[tuple[str, int, int]]) -> None:
    made = make_tenant()
    with tenant_scope(made.tenant):
        account = known_then(made)
        before = read(account)
        for number, (kind, dated, received) in enumerate(facts):
            at = noon(T + timedelta(days=received))
            add_fact(kind, account, T + timedelta(days=dated), at, number + 100)
        after = read(account)
        assert {key: (before[key], after[key]) for key in before if not same(before[key], after[key])} == {}


def same(one: float, other: float) -> bool:
    return one == other or (one != one and other != other)


def test_every_kind_of_later_fact_would_move_something_if_it_were_not_guarded() -> None:
    for number, kind in enumerate(("touch", "pulse", "ticket", "answer", "person", "conviction", "left", "metric")):
        other = make_tenant()
        with tenant_scope(other.tenant):
            account = known_then(other)
            before = read(account, guarded=False)
            dated = T if kind == "metric" else T - timedelta(days=5)
            add_fact(kind, account, dated, noon(T + timedelta(days=9)), number)
            after = read(account, guarded=False)
            assert any(not same(before[key], after[key]) for key in before), kind


def test_without_the_guard_values_are_those_that_the_day_has_now(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        account = known_then(made)
        card = card_of(wide())
        now = dict(zip(card.keys, raws_of(card=card, as_of=T, account_ids=[account.pk])[0].tolist(), strict=True))
        found = read(account, guarded=False)
        readable = set(known_facts()) - {"days_to_renewal", "champions_known"}
        assert {
            key: (found[key], now[key]) for key in found if key in readable and not same(found[key], now[key])
        } == {}


def test_outcomes_say_what_was_given_up_in_whole_or_in_part(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        accounts = accounts_made(made.tenant, 4)
        decide(accounts, ["lost", "renewed", "shrunk", "lost"], [DAY, DAY, DAY, DAY + timedelta(days=1)])
        contract = Contract.objects.get(account=accounts[2])
        line = contract.lines.get()
        after = {"amount": Decimal(75), "billing_months": 1, "start": DAY, "end": DAY + timedelta(days=365)}
        ContractLine.objects.create(contract=contract, external_id="2", product=line.product, **after)
        found = decided_terms(until=DAY)
        assert [(one.kind, one.arr, one.gone) for one in found] == [
            ("lost", 1200, 1200), ("renewed", 1200, 0), ("shrunk", 1200, 300),
        ]  # fmt: skip


def test_a_line_without_an_end_was_kept_on_every_anniversary(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        accounts = accounts_made(made.tenant, 2)
        decide(accounts, ["lost", "lost"], [DAY, DAY])
        start = DAY - timedelta(days=800)
        lines = ContractLine.objects.filter(contract__account=accounts[0])
        lines.update(outcome="", outcome_date=None, end=None, start=start)
        found = [(one.day, one.kind) for one in decided_terms(until=DAY) if one.account_id == accounts[0].pk]
        assert found == [(start.replace(year=start.year + n), "renewed") for n in (1, 2)]  # a leap day lies between


def test_a_loss_that_was_entered_late_is_foretold_from_before_the_terms_end(made: NewTenant) -> None:
    """Use falls to nothing when a contract ends: a score that only sees that foretells nothing."""
    with tenant_scope(made.tenant):
        accounts = accounts_made(made.tenant, 2)
        decide(accounts, ["lost", "renewed"], [DAY, DAY])
        ContractLine.objects.filter(outcome="lost").update(end=DAY - timedelta(days=60))
        ContractLine.objects.filter(outcome="renewed").update(end=DAY + timedelta(days=60))
        days = {one.kind: one.day for one in decided_terms(until=DAY)}
        assert days == {"lost": DAY - timedelta(days=60), "renewed": DAY}
        assert decided_terms(until=DAY - timedelta(days=30)) == []


def run(made: NewTenant, **asked: Any) -> BackTest:
    card = scorecard_get()
    what = Asked(card, asked.pop("document", STARTING_DOCUMENT), version_latest(card), **asked)
    test = backtest_start(asked=what, as_of=DAY, by=made.admin, at=AT)
    backtest_run(tenant=made.tenant, pk=test.pk, clock=lambda: AT)
    test.refresh_from_db()
    assert test.state == BackTest.State.DONE, test.error
    return test


def test_a_score_that_sees_losses_coming_says_so_and_one_on_noise_says_that(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        past_made(made.tenant, 80)
        found = run(made).result
        assert [one["verdict"] for one in found["horizons"]] == ["useful"] * 4
        assert found["horizons"][2]["sides"]["score"]["auc"]["value"] > 0.85
        assert found["horizons"][2]["sides"]["trend"]["auc"]["low"] <= 0.5
        assert found["terms"]["lost"] + found["terms"]["renewed"] == 80
    noise = make_tenant()
    with tenant_scope(noise.tenant):
        past_made(noise.tenant, 80, signal=0)
        assert {one["verdict"] for one in run(noise).result["horizons"]} == {"noise"}


def test_too_few_outcomes_are_refused_with_the_reason(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        past_made(made.tenant, 12)
        found = run(made).result
        assert {one["verdict"] for one in found["horizons"]} == {"few"}
        assert found["horizons"][0]["refused"]["needed"] == 10


def test_history_that_came_in_later_is_refused_guarded_and_tried_by_its_own_dates(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        past_made(made.tenant, 80)
        Metric.objects.update(reported=0)
        Touch.objects.update(created_at=AT)
        guarded = run(made).result["horizons"][0]
        assert guarded["verdict"] == "few"
        assert guarded["unscored"] == 80
        assert run(made, guarded=False).result["horizons"][0]["verdict"] == "useful"


def test_two_versions_are_compared_on_the_same_terms(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        past_made(made.tenant, 80)
        silence = copy.deepcopy(STARTING_DOCUMENT)
        silence["groups"] = silence["groups"][2:]
        trial = Trial(scorecard_get(), STARTING_DOCUMENT, DAY, other=silence)
        found = replay(trial)["horizons"][2]
        assert found["against"]["other"]["low"] > 0
        assert found["sides"]["other"]["auc"]["value"] < found["sides"]["score"]["auc"]["value"]


def test_weights_are_suggested_as_a_draft_beside_the_present_version_and_never_published(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        past_made(made.tenant, 120)
        versions = scorecard_get().versions.count()
        test = run(made, suggest=True)
        assert test.result["suggested"]["reason"] == ""
        assert test.draft is not None
        assert test.draft.state == Draft.State.OPEN
        assert "other" in test.result["horizons"][2]["sides"]
        groups = {group["key"]: group["weight"] for group in test.draft.document["groups"]}
        assert groups["relationship"] < 25, "silence said nothing of who left"
        assert abs(sum(groups.values()) - 100) < 0.5
        weights = [m["weight"] for group in test.draft.document["groups"] for m in group["measures"]]
        assert min(weights) >= 0
        assert scorecard_get().versions.count() == versions


@pytest.mark.parametrize(("count", "signal", "reason"), [(12, 1.0, "few"), (80, 0.0, "noise")])
def test_no_weights_are_suggested_from_few_outcomes_or_from_noise(
    made: NewTenant, count: int, signal: float, reason: str
) -> None:
    with tenant_scope(made.tenant):
        past_made(made.tenant, count, signal=signal)
        test = run(made, suggest=True)
        assert test.result["suggested"]["reason"] == reason
        assert not Draft.objects.exists()


def test_a_back_test_is_done_by_one_worker_and_taken_up_again_when_that_one_is_gone(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        test = backtest_start(asked=Asked(scorecard_get(), STARTING_DOCUMENT), as_of=DAY, by=None, at=AT)
        assert backtests_left(at=AT) == []
        assert backtests_left(at=AT + timedelta(minutes=1)) == [test.pk]
        BackTest.objects.update(state="running", started_at=AT)
        backtest_run(tenant=made.tenant, pk=test.pk, clock=lambda: AT + timedelta(minutes=1))
        assert BackTest.objects.get().state == "running"
        assert backtests_left(at=AT + timedelta(minutes=6)) == [test.pk]
        backtest_run(tenant=made.tenant, pk=test.pk, clock=lambda: AT + timedelta(minutes=6))
        assert BackTest.objects.get().state == "done"


def test_the_page_says_the_verdict_first_and_a_csm_who_sees_only_their_own_sees_none(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        past_made(made.tenant, 80)
        close(made.tenant, DAY)
        card = scorecard_get()
        Score.objects.all().delete()
        csm = make_member(Role.CSM)
    made.tenant.csms_see_own_only = True
    made.tenant.save()
    client, url = signed_in(made.admin), reverse("scorecard_backtest", args=[made.tenant.slug, card.pk])
    assert "Nothing has been tried yet" in client.get(url).content.decode()
    answer = client.post(f"{url}start/", {"what": "v1", "do": "test"}, follow=True)
    text = answer.content.decode()
    assert "This score tells who leaves: AUC" in text
    assert text.index("This score tells") < text.index("How well it tells who leaves")
    hidden = signed_in(csm).get(url).content.decode()
    assert "Only members who see every account" in hidden
    assert "AUC" not in hidden
    with tenant_scope(made.tenant):
        BackTest.objects.update(state=BackTest.State.RUNNING, done=1, total=4)
        test = BackTest.objects.get()
    progress = reverse("scorecard_backtest_progress", args=[made.tenant.slug, test.pk])
    for page in (url, progress):
        assert "1 of 4" in client.get(page, follow=True).content.decode()


def test_the_api_answers_a_back_test_and_refuses_what_cannot_be_scored(made: NewTenant) -> None:
    with tenant_scope(made.tenant):
        past_made(made.tenant, 40)
        close(made.tenant, DAY)
        card = scorecard_get()
    head = {"Authorization": f"Bearer {made.api_key}"}
    url = f"/api/v1/scorecards/{card.pk}/back-test/"
    assert Client().get(url, headers=head).status_code == 404
    done = Client().post(url, {}, content_type="application/json", headers=head)
    assert done.status_code == 200, done.content
    body = done.json()
    assert body["state"] == "done"
    assert [one["days"] for one in body["result"]["horizons"]] == [30, 60, 90, 180]
    again = Client().get(f"/api/v1/scorecards/back-tests/{body['id']}/", headers=head)
    assert json.loads(again.content) == body
    refused = Client().post(url, {"scorecard": {"groups": 3}}, content_type="application/json", headers=head)
    assert refused.status_code == 400

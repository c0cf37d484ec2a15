"""How sure a score is: stored by the night, derived again for pages and the API, counted by the preview, and what is
held of the feed of use.
"""

from datetime import timedelta

import numpy as np
import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings

from accounts.models import Account
from common.rounding import whole
from health.bounds import bound_rows, uncertain_rows
from health.card import Card
from health.certainty import between_words, flag_words, spans, spans_of
from health.models import ReportedScore, Score
from health.preview import preview
from health.scoring import score_rows
from health.selectors import scorecard_get, version_latest
from health.services import scores_fill
from portfolio.selectors.heat import heat_get
from portfolio.selectors.table import rows_of
from tenants.models import Key, Member, Tenant
from tenants.scope import tenant_scope
from tenants.services import key_create
from tests.factories import AT, DAY, make_account
from tests.health.cards import cards_and_rows
from tests.portfolio.world import make_metric, make_score, signed_in
from usage.feeds import Held, feed_held
from usage.models import AccountDay, StaleMetric

COUNT = 7  # measures of the card that every tenant starts with


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(cards_and_rows())
def test_what_is_stored_and_what_is_shown_are_the_bounds_of_each_row(made: tuple[Card, list[list[float]]]) -> None:
    card, rows = made
    raws = np.array(rows)
    scores = score_rows(card, raws)
    bounds, stored, shown = bound_rows(card, raws, scores), uncertain_rows(card, raws, scores), spans(card, raws)
    assert stored.tolist() == bounds.uncertain.tolist() == [span.uncertain for span in shown]
    assert [span.low * 10_000 for span in shown] == bounds.low.tolist()
    assert [span.high * 10_000 for span in shown] == bounds.high.tolist()
    for span in shown:
        assert span.open == (whole(span.low) != whole(span.high))
        assert bool(flag_words(span)) == span.uncertain


@pytest.mark.django_db
def test_the_night_stores_which_bands_are_uncertain_and_a_list_can_ask_for_them(
    tenant: Tenant,
    manager: Member,
) -> None:
    with tenant_scope(tenant):
        sure, unsure = make_account(tenant, name="Sure"), make_account(tenant, name="Unsure")
        for account in (sure, unsure):
            make_metric(account, breadth=0.5, depth=0.5)
        make_metric(unsure, day=DAY - timedelta(days=1))
        scores_fill(days=[DAY], closing=True)
        stored = {score.account_id: score for score in Score.objects.filter(day=DAY)}
        for score in stored.values():
            assert score.uncertain == spans_of([score])[0].uncertain
        stored[unsure.pk].uncertain = None
        stored[unsure.pk].save()
        scores_fill(days=[DAY], again=True)
        assert Score.objects.get(day=DAY, account=unsure).uncertain is not None  # an older row is filled in
        assert not ReportedScore.objects.exists()  # and stays what was reported
    where = '{"all":[{"field":"health_certainty","op":"is","value":["uncertain"]}]}'
    page = signed_in(manager).get(f"/t/{tenant.slug}/portfolio/", {"csm": "all", "where": where}).content.decode()
    named = {account.name for account in (sure, unsure) if f">{account.name}<" in page}
    with tenant_scope(tenant):
        assert named == {
            s.account.name for s in Score.objects.filter(day=DAY, uncertain=True).select_related("account")
        }


@pytest.mark.django_db
def test_account_page_table_heat_map_and_api_say_between_which_scores_the_truth_lies(
    tenant: Tenant,
    manager: Member,
) -> None:
    with tenant_scope(tenant):
        account = make_account(tenant)
        make_score(account, 70, raws=[0.9, None, *[0.5] * (COUNT - 2)])
        score = Score.objects.get(account=account, day=DAY)
        (span,) = spans_of([score])
        assert span.uncertain
        assert flag_words(span) == rows_of(ids=[account.pk], day=DAY)[0].unsure
        (row,) = heat_get(
            accounts=Account.objects.all(), day=DAY, scorecard_id=scorecard_get().pk, order="score", page=1
        ).rows
        assert row.unsure == flag_words(span)
        _key, token = key_create(kind=Key.Kind.API, name="r", scopes=["accounts:read"], by=manager, at=AT)
    client = signed_in(manager)
    page = client.get(f"/t/{tenant.slug}/account/{account.pk}/").content.decode()
    assert between_words(span) in page
    assert "the band stays, and is uncertain" in page
    assert flag_words(span) in page
    assert flag_words(span) in client.get(f"/t/{tenant.slug}/portfolio/?csm=all").content.decode()
    assert flag_words(span) in client.get(f"/t/{tenant.slug}/scorecard/heat/").content.decode()
    api = Client(headers={"authorization": f"Bearer {token}"})
    asked = {"from": DAY.isoformat(), "to": DAY.isoformat()}
    answer = api.get(f"/api/v1/accounts/{account.pk}/health/", asked).json()
    (result,) = answer["results"]
    ends = (float(span.low), float(span.high), True)
    assert (result["low"], result["high"], result["uncertain"]) == ends
    assert answer["feed"] == {"held_since": None, "waiting": False}
    health = api.get(f"/api/v1/accounts/{account.pk}/").json()["health"]
    assert (health["low"], health["high"], health["uncertain"]) == ends


@pytest.mark.django_db
def test_the_preview_counts_uncertain_bands_before_and_after(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        for _ in range(3):
            make_metric(make_account(tenant))
        scores_fill(days=[DAY])
        card, document = scorecard_get(), version_latest().definition
        wide = {**document, "bands": {"green": 100, "amber": 0}}
        found = preview(card=card, document=wide, as_of=DAY)
        assert found.uncertain[0] == Score.objects.filter(day=DAY, uncertain=True).count()
        same = preview(card=card, document=document, as_of=DAY)
        assert same.uncertain == (found.uncertain[0], found.uncertain[0])
        assert found.uncertain[1] < found.uncertain[0]


@pytest.mark.django_db
def test_a_feed_that_brings_nothing_for_three_days_is_held_and_measures_of_use_say_so(
    tenant: Tenant,
    manager: Member,
) -> None:
    with tenant_scope(tenant):
        account = make_account(tenant)
        make_score(account, 70, raws=[0.5] * COUNT)
        assert not feed_held(account_id=account.pk, day=DAY)  # never any use: no feed
        last = DAY - timedelta(days=3)
        AccountDay.objects.create(tenant=tenant, account=account, day=last, events=4, minutes=0)
        assert feed_held(account_id=account.pk, day=DAY) == Held(since=last)
        assert not feed_held(account_id=account.pk, day=DAY - timedelta(days=1))
    page = signed_in(manager).get(f"/t/{tenant.slug}/account/{account.pk}/").content.decode()
    assert "The usage feed is held" in page
    assert "· feed held" in page
    with tenant_scope(tenant):
        AccountDay.objects.create(tenant=tenant, account=account, day=DAY, events=1, minutes=0)
        assert not feed_held(account_id=account.pk, day=DAY)
        StaleMetric.objects.create(account=account, first_day=DAY, last_day=DAY)
        assert feed_held(account_id=account.pk, day=DAY) == Held(waiting=True)
        assert not feed_held(account_id=account.pk, day=DAY + timedelta(days=1))

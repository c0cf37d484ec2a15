"""Scores as they are stored: published equals preview, what was reported is kept, a past score is derived again."""

import copy
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.core.exceptions import ValidationError

from accounts.models import Account, Touch
from accounts.services import touch_log
from common.rounding import whole
from health.card import card_of
from health.definition import STARTING_DOCUMENT, Document
from health.models import Draft, ReportedScore, Score
from health.preview import preview
from health.scoring import score_rows
from health.selectors import explain, scorecard_get, scores_of_account, version_list
from health.services import Publication, draft_open, draft_publish, scorecard_publish, scores_fill
from operations.models import Night
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.factories import AT, DAY, make_account, make_tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant().tenant


def silence_only(cut: int = 60) -> Document:
    document = copy.deepcopy(STARTING_DOCUMENT)
    measure = {"key": "days_silent", "weight": 1, "breakpoints": [[0, 100], [cut, 0]], "missing": "skip"}
    return {**document, "groups": [{"key": "relationship", "weight": 1, "measures": [measure]}]}


def accounts_silent_for(tenant: Tenant, *days: int) -> list[Account]:
    return [make_account(tenant, contract_start=DAY - timedelta(days=n), name=f"Silent {n}") for n in days]


def close(tenant: Tenant, day: date) -> None:
    Night.objects.create(tenant=tenant, job="alerts", position=0, local_date=day, state="done", not_before=AT)


def test_published_scores_equal_the_preview_row_for_row(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        accounts = accounts_silent_for(tenant, 0, 13, 30, 59, 200)
        close(tenant, DAY)
        promised = preview(card=scorecard_get(), document=silence_only(), as_of=DAY)
        scorecard_publish(document=silence_only(), tenant=tenant, by=None, at=AT)
        stored = dict(Score.objects.filter(day=DAY).values_list("account_id", "score"))
        assert stored == promised.scores
        assert stored[accounts[1].pk] == Decimal("78.3333")


def test_publishing_scores_the_last_closed_day_again_and_keeps_what_was_reported(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        (account,) = accounts_silent_for(tenant, 30)
        scorecard_publish(document=silence_only(60), tenant=tenant, by=None, at=AT)
        scores_fill(days=[DAY], closing=True)
        close(tenant, DAY)
        scorecard_publish(document=silence_only(120), tenant=tenant, by=None, at=AT)
        now = Score.objects.get(account=account, day=DAY)
        then = ReportedScore.objects.get(account=account, day=DAY)
        assert (now.score, now.reported) == (Decimal("75.0000"), Score.Reported.KEPT)
        assert then.score == Decimal("50.0000")
        end = DAY + timedelta(days=1)
        assert [s.score for s in scores_of_account(account=account, start=DAY, end=end)] == [now.score]
        kept = scores_of_account(account=account, start=DAY, end=end, reported=True)
        assert [s.score for s in kept] == [then.score]


def test_a_second_change_keeps_the_first_report(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        (account,) = accounts_silent_for(tenant, 30)
        scores_fill(days=[DAY], closing=True)
        reported = Score.objects.get(account=account, day=DAY).score
        for ago in (3, 1):
            touch_log(account=account, kind=Touch.Kind.CALL, on=DAY - timedelta(days=ago), note="n", by=None, at=AT)
            scores_fill(days=[DAY])
        assert ReportedScore.objects.get(account=account, day=DAY).score == reported
        assert ReportedScore.objects.count() == 1


def test_scoring_a_day_twice_changes_nothing(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        accounts_silent_for(tenant, 10, 40)
        for _ in range(2):
            scores_fill(days=[DAY], closing=True)
        assert {score.reported for score in Score.objects.all()} == {Score.Reported.SAME}
        assert not ReportedScore.objects.exists()


def test_a_stored_score_is_derived_again_from_its_version_and_inputs(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        accounts_silent_for(tenant, 0, 17, 33)
        scorecard_publish(document=silence_only(), tenant=tenant, by=None, at=AT)
        scores_fill(days=[DAY])
        for score in Score.objects.select_related("version"):
            again = score_rows(card_of(score.version.definition), np.array([score.raws], dtype=float))
            assert again.score(0) == score.score
            shares = explain(version=score.version, raws=score.raws)
            assert sum(share.contribution for share in shares) == pytest.approx(float(score.score or 0), abs=1e-4)


def test_below_the_least_coverage_there_is_no_score(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        account = make_account(tenant)
        scores_fill(days=[DAY])
        score = Score.objects.get(account=account)
        assert (score.score, score.band, score.coverage) == (None, "unknown", 0)


def test_a_faulty_card_is_refused_and_the_draft_is_kept(tenant: Tenant) -> None:
    made = make_tenant()
    with tenant_scope(made.tenant):
        broken = silence_only()
        broken["groups"][0]["weight"] = -1
        draft = draft_open(card=scorecard_get(), document=broken, by=made.admin, at=AT)
        with pytest.raises(ValidationError):
            draft_publish(draft=draft, publication=Publication(made.tenant, AT, "Why not", made.admin))
        assert Draft.objects.get().document == broken
        assert Draft.objects.get().state == Draft.State.OPEN
        assert len(version_list()) == 1


def test_publishing_the_same_card_again_makes_no_version(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        first = scorecard_publish(document=silence_only(), tenant=tenant, by=None, at=AT)
        assert scorecard_publish(document=silence_only(), tenant=tenant, by=None, at=AT) == first


def test_the_preview_counts_band_flips_and_arr(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        account = accounts_silent_for(tenant, 30)[0]
        Account.objects.filter(pk=account.pk).update(arr=Decimal(1000))
        scorecard_publish(document=silence_only(60), tenant=tenant, by=None, at=AT)
        found = preview(card=scorecard_get(), document=silence_only(30), as_of=DAY)
        assert (found.accounts, found.flips, found.arr_to_worse, found.arr_to_better) == (
            1,
            1,
            Decimal(1000),
            Decimal(0),
        )
        assert (found.moved[0].band_before, found.moved[0].band_after) == ("amber", "red")
        assert whole(found.moved[0].before or Decimal(0)) == 50
        assert found.moved[0].why == [("Days silent", -50.0)]
        assert [(way.before, way.after, way.accounts, way.arr) for way in found.crossings] == [
            ("amber", "red", 1, Decimal(1000))
        ]
        assert [(one.before, one.after) for one in found.spread if one.before or one.after] == [(0, 1), (1, 0)]

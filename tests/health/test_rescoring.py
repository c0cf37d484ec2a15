"""The past under another version: as each day by itself, apart from what was stored, taken up again, removed."""

import copy
from collections import Counter
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import numpy as np
import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account, AccountFieldHistory
from health.card import card_of
from health.definition import STARTING_DOCUMENT, Document
from health.inputs import raws_of
from health.models import ReportedScore, RescoredScore, Rescoring, Score, Scorecard, ScorecardVersion
from health.rescored import days_rescored
from health.rows import rows_write
from health.scoring import score_rows
from health.services import (
    rescoring_remove,
    rescoring_run,
    rescoring_start,
    rescorings_left,
    scores_fill,
    scores_refill_stale,
)
from health.services import rescorings as service
from tenants.models import AuditEntry, Tenant
from tenants.scope import tenant_scope
from tests.factories import AT, DAY, make_account, make_tenant
from tests.health.rescored_world import DAYS, stored_document, version_made, world_made

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(minutes=6)
FACTS = ("usage_trend", "login_ratio", "stickiness", "mau", "users_ever", "days_silent", "tickets_open", "breadth")


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant().tenant


def clock() -> datetime:
    return AT


def rescored(tenant: Tenant, version: ScorecardVersion, *, whole: bool = False) -> Rescoring:
    run = rescoring_start(version=version, whole=DAY if whole else None, by=None, at=AT)
    rescoring_run(tenant=tenant, pk=run.pk, clock=clock)
    run.refresh_from_db()
    assert run.state == "done", run.error
    return run


def plain(version: ScorecardVersion) -> dict[Any, Any]:
    """What each stored day's accounts get under the version, one day after the other."""
    card, found = card_of(version.definition), {}
    for day in Score.objects.filter(provisional=False).values_list("day", flat=True).distinct():
        ids = list(Score.objects.filter(day=day).order_by("account_id").values_list("account_id", flat=True))
        raws = raws_of(card=card, as_of=day, account_ids=ids)
        scores = score_rows(card, raws)
        for i, pk in enumerate(ids):
            held = [None if raw != raw else raw for raw in raws[i].tolist()]
            found[pk, day] = (scores.score(i), scores.bands[i], float(scores.coverage[i]), held)
    return found


def stored(model: Any, **which: Any) -> dict[Any, Any]:
    rows = model.objects.filter(**which).values_list("account_id", "day", "score", "band", "coverage", "raws")
    return {(pk, day): tuple(rest) for pk, day, *rest in rows}


@st.composite
def documents(draw: Any) -> Document:
    """Cards of measures that the stored scores have, have in other ways, or do not have."""
    weight = st.integers(0, 5)
    keys = draw(st.lists(st.sampled_from(FACTS), min_size=1, max_size=5, unique=True))
    measures: list[Document] = []
    for key in keys:
        xs = sorted(draw(st.lists(st.integers(-1, 60), min_size=2, max_size=4, unique=True)))
        points = [[x / 10, draw(st.integers(0, 100))] for x in xs]
        missing = draw(st.sampled_from(["skip", 30]))
        measures.append({"key": key, "weight": draw(weight), "breakpoints": points, "missing": missing})
    codes = draw(st.permutations(["farm", "bank", "shop", "mill"]))[: draw(st.integers(0, 4))]
    if codes:
        categories = [[code, draw(st.integers(0, 100))] for code in codes]
        measures.append({"key": "industry", "weight": draw(weight), "categories": categories, "missing": "skip"})
    measures[0]["weight"] = 2
    cut = draw(st.integers(1, len(measures)))
    groups = [{"key": "a", "weight": 3, "measures": measures[:cut]}]
    if measures[cut:] and any(one["weight"] for one in measures[cut:]):
        groups.append({"key": "b", "weight": draw(st.integers(1, 4)), "measures": measures[cut:]})
    return {"minimum_coverage": draw(st.sampled_from([0, 0.5])), "bands": {"green": 70, "amber": 40}, "groups": groups}


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(document=documents(), at_once=st.sampled_from([1, 3, 28]))
def test_the_rescored_past_is_each_day_by_itself_under_the_version(
    tenant: Tenant, document: Document, at_once: int
) -> None:
    with tenant_scope(tenant):
        if not Account.objects.exists():
            world_made(tenant)
        version, before = version_made(document), service.DAYS_AT_ONCE
        service.DAYS_AT_ONCE = at_once
        try:
            run = rescored(tenant, version)
        finally:
            service.DAYS_AT_ONCE = before
        got = stored(RescoredScore, rescoring=run)
        assert got == plain(version)
        assert run.rows == run.expected == len(got)


def test_what_was_known_and_reported_stays_and_under_its_own_version_the_past_is_the_same(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        world_made(tenant)
        known, reported = stored(Score), stored(ReportedScore)
        assert reported
        version = ScorecardVersion.objects.get(number=2)
        run = rescored(tenant, version)
        assert stored(RescoredScore) == known
        assert (stored(Score), stored(ReportedScore)) == (known, reported)
        assert run.result["anew"] == []
        points = run.result["points"]
        assert len(points) == DAYS
        assert all(point["known"] == point["rescored"] for point in points)
        assert any(point["reported"] != point["known"] for point in points)
        assert sum(sum(row.values()) for row in run.result["bands"].values()) == len(known)


def test_the_figures_by_band_are_counted_from_the_rows(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        accounts = world_made(tenant)
        since = AT - timedelta(days=50)
        AccountFieldHistory.objects.create(account=accounts[0], field="arr", value="1200", at=since)
        document = copy.deepcopy(stored_document())
        document["bands"] = {"green": 60, "amber": 55}
        run = rescored(tenant, version_made(document))
        for point in run.result["points"]:
            rows = RescoredScore.objects.filter(rescoring=run, day=point["day"])
            counted = Counter(rows.values_list("band", flat=True))
            assert {band: found[0] for band, found in point["rescored"].items() if found[0]} == counted
        assert sum(found[1] for found in run.result["points"][-1]["rescored"].values()) == 1200


def test_a_rescoring_that_lost_its_worker_goes_on_where_it_stopped(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "DAYS_AT_ONCE", 3)
    with tenant_scope(tenant):
        world_made(tenant)
        version = version_made(stored_document())
        run = rescoring_start(version=version, whole=None, by=None, at=AT)
        calls: list[Any] = []

        def killed(**asked: Any) -> None:
            calls.append(asked)
            if len(calls) == 3:
                raise KeyboardInterrupt  # as a worker that is stopped: nothing is said of it
            rows_write(**asked)

        monkeypatch.setattr(service, "rows_write", killed)
        with pytest.raises(KeyboardInterrupt):
            rescoring_run(tenant=tenant, pk=run.pk, clock=clock)
        run.refresh_from_db()
        assert (run.state, run.done) == ("running", 6)
        assert RescoredScore.objects.count() == run.rows
        assert rescorings_left(at=AT + timedelta(minutes=1)) == []
        rescoring_run(tenant=tenant, pk=run.pk, clock=clock)  # another has it still
        assert len(calls) == 3
        assert rescorings_left(at=LATER) == [run.pk]
        rescoring_run(tenant=tenant, pk=run.pk, clock=lambda: LATER)
        run.refresh_from_db()
        assert (run.state, run.done) == ("done", run.total)
        assert len(calls) == 5
        assert stored(RescoredScore) == stored(Score)


def test_only_one_of_two_workers_goes_on(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "DAYS_AT_ONCE", 4)
    with tenant_scope(tenant):
        world_made(tenant)
        run = rescoring_start(version=version_made(stored_document()), whole=None, by=None, at=AT)

        def overtaken(*asked: Any) -> Any:
            monkeypatch.setattr(service, "days_rescored", days_rescored)
            rescoring_run(tenant=tenant, pk=run.pk, clock=lambda: LATER)
            return days_rescored(*asked)

        monkeypatch.setattr(service, "days_rescored", overtaken)
        rescoring_run(tenant=tenant, pk=run.pk, clock=clock)
        run.refresh_from_db()
        assert (run.state, run.rows) == ("done", run.expected)
        assert stored(RescoredScore) == stored(Score)


def test_stopped_or_removed_it_leaves_the_pages_at_once_and_its_rows_go(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "DAYS_AT_ONCE", 5)
    with tenant_scope(tenant):
        world_made(tenant)
        version = version_made(stored_document())
        run = rescoring_start(version=version, whole=None, by=None, at=AT)

        def stopped(**asked: Any) -> None:
            rows_write(**asked)
            rescoring_remove(pk=run.pk, by=None, at=AT)

        monkeypatch.setattr(service, "rows_write", stopped)
        rescoring_run(tenant=tenant, pk=run.pk, clock=clock)
        assert not Rescoring.objects.exists()
        assert not RescoredScore.objects.exists()
        monkeypatch.setattr(service, "rows_write", rows_write)
        done = rescored(tenant, version)
        rescoring_remove(pk=done.pk, by=None, at=AT)
        told = AuditEntry.objects.filter(noun="scorecardversion").order_by("id").values_list("action", flat=True)
        assert list(told) == ["rescore", "remove rescored"] * 2
        assert rescorings_left(at=AT) == [done.pk]
        rescoring_run(tenant=tenant, pk=done.pk, clock=clock)
        assert not Rescoring.objects.exists()
        assert not RescoredScore.objects.exists()


def test_asked_again_the_new_one_takes_the_place_of_the_old_once_it_is_done(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        world_made(tenant)
        first = rescored(tenant, version_made(stored_document()))
        waiting = rescoring_start(version=version_made(stored_document()), whole=None, by=None, at=AT)
        assert RescoredScore.objects.filter(rescoring=first).exists()
        second = rescored(tenant, version_made(stored_document()))
        assert set(Rescoring.objects.values_list("pk", flat=True)) == {second.pk}
        assert not RescoredScore.objects.exclude(rescoring=second).exists()
        assert waiting.pk != second.pk


def test_every_day_of_the_accounts_that_a_new_card_takes_now(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        accounts = world_made(tenant)
        Account.objects.filter(pk=accounts[2].pk).update(lifecycle_stage="training")
        other = Scorecard.objects.create(name="Beginners", position=1, stages=["training"])
        version = version_made(stored_document())
        ScorecardVersion.objects.filter(pk=version.pk).update(
            scorecard=other, number=1, effective_from=DAY - timedelta(days=500)
        )
        version.refresh_from_db()
        with pytest.raises(ValidationError):
            rescoring_start(version=version, whole=None, by=None, at=AT)
        taken = set(service.accounts_taken(scorecard_id=other.pk, day=DAY))
        assert accounts[2].pk in taken
        run = rescored(tenant, version, whole=True)
        assert stored(RescoredScore, rescoring=run) == {
            key: row for key, row in stored(Score).items() if key[0] in taken
        }


def test_the_past_of_an_account_that_was_archived_since_is_scored_too(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        accounts = world_made(tenant)
        Account.objects.filter(pk=accounts[0].pk).update(archived_at=AT)
        document = copy.deepcopy(STARTING_DOCUMENT)
        measure = {"key": "mau", "weight": 50, "breakpoints": [[0, 0], [40, 100]], "missing": "skip"}
        document["groups"][0]["measures"].append(measure)
        version = version_made(document)
        run = rescored(tenant, version)
        assert run.result["anew"] == ["mau"]
        card, place = card_of(version.definition), version.measure_keys.index("mau")
        found, held, anew = stored(RescoredScore), stored(Score), plain(version)
        keys = Score.objects.select_related("version")[0].version.measure_keys
        assert found.keys() == held.keys()
        for key, (score, band, _coverage, raws) in found.items():
            kept = dict(zip(keys, held[key][3], strict=True)) | {"mau": anew[key][3][place]}
            assert raws == [kept[name] for name in version.measure_keys], "what was stored is taken"
            again = score_rows(card, np.array([[np.nan if raw is None else raw for raw in raws]]))
            assert (score, band) == (again.score(0), again.bands[0])


def test_another_tenant_neither_sees_nor_loses_anything(tenant: Tenant) -> None:
    other = make_tenant().tenant
    with tenant_scope(tenant):
        world_made(tenant)
        run = rescored(tenant, version_made(stored_document()))
        count = RescoredScore.objects.count()
    with tenant_scope(other):
        world_made(other, accounts=2)
        assert not RescoredScore.objects.exists()
        rescoring_run(tenant=other, pk=run.pk, clock=clock)
        rescoring_remove(pk=run.pk, by=None, at=AT)
        own = rescored(other, version_made(stored_document()))
        assert own.expected == Score.objects.count()
        assert set(RescoredScore.objects.values_list("tenant_id", flat=True)) == {other.pk}
    with tenant_scope(tenant):
        assert RescoredScore.objects.count() == count
        assert Rescoring.objects.get(pk=run.pk).state == "done"


def test_every_stored_score_is_given_again_by_its_version_and_raw_values(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        world_made(tenant)
        rescored(tenant, version_made(stored_document()))
        for model in (Score, ReportedScore, RescoredScore):
            assert model.objects.exists()
            for row in model.objects.select_related("version"):
                raws = np.array([[np.nan if raw is None else raw for raw in row.raws]])
                got = score_rows(card_of(row.version.definition), raws)
                assert (got.score(0), got.bands[0], float(got.coverage[0])) == (row.score, row.band, row.coverage)
        count = Score.objects.count() + ReportedScore.objects.count() + RescoredScore.objects.count()
    out = StringIO()
    call_command("scores_verify", tenant=tenant.slug, stdout=out)
    assert f"{count} stored scores derived again, all identical." in out.getvalue()


@pytest.mark.parametrize(
    "wrong", [{"score": "12.3456"}, {"coverage": 0.123}, {"band": "unknown"}, {"raws": [1.0]}, {"version_id": 10**9}]
)
def test_a_stored_score_that_is_not_what_it_is_made_of_is_named(tenant: Tenant, wrong: dict[str, Any]) -> None:
    with tenant_scope(tenant):
        accounts = world_made(tenant)
        Score.objects.filter(account=accounts[1], day=DAY).update(**wrong)
    out = StringIO()
    with pytest.raises(CommandError, match=r"^1 of \d+ stored scores differ"):
        call_command("scores_verify", tenant=tenant.slug, stdout=out)
    if "raws" not in wrong and "version_id" not in wrong:
        assert f"health_score {DAY} account {accounts[1].pk}" in out.getvalue()


def test_late_marks_do_not_touch_what_was_rescored(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        world_made(tenant)
        rescored(tenant, version_made(stored_document()))
        before = stored(RescoredScore)
        make_account(tenant)
        scores_fill(days=[DAY])
        scores_refill_stale(until=DAY)
        assert stored(RescoredScore) == before

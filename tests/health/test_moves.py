"""What moved a stored score, told step by step; the parts sum to what page and score say."""

import copy
from datetime import timedelta

import pytest

from health.models import Score
from health.moves import Part, change_splits, ledger_parts
from health.selectors import scores_of_days, version_latest
from health.services import scorecard_publish
from tenants.scope import tenant_scope
from tests.factories import AT, DAY, make_account, make_tenant
from tests.portfolio.world import make_score

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)
STEPS = ("configuration", "availability")


def change(raws: list[float | None], before: list[float | None], *, heavier: bool = False) -> list[Part]:
    """The parts between two days with these raw values; `heavier`: under a version published between them."""
    made = make_tenant()
    with tenant_scope(made.tenant):
        account = make_account(made.tenant)
        make_score(account, 50, day=DAY - WEEK, raws=before)
        if heavier:
            document = copy.deepcopy(version_latest().definition)
            document["groups"][0]["measures"][0]["weight"] = 900
            scorecard_publish(document=document, tenant=made.tenant, by=made.admin, at=AT, reason="Use counts most")
            Score.objects.filter(day=DAY).delete()
        make_score(account, 60, raws=raws)
        now, then = (of_day[account.pk] for of_day in scores_of_days(days=[DAY, DAY - WEEK]).values())
        split, parts = change_splits([(now, then)])[account.pk], ledger_parts(now, then)
    sums = {step: sum(part.points for part in parts if part.step == step) for step in (*STEPS, "behaviour")}
    assert split.behaviour == pytest.approx(sums["behaviour"], abs=0.2)  # many accounts at once as one, but for crumbs
    assert split.data == pytest.approx(sums["availability"], abs=1e-3)
    assert (split.card or 0) == pytest.approx(sums["configuration"], abs=1e-3)
    return parts


FULL: list[float | None] = [1.0, 0.4, 0.2, 0.6, 0.5, 0.3, 20.0]


def test_the_customers_part_is_told_by_measure_and_sums_to_the_change() -> None:
    parts = change([0.6, *FULL[1:6], 45.0], FULL)
    assert {part.step for part in parts} == {"behaviour"}
    # trend: 85 → 27.5 at 16 % of the weight; days silent: 90.625 → 55 at 25 %
    assert [(part.label, round(part.points, 3)) for part in parts] == [("Usage trend", -9.2), ("Days silent", -8.906)]


def test_data_that_went_is_noted_and_not_taken_for_behaviour() -> None:
    parts = change([None, *FULL[1:]], FULL)
    assert {part.step for part in parts} == {"availability"}
    assert {part.note for part in parts} == {"data came or went"}


def test_a_new_version_is_one_part_and_the_rest_is_the_customers() -> None:
    parts = change([0.6, *FULL[1:]], FULL, heavier=True)
    assert (parts[0].step, parts[0].label) == ("configuration", "Scorecard v1 → v2")
    assert parts[0].note.startswith("Usage trend ")
    assert [part.label for part in parts[1:]] == ["Usage trend"]


def test_version_data_and_customer_are_kept_apart_together() -> None:
    parts = change([0.6, None, *FULL[2:]], [1.0, 0.4, None, *FULL[3:]], heavier=True)
    assert [part.step for part in parts][0] == "configuration"
    assert {part.step for part in parts} == {"configuration", "availability", "behaviour"}

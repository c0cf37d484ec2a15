"""The ledger: order, failures that stop nobody else, and steps that are done exactly once."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from accounts.models import Account
from operations.models import Night
from operations.selectors import closed_day, shown_day
from operations.services import MAX_ATTEMPTS, StepFunction, night_reopen, night_step, nights_plan, provisional_set
from tenants.models import Tenant
from tests.factories import make_account, make_tenant

pytestmark = pytest.mark.django_db
JOBS = ["first", "alerts"]
AT = datetime(2026, 3, 10, 6, tzinfo=UTC)
DAY = date(2026, 3, 9)


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant().tenant


def run_all(steps: dict[str, StepFunction], at: datetime = AT) -> list[tuple[str, str]]:
    done = []
    while night := night_step(steps=steps, at=at, clock=lambda: at):
        done.append((night.job, night.state))
    return done


def nothing(_tenant: Tenant, _day: date) -> int:
    return 0


def test_the_last_closed_day_is_planned_once_however_often_one_plans(tenant: Tenant) -> None:
    assert nights_plan(tenant=tenant, jobs=JOBS, at=AT) == 1
    assert nights_plan(tenant=tenant, jobs=JOBS, at=AT) == 0
    assert [night.local_date for night in Night.objects.filter(tenant=tenant)] == [DAY, DAY]


def test_nights_missed_while_nothing_ran_are_all_planned(tenant: Tenant) -> None:
    nights_plan(tenant=tenant, jobs=JOBS, at=AT)
    assert nights_plan(tenant=tenant, jobs=JOBS, at=AT + timedelta(days=5)) == 5


def test_steps_run_in_order_and_the_day_shows_once_they_are_done(tenant: Tenant) -> None:
    nights_plan(tenant=tenant, jobs=JOBS, at=AT)
    seen: list[object] = []

    def looks(t: Tenant, _day: date) -> int:
        seen.append(closed_day(tenant=t))
        return 1

    assert run_all({"first": looks, "alerts": nothing}) == [("first", "done"), ("alerts", "done")]
    assert seen == [None]
    assert closed_day(tenant=tenant) == DAY


def test_a_step_sees_its_tenants_rows_and_what_it_writes_is_kept(tenant: Tenant) -> None:
    nights_plan(tenant=tenant, jobs=JOBS, at=AT)
    run_all({"first": lambda t, d: make_account(t, "made-at-night").pk, "alerts": lambda t, d: Account.objects.count()})
    assert Night.objects.get(tenant=tenant, job="alerts").rows == 1


def test_a_failing_step_is_rolled_back_and_tried_again_later(tenant: Tenant) -> None:
    nights_plan(tenant=tenant, jobs=JOBS, at=AT)

    def fails(t: Tenant, _day: date) -> int:
        make_account(t, "half-done")
        raise ZeroDivisionError

    assert run_all({"first": fails, "alerts": nothing}) == [("first", "pending")]
    night = Night.objects.get(tenant=tenant, job="first")
    assert "ZeroDivisionError" in night.error
    assert night.not_before > AT
    counted: dict[str, StepFunction] = {"first": lambda t, d: Account.objects.count(), "alerts": nothing}
    assert run_all(counted, AT + timedelta(hours=1)) == [("first", "done"), ("alerts", "done")]
    assert Night.objects.get(tenant=tenant, job="first").rows == 0


def test_a_step_that_keeps_failing_is_given_up_and_stops_neither_other_tenants_nor_the_next_night(
    tenant: Tenant,
) -> None:
    other = make_tenant().tenant
    for one in (tenant, other):
        nights_plan(tenant=one, jobs=JOBS, at=AT)

    def fails_here(t: Tenant, day: date) -> int:
        if t.pk == tenant.pk and day == DAY:
            raise ZeroDivisionError
        return 1

    steps: dict[str, StepFunction] = {"first": fails_here, "alerts": nothing}
    for hour in range(MAX_ATTEMPTS + 1):
        run_all(steps, AT + timedelta(hours=hour))
    assert Night.objects.get(tenant=tenant, job="first").state == Night.State.FAILED
    assert closed_day(tenant=other) == DAY
    assert closed_day(tenant=tenant) is None
    tomorrow = AT + timedelta(days=1)
    nights_plan(tenant=tenant, jobs=JOBS, at=tomorrow)
    run_all(steps, tomorrow)
    assert closed_day(tenant=tenant) == DAY + timedelta(days=1)


def test_a_night_run_again_is_pending_whole(tenant: Tenant) -> None:
    nights_plan(tenant=tenant, jobs=JOBS, at=AT)
    run_all({"first": nothing, "alerts": nothing})
    night_reopen(tenant=tenant, day=DAY, jobs=JOBS)
    assert closed_day(tenant=tenant) is None
    assert len(run_all({"first": nothing, "alerts": nothing})) == 2


def test_a_provisional_day_is_shown_until_its_night_is_done(tenant: Tenant) -> None:
    nights_plan(tenant=tenant, jobs=JOBS, at=AT)
    run_all({"first": nothing, "alerts": nothing})
    provisional_set(tenant=tenant, day=DAY + timedelta(days=1), at=AT)
    shown = shown_day(tenant=tenant)
    assert shown is not None
    assert (shown.day, shown.provisional) == (DAY + timedelta(days=1), True)
    tomorrow = AT + timedelta(days=1)
    nights_plan(tenant=tenant, jobs=JOBS, at=tomorrow)
    run_all({"first": nothing, "alerts": nothing}, tomorrow)
    shown = shown_day(tenant=tenant)
    assert shown is not None
    assert (shown.day, shown.provisional) == (DAY + timedelta(days=1), False)


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_do_the_same_step(tenant: Tenant) -> None:
    import threading

    nights_plan(tenant=tenant, jobs=JOBS, at=AT)
    inside, release, done = threading.Event(), threading.Event(), []

    def slow(_tenant: Tenant, _day: date) -> int:
        inside.set()
        release.wait(10)
        return 1

    def work() -> None:
        done.append(night_step(steps={"first": slow, "alerts": nothing}, at=AT, clock=lambda: AT))
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    assert inside.wait(10)
    assert night_step(steps={"first": nothing, "alerts": nothing}, at=AT, clock=lambda: AT) is None
    release.set()
    worker.join(10)
    assert [night.job for night in done if night] == ["first"]

"""Retention arithmetic: the bridge always closes, GRR never passes 100 %, and the vectors of the definitions."""

from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from renewals.cohorts import cohorts_of
from renewals.due import DueLine, renewals_of
from renewals.periods import Period, month_later, quarter_start, quarters_from, usual_periods
from renewals.retention import Bridge, Customer, Kind, Step, bridge_of, kind_of, summed_of

CENTS = st.sampled_from([0, 0, 1, 99, 100, 12_345, 10**9])
CUSTOMERS = st.lists(
    st.builds(Customer, opening=CENTS, kept=CENTS, closing=CENTS, before=st.booleans(), price=st.integers(-9, 9))
)


@given(CUSTOMERS)
def test_the_bridge_closes_and_its_ratios_keep_their_bounds(customers: list[Customer]) -> None:
    bridge = bridge_of(customers)
    assert bridge.opening + sum(bridge.moved.values()) + bridge.currency == bridge.closing
    assert sum(bridge.logos.values()) == len(customers)
    known = [one for one in customers if one.opening]
    assert bridge.kept == sum(one.kept for one in known)
    if bridge.opening:
        assert bridge.grr == Fraction(sum(min(one.opening, one.kept) for one in known), bridge.opening)
        assert bridge.retained <= min(bridge.opening, bridge.kept)
        assert bridge.revenue_churn == 1 - bridge.grr
    else:
        assert (bridge.grr, bridge.nrr, bridge.logo_churn) == (None, None, None)


@given(CUSTOMERS, CUSTOMERS)
def test_two_books_together_are_the_sum_of_both(some: list[Customer], others: list[Customer]) -> None:
    one, two, both = bridge_of(some), bridge_of(others), bridge_of([*some, *others])
    assert both.moved == {kind: one.moved[kind] + two.moved[kind] for kind in Kind}
    assert (both.opening, both.closing, both.retained) == (
        one.opening + two.opening, one.closing + two.closing, one.retained + two.retained,
    )  # fmt: skip


@given(st.lists(st.lists(CENTS, min_size=2, max_size=6), max_size=6))
def test_movements_summed_by_day_have_the_net_of_those_netted_over_the_period(paths: list[list[int]]) -> None:
    steps = [
        Step(number, was, now, any(path[: place + 1]))
        for number, path in enumerate(paths)
        for place, (was, now) in enumerate(zip(path, path[1:], strict=False))
    ]
    summed = summed_of(steps)
    netted = bridge_of(Customer(path[0], path[-1], path[-1]) for path in paths)
    assert sum(summed.moved.values()) == sum(netted.moved.values())
    assert summed.churned() >= netted.lost


def test_every_step_is_of_one_kind() -> None:
    told = {
        (0, 5, False): Kind.NEW, (0, 5, True): Kind.REACTIVATION, (5, 0, True): Kind.CHURN,
        (5, 6, True): Kind.EXPANSION, (5, 4, True): Kind.CONTRACTION, (5, 5, True): Kind.STEADY,
    }  # fmt: skip
    assert {steps: kind_of(*steps[:2], before=steps[2]) for steps in told} == told


def test_the_vectors_of_the_definitions() -> None:
    hundred = [Customer(10, 0, 0), Customer(30, 20, 20), Customer(30, 40, 40), Customer(30, 30, 30)]
    bridge = bridge_of(hundred)
    assert (bridge.revenue_churn, 1 - (bridge.nrr or 0)) == (Fraction(20, 100), Fraction(10, 100))
    million = bridge_of(
        [Customer(500_000, 475_000, 475_000), Customer(25_000, 0, 0), Customer(475_000, 625_000, 625_000)]
    )
    assert million.nrr == Fraction(110, 100)
    lifetime = bridge_of([*[Customer(10_000, 10_000, 10_000)] * 19, Customer(10_000, 0, 0)])
    assert lifetime.lifetime_value(margin=Fraction(1), years=Fraction(1)) == 200_000
    assert lifetime.lifetime_value(margin=Fraction(1, 2), years=Fraction(1, 2)) == 50_000
    assert bridge_of([Customer(5, 5, 5)]).lifetime_value(margin=Fraction(1), years=Fraction(1)) is None
    assert (Bridge().quick_ratio, bridge.quick_ratio) == (None, Fraction(10, 20))


def line(contract: int, due: int, followed: int | None = None, outcome: str = "", *, open: bool = False) -> DueLine:
    return DueLine(contract, contract // 10, due, followed, outcome, open)


def test_contracts_due_are_renewed_by_what_follows_them_or_by_what_was_said() -> None:
    found = renewals_of([
        line(10, 100, 150), line(11, 100, None, "lost"),  # one customer: one contract renewed is enough
        line(20, 100, None, "renewed"), line(30, 100, None, "shrunk"), line(40, 100, 60, "shrunk"),
        line(50, 100, None, "", open=True), line(60, 100), line(70, 100, 80, "lost"),
    ])  # fmt: skip
    assert (found.due, found.renewed_arr, found.kept, found.pending) == (800, 310, 260, 100)
    assert (found.logo_rate, found.contract_rate) == (Fraction(4, 7), Fraction(4, 8))
    assert (found.revenue_rate, found.revenue_rate_uncapped) == (Fraction(260, 800), Fraction(310, 800))
    assert [one.contract for one in found.contracts if one.unknown] == [30]
    assert renewals_of([]).revenue_rate is None


@given(
    st.lists(
        st.builds(
            DueLine, contract=st.integers(1, 9), customer=st.just(1), due=CENTS, followed=st.none() | CENTS,
            outcome=st.sampled_from(["", "renewed", "shrunk", "lost"]), open=st.booleans(),
        )
    )
)  # fmt: skip
def test_revenue_renewed_never_passes_what_was_due_unless_growth_counts(lines: list[DueLine]) -> None:
    found = renewals_of(lines)
    assert found.due == sum(one.due for one in lines)
    assert found.kept <= min(found.due, found.renewed_arr)
    assert found.pending <= found.due


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)), st.integers(-30, 30))
def test_periods_of_whole_months_are_twelfths_of_a_year(day: date, months: int) -> None:
    later = month_later(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day <= day.day
    if months > 0:
        assert Period(day, later).years == Fraction(months, 12)


def test_usual_periods_start_before_they_end_and_quarters_are_of_the_calendar() -> None:
    assert quarter_start(date(2026, 12, 31)) == date(2026, 10, 1)
    assert quarters_from(date(2026, 2, 3), date(2026, 7, 1)) == [date(2026, 1, 1), date(2026, 4, 1), date(2026, 7, 1)]
    assert all(one.first < one.last for one in usual_periods(date(2026, 1, 1)).values())
    assert Period(date(2026, 1, 1), date(2026, 1, 11)).years == Fraction(10, 365)


def test_a_cohort_counts_nothing_before_its_own_quarter() -> None:
    starts = [date(2026, 1, 1), date(2026, 4, 1), date(2026, 7, 1)]
    began = {1: starts[0], 2: starts[1], 3: date(2020, 1, 1)}
    found = cohorts_of(starts=starts, began=began, levels=[(1, 0, 5), (1, 1, 6), (2, 1, 7), (3, 1, 9)])
    assert [(one.start, one.arr, one.logos) for one in found] == [(starts[0], [5, 6], [1, 1]), (starts[1], [7], [1])]

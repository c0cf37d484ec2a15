"""The order of Today, held against a slow and plain computation of the same rule."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from portfolio.ranking import Pressing, Stake, rank_value, ranked, typical_arr

TODAY = date(2026, 3, 10)
RISK = {"red": Fraction(1), "amber": Fraction(1, 2), "unknown": Fraction(1, 2), "green": Fraction(1, 10)}

dues = st.one_of(st.none(), st.integers(-60, 60).map(lambda days: TODAY + timedelta(days=days)))
pressings = st.lists(st.builds(Pressing, st.integers(1, 99), dues), min_size=1, max_size=6)
arrs = st.one_of(st.none(), st.integers(0, 5).map(lambda n: Decimal(n) * 1000), st.decimals(0, 10**7, places=2))
accounts = st.lists(st.tuples(arrs, st.sampled_from(sorted(RISK)), st.sampled_from("abc"), pressings), max_size=12)
Row = tuple[Decimal | None, str, str, list[Pressing]]


def plain_value(arr: Decimal | None, band: str, reasons: list[Pressing], typical: Fraction) -> Fraction:
    left = Fraction(1)
    for one in reasons:
        days_late = 0 if one.due is None else min(25, max(0, (TODAY - one.due).days))
        left *= (1 - Fraction(one.urgency, 100)) * (1 - Fraction(days_late, 50))
    return (Fraction(arr) if arr else typical) * RISK[band] * (1 - left)


def plain_order(rows: list[Row]) -> list[int]:
    known = sorted(Fraction(row[0]) for row in rows if row[0])
    typical = known[(len(known) - 1) // 2] / 2 if known else Fraction(1)

    def comes_before(one: int, other: int) -> bool:
        return key(one) < key(other)

    def key(at: int) -> tuple[Fraction, date, Fraction, str, int]:
        arr, band, name, reasons = rows[at]
        due = min([one.due for one in reasons if one.due] or [date.max])
        return (-plain_value(arr, band, reasons, typical), due, -Fraction(arr or 0), name, at)

    places = [sum(comes_before(other, one) for other in range(len(rows))) for one in range(len(rows))]
    return sorted(range(len(rows)), key=places.__getitem__)


@given(accounts)
def test_the_order_is_that_of_the_plain_rule(rows: list[Row]) -> None:
    stakes = [Stake(at, arr, band, name) for at, (arr, band, name, _reasons) in enumerate(rows)]
    found = ranked(stakes, {at: row[3] for at, row in enumerate(rows)}, TODAY)
    assert [stake.account_id for stake, _value in found] == plain_order(rows)


@given(accounts)
def test_the_order_does_not_depend_on_the_order_of_reading(rows: list[Row]) -> None:
    stakes = [Stake(at, arr, band, name) for at, (arr, band, name, _reasons) in enumerate(rows)]
    pressing = {at: row[3] for at, row in enumerate(rows)}
    turned = {at: row[3][::-1] for at, row in enumerate(rows)}
    assert ranked(stakes, pressing, TODAY) == ranked(stakes[::-1], turned, TODAY)


@given(arrs, st.sampled_from(sorted(RISK)), pressings, pressings)
def test_one_more_reason_never_lowers_an_account_nor_lifts_it_beyond_its_stake(
    arr: Decimal | None, band: str, reasons: list[Pressing], more: list[Pressing]
) -> None:
    stake, typical = Stake(1, arr, band, ""), Decimal(500)
    value = rank_value(stake, reasons, TODAY, typical)
    assert value <= rank_value(stake, reasons + more, TODAY, typical) <= (arr or typical)


def test_an_account_without_arr_counts_as_half_the_median_of_the_others() -> None:
    stakes = [Stake(n, Decimal(arr) if arr else None, "red", "") for n, arr in enumerate((0, 100, 400, 900))]
    assert typical_arr(stakes) == 200
    pressing = {n: [Pressing(50, None)] for n in range(4)}
    assert [stake.account_id for stake, _value in ranked(stakes, pressing, TODAY)] == [3, 2, 0, 1]


def test_being_late_lifts_for_25_days_and_then_no_further() -> None:
    stake = Stake(1, Decimal(1000), "red", "")

    def after(days: int) -> Decimal:
        return rank_value(stake, [Pressing(50, TODAY - timedelta(days=days))], TODAY, Decimal(1))

    assert [after(-5), after(0), after(5), after(25), after(90)] == [500, 500, 550, 750, 750]

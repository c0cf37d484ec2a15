"""ARR and its movements, read by SQL, against the account's own terms and arithmetic written another way."""

import csv
import gzip
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor
from pathlib import Path

import pytest

from accounts.models import Account, ContractLine, ExchangeRate
from accounts.selectors.contracts import lines_by_account, rates_by_currency
from accounts.terms import Line, rate_on, runs_on, terms_on
from renewals.periods import Period
from renewals.retention import Kind, Step, bridge_of, summed_of
from renewals.selectors import arr_rows, cohorts_get, customer_rows, frame_get, retention_get, steps_get
from tenants.scope import tenant_scope
from tenants.services import NewTenant
from tests.factories import make_account, make_tenant
from tests.renewals.world import START, make_contract, make_line, make_product, random_book, settle

DATA = Path(__file__).parents[1] / "data" / "churnsim_crm5"
PERIODS = [(0, 30), (10, 11), (150, 260), (-100, 365), (199, 200), (0, 1000)]


@pytest.fixture
def made(db: None) -> Iterator[NewTenant]:
    """A tenant in euros, and a second one whose contracts must never show."""
    other = make_tenant("stranger")
    with tenant_scope(other.tenant):
        random_book(other.tenant, 99, accounts=5)
    found = make_tenant("books")
    with tenant_scope(found.tenant):
        yield found


def by_hand(lines: list[Line], rates: dict[str, list[tuple[date, Decimal]]], on: date, at: date, until: date) -> int:
    """ARR of a day in cents at the rates of another, the first one ever where there was none yet."""
    total = Fraction(0)
    for line in lines:
        if line.months and runs_on(line, on) and (line.currency == "EUR" or rates.get(line.currency)):
            rate = rate_on(rates, line.currency, "EUR", at) or rates[line.currency][0][1]
            total += Fraction(line.amount) / line.months * 12 * Fraction(rate)
    assert at <= until
    return floor(total * 100 + Fraction(1, 2))


@pytest.mark.parametrize("seed", range(4))
def test_every_account_is_counted_to_the_cent_on_both_days_of_any_period(made: NewTenant, seed: int) -> None:
    random_book(made.tenant, seed)
    ids = list(Account.objects.values_list("id", flat=True))
    lines, rates = lines_by_account(ids), rates_by_currency()
    for begin, end in PERIODS:
        first, last = START + timedelta(days=begin), START + timedelta(days=end)
        frame = frame_get(tenant=made.tenant, first=first, last=last)
        assert frame.lacks == ("CNY",)
        found = {account: one for account, _key, one in customer_rows(frame)}
        for pk in ids:
            expected = tuple(
                by_hand(lines.get(pk, []), rates, *days, last) for days in ((first, first), (last, first), (last, last))
            )
            one = found.get(pk)
            assert expected == ((one.opening, one.kept, one.closing) if one else (0, 0, 0))
        bridge = retention_get(tenant=made.tenant, period=Period(first, last), today=last).bridge
        assert bridge == bridge_of(found.values())
        assert bridge.opening + sum(bridge.moved.values()) + bridge.currency == bridge.closing


@pytest.mark.parametrize("seed", range(3))
def test_the_arr_of_a_day_is_that_of_the_accounts_terms(made: NewTenant, seed: int) -> None:
    random_book(made.tenant, seed)
    ids = list(Account.objects.values_list("id", flat=True))
    lines, rates, day = lines_by_account(ids), rates_by_currency(), START + timedelta(days=120)
    found = {a: one for a, _key, one in customer_rows(frame_get(tenant=made.tenant, first=START, last=day))}
    for pk in ids:
        terms = terms_on(lines=lines.get(pk, []), rates=rates, currency="EUR", day=day)
        if terms.arr is not None:
            assert terms.arr * 100 == (found[pk].closing if pk in found else 0)


@pytest.mark.parametrize("seed", range(3))
def test_the_steps_of_every_day_lead_from_the_first_arr_to_the_last(made: NewTenant, seed: int) -> None:
    random_book(made.tenant, seed)
    first, last = START + timedelta(days=20), START + timedelta(days=420)
    frame = frame_get(tenant=made.tenant, first=first, last=last)
    ends = {account: one for account, _key, one in customer_rows(frame)}
    chains: dict[int, list[tuple[date, Step]]] = {}
    for day, step in steps_get(frame):
        chains.setdefault(step.customer, []).append((day, step))
    lines, rates = lines_by_account(list(chains)), rates_by_currency()
    for account, chain in chains.items():
        days = [day for day, _step in chain]
        assert days == sorted(set(days))
        assert first < days[0]
        assert days[-1] <= last
        assert chain[0][1].opening == (ends[account].opening if account in ends else 0)
        for (day, step), (_next, after) in zip(chain, chain[1:], strict=False):
            assert step.kept == after.opening
            assert step.kept == by_hand(lines[account], rates, day, first, last)
        assert chain[-1][1].kept == (ends[account].kept if account in ends else 0)
    quiet = [one for account, one in ends.items() if account not in chains]
    assert all(one.opening == one.kept for one in quiet)
    netted = retention_get(tenant=made.tenant, period=Period(first, last), today=last).bridge
    summed = summed_of(step for _day, step in steps_get(frame))
    assert sum(summed.moved.values()) == sum(netted.moved.values())


def test_lines_behind_an_account_sum_to_its_figures(made: NewTenant) -> None:
    random_book(made.tenant, 5)
    first, last = START, START + timedelta(days=365)
    for account, _key, one in customer_rows(frame_get(tenant=made.tenant, first=first, last=last)):
        rows = arr_rows(frame_get(tenant=made.tenant, first=first, last=last, account_ids=[account]))
        # each line is rounded by itself here, the account once
        assert abs(sum(row.opening for row in rows) - one.opening) <= len(rows)
        assert abs(sum(row.closing for row in rows) - one.closing) <= len(rows)


def test_a_customer_lost_and_back_inside_the_period_cancels_out_and_one_from_before_is_reactivated(
    made: NewTenant,
) -> None:
    suite = make_product()
    back, again = make_account(made.tenant, "back"), make_account(made.tenant, "again")
    for account, gone, returned in (
        (back, date(2024, 3, 1), date(2024, 5, 1)),
        (again, date(2023, 6, 1), date(2024, 5, 1)),
    ):
        contract = make_contract(account)
        make_line(contract, suite, date(2023, 1, 1), gone, 1200)
        make_line(contract, suite, returned, None, 1200)
    period = Period(date(2024, 1, 1), date(2024, 12, 31))
    bridge = retention_get(tenant=made.tenant, period=period, today=period.last).bridge
    assert (bridge.opening, bridge.moved[Kind.CHURN], bridge.moved[Kind.REACTIVATION]) == (120_000, 0, 120_000)
    frame = frame_get(tenant=made.tenant, first=period.first, last=period.last)
    summed = summed_of(step for _day, step in steps_get(frame))
    assert (summed.moved[Kind.CHURN], summed.moved[Kind.REACTIVATION]) == (-120_000, 240_000)


def test_dearer_seats_are_the_price_part_of_an_expansion(made: NewTenant) -> None:
    contract, suite = make_contract(make_account(made.tenant, "priced")), make_product()
    make_line(contract, suite, date(2023, 1, 1), date(2024, 1, 1), 1000, seats=10)
    make_line(contract, suite, date(2024, 1, 1), None, 2400, seats=20)
    period = Period(date(2023, 6, 1), date(2024, 6, 1))
    bridge = retention_get(tenant=made.tenant, period=period, today=period.last).bridge
    assert (bridge.moved[Kind.EXPANSION], bridge.price[Kind.EXPANSION]) == (140_000, 40_000)


def test_the_rates_own_effect_is_a_row_of_the_bridge_outside_of_retention(made: NewTenant) -> None:
    ExchangeRate.objects.create(currency="USD", day=date(2024, 1, 1), rate=Decimal("0.9"))
    ExchangeRate.objects.create(currency="USD", day=date(2024, 2, 1), rate=Decimal("0.8"))
    make_line(
        make_contract(make_account(made.tenant, "us"), currency="USD"), make_product(), date(2023, 1, 1), None, 1000
    )
    period = Period(date(2024, 1, 1), date(2024, 6, 1))
    bridge = retention_get(tenant=made.tenant, period=period, today=period.last).bridge
    assert (bridge.opening, bridge.currency, bridge.closing) == (90_000, -10_000, 80_000)
    assert bridge.nrr == bridge.grr == 1


def test_monthly_figures_of_a_simulated_company_are_those_of_the_book(made: NewTenant) -> None:
    suite = make_product()
    with gzip.open(DATA / "subscription.csv.gz", "rt") as file:
        rows = list(csv.DictReader(file))
    contracts = {
        key: make_contract(make_account(made.tenant, f"sim-{key}")) for key in {row["account_id"] for row in rows}
    }
    ContractLine.objects.bulk_create(
        ContractLine(
            contract=contracts[row["account_id"]], external_id=str(number), product=suite,
            start=date.fromisoformat(row["start_date"]),
            end=date.fromisoformat(row["end_date"]) if row["end_date"] else None,
            amount=Decimal(row["mrr"]), billing_months=1,
        )
        for number, row in enumerate(rows)
    )  # fmt: skip
    with (DATA / "expected_retention.csv").open() as file:
        expected = list(csv.DictReader(file))
    assert len(expected) == 9
    for row in expected:
        period = Period(date.fromisoformat(row["from"]), date.fromisoformat(row["to"]))
        bridge = retention_get(tenant=made.tenant, period=period, today=period.last).bridge
        assert bridge.opening == Decimal(row["start_mrr"]) * 1200
        assert bridge.kept == Decimal(row["retain_mrr"]) * 1200
        assert (round(float(bridge.nrr or 0), 6), round(float(bridge.grr or 0), 6)) == (
            float(row["net_retention"]), float(row["grr_ours"]),
        )  # fmt: skip
        assert round(float(bridge.logo_churn or 0), 6) == float(row["churn_rate"])


def test_a_cohort_is_held_against_the_end_of_its_own_quarter(made: NewTenant) -> None:
    suite = make_product()
    stays, leaves, grows = (make_contract(make_account(made.tenant, name)) for name in ("stays", "leaves", "grows"))
    make_line(stays, suite, date(2024, 1, 10), None, 1000)
    make_line(leaves, suite, date(2024, 2, 1), date(2024, 7, 1), 1000)
    make_line(grows, suite, date(2024, 4, 5), None, 500)
    make_line(grows, suite, date(2024, 8, 5), None, 250)
    settle(made.tenant, date(2024, 12, 1))
    first, second = cohorts_get(tenant=made.tenant, today=date(2024, 12, 1))
    assert (first.start, first.arr, first.logos) == (date(2024, 1, 1), [200_000, 200_000, 100_000], [2, 2, 1])
    assert first.arr_left == [1, 1, Fraction(1, 2)]
    assert (second.start, second.arr, second.logos) == (date(2024, 4, 1), [50_000, 75_000], [1, 1])

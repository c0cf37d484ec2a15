"""ARR, seats and renewal date by day: the formulas against day by day arithmetic written another way."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from accounts.terms import Line, Terms, gaps, history, renewal_on, terms_on, yearly

DAY0 = date(2026, 1, 1)
DAYS = 40
OWN = "EUR"


def day(number: int) -> date:
    return DAY0 + timedelta(days=number)


@st.composite
def lines(draw: st.DrawFn) -> Line:
    start = draw(st.integers(0, DAYS - 5))
    length = draw(st.one_of(st.none(), st.integers(0, 25)))
    end = None if length is None else day(start + length)
    outcome = draw(st.sampled_from(["", "renewed", "shrunk", "lost"])) if end else ""
    return Line(
        start=day(start),
        end=end,
        amount=draw(st.decimals(0, 9999, places=2)),
        months=draw(st.one_of(st.none(), st.integers(1, 36))),
        currency=draw(st.sampled_from([OWN, OWN, "USD", "CNY"])),
        seats=draw(st.one_of(st.none(), st.integers(0, 50))),
        outcome=outcome,
        outcome_date=day(draw(st.integers(0, DAYS))) if outcome else None,
    )


rates = st.fixed_dictionaries(
    {"USD": st.dictionaries(st.integers(-5, DAYS), st.decimals("0.5", 2, places=4), max_size=3)}
).map(lambda found: {code: [(day(n), rate) for n, rate in sorted(by.items())] for code, by in found.items()})


def money_by_hand(found: list[Line], dated: dict[str, list[tuple[date, Decimal]]], on: date) -> Decimal | None:
    """Day by day: every subscription line that covers the day, at the youngest rate that is not of the future."""
    total = Fraction(0)
    for line in found:
        covers = line.start <= on and not (line.end is not None and line.end <= on)
        if not covers or line.months is None:
            continue
        rate = Decimal(1)
        if line.currency != OWN:
            past = sorted((since, value) for since, value in dated.get(line.currency, []) if not since > on)
            if not past:
                return None
            rate = past[-1][1]
        total += Fraction(line.amount) / line.months * 12 * Fraction(rate)
    cents = (total * 100 + Fraction(1, 2)).__floor__()
    return Decimal(cents) / 100


def due_by_hand(found: list[Line], on: date) -> date | None:
    """The rules of the glossary, one after the other."""
    dated = [line for line in found if line.months is not None and line.end is not None]
    renewed = {id(line) for line in dated if line.outcome in ("renewed", "shrunk") and (line.outcome_date or on) <= on}
    running = [line for line in found if line.months is not None and line.start <= on < (line.end or date.max)]
    open_ends = sorted(line.end for line in running if line.end and id(line) not in renewed)
    if open_ends:
        return open_ends[0]
    passed = [line for line in dated if line.end and line.end <= on]
    if passed and not running:
        latest = max(line.end for line in passed if line.end)
        undecided = [line for line in passed if line.end == latest and (line.outcome_date or date.max) > on]
        if undecided:
            return latest
    coming = sorted(line.end for line in dated if line.end and line.start > on and id(line) not in renewed)
    settled = sorted(line.end for line in running if line.end)
    return next(iter(coming or settled), None)


@given(st.lists(lines(), max_size=6), rates)
def test_every_day_of_the_history_is_what_a_walk_over_its_lines_says(
    found: list[Line], dated: dict[str, list[tuple[date, Decimal]]]
) -> None:
    told = history(lines=found, rates=dated, currency=OWN)
    for number in range(DAYS + 30):
        on = day(number)
        held = [terms for since, terms in told if since <= on]
        if not found or on < min(line.start for line in found):
            assert not held
            continue
        seats = [line.seats for line in found if line.start <= on < (line.end or date.max) and line.seats is not None]
        assert held[-1].arr == money_by_hand(found, dated, on)
        assert held[-1].seats == (sum(seats) if seats else None)
        assert held[-1].renewal_date == due_by_hand(found, on)
        assert bool(held[-1].lacks) == (held[-1].arr is None)


@given(st.lists(lines(), max_size=6), rates)
def test_the_history_says_each_thing_once(found: list[Line], dated: dict[str, list[tuple[date, Decimal]]]) -> None:
    told = [terms for _since, terms in history(lines=found, rates=dated, currency=OWN)]
    assert all(one != next_one for one, next_one in zip(told, told[1:], strict=False))


@given(st.decimals(0, 10**9, places=2), st.integers(1, 120))
def test_a_year_of_a_line_is_its_amount_by_its_months_times_twelve(amount: Decimal, months: int) -> None:
    line = Line(DAY0, None, amount, months, OWN)
    assert abs(yearly(line) - Fraction(amount) * 12 / months) == 0
    rounded = terms_on(lines=[line], rates={}, currency=OWN, day=DAY0).arr
    assert rounded is not None
    assert abs(rounded - (amount * 12 / months).quantize(Decimal("0.01"), ROUND_HALF_UP)) <= Decimal("0.01")


def test_the_end_is_the_first_day_not_covered() -> None:
    line = Line(DAY0, day(10), Decimal(100), 12, OWN, seats=5)
    assert terms_on(lines=[line], rates={}, currency=OWN, day=day(9)) == Terms(Decimal("100.00"), 5, day(10))
    assert terms_on(lines=[line], rates={}, currency=OWN, day=day(10)) == Terms(Decimal("0.00"), None, day(10))


def test_a_one_off_fee_is_no_arr_and_never_due_but_its_seats_count() -> None:
    fee = Line(DAY0, day(10), Decimal(900), None, OWN, seats=3)
    assert terms_on(lines=[fee], rates={}, currency=OWN, day=DAY0) == Terms(Decimal("0.00"), 3, None)


def test_of_overlapping_lines_the_first_that_ends_is_due_next() -> None:
    base, extra = Line(DAY0, day(30), Decimal(1), 12, OWN), Line(day(5), day(20), Decimal(1), 12, OWN)
    assert renewal_on(lines=[base, extra], day=day(6)) == day(20)
    assert renewal_on(lines=[base, extra], day=day(20)) == day(30)


def test_a_renewal_settled_early_makes_the_next_term_the_one_that_is_due() -> None:
    old = Line(DAY0, day(10), Decimal(1), 12, OWN, outcome="renewed", outcome_date=day(4))
    new = Line(day(10), day(22), Decimal(1), 12, OWN)
    assert [renewal_on(lines=[old, new], day=day(n)) for n in (3, 4, 9, 10)] == [day(10), day(22), day(22), day(22)]
    assert renewal_on(lines=[old], day=day(5)) == day(10), "nothing follows yet: the term still ends then"


def test_a_term_that_ended_undecided_is_overdue_until_it_is_decided() -> None:
    old = Line(DAY0, day(10), Decimal(1), 12, OWN, outcome="lost", outcome_date=day(15))
    assert [renewal_on(lines=[old], day=day(n)) for n in (9, 12, 15)] == [day(10), day(10), None]


def test_a_line_without_an_end_is_never_due() -> None:
    assert renewal_on(lines=[Line(DAY0, None, Decimal(1), 1, OWN)], day=day(400)) is None


def test_without_a_rate_the_arr_is_not_defined_and_says_which() -> None:
    line = Line(DAY0, None, Decimal(120), 12, "USD")
    dated = {"USD": [(day(3), Decimal("0.9"))]}
    assert terms_on(lines=[line], rates=dated, currency=OWN, day=day(2)) == Terms(None, None, None, "USD")
    assert terms_on(lines=[line], rates=dated, currency=OWN, day=day(3)).arr == Decimal("108.00")


def test_days_on_which_nothing_runs_are_found() -> None:
    first, second = Line(DAY0, day(9), Decimal(1), 12, OWN), Line(day(10), None, Decimal(1), 12, OWN)
    assert gaps([second, first]) == [(day(9), day(10))]
    assert gaps([first]) == []

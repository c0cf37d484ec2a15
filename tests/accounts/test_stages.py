"""The order of the stages, who goes where, and how long it takes: held against other ways to say the same."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.stages import ORDER, Stay, funnel, later, stays_of, target
from accounts.survival import Span, median_days, survival

FIRST = date(2026, 1, 1)
SPANS = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=14)


def test_each_stage_leads_on_and_the_last_one_back_to_after_sales() -> None:
    assert later("configuration") == ("training", "go_live", "after_sales", "expansion_renewal")
    assert later("after_sales") == ("expansion_renewal",)
    assert later("expansion_renewal") == ("after_sales",)


@pytest.mark.parametrize(
    ("stage", "entries", "exits", "to"),
    [
        ("training", {}, {}, None),
        ("training", {"go_live": True}, {}, "go_live"),
        ("training", {"go_live": True, "after_sales": True}, {}, "after_sales"),
        ("training", {"go_live": True}, {"training": False}, None),
        ("training", {"go_live": True}, {"training": True}, "go_live"),
        ("training", {}, {"training": True}, "go_live"),
        ("training", {"go_live": False}, {"training": True}, None),
        ("go_live", {"training": True}, {}, None),
        ("after_sales", {"expansion_renewal": True}, {}, "expansion_renewal"),
        ("expansion_renewal", {"after_sales": True}, {}, None),
        ("expansion_renewal", {}, {"expansion_renewal": True}, "after_sales"),
        ("expansion_renewal", {"expansion_renewal": True}, {"expansion_renewal": True}, None),
        ("expansion_renewal", {"after_sales": False}, {"expansion_renewal": True}, None),
    ],
)
def test_conditions_move_an_account_as_the_definition_says(
    stage: str, entries: dict[str, bool], exits: dict[str, bool], to: str | None
) -> None:
    assert target(stage, entries, exits) == to


TRUTHS = st.dictionaries(st.sampled_from(ORDER), st.booleans())


@given(st.sampled_from(ORDER), TRUTHS, TRUTHS)
def test_an_account_never_goes_where_a_condition_speaks_against_it(
    stage: str, entries: dict[str, bool], exits: dict[str, bool]
) -> None:
    to = target(stage, entries, exits)
    if to is not None:
        assert to in later(stage)
        assert exits.get(stage) is not False
        assert entries.get(to) is not False
        assert entries.get(to) or exits.get(stage)
        beyond = later(stage)[later(stage).index(to) + 1 :]
        assert not any(entries.get(one) for one in beyond)


def redistributed(spans: list[Span]) -> dict[int, Fraction]:
    """Efron's way to the same curve: each censored one hands its weight to all that stay longer, in equal parts."""
    order = sorted(spans, key=lambda span: (span[0], not span[1]))
    weights = [Fraction(1, len(order))] * len(order)
    for place, (_days, ended) in enumerate(order):
        if not ended and place + 1 < len(order):
            each = weights[place] / (len(order) - place - 1)
            weights[place:] = [Fraction(0), *(weight + each for weight in weights[place + 1 :])]
    finished: dict[int, Fraction] = {}
    for (days, ended), weight in zip(order, weights, strict=True):
        if ended:
            finished[days] = finished.get(days, Fraction(0)) + weight
    share, curve = Fraction(1), {}
    for days in sorted(finished):
        share -= finished[days]
        curve[days] = share
    return curve


@given(SPANS)
def test_the_curve_is_that_of_redistribution_to_the_right(spans: list[Span]) -> None:
    assert dict(survival(spans)) == redistributed(spans)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=15))
def test_where_all_have_finished_the_median_is_the_plain_one(lengths: list[int]) -> None:
    assert median_days([(days, True) for days in lengths]) == sorted(lengths)[(len(lengths) - 1) // 2]


def test_the_remission_times_of_freireich_give_the_published_median() -> None:
    """6-MP arm of Freireich et al. (1963), as every textbook has it: S(23) = 0.448, median 23 weeks."""
    ended = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    spans = [(days, True) for days in ended] + [(days, False) for days in censored]
    curve = dict(survival(spans))
    assert round(float(curve[6]), 4) == 0.8571
    assert round(float(curve[22]), 4) == 0.5378
    assert round(float(curve[23]), 4) == 0.4482
    assert median_days(spans) == 23


def test_fewer_than_half_there_is_no_median_yet() -> None:
    assert median_days([(5, True), (9, False), (9, False)]) is None
    assert median_days([]) is None


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def test_stays_follow_from_changes_and_an_unknown_start_is_marked() -> None:
    rows = [(1, "configuration", day(0)), (1, "configuration", day(2)), (1, "training", day(5)), (2, "go_live", day(0))]
    assert stays_of(rows) == [
        Stay(1, "configuration", day(0), day(5), "training", begun=True),
        Stay(1, "training", day(5), None, None, begun=True),
        Stay(2, "go_live", day(0), None, None, begun=False),
    ]


def test_the_funnel_counts_first_stays_of_the_period_and_censors_the_rest() -> None:
    rows = [
        (1, "configuration", day(0)), (1, "training", day(4)), (1, "configuration", day(6)), (1, "training", day(20)),
        (2, "configuration", day(1)), (2, "training", day(11)),
        (3, "configuration", day(2)),
        (4, "configuration", day(3)), (4, "training", day(50)),
        (5, "training", day(0)), (5, "go_live", day(3)),
        (6, "configuration", day(70)),
    ]  # fmt: skip
    gone = {3: day(9)}
    configuration, training, *_rest = funnel(stays_of(rows), start=day(0), end=day(60), until=day(40), gone=gone)
    assert (configuration.entered, configuration.went_on, configuration.still, configuration.left) == (4, 2, 1, 1)
    # 4 and 10 days, then 7 days until the archive and 37 days until today, both censored: S(4) = 3/4, S(10) = 3/8.
    assert configuration.median == 10
    assert configuration.share == 0.5
    assert (training.entered, training.went_on, training.went_back, training.still) == (2, 0, 1, 1)
    assert (training.unknown, training.median) == (1, None)

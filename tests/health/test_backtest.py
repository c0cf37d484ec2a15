"""The back-test's arithmetic against brute force: AUC, shares, alarms, lead days, and what it refuses."""

from fractions import Fraction
from statistics import median_low

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from health.backtest import (
    NEEDED,
    STEP,
    Outcomes,
    Seen,
    alarms_alike,
    auc,
    by_csm,
    by_segment,
    draws,
    half_way,
    judge,
    lead_result,
    leads,
    share,
)

points = st.integers(0, 6).map(float)
rows = st.lists(st.tuples(points, st.booleans(), st.integers(0, 3)), min_size=1, max_size=25)
NAN = float("nan")


def outcomes(lost: list[bool], gone: list[float] | None = None, segment: str = "") -> Outcomes:
    n = len(lost)
    gone = [1.0 if one else 0.0 for one in lost] if gone is None else gone
    flags = np.array(lost, dtype=bool)
    return Outcomes(flags, ~flags, np.array(gone), np.arange(n), np.zeros(n, dtype=np.int64), [segment] * n)


def seen(values: list[float]) -> Seen:
    found = np.array(values, dtype=float)
    return Seen(found, (found < 50).astype(float))


@given(rows)
def test_auc_is_the_share_of_pairs_in_which_the_lost_one_is_lower(found: list[tuple[float, bool, int]]) -> None:
    above, pairs = Fraction(0), 0
    for p, lost, w in found:
        for q, other, v in found:
            if lost and not other:
                pairs += w * v
                above += w * v * (1 if p < q else Fraction(1, 2) if p == q else 0)
    values, flags, weights = (np.array(column, dtype=float) for column in zip(*found, strict=True))
    got = auc(values, flags.astype(bool), weights[None, :])[0]
    assert np.isnan(got) if not pairs else abs(got - float(above / pairs)) < 1e-9


@given(rows)
def test_shares_and_the_median_are_those_of_the_repeated_rows(found: list[tuple[float, bool, int]]) -> None:
    values, flags, weights = (np.array(column, dtype=float) for column in zip(*found, strict=True))
    repeated = [(p, red) for p, red, w in found for _n in range(w)]
    got = share(values * flags, values, weights[None, :])[0]
    whole = sum(p for p, _red in repeated)
    assert np.isnan(got) if not whole else abs(got - sum(p for p, red in repeated if red) / whole) < 1e-9
    middle = half_way(values, weights[None, :])[0]
    assert np.isnan(middle) if not repeated else middle == median_low(p for p, _red in repeated)


@given(st.lists(points, min_size=1, max_size=20), st.floats(0, 20))
def test_a_rival_gives_as_many_alarms_and_never_one_above_another(values: list[float], count: float) -> None:
    got = alarms_alike(np.array(values), count)
    assert abs(got.sum() - min(count, len(values))) < 1e-9
    assert all(got[i] >= got[j] for i, p in enumerate(values) for j, q in enumerate(values) if p <= q)


@given(st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=1, max_size=10))
def test_lead_days_end_at_the_first_look_that_was_not_red_or_amber(warned: list[list[bool]]) -> None:
    by_hand = [STEP * next((i for i, one in enumerate(row) if not one), len(row)) for row in warned]
    assert leads(np.array(warned)).tolist() == by_hand


def test_every_term_of_an_account_is_drawn_together_and_the_draws_never_change() -> None:
    account = np.array([7, 3, 7, 9])
    blocks = np.concatenate(list(draws(account)))
    assert (blocks[:, 0] == blocks[:, 2]).all()
    assert len(blocks) == 1000
    assert (blocks[:, [0, 1, 3]].sum(axis=1) == 3).all()
    assert (blocks == np.concatenate(list(draws(account)))).all()


def test_too_few_outcomes_are_refused_with_how_many_there_are_and_how_many_it_takes() -> None:
    few = outcomes([True] * (NEEDED - 1) + [False] * 50)
    found = judge(few, seen([10.0] * len(few)), {})
    assert found["refused"] == {"lost": NEEDED - 1, "kept": 50, "needed": NEEDED}
    assert found["verdict"] == "few"
    assert "sides" not in found


def test_terms_without_a_score_are_counted_and_not_judged() -> None:
    many = outcomes([True] * 12 + [False] * 12)
    found = judge(many, seen([NAN] * 3 + [10.0] * 9 + [90.0] * 12), {})
    assert found["unscored"] == 3
    assert found["refused"]["lost"] == 9


def test_a_score_that_is_noise_says_so() -> None:
    rnd = np.random.default_rng(1)
    many = outcomes([True] * 60 + [False] * 60)
    found = judge(many, seen(rnd.uniform(0, 100, 120).tolist()), {})
    assert found["verdict"] == "noise"
    assert found["sides"]["score"]["auc"]["low"] <= 0.5 <= found["sides"]["score"]["auc"]["high"]


def test_a_score_that_only_follows_the_trend_is_no_better_than_it() -> None:
    rnd = np.random.default_rng(2)
    lost = [True] * 40 + [False] * 80
    trend = np.array([rnd.normal(0.7 if one else 1.0, 0.15) for one in lost])
    found = judge(outcomes(lost), seen((trend * 60).tolist()), {"trend": trend})
    assert found["verdict"] == "no_better"
    assert found["against"]["trend"] == {"value": 0.0, "low": 0.0, "high": 0.0}


def test_a_score_that_sees_losses_is_useful_and_one_upside_down_is_called_so() -> None:
    rnd = np.random.default_rng(3)
    lost = [True] * 40 + [False] * 80
    good = [rnd.normal(40 if one else 80, 12) for one in lost]
    trend = rnd.normal(1, 0.1, 120)
    found = judge(outcomes(lost), seen(good), {"trend": trend})
    assert found["verdict"] == "useful"
    assert found["sides"]["score"]["auc"]["value"] > 0.9
    assert judge(outcomes(lost), seen([100 - one for one in good]), {})["verdict"] == "reversed"


def test_shares_of_arr_and_false_alarms_count_what_was_given_up_and_who_renewed() -> None:
    lost = [True] * 10 + [False] * 20
    gone = [100.0] * 5 + [300.0] * 5 + [0.0] * 20
    points = [20.0] * 5 + [80.0] * 5 + [20.0] * 4 + [80.0] * 16
    found = judge(outcomes(lost, gone), seen(points), {})["sides"]["score"]
    assert found["red_share"]["value"] == 0.25
    assert found["false_per_csm"]["value"] == 4
    assert abs(found["false_share"]["value"] - 4 / 9) < 1e-6
    rows = by_csm(outcomes(lost, gone), seen(points))
    assert rows == [{"csm": 0, "outcomes": 30, "red": 9, "false": 4}]


def test_segments_are_judged_alone_and_refused_where_they_are_small() -> None:
    lost = [True] * 12 + [False] * 12 + [True] * 3
    base = outcomes(lost)
    named = Outcomes(base.lost, base.renewed, base.gone, base.account, base.csm, ["large"] * 24 + ["small"] * 3)
    rows = by_segment(named, seen([10.0] * 12 + [90.0] * 12 + [10.0] * 3))
    assert [(row["segment"], row["refused"] is None) for row in rows] == [("large", True), ("small", False)]
    assert rows[0]["auc"]["value"] == 1


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 20), min_size=NEEDED, max_size=30))
def test_the_interval_holds_the_median_warning(weeks: list[int]) -> None:
    days = np.array(weeks, dtype=float) * STEP
    found = lead_result(days, np.arange(len(days)))
    assert found is not None
    assert found["median"]["low"] <= median_low(days.tolist()) <= found["median"]["high"]
    assert lead_result(days[: NEEDED - 1], np.arange(NEEDED - 1)) is None

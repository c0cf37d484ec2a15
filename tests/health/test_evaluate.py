"""A scorecard evaluated over the API: the engine of the nights on rows that are sent along, nothing kept."""

from typing import Any

import pytest

from health.evaluation import MOST_CELLS
from health.models import Score, ScorecardVersion
from tenants.scope import tenant_scope
from tests.factories import make_tenant
from tests.house.api import Caller, is_one_shape

pytestmark = pytest.mark.django_db
URL = "/api/v1/scorecards/evaluate/"
LINE = [[0, 0], [100, 100]]


def card(*measures: dict[str, Any], **parts: Any) -> dict[str, Any]:
    bands = {"green": 75, "amber": 50}
    groups = [{"key": "g", "weight": 1, "measures": list(measures)}]
    return {"minimum_coverage": 0, "bands": bands, "groups": groups, **parts}


def measure(key: str, weight: float = 1, **parts: Any) -> dict[str, Any]:
    return {"key": key, "weight": weight, "breakpoints": LINE, "missing": "skip", **parts}


@pytest.fixture
def call() -> Any:
    made = make_tenant("ours", name="Ours")
    caller = Caller(made.api_key)

    def evaluated(scorecard: Any, *rows: Any) -> Any:
        with tenant_scope(made.tenant):
            before = ScorecardVersion.objects.count(), Score.objects.count()
        answer = caller("POST", URL, {"scorecard": scorecard, "rows": list(rows)})
        with tenant_scope(made.tenant):
            assert (ScorecardVersion.objects.count(), Score.objects.count()) == before
        return answer

    return evaluated


def test_the_published_vectors_come_out(call: Any) -> None:
    three = card(measure("a", 20), measure("b", 15), measure("c", 22))
    [row] = call(three, {"a": 47, "b": 59, "c": 21}).json()
    assert row["score"] == 40.1228
    assert sum(row["contributions"].values()) == pytest.approx(40.1228, abs=1e-4)
    [row] = call(card(measure("d", breakpoints=[[7, 0], [30, 100]])), {"d": 18}).json()
    assert (row["score"], row["band"], row["coverage"], row["low"], row["high"]) == (
        47.8261,
        "red",
        1,
        47.8261,
        47.8261,
    )


def test_missing_values_spread_and_open_the_bounds(call: Any) -> None:
    two = card(measure("a", 3), measure("b", 1), minimum_coverage=0.5)
    full, part, little = call(two, {"a": 80, "b": 40}, {"a": 80, "b": None}, {"b": 40}).json()
    assert (full["score"], full["uncertain"]) == (70, False)
    assert (part["score"], part["coverage"], part["low"], part["high"], part["uncertain"]) == (80, 0.75, 60, 85, True)
    assert (little["score"], little["band"], little["low"], little["high"]) == (None, "unknown", 10, 85)
    assert little["contributions"] == {}


def test_exceptions_apply_in_order_and_are_told_apart(call: Any) -> None:
    cap = {"when": {"measure": "b", "above": 10}, "at_most": "amber"}
    floor = {"when": {"measure": "b", "above": 20}, "at_least": "green"}
    both = card(measure("a"), measure("b", 0), exceptions=[cap, floor])
    rows = call(both, {"a": 90, "b": 10}, {"a": 90, "b": 11}, {"a": 90, "b": 21}, {"a": 90}).json()
    assert [(row["score"], row["exceptions"]) for row in rows] == [(90, 0), (74, -16), (75, -15), (90, 0)]
    assert all(row["contributions"]["a"] + row["exceptions"] == row["score"] for row in rows)
    turned = call(card(measure("a"), measure("b", 0), exceptions=[floor, cap]), {"a": 90, "b": 21}).json()
    assert turned[0]["score"] == 74


def test_middle_ranges_and_categories(call: Any) -> None:
    tickets = measure("tickets", breakpoints=[[0, 40], [5, 100], [10, 100], [30, 0]])
    mood = {"key": "mood", "weight": 1, "categories": [["good", 100], ["bad", 0]]}
    rows = call(card(tickets), {"tickets": 0}, {"tickets": 7}, {"tickets": 20}).json()
    assert [row["score"] for row in rows] == [40, 100, 50]
    rows = call(card(tickets, mood), {"tickets": 7, "mood": "bad"}, {"tickets": 7}).json()
    assert [(row["score"], row["low"], row["high"]) for row in rows] == [(50, 50, 50), (100, 50, 100)]


@pytest.mark.parametrize(
    ("scorecard", "rows", "said"),
    [
        (card(measure("a", -1)), [], "number from 0"),
        (card(measure("a", 0)), [], "All weights are zero"),
        (card(measure("a", breakpoints=[[1, 0], [1, 5]])), [], "must rise"),
        (card({"key": "a", "weight": 1, "categories": [["x", 1], ["x", 2]]}), [], "only once"),
        (card({"key": "a", "weight": 1, "categories": [[1, 1]]}), [], "a text"),
        (card(measure("a", max_age=0)), [], "from 1"),
        (card(measure("a"), exceptions=[{"when": {"measure": "z", "above": 1}, "at_most": "red"}]), [], "exception 1"),
        (card(measure("a"), exceptions=[{"when": {"measure": "a"}, "at_most": "red"}]), [], "below or above"),
        (card(measure("a"), exceptions=[{"when": {"measure": "a", "above": 1}, "at_most": "blue"}]), [], "a band"),
        (card(measure("a"), exceptions={"when": 1}), [], "a list"),
        ("card", [], "at least one group"),
        (card(measure("a")), [{"a": 1}, {"b": 1}], "rows[1].b"),
        (card(measure("a")), [{"a": "much"}], "rows[0].a"),
        (card(measure("a")), [{"a": True}], "a number or null"),
        (card(measure("a")), [3], "rows[0]"),
        (card({"key": "a", "weight": 1, "categories": [["x", 1]]}), [{"a": "y"}], "one of x"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_with_its_place(
    call: Any, scorecard: Any, rows: list[Any], said: str
) -> None:
    answer = call(scorecard, *rows)
    assert answer.status_code == 400
    assert is_one_shape(answer)
    assert said in answer.content.decode()


def test_a_number_beyond_every_float_is_refused(call: Any) -> None:
    answer = call(card(measure("a")), {"a": 10**400}, {"a": -(10**400)})
    assert answer.status_code == 400
    assert is_one_shape(answer)
    assert len(answer.json()["error"]["fields"]["rows"]) == 2


def test_more_than_a_worker_bears_is_refused_before_it_is_tried(call: Any) -> None:
    many = card(*(measure(f"m{n}") for n in range(100)))
    answer = call(many, *({} for _row in range(MOST_CELLS // 100 + 1)))
    assert answer.status_code == 400
    assert "rows" in answer.json()["error"]["fields"]
    more = call(card(*(measure(f"m{n}") for n in range(10_000))), {})
    assert more.status_code == 400
    assert len(more.content) < 1000


def test_a_part_that_does_not_exist_is_named(call: Any) -> None:
    fields = call(card(measure("a"), exeptions=[]), {"a": 1}).json()["error"]["fields"]
    assert "exeptions" in fields["scorecard"][0]
    caller = Caller(make_tenant().api_key)
    body = {"scorecard": card(measure("a")), "rows": [], "row": []}
    assert "row" in caller("POST", URL, body).json()["error"]["fields"]


def test_a_floor_lifts_into_its_band_also_where_the_edge_is_no_whole_number(call: Any) -> None:
    floor = {"when": {"measure": "b", "above": 1}, "at_least": "green"}
    [row] = call(card(measure("a"), measure("b", 0), bands={"green": 75.3, "amber": 50}, exceptions=[floor]),
                 {"a": 10, "b": 5}).json()  # fmt: skip
    assert (row["score"], row["band"]) == (76, "green")

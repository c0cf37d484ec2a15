"""The portfolio's question: read, said as a sentence."""

from django.http import QueryDict

from common.table import TableState
from portfolio.columns import COLUMNS
from portfolio.filters import Filters, chips


def said(query: str) -> list[str]:
    params = QueryDict(query)
    return [str(c.text) for c in chips(Filters.read(params), TableState.read(params, COLUMNS, "-arr"), {"me": "me"})]


def test_conditions_read_as_a_sentence() -> None:
    assert said("csm=me&band=red&band=amber&renewal=90") == [
        "CSM is me",
        "health is At risk or Watch",
        "renewal within 90 days",
    ]


def test_what_makes_no_sense_is_left_out() -> None:
    found = Filters.read(QueryDict("csm=robert');--&band=purple&stage=x&renewal=-3&silent=9999999999&q=%00a"))
    assert found == Filters(q="a")


def test_the_last_condition_taken_out_leaves_everything_and_not_the_default_view() -> None:
    params = QueryDict("csm=me&sort=name")
    found = chips(Filters.read(params), TableState.read(params, COLUMNS, "-arr"), {"me": "me"})
    assert "csm=all" in found[0].drop_url

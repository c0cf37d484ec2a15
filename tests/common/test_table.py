from django.http import QueryDict

from common.table import Column, TableState

COLUMNS = (
    Column("name", "Account", fixed=True),
    Column("arr", "ARR", numeric=True),
    Column("why", "Why", sortable=False, default=False),
)


def _read(query: str) -> TableState:
    return TableState.read(QueryDict(query), COLUMNS, "-arr")


def test_an_unknown_or_unsortable_sort_falls_back_to_the_default() -> None:
    assert [_read(q).order for q in ("", "sort=nonsense", "sort=why", "sort=name")] == ["-arr", "-arr", "-arr", "name"]


def test_a_second_click_turns_the_order_around() -> None:
    assert _read("sort=-arr").head()[1].href == "?sort=arr"
    assert _read("sort=name").head()[1].href == "?sort=-arr"


def test_a_fixed_column_cannot_be_chosen_away() -> None:
    assert [column.key for column in _read("col=why").visible] == ["name", "why"]


def test_a_change_keeps_the_rest_of_the_query_and_starts_at_the_first_page() -> None:
    assert _read("q=a b&band=red&band=amber&page=4").url(sort="name") == "?q=a+b&band=red&band=amber&sort=name"


def test_one_value_of_a_filter_can_be_dropped() -> None:
    assert _read("band=red&band=amber").without("band", "red") == "?band=amber"

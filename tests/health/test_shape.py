"""A draft that has the parts which the editor shows never breaks it, whatever a program puts into them."""

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from health.definition import STARTING_DOCUMENT, check, document_keys, group_words, has_shape
from health.editor import document_from, exception_rows, rows_of

ODD_VALUES: list[Any] = [None, True, -1, 1e308, 10**400, "x", "", [], [1], [[]], {}, {"a": 1}, [{}, []], [None, None]]
ODD = st.sampled_from(ODD_VALUES)
WHOLE: dict[str, Any] = {
    **copy.deepcopy(STARTING_DOCUMENT),
    "exceptions": [{"when": {"measure": "breadth", "below": 1}, "at_most": "amber"}],
}
WHOLE["groups"][0]["name"] = "Use"
WHOLE["groups"][0]["measures"][0] |= {"max_age": 5}
WHOLE["groups"][1]["measures"][0] = {"key": "pulse", "weight": 1, "categories": [["good", 100]], "missing": "skip"}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where there is something in a document."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    return [path, *(place for key, part in inside for place in places(part, (*path, key)))]


PLACES = [place for place in places(WHOLE) if place]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), ODD), min_size=1, max_size=3))
def test_what_has_the_shape_is_shown_typed_and_checked(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    document = copy.deepcopy(WHOLE)
    for path, odd in changes:
        part: Any = document
        try:
            for step in path[:-1]:
                part = part[step]
            part[path[-1]] = odd
        except (TypeError, KeyError, IndexError):
            continue  # an earlier change took the place away
    assert all(isinstance(fault, str) for fault in check(document, known=set(document_keys(STARTING_DOCUMENT))))
    if has_shape(document):
        assert [group.key for group in rows_of(document, {})] == [group["key"] for group in document["groups"]]
        assert exception_rows(document, {})
        assert [group_words(group) for group in document["groups"]]
        document_from({"g-activity": "3", "w-breadth": "2", "n-activity": "Use"}, base=document, facts={})


def test_the_starting_document_has_it() -> None:
    assert has_shape(STARTING_DOCUMENT)
    assert has_shape(WHOLE)

"""What a scorecard document must look like."""

import copy
from typing import Any

import pytest

from health.definition import MOST_FAULTS, MOST_GROUPS, MOST_MEASURES, STARTING_DOCUMENT, check, document_keys
from health.inputs import inputs_known
from tenants.scope import tenant_scope
from tenants.services import NewTenant
from tests.factories import make_tenant

KNOWN = set(document_keys(STARTING_DOCUMENT))


def changed(**parts: Any) -> dict[str, Any]:
    document = copy.deepcopy(STARTING_DOCUMENT)
    document.update(parts)
    return document


def with_measure(**parts: Any) -> dict[str, Any]:
    document = copy.deepcopy(STARTING_DOCUMENT)
    document["groups"][0]["measures"][0].update(parts)
    return document


def own(key: str) -> dict[str, Any]:
    return {"key": key, "weight": 1, "breakpoints": [[0, 0], [1, 100]], "missing": "skip"}


def test_the_starting_card_is_accepted() -> None:
    assert check(STARTING_DOCUMENT, known=KNOWN) == []


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        changed(groups=[]),
        changed(minimum_coverage=1.5),
        changed(minimum_coverage=True),
        changed(bands={"green": 50, "amber": 75}),
        changed(bands={"green": "x", "amber": 1}),
        changed(bands=None),
        with_measure(weight=-1),
        with_measure(weight="many"),
        with_measure(weight=float("nan")),
        with_measure(key="no such fact"),
        with_measure(key="breadth"),
        with_measure(breakpoints=[]),
        with_measure(breakpoints=[[1, 0], [1, 100]]),
        with_measure(breakpoints=[[2, 0], [1, 100]]),
        with_measure(breakpoints=[[0, 0], [1, 101]]),
        with_measure(breakpoints=[[0]]),
        with_measure(missing=101),
        with_measure(missing="never"),
        with_measure(max_age=1.5),
        with_measure(breakpoint=[[0, 0]]),
        changed(exeptions=[]),
        changed(bands={"green": 75, "amber": 50, "blue": 10}),
        changed(groups=[*STARTING_DOCUMENT["groups"], {**STARTING_DOCUMENT["groups"][0], "measures": [own("a")]}]),
        changed(groups=[{**STARTING_DOCUMENT["groups"][0], "name": {"en": "Use"}}]),
        changed(groups=[{**STARTING_DOCUMENT["groups"][0], "name": "x" * 61}]),
        changed(groups=[{"key": f"g{n}", "weight": 1, "measures": [own("a")]} for n in range(MOST_GROUPS + 1)]),
        changed(groups=[{"key": "g", "weight": 1, "measures": [own(f"m{n}") for n in range(MOST_MEASURES + 1)]}]),
    ],
)
def test_a_faulty_document_is_refused_with_a_sentence(document: Any) -> None:
    faults = check(document, known=KNOWN | {"a", *(f"m{n}" for n in range(MOST_MEASURES + 1))})
    assert faults
    assert all(isinstance(fault, str) and len(fault) > 10 for fault in faults)


def test_a_card_whose_weights_are_all_zero_is_refused() -> None:
    document = copy.deepcopy(STARTING_DOCUMENT)
    for group in document["groups"]:
        group["weight"] = 0
    assert check(document, known=KNOWN) == [
        "All weights are zero: give at least one group and one of its measures a weight above 0."
    ]


def test_what_is_refused_is_said_in_few_words_however_large_the_document_is() -> None:
    """The answer to a hundred unknown keys or a value of a megabyte stays an answer."""
    many = [own("?" * 10_000) for _ in range(MOST_MEASURES)]
    many[0]["weight"] = "w" * 1_000_000
    faults = check(changed(groups=[{"key": "g", "weight": 1, "measures": many}]), known=KNOWN)
    assert 0 < len(faults) <= MOST_FAULTS
    assert sum(map(len, faults)) < 50_000


@pytest.mark.django_db
def test_what_is_wrong_is_said_in_the_words_of_the_page_and_in_keys_to_a_program() -> None:
    made: NewTenant = make_tenant()
    with tenant_scope(made.tenant):
        facts = inputs_known()
    document = with_measure(weight="many")
    assert any(fault.startswith("Usage trend: “many” is not accepted") for fault in check(document, known=facts))
    assert any(fault.startswith("usage_trend: “many” is not accepted") for fault in check(document, known=KNOWN))
    document = copy.deepcopy(STARTING_DOCUMENT)
    document["groups"][0]["weight"] = ""
    document["bands"] = {"green": 40, "amber": 50}
    assert check(document, known=facts) == [
        "“Healthy from” (green) must lie above “Watch from” (amber).",
        "Activity: write a number from 0 to 1,000,000.",
    ]

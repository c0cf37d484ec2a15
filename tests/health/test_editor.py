"""The editor's fields and the document say the same."""

from accounts.facts import measurable_facts
from health.definition import STARTING_DOCUMENT, check, document_keys
from health.editor import document_from, rows_of


def fields_of(document: dict) -> dict[str, str]:  # type: ignore[type-arg]  # a scorecard document
    data = {
        "green": str(document["bands"]["green"]),
        "amber": str(document["bands"]["amber"]),
        "minimum_coverage": str(document["minimum_coverage"] * 100),
    }
    for group in rows_of(document, measurable_facts()):
        data[group.weight_name] = str(group.weight)
        for measure in group.measures:
            data |= {measure.weight_name: str(measure.weight), measure.missing_name: str(measure.missing)}
            for point in measure.points:
                data |= {point.x_name: str(point.x), point.y_name: str(point.y)}
    return data


def read(data: dict[str, str]) -> dict:  # type: ignore[type-arg]  # a scorecard document
    return document_from(data, base=STARTING_DOCUMENT, facts=measurable_facts())


def test_untouched_fields_give_the_same_document() -> None:
    assert read(fields_of(STARTING_DOCUMENT)) == STARTING_DOCUMENT


def test_ratios_are_edited_in_percent() -> None:
    data = fields_of(STARTING_DOCUMENT)
    assert data["x-login_ratio-0"] == "5"
    data["x-login_ratio-0"] = "7,5"
    assert read(data)["groups"][0]["measures"][1]["breakpoints"][0] == [0.075, 0]


def test_what_is_no_number_is_kept_and_named() -> None:
    data = fields_of(STARTING_DOCUMENT)
    data["w-breadth"] = "a lot"
    document = read(data)
    assert document["groups"][1]["measures"][1]["weight"] == "a lot"
    assert any("a lot" in fault for fault in check(document, known=set(measurable_facts())))


def test_measures_are_added_and_removed() -> None:
    data = fields_of(STARTING_DOCUMENT)
    document = read({**data, "remove": "breadth"})
    assert "breadth" not in document_keys(document)
    document = document_from({"add": "breadth", "to": "activity"}, base=document, facts=measurable_facts())
    assert document["groups"][0]["measures"][-1]["key"] == "breadth"
    assert check(document, known=set(measurable_facts())) == []


def test_a_cleared_breakpoint_is_taken_out_and_the_spare_row_adds_one() -> None:
    data = fields_of(STARTING_DOCUMENT)
    data |= {"x-days_silent-3": "", "y-days_silent-3": "", "x-days_silent-4": "200", "y-days_silent-4": "0"}
    assert read(data)["groups"][2]["measures"][0]["breakpoints"] == [[14, 100], [30, 75], [60, 35], [200, 0]]

"""Between a scorecard document and the fields of its editor. Ratios are edited in percent."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from django.utils.translation import pgettext

from accounts.facts import Fact
from health.definition import Document

SPARE_ROWS = 1
MOST_POINTS = 8
MOST_CATEGORIES = 40
MOST_EXCEPTIONS = 20


@dataclass(frozen=True)
class PointRow:
    """One breakpoint's two fields."""

    x_name: str
    y_name: str
    x: Any
    y: Any


@dataclass(frozen=True)
class CategoryRow:
    """One category's two fields. `words`: what a fixed choice is called; None: the code is typed."""

    code_name: str
    y_name: str
    code: Any
    words: Any
    y: Any


@dataclass(frozen=True)
class MeasureRow:
    """A measure's fields. `unit_sign` follows the breakpoint values; `max_age_name` is empty where values do not grow
    old. A word has `categories`, a number `points`.
    """

    key: str
    fact: Fact | None
    weight_name: str
    weight: Any
    missing_name: str
    missing: Any
    max_age_name: str
    max_age: Any
    points: list[PointRow]
    categories: list[CategoryRow]
    unit_sign: str


@dataclass(frozen=True)
class GroupRow:
    """A group's fields. `share`: of all the groups' weight, in percent; None where that cannot be said."""

    key: str
    name: str
    name_name: str
    weight_name: str
    weight: Any
    share: float | None
    measures: list[MeasureRow]


@dataclass(frozen=True)
class ExceptionRow:
    """An exception's fields; `names` by part (measure, test, value, limit, band). `unit_sign` follows the value."""

    names: dict[str, str]
    measure: str
    test: str
    value: Any
    limit: str
    band: str
    unit_sign: str


EXCEPTION_PARTS = ("measure", "test", "value", "limit", "band")


def scale_of(fact: Fact | None) -> int:
    """By what a fact's value is multiplied in the editor."""
    return 100 if fact is not None and fact.unit == "ratio" else 1


def _sign(fact: Fact | None) -> str:
    signs = {"ratio": "%", "days": pgettext("unit", "d"), "minutes": pgettext("unit", "min")}
    return signs.get(fact.unit if fact else "", "")


def _shown(value: Any, scale: int = 1) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    scaled = round(value * scale, 6)
    return int(scaled) if scaled == int(scaled) else scaled


def _point_rows(measure: Mapping[str, Any], fact: Fact | None) -> list[PointRow]:
    key, scale = measure["key"], scale_of(fact)
    held = [(_shown(x, scale), _shown(y)) for x, y in measure.get("breakpoints", [])]
    spare = [("", "")] * (SPARE_ROWS if len(held) < MOST_POINTS else 0)
    return [PointRow(f"x-{key}-{i}", f"y-{key}-{i}", x, y) for i, (x, y) in enumerate([*held, *spare])]


def _category_rows(measure: Mapping[str, Any], fact: Fact | None) -> list[CategoryRow]:
    key, held = measure["key"], {str(code): y for code, y in measure.get("categories", [])}
    fixed = dict(fact.choices) if fact else {}
    rows: list[tuple[str, Any, Any]] = [(code, words, held.get(code, "")) for code, words in fixed.items()]
    rows += [(code, None, y) for code, y in held.items() if code not in fixed]
    if not fixed and len(held) < MOST_CATEGORIES:
        rows += [("", None, "")] * SPARE_ROWS
    return [
        CategoryRow(f"c-{key}-{i}", f"y-{key}-{i}", code, words, _shown(y)) for i, (code, words, y) in enumerate(rows)
    ]


def _measure_row(measure: Mapping[str, Any], facts: Mapping[str, Fact]) -> MeasureRow:
    key = measure["key"]
    fact, missing, age = facts.get(key), measure.get("missing", "skip"), measure.get("max_age")
    word = "categories" in measure
    return MeasureRow(
        key=key,
        fact=fact,
        weight_name=f"w-{key}",
        weight=_shown(measure["weight"]),
        missing_name=f"missing-{key}",
        missing="" if missing == "skip" else _shown(missing),
        max_age_name=f"age-{key}" if (fact and fact.age) or age is not None else "",
        max_age="" if age is None else _shown(age),
        points=[] if word else _point_rows(measure, fact),
        categories=_category_rows(measure, fact) if word else [],
        unit_sign=_sign(fact),
    )


def rows_of(document: Document, facts: Mapping[str, Fact]) -> list[GroupRow]:
    """The editor's fields for a document's groups."""
    weights = [group["weight"] for group in document["groups"]]
    fine = all(isinstance(weight, int | float) and weight >= 0 for weight in weights) and sum(weights) > 0
    return [
        GroupRow(
            key=group["key"],
            name=group.get("name", ""),
            name_name=f"n-{group['key']}",
            weight_name=f"g-{group['key']}",
            weight=_shown(group["weight"]),
            share=100 * group["weight"] / sum(weights) if fine else None,
            measures=[_measure_row(measure, facts) for measure in group["measures"]],
        )
        for group in document["groups"]
    ]


def exception_rows(document: Document, facts: Mapping[str, Fact]) -> list[ExceptionRow]:
    """The fields of a document's exceptions, and of one more."""
    held = document.get("exceptions", [])
    rows = [_exception_row(i, one, facts) for i, one in enumerate(held)]
    return rows if len(rows) >= MOST_EXCEPTIONS else [*rows, _exception_row(len(rows), {}, facts)]


def _exception_row(number: int, exception: Mapping[str, Any], facts: Mapping[str, Fact]) -> ExceptionRow:
    when = exception.get("when", {})
    test = next((name for name in ("below", "above", "among") if when.get(name) is not None), "below")
    fact, value = facts.get(when.get("measure", "")), when.get(test, "")
    limit = "at_least" if "at_least" in exception else "at_most"
    return ExceptionRow(
        names={part: f"ex-{number}-{part}" for part in EXCEPTION_PARTS},
        measure=when.get("measure", ""),
        test=test,
        value=_worded(value, fact) if isinstance(value, list) else _shown(value, scale_of(fact)),
        limit=limit,
        band=exception.get(limit, "amber"),
        unit_sign=_sign(fact),
    )


def _worded(codes: Sequence[str], fact: Fact | None) -> str:
    """Categories as the reader calls them."""
    words = dict(fact.choices) if fact else {}
    return ", ".join(str(words.get(code, code)) for code in codes)


def typed_number(text: str, scale: int = 1) -> Any:
    """The number that was typed (scaled), or the text as it is, so that the check can name it."""
    try:
        number = float(text.replace(",", ".")) / scale
    except ValueError:
        return text
    if not isfinite(number):
        return text
    number = round(number, 10)
    return int(number) if number == int(number) and abs(number) < 1e15 else number


def _pairs(data: Mapping[str, str], names: tuple[str, str], most: int) -> list[tuple[str, str]]:
    found = [tuple(data.get(f"{name}-{i}", "").strip() for name in names) for i in range(most + SPARE_ROWS)]
    return [(left, right) for left, right in found]


def document_from(data: Mapping[str, str], *, base: Document, facts: Mapping[str, Fact]) -> Document:
    """The document that the fields say; what has no field stays as in `base`. Faulty numbers stay text, for the
    check to name.

    `remove` takes a measure out; `add` (with `to`, a group) puts one in with breakpoints or categories to start from.
    """
    document = copy.deepcopy(base)
    if "minimum_coverage" in data:
        document["minimum_coverage"] = typed_number(data["minimum_coverage"], 100)
    for band in ("green", "amber"):
        if band in data:
            document["bands"][band] = typed_number(data[band])
    for group in document["groups"]:
        _group_fill(group, data, facts)
    document["groups"] = [group for group in document["groups"] if group["measures"] or group["key"] == data.get("to")]
    if data.get("add") in facts:
        _add(document, facts[data["add"]], data.get("to", ""))
    if "ex-0-measure" in data:
        document["exceptions"] = _exceptions(data, facts)
    if not document.get("exceptions"):
        document.pop("exceptions", None)
    return document


def _group_fill(group: Document, data: Mapping[str, str], facts: Mapping[str, Fact]) -> None:
    if f"g-{group['key']}" in data:
        group["weight"] = typed_number(data[f"g-{group['key']}"])
    if (name := data.get(f"n-{group['key']}", "").strip()[:60]) or group.get("name"):
        group["name"] = name if f"n-{group['key']}" in data else group["name"]
    for measure in group["measures"]:
        _fill(measure, data, scale_of(facts.get(measure["key"])))
    group["measures"] = [measure for measure in group["measures"] if measure["key"] != data.get("remove")]


def _fill(measure: Document, data: Mapping[str, str], scale: int) -> None:
    key = measure["key"]
    if f"w-{key}" in data:
        measure["weight"] = typed_number(data[f"w-{key}"])
    if f"x-{key}-0" in data:
        pairs = _pairs(data, (f"x-{key}", f"y-{key}"), MOST_POINTS)
        measure["breakpoints"] = [[typed_number(x, scale), typed_number(y)] for x, y in pairs if x or y]
    if f"c-{key}-0" in data:
        pairs = _pairs(data, (f"c-{key}", f"y-{key}"), MOST_CATEGORIES)
        measure["categories"] = [[code, typed_number(y)] for code, y in pairs if y]
    if f"missing-{key}" in data:
        typed = data[f"missing-{key}"].strip()
        measure["missing"] = typed_number(typed) if typed else "skip"
    if f"age-{key}" in data:
        typed = data[f"age-{key}"].strip()
        measure.pop("max_age", None)
        measure.update({"max_age": typed_number(typed)} if typed else {})


def _exceptions(data: Mapping[str, str], facts: Mapping[str, Fact]) -> list[Document]:
    found = []
    for number in range(MOST_EXCEPTIONS):
        part = {name: data.get(f"ex-{number}-{name}", "").strip() for name in EXCEPTION_PARTS}
        if part["measure"]:
            found.append(_exception(part, facts.get(part["measure"])))
    return found


def _exception(part: Mapping[str, str], fact: Fact | None) -> Document:
    test, value = part["test"], part["value"]
    codes = {str(words).casefold(): code for code, words in fact.choices} if fact else {}
    typed = [one.strip() for one in value.replace("，", ",").replace("、", ",").split(",") if one.strip()]
    held: Any = [codes.get(one.casefold(), one) for one in typed]
    if test != "among":
        held = typed_number(value, scale_of(fact))
    return {"when": {"measure": part["measure"], test: held}, part["limit"] or "at_most": part["band"]}


STARTING_POINTS: dict[str, list[list[float]]] = {
    "ratio": [[0, 0], [1, 100]],
    "days": [[14, 100], [60, 0]],
    "minutes": [[0, 0], [240, 100]],
    "users": [[0, 0], [20, 100]],
}


def measure_start(fact: Fact) -> Document:
    """A measure of the fact to start from."""
    if fact.unit != "word":
        points = STARTING_POINTS.get(fact.unit, [[0, 0], [100, 100]])
        return {"key": fact.key, "weight": 10, "breakpoints": copy.deepcopy(points), "missing": "skip"}
    codes: Sequence[str] = [code for code, _words in fact.choices]
    return {"key": fact.key, "weight": 10, "categories": [[code, 50] for code in codes], "missing": "skip"}


def _add(document: Document, fact: Fact, to: str) -> None:
    if any(measure["key"] == fact.key for group in document["groups"] for measure in group["measures"]):
        return
    group = next((group for group in document["groups"] if group["key"] == to), None)
    if group is None:
        taken = {group["key"] for group in document["groups"]}
        key = next(
            name for number in range(1, 100) if (name := f"more-{number}" if number > 1 else "more") not in taken
        )
        document["groups"].append({"key": key, "weight": 10, "measures": [measure_start(fact)]})
    else:
        group["measures"].append(measure_start(fact))

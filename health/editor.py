"""Between a scorecard document and the fields of its editor. Ratios are edited in percent."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from accounts.facts import Fact
from health.definition import Document

SPARE_POINTS = 1
MOST_POINTS = 8


@dataclass(frozen=True)
class PointRow:
    """One breakpoint's two fields."""

    x_name: str
    y_name: str
    x: Any
    y: Any


@dataclass(frozen=True)
class MeasureRow:
    """A measure's fields. `unit_sign` follows the breakpoint values."""

    key: str
    fact: Fact | None
    weight_name: str
    weight: Any
    missing_name: str
    missing: Any
    points: list[PointRow]
    unit_sign: str


@dataclass(frozen=True)
class GroupRow:
    """A group's fields."""

    key: str
    name: str
    weight_name: str
    weight: Any
    measures: list[MeasureRow]


def _scale(fact: Fact | None) -> int:
    return 100 if fact is not None and fact.unit == "ratio" else 1


def _shown(value: Any, scale: int) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    scaled = round(value * scale, 6)
    return int(scaled) if scaled == int(scaled) else scaled


def _measure_row(measure: Mapping[str, Any], facts: Mapping[str, Fact]) -> MeasureRow:
    key = measure["key"]
    fact = facts.get(key)
    scale = _scale(fact)
    held = [(_shown(x, scale), _shown(y, 1)) for x, y in measure["breakpoints"]]
    spare = [("", "")] * (SPARE_POINTS if len(held) < MOST_POINTS else 0)
    points = [PointRow(f"x-{key}-{i}", f"y-{key}-{i}", x, y) for i, (x, y) in enumerate([*held, *spare])]
    missing = measure.get("missing", "skip")
    sign = {"ratio": "%", "days": "d", "minutes": "min"}.get(fact.unit if fact else "", "")
    return MeasureRow(
        key=key,
        fact=fact,
        weight_name=f"w-{key}",
        weight=_shown(measure["weight"], 1),
        missing_name=f"missing-{key}",
        missing="" if missing == "skip" else _shown(missing, 1),
        points=points,
        unit_sign=sign,
    )


def rows_of(document: Document, facts: Mapping[str, Fact]) -> list[GroupRow]:
    """The editor's fields for a document."""
    return [
        GroupRow(
            key=group["key"],
            name=group.get("name", ""),
            weight_name=f"g-{group['key']}",
            weight=_shown(group["weight"], 1),
            measures=[_measure_row(measure, facts) for measure in group["measures"]],
        )
        for group in document["groups"]
    ]


def _typed(text: str, scale: int = 1) -> Any:
    """The number that was typed (scaled), or the text as it is, so that the check can name it."""
    try:
        number = float(text.replace(",", ".")) / scale
    except ValueError:
        return text
    if not isfinite(number):
        return text
    number = round(number, 10)
    return int(number) if number == int(number) and abs(number) < 1e15 else number


def _points(data: Mapping[str, str], key: str, scale: int) -> list[list[Any]]:
    pairs = [
        (data.get(f"x-{key}-{i}", "").strip(), data.get(f"y-{key}-{i}", "").strip()) for i in range(MOST_POINTS + 1)
    ]
    return [[_typed(x, scale), _typed(y)] for x, y in pairs if x or y]


def document_from(data: Mapping[str, str], *, base: Document, facts: Mapping[str, Fact]) -> Document:
    """The document that the fields say; what has no field stays as in `base`. Faulty numbers stay text, for the
    check to name.

    `remove` takes a measure out; `add` (with `to`, a group) puts one in with breakpoints to start from.
    """
    document = copy.deepcopy(base)
    if "minimum_coverage" in data:
        document["minimum_coverage"] = _typed(data["minimum_coverage"], 100)
    for band in ("green", "amber"):
        if band in data:
            document["bands"][band] = _typed(data[band])
    for group in document["groups"]:
        if f"g-{group['key']}" in data:
            group["weight"] = _typed(data[f"g-{group['key']}"])
        for measure in group["measures"]:
            _fill(measure, data, _scale(facts.get(measure["key"])))
        group["measures"] = [m for m in group["measures"] if m["key"] != data.get("remove")]
    document["groups"] = [group for group in document["groups"] if group["measures"] or group["key"] == data.get("to")]
    if data.get("add") in facts:
        _add(document, facts[data["add"]], data.get("to", ""))
    return document


def _fill(measure: dict[str, Any], data: Mapping[str, str], scale: int) -> None:
    key = measure["key"]
    if f"w-{key}" in data:
        measure["weight"] = _typed(data[f"w-{key}"])
    if f"x-{key}-0" in data:
        measure["breakpoints"] = _points(data, key, scale)
    if f"missing-{key}" in data:
        typed = data[f"missing-{key}"].strip()
        measure["missing"] = _typed(typed) if typed else "skip"


STARTING_POINTS: dict[str, list[list[float]]] = {
    "ratio": [[0, 0], [1, 100]],
    "days": [[14, 100], [60, 0]],
    "minutes": [[0, 0], [240, 100]],
    "users": [[0, 0], [20, 100]],
}


def _add(document: Document, fact: Fact, to: str) -> None:
    if any(measure["key"] == fact.key for group in document["groups"] for measure in group["measures"]):
        return
    points = STARTING_POINTS.get(fact.unit, [[0, 0], [100, 100]])
    measure = {"key": fact.key, "weight": 10, "breakpoints": copy.deepcopy(points), "missing": "skip"}
    group = next((group for group in document["groups"] if group["key"] == to), None)
    if group is None:
        document["groups"].append({"key": to or "more", "weight": 10, "measures": [measure]})
    else:
        group["measures"].append(measure)

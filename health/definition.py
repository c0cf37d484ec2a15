"""The scorecard document: what it must look like, and the one every tenant starts with."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.facts import Fact
from common import formats
from health.card import BANDS

Document = dict[str, Any]
MOST_MEASURES = 200
MOST_GROUPS = 12
MOST_FAULTS = 20  # of a document that are said
LONGEST_NAME = 60
_LARGEST = 10**15  # the largest whole number that a draft may hold
_LONGEST_VALUE = 40  # of what a fault quotes
_PARTS = frozenset({"minimum_coverage", "bands", "groups", "exceptions"})
_BANDS = frozenset({"green", "amber"})
_GROUP = frozenset({"key", "name", "weight", "measures"})
_MEASURE = frozenset({"key", "weight", "breakpoints", "categories", "missing", "max_age"})
_EXCEPTION = frozenset({"when", "at_most", "at_least"})
_WHEN = frozenset({"measure", "below", "above", "among"})


def _measure(key: str, weight: float, *points: tuple[float, float]) -> Document:
    return {"key": key, "weight": weight, "breakpoints": [[x, y] for x, y in points], "missing": "skip"}


STARTING_DOCUMENT: Document = {
    "minimum_coverage": 0.5,
    "bands": {"green": 75, "amber": 50},
    "groups": [
        {
            "key": "activity",
            "weight": 40,
            "measures": [
                _measure("usage_trend", 40, (0.4, 0), (0.8, 55), (1, 85), (1.15, 100)),
                _measure("login_ratio", 35, (0.05, 0), (0.3, 60), (0.6, 100)),
                _measure("stickiness", 25, (0.02, 0), (0.15, 60), (0.35, 100)),
            ],
        },
        {
            "key": "adoption",
            "weight": 35,
            "measures": [
                _measure("activation_rate", 35, (0.2, 0), (0.6, 60), (0.9, 100)),
                _measure("breadth", 35, (0.1, 0), (0.5, 60), (0.9, 100)),
                _measure("depth", 30, (0.05, 0), (0.35, 60), (0.7, 100)),
            ],
        },
        {
            "key": "relationship",
            "weight": 25,
            "measures": [_measure("days_silent", 100, (14, 100), (30, 75), (60, 35), (120, 0))],
        },
    ],
}


def document_keys(document: Document) -> list[str]:
    """The measures' keys in their order."""
    return [measure["key"] for group in document["groups"] for measure in group["measures"]]


def _quoted(value: Any) -> str:
    """What somebody sent, as much of it as a sentence bears."""
    text = str(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def _check_parts(given: Mapping[str, Any], known: Collection[str], where: str, faults: list[str]) -> None:
    """A part that nobody reads is a typing mistake: without it something would silently not hold."""
    for name in sorted(given.keys() - known, key=str):
        said = _("%(where)s: there is no part “%(name)s”. Known are: %(known)s.")
        faults.append(said % {"where": where, "name": _quoted(name), "known": ", ".join(sorted(known))})


def _number(value: Any, where: str, faults: list[str], low: float = 0, high: float = 1e12) -> bool:
    """Whether value is a number from low to high; else say so."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        said = {
            "where": _quoted(where), "value": _quoted(value), "low": formats.number(low), "high": formats.number(high),
        }  # fmt: skip
        if value is None or value == "":
            faults.append(_("%(where)s: write a number from %(low)s to %(high)s.") % said)
        else:
            faults.append(_("%(where)s: “%(value)s” is not accepted; write a number from %(low)s to %(high)s.") % said)
        return False
    return True


def group_words(group: Mapping[str, Any]) -> str:
    """What a group is called: its own name, or what its key means."""
    known = {
        "activity": _("Activity"), "adoption": _("Adoption"), "relationship": _("Relationship"),
        "outcome": _("What comes of it"), "support": _("Support"), "start": _("Beginning"), "more": _("More"),
    }  # fmt: skip
    key = str(group.get("key"))
    return str(group.get("name") or known.get(key) or key)


def _measure_words(key: str, known: Collection[str]) -> str:
    """What a measure is called on the page; its key where only keys are known, as for a program."""
    fact = known.get(key) if isinstance(known, Mapping) else None
    return str(fact.label) if isinstance(fact, Fact) else key


def _check_points(points: Any, where: str, faults: list[str]) -> None:
    if not isinstance(points, list) or not points or not all(isinstance(p, list) and len(p) == 2 for p in points):
        faults.append(_("%(where)s: give at least one breakpoint, each a value and its score.") % {"where": where})
        return
    values = [x for x, y in points if _number(x, where, faults, low=-1e12) and _number(y, where, faults, high=100)]
    if len(values) == len(points) and any(b <= a for a, b in zip(values, values[1:], strict=False)):
        faults.append(_("%(where)s: breakpoint values must rise from one to the next.") % {"where": where})


def _check_categories(categories: Any, where: str, faults: list[str]) -> None:
    if (
        not isinstance(categories, list)
        or not categories
        or not all(isinstance(c, list) and len(c) == 2 for c in categories)
    ):
        faults.append(_("%(where)s: give at least one category, each a code and its score.") % {"where": where})
        return
    codes = [code for code, y in categories if _number(y, where, faults, high=100)]
    if not all(isinstance(code, str) and code for code in codes):
        faults.append(_("%(where)s: a category's code is a text.") % {"where": where})
    elif len(set(codes)) < len(codes):
        faults.append(_("%(where)s: a category can be given only once.") % {"where": where})


def _check_measure(measure: Any, known: Collection[str], seen: set[str], faults: list[str]) -> float:
    """Add the faults of one measure; returns its weight."""
    key = measure.get("key") if isinstance(measure, dict) else None
    if not isinstance(key, str) or key not in known:
        faults.append(
            _("“%(key)s” is no measure. Known are: %(known)s.")
            % {"key": _quoted(key), "known": ", ".join(sorted(known))}
        )
        return 0
    where = _measure_words(key, known)
    _check_parts(measure, _MEASURE, where, faults)
    if key in seen:
        faults.append(_("%(where)s: a measure can stand on a card only once.") % {"where": where})
    seen.add(key)
    if "categories" in measure:
        _check_categories(measure["categories"], where, faults)
    else:
        _check_points(measure.get("breakpoints"), where, faults)
    if measure.get("missing", "skip") != "skip":
        _number(measure["missing"], where, faults, high=100)
    age = measure.get("max_age")
    if age is not None and _number(age, where, faults, low=1, high=10_000) and age != int(age):
        faults.append(_("%(where)s: write the age in whole days.") % {"where": where})
    return float(measure["weight"]) if _number(measure.get("weight"), where, faults, high=1e6) else 0


def _check_exceptions(document: Mapping[str, Any], faults: list[str]) -> None:
    exceptions = document.get("exceptions", [])
    if not isinstance(exceptions, list):
        faults.append(_("Exceptions are a list."))
        return
    measures = {m["key"]: m for group in document["groups"] for m in group["measures"]}
    for number, exception in enumerate(exceptions, 1):
        _check_exception(exception, _("exception %(number)d") % {"number": number}, measures, faults)


def _check_exception(exception: Any, where: str, measures: Mapping[str, Document], faults: list[str]) -> None:
    given = exception if isinstance(exception, dict) else {}
    when = given["when"] if isinstance(given.get("when"), dict) else {}
    _check_parts(given, _EXCEPTION, where, faults)
    _check_parts(when, _WHEN, where, faults)
    if not isinstance(when.get("measure"), str) or when["measure"] not in measures:
        faults.append(_("%(where)s: name a measure of this card; it may have weight 0.") % {"where": where})
        return
    bands = [given[name] for name in ("at_most", "at_least") if name in given]
    if len(bands) != 1 or bands[0] not in BANDS:
        faults.append(
            _("%(where)s: give either at_most or at_least, and a band: %(bands)s.")
            % {"where": where, "bands": ", ".join(BANDS)}
        )
    categories = [code for code, _score in measures[when["measure"]].get("categories", [])]
    edges = [name for name in ("below", "above") if when.get(name) is not None]
    if categories:
        among = when.get("among")
        if edges or not isinstance(among, list) or not among or not all(code in categories for code in among):
            faults.append(
                _("%(where)s: name categories of the measure (among): %(codes)s.")
                % {"where": where, "codes": ", ".join(categories)}
            )
    elif not edges or "among" in when:
        faults.append(_("%(where)s: say below or above which value it holds.") % {"where": where})
    else:
        all(_number(when[name], where, faults, low=-1e12) for name in edges)


def _check_bands(document: Mapping[str, Any], faults: list[str]) -> None:
    bands = document.get("bands")
    if not isinstance(bands, dict):
        faults.append(_("Give the lower edges of the bands: green and amber."))
        return
    _check_parts(bands, _BANDS, _("bands"), faults)
    names = {"amber": _("Watch from (amber)"), "green": _("Healthy from (green)")}
    fine = [_number(bands.get(band), name, faults, high=100) for band, name in names.items()]
    if all(fine) and float(bands["amber"]) >= float(bands["green"]):
        faults.append(_("“Healthy from” (green) must lie above “Watch from” (amber)."))


def check(document: Any, *, known: Collection[str]) -> list[str]:
    """What is wrong with a scorecard document, in sentences; empty when it can be published. `known`: keys of facts."""
    if not isinstance(document, dict) or not isinstance(document.get("groups"), list) or not document["groups"]:
        return [_("A scorecard needs at least one group of measures.")]
    if fault := _too_large(document["groups"]):
        return [fault]
    faults: list[str] = []
    if "\\u0000" in json.dumps(document, default=str):
        faults.append(_("A text holds a NUL character, which cannot be kept."))
    _check_parts(document, _PARTS, _("scorecard"), faults)
    _number(document.get("minimum_coverage"), _("minimum coverage"), faults, high=1)
    _check_bands(document, faults)
    counted = _check_groups(document["groups"], known, faults)
    if not faults:
        _check_exceptions(document, faults)
    if not faults and counted <= 0:
        faults.append(_("All weights are zero: give at least one group and one of its measures a weight above 0."))
    return faults[:MOST_FAULTS]


def _too_large(groups: list[Any]) -> str:
    """Why a card has more parts than anybody reads; empty where it does not."""
    lists = (group.get("measures") for group in groups if isinstance(group, dict))
    measures = sum(len(found) for found in lists if isinstance(found, list))
    if len(groups) <= MOST_GROUPS and measures <= MOST_MEASURES:
        return ""
    said = _("A scorecard has at most %(groups)d groups and %(measures)d measures.")
    return said % {"groups": MOST_GROUPS, "measures": MOST_MEASURES}


def _check_groups(groups: list[Any], known: Collection[str], faults: list[str]) -> float:
    """Add the faults of the groups and their measures; returns the weight that counts, 0 where nothing does."""
    seen: set[str] = set()
    named: set[str] = set()
    counted = 0.0
    for group in groups:
        if not isinstance(group, dict) or not isinstance(group.get("measures"), list) or not group["measures"]:
            faults.append(_("Every group needs a key and at least one measure."))
            continue
        _check_group(group, named, faults)
        own = _number(group.get("weight"), group_words(group), faults, high=1e6)
        inside = sum(_check_measure(measure, known, seen, faults) for measure in group["measures"])
        counted += float(group["weight"]) * inside if own else 0
    return counted


def _check_group(group: Document, named: set[str], faults: list[str]) -> None:
    """Add the faults of what a group is called; its key joins those that are taken (`named`)."""
    key, name = group.get("key"), group.get("name", "")
    if not isinstance(key, str) or not 0 < len(key) <= LONGEST_NAME:
        faults.append(_("Every group needs a key and at least one measure."))
        return
    if key in named:
        faults.append(_("%(where)s: two groups have this key; give each its own.") % {"where": key})
    named.add(key)
    _check_parts(group, _GROUP, key, faults)
    if not isinstance(name, str) or len(name) > LONGEST_NAME:
        faults.append(
            _("%(where)s: a group's name is a text of at most %(most)d signs.") % {"where": key, "most": LONGEST_NAME}
        )


def has_shape(document: Any) -> bool:
    """Whether a document has the parts that the editor shows; a field of it may hold any number or text."""
    if not isinstance(document, dict) or not {"minimum_coverage", "bands", "groups"} <= document.keys():
        return False
    bands, groups, exceptions = document["bands"], document["groups"], document.get("exceptions", [])
    if not isinstance(bands, dict) or not {"green", "amber"} <= bands.keys():
        return False
    parts = [*_listed(groups, "key", "weight", "measures"), *_listed(exceptions, "when")]
    if not all(parts):
        return False
    measures = [measure for group in groups for measure in _listed(group["measures"], "key", "weight")]
    return (
        all(measures)
        and all(_has_pairs(measure) for measure in measures)
        and all(isinstance(one["when"], dict) for one in exceptions)
        and all(map(_has_fields, (document, bands, *parts, *measures, *(one["when"] for one in exceptions))))
        and all(isinstance(one["key"], str) and isinstance(one.get("name", ""), str) for one in (*groups, *measures))
    )


def _has_fields(part: Document) -> bool:
    """Whether what stands in a part beside its lists and parts can stand in a field; `among` names texts."""
    inner = {"bands", "groups", "exceptions", "measures", "breakpoints", "categories", "when", "among"}
    among = part.get("among", [])
    plain = all(_is_field(value) for name, value in part.items() if name not in inner)
    return plain and isinstance(among, list) and all(isinstance(code, str) for code in among)


def _is_field(value: Any) -> bool:
    """Whether a field can hold it: a text, or a number that a float can be."""
    if isinstance(value, int) and not isinstance(value, bool):
        return abs(value) <= _LARGEST
    return value is None or isinstance(value, str | bool | float)


def _listed(found: Any, *names: str) -> list[Any]:
    """The things of a list, each None where it lacks one of the names; [None] for what is no list."""
    if not isinstance(found, list):
        return [None]
    return [one if isinstance(one, dict) and set(names) <= one.keys() else None for one in found]


def _has_pairs(measure: Document) -> bool:
    pairs = measure.get("categories", measure.get("breakpoints"))
    if not isinstance(pairs, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        return False
    return all(_is_field(value) for pair in pairs for value in pair)


def check_kinds(document: Document, facts: Mapping[str, Fact]) -> list[str]:
    """Where a valid document measures a fact in a way that it cannot be measured, in sentences."""
    faults = []
    for measure in (measure for group in document["groups"] for measure in group["measures"]):
        fact, key = facts[measure["key"]], measure["key"]
        codes = [code for code, _words in fact.choices]
        strange = [code for code, _score in measure.get("categories", []) if codes and code not in codes]
        if fact.unit == "word" and "categories" not in measure:
            faults.append(_("%(where)s: this is a word: give categories, each a code and its score.") % {"where": key})
        elif fact.unit != "word" and "categories" in measure:
            faults.append(_("%(where)s: this is a number: give breakpoints.") % {"where": key})
        elif strange:
            names = {"where": key, "strange": ", ".join(strange), "known": ", ".join(codes)}
            faults.append(_("%(where)s: there is no category “%(strange)s”. Known are: %(known)s.") % names)
        if measure.get("max_age") is not None and not fact.age:
            faults.append(_("%(where)s: its values do not grow old; leave the age out.") % {"where": key})
    return faults

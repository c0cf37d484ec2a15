"""What differs between two scorecard documents, line by line in words."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from accounts.facts import Fact
from common import formats
from health.definition import Document, group_words
from health.editor import scale_of
from health.models import Band


class Difference(NamedTuple):
    """One thing that says something else: what, then and now (None: it is not there)."""

    what: str
    before: str | None
    after: str | None


def differences(before: Document | None, after: Document, facts: Mapping[str, Fact]) -> list[Difference]:
    """The lines in which two valid documents differ, in the order of the later one; what is gone comes last. Without
    one before, every line.
    """
    old, new = _lines(before, facts) if before else {}, _lines(after, facts)
    return [Difference(what, old.get(what), new.get(what)) for what in {**new, **old} if old.get(what) != new.get(what)]


def _lines(document: Document, facts: Mapping[str, Fact]) -> dict[str, str]:
    lines = {
        _("Least coverage"): formats.percent(document["minimum_coverage"]),
        _("Healthy from"): _number(document["bands"]["green"]),
        _("Watch from"): _number(document["bands"]["amber"]),
    }
    for group in document["groups"]:
        lines[_("Group “%(name)s”: weight") % {"name": group_words(group)}] = _number(group["weight"])
        for measure in group["measures"]:
            lines.update(_measure_lines(measure, group_words(group), facts.get(measure["key"])))
    for number, exception in enumerate(document.get("exceptions", []), 1):
        lines[_("Exception %(number)d") % {"number": number}] = exception_words(exception, facts)
    return lines


def _measure_lines(measure: Mapping[str, Any], group: str, fact: Fact | None) -> dict[str, str]:
    name = str(fact.label) if fact else str(measure["key"])
    lines = {
        _("%(name)s: group") % {"name": name}: group,
        _("%(name)s: weight") % {"name": name}: _number(measure["weight"]),
        _("%(name)s: scores") % {"name": name}: scores_words(measure, fact),
        _("%(name)s: without data") % {"name": name}: _missing_words(measure),
    }
    if measure.get("max_age") is not None:
        lines[_("%(name)s: counts for") % {"name": name}] = formats.days(int(measure["max_age"]))
    return lines


def scores_words(measure: Mapping[str, Any], fact: Fact | None) -> str:
    """A measure's breakpoints or categories in one line."""
    if "categories" in measure:
        words = dict(fact.choices) if fact else {}
        return _(", ").join(f"{words.get(code, code)} → {_number(y)}" for code, y in measure["categories"])
    scale, sign = scale_of(fact), "%" if scale_of(fact) > 1 else ""
    return _(", ").join(f"{_number(x * scale)}{sign} → {_number(y)}" for x, y in measure["breakpoints"])


def _missing_words(measure: Mapping[str, Any]) -> str:
    missing = measure.get("missing", "skip")
    return _("does not count") if missing == "skip" else _("counts as %(score)s") % {"score": _number(missing)}


def exception_words(exception: Mapping[str, Any], facts: Mapping[str, Fact]) -> str:
    """An exception as a sentence."""
    when = exception["when"]
    fact = facts.get(when["measure"])
    at_most = "at_most" in exception
    names = {
        "measure": str(fact.label) if fact else when["measure"],
        "test": _(" and ").join(_tests(when, fact)),
        "band": Band(exception["at_most" if at_most else "at_least"]).label,
    }
    if at_most:
        return _("%(measure)s %(test)s: at most %(band)s") % names
    return _("%(measure)s %(test)s: at least %(band)s") % names


def _tests(when: Mapping[str, Any], fact: Fact | None) -> list[str]:
    scale, sign = scale_of(fact), "%" if scale_of(fact) > 1 else ""
    words = dict(fact.choices) if fact else {}
    said = []
    if when.get("below") is not None:
        said.append(_("below %(edge)s") % {"edge": f"{_number(when['below'] * scale)}{sign}"})
    if when.get("above") is not None:
        said.append(_("above %(edge)s") % {"edge": f"{_number(when['above'] * scale)}{sign}"})
    if when.get("among"):
        said.append(_("is %(words)s") % {"words": _(", ").join(str(words.get(code, code)) for code in when["among"])})
    return said


def _number(value: float) -> str:
    rounded = round(float(value), 6)
    return f"{rounded:g}"

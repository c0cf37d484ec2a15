"""What the linter found, in words: the sentence, what to do, and where."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from accounts.facts import Fact
from common import formats
from health.definition import Document, group_words
from health.editor import scale_of
from health.linter import FAULT, HINT, WARNING, Finding
from health.models import Band
from health.moves import fact_label

TONES = {FAULT: "red", WARNING: "amber", HINT: "unknown"}


class Said(NamedTuple):
    """A finding for people. `tone`: the band whose mark it wears, `severity` its word."""

    tone: str
    severity: str
    text: str
    todo: str


@dataclass(frozen=True)
class _Told:
    """A finding with the words of what it names; its figures are read by their names."""

    finding: Finding
    names: Sequence[str]
    fact: Fact | None

    def __getitem__(self, key: str) -> Any:
        return self.finding.facts[key]

    def number(self, key: str, digits: int = 0) -> str:
        return formats.number(self.finding.facts[key], digits)

    def percent(self, key: str) -> str:
        return formats.percent(self.finding.facts[key])

    def value(self, raw: float) -> str:
        scale, sign = scale_of(self.fact), "%" if scale_of(self.fact) > 1 else ""
        return f"{round(raw * scale, 4):g}{sign}"

    def values(self, key: str) -> str:
        return _(", ").join(self.value(raw) for raw in self.finding.facts[key])


def findings_said(findings: Sequence[Finding], document: Document, facts: Mapping[str, Fact]) -> list[Said]:
    """The findings of a card in words; one whose rule is no longer known is left out."""
    return [said for one in findings if (said := finding_said(one, document, facts))]


def finding_said(one: Finding, document: Document, facts: Mapping[str, Fact]) -> Said | None:
    """One finding in words; None where its rule is no longer known."""
    if one.rule not in _RULES:
        return None
    groups = {group["key"]: group_words(group) for group in document.get("groups", [])}
    severities = {FAULT: _("Fault"), WARNING: _("Doubtful"), HINT: _("For your information")}
    names = [groups[key] if key in groups else fact_label(facts.get(key), key) for key in one.where]
    first = facts.get(one.where[0]) if one.where else None
    text, todo = _RULES[one.rule](_Told(one, names, first))
    return Said(TONES[one.severity], severities[one.severity], text, todo)


def _group_without_weight(told: _Told) -> tuple[str, str]:
    names = {"name": told.names[0], "n": told["measures"]}
    return (
        _("The group “%(name)s” has no weight: its measures (%(n)d) count nothing.") % names,
        _("Give the group a weight, or take its measures off the card."),
    )


def _group_counts_nothing(told: _Told) -> tuple[str, str]:
    names = {"name": told.names[0], "weight": f"{told['weight']:g}"}
    return (
        _("All measures of the group “%(name)s” weigh nothing, so its weight of %(weight)s does nothing.") % names,
        _("Give one of its measures a weight, or remove the group."),
    )


def _flat(told: _Told) -> tuple[str, str]:
    names = {"name": told.names[0], "score": told.number("score"), "share": told.percent("share")}
    return (
        _("%(name)s gives %(score)s whatever its value: %(share)s of the weight only shifts every score.") % names,
        _("Let good and bad values have different scores, or set the weight to 0."),
    )


def _shown_only(told: _Told) -> tuple[str, str]:
    return (
        _("%(name)s weighs nothing: it is shown and never counted.") % {"name": told.names[0]},
        _("Nothing to do if that is meant; else give it a weight."),
    )


def _unreachable(told: _Told) -> tuple[str, str]:
    band = told["band"]
    names = {"band": Band(band).label, "low": told.number("low", 1), "high": told.number("high", 1)}
    if band == Band.GREEN:
        text = _("No account whose data are complete can be “%(band)s”: the best values make %(high)s.")
        return text % names, _("Raise the best scores, lower the edge of the band, or look at the exceptions.")
    if band == Band.RED:
        text = _("No account whose data are complete can be “%(band)s”: the worst values make %(low)s.")
        return text % names, _("Lower the worst scores, raise the edge of the band, or look at the exceptions.")
    text = _("No score is “%(band)s”: scores go from %(low)s to %(high)s, and the edges leave no room between.")
    return text % names, _("Move the edges of the bands apart, or into the range of the scores.")


def _wrong_direction(told: _Told) -> tuple[str, str]:
    names = {"name": told.names[0]}
    text = _("%(name)s: more of it is better, but its score falls when it rises.")
    if not told["rises"]:
        text = _("%(name)s: less of it is better, but its score rises with it.")
    return text % names, _("Turn the scores of its breakpoints around.")


def _middle_range(told: _Told) -> tuple[str, str]:
    names = {"name": told.names[0], "from": told.value(told["from"]), "to": told.value(told["to"])}
    text = _("%(name)s is best from %(from)s to %(to)s and worse on both sides or between.")
    if told["from"] == told["to"]:
        text = _("%(name)s is best at %(from)s and worse on both sides.")
    return text % names, _("Nothing to do if a middle range is meant.")


def _better_lowers(told: _Told) -> tuple[str, str]:
    names = {"name": told.names[0], "n": told["number"], "band": Band(told["band"]).label}
    text = _("Exception %(n)d caps at “%(band)s” for better values of %(name)s than others that it leaves alone.")
    if not told["at_most"]:
        text = _("Exception %(n)d lifts to “%(band)s” for worse values of %(name)s than others that it leaves alone.")
    said = _("A customer who gets better there can get a lower score.")
    return f"{text % names} {said}", _("Turn its edge around (below instead of above), or name other categories.")


def _no_data(told: _Told) -> tuple[str, str]:
    names = {"name": told.names[0], "share": told.percent("share")}
    return (
        _("%(name)s had no data for any account: its %(share)s of the weight goes to the others.") % names,
        _("See that its data come in, or set the weight to 0 until they do."),
    )


def _never_reached(told: _Told) -> tuple[str, str]:
    todo = _("Move them to where the values are, or remove them.")
    if "codes" in told.finding.facts:
        words = {code: str(label) for code, label in told.fact.choices} if told.fact else {}
        names = {"name": told.names[0], "codes": _(", ").join(words.get(code, code) for code in told["codes"])}
        return _("%(name)s: no account was ever in %(codes)s.") % names, _("Nothing to do if they may still come.")
    names = {"name": told.names[0], "points": told.values("points")}
    names |= {"low": told.value(told["low"]), "high": told.value(told["high"])}
    text = _("%(name)s: no value came near the breakpoints %(points)s; values went from %(low)s to %(high)s.")
    return text % names, todo


def _no_variance(told: _Told) -> tuple[str, str]:
    names = {"name": told.names[0], "score": told.number("score"), "n": told["accounts"]}
    return (
        _("%(name)s gives all %(n)d accounts the same score, %(score)s: it tells none from another.") % names,
        _("Move its breakpoints to where the values are, or set the weight to 0."),
    )


def _alike(told: _Told) -> tuple[str, str]:
    names = {"one": told.names[0], "other": told.names[1], "r": told.number("r", 2), "n": told["accounts"]}
    text = _("%(one)s and %(other)s go up and down together (correlation %(r)s over %(n)d accounts): one counts twice.")
    if told["r"] < 0:
        text = _(
            "%(one)s and %(other)s go against one another (correlation %(r)s over %(n)d accounts): they cancel out."
        )
    return text % names, _("Keep the one that a CSM can act on, or halve their weights.")


def _against_outcomes(told: _Told) -> tuple[str, str]:
    names = {"name": told.names[0], "chance": told.percent("chance"), "stayed": told["stayed"], "left": told["left"]}
    text = _(
        "%(name)s was better 90 days before for customers who left (%(left)d) than for those who stayed (%(stayed)d): "
        "one who stayed had the better score in only %(chance)s of the pairs."
    )
    return text % names, _("Look at its direction and back-test the card without it.")


def _unscored(told: _Told) -> tuple[str, str]:
    names = {"without": told["without"], "n": told["accounts"], "minimum": told.percent("minimum")}
    return (
        _("%(without)d of %(n)d accounts have no score: less than %(minimum)s of the weight has data.") % names,
        _("Lower the least coverage, or measure what there is data of."),
    )


def _segment_unreadable(told: _Told) -> tuple[str, str]:
    text = _("The conditions of the segment “%(segment)s” cannot be read: the card takes nobody.")
    return text % {"segment": told["segment"]}, _("Mend the segment, or choose another one for this card.")


def _not_published(_told: _Told) -> tuple[str, str]:
    return _("The card is not published: it takes nobody."), _("Publish its draft, or take the card out of use.")


def _default_missing(told: _Told) -> tuple[str, str]:
    text = _("The default card has no version for the day: accounts that no other card takes have no score.")
    return text, _("Publish the default card.")


def _takes_nobody(_told: _Told) -> tuple[str, str]:
    return (
        _("The card takes no account: nobody is in its segment and stages, or an earlier card takes them."),
        _("Ask it earlier, change whom it takes, or take it out of use."),
    )


_RULES: Mapping[str, Callable[[_Told], tuple[str, str]]] = {
    "group_without_weight": _group_without_weight,
    "group_counts_nothing": _group_counts_nothing,
    "flat": _flat,
    "shown_only": _shown_only,
    "unreachable": _unreachable,
    "wrong_direction": _wrong_direction,
    "middle_range": _middle_range,
    "better_lowers": _better_lowers,
    "no_data": _no_data,
    "never_reached": _never_reached,
    "no_variance": _no_variance,
    "alike": _alike,
    "against_outcomes": _against_outcomes,
    "unscored": _unscored,
    "segment_unreadable": _segment_unreadable,
    "not_published": _not_published,
    "default_missing": _default_missing,
    "takes_nobody": _takes_nobody,
}

"""A definition as a sentence, in the reader's language, and why a document is none."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.segments.definition import CHANGES, RELATIVE, WORDS, Condition, DefinitionFault, Field, Group
from common import formats

FAULTS: Mapping[str, Any] = {
    "no_group": gettext_lazy("The conditions cannot be read. Start again with one condition."),
    "too_deep": gettext_lazy("Groups may stand %(most)d deep in each other, not more."),
    "too_many": gettext_lazy("A segment has at most %(most)d conditions."),
    "no_field": gettext_lazy("The field “%(field)s” is gone. Take the condition out or choose another field."),
    "no_operator": gettext_lazy("%(field)s: choose what to ask of it."),
    "no_text": gettext_lazy("%(field)s: write a text of at most 200 characters."),
    "no_number": gettext_lazy("%(field)s: write a number."),
    "no_choice": gettext_lazy("%(field)s: choose at least one value."),
    "unknown_choice": gettext_lazy("%(field)s: “%(value)s” does not exist (any more). Choose another value."),
    "no_change": gettext_lazy("%(field)s: write by how much, and in how many days."),
    "no_days": gettext_lazy("%(field)s: write a number of days from 0 to %(most)d."),
    "no_day": gettext_lazy("%(field)s: choose a date."),
}
OPERATOR_WORDS: Mapping[str, Any] = {
    "contains": gettext_lazy("contains"),
    "not_contains": gettext_lazy("does not contain"),
    "is": gettext_lazy("is"),
    "is_not": gettext_lazy("is not"),
    "empty": gettext_lazy("is empty"),
    "filled": gettext_lazy("is filled in"),
    "gt": gettext_lazy("is more than"),
    "ge": gettext_lazy("is at least"),
    "lt": gettext_lazy("is less than"),
    "le": gettext_lazy("is at most"),
    "eq": gettext_lazy("is exactly"),
    "between": gettext_lazy("is between"),
    "within_next": gettext_lazy("is within the next … days"),
    "more_ahead": gettext_lazy("is more than … days ahead"),
    "within_last": gettext_lazy("was within the last … days"),
    "more_ago": gettext_lazy("was more than … days ago"),
    "before": gettext_lazy("is before"),
    "after": gettext_lazy("is after"),
    "rose": gettext_lazy("rose by more than"),
    "fell": gettext_lazy("fell by more than"),
    "changed": gettext_lazy("changed by more than"),
}
PATTERNS: Mapping[str, Any] = {
    "contains": gettext_lazy("%(field)s contains “%(value)s”"),
    "not_contains": gettext_lazy("%(field)s does not contain “%(value)s”"),
    "is": gettext_lazy("%(field)s is %(value)s"),
    "is_not": gettext_lazy("%(field)s is not %(value)s"),
    "empty": gettext_lazy("%(field)s is empty"),
    "filled": gettext_lazy("%(field)s is filled in"),
    "gt": gettext_lazy("%(field)s is more than %(value)s"),
    "ge": gettext_lazy("%(field)s is at least %(value)s"),
    "lt": gettext_lazy("%(field)s is less than %(value)s"),
    "le": gettext_lazy("%(field)s is at most %(value)s"),
    "eq": gettext_lazy("%(field)s is exactly %(value)s"),
    "between": gettext_lazy("%(field)s is between %(value)s and %(other)s"),
    "within_next": gettext_lazy("%(field)s is within the next %(value)s"),
    "more_ahead": gettext_lazy("%(field)s is more than %(value)s ahead"),
    "within_last": gettext_lazy("%(field)s was within the last %(value)s"),
    "more_ago": gettext_lazy("%(field)s was more than %(value)s ago"),
    "before": gettext_lazy("%(field)s is before %(value)s"),
    "after": gettext_lazy("%(field)s is after %(value)s"),
    "rose": gettext_lazy("%(field)s rose by more than %(value)s in %(days)s"),
    "fell": gettext_lazy("%(field)s fell by more than %(value)s in %(days)s"),
    "changed": gettext_lazy("%(field)s changed by more than %(value)s in %(days)s"),
}


def fault_text(fault: DefinitionFault) -> str:
    """Why a document is no definition, and what to do."""
    return str(FAULTS[fault.code]) % {name: str(value) if name == "field" else value
                                      for name, value in fault.said.items()}  # fmt: skip


def sentence(group: Group) -> str:
    """The whole definition in words; nothing for one that holds for every account."""
    return _said(group)


def clauses(group: Group) -> list[str]:
    """What stands at the top of the definition, part by part, for chips."""
    if group.any and len(group.parts) > 1:
        return [_said(group)]
    return [_part(part) for part in group.parts]


def _said(group: Group) -> str:
    return (_(" or ") if group.any else _(" and ")).join(_part(part) for part in group.parts)


def _part(part: Condition | Group) -> str:
    if isinstance(part, Condition):
        return condition_text(part)
    text = _said(part)
    return _("(%(conditions)s)") % {"conditions": text} if len(part.parts) > 1 else text


def condition_text(one: Condition) -> str:
    """One condition in words."""
    return str(PATTERNS[one.op]) % {
        "field": one.field.label,
        "value": _value(one),
        "other": value_text(one.field, one.values[1]) if one.op == "between" else "",
        "days": _days(one.days),
    }


def _days(count: int) -> str:
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}


def _value(one: Condition) -> str:
    if not one.values:
        return ""
    if one.op in WORDS:
        words = dict(one.field.choices)
        return _(" or ").join(str(words.get(value, value)) for value in one.values)
    if one.op in RELATIVE:
        return _days(one.values[0])
    if one.op in CHANGES and one.field.unit == "ratio":
        return _("%(count)s points") % {"count": formats.number(one.values[0] * 100)}
    return value_text(one.field, one.values[0])


def value_text(field: Field, value: Any) -> str:
    """A value as people read it: ratios in percent, days by locale."""
    if isinstance(value, date):
        return formats.day(value)
    if not isinstance(value, Decimal):
        return str(value)
    if field.unit == "ratio":
        return formats.percent(value, 0 if (value * 100) == (value * 100).to_integral() else 1)
    digits = max(0, -int(value.normalize().as_tuple().exponent))
    return formats.number(value, min(digits, 4))

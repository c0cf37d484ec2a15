"""What the pages of an import show: its columns, its suggestions, its first rows, its progress."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import formats
from imports.guessing import column, kind_of
from imports.models import Import, ImportRow
from imports.registry import FATES, Target
from imports.services.start import KINDS, NEW
from imports.words import RULES, value_words

FATE_WORDS = {
    "created": (gettext_lazy("New"), "good"),
    "changed": (gettext_lazy("Changed"), "accent"),
    "unchanged": (gettext_lazy("Unchanged"), ""),
    "refused": (gettext_lazy("Refused"), "bad"),
    "back": (gettext_lazy("Put back"), "good"),
    "kept": (gettext_lazy("Left as they are"), "warn"),
}
KIND_WORDS = {
    "text": gettext_lazy("New field: text"),
    "number": gettext_lazy("New field: number"),
    "money": gettext_lazy("New field: money"),
    "date": gettext_lazy("New field: date"),
    "pick": gettext_lazy("New field: choice"),
    "link": gettext_lazy("New field: link"),
}
STATE_TONES = {"done": "good", "failed": "bad", "ready": "accent", "running": "accent", "undone": ""}
SHOWN_EACH = 40
ONE_OF = "one-"  # begins the name of a choice between readings of which one can be accepted
ORDER = gettext_lazy("Day and month can stand in either order: one decision for the column")


def labels_of(target: Target) -> dict[str, str]:
    """What the fields of a target are called, and the parts of things that are none."""
    found = {one.key: str(one.label) for one in target.shown_fields()}
    more = {"two_way": _("Two-way"), "billing_months": _("Months paid for"), "amount": _("Amount")}
    return {**{key: str(words) for key, words in more.items()}, **found}


def moment_words(value: str) -> str:
    """A kept instant as people read it; what is none stays as it is."""
    try:
        return formats.instant(datetime.fromisoformat(value))
    except ValueError:
        return value


class Words:
    """What fields and the codes of their choices are called; choices are looked up once each, where one is shown."""

    def __init__(self, target: Target) -> None:
        self._labels = labels_of(target)
        self._fields = {one.key: one for one in target.shown_fields()}
        self._choices: dict[str, Mapping[str, str]] = {}

    def of(self, changes: Iterable[Any]) -> list[tuple[str, str, str]]:
        """Changes (field, old, new) in words, without those that change nothing."""
        return [
            (self._labels.get(name, name), self._word(name, old), self._word(name, new))
            for name, old, new in changes
            if old != new
        ]

    def _word(self, name: str, value: str) -> str:
        field = self._fields.get(name)
        if field is None or field.options is None:
            return moment_words(value) if field is not None and field.kind == "instant" else value
        if name not in self._choices:
            self._choices[name] = field.options().words
        words = self._choices[name]
        return _(", ").join(str(words.get(one, one)) for one in value.split(_(", ")))


def columns_of(of: Import, target: Target, chosen: Mapping[str, str]) -> list[dict[str, Any]]:
    """The columns of the file: head, first cells, what it is mapped to, and which new field would fit."""
    found = []
    for number, head in enumerate(of.heads):
        cells = column(of.samples, number)
        fits = kind_of(cells) if target.holder and cells else ""
        found.append(
            {
                "number": number, "head": head or _("Column %(n)d") % {"n": number + 1},
                "cells": list(dict.fromkeys(cells))[:3], "chosen": chosen.get(str(number), ""), "fits": fits,
            }
        )  # fmt: skip
    return found


def choices_of(target: Target) -> list[tuple[str, str]]:
    """What a column can be mapped to besides nothing."""
    return [(one.key, f"{one.label} *" if one.required else str(one.label)) for one in target.fields()]


def new_choices(target: Target) -> list[tuple[str, Any]]:
    """The new fields that a column can become."""
    return [(f"{NEW}{kind}", KIND_WORDS[kind]) for kind in KINDS] if target.holder else []


def suggestion_groups(of: Import, labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """The suggestions by field and rule; those of a whole column first."""
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    for one in of.suggestions:
        label, choice = labels.get(one["field"], one["field"]), one.get("one", "")
        rule = RULES.get(one["rule"], one["rule"])
        group = groups.setdefault(
            (one["field"], choice or one["rule"]),
            {
                "label": label, "rule": ORDER if choice else rule, "each": one["each"], "items": [], "more": 0,
                "choice": f"{ONE_OF}{one['field']}" if choice else "", "decided": False, "other": one["other"],
            },
        )  # fmt: skip
        taken = one["key"] in of.accepted
        group["decided"] = group["decided"] or taken
        if len(group["items"]) < SHOWN_EACH:
            group["items"].append({**one, "taken": taken, "says": rule if choice else ""})
        else:
            group["more"] += 1
    return sorted(groups.values(), key=lambda group: group["each"])


def open_counts(of: Import) -> tuple[int, int]:
    """How many decisions are open, and how many rows can only be judged to the end once they are made: those that are
    compared with something else then, or hold no value until then.
    """
    taken = Counter(one["one"] for one in of.suggestions if one.get("one") and one["key"] in of.accepted)
    left = {
        one.get("one") or one["key"]: one for one in reversed(of.suggestions)
        if (taken[one["one"]] != 1 if one.get("one") else one["key"] not in of.accepted)
    }  # fmt: skip
    unknown = [one for one in left.values() if one["rule"] == "same" or (one.get("one") and one["other"])]
    return len(left), sum(one["count"] for one in unknown)


def chosen_keys(of: Import, posted: Mapping[str, list[str]], *, every: bool) -> list[str]:
    """The suggestions that a form names: what is ticked, one of each column's orders; `every`: all likely ones too.

    A choice between orders that was made stands against the likely one.
    """
    made = {name: keys for name, keys in posted.items() if name.startswith(ONE_OF)}
    named = [*posted.get("take", []), *(key for keys in made.values() for key in keys if key)]
    if not every:
        return named
    settled = {name.removeprefix(ONE_OF) for name, keys in made.items() if any(keys)}
    likely = [one for one in of.suggestions if not one["other"]]
    return named + [one["key"] for one in likely if not (one.get("one") and one["field"] in settled)]


def counts_of(of: Import, names: Iterable[str] = FATES) -> list[tuple[Any, str, int]]:
    """The counts with their words."""
    return [(FATE_WORDS[name][0], name, of.counts.get(name, 0)) for name in names]


def previews_of(of: Import, words: Words) -> list[dict[str, Any]]:
    """The first rows of each fate, as they were planned; refused ones first."""
    found = []
    for fate in ("refused", "created", "changed", "unchanged"):
        rows = [{**row, "changes": words.of(row["changes"])} for row in of.preview.get(fate, [])]
        if rows:
            word, tone = FATE_WORDS[fate]
            found.append({"fate": fate, "word": word, "tone": tone, "rows": rows, "count": of.counts.get(fate, 0)})
    return found


def results_of(rows: Iterable[ImportRow], words: Words) -> list[dict[str, Any]]:
    """Rows that were written or refused, as a page shows them."""
    return [
        {
            "line": row.line, "key": row.key, "name": row.name, "reasons": row.reasons,
            "changes": words.of(
                [[n, value_words(row.before.get(n)), value_words(new)] for n, new in row.after.items()][:12]
            ),
        }
        for row in rows
    ]  # fmt: skip


def progress_of(of: Import, at: datetime) -> dict[str, Any]:
    """How far a worker is, and how long it will take at this pace."""
    run = of.run
    if run is None or not run.total:
        return {"done": 0, "total": 0, "remaining": None, "state": "waiting"}
    spent = (at - run.started_at).total_seconds() if run.started_at else 0.0
    left = spent / run.done * (run.total - run.done) if run.done else None
    return {"done": run.done, "total": run.total, "remaining": left, "state": "running" if run.done else "waiting"}

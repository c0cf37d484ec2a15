"""`/styleguide/`: every part of the interface in every state, with invented figures and no database."""

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from common.components import BAND_WORDS, FallRow, Freshness, TimelineItem
from common.navigation import GROUPS, Link
from common.table import Chip, Column, TableState

DAY = date(2026, 11, 21)
COLOURS = (
    *("bg", "surface", "raised", "sunken", "line", "line-strong", "control", "text", "muted", "faint", "accent"),
    *("accent-soft", "good", "good-soft", "warn", "warn-soft", "bad", "bad-soft", "none-soft"),
)


class SampleForm(forms.Form):
    """A form with every kind of control, for the page that shows them."""

    name = forms.CharField(label=_("Name"))
    kind = forms.ChoiceField(label=_("Kind"), choices=())
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea)
    date = forms.DateField(label=_("Date"), widget=forms.DateInput(attrs={"type": "date"}))
    reached = forms.BooleanField(label=_("The customer answered"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, label in (
            ("name", _("Name")),
            ("kind", _("Kind")),
            ("note", _("Note")),
            ("date", _("Date")),
            ("reached", _("The customer answered")),
        ):
            self.fields[key].label = label
        kind = self.fields["kind"]
        if isinstance(kind, forms.ChoiceField):
            kind.choices = [("call", _("Call")), ("visit", _("Visit"))]
        self.fields["note"].help_text = _("What was said, in a sentence or two.")


def styleguide(request: HttpRequest) -> HttpResponse:
    """The page. Needs neither a tenant nor a signed-in person."""
    return render(request, "common/styleguide/index.html", {**_shell(), **_figures(), **_tables(request), **_forms()})


def _shell() -> dict[str, Any]:
    groups = [
        (group.label, [Link(e.name, e.label, e.icon, "#", e.name == "portfolio", e.on_phone) for e in group.entries])
        for group in GROUPS
    ]
    at = datetime(2026, 11, 22, 1, 4, tzinfo=UTC)
    place = pgettext("sample", "Berlin")
    return {
        "sample_groups": groups,
        "sample_user": pgettext("sample", "Mina Köhler"),
        "freshness": Freshness("ok", day=DAY, place=place, started=at),
        "stale": [Freshness("provisional", day=DAY), Freshness("failed", day=DAY, url="#"), Freshness("none")],
        "colours": COLOURS,
    }


def _figures() -> dict[str, Any]:
    weeks = [round(62 + 9 * math.sin(i / 3) - max(0, i - 17) * 5.5, 1) for i in range(26)]
    days = [f"2026-{10 + i // 30:02d}-{1 + i % 30:02d}" for i in range(51)]
    line = {"type": "scatter", "mode": "lines", "x": days, "y": [70 - 0.6 * i + 3 * math.sin(i) for i in range(51)]}
    return {
        "day": DAY,
        "instant": datetime(2026, 11, 22, 1, 4, tzinfo=UTC),
        "renewal": date(2027, 1, 14),
        "bands": [("green", Decimal("86.4")), ("amber", 63), ("red", Decimal("38.5")), ("unknown", None)],
        "band_words": list(BAND_WORDS.values()),
        "weeks": weeks,
        "nothing": [],
        "gappy": [*weeks[:8], None, None, None, *weeks[11:]],
        "levels": [
            FallRow(_("Active users, trend"), 11.2, 30, _("weight %(weight)s") % {"weight": 30}),
            FallRow(_("Breadth of use"), 16.5, 20, _("weight %(weight)s") % {"weight": 20}),
            FallRow(_("Depth of use"), 6.1, 25, _("weight %(weight)s") % {"weight": 25}),
            FallRow(_("Days silent"), 4.7, 25, _("weight %(weight)s") % {"weight": 25}),
        ],
        "changes": [
            FallRow(_("Active users, trend"), -12.4),
            FallRow(_("Days silent"), -7.1),
            FallRow(_("Depth of use"), -3.6),
            FallRow(_("Breadth of use"), 2.1),
            FallRow(_("Scorecard 7 → 8"), 0, muted=True),
        ],
        "happened": [
            TimelineItem(date(2026, 11, 20), _("Use down"), _("Active users 112 → 61 in four weeks."), "bad"),
            TimelineItem(date(2026, 11, 18), _("Call"), _("Training of the second shift agreed."), "accent", "#"),
            TimelineItem(date(2026, 11, 5), _("Import"), _("Seats 200 → 240"), who=pgettext("sample", "Mina Köhler")),
        ],
        "heat_rows": [
            (_("Schedules"), [0.9, 0.85, 0.8, 0.82, 0.7, 0.6, 0.45, 0.3]),
            (_("Reports"), [0.2, 0.25, 0.2, 0.3, 0.35, 0.4, 0.35, 0.5]),
            (_("Interfaces"), [None, None, None, None, 0, 0, 0, 0]),
        ],
        "heat_columns": [f"{41 + i}" for i in range(8)],
        "figure": {"data": [{**line, "name": _("Health score")}], "layout": {"yaxis": {"range": [0, 100]}}},
    }


def _tables(request: HttpRequest) -> dict[str, Any]:
    columns = (
        Column("name", _("Account"), fixed=True),
        Column("health", _("Health, 7 days"), definition=_("The score of the last closed day, 0 to 100.")),
        Column("wau", _("Active users, 26 weeks"), sortable=False, priority=2),
        Column("breadth", _("Breadth of use"), priority=3),
        Column("silent", _("Silent"), numeric=True, priority=3),
        Column("renewal", _("Renewal"), priority=2),
        Column("arr", _("ARR"), numeric=True),
        Column("why", _("Why"), sortable=False, priority=3),
    )
    long_name = pgettext("sample", "Very Long Company Name of the Northern Machine Works and Sons, Limited Partnership")
    names = [pgettext("sample", "Harbor Logistics"), pgettext("sample", "Meridian Health"), long_name]
    rows = [
        {"name": names[0], "band": "red", "score": 38, "change": -21, "breadth": 0.31, "silent": 47, "arr": 184000},
        {"name": names[1], "band": "amber", "score": 63, "change": 4, "breadth": 0.58, "silent": 12, "arr": 412000},
        {"name": names[2], "band": "green", "score": 91, "change": 0, "breadth": 1.0, "silent": 3, "arr": 1280000},
        {
            "name": pgettext("sample", "Tidewater Foods"),
            "band": "unknown",
            "score": None,
            "change": None,
            "breadth": None,
            "silent": None,
            "arr": 31900,
        },
    ]
    state = TableState.read(request.GET, columns, "-arr")
    chips = [Chip(_("CSM is me"), "?"), Chip(_("stage is not churned"), "?")]
    return {"table": state, "rows": rows, "chips": chips}


def _forms() -> dict[str, Any]:
    wrong = SampleForm({"wrong-name": "", "wrong-kind": "call", "wrong-date": ""}, prefix="wrong")
    return {"form": SampleForm(), "wrong": wrong}

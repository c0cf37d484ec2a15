"""Scorecards to start from, by kind of product and stage of the customer."""

import copy
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from health.definition import STARTING_DOCUMENT, Document

Point = tuple[float, float]
BANDS = {"green": 75, "amber": 50}


@dataclass(frozen=True)
class Starter:
    """A scorecard to start from: for whom it is meant, and what it says."""

    key: str
    name: str | Promise
    text: str | Promise
    document: Document


def _measure(key: str, weight: float, *points: Point, **more: Any) -> Document:
    return {"key": key, "weight": weight, "breakpoints": [[x, y] for x, y in points], "missing": "skip", **more}


def _group(key: str, weight: float, *measures: Document) -> Document:
    return {"key": key, "weight": weight, "measures": list(measures)}


def _document(*groups: Document, coverage: float = 0.5, exceptions: list[Document] | None = None) -> Document:
    document: Document = {"minimum_coverage": coverage, "bands": dict(BANDS), "groups": list(groups)}
    return {**document, "exceptions": exceptions} if exceptions else document


_SILENT = _measure("days_silent", 60, (14, 100), (30, 75), (60, 35), (120, 0))
_PULSE = {
    "key": "pulse", "weight": 40, "missing": "skip", "max_age": 60,
    "categories": [["good", 100], ["mixed", 50], ["bad", 0]],
}  # fmt: skip
_BAD_PULSE = {"when": {"measure": "pulse", "among": ["bad"]}, "at_most": "amber"}

_DAILY = _document(
    _group(
        "activity", 40,
        _measure("usage_trend", 40, (0.4, 0), (0.8, 55), (1, 85), (1.15, 100)),
        _measure("stickiness", 35, (0.05, 0), (0.2, 55), (0.45, 100)),
        _measure("login_ratio", 25, (0.1, 0), (0.4, 60), (0.75, 100)),
    ),
    _group(
        "adoption", 30,
        _measure("activation_rate", 40, (0.2, 0), (0.6, 60), (0.9, 100)),
        _measure("breadth", 30, (0.1, 0), (0.5, 60), (0.9, 100)),
        _measure("depth", 30, (0.05, 0), (0.35, 60), (0.7, 100)),
    ),
    _group("relationship", 20, _SILENT, _PULSE),
    _group(
        "support", 10,
        _measure("tickets_30", 50, (0, 60), (2, 100), (10, 100), (25, 20)),
        _measure("satisfaction_90", 50, (2, 0), (3.5, 50), (4.6, 100)),
    ),
    exceptions=[_BAD_PULSE],
)  # fmt: skip
_PERIODIC = _document(
    _group(
        "activity", 30,
        _measure("usage_trend", 60, (0.3, 0), (0.7, 55), (1, 90), (1.1, 100)),
        _measure("activation_rate", 40, (0.1, 0), (0.4, 60), (0.7, 100)),
    ),
    _group(
        "adoption", 40,
        _measure("breadth", 50, (0.1, 0), (0.4, 60), (0.8, 100)),
        _measure("application_gap", 50, (0.2, 100), (0.5, 50), (0.9, 0)),
    ),
    _group("relationship", 30, _SILENT, _PULSE),
    exceptions=[_BAD_PULSE],
)  # fmt: skip
_START = _document(
    _group(
        "start", 60,
        _measure("activation_rate", 50, (0.05, 0), (0.3, 55), (0.7, 100)),
        _measure("breadth", 25, (0, 0), (0.3, 60), (0.6, 100)),
        _measure("days_in_stage", 25, (30, 100), (60, 60), (120, 0)),
    ),
    _group("relationship", 40, _measure("days_silent", 60, (7, 100), (14, 70), (30, 0)), _PULSE),
    coverage=0.4,
    exceptions=[{"when": {"measure": "days_silent", "above": 45}, "at_most": "red"}, _BAD_PULSE],
)  # fmt: skip
_RENEWAL = _document(
    _group(
        "activity", 35,
        _measure("usage_trend", 60, (0.5, 0), (0.85, 55), (1, 85), (1.1, 100)),
        _measure("login_ratio", 40, (0.1, 0), (0.4, 60), (0.75, 100)),
    ),
    _group("adoption", 25, _measure("breadth", 50, (0.2, 0), (0.6, 70), (0.9, 100)),
           _measure("application_gap", 50, (0.1, 100), (0.4, 50), (0.8, 0))),
    _group(
        "relationship", 30, _SILENT, _PULSE,
        _measure("decision_makers_known", 20, (0, 0), (1, 80), (2, 100), missing=0),
        _measure("champions_known", 20, (0, 10), (1, 80), (2, 100), missing=10),
    ),
    _group("outcome", 10, _measure("nps_90", 100, (-50, 0), (0, 50), (50, 100))),
    exceptions=[{"when": {"measure": "decision_makers_known", "below": 1}, "at_most": "amber"}, _BAD_PULSE],
)  # fmt: skip

STARTERS = (
    Starter(
        "general", gettext_lazy("General"),
        gettext_lazy("The card every tenant starts with: activity, adoption and contact."), STARTING_DOCUMENT,
    ),
    Starter(
        "daily", gettext_lazy("A product used every day"),
        gettext_lazy("Collaboration, CRM, support desks: who comes daily, how many, and whether that falls."), _DAILY,
    ),
    Starter(
        "periodic", gettext_lazy("A product used by the month"),
        gettext_lazy("Finance, HR, reporting: few visits are normal; what counts is which functions are used."),
        _PERIODIC,
    ),
    Starter(
        "start", gettext_lazy("Customers who begin"),
        gettext_lazy("From configuration to go-live: first users, first features, time in the stage, close contact."),
        _START,
    ),
    Starter(
        "renewal", gettext_lazy("Customers before their renewal"),
        gettext_lazy("Use that holds, functions in use, a decision maker and a champion who are known, what they say."),
        _RENEWAL,
    ),
)  # fmt: skip


def starters() -> tuple[Starter, ...]:
    """What a card can be started from."""
    return STARTERS


def starter_document(key: str) -> Document:
    """The document of a starter; raises ValidationError by field."""
    found = next((starter for starter in STARTERS if starter.key == key), None)
    if found is None:
        raise ValidationError({"starter": _("Choose what to start from.")})
    return copy.deepcopy(found.document)

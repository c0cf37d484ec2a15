"""A finished rescoring in charts, rows and words."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from common import formats
from health.inputs import facts_of
from health.models import Band, Rescoring
from health.moves import fact_label
from health.services import History

Row = dict[str, Any]
ORDER = ("green", "amber", "red", "unknown")
_COLOURS = {"green": "--good", "amber": "--warn", "red": "--bad", "unknown": "--muted"}
ONE_PERCENT = 0.01  # less than half of it would be told as none
_RANK = {"red": 0, "amber": 1, "green": 2}


def report(run: Rescoring, *, by_arr: bool) -> Row:
    """What the page shows: shares of accounts, or of their ARR, per band over time, then and rescored."""
    points, place = run.result["points"], 1 if by_arr else 0
    facts = facts_of(run.result["anew"])
    return {
        "figures": [
            ("then", _("As reported then"), _figure(points, "then", place), _said(points, "then", place)),
            ("rescored", under(run), _figure(points, "rescored", place), _said(points, "rescored", place)),
        ],
        "size": History(run.first, run.last, run.rows, run.accounts),
        "under": under(run),
        "bands": [Band(band).label for band in ORDER],
        "known_only": sum(not _reported(point) for point in points),
        "points": len(points),
        "every": run.result["every"],
        "moved": _moved(run.result["bands"]),
        "sums": _sums(run.result["bands"]),
        "rows": _rows(points[-1], place) if points else [],
        "last": date.fromisoformat(points[-1]["day"]) if points else None,
        "anew": [fact_label(facts.get(key), key) for key in run.result["anew"]],
    }


def under(run: Rescoring) -> str:
    """Which version it is."""
    return _("Under version %(number)d") % {"number": run.version.number}


def _reported(point: Mapping[str, Any]) -> bool:
    return any(count for count, _arr in point["reported"].values())


def _side(point: Mapping[str, Any], side: str) -> Mapping[str, Any]:
    """A side of a day; what was never reported is as known now."""
    found: Mapping[str, Any] = point["rescored"] if side == "rescored" else point["reported"]
    return found if side == "rescored" or _reported(point) else point["known"]


def _shares(point: Mapping[str, Any], side: str, place: int) -> dict[str, float]:
    found = {band: values[place] for band, values in _side(point, side).items()}
    whole = sum(found.values())
    return {band: value / whole if whole else 0.0 for band, value in found.items()}


def _figure(points: list[Any], side: str, place: int) -> Row:
    days = [point["day"] for point in points]
    shares = [_shares(point, side, place) for point in points]
    data = [
        {
            "type": "bar",
            "name": str(Band(band).label),
            "x": days,
            "y": [round(share[band] * 100, 2) for share in shares],
            "marker": {"color": _COLOURS[band]},
        }
        for band in ("red", "amber", "green", "unknown")
        if any(share[band] for share in shares)
    ]
    axis = {"range": [0, 100], "ticksuffix": "%"}
    return {"data": data, "layout": {"barmode": "stack", "bargap": 0.06, "yaxis": axis, "height": 280}}


def _said(points: list[Any], side: str, place: int) -> str:
    if not points:
        return ""
    first, last = (_shares(point, side, place) for point in (points[0], points[-1]))
    return _("Healthy: %(first)s on %(from)s, %(last)s on %(to)s; at risk: %(red)s and %(red_last)s.") % {
        "first": formats.percent(first["green"]),
        "from": formats.day(date.fromisoformat(points[0]["day"])),
        "last": formats.percent(last["green"]),
        "to": formats.day(date.fromisoformat(points[-1]["day"])),
        "red": formats.percent(first["red"]),
        "red_last": formats.percent(last["red"]),
    }


def _moved(bands: Mapping[str, Mapping[str, int]]) -> list[Row]:
    """Account days by the band of then, with how many get which band now."""
    return [
        {
            "band": Band(old),
            "cells": [(bands[old][new], old == new) for new in ORDER],
        }
        for old in ORDER
        if sum(bands[old].values())
    ]


def _sums(bands: Mapping[str, Mapping[str, int]]) -> Row:
    """Shares of the account days whose band would be the same, better, worse; the rest has a score on one side only."""
    cells = [(old, new, count) for old, row in bands.items() for new, count in row.items()]
    whole = sum(count for *_bands, count in cells) or 1
    both = [(_RANK[new] - _RANK[old], count) for old, new, count in cells if old in _RANK and new in _RANK]
    one_sided = sum(count for old, new, count in cells if (old == "unknown") != (new == "unknown"))
    return {
        "same": sum(count for old, new, count in cells if old == new) / whole,
        "better": sum(count for step, count in both if step > 0) / whole,
        "worse": sum(count for step, count in both if step < 0) / whole,
        "one_sided": one_sided / whole if one_sided / whole >= ONE_PERCENT / 2 else 0,
    }


def _rows(point: Mapping[str, Any], place: int) -> list[Row]:
    """The last day: per band what was reported and what it would be."""
    then, now = _side(point, "then"), point["rescored"]
    shares = _shares(point, "then", place), _shares(point, "rescored", place)
    return [
        {
            "band": Band(band),
            "then": then[band][place],
            "now": now[band][place],
            "then_share": shares[0][band],
            "now_share": shares[1][band],
        }
        for band in ORDER
        if then[band][0] or now[band][0]
    ]

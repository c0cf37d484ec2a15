"""The account page's charts: plotly figures as plain data, and the words that say the same."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from common import formats

GREY = "rgba(128,128,128,0.7)"  # one that holds in both themes


def _series(name: str, days: list[str], values: list[Any], **more: Any) -> dict[str, Any]:
    kind = {"type": "scatter", "mode": "lines", "connectgaps": False, "line": {"width": 1.6}}
    return {**kind, "name": name, "x": days, "y": values, **more}


def score_figure(
    scores: Sequence[Any], beside: Sequence[Any] = (), names: tuple[str, str] = ("", "")
) -> dict[str, Any]:
    """The score per day, with a mark where another version of the scorecard began.

    `beside`: other scores of the same days, as a thin line; `names`: what the two lines are called.
    """
    days = [score.day.isoformat() for score in scores]
    values = [None if score.score is None else float(score.score) for score in scores]
    marks = [
        (new.day.isoformat(), _mark_words(old.version, new.version))
        for old, new in zip(scores, scores[1:], strict=False)
        if old.version_id != new.version_id
    ]
    line = {"width": 1, "dash": "dot", "color": GREY}
    shapes = [{"type": "line", "x0": d, "x1": d, "y0": 0, "y1": 1, "yref": "paper", "line": line} for d, _n in marks]
    notes = [
        {"x": day, "y": 1, "yref": "paper", "text": words, "showarrow": False,
         "xanchor": "left", "yanchor": "top", "font": {"size": 11}} for day, words in marks
    ]  # fmt: skip
    layout = {"yaxis": {"range": [0, 102]}, "shapes": shapes, "annotations": notes, "showlegend": bool(beside)}
    data = [_series(names[0] or _("Health score"), days, values)]
    if beside:
        thin = {"width": 1.2, "dash": "dot", "color": GREY}
        points = [None if score.score is None else float(score.score) for score in beside]
        data.append(_series(names[1], [score.day.isoformat() for score in beside], points, line=thin))
    return {"data": data, "layout": layout}


def _mark_words(old: Any, new: Any) -> str:
    """Which scorecard or version begins here."""
    if old.scorecard_id != new.scorecard_id:
        return _("“%(card)s” v%(number)d") % {"card": new.scorecard, "number": new.number}
    return _("scorecard v%(number)d") % {"number": new.number}


def score_words(scores: Sequence[Any]) -> str:
    """What the score chart shows, in a sentence."""
    known = [score for score in scores if score.score is not None]
    if not known:
        return _("No score in this time.")
    low, high = min(known, key=lambda s: s.score), max(known, key=lambda s: s.score)
    return _("%(first)s on %(from)s, %(last)s on %(to)s; lowest %(low)s, highest %(high)s.") % {
        "first": formats.number(known[0].score),
        "from": formats.day(known[0].day),
        "last": formats.number(known[-1].score),
        "to": formats.day(known[-1].day),
        "low": formats.number(low.score),
        "high": formats.number(high.score),
    }


def users_figure(metrics: Sequence[Any]) -> dict[str, Any]:
    """Active users: daily, weekly, monthly."""
    days = [metric.day.isoformat() for metric in metrics]
    data = [
        _series(_("Monthly (30 days)"), days, [m.mau for m in metrics]),
        _series(_("Weekly (7 days)"), days, [m.wau for m in metrics]),
        _series(_("Daily"), days, [m.dau for m in metrics], line={"width": 1}),
    ]
    return {"data": data, "layout": {"yaxis": {"rangemode": "tozero"}}}


def stickiness_figure(metrics: Sequence[Any]) -> dict[str, Any]:
    """Stickiness in percent."""
    days = [metric.day.isoformat() for metric in metrics]
    values = [None if m.stickiness is None else round(m.stickiness * 100, 2) for m in metrics]
    layout = {"yaxis": {"rangemode": "tozero", "ticksuffix": "%"}, "showlegend": False}
    return {"data": [_series(_("Stickiness"), days, values)], "layout": layout}


def minutes_figure(metrics: Sequence[Any]) -> dict[str, Any]:
    """Minutes online per day."""
    days = [metric.day.isoformat() for metric in metrics]
    bars = {"type": "bar", "name": _("Minutes"), "x": days, "y": [round(m.minutes_online, 1) for m in metrics]}
    return {"data": [bars], "layout": {"yaxis": {"rangemode": "tozero"}, "showlegend": False, "bargap": 0}}


def users_words(metrics: Sequence[Any]) -> str:
    """What the users chart shows, in a sentence."""
    if not metrics:
        return _("No activity is known.")
    top = max(metrics, key=lambda m: m.mau)
    return _("Monthly active users: %(first)s at first, %(last)s now, most %(top)s on %(day)s.") % {
        "first": formats.number(metrics[0].mau),
        "last": formats.number(metrics[-1].mau),
        "top": formats.number(top.mau),
        "day": formats.day(top.day),
    }

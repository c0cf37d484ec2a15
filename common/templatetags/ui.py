"""The parts of the interface as template tags: `{% load ui %}`. `/styleguide/` shows each with its parameters."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.http import HttpRequest
from django.template import Context
from django.utils.safestring import SafeString

from common import components, formats, icons, navigation
from common.table import TableState

register = template.Library()

register.simple_tag(icons.icon, name="icon")
register.simple_tag(components.band_line, name="band")
register.simple_tag(components.mark, name="mark")
register.simple_tag(components.delta, name="delta")
register.simple_tag(components.spark, name="spark")
register.simple_tag(components.meter, name="meter")
register.simple_tag(components.undefined, name="undefined")
register.simple_tag(components.metric, name="metric")
register.simple_tag(components.hint, name="hint")


@register.simple_tag(takes_context=True)
def tenant_url(context: Context, name: str, *args: object, **kwargs: object) -> str:
    """The path of a page of the request's tenant; "" while that page does not exist."""
    return navigation.tenant_path(_request(context), name, *args, **kwargs)


@register.simple_tag(takes_context=True)
def navigation_groups(context: Context) -> list[tuple[Any, list[navigation.Link]]]:
    """The navigation of the signed-in member: groups of links, by role."""
    if "sample_groups" in context:
        return list(context["sample_groups"])
    request = _request(context)
    member = getattr(request, "member", None)
    role = str(getattr(member, "role", "") or context.get("role", ""))
    return navigation.links_for(request, role)


@register.simple_tag
def gap() -> str:
    """What stands between two sentences: a space, in Chinese nothing."""
    return formats.sentences(["", ""])


@register.simple_tag
def value(
    amount: float | Decimal | date | datetime | None, kind: str = "number", reason: str = "", **options: Any
) -> SafeString | str:
    """Any value by kind (a key of `FORMATS`); None is a dash with its reason."""
    if amount is None:
        return components.undefined(reason)
    text: str = FORMATS[kind](amount, **options)
    if isinstance(amount, date):
        return components.time_tag(amount, text)
    return text


FORMATS: dict[str, Any] = {
    "number": formats.number,
    "percent": formats.percent,
    "money": formats.money,
    "money_short": formats.money_short,
    "signed": formats.signed,
    "day": formats.day,
    "instant": formats.instant,
    "days": formats.days,
}


@register.simple_tag
def minutes(amount: float | None) -> SafeString | str:
    """A time in minutes as people say it."""
    return components.undefined() if amount is None else formats.minutes(amount)


@register.simple_tag
def hours(amount: float | None) -> SafeString | str:
    """A time in hours as people say it."""
    return components.undefined() if amount is None else formats.minutes(amount * 60)


@register.simple_tag
def due(value: date, today: date) -> str:
    """What is to be done by a day, in words: "overdue by 3 days", "due today", "due in 5 days"."""
    return formats.due(value, today)


@register.simple_tag
def due_on(value: date, today: date) -> str:
    """The same with the day itself: "overdue by 3 days, 19 Nov"."""
    return formats.due_on(value, today)


@register.simple_tag
def days_from(value: date, as_of: date) -> str:
    """How far a date lies from another in words: "in 53 days", "12 days ago"."""
    return formats.days_from(value, as_of)


@register.filter
def initials(name: object) -> str:
    """One or two letters for a person's or tenant's mark; one ideograph for a Chinese name."""
    words = str(name).split()
    if not words:
        return "?"
    if ord(words[0][0]) > 0x2E7F:
        return words[0][0]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


@register.inclusion_tag("common/field.html")
def field(bound: BoundField, help: str = "", **attrs: str) -> dict[str, object]:
    """A form field with label, help and errors. Extra attributes go to the control, `_` written for `-`."""
    widget = bound.field.widget
    extra: dict[str, str | bool] = {name.replace("_", "-"): text for name, text in attrs.items()}
    return {
        "field": bound,
        "control": bound.as_widget(attrs=extra),
        "help": help or bound.help_text,
        "check": isinstance(widget, CheckboxInput),
        "many": isinstance(widget, CheckboxSelectMultiple | RadioSelect),
    }


@register.inclusion_tag("common/note.html")
def note(
    title: str, text: str = "", tone: str = "", items: Sequence[str] = (), url: str = "", action: str = ""
) -> dict[str, object]:
    """What happened, what was kept and what to do. Tones: "", good, warn, bad."""
    picture = {"bad": "error", "warn": "warning", "good": "success"}.get(tone, "info")
    names = {"title": title, "text": text, "tone": tone, "items": items}
    return {**names, "url": url, "action": action, "picture": picture}


@register.inclusion_tag("common/empty.html")
def empty(
    title: str,
    text: str = "",
    picture: str = "info",
    url: str = "",
    action: str = "",
    more_url: str = "",
    more: str = "",
) -> dict[str, object]:
    """An empty place that teaches the next step: title, one sentence, one action, perhaps a second."""
    names = {"title": title, "text": text, "picture": picture}
    return {**names, "url": url, "action": action, "more_url": more_url, "more": more}


@register.inclusion_tag("common/progress.html")
def progress(
    label: str,
    done: int = 0,
    total: int = 0,
    state: str = "running",
    remaining: float | None = None,
    url: str = "",
    result_url: str = "",
    message: str = "",
) -> dict[str, object]:
    """Long work: counts, remaining seconds, and `url`, polled each second while it runs.

    States: waiting, running, done, failed."""
    names = {"label": label, "done": done, "total": total, "state": state, "url": url}
    left = formats.span(remaining) if remaining is not None and state == "running" else ""
    return {**names, "remaining": left, "result_url": result_url, "message": message}


@register.inclusion_tag("common/fall.html")
def fall(
    rows: Sequence[components.FallRow],
    caption: str,
    total: float | Decimal | None = None,
    total_label: str = "",
    signed: bool = True,
) -> dict[str, object]:
    """The explanation of a score or of its change, a row per measure, summing to the total."""
    said = "" if total is None else (formats.signed(total, 1) if signed else formats.number(total, 1))
    whole = None if total is None else Decimal(str(total))
    return {"bars": components.fall_bars(rows, whole), "caption": caption, "total": said, "total_label": total_label}


@register.inclusion_tag("common/timeline.html")
def timeline(items: Sequence[components.TimelineItem]) -> dict[str, object]:
    """What happened, newest first as given."""
    return {"items": [(item, formats.day(item.at, "short")) for item in items]}


@register.inclusion_tag("common/heat.html")
def heat(rows: Sequence[tuple[str, Sequence[float | None]]], columns: Sequence[str], caption: str) -> dict[str, object]:
    """A strip per row: ratios 0…1 in five steps, None hatched; each cell says its figure."""
    cells = [
        (label, [(components.heat_level(v), "–" if v is None else formats.percent(v)) for v in values])
        for label, values in rows
    ]
    return {"rows": cells, "columns": columns, "caption": caption}


@register.inclusion_tag("common/plot.html")
def plot(
    key: str, figure: dict[str, Any], title: str, alt: str, csv_url: str = "", note: str = ""
) -> dict[str, object]:
    """An exploring chart: a plotly figure (data, layout), a title that states what it shows, words and CSV.

    The figure is an attribute: a part of a page that htmx fetches may hold no script element, not even one of data.
    """
    names = {
        "key": key,
        "figure": json.dumps(figure, cls=DjangoJSONEncoder),
        "title": title,
        "alt": alt,
        "csv_url": csv_url,
    }
    return {**names, "note": note, "locale": formats.active_locale().language}


@register.inclusion_tag("common/table_head.html")
def table_head(state: TableState, pick: bool = False) -> dict[str, object]:
    """The header row of a table: sort links, definitions, and a box that selects all when `pick`."""
    return {"cells": state.head(), "pick": pick}


@register.inclusion_tag("common/says.html")
def says(subject: str, state: TableState, chips: Sequence[Any] = (), add_id: str = "") -> dict[str, object]:
    """The filters as a sentence: "Accounts where CSM is me and … sorted by ARR". `add_id` is a dialog to open."""
    return {"subject": subject, "state": state, "chips": chips, "add_id": add_id}


@register.inclusion_tag("common/column_menu.html")
def column_menu(state: TableState) -> dict[str, object]:
    """The column chooser: a form that sends the chosen columns with the query as it is."""
    shown = {column.key for column in state.visible}
    choices = [(column, column.key in shown) for column in state.columns if not column.fixed]
    return {"state": state, "choices": choices}


def _request(context: Context) -> HttpRequest | None:
    request = context.get("request")
    return request if isinstance(request, HttpRequest) else None

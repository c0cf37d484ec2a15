"""The parts that stand in thousands of cells, built in Python because a template per cell would be slow.

Each answers safe HTML for the active language; everything that came from a person is escaped. Colour never
stands alone: a band is colour, shape and word, a change is an arrow and a number.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache, wraps
from typing import Literal, ParamSpec

from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from common import formats
from common.icons import icon

Text = str | Promise
Tone = Literal["", "good", "warn", "bad", "accent"]
Arguments = ParamSpec("Arguments")

BAND_WORDS: dict[str, Promise] = {
    "green": _("Healthy"),
    "amber": _("Watch"),
    "red": _("At risk"),
    "unknown": _("No score"),
}
BAND_SHAPES = {
    "green": "M5 0a5 5 0 1 0 0 10A5 5 0 0 0 5 0",
    "amber": "M5 .4 10 9.6H0z",
    "red": "M.5.5h9v9h-9z",
    "unknown": "M0 3.8h10v2.4H0z",
}
EMPTY = SafeString("")


@dataclass(frozen=True)
class Freshness:
    """How fresh a page's figures are. `day` is the last closed day they reach; `message` is said when loud."""

    state: Literal["ok", "provisional", "failed", "none"]
    day: date | None = None
    place: str = ""
    started: datetime | None = None
    message: Text = ""
    url: str = ""


@dataclass(frozen=True)
class FallRow:
    """One row of an explanation. With `out_of` the bar fills a share; without, it leaves the middle axis."""

    label: Text
    value: float | Decimal
    out_of: float | Decimal | None = None
    note: Text = ""
    muted: bool = False


@dataclass(frozen=True)
class TimelineItem:
    """One thing that happened to an account, on a tenant-local day."""

    at: date
    title: Text
    text: Text = ""
    tone: Tone = ""
    url: str = ""
    who: Text = ""


def remembered(part: Callable[Arguments, SafeString]) -> Callable[Arguments, SafeString]:
    """Keep what a part looks like, per language and arguments: a table shows the same few hundred again and again.

    For parts whose arguments take few values, such as rounded figures; never for what a person wrote. Types count:
    safe text and plain text of the same letters are two things.
    """

    @lru_cache(maxsize=4096, typed=True)
    def in_language(language: str | None, *args: Arguments.args, **kwargs: Arguments.kwargs) -> SafeString:
        return part(*args, **kwargs)

    @wraps(part)
    def answer(*args: Arguments.args, **kwargs: Arguments.kwargs) -> SafeString:
        return in_language(get_language(), *args, **kwargs)  # type: ignore[arg-type]  # such parts take what can be hashed

    return answer


def band(
    band: str,
    score: float | Decimal | None = None,
    *,
    provisional: bool = False,
    reason: Text = "",
    large: bool = False,
    by_hand: Text = "",
) -> SafeString:
    """The health band: shape, whole score half up, and word. `reason` says why there is none, or anything else.

    `by_hand`: the band was set by a person, with what there is to know of that; a hand marks it.
    """
    name = band if band in BAND_SHAPES else "unknown"
    shape = format_html('<svg viewBox="0 0 10 10" aria-hidden="true"><path d="{}"/></svg>', BAND_SHAPES[name])
    figure = "" if score is None or name == "unknown" else formats.number(score)
    css = f"band {name}" + (" provisional" if provisional else "") + (" large" if large else "")
    title = format_html(' title="{}"', by_hand or reason) if by_hand or reason else EMPTY
    hand, tag = _hand(by_hand) if by_hand else EMPTY, '<span class="{}"{}>{}{} <span class="word">{}</span>{}</span>'
    return format_html(tag, css, title, shape, figure, BAND_WORDS[name], hand)


def _hand(said: Text) -> SafeString:
    tag = '<span class="by-hand">{}<span class="visually-hidden">{}</span></span>'
    return format_html(tag, icon("hand"), said)


def mark(tone: str, word: Text) -> SafeString:
    """A state as colour, shape and word: `tone` is a band's name."""
    name = tone if tone in BAND_SHAPES else "unknown"
    shape = format_html('<svg viewBox="0 0 10 10" aria-hidden="true"><path d="{}"/></svg>', BAND_SHAPES[name])
    return format_html('<span class="band {}">{} <span class="word">{}</span></span>', name, shape, word)


def delta(value: float | Decimal | None, *, digits: int = 0, since: Text = "", better: str = "up") -> SafeString:
    """A change with arrow and size, green when it went the `better` way; nothing for None, a dash for zero."""
    if value is None:
        return EMPTY
    size = formats.rounded(value, digits)
    if size == 0:
        return format_html('<span class="delta">{}</span>', gettext("no change"))
    up = size > 0
    arrow, words = ("↑", gettext("up")) if up else ("↓", gettext("down"))
    css = "up" if up == (better == "up") else "down"
    return format_html(
        '<span class="delta {}" title="{}"><span aria-hidden="true">{}</span>'
        '<span class="visually-hidden">{}</span> {}</span>',
        css,
        since,
        arrow,
        words,
        formats.number(abs(size), digits),
    )


def band_line(
    name: str,
    score: float | Decimal | None = None,
    *,
    change: float | Decimal | None = None,
    since: Text = "",
    coverage: float | Decimal | None = None,
    provisional: bool = False,
    uncertain: Text = "",
    reason: Text = "",
    large: bool = False,
    by_hand: Text = "",
) -> SafeString:
    """A band with all that qualifies it: change, coverage (ratio), provisional day, uncertainty, whether set by hand.

    A template hands over "" for a figure of a score that does not exist; that counts as None.
    """
    score, change, coverage = (None if figure == "" else figure for figure in (score, change, coverage))
    parts = [delta(change, since=since)] if change is not None else []
    if coverage or coverage == 0:  # a template says "" where there is no score
        parts.append(format_html("<span>{}</span>", gettext("%s covered") % formats.percent(coverage)))
    if provisional:
        parts.append(format_html('<span class="flag">{}</span>', gettext("provisional")))
    if uncertain and not by_hand:  # a band that a person set is theirs, whatever the score may be
        why = gettext("What is missing could still put the score in another band.")
        parts.append(format_html('<span class="flag" title="{}">{}</span>', why, uncertain))
    more = format_html_join(" ", "{}", ((part,) for part in parts))
    head = band(name, score, provisional=provisional, reason=reason, large=large, by_hand=by_hand)
    return format_html('{}<span class="band-more">{}</span>', head, more) if parts else head


def undefined(reason: Text = "") -> SafeString:
    """The dash of a value that is not defined, with its reason at hand."""
    return format_html('<span class="undefined" title="{}">–</span>', reason or gettext("Not defined"))


def spark(
    values: Sequence[float | None], label: Text, *, wide: bool = False, width: int = 92, height: int = 24
) -> SafeString:
    """A line of values from zero up, gaps for None, with its first, last and highest value in words."""
    known = [value for value in values if value is not None]
    if not known:
        return undefined(gettext("No data yet"))
    if wide:
        width, height = 640, 112
    top = max(max(known), 1e-9)
    floor, rise = height - 3, (height - 6) / top
    points = [
        None if value is None else f"{x} {floor - value * rise:.1f}"
        for x, value in zip(_steps(len(values), width), values, strict=True)
    ]
    said = gettext("%(label)s: from %(first)s to %(last)s, highest %(top)s") % {
        "label": label,
        "first": formats.number(known[0]),
        "last": formats.number(known[-1]),
        "top": formats.number(top),
    }
    last = points[-1]
    dot = format_html('<circle class="now" cx="{}" cy="{}" r="2"/>', *last.split(" ")) if last and not wide else EMPTY
    return format_html(
        '<svg class="{}" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}{}</svg>',
        "spark wide" if wide else "spark",
        width,
        height,
        said,
        SafeString("".join(_run(run, height) for run in _runs(points))),
        dot,
    )


@lru_cache(maxsize=64)
def _steps(count: int, width: int) -> tuple[str, ...]:
    """Where the points of a line stand from left to right."""
    step = (width - 6) / max(count - 1, 1)
    return tuple(f"{2 + step * i:.1f}" for i in range(count))


def _runs(points: Sequence[str | None]) -> list[list[str]]:
    if None not in points:
        return [list(filter(None, points))]
    runs: list[list[str]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if run]


def _run(run: Sequence[str], height: int) -> str:
    """Line and area through points that are numbers written out: nothing in them needs escaping."""
    line = "M" + "L".join(run)
    first, last = run[0].partition(" ")[0], run[-1].partition(" ")[0]
    return f'<path class="area" d="{line}L{last} {height}L{first} {height}Z"/><path class="line" d="{line}"/>'


def meter(ratio: float | Decimal | None, *, tone: Tone = "", full: bool = False, reason: Text = "") -> SafeString:
    """A ratio as a short bar with its percentage; above 100 % the bar is full and the figure says so."""
    if ratio is None:
        return undefined(reason)
    exact = Decimal(str(ratio)) * 100
    return _meter(formats.rounded(min(max(exact, Decimal(0)), Decimal(100)), 1), formats.rounded(exact), tone, full)


@remembered
def _meter(share: Decimal, percent: Decimal, tone: str, full: bool) -> SafeString:
    bar = format_html(
        '<svg class="meter {}{}" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="{}" height="6"/></svg>',
        tone,
        " full" if full else "",
        share,
    )
    return format_html('<span class="with-meter">{}<span>{}%</span></span>', bar, formats.number(percent))


def metric(label: Text, definition: Text = "", window: Text = "") -> SafeString:
    """A metric's label that opens its definition and its exact window. Without a definition: the bare label."""
    if not definition:
        return format_html("{}", label)
    name = _definition_id()
    button = format_html('<button type="button" class="def" popovertarget="{}">{}</button>', name, label)
    return button + _definition(name, label, definition, window)


def hint(label: Text, definition: Text, window: Text = "") -> SafeString:
    """The same definition behind a small question mark, where the label itself is a link."""
    name, said = _definition_id(), gettext("What “%(label)s” means") % {"label": label}
    tag = '<button type="button" class="def hint" popovertarget="{}" aria-label="{}">{}</button>'
    return format_html(tag, name, said, icon("help")) + _definition(name, label, definition, window)


def _definition_id() -> str:
    return f"def-{secrets.token_hex(4)}"


def _definition(name: str, label: Text, definition: Text, window: Text) -> SafeString:
    small = format_html("<small>{}</small>", window) if window else EMPTY
    tag = '<span popover id="{}" class="def-text" role="note"><strong>{}</strong>{}{}</span>'
    return format_html(tag, name, label, definition, small)


def time_tag(value: date | datetime, text: str) -> SafeString:
    """A `<time>` with its machine-readable value."""
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), text)


@dataclass(frozen=True)
class FallBar:
    """A row with the geometry of its bar on an axis 200 wide, 100 being the middle."""

    row: FallRow
    x: Decimal
    width: Decimal
    css: str
    rest: Decimal
    text: str


def adding_up(values: Sequence[Decimal], total: Decimal | None) -> list[Decimal]:
    """Values with one decimal that sum to the total with one decimal, where rounding alone keeps them from it: those
    nearest to the next tenth give way. Values that do not sum to the total are only rounded.
    """
    shown = [formats.rounded(value, 1) for value in values]
    if total is None or abs(sum(values) - total) > Decimal("0.15"):
        return shown
    tenths = int((formats.rounded(total, 1) - sum(shown)) * 10)
    step = Decimal("0.1") if tenths > 0 else Decimal("-0.1")
    places = sorted(range(len(values)), key=lambda place: (shown[place] - values[place]) * step)
    for place in [place for place in places if values[place]][: abs(tenths)]:
        shown[place] += step
    return shown


def fall_bars(rows: Sequence[FallRow], total: Decimal | None = None) -> list[FallBar]:
    """Geometry and words of an explanation. All rows share one scale, so that lengths can be compared; the figures
    shown sum to the total shown.
    """
    largest = max((abs(Decimal(str(row.out_of or row.value))) for row in rows), default=Decimal(1)) or Decimal(1)
    bars = []
    figures = adding_up([Decimal(str(row.value)) for row in rows], total)
    for row, figure in zip(rows, figures, strict=True):
        value = Decimal(str(row.value))
        if row.out_of is not None:
            width = abs(value) / largest * 200
            rest = Decimal(str(row.out_of)) / largest * 200
            text = gettext("%(part)s of %(whole)s") % {
                "part": formats.number(figure, 1),
                "whole": formats.number(row.out_of, 1),
            }
            bars.append(
                FallBar(row, Decimal(0), round(width, 1), "level" if value >= 0 else "neg", round(rest, 1), text)
            )
            continue
        width = round(abs(value) / largest * 100, 1)
        x = Decimal(100) if value >= 0 else 100 - width
        bars.append(FallBar(row, x, width, "pos" if value >= 0 else "neg", Decimal(0), formats.signed(figure, 1)))
    return bars


def heat_level(ratio: float | None) -> str:
    """The class of a heat cell: five steps of the ratio, hatched when there is no use at all or no data."""
    if ratio is None:
        return "off"
    if ratio <= 0:
        return "h0"
    return f"h{min(5, int(ratio * 5) + 1)}"

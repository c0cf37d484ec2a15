"""The columns of the portfolio: how each sorts, how it reads on the page and in an export."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from operator import attrgetter
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Driver, Purpose
from common import components, formats
from common.components import Text, undefined
from common.table import Column
from portfolio import cells
from portfolio.cells import SPARK_WEEKS, Row
from usage.activity import METRICS, Definition


@dataclass(frozen=True)
class PortfolioColumn(Column):
    """A column that knows its SQL to sort by (with a `join` of its own where that needs one), its cell on the page, and
    its plain value in an export. `edit`: the account's field that its cells set. `dated`: it shows the day asked for,
    also of the past; other columns know only today.
    """

    sql: str = ""
    join: str = ""
    edit: str = ""
    dated: bool = False
    cell: Callable[[Row], SafeString | str] = field(default=lambda row: "")
    plain: Callable[[Row], Any] = field(default=lambda row: "")


BASE = (
    PortfolioColumn(
        "name", _("Account"), fixed=True, sql="a.name_key", cell=cells.name, plain=lambda row: row.account.name
    ),
    PortfolioColumn(
        "health",
        _("Health, 7 days"),
        definition=_(
            "The score of the day shown, 0 to 100, and its change in 7 days. A hand marks a band that a person set; "
            "filters and sums use the computed one."
        ),
        sql="s.score",
        dated=True,
        cell=cells.health,
        plain=lambda row: "" if row.score is None or row.score.score is None else float(row.score.score),
    ),
    PortfolioColumn(
        "why",
        _("Why"),
        sortable=False,
        dated=True,
        priority=2,
        definition=_("The most urgent open alert, else the measure that moved the score most in 7 days."),
        cell=cells.why,
        plain=lambda row: f"{row.why_rule} {row.why}".strip(),
    ),
    PortfolioColumn(
        "weeks",
        _("Active, 26 weeks"),
        sql="m.wau",
        dated=True,
        numeric=False,
        priority=3,
        definition=_("Weekly active users of the last 26 weeks, a point per week; sorts by the latest."),
        cell=cells.spark,
        plain=lambda row: "" if row.metric is None else row.metric.wau,
    ),
    PortfolioColumn(
        "seats_used",
        _("Seats in use"),
        priority=3,
        definition=_("Monthly active users ÷ seats."),
        sql="m.mau::float / NULLIF(m.seats, 0)",
        dated=True,
        cell=cells.seats,
        plain=lambda row: cells.rounded(row.seats_used),
    ),
    PortfolioColumn(
        "core_used",
        _("Core in use"),
        priority=4,
        definition=_("Core features used in the 30 days ending on the day ÷ core features the account may use."),
        sql="m.breadth",
        dated=True,
        cell=cells.core,
        plain=lambda row: cells.rounded(row.metric.breadth if row.metric else None),
    ),
    PortfolioColumn(
        "silent",
        _("Silent"),
        numeric=True,
        priority=2,
        definition=_("Days since the last two-way touch, else since contract start."),
        sql="silent.days",
        dated=True,
        cell=cells.silent,
        plain=lambda row: "" if row.silent is None else int(row.silent),
    ),
    PortfolioColumn(
        "renewal",
        _("Renewal"),
        priority=2,
        sql="a.renewal_date",
        edit="renewal_date",
        cell=cells.renewal,
        plain=lambda row: row.account.renewal_date or "",
    ),
    PortfolioColumn(
        "arr",
        _("ARR"),
        numeric=True,
        definition=_("Annual recurring revenue: what the running contract pays in a year, without one-off fees."),
        sql="a.arr",
        edit="arr",
        dated=True,
        cell=cells.arr,
        plain=lambda row: "" if row.account.arr is None else row.account.arr,
    ),
    PortfolioColumn(
        "csm",
        _("CSM"),
        priority=3,
        sql="u.name",
        edit="csm",
        dated=True,
        cell=cells.csm,
        plain=lambda row: str(row.account.csm or ""),
    ),
)


def _own_text(key: str, label: Text, reason: Text = "", **more: Any) -> PortfolioColumn:
    """A text that the account itself holds under `key`; `reason` says what it means when there is none."""
    text = attrgetter(f"account.{key}")

    def cell(row: Row) -> SafeString | str:
        return text(row) or undefined(reason)

    return PortfolioColumn(key, label, default=False, sql=f"a.{key}", cell=cell, plain=text, **more)


def _words(key: str, label: Text, choices: Sequence[tuple[str, Any]]) -> PortfolioColumn:
    """A code that the account holds under `key`, in words."""
    words, code = {"": "", **dict(choices)}, attrgetter(f"account.{key}")

    def plain(row: Row) -> str:
        return str(words[code(row)])

    def cell(row: Row) -> SafeString | str:
        return plain(row) or undefined(_("Nobody has noted it yet"))

    return PortfolioColumn(key, label, default=False, sql=f"NULLIF(a.{key}, '')", edit=key, cell=cell, plain=plain)


TIER = PortfolioColumn(
    "tier", _("Service tier"), default=False, sql="tier.position", edit="tier", dated=True,
    cell=lambda row: str(row.account.tier) if row.account.tier else undefined(_("No service tier is set")),
    plain=lambda row: str(row.account.tier or ""),
)  # fmt: skip
OPTIONAL = (
    PortfolioColumn(
        "band",
        _("Band"),
        default=False,
        sql="s.band",
        dated=True,
        definition=_("By the score, or as a person set it, marked with a hand. Filters and sums use the computed one."),
        cell=cells.band_word,
        plain=cells.band_plain,
    ),
    PortfolioColumn(
        "change",
        _("Change, 7 days"),
        default=False,
        numeric=True,
        sql="s.score - before.score",
        dated=True,
        definition=_("The score of the day shown less the score 7 days before."),
        cell=lambda row: components.delta(row.change, digits=1) if row.change is not None else undefined(),
        plain=lambda row: cells.rounded(row.change),
    ),
    _own_text("external_id", _("External id")),
    PortfolioColumn(
        "stage",
        _("Stage"),
        default=False,
        sql="a.lifecycle_stage",
        edit="lifecycle_stage",
        dated=True,
        cell=cells.stage,
        plain=cells.stage,
    ),
    TIER,
    _words("purpose", _("Takes it for"), Purpose.choices),
    _words("driver", _("Driven by"), Driver.choices),
    _own_text("segment", _("Segment (field)"), _("No segment is set"), edit="segment", dated=True),
    _own_text("industry", _("Industry"), _("No industry is set"), edit="industry"),
    PortfolioColumn(
        "seats",
        _("Seats"),
        default=False,
        numeric=True,
        sql="m.seats",
        dated=True,
        cell=lambda row: formats.number(row.metric.seats) if row.metric and row.metric.seats else undefined(),
        plain=lambda row: row.metric.seats if row.metric else "",
    ),
)


def metric_text(metric: Definition, value: float | None) -> SafeString | str:
    """A metric's value as pages write it: ratios in percent, the trend as a factor of its former self in percent."""
    if value is None:
        return undefined()
    if metric.unit == "ratio":
        return formats.percent(value)
    return formats.number(value)


def _metric(metric: Definition) -> PortfolioColumn:
    def cell(row: Row) -> SafeString | str:
        return metric_text(metric, getattr(row.metric, metric.key) if row.metric else None)

    def plain(row: Row) -> Any:
        return cells.rounded(getattr(row.metric, metric.key) if row.metric else None)

    return PortfolioColumn(
        metric.key,
        _lazy(metric.label),
        numeric=True,
        default=False,
        definition=_lazy(metric.definition),
        sql=f"m.{metric.key}",
        dated=True,
        cell=cell,
        plain=plain,
    )


def _lazy(text: str) -> Any:
    """A text marked for translation elsewhere, translated when it is shown."""
    return _(text)


COLUMNS: tuple[PortfolioColumn, ...] = (*BASE, *OPTIONAL, *(_metric(metric) for metric in METRICS))
WINDOWS = {
    **{metric.key: metric.window for metric in METRICS},
    "seats_used": 30, "core_used": 30, "weeks": SPARK_WEEKS * 7, "health": 1, "change": 7,
}  # fmt: skip


def window_text(days: int, day: date) -> str:
    """The exact window of a figure: "30 days to 21 Nov 2026, tenant time"."""
    if days <= 1:
        return gettext("%(day)s, tenant time") % {"day": formats.day(day)}
    first = day - timedelta(days=days - 1)
    return gettext("%(days)d days, %(first)s to %(day)s, tenant time") % {
        "days": days,
        "first": formats.day(first),
        "day": formats.day(day),
    }


def columns_of_day(day: date, *, extra: Sequence[PortfolioColumn] = ()) -> tuple[PortfolioColumn, ...]:
    """The columns with the exact window that their figures look at on a day; `extra`: those that were asked for.

    None of them gives way on a narrow screen: what is ticked is shown and exported, and the table scrolls in its frame.
    """
    found = []
    for column in (*COLUMNS, *extra):
        window = window_text(WINDOWS[column.key], day) if column.key in WINDOWS else ""
        found.append(replace(column, window=window, priority=1))
    return tuple(found)

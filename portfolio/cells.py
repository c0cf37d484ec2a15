"""A row of the portfolio, and how its cells read on the page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, LifecycleStage
from common import components, formats
from common.components import BAND_WORDS, EMPTY, undefined
from common.icons import icon
from health.models import Override
from health.overrides import override_words, shown_band

STAGES = dict(LifecycleStage.choices)
SPARK_WEEKS = 26
WEEKLY = _("Weekly active users")
NO_SCORE = _("No score for this day yet")
NO_RENEWAL = _("No renewal date is known")
NO_ARR = _("No ARR is known")
NOBODY = _("Nobody looks after this account")
NO_SEATS = _("Neither seats nor users are known")
NO_CORE = _("No core features are named")
NOT_TOUCHED = _("Neither a touch nor a contract start is known")


@dataclass(frozen=True)
class Row:
    """An account as the portfolio shows it on a day.

    `change`: points of score in 7 days. `silent`, `renewal_in`: days. `weeks`: WAU of the last 26 weeks, oldest first.
    `extra`: the values of columns that only some readers choose, by the column's key.
    `override`: the band as a person set it. `unsure`: what marks a band that missing measures could change, in words.
    `why_rule` and `why`: the headline and the figures of the most urgent reason to look at it.
    """

    account: Account
    day: date
    score: Any = None
    change: float | None = None
    metric: Any = None
    silent: float | None = None
    renewal_in: float | None = None
    weeks: tuple[float | None, ...] = ()
    why_rule: str = ""
    why: str = ""
    alerts: int = 0
    override: Override | None = None
    unsure: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def seats_used(self) -> float | None:
        """Monthly active users ÷ seats."""
        return self.metric.mau / self.metric.seats if self.metric is not None and self.metric.seats else None


def name(row: Row) -> SafeString:
    """Industry and segment, and on a phone the reason below."""
    parts = [row.account.industry, row.account.segment]
    about = " · ".join(part for part in parts if part)
    below = format_html('<span class="why-below">{}</span>', row.why) if row.why else EMPTY
    return format_html("<small>{}</small>{}", about, below)


def health(row: Row) -> SafeString:
    """The band with its score, change and coverage; one set by hand is marked."""
    if row.score is None and row.override is None:
        return components.band("unknown", reason=NO_SCORE)
    if row.override is not None:
        return _by_hand(row, row.override)
    change = formats.rounded(row.change) if row.change is not None and abs(row.change) >= 0.5 else None
    score = None if row.score.score is None else formats.rounded(row.score.score)
    coverage = formats.rounded(row.score.coverage, 2)
    return _band(row.score.band, score, change, coverage, row.score.provisional, row.unsure)


def _by_hand(row: Row, override: Override) -> SafeString:
    """The band that a person set, with the computed score; the computed band stands in its title."""
    said = override_words(override, computed_band(row))
    figure = row.score.score if row.score is not None else None
    change = row.change if row.change is not None and abs(row.change) >= 0.5 else None
    return components.band_line(override.band, figure, change=change, since=gettext("in 7 days"), by_hand=said)


def computed_band(row: Row) -> str:
    """The band by the score alone."""
    return row.score.band if row.score is not None else "unknown"


@components.remembered
def _band(
    band: str, score: Decimal | None, change: Decimal | None, coverage: Decimal, provisional: bool, unsure: str
) -> SafeString:
    low = gettext("%(share)s of the weight has data") % {"share": formats.percent(coverage)}
    return components.band_line(
        band, score, change=change, since=gettext("in 7 days"), provisional=provisional, uncertain=unsure, reason=low
    )


def why(row: Row) -> SafeString:
    """The most urgent reason, and how many more there are."""
    if not row.why:
        return EMPTY
    more = format_html(' <span class="tag">+{}</span>', row.alerts - 1) if row.alerts > 1 else EMPTY
    return format_html("<b>{}</b>{} {}", row.why_rule, more, row.why)


def silent(row: Row) -> SafeString | str:
    """Days without a touch that went both ways."""
    return undefined(NOT_TOUCHED) if row.silent is None else formats.days(int(row.silent))


def renewal(row: Row) -> SafeString:
    """The day and how far it is; loud where a red account renews soon."""
    due = row.account.renewal_date
    if due is None:
        return undefined(NO_RENEWAL)
    near = 0 <= (due - row.day).days <= 90 and row.score is not None and row.score.band == "red"
    return _due(due, row.day, near)


@components.remembered
def _due(due: date, today: date, near: bool) -> SafeString:
    day = components.time_tag(due, formats.day(due))
    tone = "tone-bad" if near else ""
    return format_html('{}<br><small class="{}">{}</small>', day, tone, formats.days_from(due, today))


def arr(row: Row) -> SafeString | str:
    """In the account's currency."""
    if row.account.arr is None:
        return undefined(NO_ARR)
    return formats.money(row.account.arr, row.account.currency)


def csm(row: Row) -> SafeString | str:
    """Who looks after the account."""
    return str(row.account.csm) if row.account.csm else undefined(NOBODY)


def spark(row: Row) -> SafeString:
    """Weekly active users of the last 26 weeks."""
    return _weeks(row.weeks)


@components.remembered
def _weeks(values: tuple[float | None, ...]) -> SafeString:
    """The same first rows are looked at all day, and their weeks change by night."""
    return components.spark(values, WEEKLY)


def seats(row: Row) -> SafeString:
    """The share of seats that are used."""
    ratio = row.seats_used
    tone: components.Tone = "bad" if ratio is not None and ratio < 0.25 else ""
    return components.meter(ratio, tone=tone, reason=NO_SEATS)


def core(row: Row) -> SafeString:
    """The share of core features that are used."""
    return components.meter(row.metric.breadth if row.metric else None, reason=NO_CORE)


def band_word(row: Row) -> SafeString:
    """The band in words; one set by hand is marked."""
    if row.override is None:
        return format_html("{}", BAND_WORDS[computed_band(row)])
    said = override_words(row.override, computed_band(row))
    tag = '<span title="{}">{} <span class="by-hand">{}<span class="visually-hidden">{}</span></span></span>'
    return format_html(tag, said, BAND_WORDS[row.override.band], icon("hand"), said)


def band_plain(row: Row) -> str:
    """The band of an export, with both where one was set by hand."""
    if row.override is None:
        return str(BAND_WORDS[computed_band(row)])
    names = {"band": BAND_WORDS[shown_band(row.override, "")], "computed": BAND_WORDS[computed_band(row)]}
    return gettext("%(band)s (set by hand; computed: %(computed)s)") % names


def stage(row: Row) -> str:
    """The lifecycle stage in words."""
    return str(STAGES[row.account.lifecycle_stage])


def rounded(value: Any) -> Any:
    """A figure for an export: four decimals, empty where there is none."""
    return "" if value is None else round(float(value), 4)

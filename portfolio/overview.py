"""What is going on at an account, in sentences built from facts. Each says one thing with its figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account, NextStep
from accounts.selectors.tiers import Owed
from accounts.stakeholders import SILENT_DAYS, Gap
from common import formats
from common.components import BAND_WORDS
from portfolio.gap_words import gap_words

NEAR_DAYS = 120
HANGS_ON_ONE = 0.5
WORTH_SAYING = 0.1
URGENT_GAPS = ("no_role", "against", "champion_left", "champion_quiet")


@dataclass(frozen=True)
class Sentence:
    """One thing worth knowing; `tone` good, warn, bad or empty."""

    text: str
    tone: str = ""


@dataclass(frozen=True)
class Known:
    """What the sentences are built from: figures of the shown day, open steps and gaps as of the tenant's today."""

    account: Account
    day: date
    today: date
    score: Any = None
    change: float | None = None
    moved: Sequence[Any] = ()
    metric: Any = None
    silent: float | None = None
    touched: bool = True
    alerts: int = 0
    top_share: float | None = None
    gap_features: int = 0
    features: int = 0
    steps: Sequence[NextStep] = ()
    owed: Sequence[Owed] = ()
    gaps: Sequence[Gap] = ()


def sentences(known: Known) -> list[Sentence]:
    """What to know before one calls: health, use, contact, people, renewal, and what was promised."""
    parts = (_health, _use, _hanging, _gap, _contact, _owed, _people, _renewal, _steps)
    return [said for part in parts if (said := part(known))]


def _health(known: Known) -> Sentence | None:
    if known.score is None or known.score.score is None:
        return Sentence(_("There is no health score."))
    names: dict[str, Any] = {
        "band": BAND_WORDS[known.score.band],
        "score": formats.number(known.score.score),
        "change": formats.number(abs(known.change or 0)),
    }
    tone = {"green": "good", "amber": "warn", "red": "bad"}.get(known.score.band, "")
    if known.change is None or abs(known.change) < 1:
        return Sentence(_("Health: %(band)s at %(score)s, unchanged in 7 days.") % names, tone)
    up = known.change > 0
    said = (
        _("Health: %(band)s at %(score)s, up %(change)s in 7 days.")
        if up
        else _("Health: %(band)s at %(score)s, down %(change)s in 7 days.")
    ) % names
    most = max(known.moved, key=lambda row: row.value if up else -row.value, default=None)
    if most is not None and (most.value > 0) == up:
        names = {"measure": most.label, "points": formats.signed(most.value, 1)}
        said = formats.sentences([said, _("Most of it: %(measure)s (%(points)s).") % names])
    return Sentence(said, tone)


def _use(known: Known) -> Sentence | None:
    metric = known.metric
    if metric is None or (not metric.mau and not metric.users_28_before):
        return Sentence(_("Nobody has used the product in 30 days."), "bad")
    names = {"now": formats.number(metric.users_28), "before": formats.number(metric.users_28_before)}
    trend = metric.usage_trend
    if trend is None:
        return Sentence(_("%(now)s people used the product in 28 days; before that nobody did.") % names, "good")
    if trend < 1 - WORTH_SAYING:
        return Sentence(_("Use is down: %(now)s people in 28 days, %(before)s in the 28 before.") % names, "bad")
    if trend > 1 + WORTH_SAYING:
        return Sentence(_("Use is up: %(now)s people in 28 days, %(before)s in the 28 before.") % names, "good")
    return Sentence(_("Use is steady: %(now)s people in 28 days, %(before)s in the 28 before.") % names)


def _hanging(known: Known) -> Sentence | None:
    if known.top_share is None or known.top_share < HANGS_ON_ONE:
        return None
    share = formats.percent(known.top_share)
    return Sentence(_("Use hangs on one person, who has %(share)s of all active days.") % {"share": share}, "warn")


def _gap(known: Known) -> Sentence | None:
    if not known.gap_features or not known.features or known.gap_features == known.features:
        return None
    said = ngettext(
        "%(n)d of %(all)d features has not been used in 30 days.",
        "%(n)d of %(all)d features have not been used in 30 days.",
        known.gap_features,
    )
    return Sentence(said % {"n": known.gap_features, "all": known.features})


def _contact(known: Known) -> Sentence | None:
    if not known.touched:
        return Sentence(_("No touch yet: nobody there has talked with us."), "warn")
    if known.silent is None:
        return None
    days = formats.number(known.silent)
    if known.silent >= SILENT_DAYS:
        return Sentence(_("Nobody there has talked with us for %(days)s days.") % {"days": days}, "bad")
    return Sentence(
        ngettext("Last talked %(days)s day ago.", "Last talked %(days)s days ago.", int(known.silent)) % {"days": days}
        if known.silent >= 1
        else _("Talked today.")
    )


def _owed(known: Known) -> Sentence | None:
    """What the tier owes and nobody has done; `known.owed` holds the overdue ones, the furthest behind first."""
    if not known.owed:
        return None
    first = known.owed[0]
    names = {"tier": first.tier, "duty": first.duty, "days": formats.days(first.behind), "n": len(known.owed)}
    said = ngettext(
        "Owed by its tier %(tier)s: %(duty)s, overdue for %(days)s.",
        "%(n)d things owed by its tier %(tier)s, first: %(duty)s, overdue for %(days)s.",
        len(known.owed),
    )
    return Sentence(said % names, "warn")


def _people(known: Known) -> Sentence | None:
    urgent = [gap for gap in known.gaps if gap.kind in URGENT_GAPS]
    return Sentence(formats.sentences(gap_words(gap) for gap in urgent[:2]), "warn") if urgent else None


def _renewal(known: Known) -> Sentence | None:
    due = known.account.renewal_date
    if due is None:
        return Sentence(_("No renewal date is known."))
    days = (due - known.day).days
    names = {
        "day": formats.day(due),
        "when": formats.days_from(due, known.day),
        "arr": formats.money_short(known.account.arr or Decimal(0), known.account.currency),
    }
    tone = "warn" if 0 <= days <= NEAR_DAYS and known.score is not None and known.score.band != "green" else ""
    if days < 0:
        return Sentence(_("The renewal of %(arr)s was due on %(day)s, %(when)s.") % names, "bad")
    return Sentence(_("%(arr)s renews on %(day)s, %(when)s.") % names, tone)


def _steps(known: Known) -> Sentence | None:
    if not known.steps:
        return Sentence(_("Nothing is promised: log the next touch with a next step."))
    late = [step for step in known.steps if step.due_on < known.today]
    first = known.steps[0]
    names = {"text": first.text, "when": formats.days_from(first.due_on, known.today), "n": len(late)}
    if late:
        said = ngettext(
            "%(n)d promise is overdue: %(text)s.", "%(n)d promises are overdue, first: %(text)s.", len(late)
        )
        return Sentence(said % names, "bad")
    return Sentence(_("Next: %(text)s, %(when)s.") % names)

"""What pages say of a score: what it is made of, what moved it, what would lift it, and who set its band by hand."""

from collections.abc import Sequence
from datetime import date
from math import ceil, floor, isnan
from typing import Any

from django.utils.translation import gettext as _

from accounts.facts import Fact
from accounts.models import Account
from common import formats
from common.components import FallRow
from health.card import Measure, card_of
from health.certainty import Span, between_words, flag_words, spans_of
from health.inputs import facts_of
from health.models import Score
from health.moves import WORTH_TELLING, fact_label, ledger_parts, measure_label
from health.overrides import may_override, override_words, overrides_standing, shown_band
from health.path import cheapest_path
from health.selectors import MeasureShare, explain, limited_points
from tenants.models import Member
from usage.feeds import Held, feed_held

_MISSING = float("nan")


def sure_context(score: Score | None, account: Account, day: date) -> dict[str, Any]:
    """What a score is made of and how sure that is: between which scores the truth lies, and what is held of its feed.
    `unsure` marks the band where it is uncertain.
    """
    if score is None:
        return {"shares": [], "between": "", "unsure": "", "held": ""}
    [span], held = spans_of([score]), feed_held(account_id=account.pk, day=day)
    shares = explain(version=score.version, raws=score.raws)
    rests = held and any(_of_usage(share) for share in shares)
    return {
        "shares": share_rows(score, held=bool(held)),
        "between": _between(score, span, shares) if span.open or span.uncertain else "",
        "unsure": flag_words(span),
        "held": held_words(held) if rests else "",
    }


def _between(score: Score, span: Span, shares: Sequence[MeasureShare]) -> str:
    """The sentence that says how far missing measures could still move the score."""
    gone = [measure_label(share) for share in shares if share.raw is None]
    said = _("Without data: %(missing)s. Whatever they are, the score lies %(between)s.")
    told = [said % {"missing": _(", ").join(gone), "between": between_words(span)}]
    if span.uncertain and score.score is not None:
        told.append(_("That crosses the edge of a band: the band stays, and is uncertain."))
    return formats.sentences(told)


def held_words(held: Held) -> str:
    """Why figures of use may be too low."""
    told = []
    if held.since is not None:
        said = _(
            "The usage feed is held: nothing has come in since %(day)s. Measures that rest on it may say too little."
        )
        told.append(said % {"day": formats.day(held.since)})
    if held.waiting:
        told.append(_("Usage events of this account have come in that its figures do not hold yet."))
    return formats.sentences(told)


def _of_usage(share: MeasureShare) -> bool:
    return share.fact is not None and share.fact.room == "usage"


def share_rows(score: Score | None, *, held: bool = False) -> list[FallRow]:
    """What each measure gives to the score, of what it could give. `held`: the feed of use is."""
    if score is None or score.score is None:
        return []
    shares = explain(version=score.version, raws=score.raws)
    rows = [
        FallRow(
            label=measure_label(share),
            value=share.contribution,
            out_of=share.weight * 100,
            note=_noted(share, held),
            muted=share.weight == 0,
        )
        for share in shares
    ]
    limited = limited_points(score, shares)
    limits = [FallRow(_("Bands and exceptions"), limited)] if abs(limited) >= WORTH_TELLING else []
    return rows + limits


def _noted(share: MeasureShare, held: bool) -> str:
    said = value_words(share.fact, share.value)
    return _("%(value)s · feed held") % {"value": said} if held and _of_usage(share) else said


def moved_rows(score: Score, before: Score) -> list[FallRow]:
    """The change by the exact ledger: the scorecard's part, what data came or went, what the customer did."""
    return [FallRow(part.label, part.points, note=part.note) for part in ledger_parts(score, before)]


def path_rows(score: Score | None) -> list[FallRow]:
    """The fewest changes of measures that reach the next band, with what each adds; none for green or no score."""
    if score is None or score.score is None:
        return []
    card = card_of(score.version.definition)
    facts = facts_of(card.keys)
    open_to_work = [key for key in card.keys if key not in facts or not facts[key].fixed]
    row = [_MISSING if raw is None else raw for raw in score.raws]
    found = []
    for change in cheapest_path(card, row, actionable=open_to_work):
        measure = card.measures[change.place]
        key, fact = measure.key, facts.get(measure.key)
        ways = {"now": _reached(measure, fact, change.now), "then": _reached(measure, fact, change.then, change.now)}
        found.append(FallRow(fact_label(fact, key), change.gain, note=_("%(now)s → %(then)s") % ways))
    return found


def _reached(measure: Measure, fact: Fact | None, raw: float, start: float | None = None) -> str:
    """A raw value of the path as pages write it; `start`: from where it is reached."""
    if measure.categories:
        return value_words(fact, None if isnan(raw) else measure.value(raw))
    return value_words(fact, raw if start is None else _whole(fact, start, raw))


def _whole(fact: Fact | None, now: float, then: float) -> float:
    """The value to reach as pages write it, never short of it: whole percent, days and counts."""
    scale = 100 if fact and fact.unit == "ratio" else 1
    round_off = floor if then < now else ceil
    return round_off(round(then * scale, 6)) / scale


def override_context(member: Member, account: Account, score: Score | None, day: date) -> dict[str, Any]:
    """The band to show of an account with the override that made it so, and whether the member may set one."""
    override, computed = overrides_standing(day=day, account_ids=[account.pk]).get(account.pk), "unknown"
    if score is not None:
        computed = score.band
    return {
        "override": override,
        "shown_band": shown_band(override, computed),
        "by_hand": override_words(override, computed) if override else "",
        "may_override": may_override(member, account),
    }


def value_words(fact: Fact | None, raw: float | str | None) -> str:
    """A measure's raw value in its unit, a category in its words."""
    if isinstance(raw, str):
        return str(dict(fact.choices).get(raw, raw)) if fact else raw
    if raw is None or isnan(raw):
        return _("no data")
    unit = fact.unit if fact else ""
    if unit == "ratio":
        return formats.percent(raw)
    if unit == "days":
        return formats.days(int(raw))
    return formats.number(raw, 0 if float(raw).is_integer() else 1)

"""A back-test's result in words and rows for its page."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.facts import past_values
from common import formats
from health.inputs import facts_of
from health.models import BackTest
from health.moves import fact_label

Row = dict[str, Any]
SIDES = ("score", "other", "trend", "random")


def report(test: BackTest, currency: str) -> Row:
    """Everything that the page shows of a finished back-test, the verdict first."""
    found = test.result
    horizons = [_horizon(one) for one in found["horizons"]]
    best = max(horizons, key=lambda one: (one["enough"], one["rarer"], one["days"] == 90))
    tone, verdict = _verdict(best, found)
    return {
        "tone": tone,
        "verdict": verdict,
        "reasons": [*_elsewhere(best, horizons), *_blank(best, found), *_reasons(found, horizons)],
        "terms": {**found["terms"], "first": _day(found["terms"]["first"]), "last": _day(found["terms"]["last"])},
        "currency": currency,
        "horizons": horizons,
        "best": best,
        "lead": _lead(found["lead"]) if best["enough"] else "",
        "left_out": _labels(found["left_out"]),
        "narrowed": _narrowed(found["narrowed"], found["guarded"]),
        "suggested": suggested_words(found.get("suggested")),
        "by_now": found["by_now"],
    }


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def side_names() -> dict[str, str]:
    """What is compared."""
    return {
        "score": _("This scorecard"),
        "other": _("The version beside it"),
        "trend": _("Usage trend alone"),
        "random": _("Chance"),
    }


def _horizon(one: Row) -> Row:
    """A horizon with a row per side; bars run from 0 to 100 percent of the AUC's scale."""
    names = side_names()
    sides = [
        {"key": key, "name": names[key], **one["sides"][key], "bar": _bar(one["sides"][key]["auc"])}
        for key in SIDES
        if one.get("sides", {}).get(key)
    ]
    refused = one["refused"]
    return {
        **one,
        "sides": sides,
        "enough": refused is None,
        "rarer": min(one["lost"], one["outcomes"] - one["lost"]),
        "why": few_words(refused, one["unscored"]) if refused else "",
        "verdict_words": _short(one),
        "segments": [
            {**row, "why": few_words(row["refused"], 0) if row["refused"] else ""} for row in one.get("segments", [])
        ],
        "csms": [row for row in one.get("csms", []) if row["red"]],
    }


def _bar(auc: Row | None) -> Row | None:
    if auc is None:
        return None
    return {"left": 100 * auc["low"], "width": 100 * (auc["high"] - auc["low"]), "at": 100 * auc["value"]}


def few_words(refused: Mapping[str, int], unscored: int) -> str:
    """Why nothing is said."""
    if not unscored:
        return _("Too few outcomes: %(lost)d lost and %(kept)d kept; at least %(needed)d of each are needed.") % refused
    said = _("Too few outcomes with a score: %(lost)d lost and %(kept)d kept; at least %(needed)d of each are needed.")
    more = ngettext("%(n)s more had no score then.", "%(n)s more had no score then.", unscored)
    return formats.sentences([said % refused, more % {"n": formats.number(unscored)}])


def _short(one: Row) -> str:
    words = {
        "noise": _("says nothing: chance does as well"),
        "reversed": _("upside down: who left had the higher scores"),
        "no_better": _("not better than the usage trend alone"),
        "useful": _("tells apart who leaves"),
    }
    return words.get(one["verdict"], "")


def _verdict(best: Row, found: Row) -> tuple[str, str]:
    """The tone and one plain sentence."""
    if not best["enough"]:
        return "warn", _("Nothing can be said yet. %(why)s") % {"why": best["why"]}
    auc = best["sides"][0]["auc"]
    figures = {
        "days": best["days"],
        "auc": formats.number(auc["value"], digits=2),
        "low": formats.number(auc["low"], digits=2),
        "high": formats.number(auc["high"], digits=2),
    }
    sentences = {
        "noise": _(
            "This score does not tell who leaves: %(days)d days before, its AUC of %(auc)s (%(low)s to %(high)s) "
            "cannot be told from chance, 0.5."
        ),
        "reversed": _(
            "This score is upside down: %(days)d days before, those who left had higher scores than those who stayed "
            "(AUC %(auc)s, %(low)s to %(high)s)."
        ),
        "no_better": _(
            "This score tells who leaves (AUC %(auc)s, %(low)s to %(high)s, %(days)d days before), but not better than "
            "the usage trend alone."
        ),
        "useful": _("This score tells who leaves: AUC %(auc)s (%(low)s to %(high)s) %(days)d days before."),
    }
    tone = {"noise": "bad", "reversed": "bad", "no_better": "warn"}.get(best["verdict"], "good")
    return tone, sentences[best["verdict"]] % figures


def _elsewhere(best: Row, horizons: list[Row]) -> list[str]:
    """Horizons at which something else is to be said than in the verdict."""
    others = [one for one in horizons if one["enough"] and one["verdict"] != best["verdict"]]
    return [_("%(days)d days before: %(said)s.") % {"days": one["days"], "said": _short(one)} for one in others]


def _blank(best: Row, found: Row) -> list[str]:
    """Why most outcomes had no score, where measures had no data for any of them."""
    if found["guarded"] or not best.get("blank") or best["unscored"] * 2 <= best["outcomes"]:
        return []
    return [
        _(
            "Most of these outcomes had no score, because less of the card's weight had data then than its least "
            "coverage. Nothing was known of: %(measures)s. Measure what your data hold, or set those weights to 0."
        )
        % {"measures": _(", ").join(_labels(best["blank"]))}
    ]


def _reasons(found: Row, horizons: list[Row]) -> list[str]:
    """What limits the verdict, in sentences."""
    said = []
    if not found["guarded"]:
        said.append(
            _(
                "Facts are taken by their own dates, as they are known now. What was entered or corrected after the "
                "outcome may be among them, so the score may look better than it was."
            )
        )
    elif all(one["outcomes"] and one["unscored"] == one["outcomes"] for one in horizons):
        said.append(
            _(
                "None of these outcomes had a score from what had been received by then. Was the history imported "
                "later? Then try it with facts by their own dates."
            )
        )
    if found["by_now"]:
        said.append(_("The card has not scored these accounts: it is tried on those that it would take now."))
    if unpriced := found["terms"]["unpriced"]:
        said.append(
            ngettext(
                "%(n)d outcome has no ARR, because its currency has no rate.",
                "%(n)d outcomes have no ARR, because their currency has no rate.",
                unpriced,
            )
            % {"n": unpriced}
        )
    return said


def _lead(lead: Row | None) -> str:
    if lead is None:
        return ""
    median, without = lead["median"], lead["without"]
    return _(
        "Half of the %(losses)d losses had been red or amber without a break for at most %(days)d days (%(low)d to "
        "%(high)d) when they were decided; %(none)s had no such warning in the week before. Looked at every 7 days, "
        "up to 175 days back."
    ) % {
        "losses": lead["losses"],
        "days": median["value"],
        "low": median["low"],
        "high": median["high"],
        "none": formats.percent(without["value"]),
    }


def _labels(keys: list[str]) -> list[str]:
    facts = facts_of(keys)
    return [fact_label(facts.get(key), key) for key in keys]


def _narrowed(keys: list[str], guarded: bool) -> list[tuple[str, str]]:
    """Measures that are read otherwise than every day, and how."""
    words = past_values(keys=keys, pairs=[], guarded=guarded).narrowed if keys else {}
    return [(label, str(words.get(key, ""))) for key, label in zip(keys, _labels(keys), strict=True)]


def suggested_words(found: Row | None) -> Row | None:
    """What came of suggesting weights."""
    if found is None:
        return None
    unseen = found["unseen"] or {"value": 0.5, "low": 0.5, "high": 0.5}
    figures = {
        "days": found["days"],
        "auc": formats.number(unseen["value"], digits=2),
        "low": formats.number(unseen["low"], digits=2),
        "high": formats.number(unseen["high"], digits=2),
    }
    words = {
        "few": _("No weights are suggested. %(why)s")
        % {"why": few_words(found["counts"], 0) if found["counts"] else ""},
        "unknown": _("No weights are suggested: of no measure enough was known before these outcomes."),
        "none": _("No weights are suggested: no measure speaks for staying."),
        "noise": _(
            "No weights are suggested: on outcomes that it had not seen, the best fit does no better than chance (AUC "
            "%(auc)s, %(low)s to %(high)s)."
        )
        % figures,
        "": _(
            "The suggested weights are a draft; nothing counts before an admin publishes it. Fitted on %(days)d days "
            "before; on outcomes that the fit had not seen its AUC is %(auc)s (%(low)s to %(high)s). The figures below "
            "are of outcomes that it has seen, so they flatter it."
        )
        % figures,
    }
    return {"text": words[found["reason"]], "tone": "good" if not found["reason"] else "warn"}

"""What moved a score between two days: the scorecard's change apart from the customer's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from django.utils.translation import gettext as _

from accounts.facts import Fact
from common import formats
from health.card import Measure, card_of
from health.inputs import facts_of
from health.ledger import AVAILABILITY, CONFIGURATION, LIMITS, SWITCH, State, Step, ledger
from health.models import Score, ScorecardVersion
from health.scoring import points_rows
from health.selectors import MeasureShare, explain_many

Raws = Sequence[float | None]
WORTH_TELLING = 0.05  # points: less would be shown as 0.0
MOST_TOLD = 3


@dataclass(frozen=True)
class Split:
    """A change of score in points. `card`: what another version of the scorecard did to the old inputs; None where the
    version is the same. `data`: what came or went of the data. `moved`: what each measure did, by 0.05 points or
    more, largest first; with the smaller ones they sum to the change.
    """

    card: float | None
    data: float
    moved: list[tuple[MeasureShare, float]]

    @property
    def behaviour(self) -> float:
        """The change that is not the scorecard's and not the data's."""
        return sum(points for _share, points in self.moved)


def shares_moved(now: Sequence[MeasureShare], then: Sequence[MeasureShare]) -> list[tuple[MeasureShare, float]]:
    """By how much each measure's contribution changed, largest first; measures that did not move are left out."""
    old = {share.key: share for share in then}
    new = {share.key: share for share in now}
    found = []
    for key in {**old, **new}:
        change = (new[key].contribution if key in new else 0.0) - (old[key].contribution if key in old else 0.0)
        if abs(change) >= WORTH_TELLING:
            found.append((new.get(key) or old[key], change))
    return sorted(found, key=lambda move: -abs(move[1]))


def measure_label(share: MeasureShare) -> str:
    """The words of a measure in the reader's language."""
    return fact_label(share.fact, share.key)


def fact_label(fact: Fact | None, key: str) -> str:
    """The words of the fact behind a measure in the reader's language; its key where no fact is known."""
    if key == LIMITS:
        return _("Bands and exceptions")
    return _(str(fact.label)) if fact else key


def change_splits(pairs: Sequence[tuple[Score, Score]]) -> dict[int, Split]:
    """The change of each pair (now, then), by account; every score of one day, as `explain_many` takes them.

    The steps of the ledger for many accounts at once: a card without exceptions is linear in what customers do. Where
    a card has some, the ledger is asked account by account.
    """
    limited = [pair for pair in pairs if any(score.version.definition.get("exceptions") for score in pair)]
    if limited:
        asked = {new.account_id for new, _old in limited}
        plain = [pair for pair in pairs if pair[0].account_id not in asked]
        return {new.account_id: _ledger_split(new, old) for new, old in limited} | change_splits(plain)
    now = explain_many([new for new, _old in pairs])
    then = explain_many([old for _new, old in pairs])
    switched = {new.account_id: _switched(new, old) for new, old in pairs if new.version_id != old.version_id}
    under = explain_many(list(switched.values()))
    held = [(new, switched.get(new.account_id, old)) for new, old in pairs]
    there = explain_many([_there(new, old) for new, old in held if _gaps(new.raws) != _gaps(old.raws)])
    found = {}
    for pk in now:
        versioned = under.get(pk, then[pk])
        base = there.get(pk, versioned)
        card = _total(versioned) - _total(then[pk]) if pk in under else None
        found[pk] = Split(card, _total(base) - _total(versioned), shares_moved(now[pk], base))
    return found


def _ledger_split(new: Score, old: Score) -> Split:
    card, data = None, 0.0
    moved: list[tuple[MeasureShare, float]] = []
    shares = {share.key: share for share in explain_many([new])[new.account_id]}
    for step in ledger(_state(old), _state(new)):
        if step.name in (SWITCH, CONFIGURATION):
            card = (card or 0.0) + step.points
        elif step.name == AVAILABILITY:
            data = step.points
        else:
            none = MeasureShare(LIMITS, None, "", None, None, 0.0, 0.0)
            told = [(shares.get(key, none), points) for key, points in step.parts.items()]
            moved = sorted((one for one in told if abs(one[1]) >= WORTH_TELLING), key=lambda one: -abs(one[1]))
    return Split(card, data, moved)


def _total(shares: Sequence[MeasureShare]) -> float:
    return sum(share.contribution for share in shares)


def _gaps(raws: Raws) -> list[bool]:
    return [raw is None for raw in raws]


def _switched(new: Score, old: Score) -> Score:
    """The old day under the new version; never saved."""
    raws = old_inputs([old.raws], [new.raws], old.version, new.version)[0]
    return Score(account_id=new.account_id, version=new.version, raws=raws)


def _there(new: Score, old: Score) -> Score:
    """The old day with what is there on the new one, both of one version; never saved."""
    raws = [
        None if now is None else now if then is None else then for now, then in zip(new.raws, old.raws, strict=True)
    ]
    return Score(account_id=new.account_id, version=new.version, raws=raws)


def old_inputs(
    olds: Sequence[Raws], news: Sequence[Raws], old: ScorecardVersion, new: ScorecardVersion
) -> list[list[float | None]]:
    """Raw values of the old day in the order of the new version, row by row.

    A measure that the old version did not have takes the new day's value: that it counts at all is the scorecard's
    doing, not the customer's.
    """
    place = {key: at for at, key in enumerate(old.measure_keys)}
    before = card_of(old.definition).measures
    ways = [(place.get(m.key), m) for m in card_of(new.definition).measures]
    return [
        [fresh[j] if i is None else _as_under(m, before[i], row[i]) for j, (i, m) in enumerate(ways)]
        for row, fresh in zip(olds, news, strict=True)
    ]


def _as_under(new: Measure, old: Measure, raw: float | None) -> float | None:
    """A raw value as the measure of another version holds it: a category goes by its code."""
    if raw is None or not (new.categories or old.categories):
        return raw
    return new.raw(old.value(raw))


def scores_again(
    olds: Sequence[Raws], news: Sequence[Raws], old: ScorecardVersion, new: ScorecardVersion
) -> list[float]:
    """What the old day's inputs would have scored under the new version, row by row: one pass of arithmetic."""
    matrix = np.array(old_inputs(olds, news, old, new), dtype=np.float64)
    totals: list[float] = points_rows(card_of(new.definition), matrix).tolist()
    return totals


class Part(NamedTuple):
    """A part of a score's change: the step of the ledger, its words, a note on it, and the points."""

    step: str
    label: str
    note: str
    points: float


def ledger_parts(now: Score, then: Score) -> list[Part]:
    """The change of an account's score between two days by the exact ledger, step by step, the largest part first.

    What another scorecard or version did is one part. Parts under 0.05 points are told together; all sum to the change.
    """
    facts = facts_of([*now.version.measure_keys, *then.version.measure_keys])
    found = []
    for step in ledger(_state(then), _state(now)):
        if step.name in (SWITCH, CONFIGURATION):
            found.append(Part(step.name, _version_words(now, then), _most(step, facts), step.points))
            continue
        note = _("data came or went") if step.name == AVAILABILITY else ""
        found += [Part(step.name, label, note, points) for label, points in _told(step, facts)]
    return found


def _version_words(now: Score, then: Score) -> str:
    """What took the place of what: another scorecard, or another version of the same."""
    old, new = then.version, now.version
    if old.scorecard_id != new.scorecard_id:
        return _("Scorecard “%(old)s” → “%(new)s”") % {"old": old.scorecard, "new": new.scorecard}
    return _("Scorecard v%(old)d → v%(new)d") % {"old": old.number, "new": new.number}


def _most(step: Step, facts: Mapping[str, Fact]) -> str:
    """The measures through which another scorecard or version did most."""
    told = [f"{label} {formats.signed(points, 1)}" for label, points in _told(step, facts)[:MOST_TOLD]]
    return _(", ").join(told)


def _told(step: Step, facts: Mapping[str, Fact]) -> list[tuple[str, float]]:
    parts = sorted(step.parts.items(), key=lambda part: -abs(part[1]))
    told = [(fact_label(facts.get(key), key), points) for key, points in parts if abs(points) >= WORTH_TELLING]
    rest = step.points - sum(points for _label, points in told)
    return [*told, (_("Smaller changes"), rest)] if abs(rest) >= WORTH_TELLING else told


def _state(score: Score) -> State:
    """What a stored score was made of."""
    card = card_of(score.version.definition)
    values = {m.key: m.value(raw) for m, raw in zip(card.measures, score.raws, strict=True)}
    return State(score.version.scorecard_id, card, values)

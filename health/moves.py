"""What moved a score between two days: the scorecard's change apart from the customer's."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _

from health.models import Score, ScorecardVersion
from health.scoring import card_of, share_rows
from health.selectors import MeasureShare, explain_many

Raws = Sequence[float | None]


@dataclass(frozen=True)
class Split:
    """A change of score in points. `card`: what another version of the scorecard did to the old inputs; None where the
    version is the same. `moved`: what each measure did under the new version, largest first; together with `card` they
    sum to the change.
    """

    card: float | None
    moved: list[tuple[MeasureShare, float]]

    @property
    def behaviour(self) -> float:
        """The change that is not the scorecard's."""
        return sum(points for _share, points in self.moved)


def shares_moved(now: Sequence[MeasureShare], then: Sequence[MeasureShare]) -> list[tuple[MeasureShare, float]]:
    """By how much each measure's contribution changed, largest first; measures that did not move are left out."""
    old = {share.key: share for share in then}
    new = {share.key: share for share in now}
    found = []
    for key in {**old, **new}:
        change = (new[key].contribution if key in new else 0.0) - (old[key].contribution if key in old else 0.0)
        if abs(change) >= 0.05:
            found.append((new.get(key) or old[key], change))
    return sorted(found, key=lambda move: -abs(move[1]))


def measure_label(share: MeasureShare) -> str:
    """The words of a measure in the reader's language."""
    return _(str(share.fact.label)) if share.fact else share.key


def change_splits(pairs: Sequence[tuple[Score, Score]]) -> dict[int, Split]:
    """The change of each pair (now, then), by account; every score of one day, as `explain_many` takes them."""
    now = explain_many([new for new, _old in pairs])
    then = explain_many([old for _new, old in pairs])
    switched = [_switched(new, old) for new, old in pairs if new.version_id != old.version_id]
    again = explain_many(switched)
    found = {}
    for new, _old in pairs:
        pk = new.account_id
        if pk not in again:
            found[pk] = Split(None, shares_moved(now[pk], then[pk]))
            continue
        card = sum(share.contribution for share in again[pk]) - sum(share.contribution for share in then[pk])
        found[pk] = Split(card, shares_moved(now[pk], again[pk]))
    return found


def _switched(new: Score, old: Score) -> Score:
    """The old day under the new version; never saved."""
    raws = old_inputs([old.raws], [new.raws], old.version, new.version)[0]
    return Score(account_id=new.account_id, version=new.version, raws=raws)


def old_inputs(
    olds: Sequence[Raws], news: Sequence[Raws], old: ScorecardVersion, new: ScorecardVersion
) -> list[list[float | None]]:
    """Raw values of the old day in the order of the new version, row by row.

    A measure that the old version did not have takes the new day's value: that it counts at all is the scorecard's
    doing, not the customer's.
    """
    place = {key: at for at, key in enumerate(old.measure_keys)}
    at = [place.get(key) for key in new.measure_keys]
    rows = zip(olds, news, strict=True)
    return [[row[i] if i is not None else fresh[j] for j, i in enumerate(at)] for row, fresh in rows]


def scores_again(
    olds: Sequence[Raws], news: Sequence[Raws], old: ScorecardVersion, new: ScorecardVersion
) -> list[float]:
    """What the old day's inputs would have scored under the new version, row by row: one pass of arithmetic."""
    matrix = np.array(old_inputs(olds, news, old, new), dtype=np.float64)
    totals: list[float] = share_rows(card_of(new.definition), matrix).contributions.sum(axis=1).tolist()
    return totals

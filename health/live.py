"""The raw values that previews score: read once for both sides, and kept for a moment while somebody edits a card.

An editor asks for a preview at every change of a slider. What the measures rest on is read when the first one is asked
for and serves the next ones for `KEPT`: only the card differs between them. What is published, discussed or answered
over the API is always read anew.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from health.card import Card, Group, Measure
from health.inputs import raws_from, values_read
from health.scoring import Floats
from tenants.scope import current_tenant_id

KEPT = timedelta(minutes=1)
_MOST = 8  # editors at work; ten thousand accounts by thirty measures are 2.4 MB
Places = NDArray[np.int64]
_Column = tuple[str, tuple[str, ...], int | None]


class Inputs:
    """The raw values of some accounts on a day, column by column, as cards ask for them."""

    def __init__(self, *, as_of: date, account_ids: Sequence[int]) -> None:
        self.account_ids = account_ids
        self._as_of = as_of
        self._columns: dict[_Column, Floats] = {}
        self._places = {pk: place for place, pk in enumerate(account_ids)}

    def read(self, cards: Iterable[Card]) -> None:
        """Read what is not held yet of all the cards' measures, together."""
        wanted = {_column(measure): measure for card in cards for measure in card.measures}
        gone = tuple(measure for column, measure in wanted.items() if column not in self._columns)
        if not gone:
            return
        card = Card((Group("", 1, gone),), 0, 0, 0)
        values = values_read(cards=[card], as_of=self._as_of, account_ids=self.account_ids)
        raws = raws_from(values, card, self.account_ids)
        self._columns |= {_column(one): np.ascontiguousarray(raws[:, place]) for place, one in enumerate(gone)}

    def rows(self, account_ids: Sequence[int]) -> Places:
        """The places of some of the accounts."""
        if len(account_ids) == len(self.account_ids):  # cards take every account once
            return np.arange(len(account_ids))
        return np.array([self._places[pk] for pk in account_ids], dtype=np.int64)

    def raws(self, card: Card, rows: Places) -> Floats:
        """The raw values of the card's measures for the accounts at these places (n, m), NaN where missing or old."""
        self.read([card])
        return np.stack([self._columns[_column(measure)][rows] for measure in card.measures], axis=1)


def _column(measure: Measure) -> _Column:
    """What decides a measure's raw values: its breakpoints and weight do not."""
    return measure.key, tuple(code for code, _score in measure.categories), measure.max_age


_kept: OrderedDict[tuple[int, date], tuple[datetime, Inputs]] = OrderedDict()
_lock = Lock()


def inputs_live(*, as_of: date, account_ids: Sequence[int], at: datetime) -> Inputs:
    """The inputs that this process read for the same accounts less than `KEPT` ago, else new ones."""
    key = (current_tenant_id(), as_of)
    with _lock:
        held = _kept.get(key)
        if held is not None and timedelta(0) <= at - held[0] < KEPT and list(held[1].account_ids) == list(account_ids):
            return held[1]
        found = Inputs(as_of=as_of, account_ids=account_ids)
        _kept[key] = (at, found)
        _kept.move_to_end(key)
        while len(_kept) > _MOST:
            _kept.popitem(last=False)
        return found

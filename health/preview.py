"""What a scorecard would do to every account that it takes, before it is published."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import numpy as np

from accounts.facts import Fact
from accounts.models import Account
from common.rounding import whole
from health.bounds import uncertain_rows
from health.card import BANDS as CARD_BANDS
from health.card import UNITS, Card, card_of
from health.definition import Document
from health.inputs import facts_of
from health.live import Inputs, inputs_live
from health.models import Band, Scorecard, ScorecardVersion
from health.moves import WORTH_TELLING, fact_label
from health.routing import cards_take, versions_of_accounts
from health.scoring import Scores, Shares, Units, band_places, score_rows, units_to_score
from health.selectors import card_list, versions_standing

BANDS = (Band.GREEN, Band.AMBER, Band.RED, Band.UNKNOWN)
BAND_NAMES = ("unknown", *CARD_BANDS)
TELLS = 3
TENTHS = 10
MOVED_MOST = 50


@dataclass(frozen=True)
class Moved:
    """An account whose score or band would change. Scores with four decimals; None for no score. `why`: the measures
    whose part of the score changes most, in words, with the points.
    """

    account: Account
    before: Decimal | None
    after: Decimal | None
    band_before: str
    band_after: str
    why: list[tuple[str, float]]

    @property
    def change(self) -> Decimal | None:
        """Points up or down, where both have a score."""
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def shown_before(self) -> int | None:
        """The whole number that pages show."""
        return None if self.before is None else whole(self.before)

    @property
    def shown_after(self) -> int | None:
        """The whole number that pages show."""
        return None if self.after is None else whole(self.after)


@dataclass(frozen=True)
class Crossing:
    """Accounts that go from one band to another, and their ARR."""

    before: str
    after: str
    accounts: int
    arr: Decimal


@dataclass(frozen=True)
class Tenth:
    """How many accounts have a score of `low` to under ten points more (the last one to 100), before and after;
    `before_share` and `after_share`: of the highest count of all, in percent.
    """

    low: int
    before: int
    after: int
    before_share: float
    after_share: float


@dataclass(frozen=True)
class Preview:
    """Before and after over the accounts that the card takes. `bands`: (band, accounts before, after). `uncertain`:
    accounts before and after whose band missing measures could change. `crossings`: the worst first. `spread`: accounts
    per ten points. `moved`: `MOVED_MOST` of those that change, band flips first, then the largest change. `after`: the
    scores of all accounts under the document.
    """

    accounts: int
    changed: int
    bands: list[tuple[Band, int, int]]
    flips: int
    arr_to_worse: Decimal
    arr_to_better: Decimal
    crossings: list[Crossing]
    spread: list[Tenth]
    moved: list[Moved]
    uncertain: tuple[int, int]
    account_ids: Sequence[int]
    after: "Side"

    @property
    def scores(self) -> dict[int, Decimal | None]:
        """The scores after, by account."""
        return {pk: self.after.score(place) for place, pk in enumerate(self.account_ids)}


class Side:
    """One side of a comparison: the scores of all the inputs' accounts, each under its card, in their order: `units` in
    ten-thousandths, −1 for none; `bands` as numbers (`BAND_NAMES`); `uncertain`: how many bands missing measures could
    change.
    """

    def __init__(self, parts: Sequence[tuple[Document, Sequence[int]]], inputs: Inputs) -> None:
        count = len(inputs.account_ids)
        self.units: Units = np.full(count, -1, dtype=np.int64)
        self.bands: Units = np.zeros(count, dtype=np.int64)
        self.uncertain = 0
        self._parts: list[tuple[Card, Scores]] = []
        self._part, self._row = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
        for document, ids in parts:
            card, rows = card_of(document), inputs.rows(ids)
            raws = inputs.raws(card, rows)
            scores = score_rows(card, raws)
            self.uncertain += int(uncertain_rows(card, raws, scores).sum())
            self.units[rows], self.bands[rows] = scores.units, band_places(card, scores.units)
            self._part[rows], self._row[rows] = len(self._parts), np.arange(len(ids))
            self._parts.append((card, scores))

    @property
    def keys(self) -> set[str]:
        """The measures of all its cards."""
        return {key for card, _scores in self._parts for key in card.keys}

    def score(self, place: int) -> Decimal | None:
        """The score of an account by its place, with four decimals."""
        return units_to_score(int(self.units[place]))

    def band(self, place: int) -> str:
        """Its band."""
        return BAND_NAMES[int(self.bands[place])]

    def given(self, place: int) -> dict[str, float]:
        """What each measure gives to it, in points, and (under an empty key) bands and exceptions."""
        card, scores = self._parts[int(self._part[place])]
        row = int(self._row[place])
        own = Shares(card, scores.coverage[row : row + 1], scores.subscores[row : row + 1])
        return {
            **dict(zip(card.keys, own.contributions[0].tolist(), strict=True)),
            "": int(scores.limited[row]) / UNITS,
        }


def preview(*, card: Scorecard, document: Document, as_of: date, live: datetime | None = None) -> Preview:
    """The accounts that the card takes, under the document and as they are scored now; on one day's facts. `live`: the
    instant at which somebody who edits asks; facts read a moment before serve again.
    """
    ids = accounts_taken(card, as_of)
    now = versions_of_accounts(day=as_of, account_ids=ids)
    if live is None:
        inputs = Inputs(as_of=as_of, account_ids=ids)
    else:
        inputs = inputs_live(as_of=as_of, account_ids=ids, at=live)
    inputs.read([card_of(one) for one in (document, *(part.version.definition for part in now))])
    return compare(
        before=Side([(one.version.definition, one.account_ids) for one in now], inputs),
        after=Side([(document, ids)], inputs),
        account_ids=ids,
    )


def compare_versions(*, before: ScorecardVersion, after: ScorecardVersion, as_of: date) -> Preview:
    """The accounts that a card takes under two of its versions, on one day's facts."""
    ids = accounts_taken(after.scorecard, as_of)
    inputs = Inputs(as_of=as_of, account_ids=ids)
    inputs.read([card_of(version.definition) for version in (before, after)])
    sides = (Side([(version.definition, ids)], inputs) for version in (before, after))
    return compare(before=next(sides), after=next(sides), account_ids=ids)


def accounts_taken(card: Scorecard, as_of: date) -> list[int]:
    """The live accounts that the card would take if it were published today, in order of their ids."""
    live = list(Account.objects.filter(archived_at=None).order_by("id").values_list("id", flat=True))
    cards = [one for one in card_list() if one.pk == card.pk or versions_standing(one).exists()]
    found = {one.pk: ids for one, ids in cards_take(day=as_of, account_ids=live, cards=cards)}
    return found.get(card.pk, [])


def compare(*, before: Side, after: Side, account_ids: Sequence[int]) -> Preview:
    """Two sides of the same accounts, account by account and together."""
    flipped = before.bands != after.bands
    both = (before.units >= 0) & (after.units >= 0)
    change = np.where(both, np.abs(after.units - before.units), 0)
    places = np.flatnonzero((before.units != after.units) | flipped)
    places = places[np.lexsort((np.array(account_ids)[places], -change[places], ~flipped[places]))]
    most: list[int] = places[:MOVED_MOST].tolist()
    crossings = _crossings(before, after, np.flatnonzero(flipped).tolist(), account_ids)
    told = Account.objects.in_bulk([account_ids[place] for place in most])
    facts = facts_of(before.keys | after.keys)
    counts = [np.bincount(side.bands, minlength=len(BAND_NAMES)).tolist() for side in (before, after)]
    numbers = [(band, BAND_NAMES.index(band)) for band in BANDS]
    return Preview(
        accounts=len(account_ids),
        changed=len(places),
        bands=[(band, counts[0][number], counts[1][number]) for band, number in numbers],
        flips=int(flipped.sum()),
        arr_to_worse=_arr(one for one in crossings if rank(one.after) < rank(one.before)),
        arr_to_better=_arr(one for one in crossings if rank(one.after) > rank(one.before)),
        crossings=crossings,
        spread=_spread(before, after),
        moved=[_moved(told[account_ids[place]], place, (before, after), facts) for place in most],
        uncertain=(before.uncertain, after.uncertain),
        account_ids=account_ids,
        after=after,
    )


def _moved(account: Account, place: int, sides: tuple[Side, Side], facts: Mapping[str, Fact]) -> Moved:
    before, after = sides
    then, now = before.given(place), after.given(place)
    why = [(key, now.get(key, 0.0) - then.get(key, 0.0)) for key in {**then, **now}]
    why = sorted((one for one in why if abs(one[1]) >= WORTH_TELLING), key=lambda one: -abs(one[1]))
    told = [(fact_label(facts.get(key), key), points) for key, points in why[:TELLS]]
    return Moved(account, before.score(place), after.score(place), before.band(place), after.band(place), told)


def _crossings(before: Side, after: Side, flipped: Sequence[int], account_ids: Sequence[int]) -> list[Crossing]:
    """Every pair of bands between which accounts go: to the worst band first."""
    ids = [account_ids[place] for place in flipped]
    arrs = dict(Account.objects.filter(pk__in=ids).values_list("pk", "arr"))
    ways: dict[tuple[str, str], list[int]] = {}
    for place, pk in zip(flipped, ids, strict=True):
        ways.setdefault((before.band(place), after.band(place)), []).append(pk)
    found = [
        Crossing(then, now, len(own), sum((arrs[pk] or Decimal(0) for pk in own), Decimal(0)))
        for (then, now), own in ways.items()
    ]
    return sorted(found, key=lambda one: (rank(one.after), -rank(one.before)))


def _spread(before: Side, after: Side) -> list[Tenth]:
    counts = [_tenths(side) for side in (before, after)]
    most = max((*counts[0], *counts[1])) or 1
    return [
        Tenth(n * TENTHS, counts[0][n], counts[1][n], 100 * counts[0][n] / most, 100 * counts[1][n] / most)
        for n in range(10)
    ]


def _tenths(side: Side) -> list[int]:
    """Accounts by the tens of their score; 100 with the nineties."""
    tens = np.minimum(side.units[side.units >= 0] // (TENTHS * UNITS), 9)
    found: list[int] = np.bincount(tens, minlength=10).tolist()
    return found


def rank(band: str) -> int:
    """Bands from the worst to the best; no score lies between red and amber."""
    return {"red": 0, "unknown": 1, "amber": 2, "green": 3}[band]


def _arr(crossings: Iterable[Crossing]) -> Decimal:
    return sum((one.arr for one in crossings), Decimal(0))

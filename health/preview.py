"""What a scorecard would do to every account, before it is published."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.models import Account
from common.rounding import whole
from health.definition import Document
from health.models import Band
from health.scoring import Card, Scores, card_of, score_rows
from health.services import raws_of

BANDS = (Band.GREEN, Band.AMBER, Band.RED, Band.UNKNOWN)


@dataclass(frozen=True)
class Moved:
    """An account whose score or band would change. Scores with four decimals; None for no score."""

    account: Account
    before: Decimal | None
    after: Decimal | None
    band_before: str
    band_after: str

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
class Preview:
    """Before and after over all accounts. `bands`: (band, accounts before, after). `moved`: largest change first."""

    accounts: int
    bands: list[tuple[Band, int, int]]
    flips: int
    arr_to_worse: Decimal
    arr_to_better: Decimal
    moved: list[Moved]
    scores: dict[int, Decimal | None]


def preview(*, before: Document, after: Document, as_of: date) -> Preview:
    """Score every live account of the day's facts under both documents."""
    accounts = list(Account.objects.filter(archived_at=None).order_by("id"))
    ids = [account.pk for account in accounts]
    old, new = _scores(card_of(before), as_of, ids), _scores(card_of(after), as_of, ids)
    moved = [
        Moved(account, old.score(i), new.score(i), old.bands[i], new.bands[i])
        for i, account in enumerate(accounts)
        if old.units[i] != new.units[i] or old.bands[i] != new.bands[i]
    ]
    moved.sort(key=_by_weight)
    counts = Counter(old.bands), Counter(new.bands)
    return Preview(
        accounts=len(accounts),
        bands=[(band, counts[0][band], counts[1][band]) for band in BANDS],
        flips=sum(1 for m in moved if m.band_before != m.band_after),
        arr_to_worse=_arr(m for m in moved if _rank(m.band_after) < _rank(m.band_before)),
        arr_to_better=_arr(m for m in moved if _rank(m.band_after) > _rank(m.band_before)),
        moved=moved,
        scores={account.pk: new.score(i) for i, account in enumerate(accounts)},
    )


def _by_weight(moved: Moved) -> tuple[bool, Decimal, int]:
    """Band flips first, then the largest change."""
    return moved.band_before == moved.band_after, -abs(moved.change or Decimal(0)), moved.account.pk


def _scores(card: Card, as_of: date, ids: Sequence[int]) -> Scores:
    return score_rows(card, raws_of(card=card, as_of=as_of, account_ids=ids))


def _rank(band: str) -> int:
    return {"red": 0, "unknown": 1, "amber": 2, "green": 3}[band]


def _arr(moved: Iterable[Moved]) -> Decimal:
    return sum((m.account.arr or Decimal(0) for m in moved), Decimal(0))

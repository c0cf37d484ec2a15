"""In which order Today names accounts: pure arithmetic, told to people in docs/today.md.

    rank = stake × risk of the band × (1 − Π over its reasons (1 − urgency) (1 − lateness))

The stake is the ARR in the tenant's currency. Reasons combine as independent risks would, so one more never lowers an
account, and none pushes it beyond its stake. Every factor is a decimal of two places, so the product is exact.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from statistics import median_low

# The share of an account's ARR that its band puts at risk. Green is not nothing: a promise to a healthy customer must
# not vanish behind every amber one.
BAND_RISK = {"red": Decimal(1), "amber": Decimal("0.5"), "unknown": Decimal("0.5"), "green": Decimal("0.1")}
LATE_MOST = 25  # days after which being late counts no further: it is then a risk of one half
LATE_DAY = Decimal("0.02")
ONE = Decimal(1)
HUNDREDTH = Decimal("0.01")
EXACT = Context(prec=200)


@dataclass(frozen=True)
class Stake:
    """What an account has at stake. `arr`: in the tenant's currency; None where unknown or in a currency without a
    rate.
    """

    account_id: int
    arr: Decimal | None
    band: str
    name_key: str


@dataclass(frozen=True)
class Pressing:
    """How a reason presses: its urgency in per cent, the day it was due, and a place among its like for ties."""

    urgency: int
    due: date | None
    place: tuple[int, str] = (0, "")


def share_at_risk(pressing: Pressing, today: date) -> Decimal:
    """1 − (1 − urgency) (1 − lateness); lateness is 2 % a day, at most 50 %."""
    late = min(max((today - pressing.due).days, 0), LATE_MOST) if pressing.due else 0
    return ONE - (ONE - pressing.urgency * HUNDREDTH) * (ONE - late * LATE_DAY)


def first_first(pressing: Pressing, today: date) -> tuple[Decimal, date, tuple[int, str]]:
    """The order of one account's reasons: the most urgent first, then the one due first."""
    return (-share_at_risk(pressing, today), pressing.due or date.max, pressing.place)


def typical_arr(stakes: Iterable[Stake]) -> Decimal:
    """What an account without an ARR counts as: half the median of those that have one; 1 where none has.

    Half, so that it neither leads the list nor stands at its end for ever.
    """
    known = [stake.arr for stake in stakes if stake.arr]
    return median_low(known) / 2 if known else ONE


def rank_value(stake: Stake, pressing: Sequence[Pressing], today: date, typical: Decimal) -> Decimal:
    """The rank of an account, in money."""
    left = ONE
    for one in pressing:
        left = EXACT.multiply(left, ONE - share_at_risk(one, today))
    worth = EXACT.multiply(stake.arr or typical, BAND_RISK.get(stake.band, BAND_RISK["unknown"]))
    return EXACT.multiply(worth, EXACT.subtract(ONE, left))


def ranked(stakes: Iterable[Stake], pressing: dict[int, list[Pressing]], today: date) -> list[tuple[Stake, Decimal]]:
    """The accounts with their rank, the highest first; of equals the one due first, then the larger ARR, then by name,
    then by id, so that the order is always the same.
    """
    stakes = list(stakes)
    typical = typical_arr(stakes)
    valued = [(stake, rank_value(stake, pressing[stake.account_id], today, typical)) for stake in stakes]

    def key(one: tuple[Stake, Decimal]) -> tuple[Decimal, date, Decimal, str, int]:
        stake, value = one
        due = min((p.due for p in pressing[stake.account_id] if p.due), default=date.max)
        return (-value, due, -(stake.arr or Decimal(0)), stake.name_key, stake.account_id)

    return sorted(valued, key=key)

"""How much each CSM carries, and what moving accounts would do. Pure.

The load of an account is the number of touches a month that its service tier owes it. A CSM is overloaded with more
accounts than their target says are a full load, or with a load of more than 1.25 times the team's mean per CSM.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import fmean

TOO_MUCH = 1.25
BANDS = ("green", "amber", "red", "unknown")


@dataclass(frozen=True)
class Item:
    """An account as it weighs on its CSM. `arr` in the tenant's currency, None where none is known.

    `steps`: next steps overdue; `owed`: duties of its tier overdue.
    """

    account_id: int
    csm_id: int | None
    arr: Decimal | None = None
    at_risk: Decimal = Decimal(0)
    band: str = "unknown"
    tier_id: int | None = None
    load: float = 0.0
    steps: int = 0
    owed: int = 0


@dataclass(frozen=True)
class Load:
    """What the accounts of one CSM come to."""

    accounts: int = 0
    arr: Decimal = Decimal(0)
    at_risk: Decimal = Decimal(0)
    load: float = 0.0
    steps: int = 0
    owed: int = 0
    bands: Mapping[str, int] = field(default_factory=dict)
    tiers: Mapping[int | None, int] = field(default_factory=dict)

    @property
    def overdue(self) -> int:
        """Next steps and duties that are overdue."""
        return self.steps + self.owed


def load_of(items: Iterable[Item]) -> Load:
    """The sum of accounts."""
    items = list(items)
    return Load(
        len(items),
        sum((item.arr for item in items if item.arr is not None), Decimal(0)),
        sum((item.at_risk for item in items), Decimal(0)),
        sum(item.load for item in items),
        sum(item.steps for item in items),
        sum(item.owed for item in items),
        Counter(item.band for item in items),
        Counter(item.tier_id for item in items),
    )


def by_csm(items: Iterable[Item]) -> dict[int | None, Load]:
    """What each CSM carries; under None what nobody looks after."""
    held: dict[int | None, list[Item]] = {}
    for item in items:
        held.setdefault(item.csm_id, []).append(item)
    return {csm: load_of(each) for csm, each in held.items()}


def overloaded(*, load: Load, full: int | None, team: Sequence[Load]) -> bool:
    """Whether a CSM carries too much: `full` accounts are a full load, `team` is what everybody carries."""
    mean = fmean(one.load for one in team) if team else 0.0
    return (full is not None and load.accounts > full) or (mean > 0 and load.load > TOO_MUCH * mean)


@dataclass(frozen=True)
class Side:
    """A CSM before and after."""

    csm_id: int | None
    before: Load
    after: Load


def sides(*, items: Sequence[Item], picked: Collection[int], csm_id: int | None) -> list[Side]:
    """What giving the picked accounts to a CSM does to everybody concerned: that CSM first, then those who give."""
    after = [Item(**{**vars(item), "csm_id": csm_id}) if item.account_id in picked else item for item in items]
    gives = {item.csm_id for item in items if item.account_id in picked} - {csm_id}
    old, new = by_csm(items), by_csm(after)
    order = [csm_id, *sorted(gives, key=lambda pk: (pk is None, pk or 0))]
    return [Side(pk, old.get(pk, Load()), new.get(pk, Load())) for pk in order]

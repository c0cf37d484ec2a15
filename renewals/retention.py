"""Retention of a period: movements, the bridge from opening to closing ARR, and the ratios made of them. Pure.

All amounts are whole cents of the tenant's currency. A period runs from the day t0 to the day t1; movements are per
customer, netted between the two and at t0's exchange rates, so that the rates' own effect stands alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction


class Kind(StrEnum):
    """What a customer's ARR did between two days."""

    NEW = "new"
    REACTIVATION = "reactivation"
    EXPANSION = "expansion"
    CONTRACTION = "contraction"
    CHURN = "churn"
    STEADY = "steady"


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer's ARR: on t0, on t1 at t0's rates (`kept`), and on t1 at its own rates.

    `before`: there was ARR on some day before t0. `price`: what changed prices per seat alone make of kept − opening.
    """

    opening: int
    kept: int
    closing: int
    before: bool = False
    price: int = 0


def kind_of(opening: int, kept: int, *, before: bool) -> Kind:
    """What the step from one ARR to another is; `before`: the customer had ARR earlier."""
    if opening == kept:
        return Kind.STEADY
    if opening == 0:
        return Kind.REACTIVATION if before else Kind.NEW
    if kept == 0:
        return Kind.CHURN
    return Kind.EXPANSION if kept > opening else Kind.CONTRACTION


@dataclass
class Bridge:
    """From opening to closing ARR: `opening + Σ moved + currency = closing`, always.

    `moved` and `logos` by kind; losses are negative. `price`: the part of expansion and of contraction that changed
    prices per seat make. `customers`: with ARR at t0 and at t1. `retained`: Σ min(kept, opening) of t0's customers.
    """

    opening: int = 0
    currency: int = 0
    closing: int = 0
    retained: int = 0
    customers: int = 0
    customers_after: int = 0
    moved: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    logos: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    price: dict[Kind, int] = field(default_factory=lambda: {Kind.EXPANSION: 0, Kind.CONTRACTION: 0})

    def add(self, customer: Customer) -> None:
        """Count one more customer."""
        kind = kind_of(customer.opening, customer.kept, before=customer.before)
        self.opening += customer.opening
        self.closing += customer.closing
        self.currency += customer.closing - customer.kept
        self.retained += min(customer.opening, customer.kept)
        self.customers += customer.opening > 0
        self.customers_after += customer.kept > 0
        self.moved[kind] += customer.kept - customer.opening
        self.logos[kind] += 1
        if kind in self.price:
            self.price[kind] += customer.price

    def add_sums(self, kind: Kind, sums: "Sums") -> None:
        """Count customers of one kind by their sums."""
        self.opening += sums.opening
        self.closing += sums.closing
        self.currency += sums.closing - sums.kept
        self.retained += sums.retained
        self.customers += sums.customers
        self.customers_after += sums.customers_after
        self.moved[kind] += sums.kept - sums.opening
        self.logos[kind] += sums.logos
        if kind in self.price:
            self.price[kind] += sums.price

    def merge(self, other: "Bridge") -> None:
        """Count the customers of another bridge too, none of whom are in this one."""
        for name in ("opening", "currency", "closing", "retained", "customers", "customers_after"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for kind in Kind:
            self.moved[kind] += other.moved[kind]
            self.logos[kind] += other.logos[kind]
        for kind in self.price:
            self.price[kind] += other.price[kind]

    @property
    def kept(self) -> int:
        """ARR at t1, at t0's rates, of the customers of t0."""
        gained = self.moved[Kind.EXPANSION] + self.moved[Kind.CONTRACTION] + self.moved[Kind.CHURN]
        return self.opening + gained

    @property
    def lost(self) -> int:
        """Churned and contracted ARR, positive."""
        return -(self.moved[Kind.CHURN] + self.moved[Kind.CONTRACTION])

    @property
    def gained(self) -> int:
        """New, expanded and reactivated ARR."""
        return self.moved[Kind.NEW] + self.moved[Kind.EXPANSION] + self.moved[Kind.REACTIVATION]

    @property
    def grr(self) -> Fraction | None:
        """Σ min(ARR at t1, ARR at t0) ÷ Σ ARR at t0 over the customers of t0; never above 1."""
        return ratio(self.retained, self.opening)

    @property
    def nrr(self) -> Fraction | None:
        """Σ ARR at t1 ÷ Σ ARR at t0 over the customers of t0."""
        return ratio(self.kept, self.opening)

    @property
    def nrr_with_reactivation(self) -> Fraction | None:
        """NRR in which customers lost before t0 and back by t1 count as kept."""
        return ratio(self.kept + self.moved[Kind.REACTIVATION], self.opening)

    @property
    def logo_churn(self) -> Fraction | None:
        """Customers of t0 without ARR at t1 ÷ customers of t0."""
        return ratio(self.logos[Kind.CHURN], self.customers)

    @property
    def revenue_churn(self) -> Fraction | None:
        """Churned and contracted ARR ÷ opening ARR: 1 − GRR."""
        return ratio(self.lost, self.opening)

    @property
    def quick_ratio(self) -> Fraction | None:
        """New, expanded and reactivated ÷ contracted and churned ARR; not defined when nothing was lost."""
        return ratio(self.gained, self.lost)

    def lifetime_value(self, *, margin: Fraction, years: Fraction) -> Fraction | None:
        """Average ARR per customer of t0 × gross margin ÷ revenue churn a year; not defined when nothing was lost.

        In cents. `years`: how long the period is, by which churn is brought to a year in proportion.
        """
        if not self.lost or not self.customers:
            return None
        return Fraction(self.opening, self.customers) * margin / (Fraction(self.lost, self.opening) / years)


@dataclass(frozen=True, slots=True)
class Sums:
    """Customers of one kind together: how many, how many with ARR at t0 and at t1, Σ opening, kept, closing,
    min(opening, kept) and price.
    """

    logos: int
    customers: int
    customers_after: int
    opening: int
    kept: int
    closing: int
    retained: int
    price: int


def ratio(part: int, whole: int) -> Fraction | None:
    """An exact share; None where there is nothing to take it of."""
    return Fraction(part, whole) if whole else None


def bridge_of(customers: Iterable[Customer]) -> Bridge:
    """The bridge of these customers."""
    bridge = Bridge()
    for customer in customers:
        bridge.add(customer)
    return bridge


def merged(bridges: Iterable[Bridge]) -> Bridge:
    """Bridges that share no customer, as one."""
    whole = Bridge()
    for bridge in bridges:
        whole.merge(bridge)
    return whole


@dataclass(frozen=True, slots=True)
class Step:
    """A day on which a customer's ARR, at t0's rates, became another; `before`: there was ARR earlier."""

    customer: int
    opening: int
    kept: int
    before: bool


@dataclass
class Summed:
    """Every day's movement by itself, summed: the definition in use beside the netted one.

    Both have the same net; what one customer lost and won back inside the period stands in two rows here.
    """

    moved: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    steps: dict[int, list[Step]] = field(default_factory=dict)

    def churned(self) -> int:
        """Churned and contracted ARR, positive."""
        return -(self.moved[Kind.CHURN] + self.moved[Kind.CONTRACTION])


def summed_of(steps: Iterable[Step]) -> Summed:
    """The sums of every day's movement."""
    found = Summed()
    for step in steps:
        found.moved[kind_of(step.opening, step.kept, before=step.before)] += step.kept - step.opening
        found.steps.setdefault(step.customer, []).append(step)
    return found

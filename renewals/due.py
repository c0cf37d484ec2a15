"""Contracts that came due in a period and what became of them. Pure; amounts are whole cents.

A contract is due with the lines whose last day lies in the period, however early or late it was signed again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from renewals.retention import ratio


@dataclass(frozen=True, slots=True)
class DueLine:
    """A line that came due: its ARR, what follows it (None: nothing does), what was said of it, whether it may still
    be decided (`open`: nothing was said and the grace has not passed).
    """

    contract: int
    customer: int
    due: int
    followed: int | None
    outcome: str
    open: bool


@dataclass
class DueContract:
    """A contract's lines of a period together. `renewed`: at least one went on; `pending`: one is still open.

    `unknown`: a line was renewed for less, and no line says for how much; it counts as nothing.
    """

    contract: int
    customer: int
    due: int = 0
    renewed_arr: int = 0
    renewed: bool = False
    pending: bool = False
    unknown: bool = False

    def add(self, line: DueLine) -> None:
        """One more of its lines."""
        arr = renewed_arr(line)
        self.due += line.due
        self.renewed_arr += arr
        self.renewed |= line.outcome != "lost" and (bool(line.followed) or line.outcome in ("renewed", "shrunk"))
        self.pending |= line.open and not line.followed
        self.unknown |= line.outcome == "shrunk" and not line.followed

    @property
    def kept(self) -> int:
        """What counts in the rate that is never above 100 %."""
        return min(self.renewed_arr, self.due)


def renewed_arr(line: DueLine) -> int:
    """What went on of a line: the ARR of the lines that follow; without one, all of it where it was said to be
    renewed, and nothing otherwise.
    """
    if line.outcome == "lost":
        return 0
    if line.followed:
        return line.followed
    return line.due if line.outcome == "renewed" else 0


@dataclass(frozen=True)
class Renewals:
    """The contracts due in a period; the rates are None where nothing was due."""

    contracts: list[DueContract]

    @property
    def due(self) -> int:
        """ARR due."""
        return sum(one.due for one in self.contracts)

    @property
    def kept(self) -> int:
        """Renewed ARR, of each contract at most what was due."""
        return sum(one.kept for one in self.contracts)

    @property
    def renewed_arr(self) -> int:
        """Renewed ARR, with what grew."""
        return sum(one.renewed_arr for one in self.contracts)

    @property
    def pending(self) -> int:
        """ARR due of contracts that are still open."""
        return sum(one.due for one in self.contracts if one.pending)

    @property
    def customers(self) -> int:
        """Customers with a contract due."""
        return len({one.customer for one in self.contracts})

    @property
    def customers_renewed(self) -> int:
        """Customers of whom at least one contract due was renewed."""
        return len({one.customer for one in self.contracts if one.renewed})

    @property
    def logo_rate(self) -> Fraction | None:
        """续约率: customers with a contract renewed ÷ customers with a contract due."""
        return ratio(self.customers_renewed, self.customers)

    @property
    def contract_rate(self) -> Fraction | None:
        """Contracts renewed ÷ contracts due."""
        return ratio(sum(one.renewed for one in self.contracts), len(self.contracts))

    @property
    def revenue_rate(self) -> Fraction | None:
        """续费率: Σ min(renewed, due) ÷ Σ due; what is pending stays in the denominator."""
        return ratio(self.kept, self.due)

    @property
    def revenue_rate_uncapped(self) -> Fraction | None:
        """Σ renewed ÷ Σ due, with what grew: NRR on the renewal base."""
        return ratio(self.renewed_arr, self.due)


def renewals_of(lines: Iterable[DueLine]) -> Renewals:
    """The contracts of these lines, in the order of the first line of each."""
    found: dict[int, DueContract] = {}
    for line in lines:
        found.setdefault(line.contract, DueContract(line.contract, line.customer)).add(line)
    return Renewals(list(found.values()))

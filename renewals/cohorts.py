"""Cohorts: what is left of the customers who began in the same quarter. Pure; amounts are whole cents."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from renewals.retention import ratio


@dataclass
class Cohort:
    """Customers whose first contract began in the quarter from `start`; per quarter end their ARR and how many have
    any. The first of them is the cohort's own quarter, against which the others are held.
    """

    start: date
    arr: list[int] = field(default_factory=list)
    logos: list[int] = field(default_factory=list)

    @property
    def arr_left(self) -> list[Fraction | None]:
        """ARR at each quarter end ÷ ARR at the end of the cohort's own quarter."""
        return [ratio(amount, self.arr[0]) for amount in self.arr]

    @property
    def logos_left(self) -> list[Fraction | None]:
        """Customers with ARR at each quarter end ÷ those at the end of the cohort's own quarter."""
        return [ratio(count, self.logos[0]) for count in self.logos]


def cohorts_of(
    *, starts: Sequence[date], began: Mapping[int, date], levels: Iterable[tuple[int, int, int]]
) -> list[Cohort]:
    """The cohorts of the quarters `starts` (the last of them has not ended).

    `began`: the quarter in which each customer's first contract began. `levels`: customer, place of a quarter in
    `starts`, ARR at its end.
    """
    place = {start: number for number, start in enumerate(starts)}
    sums: dict[tuple[date, int], list[int]] = {}
    for customer, at, arr in levels:
        start = began[customer]
        if start in place and at >= place[start] and arr:
            held = sums.setdefault((start, at - place[start]), [0, 0])
            held[0], held[1] = held[0] + arr, held[1] + 1
    found = []
    for start in starts[:-1]:
        cells = [sums.get((start, age), [0, 0]) for age in range(len(starts) - 1 - place[start])]
        if any(arr for arr, _count in cells):
            found.append(Cohort(start, [arr for arr, _count in cells], [count for _arr, count in cells]))
    return found

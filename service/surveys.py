"""The arithmetic of surveys, pure: NPS, CSAT, and the window in which a person answers once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

RANGES = {"nps": (0, 10), "csat": (1, 5)}


def window_of(kind: str, day: date) -> str:
    """The span in which a person answers once: a calendar quarter for NPS ("2026Q1"), a month for CSAT ("2026-03")."""
    return f"{day.year}Q{(day.month + 2) // 3}" if kind == "nps" else f"{day.year}-{day.month:02d}"


@dataclass(frozen=True)
class Result:
    """What answers come to. `nps`: promoters (9, 10) − detractors (0 to 6), of 100 answers, exactly; `mean`: of CSAT
    answers. None without an answer of that kind.
    """

    nps: Fraction | None
    nps_answers: int
    mean: Fraction | None
    csat_answers: int
    satisfied: Fraction | None

    @property
    def all(self) -> int:
        """Every answer."""
        return self.nps_answers + self.csat_answers

    @property
    def nps_shown(self) -> float | None:
        """The NPS as a plain number."""
        return None if self.nps is None else float(self.nps)

    @property
    def mean_shown(self) -> float | None:
        """The mean as a plain number."""
        return None if self.mean is None else float(self.mean)

    @property
    def satisfied_shown(self) -> float | None:
        """The share of 4 and 5 as a plain ratio."""
        return None if self.satisfied is None else float(self.satisfied)


def result(answers: Iterable[tuple[str, int]]) -> Result:
    """The result of answers (kind, score)."""
    found = list(answers)
    nps = [score for kind, score in found if kind == "nps"]
    csat = [score for kind, score in found if kind == "csat"]
    balance = sum(score >= 9 for score in nps) - sum(score <= 6 for score in nps)
    return Result(
        nps=Fraction(100 * balance, len(nps)) if nps else None,
        nps_answers=len(nps),
        mean=Fraction(sum(csat), len(csat)) if csat else None,
        csat_answers=len(csat),
        satisfied=Fraction(sum(score >= 4 for score in csat), len(csat)) if csat else None,
    )

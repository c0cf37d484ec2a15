"""How well customers were served, from plain tickets: the figures of capability “service quality”, pure.

Times that have not ended yet (no answer, not closed) are counted beside a figure, never guessed into it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median


@dataclass(frozen=True)
class Case:
    """What the figures read of a ticket. `satisfaction`: 1 to 5, None when nobody answered."""

    opened_at: datetime
    first_response_at: datetime | None = None
    closed_at: datetime | None = None
    satisfaction: int | None = None
    basic: bool = False
    deflected: bool = False


@dataclass(frozen=True)
class Quality:
    """The figures of a set of tickets; None where nothing defines them.

    `first_response`: median minutes to the first answer, of those answered; `unanswered` others still wait, and those
    closed without an answer count as neither. `handling`: median hours from opening to closing, of those closed.
    `resolution_rate`: closed ÷ all. `satisfaction`: mean of the answers, 1 to 5; `satisfied`: share of 4 and 5.
    `basic_share`: basic questions ÷ all; `deflected_share`: basic questions that self-help answered ÷ basic questions,
    among both those whom a help article helped before they asked anybody (`helped`).
    """

    tickets: int
    unanswered: int
    first_response: float | None
    handling: float | None
    resolution_rate: float | None
    answers: int
    satisfaction: float | None
    satisfied: float | None
    basic_share: float | None
    deflected_share: float | None


def quality(cases: Iterable[Case], helped: int = 0) -> Quality:
    """The figures of these tickets, and of `helped` readers of the public help page, who needed none."""
    found = list(cases)
    waits = [_minutes(c.opened_at, c.first_response_at) for c in found if c.first_response_at]
    closed = [_minutes(c.opened_at, c.closed_at) / 60 for c in found if c.closed_at]
    answers = [c.satisfaction for c in found if c.satisfaction is not None]
    basic = [c for c in found if c.basic]
    return Quality(
        tickets=len(found),
        unanswered=sum(c.first_response_at is None and c.closed_at is None for c in found),
        first_response=_median(waits),
        handling=_median(closed),
        resolution_rate=_share(len(closed), len(found)),
        answers=len(answers),
        satisfaction=_share(sum(answers), len(answers)),
        satisfied=_share(sum(answer >= 4 for answer in answers), len(answers)),
        basic_share=_share(len(basic), len(found)),
        deflected_share=_share(sum(c.deflected for c in basic) + helped, len(basic) + helped),
    )


def _minutes(start: datetime, end: datetime | None) -> float:
    return (end - start).total_seconds() / 60 if end else 0.0


def _median(values: Sequence[float]) -> float | None:
    return float(median(values)) if values else None


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None

"""How conditions move an account through the five stages, and how long accounts stay in each. Pure.

The stages have an order, and the last one leads back to the one before it: after a renewal an account is in
after-sales again. Of an account in a stage:

* Is the stage's exit condition given and does not hold, the account stays.
* Else it goes to the furthest later stage whose entry condition holds.
* Is there none, the exit condition given, and the next stage without an entry condition, it goes to that one.
* Out of the last stage it goes only by its exit condition, and not while its own entry condition still holds.

So a stage without conditions is left and entered by hand only.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter

ORDER = ("configuration", "training", "go_live", "after_sales", "expansion_renewal")
RETURN = "after_sales"


def later(stage: str) -> tuple[str, ...]:
    """The stages that lie ahead of one, the next one first."""
    place = ORDER.index(stage)
    return ORDER[place + 1 :] or (RETURN,)


def target(stage: str, entries: Mapping[str, bool], exits: Mapping[str, bool]) -> str | None:
    """Where an account in `stage` goes, or None where it stays.

    `entries` and `exits` say of each stage that has such a condition whether it holds for the account.
    """
    leaves = exits.get(stage)
    if leaves is False or (stage == ORDER[-1] and (leaves is None or entries.get(stage))):
        return None
    ahead = later(stage)
    for one in reversed(ahead):
        if entries.get(one):
            return one
    return ahead[0] if leaves and ahead[0] not in entries else None


@dataclass(frozen=True)
class Stay:
    """An account in a stage on the days [start, end); `end` None: still there. `to`: the stage that followed.

    `begun`: whether the start is known. It is not when the records begin with the account in a later stage than the
    first: how long it had been there nobody wrote down.
    """

    account_id: int
    stage: str
    start: date
    end: date | None
    to: str | None
    begun: bool

    @property
    def went_on(self) -> bool:
        """Whether the account went on to a stage that lies ahead."""
        return self.to is not None and self.to in later(self.stage)


def stays_of(rows: Iterable[tuple[int, str, date]]) -> list[Stay]:
    """The stays told by rows of (account id, stage, first day), ordered by account and time."""
    found: list[Stay] = []
    for account_id, of_one in groupby(rows, key=itemgetter(0)):
        moves: list[tuple[str, date]] = []
        for _pk, stage, day in of_one:
            if not moves or moves[-1][0] != stage:
                moves.append((stage, day))
        for place, (stage, start) in enumerate(moves):
            to, end = moves[place + 1] if place + 1 < len(moves) else (None, None)
            found.append(Stay(account_id, stage, start, end, to, bool(place) or stage == ORDER[0]))
    return found


@dataclass(frozen=True)
class StageFigures:
    """Of the accounts that came into a stage in a period: how many, and where they are by `until`.

    `median`: days until half of them had gone on, by Kaplan-Meier; None where fewer than half have. `unknown`:
    accounts left out because they were in the stage when the records began.
    """

    stage: str
    entered: int
    went_on: int
    went_back: int
    left: int
    still: int
    median: int | None
    unknown: int

    @property
    def share(self) -> float | None:
        """Those that went on ÷ those that came in."""
        return self.went_on / self.entered if self.entered else None


def funnel(
    stays: Sequence[Stay], *, start: date, end: date, until: date, gone: Mapping[int, date]
) -> list[StageFigures]:
    """The figures of each stage over the first stay of each account in it that began in [start, end).

    `until`: the day up to which is known what followed. `gone`: the day on which an account was archived: it did not
    go on, and is not still there. Not having gone on, having gone back and being gone are censored: a stay so long
    says only that going on takes longer.
    """
    from accounts.survival import median_days

    figures = []
    for stage in ORDER:
        firsts: dict[int, Stay] = {}
        for stay in stays:
            if stay.stage == stage and stay.start <= until:
                firsts.setdefault(stay.account_id, stay)
        meant = [stay for stay in firsts.values() if start <= stay.start < end]
        known = [_until(stay, until) for stay in meant if stay.begun]
        on, back = sum(s.went_on for s in known), sum(s.to is not None and not s.went_on for s in known)
        left = sum(s.to is None and gone.get(s.account_id, until) < until for s in known)
        spans = [_span(stay, until, gone.get(stay.account_id)) for stay in known]
        figures.append(
            StageFigures(
                stage, len(known), on, back, left, len(known) - on - back - left, median_days(spans),
                len(meant) - len(known),
            )
        )  # fmt: skip
    return figures


def _until(stay: Stay, until: date) -> Stay:
    """The stay as it was known on a day: what ends later has not ended."""
    if stay.end is not None and stay.end > until:
        return Stay(stay.account_id, stay.stage, stay.start, None, None, stay.begun)
    return stay


def _span(stay: Stay, until: date, gone: date | None) -> tuple[int, bool]:
    """Days in the stage, and whether they ended by going on."""
    end = stay.end or (min(gone, until) if gone else until)
    return max((end - stay.start).days, 0), stay.went_on

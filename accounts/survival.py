"""How long something takes when some have not got there yet: the estimator of Kaplan and Meier (1958). Pure.

The mean of those that finished would be too short: it leaves out exactly the slow ones.
"""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

Span = tuple[int, bool]


def survival(spans: Sequence[Span]) -> list[tuple[int, Fraction]]:
    """The share that has not finished after each day on which some did, exactly.

    A span is (days, whether it finished). One that did not is censored: it counts as under way up to its last day,
    that day among them, and says nothing of later ones. S(t) = Π over days t_i ≤ t of 1 - finished_i ÷ under way_i.
    """
    finished = Counter(days for days, ended in spans if ended)
    lengths = Counter(days for days, _ended in spans)
    curve: list[tuple[int, Fraction]] = []
    share, under_way = Fraction(1), len(spans)
    for days in sorted(lengths):
        if finished[days]:
            share *= 1 - Fraction(finished[days], under_way)
            curve.append((days, share))
        under_way -= lengths[days]
    return curve


def median_days(spans: Sequence[Span]) -> int | None:
    """The first day by which half have finished; None where the curve does not come down to a half."""
    return next((days for days, share in survival(spans) if share <= Fraction(1, 2)), None)

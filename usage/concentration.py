"""How far the use of an account hangs on one person.

Pure. Shares are of active days: a user's days with use in the 30 days ending on the day ÷ those of all users.
"""

from collections.abc import Iterable


def top_share(active_days: Iterable[int]) -> float | None:
    """The largest user's share, 0…1; not defined (None) without any active day."""
    days = [count for count in active_days if count > 0]
    return max(days) / sum(days) if days else None


def concentration_index(active_days: Iterable[int]) -> float | None:
    """The Herfindahl–Hirschman index: the sum of the squared shares. 1 ÷ n when n users are equally active, 1 when
    there is only one; not defined without any active day.
    """
    days = [count for count in active_days if count > 0]
    total = sum(days)
    return sum(count * count for count in days) / (total * total) if days else None

"""The activity metrics: each defined once, with the text that pages show, and the arithmetic of day words.

A user's days with use are bits of 60-bit words, one word per epoch of 60 days. Every window that a metric
looks at is at most 56 days long, so its days are bits of two words: that of the epoch of its last day, and that of
the epoch before.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

EPOCH_DAYS = 60
WINDOW_DAYS = 56
TOTAL_DAYS = 360  # running totals of uses start anew every so many days
SESSION_GAP_MS = 30 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Window:
    """The days from `oldest` to `newest` days before the day asked for, both included."""

    oldest: int
    newest: int = 0


DAY, WEEK, MONTH = Window(0), Window(6), Window(29)
LATEST_28, BEFORE_28 = Window(27), Window(55, 28)


def masks(window: Window, offset: int) -> tuple[int, int]:
    """The bits of a window of the day at `offset` of its epoch: in the word of that epoch, and in that of the epoch
    before."""
    days = (1 << (window.oldest - window.newest + 1)) - 1
    return divmod(days << (EPOCH_DAYS + offset - window.oldest), 1 << EPOCH_DAYS)


def _(text: str) -> str:
    """Marks a text for translation; readers translate it when they show it."""
    return text


@dataclass(frozen=True, slots=True)
class Definition:
    """A metric as it is shown: `unit` is count, ratio (1 is 100 %) or minutes; `window` is how many days up
    to d it looks at.
    """

    key: str
    label: str
    unit: str
    window: int
    definition: str


METRICS: tuple[Definition, ...] = (
    Definition("dau", _("Daily active users"), "count", 1, _("Distinct users with a usage event on the day.")),
    Definition(
        "wau",
        _("Weekly active users"),
        "count",
        7,
        _("Distinct users with a usage event in the 7 days ending on the day."),
    ),
    Definition(
        "mau",
        _("Monthly active users"),
        "count",
        30,
        _("Distinct users with a usage event in the 30 days ending on the day."),
    ),
    Definition(
        "stickiness",
        _("Stickiness"),
        "ratio",
        30,
        _(
            "Average daily active users of the 30 days ending on the day ÷ monthly active users; not "
            "defined without any."
        ),
    ),
    Definition(
        "activation_rate",
        _("Account activation rate"),
        "ratio",
        0,
        _("Users ever active up to the day ÷ seats. Above 100% means more users than seats."),
    ),
    Definition(
        "login_ratio",
        _("Login ratio"),
        "ratio",
        7,
        _(
            "Users with a login event in the 7 days ending on the day ÷ seats; where no login events are "
            "listed, weekly active users ÷ seats."
        ),
    ),
    Definition(
        "minutes_online",
        _("Time online"),
        "minutes",
        1,
        _(
            "Minutes of all sessions of the day: a gap above 30 minutes or midnight starts a new session, a "
            "session lasts from its first to its last event."
        ),
    ),
    Definition(
        "breadth",
        _("Breadth"),
        "ratio",
        30,
        _("Core features used in the 30 days ending on the day ÷ core features the account may use."),
    ),
    Definition(
        "depth",
        _("Depth"),
        "ratio",
        30,
        _(
            "Mean over the core features of uses per monthly active user in the 30 days ending on the day ÷ "
            "target, each at most 100%."
        ),
    ),
    Definition(
        "application_gap",
        _("Application gap"),
        "ratio",
        30,
        _("Features without a use in the 30 days ending on the day ÷ features the account may use."),
    ),
    Definition(
        "usage_trend",
        _("Usage trend"),
        "ratio",
        56,
        _(
            "Distinct users of the last 28 days ÷ distinct users of the 28 days before; not defined when "
            "those are none."
        ),
    ),
)


def epoch_of(day: date) -> tuple[int, int]:
    """The epoch of a day and the day's offset in it (0 … 59)."""
    return divmod(day.toordinal(), EPOCH_DAYS)


def ratio(part: float, whole: float | None) -> float | None:
    """`part ÷ whole`, not defined (None) when the whole is none or nothing."""
    return part / whole if whole else None


def stickiness(user_days: int, mau: int) -> float | None:
    """Average DAU of 30 days ÷ MAU, from the sum of daily users of the 30 days."""
    return ratio(user_days / 30, mau)


def seats(own: int | None, known_users: int) -> tuple[int, str]:
    """The seats of a day and where they come from: the account's own field, else its known users."""
    return (own, "account") if own is not None else (known_users, "users")


def breadth(uses: Sequence[int]) -> float | None:
    """The share of the entitled core features that have a use, from the uses of each."""
    return ratio(sum(1 for count in uses if count), len(uses))


def depth(uses: Sequence[tuple[int, float | None]], mau: int) -> float | None:
    """The mean of min(1, uses ÷ MAU ÷ target) over (uses, target) of the entitled core features; target 1
    where none is set.
    """
    if not uses:
        return None
    if mau == 0:
        return 0.0
    return sum(min(1.0, count / mau / (target or 1.0)) for count, target in uses) / len(uses)


def application_gap(uses: Sequence[int]) -> float | None:
    """The share of the entitled features without a use, from the uses of each."""
    return ratio(sum(1 for count in uses if not count), len(uses))


def minutes_online(times_ms: Iterable[int]) -> float:
    """Minutes of the sessions of one user on one local day, from the times of all their events, in any order.

    A gap above 30 minutes (exactly 30:00 does not) starts a new session; a single event lasts 0.
    """
    ordered = sorted(times_ms)
    gaps = (after - before for before, after in zip(ordered, ordered[1:], strict=False))
    return sum(gap for gap in gaps if gap <= SESSION_GAP_MS) / 60_000

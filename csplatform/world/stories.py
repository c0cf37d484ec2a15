"""How an account's use develops over the history: each story is a curve and what goes with it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Curve = NDArray[np.float64]


@dataclass(frozen=True)
class Story:
    """`curve` gives the level of use per day (1 is usual) from day numbers counted back from the last day (0 is
    yesterday).

    `share`: how often it is told. `features`: the share of features that are used. `silent_from`: since how many
    days before
    the end nobody answers. `renewal_in`: days to renewal where the story needs one. `seats_used`: users per seat.
    """

    key: str
    curve: Callable[[Curve], Curve]
    share: float
    features: float = 0.8
    silent_from: int | None = None
    renewal_in: int | None = None
    arr_factor: float = 1.0
    seats_used: float = 0.75
    champion_leaves: int | None = None
    decision_maker_gone: bool = False


def _flat(ago: Curve) -> Curve:
    return np.ones_like(ago)


def _grow(ago: Curve) -> Curve:
    return 0.25 + 0.95 / (1 + np.exp((ago - 210) / 38))


def _fade(ago: Curve) -> Curve:
    return np.clip(0.35 + ago / 320, 0.3, 1.0)


def _cliff(ago: Curve) -> Curve:
    return np.where(ago > 34, 1.0, np.clip(0.28 + ago / 90, 0.28, 1.0))


def _collapse(ago: Curve) -> Curve:
    return np.where(ago > 110, 0.9, np.clip(0.12 + ago / 200, 0.12, 0.6))


def _never(ago: Curve) -> Curve:
    return np.where(ago > 330, 0.35, 0.05)


def _school(ago: Curve) -> Curve:
    """Terms with breaks: two weeks at year's end, six in summer, counted back from late November."""
    holiday = ((ago > 85) & (ago < 135)) | ((ago > 318) & (ago < 336)) | ((ago > 40) & (ago < 48))
    return np.where(holiday, 0.06, 1.0)


def _new(ago: Curve) -> Curve:
    return np.where(ago < 26, np.clip(0.15 + (26 - ago) / 40, 0, 1), 0.0)


def _back(ago: Curve) -> Curve:
    return np.where(ago > 120, 0.9, np.where(ago > 45, 0.35, 0.95))


STORIES = (
    Story("steady", _flat, 0.43),
    Story("adopter", _grow, 0.2, features=0.95, seats_used=0.95),
    Story("fading", _fade, 0.1, features=0.6),
    Story("champion lost", _cliff, 0.05, silent_from=23, champion_leaves=34),
    Story("school", _school, 0.07),
    Story("never took off", _never, 0.04, features=0.3, silent_from=70, seats_used=0.3),
    Story("executive vanished", _flat, 0.03, silent_from=76, decision_maker_gone=True),
    Story("won back", _back, 0.05),
    Story("just live", _new, 0.03, features=0.4),
)
# The ones every demo has, by name and in this order, before chance fills up the rest.
FEATURED = (
    Story(
        "big renewal at risk",
        _collapse,
        0,
        features=0.3,
        silent_from=61,
        renewal_in=53,
        arr_factor=9,
        champion_leaves=40,
    ),
    Story("champion lost", _cliff, 0, silent_from=23, champion_leaves=34, renewal_in=66, arr_factor=3),
    Story("executive vanished", _flat, 0, silent_from=76, decision_maker_gone=True, renewal_in=71, arr_factor=4),
    Story("adopter", _grow, 0, features=0.95, seats_used=0.98, renewal_in=158, arr_factor=3),
    Story("school", _school, 0, renewal_in=221, arr_factor=1.5),
    Story("never took off", _never, 0, features=0.25, silent_from=88, renewal_in=30, seats_used=0.25),
    Story("feed broke", _flat, 0, renewal_in=120, arr_factor=2),
)
FEED_BROKE_DAYS_AGO = 17


def stories_for(count: int, rnd: np.random.Generator) -> list[Story]:
    """One story per account: the featured ones first, then by share."""
    weights = np.array([story.share for story in STORIES])
    drawn = rnd.choice(len(STORIES), size=max(0, count - len(FEATURED)), p=weights / weights.sum())
    return ([*FEATURED, *(STORIES[i] for i in drawn)])[:count]

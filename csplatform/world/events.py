"""The demo world's events, as bodies that an SDK would have sent."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from csplatform.world.stories import FEED_BROKE_DAYS_AGO, Story
from csplatform.world.words import Words

BODY_EVENTS = 500


@dataclass
class AccountPlan:
    """What is decided about an account before its events are made."""

    external_id: str
    name: str
    story: Story
    users: int
    seats: int
    per_day: float  # events per active user and day
    diligence: np.ndarray  # chance of each user to be active on a working day
    known: dict[int, tuple[str, str]] = field(default_factory=dict)  # users with the name and e-mail they identify with


@dataclass(frozen=True)
class Calls:
    """A day's calls, as the body of one request."""

    day: date
    body: bytes


def plan_use(*, accounts: list[AccountPlan], days: int, wanted: int, rnd: np.random.Generator) -> list[np.ndarray]:
    """Which user of which account is active on which day (bool, users × days), scaled so that about `wanted` events
    result.
    """
    ago = np.arange(days - 1, -1, -1, dtype=float)
    curves = [account.story.curve(ago) for account in accounts]
    expected = sum(
        float(np.outer(a.diligence, c).sum()) * a.per_day * 0.8 for a, c in zip(accounts, curves, strict=True)
    )
    scale = wanted / expected if expected else 1
    active = []
    for account, curve in zip(accounts, curves, strict=True):
        chance = np.outer(account.diligence, curve)
        if account.story.champion_leaves is not None:
            chance[0, ago <= account.story.champion_leaves] = 0
        account.per_day = max(1.0, account.per_day * scale) if scale > 1 else account.per_day
        active.append(rnd.random(chance.shape) < chance * min(1.0, scale))
    return active


def calls_by_day(
    *, accounts: list[AccountPlan], active: list[np.ndarray], last: date, words: Words, zone_hours: int,
    rnd: np.random.Generator,
) -> Iterator[Calls]:  # fmt: skip
    """Every day's calls, oldest first: users are grouped into their account when they first come, and use is
    tracked.
    """
    days = active[0].shape[1]
    shares = np.array([feature.share for feature in words.features])
    used = [np.cumsum(_features_used(account, shares, rnd)) for account in accounts]
    known: set[str] = set()
    for number in range(days):
        ago = days - 1 - number
        day = last - timedelta(days=ago)
        if day.weekday() >= 5 and number % 3:
            continue
        lines: list[str] = []
        for account, grid, share in zip(accounts, active, used, strict=True):
            if account.story.key == "feed broke" and ago == FEED_BROKE_DAYS_AGO:
                continue
            users = [f"{account.external_id}-u{user}" for user in np.flatnonzero(grid[:, number])]
            fresh = [who for who in users if who not in known]
            lines.extend(_group(account, who, day, zone_hours) for who in fresh)
            lines.extend(_identify(account, who, day, zone_hours) for who in fresh if _number(who) in account.known)
            known.update(users)
            lines.extend(_uses(account, users, day, words, share, zone_hours, rnd))
        for start in range(0, len(lines), BODY_EVENTS):
            yield Calls(day, ('{"batch":[' + ",".join(lines[start : start + BODY_EVENTS]) + "]}").encode())


def _features_used(account: AccountPlan, shares: np.ndarray, rnd: np.random.Generator) -> np.ndarray:
    keep = rnd.random(len(shares)) < account.story.features
    keep[0] = True
    chosen = np.where(keep, shares, 0)
    share: np.ndarray = chosen / chosen.sum()
    return share


def _stamp(day: date, seconds: float, zone_hours: int) -> str:
    """The instant that lies `seconds` after local midnight, as SDKs write it."""
    ms = int(seconds * 1000) - 3_600_000 * zone_hours
    shift, ms = divmod(ms, 86_400_000)
    minutes, ms = divmod(ms, 60_000)
    on = day + timedelta(days=shift) if shift else day
    return f"{on}T{minutes // 60:02d}:{minutes % 60:02d}:{ms // 1000:02d}.{ms % 1000:03d}Z"


def _group(account: AccountPlan, who: str, day: date, zone_hours: int) -> str:
    traits = json.dumps({"name": account.name}, ensure_ascii=False)
    return (
        f'{{"type":"group","userId":"{who}","groupId":"{account.external_id}","traits":{traits},'
        f'"timestamp":"{_stamp(day, 28_000, zone_hours)}","messageId":"g-{who}"}}'
    )


def _number(who: str) -> int:
    return int(who.rpartition("-u")[2])


def _identify(account: AccountPlan, who: str, day: date, zone_hours: int) -> str:
    name, email = account.known[_number(who)]
    traits = json.dumps({"name": name, "email": email}, ensure_ascii=False)
    return (
        f'{{"type":"identify","userId":"{who}","traits":{traits},'
        f'"timestamp":"{_stamp(day, 28_100, zone_hours)}","messageId":"i-{who}"}}'
    )


def _uses(
    account: AccountPlan, users: list[str], day: date, words: Words, share: np.ndarray, zone_hours: int,
    rnd: np.random.Generator,
) -> Iterator[str]:  # fmt: skip
    """The day of an account's users: for each a login, then some uses, minutes apart."""
    counts = np.maximum(1, rnd.poisson(account.per_day, len(users)))
    total = int(counts.sum())
    starts = 28_800 + rnd.random(len(users)) * 25_000
    gaps = rnd.exponential(420, total).tolist()
    picks = np.minimum(np.searchsorted(share, rnd.random(total)), len(share) - 1).tolist()
    place = 0
    for who, count, seconds in zip(users, counts.tolist(), starts.tolist(), strict=True):
        for number in range(count):
            feature = words.features[picks[place]]
            name = words.login if number == 0 and count > 1 else feature.events[number % len(feature.events)]
            seconds += gaps[place]
            place += 1
            yield (
                f'{{"type":"track","userId":"{who}","event":"{name}","timestamp":"{_stamp(day, seconds, zone_hours)}",'
                f'"messageId":"{who}-{day}-{number}"}}'
            )

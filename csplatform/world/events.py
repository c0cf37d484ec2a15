"""The demo world's events, as bodies that an SDK would have sent."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

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


@dataclass(frozen=True)
class Calls:
    """A day's calls, as the body of one request."""

    day: date
    body: bytes
    events: int


def plan_use(*, accounts: list[AccountPlan], days: int, wanted: int, rnd: np.random.Generator) -> list[np.ndarray]:
    """Which user of which account is active on which day (bool, users × days), scaled so that about `wanted` events result."""
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
    """Every day's calls, oldest first: users are grouped into their account when they first come, and use is tracked."""
    days = active[0].shape[1]
    shares = np.array([feature.share for feature in words.features])
    used = [_features_used(account, shares, rnd) for account in accounts]
    for number in range(days):
        day = last - timedelta(days=days - 1 - number)
        if day.weekday() >= 5 and number % 3:
            continue
        lines: list[str] = []
        events = 0
        for account, grid, share in zip(accounts, active, used, strict=True):
            if account.story.key == "feed broke" and days - 1 - number == FEED_BROKE_DAYS_AGO:
                continue
            for user in np.flatnonzero(grid[:, number]):
                if not grid[user, :number].any():
                    lines.append(_group(account, int(user), day, zone_hours))
                made = _uses(account, int(user), day, words, share, zone_hours, rnd)
                events += len(made)
                lines.extend(made)
        for start in range(0, len(lines), BODY_EVENTS):
            chunk = lines[start : start + BODY_EVENTS]
            yield Calls(day, ('{"batch":[' + ",".join(chunk) + "]}").encode(), events if not start else 0)


def _features_used(account: AccountPlan, shares: np.ndarray, rnd: np.random.Generator) -> np.ndarray:
    keep = rnd.random(len(shares)) < account.story.features
    keep[0] = True
    chosen = np.where(keep, shares, 0)
    return chosen / chosen.sum()


def _stamp(day: date, seconds: float, zone_hours: int) -> str:
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=seconds - 3600 * zone_hours)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _group(account: AccountPlan, user: int, day: date, zone_hours: int) -> str:
    traits = json.dumps({"name": account.name}, ensure_ascii=False)
    return (
        f'{{"type":"group","userId":"{account.external_id}-u{user}","groupId":"{account.external_id}","traits":{traits},'
        f'"timestamp":"{_stamp(day, 28_000 + user, zone_hours)}","messageId":"g-{account.external_id}-{user}"}}'
    )


def _uses(
    account: AccountPlan, user: int, day: date, words: Words, share: np.ndarray, zone_hours: int,
    rnd: np.random.Generator,
) -> list[str]:  # fmt: skip
    """A user's day: a login, then some uses, minutes apart."""
    count = max(1, int(rnd.poisson(account.per_day)))
    seconds = 28_800 + rnd.random() * 25_000 + np.cumsum(rnd.exponential(420, count))
    picks = rnd.choice(len(share), size=count, p=share)
    who = f"{account.external_id}-u{user}"
    lines = []
    for number in range(count):
        feature = words.features[picks[number]]
        name = words.login if number == 0 and count > 1 else feature.events[number % len(feature.events)]
        lines.append(
            f'{{"type":"track","userId":"{who}","event":"{name}","timestamp":'
            f'"{_stamp(day, float(seconds[number]), zone_hours)}","messageId":"{who}-{day}-{number}"}}'
        )
    return lines

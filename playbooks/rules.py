"""The three first alert rules: pure functions from an account's facts to a finding."""

from dataclasses import dataclass
from datetime import date, timedelta

USE_DOWN_TREND = 0.7
USE_DOWN_LEAST_USERS = 5
SILENT_DAYS = 30
RENEWAL_DAYS = 90
DUE_IN = {"use_down": 5, "silent": 7, "red_renewal": 3}


@dataclass(frozen=True)
class Situation:
    """What the rules look at, of one account as of a day. None where not known or not defined."""

    account_id: int
    users_28: float | None = None
    users_28_before: float | None = None
    usage_trend: float | None = None
    days_silent: float | None = None
    days_to_renewal: float | None = None
    score: int | None = None
    band: str = "unknown"


@dataclass(frozen=True)
class Finding:
    """A rule that holds, the day by which somebody should have acted, and the figures of its reason."""

    account_id: int
    rule: str
    due_on: date
    facts: dict[str, int | float]


def use_down(now: Situation, on: date) -> Finding | None:
    """Distinct users of the last 28 days are at most 70 % of the 28 days before, where those were at least 5."""
    if now.usage_trend is None or now.users_28_before is None or now.users_28_before < USE_DOWN_LEAST_USERS:
        return None
    if now.usage_trend > USE_DOWN_TREND:
        return None
    return _found(now, "use_down", on, users=int(now.users_28 or 0), before=int(now.users_28_before))


def silent(now: Situation, on: date) -> Finding | None:
    """No two-way touch for more than 30 days."""
    if now.days_silent is None or now.days_silent <= SILENT_DAYS:
        return None
    return _found(now, "silent", on, days=int(now.days_silent))


def red_before_renewal(now: Situation, on: date) -> Finding | None:
    """The band is red and the renewal lies within the next 90 days."""
    if now.band != "red" or now.score is None or now.days_to_renewal is None:
        return None
    if not 0 <= now.days_to_renewal <= RENEWAL_DAYS:
        return None
    return _found(now, "red_renewal", on, score=now.score, days=int(now.days_to_renewal))


def _found(now: Situation, rule: str, on: date, **facts: int) -> Finding:
    return Finding(now.account_id, rule, on + timedelta(days=DUE_IN[rule]), dict(facts))


RULES = (use_down, silent, red_before_renewal)


def findings(now: Situation, on: date) -> list[Finding]:
    """All rules that hold for the account as of `on`."""
    return [found for rule in RULES if (found := rule(now, on)) is not None]

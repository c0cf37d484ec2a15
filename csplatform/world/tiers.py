"""The demo tenants' service tiers, and what their accounts take the product for."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from accounts.models import Account, AccountFieldHistory, Driver, Purpose, ServiceTier
from accounts.services import tier_save
from accounts.services.history import history_rows
from csplatform.world.people import Cast

DRIVERS = (Driver.BUSINESS, Driver.IT, Driver.EXPLORERS, Driver.CONVINCED)


@dataclass(frozen=True)
class TierWords:
    """Names of tiers and duties, and the ARR from which the first two are suggested."""

    tiers: tuple[str, str, str]
    talk: str
    review: str
    visit: str
    value: str
    limits: tuple[int, int]


ENGLISH = TierWords(
    ("Strategic", "Core", "Light"), "Regular talk", "Business review", "On-site visit", "Value check", (45_000, 12_000)
)
CHINESE = TierWords(
    ("战略客户", "重点客户", "标准客户"), "例行沟通", "业务复盘", "上门拜访", "价值回访", (300_000, 80_000)
)


def _duty(
    name: str, every: int, unit: str, kinds: tuple[str, ...] = (), levels: tuple[str, ...] = ()
) -> dict[str, Any]:
    return {"name": name, "every": every, "unit": unit, "kinds": list(kinds), "levels": list(levels)}


def tiers_make(*, cast: Cast, language: str, last: date, at: datetime, seed: int) -> None:
    """Three tiers by ARR and by what the product is taken for; most accounts have theirs, some still none."""
    words = ENGLISH if language == "en" else CHINESE
    rnd = np.random.default_rng([seed, 51, len(cast.accounts)])
    tiers = _tiers(words, at)
    rows: list[AccountFieldHistory] = []
    for plan, account in zip(cast.plans, cast.accounts, strict=True):
        arr = float(account.arr or 0)
        place = 0 if arr >= words.limits[0] else 1 if arr >= words.limits[1] else 2
        account.purpose = _purpose(plan.story.features, place, rnd)
        account.driver = str(rnd.choice(DRIVERS, p=[0.45, 0.2, 0.15, 0.2])) if rnd.random() < 0.85 else ""
        if rnd.random() < 0.88:
            account.tier = tiers[min(place + int(rnd.random() < 0.08), 2)]
            given = last - timedelta(days=int(rnd.integers(120, 330)))
            account.tier_since = max(given, account.contract_start or given)
            instant = datetime(account.tier_since.year, account.tier_since.month, account.tier_since.day, 9, tzinfo=UTC)
            rows += history_rows(account=account, values={"tier": account.tier}, at=min(instant, at))
    AccountFieldHistory.objects.bulk_create(rows, batch_size=5000)
    Account.objects.bulk_update(cast.accounts, ["purpose", "driver", "tier", "tier_since"], batch_size=1000)


def _tiers(words: TierWords, at: datetime) -> list[ServiceTier]:
    spoken = ("call", "meeting", "visit", "wecom")
    met = ("meeting", "visit")
    owed = (
        [
            _duty(words.talk, 4, "week", spoken), _duty(words.review, 2, "quarter", met, ("advice",)),
            _duty(words.visit, 1, "year", ("visit",)),
        ],
        [_duty(words.talk, 2, "month", spoken), _duty(words.review, 1, "year", met, ("advice",))],
        [_duty(words.value, 1, "quarter")],
    )  # fmt: skip
    platform = {"field": "purpose", "op": "is", "value": ["platform", "cure_all"]}
    large, middle = ({"field": "arr", "op": "ge", "value": limit} for limit in words.limits)
    rules: tuple[dict[str, Any], ...] = (
        {"any": [large, {"all": [middle, platform]}]},
        {"all": [middle]},
        {"all": [{"field": "arr", "op": "filled"}]},
    )
    return [
        tier_save(values={"name": name, "rule": rule, "duties": duties}, at=at, by=None)
        for name, rule, duties in zip(words.tiers, rules, owed, strict=True)
    ]


def _purpose(features: float, place: int, rnd: np.random.Generator) -> str:
    """Who uses much takes it for more; of one account in eight nobody has asked."""
    if rnd.random() < 0.12:
        return ""
    if features < 0.5:
        return str(rnd.choice([Purpose.SMALL_TOOL, Purpose.CURE_ALL], p=[0.7, 0.3]))
    weights = ((0.05, 0.4, 0.45, 0.1), (0.2, 0.5, 0.25, 0.05), (0.5, 0.4, 0.08, 0.02))[place]
    return str(rnd.choice([Purpose.SMALL_TOOL, Purpose.VERTICAL, Purpose.PLATFORM, Purpose.CURE_ALL], p=weights))

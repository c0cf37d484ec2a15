"""The demo tenants' lifecycles: names of the stages, their conditions, and how accounts came to where they are."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from accounts.models import Account, AccountFieldHistory
from accounts.services import stage_rule_save
from accounts.stages import ORDER
from csplatform.world.people import Cast

HISTORY = 420  # days back to which the history of fields reaches
# About how many days an account takes in configuration, training and go-live.
USUAL = (24, 35, 62)
SLOW = {"never took off": 2.6, "fading": 1.5, "just live": 1.0, "adopter": 0.7}


@dataclass(frozen=True)
class StageWords:
    """Names that the tenant gives to stages."""

    names: dict[str, str]


ENGLISH = StageWords({"after_sales": "Steady use", "expansion_renewal": "Renewal and growth"})
CHINESE = StageWords({"go_live": "上线陪跑", "after_sales": "稳定使用"})


def rules_make(*, language: str, at: datetime) -> None:
    """Training ends once people use the product, going live once they do so steadily; ninety days before its end a
    contract is up for renewal, and once renewed the account is back.
    """
    words = ENGLISH if language == "en" else CHINESE
    rules: dict[str, dict[str, Any]] = {
        "go_live": {"entry": _all(("wau", "ge", 3), ("activation_rate", "ge", "0.2")), "confirmed": True},
        "after_sales": {
            "entry": _all(("days_in_stage", "ge", 60), ("stickiness", "ge", "0.15"), ("activation_rate", "ge", "0.5")),
            "confirmed": True,
        },
        "expansion_renewal": {
            "entry": _all(("renewal_date", "within_next", 60)),
            "exit": _all(("renewal_date", "more_ahead", 180)),
            "confirmed": False,
        },
    }
    for stage in ORDER:
        values = {**rules.get(stage, {}), "name": words.names.get(stage, "")}
        if rules.get(stage) or values["name"]:
            stage_rule_save(stage=stage, values=values, at=at, by=None)


def _all(*conditions: tuple[str, str, Any]) -> dict[str, Any]:
    return {"all": [{"field": field, "op": op, "value": value} for field, op, value in conditions]}


def stages_make(*, cast: Cast, last: date, seed: int) -> None:
    """The way of each account through the stages. Those that began before the history stand in a later stage in it."""
    rnd = np.random.default_rng([seed, 50, len(cast.accounts)])
    rows: list[AccountFieldHistory] = []
    changed: list[Account] = []
    for plan, account in zip(cast.plans, cast.accounts, strict=True):
        way = _way(account, SLOW.get(plan.story.key, 1.0), last, rnd)
        known = last - timedelta(days=HISTORY)
        before = [stage for stage, day in way if day < known]
        shown = ([(before[-1], known)] if before else []) + [(stage, day) for stage, day in way if day >= known]
        rows += [
            AccountFieldHistory(account=account, field="lifecycle_stage", value=stage, at=_instant(day))
            for stage, day in shown
        ]
        account.lifecycle_stage, account.stage_since = shown[-1]
        changed.append(account)
    AccountFieldHistory.objects.bulk_create(rows, batch_size=5000)
    Account.objects.bulk_update(changed, ["lifecycle_stage", "stage_since"], batch_size=1000)


def _way(account: Account, slow: float, last: date, rnd: np.random.Generator) -> list[tuple[str, date]]:
    """Stage and first day from the start of the contract up to the last day."""
    day = account.contract_start or last
    way = [(ORDER[0], day)]
    for stage, usual in zip(ORDER[1:], USUAL, strict=False):
        day += timedelta(days=max(round(usual * slow * rnd.lognormal(0, 0.45)), 2))
        way.append((stage, day))
    due = account.renewal_date or last + timedelta(days=365)
    terms = [due - timedelta(days=365 * back) for back in range(4, -1, -1)]
    for end in terms:
        opens, renewed = end - timedelta(days=60), end - timedelta(days=int(rnd.integers(2, 40)))
        if opens > way[3][1]:
            way.append((ORDER[4], opens))
            if end < due:
                way.append((ORDER[3], renewed))
    return [(stage, on) for stage, on in way if on <= last] or way[:1]


def _instant(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 8, tzinfo=UTC)

"""Accounts with weeks of scores behind them, some changed since they were reported. Call inside `tenant_scope`."""

import copy
import random
from datetime import timedelta
from typing import Any

from accounts.models import Account, Touch
from health.definition import STARTING_DOCUMENT, Document
from health.models import ScorecardVersion
from health.selectors import scorecard_get, versions_standing
from health.services import scores_fill
from tenants.models import Tenant
from tests.factories import AT, DAY, make_account
from tests.health.past_world import figures
from usage.models import Metric

DAYS = 12
INDUSTRIES = ("bank", "farm", "shop")
STORED_INDUSTRIES = [["bank", 80], ["farm", 30], ["shop", 55]]


def stored_document() -> Document:
    """The starting card with a category."""
    document = copy.deepcopy(STARTING_DOCUMENT)
    document["groups"][2]["measures"].append(
        {"key": "industry", "weight": 30, "categories": STORED_INDUSTRIES, "missing": "skip"}
    )
    return document


def world_made(tenant: Tenant, accounts: int = 5) -> list[Account]:
    """Accounts whose every day was reported under version 2 of the card; some days changed later."""
    version_made(stored_document(), effective_from=DAY - timedelta(days=400))
    rnd = random.Random(7)  # noqa: S311 - no secret
    made = [
        make_account(tenant, industry=INDUSTRIES[n % 3], contract_start=DAY - timedelta(days=30 * n + 3))
        for n in range(accounts)
    ]
    days = [DAY - timedelta(days=n) for n in range(DAYS)][::-1]
    Metric.objects.bulk_create([_metric(rnd, one, day) for one in made for day in days if rnd.random() < 0.85])
    for one in made[1:]:
        Touch.objects.create(account=one, on=rnd.choice(days), kind="call", two_way=True, note="Spoke", created_at=AT)
    scores_fill(days=days, closing=True)
    Metric.objects.filter(day__in=days[3:6], account=made[0]).update(usage_trend=0.5, login_ratio=0.11)
    scores_fill(days=days[3:6], account_ids=[made[0].pk], again=True)
    return made


def _metric(rnd: random.Random, account: Account, day: Any) -> Metric:
    shares: dict[str, Any] = {
        key: rnd.random() for key in ("login_ratio", "stickiness", "activation_rate", "breadth", "depth")
    }
    trend = None if rnd.random() < 0.2 else rnd.uniform(0.3, 1.3)
    return figures(account, day, **shares, usage_trend=trend, mau=rnd.randrange(40))


def version_made(document: Document, **values: Any) -> ScorecardVersion:
    """A version of the default card that counts far in the future, if not said otherwise."""
    card = scorecard_get()
    values.setdefault("effective_from", DAY + timedelta(days=999))
    number = versions_standing(card)[0].number + 1
    keys = [measure["key"] for group in document["groups"] for measure in group["measures"]]
    return ScorecardVersion.objects.create(
        scorecard=card, number=number, definition=document, measure_keys=keys, published_at=AT, **values
    )

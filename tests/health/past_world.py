"""Accounts with terms that were decided in the past, and what was known before. Call inside `tenant_scope`."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from accounts.models import Account, Contract, ContractLine, Product, Touch
from accounts.services import name_key
from tenants.models import Tenant
from tests.factories import AT, DAY
from usage.models import Metric

FIGURES: dict[str, Any] = {
    "seats": 40, "seats_from": "account", "dau": 5, "wau": 12, "mau": 20, "stickiness": 0.25, "users_ever": 30,
    "activation_rate": 0.75, "login_ratio": 0.3, "login_listed": True, "minutes_online": 61.5, "breadth": 0.5,
    "depth": 0.4, "application_gap": 0.5, "usage_trend": 1.0, "users_28": 18, "users_28_before": 20,
}  # fmt: skip


def noon(day: date) -> datetime:
    """Midday of a day."""
    return datetime.combine(day, time(12), tzinfo=UTC)


def figures(account: Account, day: date, *, reported: int = 1, **values: Any) -> Metric:
    """A day's metrics, not stored."""
    own = {**FIGURES, **values}
    return Metric(tenant_id=account.tenant_id, account=account, day=day, reported=reported, **own)


def decide(accounts: Sequence[Account], kinds: Sequence[str], days: Sequence[date], arr: int = 1200) -> None:
    """A yearly term per account that ended on a day, and what became of it."""
    product = Product.objects.get_or_create(key="suite", defaults={"name": "Suite", "created_at": AT})[0]
    contracts = Contract.objects.bulk_create(
        [Contract(account=one, external_id=f"K-{one.pk}", currency="EUR", created_at=AT) for one in accounts]
    )
    ContractLine.objects.bulk_create(
        [
            ContractLine(
                contract=contract, external_id="1", product=product, amount=Decimal(arr), billing_months=12,
                start=day - timedelta(days=365), end=day, outcome=kind, outcome_date=day,
            )
            for contract, kind, day in zip(contracts, kinds, days, strict=True)
        ]
    )  # fmt: skip


def accounts_made(tenant: Tenant, count: int, **values: Any) -> list[Account]:
    """Plain accounts."""
    return Account.objects.bulk_create(
        [
            Account(
                tenant=tenant, external_id=f"past-{n}", name=f"Past {n}", name_key=name_key(f"Past {n}"),
                currency="EUR", created_at=AT, **values,
            )
            for n in range(count)
        ]
    )  # fmt: skip


def past_made(
    tenant: Tenant, count: int = 60, lost: float = 0.4, signal: float = 1.0, seed: int = 1, horizons: int = 4
) -> list[Account]:
    """Terms decided up to DAY, with metrics and touches on the days a back-test looks at. `signal`: how far use of
    those that were lost lies below that of the others; 0 is noise.
    """
    rnd = np.random.default_rng(seed)
    accounts = accounts_made(tenant, count)
    gone = rnd.random(count) < lost
    days = [DAY - timedelta(days=int(n)) for n in rnd.integers(0, 60, count)]
    decide(accounts, ["lost" if one else "renewed" for one in gone], days)
    metrics, touches = [], []
    for account, leaves, day in zip(accounts, gone.tolist(), days, strict=True):
        level = float(np.clip(rnd.normal(0.6 - 0.4 * signal * leaves, 0.12), 0.02, 1))
        for back in (30, 60, 90, 180)[:horizons]:
            on = day - timedelta(days=back)
            values: dict[str, Any] = {
                "login_ratio": level,
                "stickiness": level / 2,
                "activation_rate": level,
                "breadth": level,
            }
            metrics.append(figures(account, on, usage_trend=float(rnd.normal(1, 0.1)), **values))
            touched = on - timedelta(days=int(rnd.integers(0, 40)))
            touches.append(
                Touch(account=account, kind="call", on=touched, note="Spoke", two_way=True, created_at=noon(touched))
            )
    Metric.objects.bulk_create(metrics, batch_size=2000)
    Touch.objects.bulk_create(touches, batch_size=2000)
    return accounts

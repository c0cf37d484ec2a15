"""The demo world's contracts: terms that led to the present ARR, seats and renewal date, written in bulk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from accounts.models import (
    Account,
    Contract,
    ContractLine,
    Entitlement,
    ExchangeRate,
    Feature,
    Plan,
    PlanFeature,
    Product,
    ProductFeature,
)
from accounts.services import terms_refill
from csplatform.world.losses import losses_of
from csplatform.world.people import Cast
from operations.days import local_date
from tenants.models import Tenant

YEAR = timedelta(days=365)
RATE_DAYS = 91


@dataclass(frozen=True)
class Sold:
    """What a tenant of one language sells: product, add-on and fee; plans of the product; why terms shrink or end."""

    suite: tuple[str, str]
    extra: tuple[str, str]
    fee: tuple[str, str]
    plans: tuple[tuple[str, str], ...]
    foreign: str
    rate: float
    shrunk: tuple[str, ...]
    lost: tuple[str, ...]
    trial: str


ENGLISH = Sold(
    suite=("suite", "Operations suite"),
    extra=("insight", "Insight add-on"),
    fee=("set-up", "Set-up and training"),
    plans=(("essential", "Essential"), ("business", "Business"), ("enterprise", "Enterprise")),
    foreign="EUR",
    rate=1.08,
    shrunk=("Closed a site", "Seats that nobody used", "Budget cut"),
    lost=("Built its own reports", "Price", "Nobody used it after the champion left"),
    trial="Trial until the review",
)
CHINESE = Sold(
    suite=("mes", "云帆制造执行"),
    extra=("bi", "数据分析加购包"),
    fee=("delivery", "实施与培训"),
    plans=(("basic", "基础版"), ("pro", "专业版"), ("flagship", "旗舰版")),
    foreign="USD",
    rate=7.12,
    shrunk=("关停一条产线", "部分账号长期未用", "预算缩减"),
    lost=("改用自建报表", "价格原因", "关键人离职后无人使用"),
    trial="试用至季度回顾",
)


@dataclass(frozen=True)
class _Catalogue:
    suite: Product
    extra: Product
    fee: Product
    plans: list[Plan]


def contracts_make(*, tenant: Tenant, cast: Cast, last: date, at: datetime, seed: int) -> None:
    """A contract per account: yearly terms renewed, grown or shrunk, add-ons bought and lost, fees, a few in another
    currency; the last term ends on the account's renewal date. ARR, seats and dates are then derived from them.
    """
    sold = CHINESE if tenant.language.startswith("zh") else ENGLISH
    rnd = np.random.default_rng([seed, 31, len(cast.accounts)])
    catalogue = _catalogue(sold, at)
    first = min((account.contract_start or last for account in cast.accounts), default=last)
    ExchangeRate.objects.bulk_create(_rates(sold, first, last, rnd))
    foreign = [bool(rnd.random() < 0.04) for _account in cast.accounts]
    contracts = Contract.objects.bulk_create(
        [
            Contract(
                account=account,
                external_id=f"C-{(account.contract_start or last).year}-{number + 1:04d}",
                currency=sold.foreign if other else tenant.currency,
                created_at=at,
            )
            for number, (account, other) in enumerate(zip(cast.accounts, foreign, strict=True))
        ],
        batch_size=2000,
    )
    lines: list[ContractLine] = []
    for contract, other, plan in zip(contracts, foreign, cast.plans, strict=True):
        lines += _lines(contract, catalogue, sold, Decimal(str(sold.rate)) if other else Decimal(1), last, rnd)
        lines += losses_of(contract, plan.story, catalogue.extra, sold.lost, last, seed)
    ContractLine.objects.bulk_create(lines, batch_size=2000)
    _exceptions(cast.accounts, sold, last, at, rnd)
    ids = [account.pk for account in cast.accounts]
    terms_refill(tenant=tenant, today=local_date(tenant.timezone, at), account_ids=ids, tell=False)


def _catalogue(sold: Sold, at: datetime) -> _Catalogue:
    suite, extra, fee = (
        Product.objects.create(key=key, name=name, created_at=at) for key, name in (sold.suite, sold.extra, sold.fee)
    )
    features = list(Feature.objects.order_by("-core", "id"))
    ProductFeature.objects.bulk_create([ProductFeature(product=suite, feature=feature) for feature in features])
    plans = Plan.objects.bulk_create(
        [Plan(product=suite, key=key, name=name, created_at=at) for key, name in sold.plans]
    )
    core = sum(1 for feature in features if feature.core)
    reach = (core, core + 2, len(features))
    links = [PlanFeature(plan=p, feature=f) for p, most in zip(plans, reach, strict=True) for f in features[:most]]
    PlanFeature.objects.bulk_create(links)
    return _Catalogue(suite, extra, fee, plans)


def _rates(sold: Sold, first: date, last: date, rnd: np.random.Generator) -> list[ExchangeRate]:
    """A rate per quarter around the last one, which is the base."""
    days = [last - timedelta(days=RATE_DAYS * back) for back in range((last - first).days // RATE_DAYS + 2)]
    worth = [sold.rate, *(sold.rate * (1 + rnd.uniform(-0.05, 0.05)) for _day in days[1:])]
    return [
        ExchangeRate(currency=sold.foreign, day=day, rate=Decimal(str(round(rate, 4))))
        for day, rate in zip(days, worth, strict=True)
    ]


def _lines(
    contract: Contract, catalogue: _Catalogue, sold: Sold, rate: Decimal, last: date, rnd: np.random.Generator
) -> list[ContractLine]:
    """The lines of one account, from its first term to the one that runs."""
    account = contract.account
    start, end = account.contract_start or last - YEAR, account.renewal_date or last + YEAR
    terms = max(round((end - start) / YEAR), 1)
    made: list[ContractLine] = []

    def add(**values: Any) -> ContractLine:
        line = ContractLine(contract=contract, external_id=str(len(made) + 1), **values)
        made.append(line)
        return line

    plan = catalogue.plans[_size(account)]
    seats, arr = account.seats or 1, (account.arr or Decimal(0)) / rate
    bought_later = bool(rnd.random() < 0.25) and seats > 8
    share = Decimal("0.8") if bought_later else Decimal(1)
    steps = _steps(terms, rnd)
    if rnd.random() < 0.4:
        fee = _money(arr * Decimal("0.15"))
        add(product=catalogue.fee, amount=fee, one_off=True, start=start, end=start + timedelta(days=90))
    for term in range(terms):
        begins, ends = end - (terms - term) * YEAR, end - (terms - term - 1) * YEAR
        months, amount = _billed(arr * share * Decimal(str(steps[term])), rnd)
        line = add(
            product=catalogue.suite, plan=plan, seats=max(round(seats * float(share) * steps[term]), 1),
            amount=amount, billing_months=months, start=begins if term else start, end=ends,
        )  # fmt: skip
        if term < terms - 1:
            smaller = steps[term + 1] < steps[term]
            line.outcome = ContractLine.Outcome.SHRUNK if smaller else ContractLine.Outcome.RENEWED
            line.outcome_date = ends - timedelta(days=int(rnd.integers(3, 45)))
            line.reason = str(rnd.choice(sold.shrunk)) if smaller else ""
    if bought_later:
        grown = min(max(last - timedelta(days=int(rnd.integers(20, 300))), end - YEAR), end)
        rest = seats - (made[-1].seats or 0)
        extra = _money(arr * (1 - share))
        add(
            product=catalogue.suite,
            plan=plan,
            seats=max(rest, 0),
            amount=extra,
            billing_months=12,
            start=grown,
            end=end,
        )
    return made


def _size(account: Account) -> int:
    """The larger the account, the larger its plan."""
    seats = account.seats or 0
    return 2 if seats > 45 else 1 if seats > 12 else 0


def _steps(terms: int, rnd: np.random.Generator) -> list[float]:
    """How large each term was beside the one that runs: mostly growing, one in eight shrunk on the way."""
    steps = [1.0]
    for _term in range(terms - 1):
        before = rnd.uniform(1.05, 1.3) if rnd.random() < 0.13 else rnd.uniform(0.7, 1.0)
        steps.insert(0, round(steps[0] * before, 3))
    return steps


def _billed(arr: Decimal, rnd: np.random.Generator) -> tuple[int, Decimal]:
    """Mostly by the year, some by quarter or month; amounts in whole units."""
    months = int(rnd.choice([12, 12, 12, 3, 1]))
    return months, _money(arr * months / 12)


def _money(amount: Decimal) -> Decimal:
    return Decimal(round(amount))


def _exceptions(accounts: Sequence[Account], sold: Sold, last: date, at: datetime, rnd: np.random.Generator) -> None:
    """One account in twenty tries a feature that its plan lacks."""
    trial = Feature.objects.filter(core=False).order_by("-id").first()
    if trial is None:
        return
    Entitlement.objects.bulk_create(
        [
            Entitlement(
                account=account, feature=trial, start=last - timedelta(days=30), end=last + timedelta(days=60),
                note=sold.trial, created_at=at,
            )
            for account in accounts
            if _size(account) == 0 and rnd.random() < 0.12
        ]
    )  # fmt: skip

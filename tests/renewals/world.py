"""Contract histories straight in the tables, for figures that are compared with arithmetic written another way."""

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import Account, Contract, ContractLine, ExchangeRate, Product
from accounts.services import terms_refill
from tenants.models import Tenant
from tests.factories import AT, make_account

START = date(2024, 1, 1)


def make_product(name: str = "Suite") -> Product:
    """A product of the tenant in scope."""
    return Product.objects.create(key=name.lower(), name=name, created_at=AT)


def make_contract(account: Account, number: int = 1, currency: str = "EUR") -> Contract:
    """An empty contract."""
    return Contract.objects.create(
        account=account, external_id=f"{account.external_id}-{number}", currency=currency, created_at=AT
    )


def make_line(contract: Contract, product: Product, start: date, end: date | None, amount: Any, **more: Any) -> None:
    """A subscription line paid by the year unless said otherwise."""
    number = ContractLine.objects.count() + 1
    values = {"billing_months": 12, **more}
    if values.get("outcome"):
        values.setdefault("outcome_date", end)
    ContractLine.objects.create(
        contract=contract, external_id=f"l{number}", product=product, start=start, end=end, amount=Decimal(str(amount)),
        **values,
    )  # fmt: skip


def settle(tenant: Tenant, today: date) -> None:
    """Derive what follows from the lines."""
    terms_refill(tenant=tenant, today=today, account_ids=list(Account.objects.values_list("id", flat=True)))


def random_book(tenant: Tenant, seed: int, accounts: int = 30) -> None:
    """Accounts with odd histories: gaps, overlaps, empty terms, fees, three currencies of which one has no rate."""
    dice = random.Random(seed)  # noqa: S311 - reproducible test data
    products = [make_product("Suite"), make_product("Extra")]
    ExchangeRate.objects.create(currency="USD", day=START - timedelta(days=9), rate=Decimal("0.9137"))
    ExchangeRate.objects.create(currency="USD", day=START + timedelta(days=200), rate=Decimal("1.0711"))
    for number in range(accounts):
        account = make_account(tenant, f"r{seed}-{number}")
        for n in range(dice.randint(1, 3)):
            contract = make_contract(account, n, dice.choice(["EUR", "EUR", "USD", "CNY"]))
            for _line in range(dice.randint(0, 4)):
                _random_line(dice, contract, dice.choice(products))


def _random_line(dice: random.Random, contract: Contract, product: Product) -> None:
    start = START + timedelta(days=dice.randint(-200, 700))
    end = None if dice.random() < 0.15 else start + timedelta(days=dice.choice([0, 30, 90, 365, dice.randint(1, 500)]))
    fee = dice.random() < 0.1
    make_line(
        contract, product, start, end, dice.choice([0, 100, dice.randint(1, 10**7) / 100]),
        billing_months=None if fee else dice.choice([1, 3, 5, 7, 12, 12, 36]), one_off=fee,
        seats=dice.choice([None, dice.randint(1, 50)]),
    )  # fmt: skip

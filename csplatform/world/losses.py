"""Add-ons of the demo world that were lost in the past year: more often where use had fallen."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from accounts.models import Contract, ContractLine, Product
from csplatform.world.stories import Story

YEAR = timedelta(days=365)
SOLD_TO = 0.9  # of the accounts that have been customers for a year
PART = Decimal("0.12")  # of the account's ARR
LOOKED_BACK = (30, 150)  # days before the decision whose use decides
LEAST, MOST = 0.05, 0.8


def losses_of(
    contract: Contract, story: Story, product: Product, reasons: Sequence[str], last: date, seed: int
) -> list[ContractLine]:
    """The add-on that an account gave up in the past year: nothing where it had none, or kept it in its main line."""
    account = contract.account
    rnd = np.random.default_rng([seed, 41, *contract.external_id.encode()])
    if rnd.random() > SOLD_TO:
        return []
    ended = last - timedelta(days=int(rnd.integers(5, 215)))
    if account.contract_start is None or ended - YEAR < account.contract_start:
        return []
    decided = ended - timedelta(days=int(rnd.integers(1, 30)))
    if rnd.random() >= loss_chance(story, (last - decided).days):
        return []
    amount = Decimal(round((account.arr or Decimal(0)) * PART))
    line = ContractLine(
        contract=contract, external_id="add-on", product=product, amount=amount, billing_months=12,
        start=ended - YEAR, end=ended, outcome=ContractLine.Outcome.LOST, outcome_date=decided,
        reason=str(rnd.choice(list(reasons))),
    )  # fmt: skip
    return [line]


def loss_chance(story: Story, ago: int) -> float:
    """How likely an add-on is lost that was decided so many days before the last one: the lower use was before, the
    likelier; silence adds to it.
    """
    before = np.arange(ago + LOOKED_BACK[0], ago + LOOKED_BACK[1], dtype=float)
    level = float(story.curve(before).mean()) * story.features
    silent = story.silent_from is not None
    return float(np.clip(0.9 - level + 0.15 * silent, LEAST, MOST))

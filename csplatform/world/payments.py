"""What the demo tenants' customers have paid, and what their CSMs are to bring in."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np

from accounts.models import Account, ContractLine, CsmTarget, Payment
from tenants.models import Member, Role

HISTORY = 690  # days back to which payments are known: this year and the one before
ROUND = Decimal(10_000)


def payments_make(*, accounts: Sequence[Account], last: date, at: datetime, seed: int) -> None:
    """Each line is paid for some weeks after each of its periods begins; some pay late, a few not at all."""
    rnd = np.random.default_rng([seed, 52, len(accounts)])
    rows: list[Payment] = []
    lines = ContractLine.objects.select_related("contract__account").order_by("contract_id", "id")
    for line in lines:
        for number, day in enumerate(_due_days(line, last)):
            paid = day + timedelta(days=int(rnd.integers(4, 38)) + (45 if rnd.random() < 0.1 else 0))
            if paid > last or paid < last - timedelta(days=HISTORY) or rnd.random() < 0.02:
                continue
            rows.append(
                Payment(
                    account=line.contract.account,
                    external_id=f"{line.contract.external_id}-{line.external_id}-{number + 1:02d}",
                    amount=line.amount,
                    currency=line.contract.currency,
                    paid_on=paid,
                    created_at=at,
                )  # fmt: skip
            )
    Payment.objects.bulk_create([row for row in rows if row.amount], batch_size=2000)
    _targets(accounts, last)


def _due_days(line: ContractLine, last: date) -> list[date]:
    """The first days of what the line pays for, up to the last day."""
    if line.one_off or not line.billing_months:
        return [line.start]
    step, days, day = timedelta(days=round(line.billing_months * 30.4)), list[date](), line.start
    while day <= last and (line.end is None or day < line.end - timedelta(days=20)):
        days.append(day)
        day += step
    return days


def _targets(accounts: Sequence[Account], last: date) -> None:
    """Somewhat more than each carries; the newest CSM has less to bring in."""
    csms = list(Member.objects.filter(role=Role.CSM).order_by("id"))
    for place, csm in enumerate(csms):
        own = [account for account in accounts if account.csm_id == csm.pk]
        arr = sum((account.arr or Decimal(0) for account in own), Decimal(0))
        stretch = Decimal("0.95") if place == len(csms) - 1 else Decimal("1.08")
        goal = max((arr * stretch / ROUND).quantize(Decimal(1)) * ROUND, ROUND)
        full = max(round(len(own) * (0.9 if place == 0 else 1.15)), 1)
        for year in (last.year - 1, last.year, last.year + 1):
            grown = goal if year == last.year else (goal * (year - last.year + 10) / 10).quantize(Decimal(1))
            CsmTarget.objects.create(csm=csm, year=year, collected=grown, arr=grown, accounts=full)

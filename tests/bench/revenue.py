"""Revenue figures of 10,000 accounts with three contracts each, renewed every year: every day's ARR and movements of
three years, a day's changes, and the server time of the retention page.
"""

import os
import time
from datetime import date, timedelta
from typing import Any

from accounts.models import Product
from common.bulk import analyze
from renewals.selectors import frame_get, steps_get
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.bench.pages import furnished, p95, signed_in
from tests.bench.results import Result
from tests.bench.world import run_sql
from tests.factories import AT

ACCOUNTS = int(os.environ.get("BENCH_ACCOUNTS", "10000"))
START = date(2023, 1, 1)
LAST = START + timedelta(days=3 * 365)
BY = ("segment", "industry", "cohort", "csm", "stage", "currency", "product", "salesperson", "fit")


def run() -> list[Result]:
    """Make the contracts, then time."""
    tenant = furnished("revenue", ACCOUNTS, 1)
    with tenant_scope(tenant):
        product = Product.objects.create(key="suite", name="Suite", created_at=AT)
        run_sql(_CONTRACTS, t=tenant.pk)
        run_sql(_LINES, t=tenant.pk, product=product.pk, start=START)
        run_sql(_STARTS, t=tenant.pk)
        analyze("accounts_contract", "accounts_contractline", "accounts_account")
        every = _timed(tenant, START, LAST)
        one = _timed(tenant, LAST - timedelta(days=1), LAST)
    client, turn = signed_in(tenant), iter(range(10**6))

    def page() -> str:
        number = next(turn)
        first = START + timedelta(days=30 * (number % 24))
        last = first + timedelta(days=91)
        return f"/t/revenue/retention/?from={first}&to={last}&by={BY[number % len(BY)]}"

    return [
        Result("every movement of 3 years, 10,000 accounts × 3 contracts", every, "s", 20, at_least=False),
        Result("one day's movements", one, "s", 1, at_least=False),
        Result("retention by any group, p95 server time", p95(client, page), "ms", 200, at_least=False),
    ]


def _timed(tenant: Tenant, first: date, last: date) -> float:
    start = time.perf_counter()
    found: list[Any] = steps_get(frame_get(tenant=tenant, first=first, last=last))
    if not found and (last - first).days > 1:
        raise RuntimeError("nothing moved")
    return time.perf_counter() - start


_CONTRACTS = """
INSERT INTO accounts_contract (tenant_id, account_id, external_id, currency, notes, created_at, version)
SELECT a.tenant_id, a.id, a.external_id || '-' || n, a.currency, '', now(), 1
FROM accounts_account a CROSS JOIN generate_series(1, 3) n WHERE a.tenant_id = %(t)s"""
# A term a year for three years; every seventh grows, every eleventh shrinks, every thirteenth ends for good.
_LINES = """
INSERT INTO accounts_contractline (tenant_id, contract_id, external_id, product_id, plan_id, seats, amount,
    billing_months, one_off, start, "end", outcome, outcome_date, reason, version)
SELECT c.tenant_id, c.id, 'y' || n, %(product)s, NULL, 10 + n,
    round((1000 + c.id %% 9000)::numeric * CASE WHEN (c.id + n) %% 7 = 0 THEN 1.2 WHEN (c.id + n) %% 11 = 0 THEN 0.8
        ELSE 1 END, 2), 12, false, b.began + 365 * n, b.began + 365 * (n + 1),
    CASE WHEN n < 3 THEN 'renewed' ELSE '' END, CASE WHEN n < 3 THEN b.began + 365 * (n + 1) END, '', 1
FROM accounts_contract c CROSS JOIN generate_series(0, 3) n
CROSS JOIN LATERAL (SELECT %(start)s::date - 200 + (c.id * 37 %% 365)::int AS began) b
WHERE c.tenant_id = %(t)s AND NOT (c.id %% 13 = 0 AND n > 1)"""
_STARTS = """
UPDATE accounts_account a SET terms_from = (SELECT min(l.start) FROM accounts_contractline l
    JOIN accounts_contract c ON c.tenant_id = l.tenant_id AND c.id = l.contract_id
    WHERE l.tenant_id = a.tenant_id AND c.account_id = a.id) WHERE a.tenant_id = %(t)s"""

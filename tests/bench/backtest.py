"""A back-test of the starting card on 500 terms and four horizons, with the leakage guard, and suggested weights."""

import os
import time

from health.backtest import HORIZONS
from health.definition import STARTING_DOCUMENT
from health.models import BackTest
from health.selectors import scorecard_get
from health.services import Asked, backtest_run, backtest_start
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.bench.results import Result
from tests.factories import AT, DAY, make_tenant
from tests.health.past_world import past_made

TERMS = int(os.environ.get("BENCH_TERMS", "500"))
MOST_S = 10


def run() -> list[Result]:
    """Time both, from what was asked to the kept result."""
    made = make_tenant("backtest-bench")
    with tenant_scope(made.tenant):
        past_made(made.tenant, TERMS, lost=0.2)
    name = f"back-test of {TERMS} terms × {len(HORIZONS)} horizons"
    return [
        Result(name, _spent(made.tenant, suggest=False), "s", MOST_S, at_least=False),
        Result("the same with suggested weights", _spent(made.tenant, suggest=True), "s"),
    ]


def _spent(tenant: Tenant, *, suggest: bool) -> float:
    """Seconds of one back-test, which must have judged every horizon."""
    with tenant_scope(tenant):
        asked = Asked(scorecard_get(), STARTING_DOCUMENT, suggest=suggest)
        test = backtest_start(asked=asked, as_of=DAY, by=None, at=AT)
    start = time.perf_counter()
    backtest_run(tenant=tenant, pk=test.pk, clock=lambda: AT)
    spent = time.perf_counter() - start
    with tenant_scope(tenant):
        test = BackTest.objects.get(pk=test.pk)
    if any(one["refused"] for one in test.result["horizons"]):
        raise RuntimeError("a horizon was refused")
    return spent

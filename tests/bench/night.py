"""The night against one SQL statement per metric over the raw events, and against itself on a longer history."""

import time
from datetime import UTC, datetime, timedelta

from django.db import connection, connections

from common.bulk import analyze
from operations.models import Night
from operations.services import night_step
from pipeline.services import GROWING_TABLES, JOBS, STEPS
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.bench import raw_metrics
from tests.bench.results import Result
from tests.bench.world import LAST, Size, derive_history, events_add, run_sql, tenant_with_people
from usage.activity import epoch_of
from usage.sql import epoch_at_once

SIZE = Size(accounts=5_000, users=50_000, events_per_day=65_000)
NEW = LAST + timedelta(days=1)
TIMED = ("intake", "activity", "health")
RUNS = 7  # the best one counts, of either side: what else the machine does only ever slows a run
RAW_RUNS = 2


def run() -> list[Result]:
    """Build the history, time the night on it, then the raw statements, then the night on four times the history."""
    tenant = tenant_with_people("night", SIZE)
    events_add(tenant, SIZE, first=LAST - timedelta(days=89), last=LAST)
    derive_history(tenant)
    events_add(tenant, SIZE, first=NEW, last=NEW)
    short, active = _nights(tenant)
    raw, raw_active = _raw(tenant)
    _lengthen(tenant)
    long, _active = _nights(tenant)
    return [
        Result("night, 5,000 accounts, 65,000 new events, 90 days", short, "s"),
        Result("the same metrics, one statement each over raw events", raw, "s"),
        Result("night: times faster than raw statements", raw / short, "×", 20),
        Result("DAU, WAU and MAU: times faster than raw statements", raw_active / active, "×", 100),
        Result("night on 360 days ÷ on 90 days of history", long / short, "×", 1.2, at_least=False),
    ]


def _nights(tenant: Tenant) -> tuple[float, float]:
    """The best of some runs of the night, from claimed ledger row to committed scores, each with all its slices to
    refill anew; and the time of the statement that gives DAU, WAU and MAU alone."""
    with tenant_scope(tenant):
        analyze(*GROWING_TABLES, "usage_event", "usage_group", "usage_mark")
    best = min(_night(tenant) for _ in range(RUNS))
    words = raw_metrics.from_words(raw_metrics.parameters(tenant, NEW))
    with tenant_scope(tenant), epoch_at_once():
        active = min(_timed(words, tenant) for _ in range(RUNS))
    return best, active


def _night(tenant: Tenant) -> float:
    Night.objects.filter(tenant=tenant).delete()
    at = datetime.now(UTC)
    Night.objects.bulk_create(
        [
            Night(tenant=tenant, job=job, position=n, local_date=NEW, not_before=at)
            for n, job in enumerate(JOBS)
            if job in TIMED
        ]
    )
    _as_before(tenant)
    start = time.perf_counter()
    for _ in TIMED:
        night = night_step(steps=STEPS, at=datetime.now(UTC), clock=lambda: datetime.now(UTC), tenant=tenant)
        assert night is not None and night.state == Night.State.DONE, night and night.error  # noqa: S101, PT018 - a bench
    return time.perf_counter() - start


def _as_before(tenant: Tenant) -> None:
    """The tenant as it was before the night of the new day, the slices of that day marked."""
    epoch, place = epoch_of(NEW)
    with tenant_scope(tenant):
        for sql in raw_metrics.UNDO_NIGHT:
            run_sql(sql, t=tenant.pk, day=NEW, epoch=epoch, bit=1 << place)
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {', '.join(GROWING_TABLES)}")


def _timed(sql: str, tenant: Tenant) -> float:
    start = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(sql, raw_metrics.parameters(tenant, NEW))
        cursor.fetchall()
    return time.perf_counter() - start


def _raw(tenant: Tenant) -> tuple[float, float]:
    """Seconds of all raw statements, and of those for DAU, WAU and MAU; the best run of each."""
    with tenant_scope(tenant):
        spent = {
            name: min(_timed(sql, tenant) for _ in range(RAW_RUNS)) for name, sql in raw_metrics.STATEMENTS.items()
        }
    return sum(spent.values()), spent["dau"] + spent["wau"] + spent["mau"]


def _lengthen(tenant: Tenant) -> None:
    """Copy what is derived of the 90 days to 120, 240 and 360 days before: no step of a night reads older events."""
    with tenant_scope(tenant):
        for sql in raw_metrics.LENGTHEN:
            run_sql(sql, t=tenant.pk)

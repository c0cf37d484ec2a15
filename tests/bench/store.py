"""Stored events per CPU second with look-ups and deduplication, against COPY into a table with the same unique key."""

import time
from collections.abc import Callable
from io import BytesIO

import psutil
from django.db import connections

from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.bench.load import AT, BATCH, bodies, figure, make_tenant, seconds, session_seconds
from tests.bench.results import Result
from usage.services import unpack

BATCHES = 400


def run() -> list[Result]:
    """At least 40 %. Both begin with the decoded calls and end with the commit."""
    made = make_tenant()
    received = [unpack.Body(n, AT, "batch", body) for n, body in enumerate(bodies(BATCHES, users=1000))]
    at_once = unpack.BODIES_AT_ONCE
    handfuls = [unpack.arrivals_of(received[n : n + at_once], []) for n in range(0, len(received), at_once)]
    with unpack.no_collection():
        copied = _copy_cost(made.tenant, handfuls)
        stored = _cost(lambda: _store(made.tenant, handfuls))
    return [
        Result("storing: with look-ups and deduplication ÷ COPY", copied / stored, "ratio", 0.4),
        figure("storing: with look-ups and deduplication", BATCHES * BATCH / stored),
        figure("storing: COPY into a table with the same key", BATCHES * BATCH / copied),
    ]


def _cost(work: Callable[[], object]) -> float:
    before = session_seconds()
    work()
    return session_seconds() - before


Handfuls = list[list[unpack.Arrival]]


def _store(tenant: Tenant, handfuls: Handfuls) -> None:
    for handful in handfuls:
        with tenant_scope(tenant):
            unpack.arrivals_store(tenant=tenant, arrivals=handful, at=AT, faults=[])


def _copy_cost(tenant: Tenant, handfuls: Handfuls) -> float:
    """CPU seconds of writing the same rows by COPY, as the owner, into a table with the same unique key and no
    policy.
    """
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "DROP TABLE IF EXISTS usage_bench; CREATE TABLE usage_bench (LIKE usage_event INCLUDING DEFAULTS)"
        )
        cursor.execute("ALTER TABLE usage_bench ADD PRIMARY KEY (tenant_id, key)")
        cursor.execute("SELECT pg_backend_pid()")
        session = psutil.Process(cursor.fetchone()[0])
        before = time.process_time() + seconds(session)
        for arrivals in handfuls:
            chunk = unpack.Chunk(tenant, AT, {})
            chunk.names = {(a.call.kind, a.call.name): 1 for a in arrivals}
            lines = (f"{tenant.pk}\t{chunk.line(a, (1, 1), str(AT))}" for a in arrivals)
            cursor.copy_expert(
                f"COPY usage_bench (tenant_id, {unpack._COLUMNS}) FROM STDIN", BytesIO("\n".join(lines).encode())
            )
        cost = time.process_time() + seconds(session) - before
        cursor.execute("DROP TABLE usage_bench")
    return cost

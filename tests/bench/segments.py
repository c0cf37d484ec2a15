"""Server time of the portfolio under a segment of three conditions and of the editor's count, with 10,000 accounts that
hold 60 custom fields each; and the number of queries, which must not grow.
"""

import json
import os
import time
from statistics import quantiles
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.services import custom_field_save, segment_save
from common.bulk import analyze
from tenants.models import Member, Tenant
from tenants.scope import tenant_scope
from tests.bench.pages import REQUESTS, furnished, p95, signed_in
from tests.bench.results import Result
from tests.bench.world import run_sql
from tests.factories import AT

ACCOUNTS = int(os.environ.get("BENCH_ACCOUNTS", "10000"))
FIELDS = 60
DAYS = 40
MOST_MS = 150
THREE: dict[str, Any] = {"all": [
    {"field": "c.field_7", "op": "gt", "value": 300},
    {"field": "arr", "op": "gt", "value": 0},
    {"any": [
        {"field": "mau", "op": "fell", "value": 1, "days": 30},
        {"field": "renewal_date", "op": "within_next", "value": 180},
    ]},
]}  # fmt: skip


def run() -> list[Result]:
    """Time the table, its wide form, a past day and the count, then count queries small and large."""
    large, small = _tenant("wide", ACCOUNTS), _tenant("narrow", 20)
    client = signed_in(large[0])
    base, segment = "/t/wide/portfolio/", f"segment={large[1]}"
    columns = "&".join(f"col=c.field_{number}" for number in range(1, 13))
    table = p95(client, lambda: f"{base}?{segment}")
    wide = p95(client, lambda: f"{base}?{segment}&{columns}&col=mau~30&sort=-c.field_9")
    return [
        Result("portfolio under a segment of three conditions, p95", table, "ms", MOST_MS, at_least=False),
        Result("the same with 13 chosen columns, sorted by one, p95", wide, "ms", MOST_MS, at_least=False),
        Result("segment count as one types, p95", _count(client), "ms", MOST_MS, at_least=False),
        _queries(large, small, columns),
    ]


def _tenant(slug: str, accounts: int) -> tuple[Tenant, int]:
    """A tenant whose accounts hold a value in each of 60 fields: numbers, texts and dates in turn."""
    tenant = furnished(slug, accounts, DAYS)
    with tenant_scope(tenant):
        for number in range(1, FIELDS + 1):
            kind = ("text", "number", "date")[number % 3]
            values = {"label": f"Field {number}", "key": f"field_{number}", "kind": kind}
            custom_field_save(values=values, at=AT, by=None)
        run_sql(_VALUES, t=tenant.pk)
        analyze("accounts_accountvalue", "accounts_account")
        segment = segment_save(name="Three", definition=THREE, at=AT, by=Member.objects.all()[0])
    return tenant, segment.pk


def _count(client: Any) -> float:
    """Milliseconds under which 95 of 100 counts stay."""
    spent = []
    for number in range(REQUESTS):
        document = {"all": [{**THREE["all"][0], "value": number * 10}, *THREE["all"][1:]]}
        start = time.perf_counter()
        answer = client.post("/t/wide/segments/count/", {"definition": json.dumps(document)})
        spent.append(1000 * (time.perf_counter() - start))
        if answer.status_code != 200:
            raise RuntimeError(f"the count answered {answer.status_code}")
    return quantiles(spent, n=20)[-1]


def _queries(large: tuple[Tenant, int], small: tuple[Tenant, int], columns: str) -> Result:
    counts = []
    for tenant, segment in (large, small):
        client, path = signed_in(tenant), f"/t/{tenant.slug}/portfolio/?segment={segment}&{columns}"
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        counts.append(len(captured))
    return Result(
        "under a segment: queries at 10,000 − at 20 accounts", counts[0] - counts[1], "queries", 0, at_least=False
    )


_VALUES = """
INSERT INTO accounts_accountvalue (tenant_id, field_id, account_id, text, number, day, person_id)
SELECT a.tenant_id, f.id, a.id, CASE f.kind WHEN 'text' THEN 'Word ' || (a.id * 31 + f.id) %% 997 END,
    CASE f.kind WHEN 'number' THEN (a.id * 17 + f.id * 7) %% 1000 END,
    CASE f.kind WHEN 'date' THEN DATE '2026-01-01' + ((a.id + f.id) %% 700)::int END, NULL
FROM accounts_account a JOIN accounts_customfield f ON f.tenant_id = a.tenant_id
WHERE a.tenant_id = %(t)s"""

"""Server time of the preview of a change: 10,000 accounts × 30 measures of every room, through the editor's own view.

Every request moves a weight, as a slider does: the draft is kept, every account scored on both sides, and the answer
rendered.
"""

import os
import time
from statistics import quantiles
from typing import Any

from django.test import Client

from accounts.services import custom_field_save
from common.bulk import analyze
from health.models import Draft
from health.preview import preview
from health.selectors import scorecard_get
from health.services import scorecard_publish
from pipeline.services import GROWING_TABLES
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.bench.pages import furnished, signed_in
from tests.bench.results import Result
from tests.bench.world import LAST, run_sql
from tests.factories import AT

ACCOUNTS = int(os.environ.get("BENCH_ACCOUNTS", "10000"))
FIELDS = 10
ROUNDS, REQUESTS = 3, 40
MOST_MS = 300
USAGE = (
    "dau", "wau", "mau", "stickiness", "activation_rate", "login_ratio", "minutes_online", "breadth", "depth",
    "application_gap", "usage_trend", "users_28",
)  # fmt: skip
OTHERS = ("days_silent", "tickets_open", "tickets_30", "first_response_30", "satisfaction_90", "nps_90")
OWN = ("arr", "seats")
KEYS = (*USAGE, *OTHERS, *OWN, *(f"c.field_{number}" for number in range(1, FIELDS + 1)))


def run() -> list[Result]:
    """Time the live preview, and one that reads everything anew."""
    tenant = _tenant()
    client = signed_in(tenant)
    with tenant_scope(tenant):
        card = scorecard_get().pk
    name = f"preview of a change, {ACCOUNTS:,} accounts × {len(KEYS)} measures"
    return [
        Result(f"{name}, p95 server time", _p95(client, tenant, card), "ms", MOST_MS, at_least=False),
        Result("the same with everything read anew", _anew(tenant), "ms"),
    ]


def document(first: float = 10) -> dict[str, Any]:
    """A card of six groups of five measures."""
    measures = [
        {"key": key, "weight": 10, "breakpoints": [[0, 0], [1, 40], [8, 70], [400, 100]], "missing": "skip"}
        for key in KEYS
    ]
    measures[0]["weight"] = first
    groups = [{"key": f"g{n}", "weight": 10, "measures": measures[n * 5 : n * 5 + 5]} for n in range(len(KEYS) // 5)]
    return {"minimum_coverage": 0.3, "bands": {"green": 60, "amber": 45}, "groups": groups}


def _tenant() -> Tenant:
    """Accounts with metrics, touches, tickets and values in ten fields."""
    tenant = furnished("preview", ACCOUNTS, 0)
    with tenant_scope(tenant):
        for number in range(1, FIELDS + 1):
            values = {"label": f"Field {number}", "key": f"field_{number}", "kind": "number"}
            custom_field_save(values=values, at=AT, by=None)
        for sql in (_VALUES, _TOUCHES, _TICKETS):
            run_sql(sql, t=tenant.pk, day=LAST)
        analyze(*GROWING_TABLES)
    return tenant


def _p95(client: Client, tenant: Tenant, card: int) -> float:
    """Milliseconds under which 95 of 100 answers stay, in the calmest of some rounds."""
    with tenant_scope(tenant):
        scorecard_publish(document=document(), by=None, at=AT, tenant=tenant, reason="Bench")
    fields = {f"w-{key}": "10" for key in KEYS} | {f"g-g{number}": "10" for number in range(len(KEYS) // 5)}
    rounds = []
    for _ in range(ROUNDS):
        spent = []
        for number in range(REQUESTS):
            sent = {**fields, f"w-{KEYS[0]}": str(11 + number)}
            start = time.perf_counter()
            answer = client.post(f"/t/{tenant.slug}/scorecard/{card}/preview/", sent, headers={"HX-Request": "true"})
            spent.append((time.perf_counter() - start) * 1000)
            if "change" not in answer.content.decode():
                raise RuntimeError("no preview in the answer")
        rounds.append(quantiles(spent, n=20)[-1])
    return min(rounds)


def _anew(tenant: Tenant) -> float:
    with tenant_scope(tenant):
        card = scorecard_get()
        found = []
        for number in range(3):
            start = time.perf_counter()
            preview(card=card, document=document(20 + number), as_of=LAST)
            found.append((time.perf_counter() - start) * 1000)
        Draft.objects.all().delete()
    return min(found)


_VALUES = """
INSERT INTO accounts_accountvalue (tenant_id, field_id, account_id, number)
SELECT a.tenant_id, f.id, a.id, (a.id * 17 + f.id * 7) %% 1000
FROM accounts_account a JOIN accounts_customfield f ON f.tenant_id = a.tenant_id
WHERE a.tenant_id = %(t)s AND (a.id + f.id) %% 10 > 0 AND %(day)s::date IS NOT NULL"""
_TOUCHES = """
INSERT INTO accounts_touch (tenant_id, account_id, kind, "on", note, two_way, level, created_at)
SELECT a.tenant_id, a.id, 'call', %(day)s::date - ((a.id * 7 + n * 13) %% 90)::int, '', n > 1, '', now()
FROM accounts_account a, generate_series(1, 3) n WHERE a.tenant_id = %(t)s"""
_TICKETS = """
INSERT INTO service_ticket (tenant_id, external_id, account_id, subject, channel, priority, requester, opened_at,
    first_response_at, closed_at, satisfaction, basic, deflected, created_at)
SELECT a.tenant_id, a.id || '-' || n, a.id, 'Question', 'mail', 'normal', '', opened, opened + interval '2 hours',
    CASE WHEN n > 1 THEN opened + interval '1 day' END, CASE WHEN n > 1 THEN 1 + (a.id + n) %% 5 END,
    false, false, now()
FROM accounts_account a, generate_series(1, 3) n,
    LATERAL (SELECT %(day)s::date - ((a.id * 5 + n * 11) %% 80)::int * interval '1 day' AS opened) made
WHERE a.tenant_id = %(t)s"""

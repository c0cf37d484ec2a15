"""A history scored again under another version, against reading the same inputs and inserting the same rows by hand.

The full size is 10,000 accounts × 365 days; every batch of days costs the same, so that the ratio is taken over fewer
days (BENCH_DAYS).
"""

import copy
import os
import time
from datetime import timedelta
from io import StringIO
from typing import Any

from django.db import connection, connections

from health.card import card_of
from health.definition import STARTING_DOCUMENT, Document
from health.models import RescoredScore, Rescoring, ScorecardVersion
from health.selectors import scorecard_get, version_latest
from health.services import rescoring_run, rescoring_start
from health.verify import scores_verify
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.bench.results import Result
from tests.factories import AT, DAY, make_tenant
from tests.health.past_world import accounts_made

ACCOUNTS = int(os.environ.get("BENCH_ACCOUNTS", "10000"))
DAYS = int(os.environ.get("BENCH_DAYS", "30"))
FIRST = DAY - timedelta(days=DAYS - 1)
_TARGET = 3
_KEYS = ("usage_trend", "login_ratio", "stickiness", "activation_rate", "breadth", "depth")
_EVERY = "FROM accounts_account a CROSS JOIN generate_series(%(first)s::date, %(last)s, '1 day') d(day)"
_METRICS = f"""INSERT INTO usage_metric (tenant_id, account_id, day, reported, seats, seats_from, dau, wau, mau,
        users_ever, users_28, users_28_before, login_listed, minutes_online, features_unused, provisional,
        {", ".join(_KEYS)})
    SELECT a.tenant_id, a.id, d.day, 1, 40, 'account', 5, 12, (random() * 40)::int, 30, 18, 20, true, 61.5, '{{}}',
        false, {", ".join("random()" for _key in _KEYS)} {_EVERY} WHERE a.tenant_id = %(tenant)s"""  # noqa: S608 - names of code
_SCORES = f"""INSERT INTO health_score (tenant_id, day, account_id, version_id, score, band, coverage, raws, reported,
        provisional)
    SELECT m.tenant_id, m.day, m.account_id, %(version)s, 60, 'amber', 1,
        ARRAY[{", ".join(f"m.{key}" for key in _KEYS)}, CASE WHEN random() < 0.8 THEN (random() * 90)::int END],
        1, false
    FROM usage_metric m WHERE m.tenant_id = %(tenant)s ORDER BY m.day, m.account_id"""  # noqa: S608 - names of code


def run() -> list[Result]:
    """Two versions: one that weighs the same measures otherwise, one with a measure that no stored score has."""
    made = make_tenant("rescoring-bench")
    with tenant_scope(made.tenant):
        accounts_made(made.tenant, ACCOUNTS, contract_start=DAY - timedelta(days=400))
        with connection.cursor() as cursor:
            params: dict[str, Any] = {
                "tenant": made.tenant.pk,
                "first": FIRST,
                "last": DAY,
                "version": version_latest().pk,
            }
            cursor.execute(_METRICS, params)
            cursor.execute(_SCORES, params)
            cursor.execute("ANALYZE usage_metric, health_score, accounts_account")
    weighed, further = _versions(made.tenant)
    size = f"{ACCOUNTS:,} accounts × {DAYS} days"
    found: list[Result] = []
    for version, what in ((weighed, "other weights"), (further, "a measure more")):
        ours = _spent(made.tenant, version)
        theirs = _by_hand(made.tenant, version)
        found += [
            Result(f"rescoring {size}, {what}", ours, "s"),
            Result(f"reading and inserting them by hand, {what}", theirs, "s"),
            Result(f"rescoring ÷ by hand, {what}", ours / theirs, "×", _TARGET, at_least=False),
        ]
    return [*found, _verified(made.tenant)]


def _verified(tenant: Tenant) -> Result:
    """Seconds of deriving every stored score again."""
    start = time.perf_counter()
    with tenant_scope(tenant):
        found = scores_verify()
    return Result(f"{found.scores:,} stored scores derived again", time.perf_counter() - start, "s")


def _versions(tenant: Tenant) -> tuple[ScorecardVersion, ScorecardVersion]:
    weighed, further = copy.deepcopy(STARTING_DOCUMENT), copy.deepcopy(STARTING_DOCUMENT)
    weighed["groups"][0]["weight"], weighed["bands"]["green"] = 10, 70
    further["groups"][0]["measures"].append(
        {"key": "mau", "weight": 20, "breakpoints": [[0, 0], [40, 100]], "missing": "skip"}
    )
    with tenant_scope(tenant):
        return _version(weighed, 2), _version(further, 3)


def _version(document: Document, number: int) -> ScorecardVersion:
    keys = list(card_of(document).keys)
    return ScorecardVersion.objects.create(
        scorecard=scorecard_get(), number=number, definition=document, measure_keys=keys, published_at=AT,
        effective_from=DAY + timedelta(days=1),
    )  # fmt: skip


def _spent(tenant: Tenant, version: ScorecardVersion) -> float:
    """Seconds of one rescoring, from what was asked to the kept result."""
    start = time.perf_counter()
    with tenant_scope(tenant):
        asked = rescoring_start(version=version, whole=None, by=None, at=AT)
    rescoring_run(tenant=tenant, pk=asked.pk, clock=lambda: AT)
    spent = time.perf_counter() - start
    with tenant_scope(tenant):
        done = Rescoring.objects.get(pk=asked.pk)
        if done.state != "done" or done.rows != ACCOUNTS * DAYS:
            raise RuntimeError(f"not done: {done.state} {done.rows} {done.error}")
    return spent


def _by_hand(tenant: Tenant, version: ScorecardVersion) -> float:
    """Seconds of reading what the version measures, day by day from where it is kept, and of inserting the rescored
    rows by COPY, as the owner, into a table with the same key and no policy.
    """
    with tenant_scope(tenant):
        rows = list(
            RescoredScore.objects.filter(rescoring__version=version).order_by("day", "account_id").values_list(
                "tenant_id", "rescoring_id", "day", "account_id", "version_id", "score", "band", "coverage", "raws"
            )
        )  # fmt: skip
    start = time.perf_counter()
    with tenant_scope(tenant), connection.cursor() as cursor:
        _read_by_hand(cursor, version, tenant.pk)
    read = time.perf_counter() - start
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE bench_rescored (LIKE health_rescoredscore INCLUDING DEFAULTS)")
        cursor.execute("ALTER TABLE bench_rescored ADD PRIMARY KEY (tenant_id, rescoring_id, day, account_id)")
        columns = "tenant_id, rescoring_id, day, account_id, version_id, score, band, coverage, raws"
        written = 0.0
        for place in range(0, len(rows), ACCOUNTS):
            start = time.perf_counter()
            text = "".join(map(_line, rows[place : place + ACCOUNTS]))
            cursor.copy_expert(f"COPY bench_rescored ({columns}) FROM STDIN", StringIO(text))
            written += time.perf_counter() - start
        cursor.execute("DROP TABLE bench_rescored")
    return read + written


def _read_by_hand(cursor: Any, version: ScorecardVersion, tenant_id: int) -> None:
    """The stored raw values; and the metrics, where a measure needs them."""
    asked = ["SELECT account_id, version_id, raws FROM health_score WHERE tenant_id = %s AND day = %s"]
    if "mau" in version.measure_keys:
        asked.append("SELECT account_id, mau FROM usage_metric WHERE tenant_id = %s AND day = %s")
    for number in range(DAYS):
        for sql in asked:
            cursor.execute(sql, [tenant_id, FIRST + timedelta(days=number)])
            cursor.fetchall()


def _line(row: tuple[Any, ...]) -> str:
    *plain, score, band, coverage, raws = row
    held = ",".join(["NULL" if raw is None else repr(raw) for raw in raws])
    ids = "\t".join(map(str, plain))
    shown = "\\N" if score is None else score
    return f"{ids}\t{shown}\t{band}\t{coverage!r}\t{{{held}}}\n"

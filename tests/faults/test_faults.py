"""Killing any process at any moment loses nothing and counts nothing twice."""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

from csplatform import embedded
from tests.faults.world import ACCOUNTS, Installation, Load
from tests.services import ROOT

pytestmark = pytest.mark.fault

SECONDS = round(60 * float(os.environ.get("FAULT_MINUTES", "1")))
FAULTS = ("web child", "web", "worker child", "worker", "redis", "postgres")
TENANTS = ("one", "two", "three")


@pytest.fixture
def installation() -> Iterator[Installation]:
    made = Installation()
    try:
        made.manage("migrate", "--database", "owner", "--verbosity", "0")
        yield made
    finally:
        made.stop()


def make_tenants(installation: Installation) -> dict[str, str]:
    """Three tenants with their accounts; returns their write keys."""
    keys = {}
    for slug in TENANTS:
        told = json.loads(installation.manage("tenant_create", slug, "--admin", f"admin@{slug}.example", "--json"))
        keys[slug] = told["write_key"]
        groups = [
            {"type": "group", "userId": "user-0", "groupId": f"account-{n}", "traits": {}} for n in range(ACCOUNTS)
        ]
        Load(installation.port, keys, 0)._deliver(slug, json.dumps({"batch": groups}).encode())
    return keys


def query(installation: Installation, sql: str) -> list[tuple[Any, ...]]:
    """Rows as the backup role sees them: those of every tenant."""
    connection = psycopg2.connect(embedded.service_urls(installation.home)["DATABASE_BACKUP_URL"])
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())
    finally:
        connection.close()


def hint(installation: Installation) -> None:
    """What beat does every minute, every other second; with Redis away it fails, and that must not matter."""
    code = "from csplatform.celery import app; app.send_task('pipeline.tasks.tick', retry=False)"
    subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=installation.env, capture_output=True, timeout=60, check=False
    )


def test_random_kills_lose_nothing_and_count_nothing_twice(installation: Installation) -> None:
    rnd = random.Random(int(os.environ.get("SEED", "7")))
    for name in ("web", "worker"):
        installation.start(name)
    keys = make_tenants(installation)
    load = Load(installation.port, keys, time.time() + SECONDS)
    clients = load.run()
    least, latest = SECONDS // 10, load.until + 3 * SECONDS  # a slow machine gets more time for its kills
    while time.time() < load.until - 3:
        time.sleep(rnd.uniform(0.5, 2.5))
        installation.kill(rnd.choice(FAULTS), rnd)
        hint(installation)
        if sum(installation.faults.values()) < least:
            load.until = min(max(load.until, time.time() + 15), latest)
    for client in clients:
        client.join()
    today = time.strftime("%Y-%m-%d", time.gmtime())
    for slug in TENANTS:
        installation.manage("nightly", "--tenant", slug)
        installation.manage("nightly", "--tenant", slug, "--date", today)
    check_events(installation, load)
    check_slices(installation, load)
    check_nights(installation)
    assert sum(installation.faults.values()) >= least, installation.faults


def check_events(installation: Installation, load: Load) -> None:
    """Every acknowledged event is stored, once; nothing was rejected or left behind."""
    stored = query(
        installation,
        "SELECT t.slug, count(*) FROM usage_event e JOIN tenants_tenant t ON t.id = e.tenant_id"
        " WHERE e.kind IN (1, 2, 3) GROUP BY 1",
    )
    assert dict(stored) == dict(Counter(slug for slug, _message in load.sent))
    assert query(installation, "SELECT count(*) FROM usage_intakebody") == [(0,)]
    assert query(installation, "SELECT reason, count(*) FROM usage_rejected GROUP BY 1") == []


def check_slices(installation: Installation, load: Load) -> None:
    """The derived counts equal the clients' own: a slice filled twice or half would differ."""
    wanted = Counter((slug, *place) for (slug, _message), place in load.sent.items())
    found = query(
        installation,
        """SELECT t.slug, a.external_id, d.day::text, n.name, d.uses FROM usage_nameday d
        JOIN tenants_tenant t ON t.id = d.tenant_id JOIN accounts_account a ON a.id = d.account_id
        JOIN usage_eventname n ON n.id = d.name_id""",
    )
    assert {row[:4]: row[4] for row in found} == dict(wanted)


def check_nights(installation: Installation) -> None:
    """Every step of every night is done, and every account has one score per closed day."""
    assert query(installation, "SELECT tenant_id, job, error FROM operations_night WHERE state <> 'done'") == []
    scores = query(
        installation,
        """SELECT n.tenant_id, n.local_date, count(s.account_id) FROM operations_night n
        LEFT JOIN health_score s ON s.tenant_id = n.tenant_id AND s.day = n.local_date
        WHERE n.job = 'health' GROUP BY 1, 2""",
    )
    assert scores
    assert {row[2] for row in scores} == {ACCOUNTS}

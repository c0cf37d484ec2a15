"""Speed of the intake and of storing, as ratios measured in one run: the same machine, the same moment, the same
events.

CPU seconds are those of the process that works and of its database session together, so that a busy machine does not
change what is compared.
"""

import json
import random
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from subprocess import Popen
from typing import Any

import psutil
from django.db import connection, connections

from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.services import NewTenant, tenant_create
from usage.models import IntakeBody
from usage.services import unpack

Result = dict[str, Any]
BATCH = 100
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def bench_intake(*, batches: int = 400) -> list[Result]:
    """Events per CPU second of the endpoint that stores, against the same endpoint only decoding: at least 40 %."""
    made = _tenant()
    bodies = list(_bodies(batches, users=1000))
    rates = {kind: _served_rate(kind, made.write_key, bodies) for kind in ("decode", "store")}
    return [
        _result("intake_accepted_per_decoded", rates["store"] / rates["decode"], "ratio", 0.4),
        {
            "name": "intake_accepted",
            "value": round(rates["store"]),
            "unit": "events/CPU s",
            "target": None,
            "met": None,
        },
        {
            "name": "intake_decoded",
            "value": round(rates["decode"]),
            "unit": "events/CPU s",
            "target": None,
            "met": None,
        },
    ]


def bench_store(*, batches: int = 400) -> list[Result]:
    """Events per CPU second stored with look-ups and deduplication, against COPY into a table with the same key.

    Both begin with the decoded calls and end with the commit.
    """
    made = _tenant()
    bodies = [unpack.Body(n, AT, "batch", body) for n, body in enumerate(_bodies(batches, users=1000))]
    at_once = unpack.BODIES_AT_ONCE
    handfuls = [unpack.arrivals_of(bodies[n : n + at_once], []) for n in range(0, len(bodies), at_once)]
    with unpack.no_collection():
        copied = _copy_cost(made.tenant, handfuls)
        stored = _cost(lambda: _store(made.tenant, handfuls))
    return [
        _result("stored_per_copied", copied / stored, "ratio", 0.4),
        _figure("stored", batches * BATCH / stored),
        _figure("copied", batches * BATCH / copied),
    ]


def _figure(name: str, rate: float) -> Result:
    return {"name": name, "value": round(rate), "unit": "events/CPU s", "target": None, "met": None}


def _result(name: str, value: float, unit: str, target: float) -> Result:
    return {"name": name, "value": round(value, 3), "unit": unit, "target": target, "met": value >= target}


def _tenant() -> NewTenant:
    slug = f"bench-{secrets.token_hex(4)}"
    return tenant_create(
        slug=slug,
        name=slug,
        timezone="UTC",
        language="en",
        currency="USD",
        admin_email=f"admin@{slug}.example",
        at=AT,
    )


def _bodies(count: int, *, users: int) -> Iterator[bytes]:
    """Bodies of 100 track calls as a Python SDK sends them, of one day."""
    chance = random.Random(7)  # noqa: S311 - a repeatable load, no secret
    for _ in range(count):
        yield json.dumps({"batch": [_item(chance, users) for _ in range(BATCH)]}).encode()


def _item(chance: random.Random, users: int) -> Result:
    when = AT - timedelta(milliseconds=chance.randrange(86_400_000))
    user = chance.randrange(users)
    return {
        "integrations": {},
        "anonymousId": None,
        "properties": {"report_id": chance.randrange(1000), "revenue": 12.5},
        "timestamp": when.isoformat(timespec="milliseconds"),
        "context": {"groupId": f"acct-{user % 200}", "library": {"name": "analytics-python", "version": "2.4.0"}},
        "userId": f"u-{user}",
        "type": "track",
        "event": f"Report {chance.randrange(20)}",
        "messageId": f"{chance.getrandbits(128):032x}",
    }


def _session_seconds() -> float:
    """CPU seconds of this process and of its database session."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        session = psutil.Process(cursor.fetchone()[0])
    return time.process_time() + _seconds(session)


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _cost(work: Callable[[], object]) -> float:
    before = _session_seconds()
    work()
    return _session_seconds() - before


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
        before = time.process_time() + _seconds(session)
        for arrivals in handfuls:
            chunk = unpack.Chunk(tenant, AT, {})
            chunk.names = {(a.call.kind, a.call.name): 1 for a in arrivals}
            lines = (f"{tenant.pk}\t{chunk.line(a, (1, 1), str(AT))}" for a in arrivals)
            cursor.copy_expert(f"COPY usage_bench (tenant_id, {unpack._COLUMNS}) FROM STDIN", _reader("\n".join(lines)))
        cost = time.process_time() + _seconds(session) - before
        cursor.execute("DROP TABLE usage_bench")
    return cost


def _reader(text: str) -> Any:
    from io import BytesIO

    return BytesIO(text.encode())


def _served_rate(kind: str, key: str, bodies: list[bytes]) -> float:
    """Events per CPU second of one web worker (and its database session) that is sent these bodies."""
    port = _free_port()
    command = [sys.executable, "-m", "gunicorn", "--workers", "1", "--bind", f"127.0.0.1:{port}"]
    command += ["--log-level", "warning", "--keep-alive", "30", f"usage.bench_server:served('{kind}')"]
    with Popen(command) as server:  # noqa: S603 - our own web server, with words of ours
        try:
            client = _connected(port)
            for body in bodies[:20]:
                _post(client, key, body)
            worker = psutil.Process(server.pid).children()[0]
            before = _seconds(worker) + _other_sessions()
            for body in bodies:
                _post(client, key, body)
            used = _seconds(worker) + _other_sessions() - before
        finally:
            server.terminate()
    return len(bodies) * BATCH / used


def _other_sessions() -> float:
    """CPU seconds of the database sessions other than ours that are open now: the web worker's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        pids = [pid for (pid,) in cursor.fetchall()]
    return sum(_seconds(psutil.Process(pid)) for pid in pids if psutil.pid_exists(pid))


def _free_port() -> int:
    from socket import socket

    with socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _connected(port: int) -> HTTPConnection:
    client = HTTPConnection("127.0.0.1", port, timeout=30)
    for _ in range(200):
        try:
            client.connect()
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return client
    raise RuntimeError("the web server did not start")


def _post(client: HTTPConnection, key: str, body: bytes) -> None:
    from base64 import b64encode

    token = b64encode(f"{key}:".encode()).decode()
    headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
    client.request("POST", "/v1/batch", body, headers)
    answer = client.getresponse()
    answer.read()
    if answer.status != 200:
        raise RuntimeError(f"the intake answered {answer.status}")


def clean_up() -> None:
    """Forget what a bench stored: its tenants' bodies go, their events lie in partitions that age away."""
    for tenant in Tenant.objects.filter(slug__startswith="bench-"):
        with tenant_scope(tenant):
            IntakeBody.objects.all().delete()

"""What both benches of the intake need: a tenant, SDK-sized bodies, CPU seconds of a process and of its session."""

import json
import random
import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
from django.db import connection

from tenants.services import NewTenant, tenant_create
from tests.bench.results import Result

BATCH = 100
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def figure(name: str, rate: float) -> Result:
    """A rate that is shown without a target."""
    return Result(name, rate, "events/CPU s")


def make_tenant() -> NewTenant:
    """A tenant of its own."""
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


def bodies(count: int, *, users: int) -> Iterator[bytes]:
    """Bodies of 100 track calls as a Python SDK sends them, of one day."""
    chance = random.Random(7)  # noqa: S311 - a repeatable load, no secret
    for _ in range(count):
        yield json.dumps({"batch": [_item(chance, users) for _ in range(BATCH)]}).encode()


def _item(chance: random.Random, users: int) -> dict[str, Any]:
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


def session_seconds() -> float:
    """CPU seconds of this process and of its database session."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        session = psutil.Process(cursor.fetchone()[0])
    return time.process_time() + seconds(session)


def seconds(process: psutil.Process) -> float:
    """CPU seconds of a process so far."""
    times = process.cpu_times()
    return float(times.user + times.system)

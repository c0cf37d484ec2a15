"""Reads what waits to be worked off, and the workers' sign of life."""

import time
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min
from redis import Redis

from tenants.models import Tenant
from usage.models import IntakeBody, Mark

WORKER_SIGN = "csplatform:worker-seen"
WORKER_SILENCE = 150  # seconds: beat ticks every minute


@dataclass(frozen=True)
class Backlog:
    """What has come in and is not worked off: bodies, the oldest of them, and marked day slices (parked ones among
    them).
    """

    bodies: int
    oldest: datetime | None
    marks: int


def backlog_of(*, tenant: Tenant) -> Backlog:
    """The backlog of the tenant in scope."""
    bodies = IntakeBody.objects.filter(tenant=tenant).aggregate(n=Count("id"), oldest=Min("received_at"))
    return Backlog(bodies["n"], bodies["oldest"], Mark.objects.count())


def worker_seen(client: "Redis") -> bool:
    """Whether a worker has done a tick lately."""
    seen = client.get(WORKER_SIGN)
    return isinstance(seen, bytes) and time.time() - float(seen) < WORKER_SILENCE


def worker_sign(url: str) -> None:
    """A worker's sign of life; Redis away is no reason to stop."""
    from redis import RedisError

    try:
        Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1).set(WORKER_SIGN, str(time.time()), ex=3600)
    except RedisError:
        return

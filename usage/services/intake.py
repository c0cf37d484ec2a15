"""Keeps what SDKs send: one durable row per request, in the request."""

import zlib
from datetime import datetime, timedelta
from time import monotonic

from django.db import connection

from tenants.models import Key
from tenants.services import KEY_USE_RESOLUTION
from usage.intake.body import GZIP_MAGIC

# Per process: when a key's use was last written, so that a request does not write it every time.
_key_written: dict[int, float] = {}


def body_keep(*, tenant_id: int, key_id: int, call: str, body: bytes, at: datetime) -> None:
    """Store the body and remember that its key was used. In the caller's scope and transaction.

    A body that came unpacked is packed first: that costs less than to write and log ten times the bytes.
    """
    if not body.startswith(GZIP_MAGIC):
        packer = zlib.compressobj(level=1, wbits=31)
        body = packer.compress(body) + packer.flush()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO usage_intakebody (tenant_id, received_at, call, body) VALUES (%s, %s, %s, %s)",
            [tenant_id, at, call, body],
        )
    if monotonic() - _key_written.get(key_id, float("-inf")) >= KEY_USE_RESOLUTION / timedelta(seconds=1):
        Key.objects.filter(pk=key_id).update(last_used_at=at)
        _key_written[key_id] = monotonic()


def backlog_size() -> int:
    """About how many bodies wait for all tenants together, from the planner's figures: cheap, and good enough for a
    limit.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size('usage_intakebody') + pg_relation_size(reltoastrelid) "
                       "FROM pg_class WHERE oid = 'usage_intakebody'::regclass")  # fmt: skip
        return int(cursor.fetchone()[0])

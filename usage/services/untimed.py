"""Messages that carry no time get the time at which they first came, and keep it on every retry."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b

from usage.intake.keys import instant_ms
from usage.sql import rows, run


def times_of(messages: Iterable[tuple[str, datetime]]) -> dict[str, int]:
    """The milliseconds of messages without a time: when each message id first came, now or earlier."""
    came: dict[str, datetime] = {}
    for message_id, received_at in messages:
        came[message_id] = min(came.get(message_id, received_at), received_at)
    if not came:
        return {}
    digests = {message_id: _digest(message_id) for message_id in sorted(came)}
    run(
        """INSERT INTO usage_untimedmessage (tenant_id, digest, at)
           SELECT %(tenant)s, * FROM unnest(%(digests)s::uuid[], %(ats)s::timestamptz[]) ON CONFLICT DO NOTHING""",
        digests=list(digests.values()),
        ats=[came[message_id] for message_id in digests],
    )
    held = {
        digest.hex: at
        for digest, at in rows(
            "SELECT digest, at FROM usage_untimedmessage WHERE tenant_id = %(tenant)s AND digest = "
            "ANY(%(ids)s::uuid[])",
            ids=list(digests.values()),
        )
    }
    return {message_id: instant_ms(held[digest]) for message_id, digest in digests.items()}


def _digest(message_id: str) -> str:
    return blake2b(message_id.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

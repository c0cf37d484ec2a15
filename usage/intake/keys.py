"""The key of an event: the client's own milliseconds and a hash of the message id.

Both parts are the same on every retry, so the key deduplicates without a window; and keys sort by event
time, so the primary key of the event table is also its time index. A key is a UUID of 128 bits: 48 bits of
milliseconds since 1970 (the years up to 10889), then 80 bits of BLAKE2b. Inside the intake it is kept as 32
hexadecimal digits, which Postgres reads as a uuid.
"""

from datetime import UTC, datetime
from hashlib import blake2b
from uuid import UUID
from zlib import crc32

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST_MS = (1 << 48) - 1
ZERO_TAIL = "0" * 20


def instant_ms(at: datetime) -> int:
    """Whole milliseconds from 1970 to an aware instant, cut (not rounded) so that order is kept."""
    delta = at - EPOCH
    return delta.days * 86_400_000 + delta.seconds * 1000 + delta.microseconds // 1000


def event_key_hex(ms: int, message_id: str) -> str:
    """The key of the event `message_id` at `ms` as 32 hexadecimal digits. `message_id` is text of any
    shape.
    """
    tail = blake2b(message_id.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()
    return f"{ms:012x}{tail}"


def bound_hex(at: datetime) -> str:
    """The smallest key of any event at or after `at`: events of [a, b) are the keys of [bound(a),
    bound(b)).
    """
    ms = instant_ms(at)
    if at.microsecond % 1000:
        ms += 1
    return f"{min(max(ms, 0), LAST_MS):012x}{ZERO_TAIL}"


def bound(at: datetime) -> UUID:
    """The same bound as a UUID."""
    return UUID(bound_hex(at))


def key_ms(key: str | UUID) -> int:
    """The client's milliseconds inside a key."""
    return int(key.replace("-", "")[:12], 16) if isinstance(key, str) else key.int >> 80


def payload_digest(said: bytes) -> int:
    """A signed 32-bit checksum of what a call says, to see one message id used for two different calls."""
    value = crc32(said)
    return value - (1 << 32) if value >= 1 << 31 else value

"""Reading a request body: unpacking, strict and lenient JSON, and the position where it is malformed.

The strict reader is fast and takes what the SDKs send. What it refuses is read again leniently (NaN, lone
surrogates, control characters, bytes that are not UTF-8), because a client cannot mend a body that it has
queued: it would drop it.
"""

import json
import re
import zlib
from collections.abc import Iterator
from typing import Any

import msgspec

from usage.intake.clean import clean_json

MOST_MEMBERS = 64  # SDKs send one; each further one costs a copy of what follows it
GZIP_MAGIC = b"\x1f\x8b"
UNPACKED_LIMIT = 32 * 1024 * 1024
_MOST_DIGITS = 4000


class MalformedBodyError(ValueError):
    """The body cannot be read. `offset` counts characters from 0, `line` and `column` from 1."""

    def __init__(self, reason: str, offset: int = 0, line: int = 1, column: int = 1) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset
        self.line = line
        self.column = column


class BodyTooLargeError(ValueError):
    """The body is larger than the cap once unpacked."""


class BodyTooDeepError(ValueError):
    """The body nests deeper than the readers go; its items may still be read one by one."""


class Item(msgspec.Struct, gc=False):
    """One call as it was sent. The fields are those of the tracking API; nothing is checked yet."""

    type: Any = None
    userId: Any = None  # noqa: N815 - the wire's own names
    anonymousId: Any = None  # noqa: N815 - the wire's own names
    messageId: Any = None  # noqa: N815 - the wire's own names
    originalTimestamp: Any = None  # noqa: N815 - the wire's own names
    timestamp: Any = None
    event: Any = None
    name: Any = None
    groupId: Any = None  # noqa: N815 - the wire's own names
    previousId: Any = None  # noqa: N815 - the wire's own names
    properties: Any = None
    traits: Any = None
    context: Any = None


class Envelope(msgspec.Struct, gc=False):
    """The body of a batch as the strict reader sees it."""

    batch: list[Item]
    writeKey: Any = None  # noqa: N815 - the wire's own names
    context: Any = None


class Head(Item, gc=False):
    """The body of a single call as the strict reader sees it."""

    writeKey: Any = None  # noqa: N815 - the wire's own names


_batch_decoder = msgspec.json.Decoder(Envelope)
_single_decoder = msgspec.json.Decoder(Head)
_plain_decoder = msgspec.json.Decoder()


def unpacked(raw: bytes, *, limit: int) -> bytes:
    """The body without its gzip layer, which is recognised by its first bytes whatever the headers say.

    Raises BodyTooLargeError when it has more than `limit` bytes once unpacked, MalformedBodyError when the
    gzip stream is broken.
    """
    if not raw.startswith(GZIP_MAGIC):
        if len(raw) > limit:
            raise BodyTooLargeError
        return raw
    parts: list[bytes] = []
    room = limit + 1
    while raw and room > 0:
        if len(parts) == MOST_MEMBERS:
            raise MalformedBodyError(f"the gzip stream has more than {MOST_MEMBERS} members")
        stream = zlib.decompressobj(wbits=31)
        try:
            part = stream.decompress(raw, room)
        except zlib.error as fault:
            raise MalformedBodyError(f"the gzip stream is broken: {fault}") from fault
        parts.append(part)
        room -= len(part)
        if not stream.eof and room > 0:
            raise MalformedBodyError("the gzip stream is cut off")
        raw = stream.unused_data.lstrip(b"\x00")
    if room <= 0:
        raise BodyTooLargeError
    return b"".join(parts)


def strict(body: bytes, *, single: bool) -> Envelope | None:
    """The body read by the strict reader, or None when it has to be read leniently."""
    if b"\\u0000" in body:
        return None
    try:
        if single:
            head = _single_decoder.decode(body)
            return Envelope(batch=[head], writeKey=head.writeKey)
        return _batch_decoder.decode(body)
    except RecursionError as fault:
        raise BodyTooDeepError from fault
    except ValueError:
        return None


def plain_items(body: bytes, *, single: bool) -> list[object]:
    """The items of a body that the strict reader takes, with every field they have."""
    value = _plain_decoder.decode(body)
    return [value] if single else list(value["batch"])


def lenient(body: bytes, *, single: bool) -> dict[str, Any]:
    """The body as a dict with a `batch` of cleaned items of any shape. Raises MalformedBodyError,
    BodyTooDeepError.
    """
    value = _loads(body.decode("utf-8-sig", "replace"))
    if not isinstance(value, dict):
        raise MalformedBodyError("the body is not a JSON object")
    if single or ("batch" not in value and "type" in value):
        return {"batch": [value], "writeKey": value.get("writeKey")}
    if not isinstance(value.get("batch"), list):
        raise MalformedBodyError("the body has no list named batch")
    return value


def item_of(value: dict[str, Any]) -> Item:
    """An item from the plain dict that a lenient reader made."""
    return Item(**{name: value[name] for name in Item.__struct_fields__ if name in value})


def split_batch(body: bytes) -> Iterator[str]:
    """The texts of the items of a batch, found without recursion, for bodies in which one item nests too
    deep.
    """
    text = body.decode("utf-8-sig", "replace")
    opening = re.search(r'"batch"\s*:\s*\[', text)
    if opening is None:
        return
    depth, start = 0, opening.end()
    for token in re.finditer(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{},]', text[start:], re.DOTALL):
        mark = token.group()
        ends = depth == 0 and mark in ("]", ",")
        if ends:
            item = text[start : opening.end() + token.start()].strip()
            start = opening.end() + token.end()
            if item:
                yield item
            if mark == "]":
                return
        depth += (mark in ("[", "{")) - (mark in ("]", "}"))


def loads_item(text: str) -> object:
    """One item read leniently. Raises MalformedBodyError, BodyTooDeepError."""
    return _loads(text)


def _loads(text: str) -> Any:
    try:
        return clean_json(json.loads(text, strict=False, parse_constant=_no_number, parse_int=_integer))
    except json.JSONDecodeError as fault:
        raise MalformedBodyError(fault.msg, fault.pos, fault.lineno, fault.colno) from fault
    except RecursionError as fault:
        raise BodyTooDeepError from fault


def _no_number(_: str) -> None:
    """NaN and the infinities are no JSON: null stands for them."""


def _integer(digits: str) -> int | None:
    """Integers of more digits than Python or jsonb take are null, like the infinities."""
    return int(digits) if len(digits) <= _MOST_DIGITS else None

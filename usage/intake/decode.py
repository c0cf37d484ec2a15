"""From the items of a body to calls that can be stored, or to the reason why one cannot.

One bad item never fails its batch: every fault is a `Fault` with a reason code, and nothing here raises for
what an item says.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

import msgspec

from usage.intake import body as bodies
from usage.intake.clean import MAX_GROUP, clean_text, short_text
from usage.intake.keys import LAST_MS, instant_ms, payload_digest

DAY_MS = 86_400_000
CALLS = ("track", "page", "screen", "identify", "group", "alias")


class Kind(IntEnum):
    """What a call is. The first three are use; the others tell who is who."""

    TRACK = 1
    PAGE = 2
    SCREEN = 3
    IDENTIFY = 4
    GROUP = 5
    ALIAS = 6


# Plain integers: comparing members of an IntEnum costs a microsecond an event.
TRACK, PAGE, SCREEN, IDENTIFY, GROUP, ALIAS = (int(kind) for kind in Kind)
_KINDS = {name: int(Kind[name.upper()]) for name in CALLS}


def _(text: str) -> str:
    """Marks a text for translation; readers translate it when they show it."""
    return text


REASONS = {
    "not_an_object": _("The item is not a JSON object"),
    "no_type": _("The item has no type"),
    "unknown_type": _("The type is none of track, page, screen, identify, group, alias"),
    "no_id": _("The item has neither a userId nor an anonymousId"),
    "bad_id": _("An id is neither text nor a number"),
    "no_event": _("The track call has no event name"),
    "no_group": _("The group call has no groupId"),
    "no_previous_id": _("The alias call has no previousId"),
    "bad_time": _("The timestamp cannot be read"),
    "out_of_range_future": _("The timestamp is more than a day ahead of the receipt"),
    "out_of_range_past": _("The timestamp is older than the retention"),
    "too_deep": _("The item nests too deep to be read"),
    "conflict": _("The message id was used before for another call"),
    "unreadable": _("The body could not be unpacked"),
}


class Call(msgspec.Struct, gc=False):
    """One call, checked. Ids and names fit indexed columns; `at_ms` is None when the client gave no time.

    `payload` is the canonical JSON of the properties (of the traits, for identify and group), `digest` a
    checksum of all that the call says, its message id and time apart.
    """

    kind: int
    message_id: str
    at_ms: int | None
    user_id: str | None
    anonymous_id: str | None
    group_id: str | None
    previous_id: str | None
    name: str
    payload: bytes | None
    context: bytes | None
    digest: int


class Fault(msgspec.Struct, gc=False):
    """An item that cannot be stored as an event: why, and the item itself as JSON text."""

    reason: str
    detail: str
    message_id: str
    item: bytes


def wire_item(call: Call) -> bytes:
    """A call as an item of a batch again."""
    use = call.kind <= SCREEN
    item = {
        "type": CALLS[call.kind - 1],
        "messageId": call.message_id,
        "timestamp": call.at_ms,
        "userId": call.user_id,
        "anonymousId": call.anonymous_id,
        "groupId": call.group_id,
        "previousId": call.previous_id,
        ("event" if call.kind == TRACK else "name"): call.name or None,
        ("properties" if use else "traits"): msgspec.Raw(call.payload) if call.payload else None,
        "context": msgspec.Raw(call.context) if call.context else None,
    }
    return msgspec.json.encode({name: value for name, value in item.items() if value is not None})


class Limits(msgspec.Struct, frozen=True):
    """The times that are taken, both inclusive, in milliseconds."""

    oldest_ms: int
    newest_ms: int

    @classmethod
    def at(cls, received_at: datetime, *, retention_days: int) -> "Limits":
        """Up to a day ahead of the receipt and back to the retention."""
        received = instant_ms(received_at)
        return cls(oldest_ms=max(0, received - retention_days * DAY_MS), newest_ms=min(LAST_MS, received + DAY_MS))


class _RefusedError(Exception):
    """An item is refused: (reason, detail)."""


def check_body(body: bytes, *, call: str) -> str | None:
    """Read an unpacked body as the intake must before it answers, and return the write key in it, if any.

    `call` is "batch" or one of CALLS. Raises bodies.MalformedBodyError. A body that nests too deep passes:
    its other items can be stored, and the deep one is kept with its reason.
    """
    single = call != "batch"
    try:
        envelope = bodies.strict(body, single=single)
        key = bodies.lenient(body, single=single).get("writeKey") if envelope is None else envelope.writeKey
    except bodies.BodyTooDeepError:
        return None
    return key if isinstance(key, str) else None


def read_calls(body: bytes, *, call: str, limits: Limits) -> Iterator[Call | Fault]:
    """The calls of an unpacked body, in order, each as a Call or a Fault. Raises
    bodies.MalformedBodyError.
    """
    single = call != "batch"
    type_ = call if single else None
    try:
        envelope = bodies.strict(body, single=single)
        if envelope is None:
            value = bodies.lenient(body, single=single)
            yield from _each(value["batch"], value.get("context"), type_, limits)
        else:
            yield from _fast(body, envelope, type_, limits)
    except bodies.BodyTooDeepError:
        yield from _one_by_one(body, type_, limits)


def _fast(body: bytes, envelope: bodies.Envelope, type_: str | None, limits: Limits) -> Iterator[Call | Fault]:
    plain: list[object] = []
    shared = envelope.context

    def original(index: int) -> object:
        if not plain:
            plain.extend(bodies.plain_items(body, single=type_ is not None))
        return _with_type(plain[index], type_)

    for index, item in enumerate(envelope.batch):
        if item.context is None:
            item.context = shared
        yield _read(item, type_, limits, lambda at=index: original(at))  # type: ignore[misc]  # bound at once


def _each(values: list[object], shared: Any, type_: str | None, limits: Limits) -> Iterator[Call | Fault]:
    for value in values:
        if not isinstance(value, dict):
            yield Fault("not_an_object", type(value).__name__, "", _encoded(value))
            continue
        item = bodies.item_of(value)
        if item.context is None:
            item.context = shared
        yield _read(item, type_, limits, lambda value=value: _with_type(value, type_))  # type: ignore[misc]  # bound at once


def _with_type(item: object, type_: str | None) -> object:
    """The item of a single call as it would stand in a batch, so that it can be replayed as one."""
    if type_ is None or not isinstance(item, dict):
        return item
    return {name: value for name, value in item.items() if name != "writeKey"} | {"type": type_}


def _one_by_one(body: bytes, type_: str | None, limits: Limits) -> Iterator[Call | Fault]:
    texts = [body.decode("utf-8-sig", "replace")] if type_ else list(bodies.split_batch(body))
    for text in texts:
        try:
            value = bodies.loads_item(text)
        except (bodies.BodyTooDeepError, bodies.MalformedBodyError) as fault:
            reason = "too_deep" if isinstance(fault, bodies.BodyTooDeepError) else "not_an_object"
            yield Fault(reason, "", "", clean_text(text).encode())
            continue
        yield from _each([value], None, type_, limits)


def _read(item: bodies.Item, type_: str | None, limits: Limits, original: Callable[[], object]) -> Call | Fault:
    try:
        return _call(item, type_, limits, original)
    except _RefusedError as refused:
        reason, detail = refused.args
    except RecursionError:
        reason, detail = "too_deep", ""
    given = item.messageId
    message_id = given if isinstance(given, str) else "" if given is None else _encoded(given).decode()
    return Fault(
        reason,
        short_text(clean_text(detail), 300),
        short_text(clean_text(message_id), 300),
        _encoded(original()),
    )


def _call(item: bodies.Item, type_: str | None, limits: Limits, original: Callable[[], object]) -> Call:
    kind = _kind(type_ if type_ is not None else item.type)
    user_id, anonymous_id = _id(item.userId), _id(item.anonymousId)
    if user_id is None and anonymous_id is None:
        raise _RefusedError("no_id", "")
    context = item.context if type(item.context) is dict else None
    group_id = _group(item, kind, context)
    previous_id = _previous(item) if kind == ALIAS else None
    name = _name(item, kind)
    at_ms = _time(item, limits)
    said = item.properties if kind <= SCREEN else item.traits or (context.get("traits") if context else None)
    payload = _canonical(said) if said else None
    said_by = f"{kind}\0{user_id}\0{anonymous_id}\0{group_id}\0{previous_id}\0{name}\0".encode()
    digest = payload_digest(said_by + payload if payload else said_by)
    return Call(
        kind,
        _message_id(item.messageId, original),
        at_ms,
        user_id,
        anonymous_id,
        group_id,
        previous_id,
        name,
        payload,
        _kept_context(context) if context else None,
        digest,
    )


def _kind(value: object) -> int:
    kind = _KINDS.get(value) if type(value) is str else None
    if kind is not None:
        return kind
    if value is None or value == "":
        raise _RefusedError("no_type", "")
    if isinstance(value, str) and value.strip().lower() in _KINDS:
        return _KINDS[value.strip().lower()]
    raise _RefusedError("unknown_type", str(value))


def _id(value: object) -> str | None:
    """An id as text: numbers become text, null and empty are absent."""
    if type(value) is str:
        return short_text(value.strip()) or None
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _RefusedError("bad_id", type(value).__name__)
    return short_text(str(value))


def _group(item: bodies.Item, kind: int, context: dict[str, Any] | None) -> str | None:
    group_id = _id(item.groupId)
    if group_id is None and context is not None and kind != GROUP:
        group_id = _id(context.get("groupId"))
    if group_id is None and kind == GROUP:
        raise _RefusedError("no_group", "")
    return short_text(group_id, MAX_GROUP) if group_id and len(group_id) > MAX_GROUP else group_id


def _previous(item: bodies.Item) -> str:
    previous_id = _id(item.previousId)
    if previous_id is None:
        raise _RefusedError("no_previous_id", "")
    if _id(item.userId) is None:
        raise _RefusedError("no_id", "an alias needs a userId")
    return previous_id


def _name(item: bodies.Item, kind: int) -> str:
    if kind > SCREEN:
        return ""
    value = item.event if kind == TRACK else item.name
    if type(value) is not str:
        value = "" if value is None else _encoded(value).decode()
    value = short_text(value.strip())
    if not value and kind == TRACK:
        raise _RefusedError("no_event", "")
    return value


def _message_id(value: object, original: Callable[[], object]) -> str:
    """The message id as text of any shape; without one, the canonical form of the whole item, `sentAt`
    apart.
    """
    if type(value) is str and value:
        return value
    if value is None or value == "":
        whole = original()
        if isinstance(whole, dict):
            whole = {name: entry for name, entry in whole.items() if name != "sentAt"}
        return "item:" + _encoded(whole).decode()
    return _encoded(value).decode()


def _time(item: bodies.Item, limits: Limits) -> int | None:
    value = item.originalTimestamp
    if value is None or value == "":
        value = item.timestamp
        if value is None or value == "":
            return None
    ms = read_time(value)
    if ms is not None and limits.oldest_ms <= ms <= limits.newest_ms:
        return ms
    if ms is None:
        raise _RefusedError("bad_time", str(value))
    raise _RefusedError("out_of_range_future" if ms > limits.newest_ms else "out_of_range_past", str(value))


def read_time(value: object) -> int | None:
    """Milliseconds since 1970 of an ISO 8601 text or a number, None when it cannot be read.

    A time without an offset is UTC. Numbers count seconds, milliseconds, micro- or nanoseconds, told apart
    by their size.
    """
    if type(value) is str:
        text = value.strip()
        if not text.isdecimal() or len(text) < 9:
            return _read_iso(text)
        value = int(text) if len(text) < 30 else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    for ceiling, factor in ((1e11, 1000.0), (1e14, 1.0), (1e17, 1e-3), (1e20, 1e-6)):
        if abs(value) < ceiling:
            return int(value * factor) if factor != 1.0 else int(value)
    return None


def _read_iso(text: str) -> int | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        if not text.endswith("z"):
            return None
        return _read_iso(text.upper())
    return instant_ms(at if at.tzinfo else at.replace(tzinfo=UTC))


_KEPT_ELSEWHERE = frozenset({"library", "traits", "groupId"})


def _kept_context(context: dict[str, Any]) -> bytes | None:
    """The context without what is kept elsewhere (traits, group) or says nothing of use (the SDK's own name)."""
    if context.keys() <= _KEPT_ELSEWHERE:
        return None
    return _canonical({name: value for name, value in context.items() if name not in _KEPT_ELSEWHERE})


def _canonical(value: object) -> bytes:
    return msgspec.json.encode(value, order="sorted")


def _encoded(value: object) -> bytes:
    """Any JSON value as canonical text; what nests too deep even for the writer is given by its type only."""
    try:
        return msgspec.json.encode(value, order="sorted")
    except RecursionError:
        return b'"(too deep)"'

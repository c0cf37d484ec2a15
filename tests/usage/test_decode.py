"""Reading bodies: every fault is a reason, and nothing that can be kept is lost."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage.intake.body import BodyTooLargeError, MalformedBodyError, unpacked
from usage.intake.decode import CALLS, Call, Fault, Limits, check_body, read_calls, read_time
from usage.intake.keys import bound_hex, event_key_hex, instant_ms, key_ms

RECEIVED = datetime(2026, 11, 22, 13, tzinfo=UTC)
LIMITS = Limits.at(RECEIVED, retention_days=400)
TRACK: dict[str, Any] = {
    "type": "track",
    "userId": "u-1",
    "event": "Report Viewed",
    "messageId": "m-1",
    "timestamp": "2026-11-22T12:41:16.666Z",
}


def read(*items: object, raw: bytes | None = None) -> list[Call | Fault]:
    body = raw if raw is not None else json.dumps({"batch": list(items)}).encode()
    return list(read_calls(body, call="batch", limits=LIMITS))


def one(**changes: object) -> Call:
    [call] = read(TRACK | changes)
    assert isinstance(call, Call), call
    return call


def reason(**changes: object) -> str:
    [fault] = read({key: value for key, value in (TRACK | changes).items() if value != "(gone)"})
    assert isinstance(fault, Fault), fault
    return fault.reason


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"type": "(gone)"}, "no_type"),
        ({"type": "perform"}, "unknown_type"),
        ({"type": 7}, "unknown_type"),
        ({"userId": None}, "no_id"),
        ({"userId": "  ", "anonymousId": ""}, "no_id"),
        ({"userId": {"id": 1}}, "bad_id"),
        ({"userId": True}, "bad_id"),
        ({"event": None}, "no_event"),
        ({"type": "group"}, "no_group"),
        ({"type": "alias"}, "no_previous_id"),
        ({"timestamp": "yesterday"}, "bad_time"),
        ({"timestamp": {"s": 1}}, "bad_time"),
        ({"timestamp": "2026-11-23T13:00:00.001Z"}, "out_of_range_future"),
        ({"timestamp": "9999-12-31T23:59:59Z"}, "out_of_range_future"),
        ({"timestamp": "2025-10-18T12:59:59.999Z"}, "out_of_range_past"),
        ({"timestamp": "0001-01-01T00:00:00+14:00"}, "out_of_range_past"),
        ({"timestamp": -5}, "out_of_range_past"),
    ],
)
def test_a_faulty_item_is_a_reason(changes: dict[str, object], expected: str) -> None:
    assert reason(**changes) == expected


def test_a_bad_item_leaves_the_others_of_its_batch_alone() -> None:
    good, text, number, other = read(TRACK, "text", 5, TRACK | {"messageId": "m-2"})
    assert isinstance(good, Call)
    assert isinstance(other, Call)
    assert [fault.reason for fault in (text, number) if isinstance(fault, Fault)] == ["not_an_object"] * 2


def test_a_rejected_item_is_kept_whole_so_that_it_can_be_replayed() -> None:
    [fault] = read(TRACK | {"type": "perform", "more": [1, {"a": "b"}]})
    assert isinstance(fault, Fault)
    assert json.loads(fault.item) == TRACK | {"type": "perform", "more": [1, {"a": "b"}]}
    assert fault.message_id == "m-1"


@pytest.mark.parametrize(
    ("sent", "kept"), [(42, "42"), (42.0, "42"), (4.5, "4.5"), (" u ", "u"), (0, "0"), ("null", "null")]
)
def test_numbers_as_ids_become_text(sent: object, kept: str) -> None:
    assert one(userId=sent).user_id == kept


def test_the_group_comes_from_the_context_and_for_a_group_call_only_from_the_call() -> None:
    assert one(context={"groupId": 7}).group_id == "7"
    assert one(context={"groupId": None}).group_id is None
    assert one(groupId="g", context={"groupId": "other"}).group_id == "g"
    assert reason(type="group", context={"groupId": "g"}) == "no_group"


def test_traits_come_from_the_item_else_from_its_context() -> None:
    assert one(type="identify", traits={"a": 1}, context={"traits": {"b": 2}}).payload == b'{"a":1}'
    assert one(type="identify", context={"traits": {"b": 2}}).payload == b'{"b":2}'


def test_the_time_is_the_original_timestamp_before_the_timestamp() -> None:
    assert one(originalTimestamp="2026-11-22T12:00:00Z").at_ms == instant_ms(datetime(2026, 11, 22, 12, tzinfo=UTC))
    assert one(timestamp=None).at_ms is None


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T12:41:16.665Z",
        "2026-11-22T12:41:16.665z",
        "2026-11-22T12:41:16.665999+00:00",
        "2026-11-22T20:41:16.665+08:00",
        "2026-11-22 12:41:16.665",
        "20261122T124116.665Z",
        "2026-11-22T12:41:16.665123456Z",
        1795351276665,
        "1795351276665",
        1795351276.665,
        1795351276665000,
    ],
)
def test_a_time_of_any_usual_shape_is_read_to_the_millisecond(text: object) -> None:
    assert read_time(text) == 1795351276665


@pytest.mark.parametrize("value", [float("inf"), 10**40, "9" * 40, "", "2026-13-01", [], True, None])
def test_what_is_no_time_is_none(value: object) -> None:
    assert read_time(value) is None


def test_without_a_message_id_the_hash_of_the_item_stands_in_and_sent_at_does_not_change_it() -> None:
    first, second, other = read(
        TRACK | {"messageId": None, "sentAt": "1"},
        TRACK | {"messageId": "", "sentAt": "2"},
        TRACK | {"messageId": None, "extra": 1},
    )
    assert isinstance(first, Call)
    assert isinstance(second, Call)
    assert isinstance(other, Call)
    assert first.message_id != other.message_id
    [again] = read({key: value for key, value in TRACK.items() if key != "messageId"} | {"sentAt": "3"})
    [and_again] = read({key: value for key, value in TRACK.items() if key != "messageId"})
    assert isinstance(again, Call)
    assert isinstance(and_again, Call)
    assert again.message_id == and_again.message_id


def test_the_digest_sees_another_payload_and_not_the_way_it_was_written() -> None:
    plain = one(properties={"a": 1, "b": "é"})
    assert plain.digest == one(properties={"b": "é", "a": 1}).digest
    assert plain.digest != one(properties={"a": 2, "b": "é"}).digest
    assert plain.digest != one(properties={"a": 1, "b": "é"}, event="Other").digest


def test_strict_and_lenient_reading_agree() -> None:
    item = TRACK | {"properties": {"a": [1, 2.5, None, True, "é中"], "b": {"c": "d"}}}
    [strict] = read(item)
    body = json.dumps({"batch": [item, TRACK | {"properties": {"n": float("nan")}}]}).encode()
    lenient, nan = read(raw=body)
    assert isinstance(strict, Call)
    assert isinstance(nan, Call)
    assert lenient == strict
    assert nan.payload == b'{"n":null}'


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (rb'"a\u0000b"', "a\ufffdb"),
        (b'"a\x00b"', "a\ufffdb"),
        (rb'"\ud800x"', "\ufffdx"),
        (b'"\xff"', "\ufffd"),
        (rb'"\ud83d\ude00"', "\U0001f600"),
        (b"1e999", None),
        (b"-Infinity", None),
        (b"9" * 5000, None),
        (b'"tab\there"', "tab\there"),
    ],
)
def test_what_postgres_cannot_hold_is_kept_as_something_it_can(raw: bytes, kept: object) -> None:
    item = json.dumps(TRACK | {"properties": {"p": "(here)"}}).encode().replace(b'"(here)"', raw)
    [call] = read(raw=b'{"batch":[' + item + b"]}")
    assert isinstance(call, Call)
    assert json.loads(call.payload or b"") == {"p": kept}


def test_nul_and_surrogates_in_ids_and_names_are_kept_as_replacement_characters() -> None:
    [call] = read(raw=json.dumps({"batch": [TRACK | {"userId": "a\x00", "event": "\ud800"}]}).encode())
    assert isinstance(call, Call)
    assert (call.user_id, call.name) == ("a\ufffd", "\ufffd")


def test_long_ids_and_names_are_cut_and_stay_distinct() -> None:
    first, second = one(userId="x" * 5000), one(userId="x" * 5001)
    assert first.user_id != second.user_id
    assert len(first.user_id or "") == 500
    assert len(one(context={"groupId": "g" * 900}).group_id or "") == 200


def test_forty_kilobytes_of_properties_are_kept() -> None:
    assert len(one(properties={"pad": "x" * 40_000}).payload or b"") > 40_000


def test_an_item_that_nests_too_deep_does_not_take_its_batch_with_it() -> None:
    deep = json.dumps(TRACK | {"properties": "(here)"}).replace('"(here)"', "[" * 5000 + "]" * 5000)
    body = json.dumps({"writeKey": "k,]", "batch": [TRACK, "(deep)", TRACK | {"messageId": "m-2"}]})
    first, fault, last = read(raw=body.replace('"(deep)"', deep).encode())
    assert isinstance(first, Call)
    assert isinstance(fault, Fault)
    assert isinstance(last, Call)
    assert fault.reason == "too_deep"
    assert check_body(body.replace('"(deep)"', deep).encode(), call="batch") is None


@pytest.mark.parametrize(
    ("body", "line", "column"),
    [(b'{"batch":[{"a":1]}', 1, 17), (b'{\n "batch": [\n  {"a" 1}]}', 3, 8), (b"", 1, 1), (b"{", 1, 2)],
)
def test_a_malformed_body_says_where(body: bytes, line: int, column: int) -> None:
    with pytest.raises(MalformedBodyError) as caught:
        check_body(body, call="batch")
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize("body", [b"[]", b"1", b"{}", b'{"batch":{}}', b'{"batch":null}'])
def test_a_body_without_a_list_of_items_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedBodyError):
        check_body(body, call="batch")


@pytest.mark.parametrize("call", CALLS)
def test_a_single_call_takes_its_type_from_the_address(call: str) -> None:
    item = {"userId": "u", "event": "e", "groupId": "g", "previousId": "p", "messageId": "m", "type": "alien"}
    [read_one] = read_calls(json.dumps(item).encode(), call=call, limits=LIMITS)
    assert isinstance(read_one, Call)
    assert CALLS[read_one.kind - 1] == call


def test_the_write_key_is_read_from_the_body() -> None:
    assert check_body(b'{"batch":[],"writeKey":"k"}', call="batch") == "k"
    assert check_body(b'{"batch":[NaN],"writeKey":"k"}', call="batch") == "k"
    assert check_body(b'{"batch":[],"writeKey":5}', call="batch") is None
    assert check_body(b'{"writeKey":"k","event":"e"}', call="track") == "k"


def test_gzip_is_recognised_by_its_first_bytes_and_capped() -> None:
    body = b'{"batch":[]}' * 100
    assert unpacked(gzip.compress(body), limit=1200) == body
    assert unpacked(gzip.compress(body[:600]) + gzip.compress(body[600:]), limit=1200) == body
    assert unpacked(body, limit=1200) == body
    for raw in (body, gzip.compress(body), gzip.compress(bytes(10_000_000))):
        with pytest.raises(BodyTooLargeError):
            unpacked(raw, limit=1199)
    for raw in (gzip.compress(body)[:-9], gzip.compress(body)[:30], b"\x1f\x8bnothing"):
        with pytest.raises(MalformedBodyError):
            unpacked(raw, limit=10_000)


any_text = st.text(st.sampled_from('aZ0 \x00\x1f\ud800\udfff\ufffeé中\U0001f600\\"'), max_size=8)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=6,
)
fields = st.sampled_from([*TRACK, "anonymousId", "groupId", "context", "traits", "properties", "previousId"])


@given(st.lists(st.dictionaries(fields, json_values, max_size=6).map(lambda changes: TRACK | changes), max_size=4))
def test_whatever_an_item_says_it_becomes_a_call_or_a_fault_that_postgres_can_hold(
    items: list[object],
) -> None:
    results = read(*items)
    assert len(results) == len(items)
    for result in results:
        if isinstance(result, Call):
            stored = f"{result.user_id}{result.anonymous_id}{result.group_id}{result.name}".encode()
            stored += (result.payload or b"") + (result.context or b"")
            assert result.user_id or result.anonymous_id
        else:
            stored = result.reason.encode() + result.item + result.detail.encode() + result.message_id.encode()
        assert b"\x00" not in stored
        assert b"\\u0000" not in stored.replace(b"\\\\", b"")
        stored.decode()


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_a_position(body: bytes) -> None:
    for raw in (body, b'{"batch":[' + body + b"]}"):
        try:
            check_body(raw, call="batch")
        except MalformedBodyError as fault:
            lines = fault.line
        else:
            lines = 1
            list(read_calls(raw, call="batch", limits=LIMITS))
        assert lines >= 1


times = st.integers(0, 13_569_465_600_000_000).map(
    lambda us: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
)


@given(times, times, any_text)
def test_keys_sort_by_time_and_a_bound_parts_them(at: datetime, bound: datetime, message_id: str) -> None:
    key = event_key_hex(instant_ms(at), message_id)
    assert key_ms(key) == instant_ms(at)
    cut = at.replace(microsecond=at.microsecond // 1000 * 1000)
    assert (key >= bound_hex(bound)) == (cut >= bound)

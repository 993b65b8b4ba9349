"""Hostile JSON is refused with the same status whatever is wrong with it."""

import contextlib
import json

import pytest
from hypothesis import given, strategies as st

from bot.platform import Rejected
from bot.strict_json import CALLBACK_BYTES_MAX, read_object

HOSTILE = {
    "depth 200k": b"[" * 200_000,
    "depth within an object": b'{"a":' + b"[" * 40 + b"]" * 40 + b"}",
    "depth of objects": b'{"a":' * 40 + b"1" + b"}" * 40,
    "5k digit integer": b'{"a":' + b"9" * 5_000 + b"}",
    "long negative integer": b'{"a":-' + b"9" * 30 + b"}",
    "not a number": b'{"a":NaN}',
    "infinity": b'{"a":-Infinity}',
    "float beyond range": b'{"a":1e400}',
    "long float": b'{"a":0.' + b"1" * 5_000 + b"}",
    "duplicate key": b'{"points":1,"points":1000000}',
    "duplicate key deep down": b'{"a":[{"b":1,"b":2}]}',
    "byte order mark": b'\xef\xbb\xbf{"a":1}',
    "not UTF-8": b'{"a":"\xff"}',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "trailing text": b'{"a":1} x',
    "two values": b'{"a":1}{"a":2}',
    "a list": b"[1]",
    "a text": b'"a"',
    "nothing": b"",
    "raw control character": b'{"a":"\x01"}',
    "unclosed": b'{"a":"' + b'\\"' * 30_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_t15_hostile_json_is_refused(name: str) -> None:
    body = HOSTILE[name]

    with pytest.raises(Rejected) as refusal:
        read_object(body, bytes_max=500_000)

    assert refusal.value.status == 400
    assert refusal.value.__cause__ is None


def test_t14_a_body_over_the_limit_is_refused_unparsed() -> None:
    with pytest.raises(Rejected) as refusal:
        read_object(b"[" * (CALLBACK_BYTES_MAX + 1))

    assert (refusal.value.status, refusal.value.reason) == (413, "too_large")


def test_brackets_inside_texts_are_no_depth() -> None:
    text = '[{"' * 100 + "\\"

    assert read_object(json.dumps({"a": text}))["a"] == text


def test_t22_what_a_database_cannot_hold_is_replaced() -> None:
    body = rb'{"a":["x\u0000y", "\ud800", "\ud83d\ude00"], "k\u0000": 1}'

    assert read_object(body) == {"a": ["xy", "\ufffd", "\U0001f600"], "k": 1}


@pytest.mark.parametrize(
    "body",
    [rb'{"a":"x\u0000"}', rb'{"\u0000":1}', rb'{"a":[{"b":"\ud800"}]}', rb'{"a":"\udc00\ud800"}'],
)
def test_or_refused_where_who_sends_it_can_do_better(body: bytes) -> None:
    with pytest.raises(Rejected) as refusal:
        read_object(body, mends_text=False)

    assert (refusal.value.status, refusal.value.reason) == (400, "json_text")


def test_texts_with_nothing_to_mend_are_read_unchanged() -> None:
    body = rb'{"a":["\ud83d\ude00", null, true, 1.5]}'

    assert read_object(body, mends_text=False) == {"a": ["\U0001f600", None, True, 1.5]}


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.just("k"), inner, max_size=1),
    max_leaves=8,
)


@given(JSON_VALUES)
def test_ordinary_json_is_read_unchanged(value: object) -> None:
    assert read_object(json.dumps({"v": value}, ensure_ascii=False).encode()) == {"v": value}


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(body: bytes) -> None:
    with contextlib.suppress(Rejected):
        assert isinstance(read_object(body), dict)

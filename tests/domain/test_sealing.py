"""Framing: different fields are different bytes, whatever they contain."""

from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from hypothesis import given, strategies as st

from domain.sealing import framed, instant, sealed

FIELDS = st.lists(st.one_of(st.none(), st.text("a1:,-李\0", max_size=6)), max_size=4)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ([], ""),
        ([""], "0:,"),
        ([None], "-,"),
        (["ab", None, "c"], "2:ab,-,1:c,"),
        (["李"], "3:李,"),
        (["é", "😀"], "2:é,4:😀,"),
    ],
)
def test_each_field_stands_behind_its_length_in_bytes(fields: list[str | None], text: str) -> None:
    assert framed(fields) == text
    assert sealed(fields) == sha256(text.encode()).hexdigest()


def parsed(data: bytes) -> list[str | None]:
    """Read framed fields back, knowing nothing but the frame."""
    fields: list[str | None] = []
    while data:
        if data.startswith(b"-,"):
            fields.append(None)
            data = data[2:]
            continue
        length, _, rest = data.partition(b":")
        size = int(length)
        fields.append(rest[:size].decode())
        assert rest[size : size + 1] == b","
        data = rest[size + 1 :]
    return fields


@given(FIELDS)
def test_the_fields_can_be_read_back_so_nothing_imitates_anything(fields: list[str | None]) -> None:
    assert parsed(framed(fields).encode()) == fields


@given(FIELDS, FIELDS)
def test_only_equal_fields_are_sealed_alike(one: list[str | None], other: list[str | None]) -> None:
    assert (sealed(one) == sealed(other)) is (one == other)


def test_half_a_surrogate_pair_cannot_be_sealed() -> None:
    with pytest.raises(UnicodeEncodeError):
        sealed(["\ud83d"])


@pytest.mark.parametrize("hours", [0, 8, -11])
def test_an_instant_has_one_text(hours: int) -> None:
    at = datetime(2026, 11, 22, 2, 0, 0, 5, UTC).astimezone(timezone(timedelta(hours=hours)))
    assert instant(at) == "2026-11-22 02:00:00.000005"

"""Single bits, anywhere in what is sealed: each one that turns is found."""

from contextlib import suppress
from sqlite3 import IntegrityError
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings, strategies as st

from tests.verification.tampering import Tampered
from tests.verification.test_columns import CHECKED, EMPTY

COLUMNS = [each for each in CHECKED if each not in EMPTY]
BITS_OF_NUMBERS = 40


def turned(value: Any, bit: int) -> Any:
    """Give a stored value with one bit turned; bytes for a text, whatever they are then."""
    if isinstance(value, int):
        return value ^ (1 << bit % BITS_OF_NUMBERS)
    data = bytearray(value.encode())
    place, bit = divmod(bit % (len(data) * 8), 8)
    data[place] ^= 1 << bit
    return bytes(data)


@pytest.mark.parametrize("table", ["events", "wallets", "entries"])
def test_a_key_that_is_no_text_any_more_leads_nobody_in_circles(
    ledger: Tampered, table: str
) -> None:
    column = "id" if table == "events" else "customer_id"
    for place in ledger.places(table):
        broken = turned(ledger.value(table, column, place), 7)
        with suppress(IntegrityError), ledger.changed(table, column, place, broken):
            found = ledger.findings()
            # Of a wallet without entries there is nothing to find.
            assert found or table == "wallets"


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("day_heads", "sealed_at"),
        ("rule_versions", "effective_from"),
        ("programme_versions", "effective_from"),
    ],
)
@pytest.mark.parametrize(("old", "new"), [(" ", "!"), (" ", "T"), (".", ",")])
def test_a_time_written_otherwise_is_found_though_it_means_the_same(
    ledger: Tampered, table: str, column: str, old: str, new: str
) -> None:
    place = ledger.places(table)[0]
    before = ledger.value(table, column, place)
    with ledger.changed(table, column, place, before.replace(old, new)):
        assert ledger.findings() != []
    assert ledger.findings() == []


def test_a_flag_that_is_no_flag_any_more_is_found(ledger: Tampered) -> None:
    for place in ledger.places("lots"):
        before = ledger.value("lots", "is_pending", place)
        with suppress(IntegrityError), ledger.changed("lots", "is_pending", place, before ^ 2):
            assert ledger.findings() != []


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(COLUMNS), st.integers(0, 1000), st.integers(0, 10**6))
def test_a_turned_bit_is_found(
    ledger: Tampered, where: tuple[str, str], row: int, bit: int
) -> None:
    places = ledger.places(where[0])
    place = places[row % len(places)]
    before = ledger.value(*where, place)
    assume(before not in {None, ""})
    after = turned(before, bit)
    with suppress(IntegrityError), ledger.changed(*where, place, after):
        assert ledger.findings() != [], (where, place, before, after)

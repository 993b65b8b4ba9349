"""Daily heads, codes and what is found when stored heads no longer fit."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, strategies as st

from domain.ids import CustomerId
from domain.ledger import GENESIS, Written, entry_hash, lots_text, sealed_in_form_1
from domain.proof import (
    CODE_ALPHABET,
    ENTRY_NAMES_OF_FORM_1,
    DayHead,
    Inclusion,
    Published,
    Totals,
    WalletSeal,
    code_of,
    day_to_close,
    head_hash,
    is_same,
    is_under,
    make_head,
    named_fields,
    prove,
    read_published,
    receipt_code,
    root_over,
)
from domain.proof_check import (
    BrokenSeal,
    EntryDiffers,
    EntryMissing,
    HeadAltered,
    HeadDiffers,
    HeadMissing,
    Kept,
    Part,
    WalletTree,
    check_head,
    compare,
    first_broken,
)
from domain.sealing import framed, sealed
from tests.domain.plain_merkle import tree_hash
from tests.support.fakes import START
from tests.support.make import a_cause, a_lot, an_entry

DAY = date(2026, 11, 26)
AT = datetime(2026, 11, 26, 16, 5, tzinfo=UTC)
HASH = sha256(b"head").hexdigest()
TEXTS = st.text(max_size=6)
SEALS = st.lists(
    st.builds(WalletSeal, TEXTS.map(CustomerId), st.integers(1, 10**12), TEXTS),
    min_size=1,
    max_size=40,
    unique_by=lambda seal: seal.customer,
)


def seal(customer: str, seq: int = 1, head: str = HASH) -> WalletSeal:
    return WalletSeal(CustomerId(customer), seq, head)


def a_head(previous: str = GENESIS, day: date = DAY, *seals: WalletSeal) -> DayHead:
    return make_head(day, seals or (seal("a"), seal("b", 3)), Totals(5, 4, 3, 2), AT, previous)


@given(SEALS)
def test_the_root_is_over_the_wallets_in_order_of_their_ids(seals: list[WalletSeal]) -> None:
    ordered = sorted(seals, key=lambda each: each.customer.encode())
    contents = [framed((each.customer, str(each.seq), each.head)).encode() for each in ordered]
    assert root_over(seals) == root_over(list(reversed(seals))) == tree_hash(contents).hex()


@given(SEALS, st.data())
def test_a_wallet_is_proved_to_be_under_the_root_and_no_changed_one_is(
    seals: list[WalletSeal], data: st.DataObject
) -> None:
    chosen = data.draw(st.sampled_from(seals))
    found = prove(seals, chosen.customer)
    assert found is not None
    assert found.seal == chosen
    assert found.size == len(seals)
    root = root_over(seals)
    assert is_under(found, root)
    changed = [
        replace(found, seal=replace(chosen, seq=chosen.seq + 1)),
        replace(found, seal=replace(chosen, head=chosen.head + "0")),
        replace(found, seal=replace(chosen, customer=CustomerId(chosen.customer + "0"))),
        replace(found, path=(*found.path, root)),
        replace(found, index=len(seals)),
    ]
    assert [is_under(each, root) for each in changed] == [False] * len(changed)


def test_who_is_not_sealed_is_not_proved() -> None:
    assert prove([seal("a")], CustomerId("b")) is None
    assert prove([seal("a")], CustomerId("a")) == Inclusion(seal("a"), 0, 1, ())


def test_the_fields_of_an_entry_are_what_its_hash_is_made_of() -> None:
    lot = a_lot("lot-1", 50, START)
    plain = a_cause(event=None, rule=None, rule_version=None)
    for entry in (an_entry(), an_entry(cause=plain, event_seal=None)):
        written = Written(entry, opens=lot)
        values = [*named_fields(written).values(), lots_text(written)]
        assert sealed(values) == entry_hash(written)


def test_an_entry_of_the_first_release_has_the_fields_that_were_hashed_then() -> None:
    written = Written(an_entry(form=1, cause=a_cause(rule=None)))
    fields = named_fields(written)
    assert list(fields) == list(ENTRY_NAMES_OF_FORM_1)
    assert fields["rule"] is None
    assert sealed_in_form_1(fields.values()) == entry_hash(written)


def test_a_head_counts_wallets_and_entries_and_holds_the_head_before() -> None:
    head = a_head(HASH)
    assert (head.wallets, head.entries, head.previous) == (2, 4, HASH)
    assert head.root == root_over([seal("b", 3), seal("a")])
    assert head.hash == head_hash(head)


@pytest.mark.parametrize(
    "changes",
    [
        {"day": DAY + timedelta(days=1)},
        {"root": HASH},
        {"wallets": 3},
        {"entries": 5},
        {"totals": Totals(4, 5, 3, 2)},
        {"sealed_at": AT + timedelta(microseconds=1)},
        {"previous": HASH},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_every_field_of_a_head_is_in_its_hash(changes: dict[str, Any]) -> None:
    assert head_hash(replace(a_head(), **changes)) != a_head().hash


def test_the_fields_tested_are_all_there_are() -> None:
    names = {"day", "root", "wallets", "entries", "totals", "sealed_at", "previous", "hash"}
    assert {each.name for each in fields(DayHead)} == names


def test_a_receipt_fixes_customer_place_and_chain() -> None:
    code = receipt_code(CustomerId("a"), 7, HASH)
    others = [
        receipt_code(CustomerId("b"), 7, HASH),
        receipt_code(CustomerId("a"), 8, HASH),
        receipt_code(CustomerId("a"), 7, GENESIS),
    ]
    assert code not in others


def test_a_code_has_120_bits_in_six_groups() -> None:
    assert code_of("f" * 64) == "-".join(["ZZZZ"] * 6)
    assert code_of("0" * 64) == "-".join(["0000"] * 6)
    assert code_of("08" + "0" * 62) == "1000-0000-0000-0000-0000-0000"
    assert len(CODE_ALPHABET) == 32


@given(st.binary(min_size=32, max_size=32))
def test_a_code_is_read_back_however_it_is_written(digest: bytes) -> None:
    code = code_of(digest.hex())
    for text in (code, code.lower(), code.replace("-", " "), code.replace("0", "O")):
        assert read_published(f" 2026-11-26 = {text}") == Published(DAY, code)
    assert read_published(f"2026-11-26={digest.hex().upper()}") == Published(DAY, digest.hex())


@pytest.mark.parametrize(
    "text",
    [
        *("", "2026-11-26", "2026-11-26=", "2026-11-26=ABCD", "=" + "0" * 64),
        *(f"2026-11-26={letters}" for letters in ("U" * 24, "A" * 25, "é" * 24, "g" * 64)),
        f"2026-02-30={'A' * 24}",
    ],
)
def test_what_is_no_head_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_published(text)


def test_a_head_is_known_by_its_hash_or_its_fingerprint() -> None:
    head = a_head()
    assert is_same(Published(DAY, head.hash), head)
    assert is_same(Published(DAY, head.fingerprint), head)
    assert not is_same(Published(DAY, HASH), head)


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 11, 26, 16, 5, tzinfo=UTC), DAY),
        (datetime(2026, 11, 26, 16, 4, 59, tzinfo=UTC), date(2026, 11, 25)),
        (datetime(2026, 11, 27, 15, 59, tzinfo=UTC), DAY),
    ],
)
def test_a_day_is_closed_five_minutes_after_its_end(now: datetime, day: date) -> None:
    assert day_to_close(now) == day


@given(st.lists(SEALS, max_size=4))
def test_the_growing_tree_is_the_tree_over_the_newest_seals(days: list[list[WalletSeal]]) -> None:
    tree, newest = WalletTree(), dict[CustomerId, WalletSeal]()
    for seals in days:
        tree.move(seals)
        newest |= {each.customer: each for each in seals}
        assert tree.root == root_over(newest.values())
        assert (tree.wallets, tree.entries) == (len(newest), sum(s.seq for s in newest.values()))


def a_tree() -> WalletTree:
    tree = WalletTree()
    tree.move([seal("a"), seal("b", 3)])
    return tree


def test_heads_that_follow_are_right() -> None:
    first = a_head()
    second = a_head(first.hash, DAY + timedelta(days=1))
    assert list(check_head(first, None, a_tree())) == []
    assert list(check_head(second, first, a_tree())) == []


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"root": HASH}, Part.ROOT),
        ({"wallets": 3}, Part.WALLETS),
        ({"entries": 5}, Part.ENTRIES),
        ({"previous": HASH}, Part.PREVIOUS),
    ],
)
def test_a_head_that_was_changed_and_hashed_again_is_found(
    changes: dict[str, Any], part: Part
) -> None:
    changed = replace(a_head(), **changes)
    again = replace(changed, hash=head_hash(changed))
    assert list(check_head(again, None, a_tree())) == [HeadAltered(DAY, part)]


def test_a_head_that_was_changed_and_not_hashed_again_is_found() -> None:
    changed = replace(a_head(), totals=Totals())
    assert list(check_head(changed, None, a_tree())) == [HeadAltered(DAY, Part.HASH)]


def test_what_is_known_elsewhere_is_compared() -> None:
    head = a_head()
    other = Published(DAY, HASH)
    gone = Published(date(2026, 11, 1), HASH)
    known = [Published(DAY, head.fingerprint), other, gone]
    assert list(compare(known, [head], Kept.POSTED)) == [
        HeadDiffers(DAY, Kept.POSTED, HASH),
        HeadMissing(gone.day, Kept.POSTED),
    ]


def test_each_customers_first_broken_seal_is_named() -> None:
    later = DAY + timedelta(days=1)
    broken = [
        BrokenSeal(later, seal("a", 9), None),
        BrokenSeal(DAY, seal("a", 2), HASH),
        BrokenSeal(later, seal("b", 4), None),
    ]
    assert list(first_broken(broken)) == [
        EntryDiffers(CustomerId("a"), 2, DAY),
        EntryMissing(CustomerId("b"), 4, later),
    ]

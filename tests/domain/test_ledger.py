"""Entries: what they say, how they are chained, and that their hash covers all of it."""

from dataclasses import fields, replace
from datetime import timedelta, timezone
from hashlib import sha256
from typing import Any

import pytest

from domain.chaining import seal
from domain.events import BusinessEvent, Counted
from domain.ids import BatchId, ContactId, CustomerId, EntryId, EventId, LotId, MemberId, ProjectId
from domain.ledger import (
    GENESIS,
    Account,
    Cause,
    Entry,
    Reason,
    Wallet,
    Written,
    entry_fields,
    entry_hash,
)
from domain.lots import LotUse
from domain.posting import Book
from tests.support.fakes import START, SequenceIds
from tests.support.make import a_cause, a_lot, an_entry, an_event

END = START + timedelta(days=30)
MICROSECOND = timedelta(microseconds=1)
LOT = a_lot("a", 50, END)
USE, OTHER_USE = LotUse(LotId("a"), 5), LotUse(LotId("b"), 5)
WRITTEN = Written(an_entry(), LOT, (USE,), (USE,), USE)


def test_sealing_numbers_the_entries_and_chains_them_to_what_came_before() -> None:
    opened = Wallet(CustomerId("C001"), seq=7, head="7" * 64)
    book = Book(opened, [], SequenceIds().new)
    book.award(50, a_cause(), expires_at=END)
    book.award(20, a_cause(event=None, key="gift"), expires_at=END)
    wallet, [one, two] = seal(book, {EventId("event-1"): "5" * 64})
    first, second = one.entry, two.entry
    assert (first.seq, first.previous, first.key) == (8, "7" * 64, f"{first.cause.key}#0")
    assert (second.seq, second.previous, second.key) == (9, first.hash, "gift#0")
    assert (first.event_seal, second.event_seal) == ("5" * 64, None)
    assert [entry_hash(written) for written in (one, two)] == [first.hash, second.hash]
    assert wallet == Wallet(CustomerId("C001"), available=70, seq=9, head=second.hash)
    assert (second.available_after, second.held_after, second.pending_after) == (70, 0, 0)


def test_a_book_without_movements_leaves_the_wallet_as_it_was() -> None:
    opened = Wallet(CustomerId("C001"), available=5, held=1, pending=2, seq=3, head="3" * 64)
    assert seal(Book(opened, [], SequenceIds().new), {}) == (opened, [])


def test_an_event_nobody_has_sealed_is_a_bug() -> None:
    book = Book(Wallet(CustomerId("C001")), [], SequenceIds().new)
    book.award(50, a_cause(), expires_at=END)
    with pytest.raises(KeyError, match="event-1"):
        seal(book, {})


@pytest.mark.parametrize(
    ("debit", "credit", "change", "net"),
    [
        (Account.ISSUED, Account.AVAILABLE, 50, 50),
        (Account.ISSUED, Account.DEBT, 0, 50),
        (Account.ISSUED, Account.PENDING, 0, 50),
        (Account.PENDING, Account.AVAILABLE, 50, 0),
        (Account.AVAILABLE, Account.HELD, -50, 0),
        (Account.AVAILABLE, Account.PENALTIES, -50, -50),
        (Account.DEBT, Account.PENALTIES, 0, -50),
        (Account.EXPIRED, Account.ISSUED, 0, 0),
    ],
)
def test_what_an_entry_does_to_spendable_points_and_to_all_of_them(
    debit: Account, credit: Account, change: int, net: int
) -> None:
    entry = an_entry(debit=debit, credit=credit)
    assert (entry.change, entry.net) == (change, net)


OTHER_ENTRY: dict[str, Any] = {
    "previous": "1" * 64,
    "id": EntryId("entry-2"),
    "customer": CustomerId("C002"),
    "seq": 2,
    "debit": Account.PENALTIES,
    "credit": Account.HELD,
    "points": 51,
    "reason": Reason.GIFT,
    "key": "event:event-1:milestone-on-time#1",
    "event_seal": None,
    "reverses": EntryId("entry-0"),
    "reversal_part": 1,
    "qualifying": 0,
    "available_after": 51,
    "held_after": 1,
    "pending_after": 1,
    "debt_after": 1,
    "form": 1,
}
OTHER_CAUSE: dict[str, Any] = {
    "event": EventId("event-2"),
    "rule": "milestone-late",
    "rule_version": 2,
    "actor": "member:zhang",
    "effective_at": START + MICROSECOND,
    "recorded_at": START - MICROSECOND,
    "key": "event:event-1",
    "period": "2026-12",
    "corrects": "2026-10",
    "note": "approval:1",
}
OTHER_WRITTEN: dict[str, Any] = {
    "opens": replace(LOT, id=LotId("b")),
    "takes": (OTHER_USE,),
    "gives_back": (),
    "matures": None,
}
OTHER_LOT: dict[str, Any] = {
    "id": LotId("b"),
    "points": 51,
    "earned_at": START + MICROSECOND,
    "expires_at": END + MICROSECOND,
    "matures_at": END,
}


@pytest.mark.parametrize("field", OTHER_ENTRY)
def test_changing_any_field_of_an_entry_changes_its_hash(field: str) -> None:
    changed = replace(WRITTEN, entry=an_entry(**{field: OTHER_ENTRY[field]}))
    assert entry_hash(changed) != entry_hash(WRITTEN)


@pytest.mark.parametrize("field", OTHER_CAUSE)
def test_changing_any_field_of_its_cause_changes_its_hash(field: str) -> None:
    changed = an_entry(cause=a_cause(**{field: OTHER_CAUSE[field]}))
    assert entry_hash(replace(WRITTEN, entry=changed)) != entry_hash(WRITTEN)


@pytest.mark.parametrize("field", OTHER_WRITTEN)
def test_changing_what_it_does_to_lots_changes_its_hash(field: str) -> None:
    changed = replace(WRITTEN, **{field: OTHER_WRITTEN[field]})
    assert entry_hash(changed) != entry_hash(WRITTEN)


@pytest.mark.parametrize("field", OTHER_LOT)
def test_changing_the_terms_of_the_lot_it_opens_changes_its_hash(field: str) -> None:
    changed = replace(WRITTEN, opens=replace(LOT, **{field: OTHER_LOT[field]}))
    assert entry_hash(changed) != entry_hash(WRITTEN)


def test_the_hash_covers_every_field_there_is() -> None:
    assert set(OTHER_ENTRY) | {"cause", "hash"} == {field.name for field in fields(Entry)}
    assert set(OTHER_CAUSE) == {field.name for field in fields(Cause)}
    assert set(OTHER_WRITTEN) | {"entry"} == {field.name for field in fields(Written)}
    # The lot's entry is the one that is hashed; what is left of it and whether it waits change.
    assert set(OTHER_LOT) | {"entry", "remaining", "is_pending"} == {
        field.name for field in fields(type(LOT))
    }


OTHER_EVENT: dict[str, Any] = {
    "id": EventId("event-2"),
    "source": "chat",
    "source_id": "HT-2",
    "type": "check_in",
    "customer": CustomerId("C002"),
    "project": ProjectId("P002"),
    "occurred_at": START + MICROSECOND,
    "recorded_at": START - MICROSECOND,
    "recorded_by": MemberId("li"),
    "data": {},
    "evidence": "inbox-1",
    "contact": ContactId("wang"),
    "batch": BatchId("batch-1"),
}
COUNTED = Counted(an_event(), "1" * 64, "{}", "[]")


@pytest.mark.parametrize("field", OTHER_EVENT)
def test_an_events_seal_covers_every_field(field: str) -> None:
    changed = replace(COUNTED, event=an_event(**{field: OTHER_EVENT[field]}))
    assert changed.seal != COUNTED.seal
    assert set(OTHER_EVENT) == {field.name for field in fields(BusinessEvent)}


@pytest.mark.parametrize("change", [{"content_hash": ""}, {"facts": ""}, {"outcomes": ""}])
def test_and_what_rules_were_told_and_made_of_it(change: dict[str, Any]) -> None:
    assert replace(COUNTED, **change).seal != COUNTED.seal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"actor": "ab", "key": "c"}, {"actor": "a", "key": "bc"}),
        ({"event": None}, {"event": ""}),
        ({"rule": None}, {"rule": "-,"}),
        ({"rule": "a", "rule_version": 12}, {"rule": "a1", "rule_version": 2}),
        ({"actor": "a,1:b"}, {"actor": "a"}),
    ],
)
@pytest.mark.parametrize("form", [1, 2])
def test_no_contents_can_imitate_other_contents(
    one: dict[str, Any], other: dict[str, Any], form: int
) -> None:
    first, second = (
        Written(an_entry(cause=a_cause(**made), key=made.get("key", "k"), form=form))
        for made in (one, other)
    )
    assert entry_hash(first) != entry_hash(second)


@pytest.mark.parametrize("form", [1, 2])
def test_the_same_instant_hashes_alike_in_every_zone(form: int) -> None:
    local = START.astimezone(timezone(timedelta(hours=8)))
    moved = an_entry(cause=a_cause(effective_at=local, recorded_at=local), form=form)
    assert entry_hash(Written(moved)) == entry_hash(Written(an_entry(form=form)))


def test_the_bytes_that_are_hashed_are_these() -> None:
    """Pinned: a verifier outside can rely on them, and a change of the form needs a new number."""
    written = Written(
        an_entry(cause=a_cause(actor="member:李", rule=None)),
        opens=replace(LOT, matures_at=END),
        takes=(USE, OTHER_USE),
        matures=USE,
    )
    text = (
        "1:2,64:" + GENESIS + ",7:entry-1,4:C001,1:1,11:firm.issued,16:wallet.available,2:50,"
        "5:award,10:member:李,26:2026-11-22 02:00:00.000000,26:2026-11-22 02:00:00.000000,"
        "31:event:event-1:milestone-on-time,33:event:event-1:milestone-on-time#0,7:2026-11,-,"
        "7:event-1,64:" + "5" * 64 + ",-,1:1,-,-,-,2:50,2:50,1:0,1:0,1:0,119:"
        "open a 50 2026-11-22 02:00:00.000000/2026-12-22 02:00:00.000000/"
        "2026-12-22 02:00:00.000000;take a 5;take b 5;mature a 5,"
    )
    assert entry_hash(written) == sha256(text.encode()).hexdigest()
    assert len(entry_fields(written)) == 29


def test_an_entry_of_the_first_form_is_hashed_as_the_first_release_did() -> None:
    """Written down by the first release; the chain of an old installation must go on holding."""
    entry = an_entry(cause=a_cause(rule_version=None), form=1)
    data = b""
    for value in (
        GENESIS,
        "entry-1",
        "C001",
        "1",
        "firm.issued",
        "wallet.available",
        "50",
        "award",
        "event-1",
        "milestone-on-time",
        None,
        "member:li",
        "2026-11-22T02:00:00.000000+00:00",
        "2026-11-22T02:00:00.000000+00:00",
        "event:event-1:milestone-on-time#0",
        None,
        "50",
        "0",
    ):
        field = b"\0" if value is None else b"\1" + value.encode()
        data += len(field).to_bytes(4, "big") + field
    assert entry_hash(Written(entry)) == sha256(data).hexdigest()

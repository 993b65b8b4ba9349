"""Rows deleted, put in, swapped, moved away and cut off: found, and the first bad one named."""

import pytest

from domain.giving import give
from domain.ids import CustomerId
from domain.proof import DayHead, Published
from domain.verification import Fault, Finding
from handlers.contract import Context
from handlers.usecases.books import machine_cause, open_book, store_books
from storage.verify_all import check_all
from storage.work import SqlStore
from tests.support.fakes import FakeClock, SequenceIds
from tests.support.firm import Firm
from tests.support.stores import MAIN
from tests.verification.rewriting import append_forged, follow, last_of, take_away
from tests.verification.tampering import Tampered

ACME, BETA = "c-acme", "c-beta"
CHAIN = {
    *(Fault.GAP, Fault.BROKEN_LINK, Fault.CHANGED, Fault.WRONG_BALANCE, Fault.WRONG_LOTS),
    *(Fault.WALLET_DIFFERS, Fault.LOT_DIFFERS, Fault.EVENT_DIFFERS),
}
"""What a wallet's own chain tells."""


def first(findings: list[Finding], customer: str = ACME) -> tuple[Fault, int | None]:
    """Give what a wallet's chain tells."""
    [found] = [each for each in findings if each.customer == customer and each.fault in CHAIN]
    return found.fault, found.seq


@pytest.fixture(params=["ledger", "postgres_ledger"])
def either(request: pytest.FixtureRequest) -> Tampered:
    """Give a ledger on each engine in turn."""
    found: Tampered = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("seq", [1, 2, 7, 13, 19])
def test_a_deleted_entry_is_missed_where_it_was(ledger: Tampered, seq: int) -> None:
    take_away(ledger, ACME, seq)
    assert first(ledger.findings()) == (Fault.GAP, seq)


def test_it_is_missed_even_if_those_after_it_move_up(either: Tampered) -> None:
    last = last_of(either, ACME)
    take_away(either, ACME, 7)
    for seq in range(8, last + 1):
        either.run(
            "UPDATE entries SET seq = ? WHERE customer_id = ? AND seq = ?", seq - 1, ACME, seq
        )
    assert first(either.findings()) == (Fault.BROKEN_LINK, 7)


@pytest.mark.parametrize("cut", [1, 2, 5])
def test_a_cut_tail_is_missed(either: Tampered, cut: int) -> None:
    last = last_of(either, ACME)
    for seq in range(last - cut + 1, last + 1):
        take_away(either, ACME, seq)
    assert first(either.findings()) == (Fault.WALLET_DIFFERS, last - cut + 1)


def test_a_cut_is_missed_by_its_events_even_if_the_wallet_goes_back(ledger: Tampered) -> None:
    last = last_of(ledger, ACME)
    for seq in (last - 1, last):
        take_away(ledger, ACME, seq)
    follow(ledger, ACME)
    [found] = ledger.findings()
    assert (found.fault, found.customer) == (Fault.EVENT_UNBOOKED, ACME)


def test_a_gift_that_went_out_and_never_came_in_is_missed(
    store: SqlStore, clock: FakeClock, ids: SequenceIds
) -> None:
    firm = Firm(store, clock, ids)
    firm.opens()
    firm.signs(100)

    def give_to_nobody(ctx: Context) -> None:
        book = open_book(ctx, CustomerId("C001"))
        give(book, 30, machine_cause(ctx, "give:g-1", ctx.now, note="gift:g-1"))
        store_books(ctx, [book], {})

    firm.acts(give_to_nobody)
    found = check_all(store.database, MAIN)[1]
    assert found == [Finding(Fault.GIFT_DIFFERS, subject="gift:g-1")]


def test_a_cut_below_a_seal_is_missed_by_the_seal(either: Tampered) -> None:
    for seq in range(4, last_of(either, ACME) + 1):
        take_away(either, ACME, seq)
    follow(either, ACME)
    either.run("UPDATE lots SET is_pending = ? WHERE matures_at IS NOT NULL", False)
    found = [each for each in either.findings() if each.fault is Fault.CUT_BELOW_SEAL]
    assert found == [Finding(Fault.CUT_BELOW_SEAL, ACME, 4, "2026-11-22")]


def test_a_forged_entry_at_the_end_is_named(either: Tampered) -> None:
    new = last_of(either, ACME) + 1
    append_forged(either, ACME, new)
    assert first(either.findings()) == (Fault.WALLET_DIFFERS, new)


def test_a_forged_entry_in_between_is_where_the_chain_breaks(either: Tampered) -> None:
    for seq in range(last_of(either, ACME), 7, -1):
        either.run(
            "UPDATE entries SET seq = ? WHERE customer_id = ? AND seq = ?", seq + 1, ACME, seq
        )
    append_forged(either, ACME, 8)
    assert first(either.findings()) == (Fault.BROKEN_LINK, 9)


def test_two_swapped_entries_are_named(either: Tampered) -> None:
    for seq, there in ((7, 100), (8, 7), (100, 8)):
        either.run("UPDATE entries SET seq = ? WHERE customer_id = ? AND seq = ?", there, ACME, seq)
    assert first(either.findings()) == (Fault.BROKEN_LINK, 7)


def test_an_entry_moved_to_another_customer_is_missed_and_strange(either: Tampered) -> None:
    new = last_of(either, BETA) + 1
    statement = "UPDATE entries SET customer_id = ?, seq = ? WHERE customer_id = ? AND seq = 7"
    either.run(statement, BETA, new, ACME)
    findings = either.findings()
    assert first(findings, ACME) == (Fault.GAP, 7)
    assert first(findings, BETA) == (Fault.BROKEN_LINK, new)


def test_an_entry_moved_to_another_firm_is_missed(either: Tampered) -> None:
    either.run("UPDATE entries SET tenant_id = ? WHERE customer_id = ? AND seq = 7", "other", ACME)
    assert first(either.findings()) == (Fault.GAP, 7)


def test_a_deleted_wallet_is_missed(either: Tampered) -> None:
    last = last_of(either, ACME)
    either.run("DELETE FROM wallets WHERE customer_id = ?", ACME)
    assert first(either.findings()) == (Fault.WALLET_DIFFERS, last)


def test_a_wallet_deleted_with_everything_is_missed_by_its_seals(ledger: Tampered) -> None:
    for seq in range(1, last_of(ledger, ACME) + 1):
        take_away(ledger, ACME, seq)
    ledger.run("DELETE FROM wallets WHERE customer_id = ?", ACME)
    assert Finding(Fault.CUT_BELOW_SEAL, ACME, 4, "2026-11-22") in ledger.findings()
    ledger.run("DELETE FROM wallet_seals WHERE customer_id = ?", ACME)
    ledger.run("DELETE FROM events WHERE customer_id = ?", ACME)
    ledger.run("DELETE FROM event_undos")
    assert {each.fault for each in ledger.findings()} == {Fault.HEAD_CHANGED}


def test_a_lot_of_nobody_is_found(either: Tampered) -> None:
    either.run("CREATE TABLE copied AS SELECT * FROM lots WHERE customer_id = ? LIMIT 1", BETA)
    either.run("UPDATE copied SET id = ?, entry_id = ?", "lot-forged", "entry-forged")
    either.run("INSERT INTO lots SELECT * FROM copied")
    assert either.findings() == [Finding(Fault.LOT_OF_NOBODY, BETA, subject="lot-forged")]


def test_a_deleted_event_is_missed_by_its_entry(either: Tampered) -> None:
    either.run("DELETE FROM events WHERE id = ?", "event-01")
    assert first(either.findings()) == (Fault.EVENT_DIFFERS, 1)


def test_an_undo_that_is_gone_or_forged_is_found(either: Tampered) -> None:
    either.run("UPDATE event_undos SET event_id = ?", "event-01")
    found = [each for each in either.findings() if each.fault is Fault.UNDO_DIFFERS]
    assert {each.subject for each in found} == {"event-01", "event-04"}


def test_a_last_day_that_is_gone_is_missed_by_who_has_its_head(
    either: Tampered, heads: list[DayHead]
) -> None:
    kept = [Published(head.day, head.fingerprint) for head in heads]
    assert either.findings(*kept) == []
    for table in ("wallet_seals", "day_heads"):
        either.run(f"DELETE FROM {table} WHERE day = ?", heads[-1].day.isoformat())
    assert either.findings() == []
    day = f"{heads[-1].day} published"
    assert either.findings(*kept) == [Finding(Fault.HEAD_MISSING, subject=day)]

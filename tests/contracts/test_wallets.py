"""Wallets, entries and lots, on the fake store and both engines."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.chaining import seal
from domain.ids import EntryId, EventId, LotId
from domain.ledger import Account, Wallet, Written, entry_hash
from domain.lots import Lot, LotUse
from domain.ports import Conflict, UnitOfWork
from domain.posting import Book
from domain.refunding import Spent
from storage.db import Missing, StatementFailed
from tests.contracts.booking import (
    END,
    award,
    cause,
    lapse,
    named,
    opened,
    penalise,
    store,
    tell,
    undo,
)
from tests.contracts.rows import ACME, BETA, an_event, people
from tests.support.fakes import START
from tests.support.stores import MAIN, OTHER, AnyStore

DAY = timedelta(days=1)
SOON, NOW = START + DAY, START + 2 * DAY
ONE = LotId("0001-1")


def left(work: UnitOfWork) -> list[tuple[str, int]]:
    return [(lot.id, lot.remaining) for lot in work.wallets.open_lots(ACME.id)]


def test_a_wallet_is_empty_before_its_first_entry(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        assert work.wallets.read(ACME.id) == Wallet(ACME.id)
        assert work.wallets.lock(ACME.id) == Wallet(ACME.id)
        assert list(work.wallets.open_lots(ACME.id)) == []
        assert work.wallets.latest(ACME.id, 5) == []
        assert work.wallets.entry(ACME.id, 1) is None
        assert work.wallets.endings(ACME.id, START, 5) == []
        assert work.wallets.unbooked(ACME.id, END) == 0


def test_an_award_opens_a_lot(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        tell(work, 1)
        [entry] = award(work, 50, "one", event=1, qualifies=True, corrects="2026-10", note="n")
        work.commit()

    with any_store.reading(MAIN) as work:
        wallet = work.wallets.read(ACME.id)
        assert (wallet.available, wallet.seq, wallet.head) == (50, 1, entry.hash)
        assert list(work.wallets.open_lots(ACME.id)) == [Lot(ONE, entry.id, 50, 50, START, END)]
        assert work.wallets.latest(ACME.id, 1) == [entry]
        assert work.wallets.of_event(an_event(1).id) == [entry]
        assert work.wallets.opened_by(entry.id) == ONE
        assert (work.wallets.get(entry.id), work.wallets.entry(ACME.id, 1)) == (entry, entry)
        assert (entry.qualifying, entry.cause.corrects, entry.cause.note) == (50, "2026-10", "n")
        assert entry.event_seal == work.events.get(an_event(1).id).seal
        assert work.wallets.read(BETA.id) == Wallet(BETA.id)
        assert work.wallets.entry(BETA.id, 1) is None

    with any_store.reading(OTHER) as work:
        assert work.wallets.read(ACME.id) == Wallet(ACME.id)
        assert work.wallets.entry(ACME.id, 1) is None
        assert list(work.wallets.open_lots(ACME.id)) == []
        for ask in (lambda: work.wallets.get(entry.id), lambda: work.wallets.lot(ONE)):
            with pytest.raises(Missing):
                ask()


def test_entries_are_listed_newest_first_and_by_pages(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        for number in range(1, 6):
            award(work, number, f"k{number}")
        award(work, 9, "theirs", customer=BETA.id)

        def seqs(limit: int, before: int | None = None) -> list[int]:
            return [entry.seq for entry in work.wallets.latest(ACME.id, limit, before)]

        assert (seqs(2), seqs(2, 4), seqs(9, 3), seqs(9, 1)) == ([5, 4], [3, 2], [2, 1], [])


def test_a_stored_entry_hashes_to_its_hash(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        tell(work, 1)
        book = opened(work)
        book.award(50, cause("one", 1), expires_at=SOON, matures_at=SOON)
        book.award(20, cause("two", actor="member:李\N{PILE OF POO}"), expires_at=END)
        book.hold(5, cause("three"))
        book.deduct(40, cause("four"), debt_max=10)
        written = store(work, book)
        work.commit()

    with any_store.reading(MAIN) as work:
        stored = work.wallets.latest(ACME.id, 10)
        assert stored == [one.entry for one in reversed(written)]
        again = [replace(one, entry=work.wallets.get(one.entry.id)) for one in written]
        assert [entry_hash(one) for one in again] == [one.entry.hash for one in written]


def test_a_penalty_takes_from_lots_in_order_and_leaves_a_debt(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        award(work, 50, "one")
        award(work, 30, "two")
        penalties = penalise(work, 100, "three")

        wallet = work.wallets.read(ACME.id)
        assert (wallet.available, wallet.debt, wallet.seq) == (0, 20, 4)
        assert left(work) == []
        assert work.wallets.uses(penalties[0].id) == [
            LotUse(ONE, 50),
            LotUse(LotId("0002-1"), 30),
        ]
        assert work.wallets.uses(penalties[1].id) == []
        assert work.wallets.opened_by(penalties[0].id) is None
        assert work.wallets.uses(EntryId("nothing")) == []


def test_an_emptied_lot_is_no_longer_listed_but_can_be_read(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        [entry] = award(work, 50, "one")
        penalise(work, 50, "two")
        assert left(work) == []
        assert work.wallets.lot(ONE) == Lot(ONE, entry.id, 50, 0, START, END)
        with pytest.raises(Missing):
            work.wallets.lot(LotId("nowhere"))


@pytest.mark.parametrize("count", [3, 4, 5, 36, 37])
def test_lots_come_one_by_one_soonest_end_first_whatever_pages_there_are(
    any_store: AnyStore, count: int
) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        book = opened(work)
        for number in range(count):
            # Some end together, and the last opened ends first.
            end = END - (number // 2) * DAY
            book.award(1, cause(f"k{number}"), expires_at=end)
        book.award(1, cause("pending"), expires_at=END, matures_at=NOW)
        store(work, book)
        penalise(work, 1, "taken")
        found = list(work.wallets.open_lots(ACME.id))
        assert len(found) == count - 1
        assert found == sorted(found, key=lambda lot: (lot.expires_at, lot.id))
        assert next(work.wallets.open_lots(ACME.id)) == found[0]


def test_a_reversal_gives_back_to_the_same_lots_once(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        award(work, 50, "one")
        [penalty] = penalise(work, 20, "two")
        penalise(work, 20, "more")
        work.commit()
        assert not work.wallets.is_reversed(penalty.id)

        [reversal] = undo(work, penalty, "three")
        assert work.wallets.is_reversed(penalty.id)
        assert left(work) == [(ONE, 30)]
        assert work.wallets.uses(reversal.id) == []
        work.commit()

        with pytest.raises(Conflict):
            undo(work, penalty, "four")
        work.rollback()
        assert (work.wallets.read(ACME.id).seq, left(work)) == (4, [(ONE, 30)])


def test_a_reversal_in_several_entries_is_still_one(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        tell(work, 1)
        [earned] = award(work, 50, "one", event=1, expires_at=SOON)
        penalise(work, 20, "two")
        award(work, 5, "more")
        lapse(work, SOON)
        undone = undo(work, earned, "three", at=SOON)
        assert [(e.debit, e.points, e.reverses, e.reversal_part) for e in undone] == [
            (Account.AVAILABLE, 5, earned.id, 1),
            (Account.EXPIRED, 30, earned.id, 2),
            (Account.DEBT, 15, earned.id, 3),
        ]
        assert work.wallets.of_event(an_event(1).id) == [earned]
        assert work.wallets.of_event(EventId("nothing")) == []
        wallet = work.wallets.read(ACME.id)
        assert (wallet.available, wallet.debt, left(work)) == (0, 15, [])
        work.commit()


def test_parts_that_take_an_entry_back_are_listed_and_each_is_there_once(
    any_store: AnyStore,
) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        award(work, 50, "one")
        book = opened(work)
        book.hold(30, cause("hold"))
        taken = book.moves[-1].takes
        book.settle(30, cause("settle"))
        settled = store(work, book)[-1].entry
        assert work.wallets.of_key("settle#0") == settled
        assert work.wallets.of_key("settle") is None
        assert work.wallets.reversals(settled.id) == []
        assert work.wallets.given_back(settled.id) == []

        before = spent = Spent(settled.id, 30, taken)
        parts = []
        for key in ("first", "second"):
            book = opened(work)
            book.shelf.learn(work.wallets.lot(ONE))
            before, spent = spent, book.refund(spent, 10, cause(key))
            parts += [one.entry for one in store(work, book)]
        work.commit()
        assert work.wallets.reversals(settled.id) == parts
        assert [one.reversal_part for one in parts] == [1, 2]
        assert work.wallets.given_back(parts[0].id) == [LotUse(ONE, 10)]
        assert work.wallets.uses(parts[0].id) == []
        assert left(work) == [(ONE, 40)]

        book = opened(work)
        book.shelf.learn(work.wallets.lot(ONE))
        book.refund(before, 5, cause("by what was spent before the second"))
        with pytest.raises(Conflict):
            store(work, book)
        work.rollback()
        assert left(work) == [(ONE, 40)]
    with any_store.reading(OTHER) as work:
        assert work.wallets.of_key("settle#0") is None
        assert work.wallets.reversals(settled.id) == []
        assert work.wallets.given_back(parts[0].id) == []


def test_a_tiers_gift_is_known_until_it_is_undone(any_store: AnyStore) -> None:
    gift, other = "tier:silver", "tier:gold"
    with any_store.work(MAIN) as work:
        people(work)
        award(work, 5, "event:e-1:tier:gold", rule=other)
        assert not work.wallets.has_gift(ACME.id, other)
        [given] = award(work, 5, "gift:e-1:tier:silver", rule=gift)
        assert work.wallets.has_gift(ACME.id, gift)
        assert not work.wallets.has_gift(ACME.id, other)
        assert not work.wallets.has_gift(BETA.id, gift)
        work.commit()
        undo(work, given, "undo")
        assert not work.wallets.has_gift(ACME.id, gift)
        work.rollback()
    with any_store.reading(OTHER) as work:
        assert not work.wallets.has_gift(ACME.id, gift)


def test_several_wallets_are_written_at_once_or_not_at_all(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        books = [opened(work, customer.id) for customer in (ACME, BETA)]
        for book in books:
            book.award(5, cause(f"{book.customer}"), expires_at=END)
        assert [one.entry.customer for one in store(work, *books)] == [ACME.id, BETA.id]
        work.commit()
        assert [work.wallets.read(c.id).available for c in (ACME, BETA)] == [5, 5]

        books = [opened(work, customer.id) for customer in (ACME, BETA)]
        for book in books:
            book.award(5, cause("the same key"), expires_at=END)
        with pytest.raises(Conflict):
            store(work, *books)
        work.rollback()
        assert [work.wallets.read(c.id).available for c in (ACME, BETA)] == [5, 5]


def test_entries_follow_the_wallet_they_were_planned_on(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        award(work, 50, "one")
        work.commit()
        stale = Book(Wallet(ACME.id), [], named("x"))
        stale.award(10, cause("two"), expires_at=END)
        with pytest.raises(Conflict):
            store(work, stale)
        work.rollback()
        assert work.wallets.read(ACME.id).available == 50
        assert len(work.wallets.latest(ACME.id, 10)) == 1


def test_a_key_is_booked_once(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        award(work, 50, "one")
        work.commit()
        with pytest.raises(Conflict):
            award(work, 50, "one")
        work.rollback()
        assert work.wallets.read(ACME.id).available == 50


def forged(work: UnitOfWork, change: LotUse) -> Written:
    """Take from a lot what the book would not have taken."""
    book = opened(work)
    book.deduct(change.points, cause("forged"))
    wallet, [written] = seal(book, {})
    work.wallets.append([(wallet, [replace(written, takes=(change,))])])
    return written


def test_a_lot_never_gives_more_than_it_has(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        award(work, 50, "one")
        award(work, 50, "two")
        work.commit()
        with pytest.raises(StatementFailed):
            forged(work, LotUse(ONE, 60))
        work.rollback()
        assert left(work) == [(ONE, 50), ("0002-1", 50)]


def test_a_lot_of_another_customer_is_never_touched(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        award(work, 50, "one")
        [theirs] = award(work, 50, "two", customer=BETA.id)
        work.commit()
        lot = work.wallets.opened_by(theirs.id)
        assert lot is not None
        with pytest.raises(Conflict):
            forged(work, LotUse(lot, 10))
        work.rollback()
        assert work.wallets.lot(lot).remaining == 50

"""What an undo asks about lots: those that are empty, and how much of one has lapsed."""

from datetime import timedelta

import pytest

from domain.ids import LotId
from domain.ledger import Account, Draft, plan_award, plan_penalty, plan_reversal
from domain.ports import UnitOfWork
from domain.posting import Book
from storage.db import Missing
from tests.contracts.rows import ACME, people
from tests.support.fakes import START, SequenceIds
from tests.support.make import a_cause
from tests.support.stores import MAIN, OTHER, AnyStore

SOON, LATE = START + timedelta(days=1), START + timedelta(days=700)


def posting(work: UnitOfWork, ids: SequenceIds, days: int = 0) -> Book:
    """Open a book on the stored wallet so many days after the start."""
    lots = {lot.id: lot for lot in work.wallets.lots(ACME.id)}
    book = Book(work.wallets.lock(ACME.id), lots, ids.new)
    book.book_expiry("system", START + timedelta(days=days))
    return book


def post(work: UnitOfWork, book: Book, drafts: list[Draft]) -> None:
    """Write drafts and store the book."""
    cause = a_cause(event=None, key=f"posting:{book.wallet.seq}")
    book.write(drafts, cause)
    rows = [(w.entry, w.opens, w.takes, w.gives_back) for w in book.written]
    work.wallets.append(book.wallet, rows)


def test_an_emptied_lot_is_no_longer_listed_but_can_be_read(
    any_store: AnyStore, ids: SequenceIds
) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        post(work, posting(work, ids), plan_award(work.wallets.read(ACME.id), 50, LATE))
        [lot] = work.wallets.lots(ACME.id)
        book = posting(work, ids)
        post(work, book, plan_penalty(book.open_lots(), 50, START))
        assert work.wallets.lots(ACME.id) == []
        emptied = work.wallets.lot(lot.id)
        assert (emptied.remaining, emptied.points, emptied.entry) == (0, 50, lot.entry)
        assert (emptied.earned_at, emptied.expires_at) == (lot.earned_at, LATE)
        work.commit()

    with any_store.reading(OTHER) as work, pytest.raises(Missing):
        work.wallets.lot(lot.id)


def test_a_lot_that_is_not_there_is_missing(any_store: AnyStore) -> None:
    with any_store.reading(MAIN) as work, pytest.raises(Missing):
        work.wallets.lot(LotId("nowhere"))


def test_of_a_lot_only_what_was_booked_as_expired_has_lapsed(
    any_store: AnyStore, ids: SequenceIds
) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        post(work, posting(work, ids), plan_award(work.wallets.read(ACME.id), 50, SOON))
        post(work, posting(work, ids), plan_award(work.wallets.read(ACME.id), 30, LATE))
        soon, late = work.wallets.lots(ACME.id)
        book = posting(work, ids)
        post(work, book, plan_penalty(book.open_lots(), 20, START))
        assert work.wallets.lapsed(soon.id) == 0
        post(work, posting(work, ids, days=1), [])
        assert work.wallets.lapsed(soon.id) == 30
        assert work.wallets.lapsed(late.id) == 0
        assert work.wallets.lapsed(LotId("nowhere")) == 0
        work.commit()

    with any_store.reading(OTHER) as work:
        assert work.wallets.lapsed(soon.id) == 0


def test_an_undo_may_take_three_entries(any_store: AnyStore, ids: SequenceIds) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        post(work, posting(work, ids), plan_award(work.wallets.read(ACME.id), 50, SOON))
        [soon] = work.wallets.lots(ACME.id)
        book = posting(work, ids)
        post(work, book, plan_penalty(book.open_lots(), 20, START))
        post(work, posting(work, ids), plan_award(work.wallets.read(ACME.id), 5, LATE))
        post(work, posting(work, ids, days=1), [])
        [award] = [e for e in work.wallets.latest(ACME.id, 9) if e.id == soon.entry]
        book = posting(work, ids, days=1)
        drafts = plan_reversal(
            award,
            opened=soon.id,
            taken=(),
            lots=book.open_lots(),
            wallet=book.wallet,
            now=START + timedelta(days=1),
            lot_expires_at=LATE,
            lapsed=work.wallets.lapsed(soon.id),
        )
        post(work, book, drafts)
        undone = work.wallets.latest(ACME.id, 3)
        assert [(entry.debit, entry.points) for entry in reversed(undone)] == [
            (Account.AVAILABLE, 5),
            (Account.EXPIRED, 30),
            (Account.DEBT, 15),
        ]
        assert work.wallets.is_reversed(award.id)
        wallet = work.wallets.read(ACME.id)
        assert (wallet.available, wallet.debt) == (0, 15)
        assert work.wallets.lots(ACME.id) == []
        work.commit()

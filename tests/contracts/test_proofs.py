"""Daily heads and wallet seals, on the fake store and both engines."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import count

import pytest

from domain.chaining import seal
from domain.ids import CustomerId
from domain.ledger import GENESIS, Cause, Written, entry_hash
from domain.lots import LotUse
from domain.ports import Conflict, UnitOfWork
from domain.posting import Book
from domain.proof import DayHead, Published, Totals, WalletSeal, make_head
from domain.proof_check import BrokenSeal
from tests.contracts.rows import ACME, BETA, a_delivery, people
from tests.support.fakes import START
from tests.support.make import a_cause
from tests.support.stores import MAIN, OTHER, AnyStore

FIRST = date(2026, 11, 22)
SECOND = date(2026, 11, 25)
AT = START + timedelta(hours=14, microseconds=7)


BOOKED_AT = START + timedelta(microseconds=1)
END = START + timedelta(days=700)


def post(
    work: UnitOfWork, customer: CustomerId, *writes: Callable[[Book], object]
) -> list[Written]:
    """Write into a wallet and store it."""
    wallets = work.wallets
    ids = (f"{customer}-{wallets.read(customer).seq}-{n}" for n in count(1))
    book = Book(wallets.lock(customer), wallets.open_lots(customer), lambda: next(ids))
    for write in writes:
        write(book)
    wallet, written = seal(book, {})
    wallets.append([(wallet, written)])
    return written


def cause(key: str) -> Cause:
    """Make a cause without an event."""
    return a_cause(event=None, rule=None, rule_version=None, key=key, recorded_at=BOOKED_AT)


def award(work: UnitOfWork, points: int, key: str, customer: CustomerId = ACME.id) -> None:
    """Give points."""
    post(
        work, customer, lambda book: book.award(points, cause(f"{customer}:{key}"), expires_at=END)
    )


def penalise(work: UnitOfWork, points: int, key: str) -> None:
    """Take points, owing what is missing."""
    post(work, ACME.id, lambda book: book.deduct(points, cause(key)))


def give_beta(work: UnitOfWork, points: int) -> None:
    """Award points to the other customer."""
    award(work, points, "one", BETA.id)


def close(work: UnitOfWork, day: date, *moved: CustomerId, previous: str = GENESIS) -> DayHead:
    """Store the head of a day with the seals of wallets."""
    wallets, totals = work.proofs.wallets()
    head = make_head(day, wallets, totals, AT, previous)
    work.proofs.add(head, [each for each in wallets if each.customer in moved])
    return head


def test_nothing_is_sealed_at_first(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        work.wallets.lock(ACME.id)
        assert work.proofs.last() is None
        assert work.proofs.heads() == []
        assert work.proofs.find(FIRST) is None
        assert work.proofs.wallets() == ([], Totals())
        assert work.proofs.sealed(SECOND) == []
        assert work.proofs.moved(date.min, date.max) == []
        assert work.proofs.broken() == []
        assert work.proofs.posted() == []
        assert work.proofs.began_at() is None


def test_wallets_with_entries_are_read_with_their_points(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        award(work, 50, "one")
        penalise(work, 70, "two")
        give_beta(work, 30)
        acme, beta = work.wallets.read(ACME.id), work.wallets.read(BETA.id)
        wallets, totals = work.proofs.wallets()
        assert sorted(wallets, key=lambda each: each.customer) == [
            WalletSeal(ACME.id, 3, acme.head),
            WalletSeal(BETA.id, 1, beta.head),
        ]
        assert totals == Totals(available=30, debt=20)
        assert work.proofs.began_at() == BOOKED_AT


def test_heads_come_back_as_they_were_stored(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        award(work, 50, "one")
        first = close(work, FIRST, ACME.id)
        second = close(work, SECOND, previous=first.hash)
        work.commit()

    with any_store.reading(MAIN) as work:
        assert work.proofs.heads() == [first, second]
        assert work.proofs.last() == second
        assert work.proofs.find(FIRST) == first
        assert work.proofs.find(date(2026, 11, 23)) is None
    with any_store.reading(OTHER) as work:
        assert work.proofs.heads() == []


def test_the_newest_seal_until_a_day_counts(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        award(work, 50, "one")
        give_beta(work, 30)
        first = close(work, FIRST, ACME.id, BETA.id)
        before, _ = work.proofs.wallets()
        award(work, 20, "two")
        close(work, SECOND, ACME.id, previous=first.hash)
        acme = WalletSeal(ACME.id, 2, work.wallets.read(ACME.id).head)
        beta = next(each for each in before if each.customer == BETA.id)
        by_customer = {each.customer: each for each in work.proofs.sealed(SECOND)}
        assert by_customer == {ACME.id: acme, BETA.id: beta}
        assert set(work.proofs.sealed(FIRST)) == set(before)
        assert set(work.proofs.sealed(date(2026, 11, 24))) == set(before)
        assert work.proofs.sealed(date(2026, 11, 21)) == []
        assert work.proofs.moved(FIRST, SECOND) == [(SECOND, acme)]
        assert set(work.proofs.moved(date.min, FIRST)) == {(FIRST, each) for each in before}
        assert len(work.proofs.moved(date.min, date.max)) == 3


def test_a_day_and_a_predecessor_are_taken_once(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        award(work, 50, "one")
        first = close(work, FIRST, ACME.id)
        work.commit()
        with pytest.raises(Conflict):
            close(work, FIRST, previous=first.hash)
        work.rollback()
        with pytest.raises(Conflict):
            close(work, SECOND)
        work.rollback()
        with pytest.raises(Conflict):
            close(work, SECOND, ACME.id, previous=first.hash)
        work.rollback()
        assert work.proofs.heads() == [first]
        assert len(work.proofs.moved(date.min, date.max)) == 1


def test_a_seal_whose_entry_is_gone_or_another_is_broken(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        award(work, 50, "one")
        give_beta(work, 30)
        wallets, totals = work.proofs.wallets()
        gone = WalletSeal(ACME.id, 9, "h-9")
        other = WalletSeal(BETA.id, 1, "h-1")
        first = make_head(FIRST, wallets, totals, AT, GENESIS)
        work.proofs.add(first, [gone, other])
        found = sorted(work.proofs.broken(), key=lambda broken: broken.seal.customer)
        assert found == [
            BrokenSeal(FIRST, gone, None),
            BrokenSeal(FIRST, other, work.wallets.read(BETA.id).head),
        ]


def test_a_head_that_was_posted_to_several_is_listed_once(any_store: AnyStore) -> None:
    later = {"day": SECOND.isoformat(), "hash": "b" * 64}
    notice = {"day": FIRST.isoformat(), "hash": "a" * 64}
    with any_store.work(MAIN) as work:
        for number, data in enumerate((later, notice, notice), 1):
            work.deliveries.add(a_delivery(number, view="day_head_notice", data=data))
        work.deliveries.add(a_delivery(9))
        assert work.proofs.posted() == [Published(FIRST, "a" * 64), Published(SECOND, "b" * 64)]


def test_a_wallet_is_read_with_what_each_entry_did_to_lots(any_store: AnyStore) -> None:
    def held(book: Book) -> None:
        book.hold(60, cause("hold"))

    with any_store.work(MAIN) as work:
        people(work)
        award(work, 50, "one")
        award(work, 30, "two")
        later = AT + timedelta(days=7)
        written = post(
            work,
            ACME.id,
            lambda book: book.award(9, cause("three"), expires_at=END, matures_at=later),
            held,
        )
        taken = written[-1].takes

        def release(book: Book) -> None:
            for use in taken:
                book.shelf.learn(work.wallets.lot(use.lot))
            book.release(taken, cause("release"))

        written += post(work, ACME.id, release)
        pending = written[0].opens
        assert pending is not None
        written += post(work, ACME.id, lambda book: book.mature(pending, cause("mature")))
        give_beta(work, 5)
        work.commit()

    with any_store.reading(MAIN) as work:
        found = work.proofs.written(ACME.id)
        assert found[2:] == written
        assert [one.entry.seq for one in found] == [1, 2, 3, 4, 5, 6]
        assert all(entry_hash(one) == one.entry.hash for one in found)
        assert found[3].takes == found[4].gives_back
        assert sum(use.points for use in found[3].takes) == 60
        assert found[5].matures == LotUse(pending.id, 9)
        assert len(work.proofs.written(BETA.id)) == 1
        assert work.proofs.written(CustomerId("nobody")) == []
    with any_store.reading(OTHER) as work:
        assert work.proofs.written(ACME.id) == []

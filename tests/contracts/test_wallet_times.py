"""What the passing of time does to lots: they mature, end, lapse and may be reinstated."""

from datetime import timedelta

import pytest

from domain.ids import CustomerId, LotId
from domain.ledger import Reason
from domain.ports import Conflict, UnitOfWork
from tests.contracts.booking import (
    END,
    award,
    cause,
    lapse,
    opened,
    penalise,
    reinstate,
    store,
    undo,
)
from tests.contracts.rows import ACME, BETA, people
from tests.support.fakes import START
from tests.support.stores import MAIN, OTHER, AnyStore

DAY = timedelta(days=1)
SOON, NOW = START + DAY, START + 2 * DAY
ONE = LotId("0001-1")


def left(work: UnitOfWork) -> list[tuple[str, int]]:
    return [(lot.id, lot.remaining) for lot in work.wallets.open_lots(ACME.id)]


def test_what_ends_when_is_added_up_per_end(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        for key, points, end in (("a", 5, SOON), ("b", 7, END), ("c", 9, END), ("d", 1, NOW)):
            award(work, points, key, expires_at=end)
        award(work, 100, "pending", expires_at=END, matures_at=NOW)
        assert work.wallets.endings(ACME.id, START, 9) == [(SOON, 5), (NOW, 1), (END, 16)]
        assert work.wallets.endings(ACME.id, SOON, 1) == [(NOW, 1)]
        assert work.wallets.unbooked(ACME.id, START) == 0
        assert work.wallets.unbooked(ACME.id, SOON) == 5
        assert work.wallets.unbooked(ACME.id, NOW) == 6
        lapse(work, NOW)
        assert work.wallets.unbooked(ACME.id, NOW) == 0
        assert work.wallets.unbooked(BETA.id, NOW) == 0


def test_whose_points_have_ended_is_listed_soonest_end_first(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        award(work, 5, "a", expires_at=NOW)
        award(work, 5, "b", expires_at=SOON, customer=BETA.id)
        award(work, 5, "c", expires_at=END, customer=BETA.id)
        assert work.wallets.lapsing(START, 9) == []
        assert work.wallets.lapsing(SOON, 9) == [BETA.id]
        assert work.wallets.lapsing(NOW, 9) == [BETA.id, ACME.id]
        assert work.wallets.lapsing(NOW, 1) == [BETA.id]
        lapse(work, NOW)
        assert work.wallets.lapsing(NOW, 9) == [BETA.id]
        work.commit()
    with any_store.reading(OTHER) as work:
        assert work.wallets.lapsing(END, 9) == []


def test_several_wallets_are_locked_in_order_and_none_is_made(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        award(work, 5, "a", customer=BETA.id)
        assert [wallet.available for wallet in work.wallets.lock_all([BETA.id, ACME.id])] == [5]
        award(work, 7, "b")
        found = work.wallets.lock_all([BETA.id, CustomerId("nobody"), ACME.id])
        assert found == [work.wallets.read(customer) for customer in (ACME.id, BETA.id)]
        assert work.wallets.lock_all([]) == []
        many = [CustomerId(f"c-{number}") for number in range(25)]
        assert work.wallets.lock_all([*many, BETA.id]) == [work.wallets.read(BETA.id)]
        work.commit()
    with any_store.work(OTHER) as work:
        assert work.wallets.lock_all([ACME.id]) == []


def test_what_has_ended_of_several_wallets_is_read_soonest_first(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        for key, points, end in (("a", 5, NOW), ("b", 7, SOON), ("c", 9, END)):
            award(work, points, key, expires_at=end)
        award(work, 3, "pending", expires_at=SOON, matures_at=NOW)
        award(work, 4, "d", expires_at=NOW, customer=BETA.id)
        both = [BETA.id, ACME.id]
        ended = work.wallets.ended(both, NOW)
        spendable = [*work.wallets.open_lots(ACME.id)]
        assert ended == {ACME.id: spendable[:2], BETA.id: [*work.wallets.open_lots(BETA.id)]}
        assert [lot.points for lot in spendable] == [7, 5, 9]
        assert work.wallets.ended(both, SOON) == {ACME.id: spendable[:1]}
        assert work.wallets.ended([BETA.id], SOON) == work.wallets.ended([], NOW) == {}
        lapse(work, NOW)
        assert [*work.wallets.ended(both, NOW)] == [BETA.id]
        work.commit()
    with any_store.reading(OTHER) as work:
        assert work.wallets.ended(both, NOW) == {}


def test_a_posting_moves_many_lots_and_one_of_them_twice(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        for number in range(6):
            award(work, 10, f"a{number}")
        book = opened(work)
        book.deduct(35, cause("first"))
        book.deduct(10, cause("second"))
        taken = store(work, book)
        assert [[use.points for use in one.takes] for one in taken] == [[10, 10, 10, 5], [5, 5]]
        assert [points for _, points in left(work)] == [5, 10]
        for one in taken:
            assert work.wallets.uses(one.entry.id) == [*one.takes]
        assert work.reconciliation.findings(9) == []


def test_pending_lots_are_found_when_their_time_has_come(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        award(work, 5, "a", matures_at=NOW)
        award(work, 7, "b", matures_at=SOON)
        award(work, 9, "c", matures_at=SOON, customer=BETA.id)
        assert work.wallets.maturing(ACME.id, START) == []
        assert [lot.remaining for lot in work.wallets.maturing(ACME.id, SOON)] == [7]
        found = work.wallets.maturing(ACME.id, NOW)
        assert [(lot.remaining, lot.is_pending, lot.matures_at) for lot in found] == [
            (7, True, SOON),
            (5, True, NOW),
        ]
        assert work.wallets.ripe(START, 9) == []
        assert work.wallets.ripe(NOW, 9) == [ACME.id, BETA.id]
        assert work.wallets.ripe(NOW, 1) == [ACME.id]
        assert (work.wallets.read(ACME.id).pending, left(work)) == (12, [])
        work.commit()
    with any_store.reading(OTHER) as work:
        assert work.wallets.ripe(NOW, 9) == []


def test_a_lot_matures_once(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        award(work, 7, "b", matures_at=SOON)
        [lot] = work.wallets.maturing(ACME.id, SOON)
        book = opened(work)
        book.mature(lot, cause("maturity", recorded_at=SOON))
        store(work, book)
        assert (left(work), work.wallets.maturing(ACME.id, NOW)) == ([(ONE, 7)], [])
        assert work.wallets.ripe(NOW, 9) == []
        work.commit()
        award(work, 7, "c", matures_at=END)
        again = opened(work)
        again.mature(lot, cause("again", recorded_at=SOON))
        with pytest.raises(Conflict):
            store(work, again)
        work.rollback()
        assert work.wallets.read(ACME.id).available == 7


@pytest.mark.parametrize("debt", [7, 9])
def test_a_pending_lot_that_went_into_a_debt_is_not_waited_for_any_more(
    any_store: AnyStore, debt: int
) -> None:
    """The run that matures points would otherwise meet this wallet again and again."""
    with any_store.work(MAIN) as work:
        people(work)
        award(work, 7, "b", matures_at=SOON)
        penalise(work, debt, "c")
        [lot] = work.wallets.maturing(ACME.id, SOON)
        book = opened(work)
        book.mature(lot, cause("maturity", recorded_at=SOON))
        store(work, book)
        assert work.wallets.read(ACME.id).debt == debt - 7
        assert (work.wallets.maturing(ACME.id, NOW), work.wallets.ripe(NOW, 9)) == ([], [])


def test_a_pending_award_that_was_undone_is_not_waited_for_any_more(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        [entry] = award(work, 7, "b", matures_at=SOON)
        undo(work, entry, "undo")
        assert work.wallets.read(ACME.id).pending == 0
        assert (work.wallets.maturing(ACME.id, NOW), work.wallets.ripe(NOW, 9)) == ([], [])


def test_of_a_lot_only_what_was_booked_as_expired_and_not_reinstated_has_lapsed(
    any_store: AnyStore,
) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        award(work, 50, "one", expires_at=SOON)
        award(work, 30, "two")
        penalise(work, 20, "three")
        assert work.wallets.lapsed(ONE) == 0
        [expiry] = lapse(work, SOON)
        assert (expiry.reason, work.wallets.lapsed(ONE)) == (Reason.EXPIRY, 30)
        assert work.wallets.lapsed(LotId("0002-1")) == 0
        assert work.wallets.lapsed(LotId("nowhere")) == 0
        work.commit()

        [back] = reinstate(work, expiry, "back")
        assert work.wallets.lapsed(ONE) == 0
        work.commit()
        with pytest.raises(Conflict):
            reinstate(work, expiry, "back again")
        work.rollback()
        assert work.wallets.read(ACME.id).available == 60

        undo(work, back, "undone")
        assert work.wallets.lapsed(ONE) == 30
        assert work.wallets.read(ACME.id).available == 30
        work.commit()
    with any_store.reading(OTHER) as work:
        assert work.wallets.lapsed(ONE) == 0

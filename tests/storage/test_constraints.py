"""What the database itself refuses, by raw SQL past every line of Python, on both engines."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Executable, column, insert, inspect, select, table, text
from sqlalchemy.exc import DBAPIError

from domain.customers import BindingTries, Invitation
from domain.deliveries import DeliveryState
from domain.drafts import drop, submit
from domain.holds import Hold
from domain.ids import BatchId, CardKey, HoldId, InvitationId, TicketId
from domain.ledger import GENESIS
from domain.ports import Attempt, UnitOfWork
from domain.programme import Programme
from domain.proof import Totals, WalletSeal, make_head
from domain.repositories import Answered, AuditNote, Batch, Card, Moved, Publication
from domain.rewards import StockMove
from domain.starter import starter_rules
from domain.tickets import Ticket, TicketKind
from domain.vouchers import use
from storage.engine import migration_engine, parse_url
from storage.work import SqlStore
from tests.contracts.booking import award, cause, opened, penalise, store as store_books, tell, undo
from tests.contracts.rows import (
    ACME,
    BAD_REVIEW,
    CHEN,
    LI,
    WANG,
    a_delivery,
    an_alert,
    an_event,
    an_item,
    people,
)
from tests.contracts.test_approvals import approved, one
from tests.contracts.test_backtest_orders import ORDER as AN_ORDER
from tests.contracts.test_backtests import FIRST as A_BACKTEST
from tests.contracts.test_drafts import one as a_draft
from tests.contracts.test_files import HOUSE, KNOWN, YEAR
from tests.contracts.test_gifts import GIVEN, one as a_gift
from tests.contracts.test_lotteries import a_draw, a_lottery, publish
from tests.contracts.test_merges import one as a_merge
from tests.contracts.test_vouchers import (
    BOUGHT as A_VOUCHER_PURCHASE,
    PAPER,
    a_use,
    voucher as a_voucher,
)
from tests.storage.refused import (
    ENTRY,
    HEAD,
    REFUSED,
    REFUSED_ENTRIES,
    REFUSED_HEADS,
    STATEMENTS_ONLY_OF,
)
from tests.storage.refused_mall import A_COUNTER, A_GIFT
from tests.support.fakes import START
from tests.support.make import a_redemption, a_reward, an_api_key
from tests.support.stores import APP, ENGINES, MAIN

HOUR = timedelta(hours=1)


def points(work: UnitOfWork) -> None:
    """Write everything that belongs to points."""
    batch = Batch(BatchId("b"), "a.xlsx", "0" * 64, 1, START, None)
    work.batches.add(batch)
    tell(work, 1)
    work.rules.add(starter_rules(START)[0], Publication(START, LI.id, WANG.id))
    work.rules.add_programme(Programme(1, START), Publication(START))
    award(work, 50, "one", event=1)
    award(work, 30, "two")
    [penalty] = penalise(work, 10, "three")
    undo(work, penalty, "four")
    book = opened(work)
    book.hold(5, cause("five"))
    [held] = [one.entry for one in store_books(work, book)]
    work.holds.add(Hold(HoldId("h"), ACME.id, held.id, 5, "test", START, START + HOUR))
    work.rewards.add(a_reward())
    work.stocks.move(Moved("in", a_reward().id, StockMove.RECEIVE, 3, None, "system", START))
    work.redemptions.add(
        a_redemption(
            customer=ACME.id, contact=CHEN.id, member=LI.id, quantity=2, waits_for_approver=True
        )
    )
    vouchers(work)
    lottery = publish(work, a_lottery())
    work.lotteries.add_draw(a_draw(lottery, 1))
    work.events.undo(an_event(1).id, START, "system")
    work.counters.take(["a"])
    work.earned.add(ACME.id, 7, 5)
    work.months.close("2026-09", START, None)
    work.customers.set_segments(ACME.id, ["vip"])
    work.files.save(ACME.id, KNOWN)
    work.customer_fields.save(YEAR)
    work.contracts.add(HOUSE)


def vouchers(work: UnitOfWork) -> None:
    """Write two vouchers of one purchase, some of the first used and deducted."""
    work.rewards.add(replace(PAPER, number=2))
    work.redemptions.add(replace(A_VOUCHER_PURCHASE, number=2, source="v"))
    work.vouchers.add(a_voucher(1), "CODE-1")
    work.vouchers.add(a_voucher(2), "CODE-2")
    work.vouchers.save(use(a_voucher(1), 20_000, START))
    for number in (1, 2):
        work.voucher_uses.add(a_use(number, amount=10_000))
    work.voucher_uses.deduct(a_use(1).id, "HK-1")
    work.vouchers.set_tries(LI.id, BindingTries(1))


def furnish(store: SqlStore) -> None:
    """Put two of what must be unique into the store, and one of everything else."""
    later = START + HOUR
    invitation = Invitation(InvitationId("v"), "h", CHEN.id, None, None, START, later)
    with store.work(MAIN) as work:
        people(work)
        work.customers.add_invitation(invitation)
        work.identities.heard_from(APP, "zhangsan", START)
        points(work)
        wallet = work.wallets.read(ACME.id)
        sealed = WalletSeal(ACME.id, wallet.seq, wallet.head)
        totals = Totals(wallet.available, wallet.held)
        head = make_head(START.date(), [sealed], totals, START, GENESIS)
        work.proofs.add(head, [sealed])
        work.reviews.add(BAD_REVIEW)
        for number in (1, 2):
            work.alerts.add(an_alert(number))
            work.inbox.receive(an_item(number))
            work.deliveries.add(a_delivery(number))
        work.tickets.add(Ticket(TicketId("t"), TicketKind.UNDO, None, None, {}, START, later))
        work.cards.save(Card(CardKey("k"), APP, "zhangsan", None, "alert", START))
        for number in (1, 2, 3):
            work.approvals.add(one(number))
        work.approvals.save(approved(one(3)))
        work.merges.add(a_merge())
        for gift in (a_gift(1, approval=one(1).id), replace(GIVEN, number=2)):
            work.gifts.add(gift)
        dropped = drop(a_draft(3))
        for draft in (a_draft(1), submit(a_draft(2), one(2).id), dropped):
            work.drafts.add(draft)
        work.backtests.add(A_BACKTEST)
        work.runs.reach("night", "2026-11-22", START)
        work.endings.note(ACME.id, 30, [(later, 80)], START)
        key = an_api_key()
        work.api_keys.add(key)
        work.api_requests.add(Answered(key.id, "call", "hash", 200, "{}", START))
        work.backtest_orders.add(replace(AN_ORDER, api_key=key.id))
        work.audit.write(AuditNote(START, "system", None, "test", "nothing"))
        work.commit()
    attempt = Attempt(a_delivery(1).id, START, "retry")
    store.queue.finish(MAIN, a_delivery(1), DeliveryState.QUEUED, attempt)


@pytest.fixture(params=ENGINES)
def furnished(request: pytest.FixtureRequest) -> Iterator[Connection]:
    """Open a raw connection to a store with rows, on each engine in turn."""
    name = "sqlite" if request.param == "sqlite" else "postgres"
    furnish(request.getfixturevalue(f"{name}_store"))
    url: str = request.getfixturevalue(f"{name}_url")
    with migration_engine(parse_url(url)).connect() as connection:
        if request.param == "sqlite":
            # Migrations work without it; the store never does.
            connection.connection.cursor().execute("PRAGMA foreign_keys=ON")
        yield connection


def dump(connection: Connection) -> dict[str, list[str]]:
    """Read every row of every table."""
    rows = {
        name: sorted(
            repr(tuple(row))
            for row in connection.execute(select(text("*")).select_from(text(name)))
        )
        for name in inspect(connection).get_table_names()
    }
    connection.rollback()
    return rows


def accepted(connection: Connection, statement: Executable) -> bool:
    """Tell whether the database would do it, and undo it."""
    try:
        connection.execute(statement)
    except DBAPIError:
        return False
    finally:
        connection.rollback()
    return True


def inserted(row: dict[str, object], name: str = "entries") -> Executable:
    """Make the statement that inserts an entry, or a row of another table."""
    return insert(table(name, *(column(each) for each in row))).values(row)


def test_every_table_has_a_row_to_be_refused_a_change(furnished: Connection) -> None:
    empty = [name for name, rows in dump(furnished).items() if not rows]

    assert sorted(empty) == ["beats", "counters"]


def test_bad_rows_and_changes_of_what_is_written_are_refused(furnished: Connection) -> None:
    before = dump(furnished)

    statements = REFUSED + STATEMENTS_ONLY_OF[furnished.dialect.name]
    assert accepted(furnished, text(A_GIFT))
    assert accepted(furnished, text(A_COUNTER))
    assert [sql for sql in statements if accepted(furnished, text(sql))] == []
    assert dump(furnished) == before


def test_bad_entries_are_refused(furnished: Connection) -> None:
    before = dump(furnished)

    assert accepted(furnished, inserted(ENTRY))
    for changes in REFUSED_ENTRIES:
        assert not accepted(furnished, inserted(ENTRY | changes)), changes
    assert dump(furnished) == before


def test_bad_heads_are_refused(furnished: Connection) -> None:
    before = dump(furnished)

    assert accepted(furnished, inserted(HEAD, "day_heads"))
    for changes in REFUSED_HEADS:
        assert not accepted(furnished, inserted(HEAD | changes, "day_heads")), changes
    assert dump(furnished) == before


def test_only_what_is_left_of_a_lot_may_change(furnished: Connection) -> None:
    assert accepted(furnished, text("UPDATE lots SET remaining = 0"))


def test_a_version_is_withdrawn_once_and_nothing_else_of_it_changes(
    furnished: Connection,
) -> None:
    withdraw = "UPDATE rule_versions SET withdrawn_at = published_at"
    assert accepted(furnished, text(withdraw))
    furnished.execute(text(withdraw))
    assert not accepted(furnished, text(withdraw))


def test_a_hold_may_end(furnished: Connection) -> None:
    ended = "UPDATE holds SET state = 'released', closed_at = held_at"
    assert accepted(furnished, text(ended))


def test_a_redemption_may_move_on(furnished: Connection) -> None:
    agreed = (
        "UPDATE redemptions SET waits_for_approver = FALSE, approved_by = 'm-wang',"
        " state = 'fulfilled', placed_at = held_at, ended_at = held_at, fulfilled = 2, version = 2"
    )
    assert accepted(furnished, text(agreed))


def test_a_voucher_may_be_used_and_get_another_code(furnished: Connection) -> None:
    for done in (
        "state = 'used_up', used = value, ended_at = issued_at, version = 3",
        "state = 'expired', ended_at = issued_at, version = 3",
        "code_hash = 'x' || id, code = 'x', tail = 'x', reissued_on = '2026-11-22', reissues = 1",
        "reminded = 7",
    ):
        assert accepted(furnished, text(f"UPDATE vouchers SET {done}")), done  # noqa: S608
    paid = "UPDATE voucher_uses SET deducted_from = 'HK-2' WHERE deducted_from = ''"
    assert accepted(furnished, text(paid))


def test_a_pending_approval_may_be_decided(furnished: Connection) -> None:
    decided = (
        "UPDATE approvals SET state = 'approved', decided_by = 'm-wang', decided_at = asked_at,"
        " note = 'yes', version = 2 WHERE id = 'ap-1'"
    )
    assert accepted(furnished, text(decided))

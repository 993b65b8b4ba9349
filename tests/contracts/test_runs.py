"""Runs, ends and notices, months' books, reconciliation: on the fake store and both engines."""

from datetime import timedelta

import pytest

from domain.approvals import Verdict
from domain.errors import ShortOfPoints
from domain.events import EventType
from domain.expiry import Window, windows
from domain.holds import HoldState
from domain.ids import CustomerId, HoldId
from domain.ledger import Account, Reason
from domain.liability import Balance, Spent
from domain.months import Total, number_of, ties_out
from domain.ports import Conflict
from domain.repositories import Source
from handlers.usecases.holds import hold_points, refund_hold, release_hold, settle_hold
from handlers.usecases.months import read_liability, read_month
from tests.contracts.rows import an_alert, people
from tests.handlers.expiring import at
from tests.support.fakes import START, FakeClock, SequenceIds
from tests.support.firm import Firm
from tests.support.gifts import decides, gives, people_of_gifts
from tests.support.stores import MAIN, AnyStore

C001, C002 = CustomerId("C001"), CustomerId("C002")
DAY = timedelta(days=1)
EVER = Window(30, START, START + 9999 * DAY)


@pytest.fixture
def firm(any_store: AnyStore, clock: FakeClock, ids: SequenceIds) -> Firm:
    made = Firm(any_store, clock, ids)
    made.opens()
    return made


def test_a_run_goes_on_where_it_has_come_to(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        assert work.runs.place("night") == ""
        work.runs.reach("night", "2026-11-22|a", START)
        assert work.runs.place("night") == "2026-11-22|a"
        work.commit()
        work.runs.reach("night", "2026-11-22", START)
        work.rollback()
    with any_store.reading(MAIN) as work:
        assert work.runs.place("night") == "2026-11-22|a"
        assert work.runs.place("day") == ""


def test_due_are_customers_with_untold_points_in_the_window(firm: Firm) -> None:
    firm.signs(100)
    firm.signs(50, "C002")
    firm.signs(20, "C002", on=at("2026-12-01"))
    firm.clock.at = at("2028-11-29")
    [one, seven, thirty] = windows(firm.clock.now())
    seen = firm.looks(lambda work: [work.endings.due(w, "", 9) for w in (one, seven, thirty)])
    assert seen == [[C001, C002], [], []]
    assert firm.looks(lambda work: work.endings.due(one, "C001", 9)) == [C002]
    assert firm.looks(lambda work: work.endings.due(one, "", 1)) == [C001]
    end = at("2028-12-01", "00:00")
    assert firm.looks(lambda work: work.endings.unnoticed(C002, one)) == [(end, 50)]


def test_what_is_noted_is_due_at_a_nearer_level_only(firm: Firm) -> None:
    firm.signs(100)
    end = at("2028-12-01", "00:00")
    near, same, far = (Window(level, START, end) for level in (1, 7, 30))
    firm.acts(lambda ctx: ctx.work.endings.note(C001, 7, [(end, 100)], START))
    found = firm.looks(lambda work: [work.endings.due(w, "", 9) for w in (near, same, far)])
    assert found == [[C001], [], []]


def test_a_notice_is_noted_once(firm: Firm) -> None:
    firm.signs(100)
    end = at("2028-12-01", "00:00")
    firm.acts(lambda ctx: ctx.work.endings.note(C001, 7, [(end, 100)], START))
    with pytest.raises(Conflict):
        firm.acts(lambda ctx: ctx.work.endings.note(C001, 7, [(end, 99)], START))


def test_sources_are_what_is_left_most_points_first(firm: Firm) -> None:
    first, second = firm.signs(10), firm.signs(40)
    firm.signs(30, "C002")
    end = at("2028-12-01", "00:00")
    look = lambda work: work.endings.sources(C001, START, end, 9)  # noqa: E731
    assert firm.looks(look) == [
        Source(40, second.id, Reason.AWARD),
        Source(10, first.id, Reason.AWARD),
    ]
    firm.holds(5, "h", until=end)
    assert [source.points for source in firm.looks(look)] == [40, 5]
    assert firm.looks(lambda work: work.endings.sources(C001, START, end, 1)) == [
        Source(40, second.id, Reason.AWARD)
    ]
    assert firm.looks(lambda work: work.endings.sources(C001, end, end + DAY, 9)) == []


def test_the_last_expiry_is_the_newest_that_was_not_given_back(firm: Firm) -> None:
    assert firm.looks(lambda work: work.endings.last_expiry(C001)) is None
    firm.signs(10)
    firm.signs(20, on=at("2026-12-01"))
    firm.clock.at = at("2028-12-02")
    firm.catches_up("C001")
    [older] = firm.looks(lambda work: work.wallets.latest(C001, 1))
    assert firm.looks(lambda work: work.endings.last_expiry(C001)) == older.id
    firm.clock.at = at("2029-01-02")
    firm.catches_up("C001")
    [newer] = firm.looks(lambda work: work.wallets.latest(C001, 1))
    assert (older.points, newer.points) == (10, 20)
    assert firm.looks(lambda work: work.endings.last_expiry(C001)) == newer.id


def test_who_has_earned_comes_in_pages(firm: Firm) -> None:
    firm.has(EventType.CHECK_IN, "C002")
    firm.has(EventType.CHECK_IN)
    firm.has(EventType.CHECK_IN)
    assert firm.looks(lambda work: work.earned.customers("", 9)) == [C001, C002]
    assert firm.looks(lambda work: work.earned.customers("", 1)) == [C001]
    assert firm.looks(lambda work: work.earned.customers("C001", 9)) == [C002]


def test_a_hold_is_found_or_not(firm: Firm) -> None:
    firm.signs(100)
    hold = firm.holds(30, "h", until=START + DAY)
    found = firm.looks(lambda work: work.holds.find(hold))
    assert (found.points, found.state) == (30, HoldState.OPEN)
    assert firm.looks(lambda work: work.holds.find(HoldId("nothing"))) is None


def test_holding_settling_and_releasing_keep_the_records_in_step(firm: Firm) -> None:
    firm.signs(100)
    for name, points in (("a", 30), ("b", 20), ("c", 10)):
        firm.holds(points, name, until=START + DAY)
    firm.acts(lambda ctx: settle_hold(ctx, HoldId("a")))
    firm.acts(lambda ctx: release_hold(ctx, HoldId("b")))
    wallet = firm.looks(lambda work: work.wallets.read(C001))
    assert (wallet.available, wallet.held) == (60, 10)
    with pytest.raises(ShortOfPoints):
        firm.acts(
            lambda ctx: hold_points(ctx, HoldId("d"), C001, 61, purpose="d", expires_at=START + DAY)
        )
    assert firm.looks(lambda work: work.reconciliation.findings(9)) == []


def test_a_cause_of_alerts_is_known_open_or_not(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        work.alerts.add(an_alert(1, dedupe_key="same", customer=None, project=None, about="erp 1"))
        assert work.alerts.is_known("same")
        assert not work.alerts.is_known("other")
        found = work.alerts.find_open("same")
        assert found is not None
        assert (found.customer, found.about) == (None, "erp 1")


# --- a month's books --------------------------------------------------------------------------


def test_a_month_adds_up_and_ties_out(firm: Firm) -> None:
    firm.signs(100)
    firm.signs(30, "C002")
    firm.complains("C002")
    firm.clock.at = at("2026-12-05")
    firm.signs(10)
    november = firm.looks(lambda work: read_month(work, "2026-11"))
    assert november.totals == (
        Total(Reason.AWARD, Account.ISSUED, Account.AVAILABLE, False, 130, 2),
        Total(Reason.PENALTY, Account.AVAILABLE, Account.PENALTIES, False, 30, 1),
        Total(Reason.PENALTY, Account.DEBT, Account.PENALTIES, False, 20, 1),
    )
    assert ties_out(november.accounts)
    closing = {line.account: line.closing for line in november.accounts}
    assert closing[Account.AVAILABLE] == 100
    assert closing[Account.DEBT] == -20
    december = firm.looks(lambda work: read_month(work, "2026-12"))
    assert {line.account: line.opening for line in december.accounts} == closing
    assert ties_out(december.accounts)


def test_a_months_lines_are_its_entries_by_customer(firm: Firm) -> None:
    firm.signs(30, "C002")
    firm.signs(100)
    firm.clock.at = at("2026-12-05")
    firm.signs(10)
    lines = firm.looks(lambda work: list(work.books.lines("2026-11")))
    assert [(line.customer, line.seq, line.points, line.rule) for line in lines] == [
        ("C001", 1, 100, "contract-amount"),
        ("C002", 1, 30, "contract-amount"),
    ]
    assert firm.looks(lambda work: list(work.books.lines("2027-01"))) == []


def test_what_belongs_to_a_closed_month_counts_as_a_correction(firm: Firm) -> None:
    firm.clock.at = at("2026-12-05")
    firm.acts(lambda ctx: ctx.work.months.close("2026-11", START, None))
    firm.signs(100, on=at("2026-11-20"))
    assert firm.looks(lambda work: work.books.totals("2026-11")) == []
    [total] = firm.looks(lambda work: work.books.totals("2026-12"))
    assert (total.points, total.is_correction) == (100, True)
    [line] = firm.looks(lambda work: list(work.books.lines("2026-12")))
    assert line.corrects == "2026-11"


def test_balances_are_what_was_left_at_the_months_end(firm: Firm) -> None:
    firm.signs(100)
    firm.signs(30, "C002")
    firm.holds(40, "h", until=START + 99 * DAY)
    firm.clock.at = at("2026-12-05")
    firm.acts(lambda ctx: settle_hold(ctx, HoldId("h")))
    firm.complains()
    firm.signs(10)
    nov, dec, end = number_of("2026-11"), number_of("2026-12"), number_of("2028-11")
    assert firm.looks(lambda work: work.books.balances("2026-10")) == []
    assert firm.looks(lambda work: work.books.balances("2026-11")) == [Balance(nov, end, 90)]
    assert firm.looks(lambda work: work.books.balances("2026-12")) == [
        Balance(nov, end, 40),
        Balance(dec, end + 1, 10),
    ]
    owed = firm.looks(lambda work: read_liability(work, "2026-11"))
    assert (owed.points, owed.held, owed.fen) == (130, 40, 13_000)


def test_what_was_given_away_is_neither_redeemed_nor_expired(firm: Firm) -> None:
    firm.acts(lambda ctx: people_of_gifts(ctx, "C001"))
    firm.signs(1_300, on=at("2024-12-10"))
    firm.acts(lambda ctx: gives(ctx, "C001", "C002", 100))
    asked = firm.acts(lambda ctx: gives(ctx, "C001", "C002", 1_100))
    firm.acts(lambda ctx: decides(ctx, asked, Verdict.APPROVE))
    firm.clock.at = at("2027-01-02")
    firm.catches_up("C001", "C002")
    dec, nov, jan = number_of("2024-12"), number_of("2026-11"), number_of("2027-01")
    assert firm.looks(lambda work: work.books.spent("2027-01")) == [
        Spent(dec, jan, 0, 100),
        Spent(nov, jan, 0, 1_200),
    ]
    month = firm.looks(lambda work: read_month(work, "2026-11"))
    lines = {line.account: line for line in month.accounts}
    assert (lines[Account.GIFTS].debited, lines[Account.GIFTS].credited) == (1_200, 1_200)
    assert lines[Account.GIFTS].closing == 0


def test_spent_is_what_became_of_lots_that_have_ended(firm: Firm) -> None:
    firm.signs(100, on=at("2024-12-10"))
    firm.signs(50)
    firm.holds(30, "a", until=START + DAY)
    firm.holds(20, "b", until=START + DAY)
    firm.acts(lambda ctx: settle_hold(ctx, HoldId("a")))
    firm.acts(lambda ctx: release_hold(ctx, HoldId("b")))
    firm.clock.at = at("2026-12-01")
    firm.acts(lambda ctx: refund_hold(ctx, HoldId("a"), 12, part="1"))
    firm.clock.at = at("2027-01-02")
    firm.catches_up("C001")
    dec, nov, jan = number_of("2024-12"), number_of("2026-11"), number_of("2027-01")
    assert firm.looks(lambda work: work.books.spent("2026-11")) == []
    assert firm.looks(lambda work: work.books.spent("2027-01")) == [
        Spent(dec, nov, 30, 0),
        Spent(dec, dec + 24, -12, 0),
        Spent(dec, jan, 0, 82),
    ]

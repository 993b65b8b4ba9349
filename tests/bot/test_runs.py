"""What runs by itself, on the fake store and both engines: bounded, resumed, harmless in pairs."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from redis import Redis

from bot.hints import Hints
from bot.pulls import Puller
from bot.runtime import Runtime
from bot.workers.runs import RECONCILE_RUN, Run, Runs
from bot.workers.worker import make_queue
from domain.alerts import AlertKind
from domain.draws import commitment_of
from domain.events import EventType
from domain.holds import HoldState
from domain.ids import ContactId, CustomerId
from domain.ledger import Reason, Wallet
from domain.lotteries import opened
from domain.ports import Work
from domain.tiers import Tier, TierPolicy
from handlers.contract import Context
from handlers.usecases.holds import settle_hold
from tests.contracts.test_lotteries import PRIZES, SEED, a_lottery
from tests.handlers.expiring import at
from tests.handlers.voucher_steps import place
from tests.support.fakes import START, FakeClock, FakeStore, SequenceIds
from tests.support.firm import Firm
from tests.support.make import a_contact, a_customer, an_identity
from tests.support.stores import *  # noqa: F403  fixtures must be names of the module
from tests.support.stores import (
    KF,
    MAIN,
    AnyStore,
    _cluster_stops_at_the_end,  # noqa: F401
)

C001, C002 = CustomerId("C001"), CustomerId("C002")
DAY = timedelta(days=1)


@pytest.fixture
def firm(any_store: AnyStore, clock: FakeClock, ids: SequenceIds) -> Firm:
    made = Firm(any_store, clock, ids)
    made.opens(tiers=TierPolicy((Tier("silver", "银级", 100),), window_months=1))
    with any_store.work(MAIN) as work:
        for customer, name in (("C001", "wang"), ("C002", "chen")):
            work.customers.add_contact(a_contact(name, customer, phone=None))
            work.identities.save(
                an_identity(contact=ContactId(name), external_id=f"wm-{name}", channel=KF)
            )
        work.commit()
    return made


@pytest.fixture
def runs(firm: Firm) -> Callable[[float], Runs]:
    def make(seconds: float = 9.0, held_seconds: float = 0.0) -> Runs:
        runtime = Runtime(
            store=firm.store,
            clock=firm.clock,
            ids=firm.ids,
            render=lambda *_: pytest.fail("nothing is sent here"),
            pullers=Puller(firm.store, pytest.fail, pytest.fail),  # type: ignore[arg-type]
        )
        hints = Hints(make_queue(Redis.from_url("redis://127.0.0.1:1", socket_timeout=0.3)))
        return Runs(
            store=firm.store,
            clock=firm.clock,
            runtime=runtime,
            hints=hints,
            seconds=seconds,
            held_seconds=held_seconds,
        )

    return make


def wallet_of(work: Work, customer: CustomerId) -> Wallet:
    return work.wallets.read(customer)


def drained(run: Run) -> int:
    """Let a run work until it is done; give how often it went on."""
    for times in range(1, 50):
        if not run(MAIN):
            return times
    raise AssertionError(run)


def reasons(firm: Firm, customer: CustomerId = C001) -> list[Reason]:
    found = firm.looks(lambda work: work.wallets.latest(customer, 99))
    return [entry.reason for entry in reversed(found)]


def views(firm: Firm) -> list[str]:
    with firm.store.reading(MAIN) as work:
        if isinstance(firm.store, FakeStore):
            rows = firm.store.committed(MAIN).deliveries.values()
            return [row.delivery.view for row in rows]
        found = work.deliveries._db.all("SELECT view FROM deliveries WHERE tenant_id = :tenant")  # type: ignore[attr-defined]
    return [view for (view,) in found]


def test_everything_that_has_ended_is_booked_in_parts(
    firm: Firm, runs: Callable[[float], Runs]
) -> None:
    with firm.store.work(MAIN) as work:
        for number in range(3, 13):
            work.customers.add(a_customer(f"C{number:03d}", f"客户{number}"))
        work.commit()
    for number in range(1, 13):
        firm.signs(10, f"C{number:03d}")
    firm.clock.at = at("2028-11-30", "23:59")
    assert drained(runs(0.0).lapse) == 1
    assert reasons(firm) == [Reason.AWARD]
    firm.clock.at = at("2028-12-01", "00:00")
    assert drained(runs(0.0).lapse) == 3
    for number in range(1, 13):
        customer = CustomerId(f"C{number:03d}")
        wallet = firm.looks(partial(wallet_of, customer=customer))
        assert (wallet.available, wallet.seq) == (0, 2)
    assert drained(runs(0.0).lapse) == 1
    assert firm.looks(lambda work: work.reconciliation.findings(9)) == []


def test_many_wallets_share_a_commit_while_there_is_time(
    firm: Firm, runs: Callable[..., Runs]
) -> None:
    with firm.store.work(MAIN) as work:
        for number in range(3, 13):
            work.customers.add(a_customer(f"C{number:03d}", f"客户{number}"))
        work.commit()
    for number in range(12, 0, -1):
        firm.signs(10, f"C{number:03d}")
    firm.clock.at = at("2028-12-01", "00:00")
    assert drained(runs(60.0, held_seconds=60.0).lapse) == 1
    assert [reasons(firm, CustomerId(f"C{number:03d}")) for number in range(1, 13)] == [
        [Reason.AWARD, Reason.EXPIRY]
    ] * 12
    assert firm.looks(lambda work: work.reconciliation.findings(9)) == []


def test_points_that_waited_can_be_spent_when_their_time_has_come(
    firm: Firm, runs: Callable[[float], Runs]
) -> None:
    firm.has(EventType.SURVEY_COMPLETED)
    firm.clock.at = START + 7 * DAY - timedelta(microseconds=1)
    assert drained(runs(9.0).mature) == 1
    assert reasons(firm) == [Reason.AWARD]
    firm.clock.at = START + 7 * DAY
    assert drained(runs(9.0).mature) == 1
    assert reasons(firm) == [Reason.AWARD, Reason.MATURITY]
    drained(runs(9.0).mature)
    assert len(reasons(firm)) == 2


def test_holds_out_of_time_are_given_back_once(firm: Firm, runs: Callable[[float], Runs]) -> None:
    firm.signs(100)
    late = [firm.holds(10, f"h{number}", until=START + DAY) for number in range(3)]
    kept = firm.holds(10, "kept", until=START + 2 * DAY)
    firm.acts(lambda ctx: settle_hold(ctx, late[0]))
    firm.clock.at = START + DAY
    assert drained(runs(0.0).release) == 2
    states = firm.looks(lambda work: [work.holds.get(hold).state for hold in (*late, kept)])
    assert states == [HoldState.SETTLED, HoldState.RELEASED, HoldState.RELEASED, HoldState.OPEN]
    assert drained(runs(9.0).release) == 1
    wallet = firm.looks(lambda work: work.wallets.read(C001))
    assert (wallet.available, wallet.held) == (80, 10)


def test_notices_go_out_from_nine_once_however_many_schedulers(
    firm: Firm, runs: Callable[[float], Runs]
) -> None:
    firm.signs(100)
    firm.signs(50, "C002")
    before = views(firm)
    firm.clock.at = at("2028-11-29", "08:59")
    assert drained(runs(9.0).notify) == 1
    assert views(firm) == before
    firm.clock.at = at("2028-11-29", "09:00")
    one, two = runs(0.0), runs(0.0)
    while one.notify(MAIN) or two.notify(MAIN):
        pass
    assert views(firm)[len(before) :].count("expiry_notice") == 2
    assert not runs(9.0).notify(MAIN)


def test_a_tier_lost_is_told_once(firm: Firm, runs: Callable[[float], Runs]) -> None:
    firm.signs(100)
    drained(runs(9.0).downgrade)
    before = views(firm)
    firm.clock.at = at("2026-12-01", "00:00")
    drained(runs(0.0).downgrade)
    drained(runs(0.0).downgrade)
    assert views(firm)[len(before) :].count("tier_notice") == 1


def test_records_are_compared_once_a_night_from_half_past_two(
    firm: Firm, runs: Callable[[float], Runs]
) -> None:
    firm.clock.at = at("2026-11-23", "02:29")
    runs(9.0).reconcile(MAIN)
    assert firm.looks(lambda work: work.runs.place(RECONCILE_RUN)) == ""
    firm.clock.at = at("2026-11-23", "02:30")
    assert runs(9.0).reconcile(MAIN) is False
    assert firm.looks(lambda work: work.runs.place(RECONCILE_RUN)) == "2026-11-23"
    assert firm.looks(lambda work: work.alerts.open()) == []
    runs(9.0).reconcile(MAIN)


def test_drift_raises_one_alert_and_repairs_nothing(
    firm: Firm, runs: Callable[[float], Runs]
) -> None:
    firm.signs(100)
    # A lot that no entry knows of is as wrong for the fake store as for the others.
    with firm.store.work(MAIN) as work:
        wallet = work.wallets.read(C001)
        if isinstance(firm.store, FakeStore):
            work.wallets._state.wallets[C001] = replace(wallet, available=101)  # type: ignore[attr-defined]
        else:
            work.wallets._db.run(  # type: ignore[attr-defined]
                "UPDATE wallets SET available = available + 1 WHERE tenant_id = :tenant"
            )
        work.commit()
    for day in ("2026-11-23", "2026-11-24"):
        firm.clock.at = at(day, "02:30")
        runs(9.0).reconcile(MAIN)
        runs(9.0).reconcile(MAIN)
    [alert] = firm.looks(lambda work: work.alerts.open())
    assert (alert.kind, alert.customer) == (AlertKind.DRIFT, None)
    assert firm.looks(lambda work: work.wallets.read(C001)).available == 101


def test_at_night_only_the_month_is_noted(firm: Firm, runs: Callable[[float], Runs]) -> None:
    firm.clock.at = at("2026-11-22", "01:00")
    for run in runs(9.0).all():
        run(MAIN)
    seen = firm.looks(lambda work: [work.runs.place(name) for name in ("downgrades", "reconcile")])
    assert seen == ["2026-11", ""]


def test_vouchers_end_the_day_after_their_last(firm: Firm, runs: Callable[..., Runs]) -> None:
    for number, days in ((1, 1), (2, 1), (3, 9)):
        firm.acts(
            partial(
                place, number=number, customer="C001", contact=None, quantity=2, valid_days=days
            )
        )

    def states() -> list[str]:
        with firm.store.reading(MAIN) as work:
            found = [work.redemptions.find_number(number) for number in (1, 2, 3)]
            return [one.state for one in found if one is not None]

    firm.clock.forward(DAY)
    assert runs().end_vouchers(MAIN) is False
    assert states() == ["placed", "placed", "placed"]
    firm.clock.forward(DAY)
    assert runs(0.0).end_vouchers(MAIN) is True
    assert sorted(states()) == ["fulfilled", "placed", "placed"]
    assert runs(0.0).end_vouchers(MAIN) is False
    assert states() == ["fulfilled", "fulfilled", "placed"]
    assert runs().end_vouchers(MAIN) is False


def test_customers_are_reminded_of_vouchers_from_nine_on(
    firm: Firm, runs: Callable[..., Runs]
) -> None:
    for number, customer, contact in ((1, "C001", "wang"), (2, "C002", "chen")):
        firm.acts(partial(place, number=number, customer=customer, contact=contact, valid_days=7))

    def reminders() -> int:
        with firm.store.reading(MAIN) as work:
            return len(work.vouchers.to_remind(START.date(), at("2026-12-31").date(), 7, 9))

    firm.clock.at = at("2026-11-22").replace(hour=0, minute=30)
    assert runs().remind_of_vouchers(MAIN) is False
    assert reminders() == 2
    firm.clock.at = at("2026-11-22")
    assert runs(0.0).remind_of_vouchers(MAIN) is True
    assert reminders() == 0
    assert runs().remind_of_vouchers(MAIN) is False


def test_lotteries_out_of_time_are_closed_and_tell_their_seed(
    firm: Firm, runs: Callable[[float], Runs]
) -> None:
    def hold(ctx: Context) -> None:
        draft = a_lottery(1, prizes=PRIZES[1:])
        ctx.work.lotteries.add(draft)
        ctx.work.lotteries.publish(opened(draft, commitment_of(SEED, draft.terms()), START), SEED)

    firm.acts(hold)
    assert drained(runs(9.0).close_lotteries) == 1
    assert firm.looks(lambda work: work.lotteries.get(a_lottery().id)).seed is None
    firm.clock.forward(DAY)
    assert drained(runs(9.0).close_lotteries) == 1
    closed = firm.looks(lambda work: work.lotteries.get(a_lottery().id))
    assert (closed.state, closed.seed, closed.closed_at) == ("closed", SEED, firm.clock.now())
    assert drained(runs(9.0).close_lotteries) == 1
    assert firm.looks(lambda work: work.lotteries.get(a_lottery().id)) == closed

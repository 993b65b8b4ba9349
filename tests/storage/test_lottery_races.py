"""Draws at the same moment on both engines: one winner, nothing taken from the others."""

import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from domain.approvals import Verdict
from domain.draws import DrawFault
from domain.errors import DomainError, DrawLimit, UrnEmpty
from domain.holds import HoldState
from domain.ids import ChannelId, ContactId, CustomerId, HoldId, TicketId
from domain.lotteries import Lottery
from domain.reconciling import DriftKind
from domain.repositories import Moved
from domain.rewards import Stock, StockMove
from domain.tickets import Ticket, TicketKind
from handlers.contract import ContactActor, Context
from handlers.usecases.decisions import decide
from handlers.usecases.draws import Drawn, draw_once, offer
from handlers.usecases.lotteries import (
    LotteryTerms,
    add_lottery,
    ask_opening,
    close_lottery,
)
from handlers.usecases.lottery_record import verify_lottery
from storage.db import writing
from storage.work import SqlStore
from tests.handlers.approval_steps import acting_as
from tests.handlers.lottery_steps import BOX, NOTHING, POINTS, TEA, TERMS
from tests.storage.test_concurrency import at_once
from tests.support.fakes import FakeClock, SequenceIds
from tests.support.firm import Firm
from tests.support.make import a_contact, a_customer
from tests.support.stores import MAIN

RACERS = 8
PRICE = TERMS.price
Outcome = Drawn | type[DomainError]


class SharedIds(SequenceIds):
    """Ids for several threads."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()

    @override
    def new(self) -> str:
        with self._lock:
            return super().new()


@pytest.fixture
def ids() -> SequenceIds:
    return SharedIds()


@pytest.fixture
def firm(store: SqlStore, clock: FakeClock, ids: SequenceIds) -> Firm:
    """Give a firm whose customers R1 to R8 have 100 points and somebody who draws."""
    made = Firm(store, clock, ids)
    made.opens()

    def people(ctx: Context) -> None:
        for number in range(1, RACERS + 1):
            ctx.work.customers.add(a_customer(f"R{number}", f"客户{number}"))
            ctx.work.customers.add_contact(a_contact(f"of-R{number}", f"R{number}"))
        ctx.work.rewards.add(TEA)

    made.acts(people)
    for number in range(1, RACERS + 1):
        made.signs(100, f"R{number}")
    return made


def opened(firm: Firm, terms: LotteryTerms) -> Lottery:
    """Let finance write a lottery down and the supervisor open it."""
    lottery = firm.acts(lambda ctx: add_lottery(acting_as(ctx, "zhou"), terms))
    approval = firm.acts(lambda ctx: ask_opening(acting_as(ctx, "zhou"), lottery.number))
    firm.acts(lambda ctx: decide(acting_as(ctx, "zhang"), approval.id, Verdict.APPROVE, ""))
    found: Lottery = firm.looks(lambda work: work.lotteries.get(lottery.id))
    return found


def as_customer(ctx: Context, customer: str) -> Context:
    found = ctx.work.customers.contact(ContactId(f"of-{customer}"))
    of = ctx.work.customers.get(CustomerId(customer))
    return replace(ctx, actor=ContactActor(found, of), channel=ChannelId("kf"))


def ticket(firm: Firm, lottery: Lottery, customer: str) -> Ticket:
    """Offer a draw to a customer."""
    id_ = firm.acts(lambda ctx: offer(as_customer(ctx, customer), TicketKind.DRAW, lottery))
    found: Ticket | None = firm.looks(lambda work: work.tickets.find(TicketId(id_)))
    assert found is not None
    return found


def drawing(firm: Firm, offered: Ticket, customer: str) -> Callable[[], Outcome]:
    """Make a job that draws, and says what came of it."""

    def job() -> Outcome:
        try:
            return firm.acts(lambda ctx: draw_once(as_customer(ctx, customer), offered))
        except DomainError as refusal:
            return type(refusal)

    return job


def wallet(firm: Firm, customer: str) -> tuple[int, int]:
    found: Any = firm.looks(lambda work: work.wallets.read(CustomerId(customer)))
    return found.available, found.held


def faults(firm: Firm, number: int = 1) -> list[Any]:
    found: list[Any] = firm.acts(lambda ctx: verify_lottery(ctx, number)[1])
    return found


def test_the_last_ticket_has_one_winner_and_costs_the_others_nothing(firm: Firm) -> None:
    lottery = opened(firm, replace(TERMS, prizes=(replace(POINTS, count=1),)))
    racers = [f"R{number}" for number in range(1, RACERS + 1)]
    offers = {racer: ticket(firm, lottery, racer) for racer in racers}
    outcomes = dict(
        zip(racers, at_once(*[drawing(firm, offers[r], r) for r in racers]), strict=True)
    )
    [winner] = [racer for racer, outcome in outcomes.items() if isinstance(outcome, Drawn)]
    assert Counter(map(str, outcomes.values()))[str(UrnEmpty)] == RACERS - 1
    for racer in racers:
        assert wallet(firm, racer) == ((100 - PRICE + 100, 0) if racer == winner else (100, 0))
    [draw] = firm.looks(lambda work: work.lotteries.draws(lottery.id))
    assert draw.customer == winner
    assert faults(firm) == []


def test_many_at_once_empty_the_urn_and_nothing_is_drawn_twice(firm: Firm) -> None:
    firm.acts(lambda ctx: _receive(ctx, 3))
    lottery = opened(firm, replace(TERMS, prizes=(BOX, replace(POINTS, count=3), NOTHING)))
    racers = [f"R{number}" for number in range(1, RACERS + 1)]
    jobs = [
        drawing(firm, ticket(firm, lottery, racer), racer) for racer in racers for _ in range(2)
    ]
    outcomes = [outcome for part in (jobs[:8], jobs[8:]) for outcome in at_once(*part)]
    assert sum(isinstance(outcome, Drawn) for outcome in outcomes) == 10
    assert outcomes.count(UrnEmpty) == 6
    left = firm.looks(lambda work: work.lotteries.get(lottery.id))
    assert (left.drawn, left.left) == (10, 0)
    draws = firm.looks(lambda work: work.lotteries.draws(lottery.id))
    assert [draw.number for draw in draws] == list(range(1, 11))
    assert firm.looks(lambda work: work.stocks.of(TEA.id)) == Stock(available=1, held=2)
    assert firm.looks(lambda work: work.reconciliation.findings(9)) == []
    firm.acts(lambda ctx: close_lottery(acting_as(ctx, "zhou"), 1))
    assert firm.looks(lambda work: work.stocks.of(TEA.id)) == Stock(available=1, held=2)
    assert faults(firm) == []


def test_one_ticket_tapped_by_eight_threads_draws_once(firm: Firm) -> None:
    lottery = opened(firm, replace(TERMS, prizes=(NOTHING,)))
    offered = ticket(firm, lottery, "R1")
    outcomes = at_once(*[drawing(firm, offered, "R1")] * RACERS)
    assert len({outcome.draw for outcome in outcomes if isinstance(outcome, Drawn)}) == 1
    assert all(isinstance(outcome, Drawn) for outcome in outcomes)
    assert wallet(firm, "R1") == (100 - PRICE, 0)
    hold = firm.looks(lambda work: work.holds.find(HoldId(outcomes[0].draw.id)))  # type: ignore[union-attr]
    assert hold.state is HoldState.SETTLED


def test_a_limit_holds_against_two_phones(firm: Firm) -> None:
    lottery = opened(firm, replace(TERMS, prizes=(NOTHING,), per_day=1))
    jobs = [drawing(firm, ticket(firm, lottery, "R1"), "R1") for _ in range(4)]
    outcomes = at_once(*jobs)
    assert sum(isinstance(outcome, Drawn) for outcome in outcomes) == 1
    assert outcomes.count(DrawLimit) == 3
    assert wallet(firm, "R1") == (100 - PRICE, 0)


def test_closing_and_drawing_do_not_meet(firm: Firm) -> None:
    lottery = opened(firm, replace(TERMS, prizes=(NOTHING,)))
    jobs: list[Callable[[], Any]] = [
        drawing(firm, ticket(firm, lottery, f"R{number}"), f"R{number}") for number in (1, 2, 3)
    ]
    jobs.append(partial(firm.acts, lambda ctx: close_lottery(acting_as(ctx, "zhou"), 1)))
    at_once(*jobs)
    ended = firm.looks(lambda work: work.lotteries.get(lottery.id))
    assert ended.seed is not None
    assert faults(firm) == []


def test_the_seed_stands_nowhere_in_the_database_before_closing(
    sqlite_store: SqlStore, sqlite_url: str, clock: FakeClock, ids: SequenceIds
) -> None:
    firm = Firm(sqlite_store, clock, ids)
    firm.opens()
    lottery = opened(firm, replace(TERMS, prizes=(NOTHING,)))
    seed = firm.looks(lambda work: work.lotteries.secret(lottery.id))
    assert len(seed) == 43
    assert seed not in _dump(sqlite_url)
    firm.acts(lambda ctx: close_lottery(acting_as(ctx, "zhou"), 1))
    assert seed in _dump(sqlite_url)


TAMPERING = {
    "a draw's customer": ("UPDATE draws SET customer_id = 'R2' WHERE number = 1", "hash"),
    "a draw's prize": ("UPDATE draws SET prize = 3 - prize WHERE number = 1", "prize"),
    "a draw's time": ("UPDATE draws SET drawn_at = '2026-01-01 00:00:00.000000'", "hash"),
    "a number": ("UPDATE draws SET number = number + 10 WHERE number = 4", "number"),
    "a prize": ("UPDATE lottery_prizes SET points = 7 WHERE place = 1", "commitment"),
    "a count": ("UPDATE lottery_prizes SET tickets = tickets + 1 WHERE place = 1", "commitment"),
    "the price": ("UPDATE lotteries SET price = 1", "commitment"),
    "the commitment": ("UPDATE lotteries SET commitment = 'x'", "commitment"),
    "what is left": ("UPDATE lottery_prizes SET remaining = tickets WHERE place = 1", "left"),
    "the last draw": ("DELETE FROM draws WHERE number = 4", "head"),
}


@pytest.mark.parametrize("name", TAMPERING)
def test_what_is_changed_past_the_triggers_is_found(
    sqlite_store: SqlStore, clock: FakeClock, ids: SequenceIds, name: str
) -> None:
    firm = Firm(sqlite_store, clock, ids)
    firm.opens()
    firm.acts(lambda ctx: ctx.work.customers.add(a_customer("R1", "客户一")))
    firm.acts(lambda ctx: ctx.work.customers.add(a_customer("R2", "客户二")))
    firm.acts(lambda ctx: ctx.work.customers.add_contact(a_contact("of-R1", "R1")))
    firm.signs(200, "R1")
    lottery = opened(firm, replace(TERMS, prizes=(replace(POINTS, count=4), NOTHING)))
    for _ in range(4):
        drawing(firm, ticket(firm, lottery, "R1"), "R1")()
    assert faults(firm) == []
    statement, expected = TAMPERING[name]
    with writing(sqlite_store.database, MAIN) as db:
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND :tenant <> ''"
        for (trigger,) in db.all(triggers):
            db.run(f"DROP TRIGGER {trigger} -- :tenant")
        db.run(f"{statement} -- :tenant")
        db.commit()
    assert DrawFault(expected) in {one.fault for one in faults(firm)}


def _receive(ctx: Context, quantity: int) -> None:
    moved = Moved(ctx.ids.new(), TEA.id, StockMove.RECEIVE, quantity, None, "system", ctx.now)
    assert ctx.work.stocks.move(moved)


def _dump(url: str) -> str:
    with sqlite3.connect(Path(url.removeprefix("sqlite:///"))) as database:
        found = "\n".join(database.iterdump())
    database.close()
    return found


def test_what_is_set_aside_for_an_urn_agrees_with_the_stock(firm: Firm) -> None:
    firm.acts(lambda ctx: _receive(ctx, 5))
    lottery = opened(firm, replace(TERMS, prizes=(replace(BOX, count=3),)))
    assert firm.looks(lambda work: work.reconciliation.findings(9)) == []
    drawing(firm, ticket(firm, lottery, "R1"), "R1")()
    assert firm.looks(lambda work: work.stocks.of(TEA.id)) == Stock(available=2, held=3)
    assert firm.looks(lambda work: work.reconciliation.findings(9)) == []
    with writing(firm.store.database, MAIN) as db:  # type: ignore[union-attr]
        db.run("UPDATE stocks SET held = held + 1 WHERE tenant_id = :tenant")
        db.commit()
    found = firm.looks(lambda work: work.reconciliation.findings(9))
    assert {one.kind for one in found} == {DriftKind.STOCK_MOVES, DriftKind.STOCK_REDEMPTIONS}
    firm.acts(lambda ctx: close_lottery(acting_as(ctx, "zhou"), 1))
    assert firm.looks(lambda work: work.stocks.of(TEA.id)) == Stock(available=4, held=2)

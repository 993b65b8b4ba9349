"""The lotteries of the firm that is killed: two open ones, one to be opened, one out of time."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from domain.approvals import Verdict
from domain.ids import ContactId, CustomerId, TicketId
from domain.ports import Work
from domain.repositories import Moved
from domain.rewards import StockMove
from domain.tickets import TicketKind
from handlers.contract import ContactActor, Context
from handlers.usecases.decisions import decide
from handlers.usecases.draws import draw_once, offer
from handlers.usecases.lotteries import (
    LotteryTerms,
    add_lottery,
    ask_opening,
    find_lottery,
)
from storage.db import reading
from tests.handlers.approval_steps import acting_as
from tests.handlers.lottery_steps import BOX, NOTHING, POINTS, TEA, TERMS
from tests.kills.life import Life
from tests.support.firm import Firm
from tests.support.make import a_contact, a_customer
from tests.support.stores import MAIN

PLAYER = "L001"
OF_POINTS, OF_BOXES, TO_OPEN, OVER = 1, 2, 3, 4
"""The numbers of the lotteries."""


def hold_lotteries(firm: Firm) -> None:
    """Let a customer have points, and lotteries to spend them on."""
    firm.acts(_people)
    firm.signs(100, PLAYER)
    terms = {
        OF_POINTS: replace(TERMS, prizes=(POINTS,)),
        OF_BOXES: replace(TERMS, prizes=(BOX,)),
        TO_OPEN: replace(TERMS, prizes=(BOX, NOTHING)),
        OVER: replace(TERMS, prizes=(BOX,), closes_at=TERMS.opens_at + timedelta(days=9)),
    }
    for number, one in terms.items():
        firm.acts(partial(_write_down, terms=one))
        firm.acts(partial(_ask, number=number))
        if number != TO_OPEN:
            firm.acts(partial(_open, number=number))
    for number in (OF_POINTS, OF_BOXES):
        firm.acts(partial(_offer, number=number))


def draw(life: Life, number: int) -> None:
    """Let the customer confirm what a preview has offered."""
    with reading(life.store.database, MAIN) as db:
        tickets = db.all(
            "SELECT id FROM tickets WHERE tenant_id = :tenant AND kind = 'draw' ORDER BY id"
        )
    ticket = TicketId(tickets[number - 1][0])

    def act(ctx: Context) -> None:
        found = ctx.work.tickets.find(ticket)
        assert found is not None
        draw_once(ctx, found)

    life.runtime.act(MAIN, act, actor=_player)


def _player(work: Work) -> ContactActor:
    return ContactActor(
        work.customers.contact(ContactId(f"of-{PLAYER}")), work.customers.get(CustomerId(PLAYER))
    )


def _people(ctx: Context) -> None:
    ctx.work.customers.add(a_customer(PLAYER, "抽奖的客户"))
    ctx.work.customers.add_contact(a_contact(f"of-{PLAYER}", PLAYER))
    ctx.work.rewards.add(TEA)
    moved = Moved(ctx.ids.new(), TEA.id, StockMove.RECEIVE, 9, None, "system", ctx.now)
    assert ctx.work.stocks.move(moved)


def _write_down(ctx: Context, terms: LotteryTerms) -> None:
    add_lottery(acting_as(ctx, "zhou"), terms)


def _ask(ctx: Context, number: int) -> None:
    ask_opening(acting_as(ctx, "zhou"), number)


def _open(ctx: Context, number: int) -> None:
    pending = ctx.work.approvals.find_pending(find_lottery(ctx.work, str(number)).subject)
    assert pending is not None
    decide(acting_as(ctx, "zhang"), pending.id, Verdict.APPROVE, "")


def _offer(ctx: Context, number: int) -> None:
    acting = replace(ctx, actor=_player(ctx.work))
    offer(acting, TicketKind.DRAW, find_lottery(ctx.work, str(number)))

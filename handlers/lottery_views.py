"""Lotteries and draws as a customer sees them, with the buttons that can be pressed."""

from datetime import timedelta

from domain.calendar import business_date
from domain.lotteries import Lottery, LotteryState, draws_left
from domain.tickets import TicketKind
from handlers.actors import contact_of
from handlers.contract import Context
from handlers.menu import rights
from handlers.permissions import Permission
from handlers.usecases.draws import Drawn, count_draws, offer
from handlers.usecases.statement import read_balance
from handlers.views import (
    DrawPreview,
    DrawResult,
    LotteryCard,
    LotteryLine,
    LotteryList,
    PrizeLine,
)

SHOWN = 16
"""So many characters of a hash are shown: nobody finds another text that begins with them."""
_BASIS = 10_000
_SMALLEST = "<0.01"


def lottery_card(ctx: Context, lottery: Lottery) -> LotteryCard:
    """Show a lottery with its odds at this moment."""
    _, customer = contact_of(ctx)
    today, ever = count_draws(ctx, lottery, customer.id)
    left = draws_left(lottery, today=today, ever=ever)
    is_closed = lottery.state is LotteryState.CLOSED or ctx.now >= lottery.closes_at
    is_early = ctx.now < lottery.opens_at
    may_draw = Permission.REDEEM in rights(ctx)
    can_draw = may_draw and not is_closed and not is_early and lottery.left > 0 and left != 0
    wallet, _ = read_balance(ctx, customer.id)
    total = lottery.left
    return LotteryCard(
        ticket=offer(ctx, TicketKind.LOTTERY, lottery) if can_draw else "",
        number=lottery.number,
        name=lottery.name,
        price=lottery.price,
        prizes=tuple(
            PrizeLine(prize.name, prize.left, total, share(prize.left, total))
            for prize in lottery.prizes
        ),
        available=wallet.available,
        draws_left=left,
        opens_at=lottery.opens_at.isoformat(timespec="seconds") if is_early else "",
        closes_at=lottery.closes_at.isoformat(timespec="seconds"),
        is_closed=is_closed,
        commitment=lottery.commitment[:SHOWN],
        page=page_of(ctx, lottery),
    )


def lottery_list(lotteries: list[Lottery]) -> LotteryList:
    """Show the lotteries there are."""
    return LotteryList(
        tuple(
            LotteryLine(
                one.number, one.name, one.price, one.closes_at.isoformat(timespec="seconds")
            )
            for one in lotteries
        )
    )


def draw_preview(ctx: Context, lottery: Lottery, available: int) -> DrawPreview:
    """Ask once more, with the price."""
    return DrawPreview(
        ticket=offer(ctx, TicketKind.DRAW, lottery),
        lottery=lottery.name,
        price=lottery.price,
        available=available,
        total=lottery.left,
    )


def draw_result(ctx: Context, drawn: Drawn) -> DrawResult:
    """Show what was drawn."""
    draw, lottery, prize = drawn.draw, drawn.lottery, drawn.prize
    today, ever = count_draws(ctx, lottery, draw.customer)
    wallet, _ = read_balance(ctx, draw.customer)
    last_day = drawn.ends_at and business_date(drawn.ends_at - timedelta(microseconds=1))
    return DrawResult(
        lottery=lottery.name,
        lottery_number=lottery.number,
        number=draw.number,
        kind=prize.kind,
        prize=prize.name,
        points=prize.points,
        ends_on=last_day.isoformat() if last_day else "",
        redemption=drawn.redemption.number if drawn.redemption else 0,
        price=draw.price,
        available=wallet.available,
        draws_left=draws_left(lottery, today=today, ever=ever),
        drawn_at=draw.drawn_at.isoformat(timespec="seconds"),
        code=draw.hash[:SHOWN],
        commitment=lottery.commitment[:SHOWN],
        page=page_of(ctx, lottery),
    )


def page_of(ctx: Context, lottery: Lottery) -> str:
    """Give where everybody can read the record of a lottery."""
    return f"/app/lottery/{ctx.work.tenant}.{lottery.number}"


def share(left: int, total: int) -> str:
    """Write odds in percent, rounded down to two places: what is shown is never too good."""
    basis = left * _BASIS // total if total else 0
    if left and not basis:
        return _SMALLEST
    whole, part = divmod(basis, 100)
    return f"{whole}.{part:02d}".rstrip("0").rstrip(".")

"""Ordering back-tests of stored drafts, and what has become of an order."""

from dataclasses import dataclass
from datetime import datetime

from domain import drafts as life
from domain.backtest_orders import BacktestOrder, OrderState
from domain.errors import UnknownBacktest
from domain.ids import ApiKeyId, BacktestId, MemberId
from domain.replay.drafts import Period
from domain.repositories import Backtest
from handlers.actors import member_of
from handlers.audit import write_note
from handlers.contract import Context
from handlers.menu import rights
from handlers.permissions import Permission, check
from handlers.usecases.drafts import find_draft


class OrderLost(Exception):
    """Somebody else has claimed the order meanwhile: what comes out of this try is not kept."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a back-test stands."""

    state: OrderState
    period: Period
    by: MemberId | None
    """Who wanted it; None for the machine itself."""
    started_at: datetime | None
    finished_at: datetime | None
    order: BacktestOrder | None
    """None when it was run without one, from the command line."""
    result: Backtest | None


def order_backtest(ctx: Context, number: int, period: Period, key: ApiKeyId) -> BacktestOrder:
    """Have a draft tested on the recorded past; the draft keeps the result if it is exact.

    Locks the draft.

    Raises:
        NotPermitted: the actor may not edit rules.
        UnknownDraft: no such number.
        DraftClosed: it waits for a verdict, or has ended: it could keep no result.
    """
    check(Permission.EDIT_RULES, rights(ctx))
    found = find_draft(ctx, str(number))
    life.refuse_closed(found)
    order = BacktestOrder(
        id=BacktestId(ctx.ids.new()),
        draft=found.number,
        says=found.says,
        period=period,
        by=member_of(ctx).id,
        api_key=key,
        ordered_at=ctx.now,
    )
    ctx.work.backtest_orders.add(order)
    after: dict[str, object] = {"backtest": order.id, "says": order.says}
    write_note(ctx, "backtest_ordered", f"rule_draft:{found.id}", after=after)
    return order


def find_backtest(ctx: Context, backtest: BacktestId) -> Standing:
    """Tell how a back-test stands, whoever has ordered or run it.

    Raises:
        UnknownBacktest: nobody has.
    """
    order, result = ctx.work.backtest_orders.get(backtest), ctx.work.backtests.get(backtest)
    if order is not None:
        return Standing(
            state=order.state,
            period=order.period,
            by=order.by,
            started_at=order.started_at,
            finished_at=order.finished_at,
            order=order,
            result=result,
        )
    if result is not None:
        return Standing(
            state=OrderState.DONE,
            period=Period(result.first, result.last),
            by=result.by,
            started_at=result.started_at,
            finished_at=result.finished_at,
            order=None,
            result=result,
        )
    raise UnknownBacktest(backtest)


def finish(ctx: Context, claimed: BacktestOrder) -> None:
    """Note that an order is done, in the transaction that keeps its result.

    Raises:
        OrderLost: it was claimed anew; nothing of this transaction may be kept.
    """
    if not ctx.work.backtest_orders.finish(claimed, ctx.now):
        raise OrderLost(claimed.id)

"""Running back-tests, in as many processes as the customers can be split over.

Each process has a reading transaction of its own; what is recorded after the plan was made is left
out, so that all of them see the same past.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from multiprocessing import get_context
from queue import Empty
from typing import Any

from bot.backtest_shares import begin, play, play_apart
from bot.settings import Settings
from bot.wiring import Parts
from domain.backtest_orders import BacktestOrder
from domain.customers import Customer
from domain.errors import DraftUntested
from domain.ids import TenantId
from domain.replay.drafts import Draft, Period
from domain.replay.report import Json
from domain.replay.running import Plan, Replayed
from domain.repositories import Backtest
from handlers.contract import Actor, Context, Machine, MemberActor
from handlers.usecases import backtests, drafts
from handlers.usecases.backtests import Layout

_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Order:
    """What to run."""

    tenant: TenantId
    draft: Draft | None
    period: Period
    checks: bool = True
    jobs: int = 1
    number: int | None = None
    """The stored draft that is tested in place of `draft`; it keeps the result if it is exact."""
    claimed: BacktestOrder | None = None
    """The stored order, if it is one: it is finished with the result, and says who wanted it."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Hears how far it is, in entries of the ledger, and ends it by raising something."""

    begin: Callable[[int], None]
    advance: Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Done:
    """A back-test that was run and stored."""

    backtest: Backtest
    report: Json
    customers: Sequence[Customer]


def run_backtest(settings: Settings, order: Order, watch: Watch) -> Done:
    """Run a back-test with parts of its own and store what came out.

    Raises:
        NotMigrated: the database has not the newest schema.
        Exception: as `run` has it.
    """
    parts = Parts(settings).ready()
    try:
        return run(parts, order, watch)
    finally:
        parts.close()


def run_order(parts: Parts, tenant: TenantId, claimed: BacktestOrder, watch: Watch) -> bool:
    """Run what was ordered; tell whether the past came out exactly.

    Raises:
        OrderLost: somebody else has claimed it meanwhile; nothing is kept.
        Exception: as `run` has it.
    """
    order = Order(tenant, None, claimed.period, number=claimed.draft, claimed=claimed)
    return run(parts, order, watch).backtest.is_exact


def run(parts: Parts, order: Order, watch: Watch) -> Done:
    """Run a back-test and store what came out.

    Raises:
        LookupError: no such tenant.
        UnknownDraft: no draft of that number.
        DraftClosed: the stored draft waits for a verdict, or has ended.
        DraftUntested: the stored draft says something else by now; nothing is kept.
    """
    if order.tenant not in parts.store.tenants():
        raise LookupError(f"no tenant: {order.tenant}")
    claimed, saved = order.claimed, None
    if order.number is not None:
        number = order.number
        saved = parts.runtime.look(order.tenant, lambda ctx: drafts.as_tested(ctx, number))
        if claimed is not None and claimed.says != saved.says:
            raise DraftUntested(number)
        order = replace(order, draft=saved.draft, period=saved.within(order.period))
    with parts.store.reading(order.tenant) as work:
        planned = backtests.plan(
            work, parts.clock.now(), order.draft, order.period, checks=order.checks
        )
        layout = backtests.layout(work, planned)
        customers = work.customers.ever()
        actor: Actor = Machine() if claimed is None else MemberActor(work.members.get(claimed.by))
    watch.begin(layout.entries)
    replayed = _replay(parts.settings, order, planned, layout, watch.advance)
    kept: list[tuple[Backtest, Json]] = []

    def keep(ctx: Context) -> None:
        kept.append(backtests.keep(ctx, planned, replayed, claimed))
        if saved is not None and kept[-1][0].is_exact:
            drafts.note_backtest(ctx, saved.number, kept[-1][0].id, saved.says)

    # Who acts was read before: asked in here, it would begin the transaction before the report.
    sender = f"apikey:{claimed.api_key}" if claimed else ""
    parts.runtime.act(order.tenant, keep, actor=lambda _: actor, sender=sender)
    return Done(*kept[-1], customers)


def _replay(
    settings: Settings,
    order: Order,
    planned: Plan,
    layout: Layout,
    advance: Callable[[int], None],
) -> Replayed:
    url, shares = settings.resolved_database_url, layout.shares(order.jobs)
    if len(shares) == 1:
        return play(url, order.tenant, planned, shares[0], advance)
    context = get_context("spawn")
    told = context.Queue()
    with ProcessPoolExecutor(len(shares), context, initializer=begin, initargs=(told,)) as pool:
        running = [pool.submit(play_apart, url, order.tenant, planned, share) for share in shares]
        while wait(running, timeout=0).not_done:
            _pass_on(told, advance)
        first, *others = [one.result() for one in running]
    for other in others:
        first.add(other)
    return first


def _pass_on(told: Any, advance: Callable[[int], None]) -> None:
    try:
        advance(told.get(timeout=_LOOK_SECONDS))
    except Empty:
        return

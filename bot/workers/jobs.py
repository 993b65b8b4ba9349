"""The jobs on the RQ queue: small functions with a few ids, whose truth stands in the database.

RQ imports them by name, so what they work with is installed once per worker process.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps

import structlog

from bot.deliveries import Sender
from bot.hints import Hints
from bot.runtime import Runtime
from bot.settings import Settings
from domain.errors import DomainError
from domain.ids import BacktestId, DeliveryId, InboxId, TenantId
from domain.replay.drafts import Period


@dataclass(frozen=True, slots=True)
class Bench:
    """What a worker process works with."""

    runtime: Runtime
    sender: Sender
    hints: Hints
    settings: Settings


log = structlog.get_logger(__name__)

_installed: list[Bench] = []
Job = Callable[..., None]


def install(bench: Bench) -> None:
    """Give this process its bench, before it takes jobs."""
    _installed[:] = [bench]


def _kept_in(job: Job) -> Job:
    """End a job that fails without RQ keeping its traceback: texts may stand in it.

    What it worked on is still due in the database and is swept; a back-test is ordered again.
    """

    @wraps(job)
    def guarded(tenant: str, row: str, *more: str) -> None:
        try:
            job(tenant, row, *more)
        except Exception as error:  # noqa: BLE001  the edge of a job: log, the sweep comes again
            log.error("job_failed", row=row, exc=error)  # noqa: TRY400  frames only, no texts

    return guarded


@_kept_in
def deliver(tenant: str, delivery: str) -> None:
    """Send one delivery and what waits behind it; harmless when somebody else has."""
    bench = _installed[0]
    queued = bench.sender.deliver(TenantId(tenant), DeliveryId(delivery))
    bench.hints.deliver(TenantId(tenant), queued)


@_kept_in
def handle(tenant: str, item: str) -> None:
    """Handle one inbox item; harmless when somebody else has."""
    bench = _installed[0]
    done = bench.runtime.handle(TenantId(tenant), InboxId(item))
    bench.hints.after(TenantId(tenant), done)


@_kept_in
def backtest(tenant: str, row: str, number: str, says: str, days: str) -> None:
    """Test a stored draft; one that was changed, submitted or dropped meanwhile keeps nothing."""
    # lazy: it builds parts of its own, and the parts know this module.
    from bot.backtesting import UNWATCHED, Order, run_backtest

    first, last = days.split("/")
    order = Order(
        TenantId(tenant),
        None,
        Period(_day(first), _day(last)),
        number=int(number),
        says=says,
        goes_by=BacktestId(row),
    )
    try:
        done = run_backtest(_installed[0].settings, order, UNWATCHED)
    except DomainError as refusal:
        log.info("backtest_refused", row=row, code=refusal.code)
    else:
        log.info("backtest_run", row=row, is_exact=done.backtest.is_exact)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None

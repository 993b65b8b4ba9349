"""The jobs on the RQ queue: small functions with a few ids, whose truth stands in the database.

RQ imports them by name, so what they work with is installed once per worker process.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

import structlog

from bot.deliveries import Sender
from bot.hints import Hints
from bot.runtime import Runtime
from domain.ids import DeliveryId, InboxId, TenantId


@dataclass(frozen=True, slots=True)
class Bench:
    """What a worker process works with."""

    runtime: Runtime
    sender: Sender
    hints: Hints


log = structlog.get_logger(__name__)

_installed: list[Bench] = []
Job = Callable[..., None]


def install(bench: Bench) -> None:
    """Give this process its bench, before it takes jobs."""
    _installed[:] = [bench]


def _kept_in(job: Job) -> Job:
    """End a job that fails without RQ keeping its traceback: texts may stand in it.

    What it worked on is still due in the database and is swept.
    """

    @wraps(job)
    def guarded(tenant: str, row: str) -> None:
        try:
            job(tenant, row)
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

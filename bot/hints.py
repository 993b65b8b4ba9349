"""Telling the workers that there is something to do: a hint, never the truth.

Rows in the database say what is due; a sweep finds them if a hint is lost. So a queue that is down
costs a little latency and nothing else. Only back-tests are due by no row: who orders one hears
whether the queue has it.
"""

import time
from collections.abc import Iterable

import structlog
from redis.exceptions import RedisError
from rq import Queue
from rq.exceptions import DuplicateJobError

from bot.runtime import Done
from domain.drafts import Draft
from domain.ids import BacktestId, DeliveryId, InboxId, TenantId
from domain.replay.drafts import Period

log = structlog.get_logger(__name__)

DELIVER = "bot.workers.jobs.deliver"
HANDLE = "bot.workers.jobs.handle"
BACKTEST = "bot.workers.jobs.backtest"
PAUSE_SECONDS = 2.0
"""How long no hint is tried after the queue did not answer."""
JOB_SECONDS = 60
BACKTEST_SECONDS = 3600


class Hints:
    """Puts ids on the RQ queue."""

    def __init__(self, queue: Queue) -> None:
        """Keep the queue; its Redis client must fail fast (0.3 s)."""
        self._queue = queue
        self._paused_until = 0.0

    def after(self, tenant: TenantId, done: Done) -> bool:
        """Hint at everything a handled item led to; False when the queue did not take it."""
        return self.deliver(tenant, done.deliveries) and self.handle(tenant, done.wake)

    def deliver(
        self, tenant: TenantId, deliveries: Iterable[DeliveryId], *, stamp: str = ""
    ) -> bool:
        """Hint at deliveries that can go out; the same stamp and id is only queued once."""
        return all(
            self._put(DELIVER, (tenant, delivery), f"{delivery}-{stamp}" if stamp else None)
            for delivery in deliveries
        )

    def handle(self, tenant: TenantId, items: Iterable[InboxId], *, stamp: str = "") -> bool:
        """Hint at inbox items that wait."""
        return all(
            self._put(HANDLE, (tenant, item), f"{item}-{stamp}" if stamp else None)
            for item in items
        )

    def backtest(
        self, tenant: TenantId, backtest: BacktestId, draft: Draft, period: Period
    ) -> bool:
        """Have a stored draft tested; False when the queue did not take it. Safe to repeat."""
        days = ["" if day is None else day.isoformat() for day in (period.first, period.last)]
        args = (tenant, backtest, str(draft.number), draft.says, "/".join(days))
        return self._put(BACKTEST, args, backtest, seconds=BACKTEST_SECONDS)

    def _put(
        self, job: str, args: tuple[str, ...], only: str | None, *, seconds: int = JOB_SECONDS
    ) -> bool:
        """Queue a job; one that goes by a name is only queued once."""
        if time.monotonic() < self._paused_until:
            return False
        try:
            self._queue.enqueue(
                job,
                *args,
                job_id=only,
                unique=only is not None,
                result_ttl=0,
                failure_ttl=3600,
                job_timeout=seconds,
            )
        except DuplicateJobError:
            return True
        except (RedisError, OSError):
            self._paused_until = time.monotonic() + PAUSE_SECONDS
            log.warning("queue_unreachable")
            return False
        return True

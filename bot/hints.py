"""Telling the workers that there is something to do: a hint, never the truth.

Rows in the database say what is due; a sweep finds them if a hint is lost. So a queue that is down
costs a little latency and nothing else.
"""

import time
from collections.abc import Iterable

import structlog
from redis.exceptions import RedisError
from rq import Queue
from rq.exceptions import DuplicateJobError

from bot.runtime import Done
from domain.ids import DeliveryId, InboxId, TenantId

log = structlog.get_logger(__name__)

DELIVER = "bot.workers.jobs.deliver"
HANDLE = "bot.workers.jobs.handle"
PAUSE_SECONDS = 2.0
"""How long no hint is tried after the queue did not answer."""
JOB_SECONDS = 60


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

    def _put(self, job: str, args: tuple[str, ...], only: str | None) -> bool:
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
                job_timeout=JOB_SECONDS,
            )
        except DuplicateJobError:
            return True
        except (RedisError, OSError):
            self._paused_until = time.monotonic() + PAUSE_SECONDS
            log.warning("queue_unreachable")
            return False
        return True

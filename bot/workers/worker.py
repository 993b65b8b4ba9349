"""The RQ worker process."""

import signal
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import SimpleWorker
from typing_extensions import override

from bot.hints import DELIVER, HANDLE
from bot.workers.jobs import Bench, install

log = structlog.get_logger(__name__)

QUEUE = "zhufen"
WORKER_TTL_SECONDS = 25
"""Short, so that an idle worker looks after abandoned jobs soon; rows are swept anyway."""
AGAIN_SECONDS = 1.0


def make_queue(redis: Redis) -> Queue:
    """Build the queue. JSON only: who can write to the queue must not be able to run code."""
    return Queue(QUEUE, connection=redis, serializer=JSONSerializer)


class ForeignJob(Exception):
    """A job on the queue is none of ours."""


class OurJob(Job):
    """A job of ours: RQ itself would import and call whatever a job names."""

    @property
    @override
    def func(self) -> Callable[..., Any]:
        """Give the function, if it is one of those there are."""
        if self.instance or self.func_name not in (DELIVER, HANDLE):
            raise ForeignJob
        return super().func  # type: ignore[no-any-return]

    # The names of these stand in the job as well; ours have none.
    success_callback = failure_callback = stopped_callback = property(lambda _: None)


class _Worker(SimpleWorker):
    """RQ's worker, which here looks for a lost queue every two seconds and says why it ended."""

    max_connection_wait_time = 2.0
    is_asked_to_stop = False

    @override
    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self.is_asked_to_stop = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]


def run_worker(redis: Redis, bench: Bench) -> None:
    """Work until SIGTERM, finishing the job in hand.

    Jobs run in this process: no fork each, so a warning leaves within milliseconds. A job that
    hangs is ended by RQ's alarm; a killed worker leaves rows whose leases lapse and are swept. RQ
    gives up when the queue goes away in the middle of a job; we begin again.
    """
    install(bench)
    while True:
        # RQ puts its own handlers in their place while it works. A terminal's Ctrl-C reaches the
        # supervisor as well, which sends SIGTERM in its own order.
        signal.signal(signal.SIGTERM, _end)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        log.info("role_begun", role="worker")
        if _work(redis):
            return
        log.warning("queue_lost")
        time.sleep(AGAIN_SECONDS)


def _end(_signum: int, _frame: FrameType | None) -> None:
    """End between two runs of RQ, when no job is in hand."""
    raise SystemExit(0)


def _work(redis: Redis) -> bool:
    """Work until asked to stop (True) or until the queue is lost."""
    worker: _Worker | None = None
    try:
        worker = _Worker(
            [make_queue(redis)],
            connection=redis,
            job_class=OurJob,
            serializer=JSONSerializer,
            worker_ttl=WORKER_TTL_SECONDS,
            maintenance_interval=60,
            job_monitoring_interval=5,
        )
        worker.work(logging_level="ERROR", with_scheduler=False)
    except (RedisError, OSError) as error:
        log.warning("queue_unreachable", error=type(error).__name__)
    return worker is not None and worker.is_asked_to_stop

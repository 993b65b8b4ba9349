"""The RQ worker process."""

import signal

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from rq.worker import SimpleWorker

from bot.workers.jobs import Bench, install

QUEUE = "zhufen"
WORKER_TTL_SECONDS = 25
"""Short, so that an idle worker looks after abandoned jobs soon; rows are swept anyway."""


def make_queue(redis: Redis) -> Queue:
    """Build the queue. JSON only: who can write to the queue must not be able to run code."""
    return Queue(QUEUE, connection=redis, serializer=JSONSerializer)


def run_worker(redis: Redis, bench: Bench) -> None:
    """Work until SIGTERM, finishing the job in hand.

    Jobs run in this process: no fork each, so a warning leaves within milliseconds. A job that
    hangs is ended by RQ's alarm; a killed worker leaves rows whose leases lapse and are swept.
    """
    install(bench)
    worker = SimpleWorker(
        [make_queue(redis)],
        connection=redis,
        serializer=JSONSerializer,
        worker_ttl=WORKER_TTL_SECONDS,
        maintenance_interval=60,
        job_monitoring_interval=5,
    )
    # The supervisor ignores Ctrl-C for its children and sends SIGTERM in its own order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    worker.work(logging_level="ERROR", with_scheduler=False)

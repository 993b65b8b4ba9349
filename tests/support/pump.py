"""The worker and the scheduler as threads: real RQ jobs from a real queue, and fast ticks."""

import asyncio
import threading
import time

from redis import Redis
from rq.serializers import JSONSerializer
from rq.timeouts import BaseDeathPenalty
from rq.worker import SimpleWorker
from typing_extensions import override

from bot.dingtalk_stream import hold_streams
from bot.wiring import MAIN, Parts
from bot.workers.jobs import install
from bot.workers.worker import make_queue
from tests.support.servers import ENDS_WITHIN, LoopThread

TICK_SECONDS = 0.15


class NoPenalty(BaseDeathPenalty):
    """RQ's alarm needs the main thread, which is the test's."""

    @override
    def setup_death_penalty(self) -> None:
        pass

    @override
    def cancel_death_penalty(self) -> None:
        pass


class ThreadWorker(SimpleWorker):
    """RQ's worker without signals."""

    death_penalty_class = NoPenalty

    @override
    def _install_signal_handlers(self) -> None:
        pass

    @override
    def subscribe(self) -> None:
        """Listen to no commands: ending that thread takes a second."""

    @override
    def unsubscribe(self) -> None:
        pass

    def stop(self) -> None:
        """End after the next job."""
        self._stop_requested = True


class Worker:
    """A worker thread; the parts' jobs are the process's jobs while it runs."""

    def __init__(self, parts: Parts) -> None:
        install(parts.bench)
        self._redis = Redis.from_url(parts.redis_address)
        self._queue = make_queue(self._redis)
        self._worker = ThreadWorker(
            [self._queue], connection=self._redis, serializer=JSONSerializer, worker_ttl=420
        )
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        self._worker.work(logging_level="ERROR")

    def close(self) -> None:
        self._worker.stop()
        deadline = time.monotonic() + ENDS_WITHIN
        while self._thread.is_alive():
            assert time.monotonic() < deadline, "the worker did not end"
            # A blocked worker looks at its flag after a job; this one finds nothing to do, and may
            # be taken by another worker.
            self._queue.enqueue("bot.workers.jobs.deliver", "main", "nothing", result_ttl=0)
            self._thread.join(0.05)
        self._redis.close()


class Ticker:
    """A scheduler thread."""

    def __init__(self, parts: Parts) -> None:
        self._scheduler = parts.scheduler
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(TICK_SECONDS):
            self._scheduler.tick()

    def close(self) -> None:
        self._stop.set()
        self._thread.join(ENDS_WITHIN)
        assert not self._thread.is_alive()


class Streaming:
    """The Stream role on an event loop of its own."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._loop = LoopThread()
        self._stop = self._loop.run(self._make_stop())
        self._running = self._loop.run_soon(hold_streams(parts, self._stop))
        self._wait_connected()

    @staticmethod
    async def _make_stop() -> asyncio.Event:
        return asyncio.Event()

    def _wait_connected(self) -> None:
        deadline = time.monotonic() + ENDS_WITHIN
        while time.monotonic() < deadline:
            beat = self._parts.store.last_beat(f"stream:{MAIN}")
            if beat is not None and beat.detail.get("connected"):
                return
            assert not self._running.done(), self._running.exception()
            time.sleep(0.01)
        raise AssertionError("the stream did not connect")

    async def _set(self) -> None:
        self._stop.set()

    def close(self) -> None:
        self._loop.run(self._set())
        self._running.result(ENDS_WITHIN)
        self._loop.close()

"""Keeps one Stream socket open: opens, watches, hands over to a new one before the old ends.

The platform closes sockets now and then, after a `disconnect` frame from which on it delivers
nothing there; sockets also die without a word, or live on without messages. Sources: DingTalk's
Stream protocol page, soimy/openclaw-channel-dingtalk#308.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog

from bot.dingtalk.callbacks import DingtalkCallbacks
from bot.dingtalk.config import DingtalkConfig
from bot.dingtalk.stream.client import GatewayRefused, ask_gateway
from bot.dingtalk.stream.handling import CardMissed, Deliver, DeliverCard, FrameHandler
from bot.dingtalk.stream.health import StreamHealth, StreamTimings
from bot.dingtalk.stream.link import Link, open_link
from bot.platform import Clockwork
from handlers.incoming import Incoming

STOPPED = "stopped"
CLOSED = "closed"
LEAVING = "disconnect"
SILENT = "silent"
RENEWED = "renewed"
SLEPT = "slept"

log = structlog.get_logger(__name__)


class StreamRunner:
    """One app's Stream connection.

    `deliver` and `deliver_card` block and run in threads, several at a time. `card_missed` is
    called in such a thread when what `deliver_card` gave came too late for the answer. `report` is
    called with the state every few seconds and after each change; it may block and fail.
    """

    def __init__(
        self,
        config: DingtalkConfig,
        callbacks: DingtalkCallbacks,
        clock: Clockwork,
        *,
        deliver: Deliver,
        deliver_card: DeliverCard,
        jitter: Callable[[], float],
        report: Callable[[StreamHealth], None],
        card_missed: CardMissed | None = None,
        timings: StreamTimings | None = None,
    ) -> None:
        """Keep what a connection needs; `jitter` gives random numbers in [0, 1)."""
        self._config = config
        self._callbacks = callbacks
        self._clock = clock
        self._deliver = deliver
        self._deliver_card = deliver_card
        self._card_missed = card_missed or _log_missed
        self._jitter = jitter
        self._report_to = report
        self._timings = timings or StreamTimings()

    async def run(self, stop: asyncio.Event) -> None:
        """Stay connected until `stop` is set, or the task is cancelled."""
        timings = self._timings
        handler = FrameHandler(
            self._callbacks,
            deliver=self._deliver,
            deliver_card=self._deliver_card,
            card_missed=self._card_missed,
            card_wait=timings.card_wait,
        )
        run = _Run(
            self._config,
            self._clock,
            handler,
            jitter=self._jitter,
            timings=timings,
            report=self._report_to,
        )
        try:
            await run.keep_connected(stop)
        finally:
            await run.end(is_asked=stop.is_set())
            handler.close()


class _Run:
    """One call of `run`: its sockets and what is known about them."""

    def __init__(
        self,
        config: DingtalkConfig,
        clock: Clockwork,
        handler: FrameHandler,
        *,
        jitter: Callable[[], float],
        timings: StreamTimings,
        report: Callable[[StreamHealth], None],
    ) -> None:
        self._config = config
        self._clock = clock
        self._handler = handler
        self._jitter = jitter
        self._timings = timings
        self._reporter = _Reporter(report)
        self._loop = asyncio.get_running_loop()
        self._current: Link | None = None
        self._since: datetime | None = None
        self._is_live = False
        """The current socket is expected to bring messages."""
        self._links: set[Link] = set()
        self._retiring: set[asyncio.Task[None]] = set()
        self._opened = 0
        self._failures = 0
        self._problem = ""
        self._lag = 0.0
        self._gap_from: float | None = None
        self._gap = 0.0

    async def keep_connected(self, stop: asyncio.Event) -> None:
        """Open socket after socket, each watched until it is no good any more."""
        while not stop.is_set():
            try:
                link = await _or_stop(self._open(), stop)
            except GatewayRefused as refusal:
                log.warning("dingtalk_stream_refused", problem=refusal.problem)
                self._problem = refusal.problem
                self._report()
                self._failures += 1
                await _sleep_or_stop(self._wait_seconds(), stop)
                continue
            if link is None:
                return
            self._take_over(link)
            why = await self._watch(link, stop)
            if why != STOPPED:
                await self._lose(link, why, stop)

    async def end(self, *, is_asked: bool) -> None:
        """Close every socket: after what is under way when asked to stop, at once otherwise."""
        links = list(self._links)
        for task in list(self._retiring):
            task.cancel()
        try:
            if is_asked:
                await asyncio.gather(*(link.drain(self._timings.drain) for link in links))
                await asyncio.gather(*(link.close() for link in links))
        finally:
            await asyncio.gather(*(link.abort() for link in links))
            self._current, self._is_live = None, False
            self._report()
            self._reporter.close()

    async def _open(self) -> Link:
        seconds = self._timings.open_timeout
        self._lag = _lag(self._clock, self._loop)
        place = await ask_gateway(self._config, seconds)
        link = await open_link(place, self._handler, seconds)
        self._links.add(link)
        return link

    def _take_over(self, link: Link) -> None:
        """Make a fresh socket the current one; the old one is read on for a while."""
        if self._current is not None:
            # A dead one is ended at once: the platform might still give it messages.
            is_dead = self._problem in {SILENT, SLEPT}
            self._retire(self._current, 0.0 if is_dead else self._timings.overlap)
        self._current, self._is_live = link, True
        self._opened += 1
        self._since = self._clock.now()
        if self._gap_from is not None:
            self._gap = max(self._loop.time() - self._gap_from, 0.0)
            self._gap_from = None
            log.warning("dingtalk_stream_gap", seconds=round(self._gap, 2))
        log.info("dingtalk_stream_connected", number=self._opened)
        self._report()

    async def _watch(self, link: Link, stop: asyncio.Event) -> str:
        """Wait until a socket is no good any more, and say why."""
        stopping = asyncio.create_task(stop.wait())
        leaving = asyncio.create_task(link.leaving.wait())
        try:
            while True:
                await asyncio.wait(
                    {stopping, leaving, link.reader},
                    timeout=self._until_due(link),
                    return_when=asyncio.FIRST_COMPLETED,
                )
                self._report()
                if stop.is_set():
                    return STOPPED
                if link.reader.done():
                    return CLOSED
                if link.leaving.is_set():
                    return LEAVING
                seen, self._lag = self._lag, _lag(self._clock, self._loop)
                if self._lag - seen > self._timings.jump:
                    return SLEPT
                now = self._loop.time()
                if now - link.last_frame_at >= self._timings.silent_after:
                    return SILENT
                if now - link.last_business_at >= self._timings.renew_after:
                    return RENEWED
        finally:
            stopping.cancel()
            leaving.cancel()

    def _until_due(self, link: Link) -> float:
        now, timings = self._loop.time(), self._timings
        silent = link.last_frame_at + timings.silent_after - now
        renewed = link.last_business_at + timings.renew_after - now
        return max(min(timings.tick, silent, renewed), 0.0)

    async def _lose(self, link: Link, why: str, stop: asyncio.Event) -> None:
        """Note why a socket is given up, and wait if sockets don't live long at present."""
        now = self._loop.time()
        self._problem, self._is_live = why, why == RENEWED
        if why in {CLOSED, LEAVING}:
            self._gap_from = now
        elif why != RENEWED:
            self._gap_from = link.last_frame_at
        if why == CLOSED:
            self._retire(link, 0.0)
            self._current = None
        log.warning("dingtalk_stream_lost", why=why, lived=round(now - link.opened_at, 1))
        self._report()
        if why == RENEWED or now - link.opened_at >= self._timings.healthy_after:
            self._failures = 0
        if why == RENEWED:
            return
        # The first is replaced at once; only a row of short-lived ones is slowed down.
        wait = self._wait_seconds() if self._failures else 0.0
        self._failures += 1
        await _sleep_or_stop(wait, stop)

    def _wait_seconds(self) -> float:
        timings = self._timings
        doubled = timings.backoff_first * 2.0 ** min(self._failures - 1, 16)
        return min(doubled * (1 + self._jitter() / 2), timings.backoff_max)

    def _retire(self, link: Link, seconds: float) -> None:
        task = asyncio.create_task(self._close_later(link, seconds))
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    async def _close_later(self, link: Link, seconds: float) -> None:
        await asyncio.wait({link.reader}, timeout=seconds)
        await link.drain(self._timings.drain)
        await link.close()
        self._links.discard(link)

    def _report(self) -> None:
        link = self._current
        last_frame_at = None
        if link is not None:
            age = self._loop.time() - link.last_frame_at
            last_frame_at = datetime.fromtimestamp(
                self._clock.now().timestamp() - age, self._clock.now().tzinfo
            )
        self._reporter.tell(
            StreamHealth(
                is_connected=self._is_live,
                connected_since=self._since if self._is_live else None,
                last_frame_at=last_frame_at,
                connections=self._opened,
                last_problem=self._problem,
                last_gap_seconds=round(self._gap, 3),
            )
        )


class _Reporter:
    """Tells the state in a thread of its own, so that a slow listener delays nothing."""

    def __init__(self, report: Callable[[StreamHealth], None]) -> None:
        self._report = report
        self._pool = ThreadPoolExecutor(1, "dingtalk-health")
        self._lock = threading.Lock()
        self._untold: StreamHealth | None = None
        self._is_busy = False

    def tell(self, health: StreamHealth) -> None:
        """Pass the state on; while the listener is busy only the newest one is kept."""
        with self._lock:
            self._untold = health
            is_idle, self._is_busy = not self._is_busy, True
        if is_idle:
            self._pool.submit(self._work)

    def close(self) -> None:
        """Tell what is left and end."""
        self._pool.shutdown(wait=False)

    def _work(self) -> None:
        while (health := self._next()) is not None:
            try:
                self._report(health)
            except Exception as error:  # noqa: BLE001  the edge: the connection matters more
                log.warning("dingtalk_health_not_reported", exc=error)

    def _next(self) -> StreamHealth | None:
        with self._lock:
            health, self._untold = self._untold, None
            self._is_busy = health is not None
            return health


def _log_missed(incoming: Incoming) -> None:
    log.warning("dingtalk_card_answer_missed", source=incoming.source_id)


def _lag(clock: Clockwork, loop: asyncio.AbstractEventLoop) -> float:
    """Compare the wall clock with the loop's, which stands still while the machine sleeps."""
    return clock.now().timestamp() - loop.time()


async def _or_stop(work: Coroutine[Any, Any, Link], stop: asyncio.Event) -> Link | None:
    """Open a socket unless stop is set meanwhile."""
    task = asyncio.create_task(work)
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        return None
    finally:
        stopping.cancel()
        task.cancel()


async def _sleep_or_stop(seconds: float, stop: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()

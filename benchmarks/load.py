"""The load generator: prepared requests over kept-alive connections, as cheap as Python can.

Runs in a process of its own, so that it costs the measured one nothing. It looks at no answer:
bodies are kept and checked afterwards.
"""

import asyncio
import gc
import random
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import cast

import uvloop
from typing_extensions import override

ANSWER_SECONDS_MAX = 30.0
_SPIN_SECONDS = 0.002
_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


@dataclass(frozen=True, slots=True)
class Job:
    """What to send where, and how fast."""

    ports: tuple[int, ...]
    requests: Sequence[bytes]
    """Whole HTTP requests; each is sent once, in order."""
    connections: int
    """Open from the beginning, in turn to each port."""
    per_second: float | None = None
    """Arrivals at this mean rate whatever the answers do; None sends as answers come."""
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back, in the order of the requests."""

    seconds: float
    """From the first request to the last answer."""
    latencies: Sequence[float]
    """Seconds from when a request was due, which a late start makes longer, to its answer."""
    statuses: Sequence[int]
    bodies: Sequence[bytes]

    @property
    def per_second(self) -> float:
        """Give the rate of answers."""
        return len(self.statuses) / self.seconds


class Generator:
    """A process that carries out jobs, one after the other."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def run(self, job: Job) -> Outcome:
        """Carry out a job."""
        return self._pool.submit(run, job).result()

    def start(self, job: Job) -> Callable[[], Outcome]:
        """Begin a job; the result waits for its end."""
        return self._pool.submit(run, job).result


@contextmanager
def generator() -> Iterator[Generator]:
    """Start the load generator's process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        pool.submit(int).result()
        yield Generator(pool)


def run(job: Job) -> Outcome:
    """Carry out a job in this process."""
    gc.collect()
    gc.disable()
    try:
        return uvloop.run(_Load(job).run())
    finally:
        gc.enable()


class _Connection(asyncio.Protocol):
    """One kept-alive connection with at most one request under way."""

    def __init__(self, answered: "Callable[[_Connection, int, int, bytes], None]") -> None:
        self._answered = answered
        self._buffer = b""
        self._index = -1
        self._write: Callable[[bytes], None] = _not_connected

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        self.transport = cast("asyncio.Transport", transport)
        self._write = self.transport.write

    def send(self, index: int, request: bytes) -> None:
        """Send a request; its answer comes to `answered` under this index."""
        self._index = index
        self._write(request)

    @override
    def data_received(self, data: bytes) -> None:
        buffer = self._buffer = self._buffer + data
        end = buffer.find(_HEAD_END)
        if end < 0:
            return
        head = buffer[:end].lower()
        at = head.find(_LENGTH)
        size = int(head[at + len(_LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        body = buffer[end + len(_HEAD_END) :]
        if len(body) < size:
            return
        self._buffer = b""
        self._answered(self, self._index, int(head[9:12]), body)


def _not_connected(_: bytes) -> None:
    raise ConnectionError


class _Load:
    """One job while it runs."""

    def __init__(self, job: Job) -> None:
        count = len(job.requests)
        self._job = job
        self._due = [0.0] * count
        self._latencies = [0.0] * count
        self._statuses = [0] * count
        self._bodies = [b""] * count
        self._next = 0
        self._left = count
        # The longest unused goes first: a server closes what is idle for seconds.
        self._free: deque[_Connection] = deque()
        self._everything = asyncio.Event()

    async def run(self) -> Outcome:
        """Connect, send everything and wait for the last answer."""
        job = self._job
        connections = [await self._connect(number) for number in range(job.connections)]
        started = time.perf_counter()
        async with asyncio.timeout(ANSWER_SECONDS_MAX + len(job.requests) / (job.per_second or 50)):
            if job.per_second is None:
                for connection in connections[: len(job.requests)]:
                    self._send_next(connection)
            else:
                self._free.extend(connections)
                await self._send_in_time(job.per_second)
            await self._everything.wait()
        seconds = time.perf_counter() - started
        for connection in connections:
            connection.transport.close()
        return Outcome(seconds, self._latencies, self._statuses, self._bodies)

    async def _connect(self, number: int) -> _Connection:
        answered = self._answered_open if self._job.per_second else self._answered_closed
        port = self._job.ports[number % len(self._job.ports)]
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(
            lambda: _Connection(answered), "127.0.0.1", port
        )
        return connection

    async def _send_in_time(self, per_second: float) -> None:
        """Send at instants that depend on nothing but the seed, as many people would."""
        chance = random.Random(self._job.seed)
        due = time.perf_counter()
        for index, request in enumerate(self._job.requests):
            due += chance.expovariate(per_second)
            # The loop's timers count milliseconds, so the last two are waited awake.
            if (pause := due - time.perf_counter()) > _SPIN_SECONDS:
                await asyncio.sleep(pause - _SPIN_SECONDS)
            while time.perf_counter() < due:  # noqa: ASYNC110  nothing happens but time
                await asyncio.sleep(0)
            connection = self._free.popleft() if self._free else await self._connect(index)
            self._due[index] = due
            connection.send(index, request)

    def _send_next(self, connection: _Connection) -> None:
        index = self._next
        self._next += 1
        self._due[index] = time.perf_counter()
        connection.send(index, self._job.requests[index])

    def _answered_closed(
        self, connection: _Connection, index: int, status: int, body: bytes
    ) -> None:
        self._note(index, status, body)
        if self._next < len(self._due):
            self._send_next(connection)

    def _answered_open(self, connection: _Connection, index: int, status: int, body: bytes) -> None:
        self._note(index, status, body)
        self._free.append(connection)

    def _note(self, index: int, status: int, body: bytes) -> None:
        self._latencies[index] = time.perf_counter() - self._due[index]
        self._statuses[index] = status
        self._bodies[index] = body
        self._left -= 1
        if not self._left:
            self._everything.set()

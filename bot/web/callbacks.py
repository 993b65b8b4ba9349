"""The platforms' callbacks over HTTP: read the body, hand it to a thread, answer in time.

Nothing platform-specific happens here: an adapter reads the bytes and says how an answer goes back.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from bot.hints import Hints
from bot.in_band import InBand
from bot.intake import Intake, Received
from bot.platform import Deadlines, HttpAnswer, Rejected, Rendered
from bot.runtime import Runtime
from domain.ids import InboxId, TenantId
from domain.ports import Clock, Conflict
from handlers.incoming import Incoming, PullWanted

log = structlog.get_logger(__name__)

BODY_MAX = 64 * 1024
BODY_SECONDS_MAX = 5.0
"""So long a body may take to arrive; the server has no limit of its own."""
CLOSE = {"connection": "close"}
"""Who still sends after our refusal is hung up on."""
THREADS = 8
PULL_THREADS = 2
"""Fetching waits for the platform: it must not keep callbacks from their threads."""
WAITING_MAX = 64
"""Callbacks that may wait for a thread; more are refused with 503, and the platform comes again."""


class Reader(Protocol):
    """One kind of callback of one channel, as its adapter reads and answers it."""

    timing: Deadlines

    def read(
        self, query: dict[str, str], headers: dict[str, str], body: bytes
    ) -> tuple[tuple[Incoming, ...], HttpAnswer]:
        """Verify and read a callback; give what it says with the plain acknowledgement.

        One callback may report about several accounts, or say nothing to us.

        Raises:
            Rejected: it isn't the platform's.
        """
        ...

    def carry(
        self, incoming: Incoming, message: Rendered, *, replaces_card: bool
    ) -> HttpAnswer | None:
        """Turn a reply into a response, if it can go that way."""
        ...


@dataclass
class _Call:
    """What one callback has become so far; written by its thread, read by the waiting side."""

    tenant: TenantId
    reader: Reader
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    decide_before: datetime
    item: InboxId | None = None
    acknowledgement: HttpAnswer | None = None
    in_band: InBand | None = None


class Callbacks:
    """Takes callbacks of every kind through intake and runtime."""

    def __init__(self, *, intake: Intake, runtime: Runtime, hints: Hints, clock: Clock) -> None:
        """Start the bounded pool of threads."""
        self._intake = intake
        self._runtime = runtime
        self._hints = hints
        self._clock = clock
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="callback")
        self._pulls = ThreadPoolExecutor(PULL_THREADS, thread_name_prefix="pull")
        self._waiting = 0

    async def take(self, tenant: TenantId, reader: Reader, request: Request) -> Response:
        """Answer one HTTP callback."""
        try:
            body = await read_body(request)
        except TimeoutError:
            log.warning("body_too_slow")
            return Response(status_code=408, headers=CLOSE)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return Response(status_code=413, headers=CLOSE)
        if self._waiting >= WAITING_MAX:
            log.warning("too_busy")
            return Response(status_code=503)
        query = dict(request.query_params)
        headers = {name.lower(): value for name, value in request.headers.items()}
        decide_before = self._clock.now() + reader.timing.decide
        call = _Call(tenant, reader, query, headers, body, decide_before)
        self._waiting += 1
        try:
            return _response(await self._wait(call))
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Finish what has begun and stop the threads."""
        self._pool.shutdown(wait=True)
        self._pulls.shutdown(wait=True)

    async def _wait(self, call: _Call) -> HttpAnswer:
        give_up = call.reader.timing.give_up.total_seconds()
        future = self._pool.submit(self._work, call)
        waiter = asyncio.wrap_future(future)
        try:
            return await asyncio.wait_for(asyncio.shield(waiter), give_up)
        except TimeoutError:
            return await self._late(call, future)

    async def _late(self, call: _Call, future: Future[HttpAnswer]) -> HttpAnswer:
        """Acknowledge without an answer, unless a reply is just being committed."""
        if call.in_band is not None and not call.in_band.close():
            waiter = asyncio.wrap_future(future)
            done, _ = await asyncio.wait({waiter}, timeout=0.3)
            if done:
                return waiter.result()
            future.add_done_callback(lambda _: self._send_after_all(call))
        log.warning("answer_late")
        # Without a durable row the platform must come again, so it gets no acknowledgement.
        return call.acknowledgement or HttpAnswer(status=503)

    def _send_after_all(self, call: _Call) -> None:
        if call.item is not None:
            self._hints.after(call.tenant, self._runtime.send_after_all(call.tenant, call.item))

    def _work(self, call: _Call) -> HttpAnswer:
        try:
            return self._take_in(call)
        except Exception as error:  # noqa: BLE001  the edge of a request: log without its contents
            log.error("callback_failed", exc=error)  # noqa: TRY400  frames only, no texts
            # What is stored is handled later; what is not has to come again.
            return call.acknowledgement or HttpAnswer(status=503)

    def _take_in(self, call: _Call) -> HttpAnswer:
        try:
            said, acknowledgement = call.reader.read(call.query, call.headers, call.body)
        except Rejected as rejected:
            log.warning("callback_rejected", reason=rejected.reason, status=rejected.status)
            return HttpAnswer(status=rejected.status)
        try:
            stored = [self._intake.receive(call.tenant, incoming) for incoming in said]
        except Conflict:
            log.warning("intake_busy")
            return HttpAnswer(status=503)
        call.acknowledgement = acknowledgement
        answers = [
            self._handle_one(call, incoming, received)
            for incoming, received in zip(said, stored, strict=True)
        ]
        return next((answer for answer in answers if answer is not None), acknowledgement)

    def _handle_one(self, call: _Call, incoming: Incoming, received: Received) -> HttpAnswer | None:
        call.item = received.item
        if isinstance(incoming.content, PullWanted):
            # The platform only rings; fetching takes its own time and may outlast the request.
            if received.is_new:
                self._pulls.submit(self._handle, call.tenant, received.item, None)
            return None
        call.in_band = InBand(_carrier(call.reader, incoming), self._clock, call.decide_before)
        return self._handle(call.tenant, received.item, call.in_band)

    def _handle(self, tenant: TenantId, item: InboxId, in_band: InBand | None) -> HttpAnswer | None:
        done = self._runtime.handle(tenant, item, in_band)
        self._hints.after(tenant, done)
        return done.answer


def _carrier(reader: Reader, incoming: Incoming) -> Callable[[Rendered, bool], HttpAnswer | None]:
    def carry(message: Rendered, replaces_card: bool) -> HttpAnswer | None:  # noqa: FBT001
        return reader.carry(incoming, message, replaces_card=replaces_card)

    return carry


async def read_body(request: Request) -> bytes | None:
    """Read a body of at most 64 KiB; None when it is longer, whatever its header says.

    Raises:
        TimeoutError: it took too long to arrive.
    """
    chunks = bytearray()
    async with asyncio.timeout(BODY_SECONDS_MAX):
        async for chunk in request.stream():
            chunks += chunk
            if len(chunks) > BODY_MAX:
                return None
    return bytes(chunks)


def _response(answer: HttpAnswer) -> Response:
    return Response(
        answer.body, answer.status, media_type=answer.media_type, headers=dict(answer.headers)
    )

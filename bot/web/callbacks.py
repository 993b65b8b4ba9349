"""The platforms' callbacks over HTTP: read the body, hand it to a thread, answer in time.

Nothing platform-specific happens here: an adapter reads the bytes and says how an answer goes back.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from bot.bounded_pool import BoundedPool
from bot.hints import Hints
from bot.in_band import InBand
from bot.intake import Intake
from bot.platform import Deadlines, HttpAnswer, Rejected, Rendered
from bot.runtime import Done, Runtime
from bot.together import Task, Together
from bot.web.batches import Batches
from domain.ids import InboxId, TenantId
from domain.ports import Clock, Conflict
from handlers.incoming import Incoming, PullWanted

log = structlog.get_logger(__name__)

BODY_MAX = 64 * 1024
BODY_SECONDS_MAX = 5.0
"""So long a body may take to arrive; the server has no limit of its own."""
CLOSE = {"connection": "close"}
"""Who still sends after our refusal is hung up on."""
COME_AGAIN: Final = HttpAnswer(status=503)
"""What we have not stored must be sent again."""
THREADS = 8
BATCH_MAX = 16
"""Callbacks that are stored and handled together; none of them is answered before the last."""
PULL_THREADS = 2
"""Fetching waits for the platform: it must not keep callbacks from their threads."""
WAITING_MAX = 64
"""Callbacks that may be in hand; more are refused with 503, and the platform comes again.

One counts until its work has ended, also when its request has long been answered.
"""
PULLS_MAX = 16
"""Pulls that may be in hand; the sweep finds the rows of more."""


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


@dataclass(eq=False)
class _Call:
    """What one callback has become so far; written by its thread, read by the waiting side."""

    tenant: TenantId
    reader: Reader
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    decide_before: datetime
    answered: "asyncio.Future[HttpAnswer]"
    said: tuple[Incoming, ...] = ()
    plain: HttpAnswer = field(default=COME_AGAIN)
    """How to acknowledge it once it is stored."""
    item: InboxId | None = None
    acknowledgement: HttpAnswer | None = None
    in_band: InBand | None = None
    answer: HttpAnswer = field(default=COME_AGAIN)
    done: list[Done] = field(default_factory=list)


class Callbacks:
    """Takes callbacks of every kind through intake and runtime."""

    def __init__(
        self, *, intake: Intake, runtime: Runtime, together: Together, hints: Hints, clock: Clock
    ) -> None:
        """Start the bounded pools of threads."""
        self._intake = intake
        self._runtime = runtime
        self._together = together
        self._hints = hints
        self._clock = clock
        # With one writer more threads would only take the interpreter from each other.
        self._calls = (
            Batches(self._work, threads=1, size_max=BATCH_MAX, most=WAITING_MAX, name="callback")
            if together.is_quicker
            else Batches(self._work, threads=THREADS, size_max=1, most=WAITING_MAX, name="callback")
        )
        self._pulls = BoundedPool(PULL_THREADS, PULLS_MAX, "pull")
        # Not behind the pulls, and never refused: nobody else would find such a reply.
        self._missed = ThreadPoolExecutor(1, thread_name_prefix="missed")

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
        call = _Call(
            tenant=tenant,
            reader=reader,
            query=dict(request.query_params),
            headers=dict(request.headers),
            body=body,
            decide_before=self._clock.now() + reader.timing.decide,
            answered=asyncio.get_running_loop().create_future(),
        )
        if not self._calls.put(call):
            log.warning("too_busy")
            return _response(COME_AGAIN)
        return _response(await self._wait(call))

    def close(self) -> None:
        """Finish what has begun and stop the threads."""
        self._calls.close()
        self._pulls.close()
        self._missed.shutdown(wait=True)

    async def _wait(self, call: _Call) -> HttpAnswer:
        give_up = call.reader.timing.give_up.total_seconds()
        done, _ = await asyncio.wait((call.answered,), timeout=give_up)
        return call.answered.result() if done else await self._late(call)

    async def _late(self, call: _Call) -> HttpAnswer:
        """Acknowledge without an answer, unless a reply is just being committed."""
        if call.in_band is not None and not call.in_band.close():
            done, _ = await asyncio.wait((call.answered,), timeout=0.3)
            if done:
                return call.answered.result()
            call.answered.add_done_callback(
                lambda _: self._missed.submit(self._send_after_all, call)
            )
        log.warning("answer_late")
        # Without a durable row the platform must come again, so it gets no acknowledgement.
        return call.acknowledgement or COME_AGAIN

    def _send_after_all(self, call: _Call) -> None:
        if call.item is not None:
            self._hints.after(call.tenant, self._runtime.send_after_all(call.tenant, call.item))

    def _work(self, calls: list[_Call]) -> None:
        """Take calls in, step by step together: read all, store all, handle all, answer all."""
        by_tenant: dict[TenantId, list[_Call]] = {}
        for call in calls:
            if self._is_read(call):
                by_tenant.setdefault(call.tenant, []).append(call)
        for tenant, read in by_tenant.items():
            self._take_in(tenant, read)
        calls[0].answered.get_loop().call_soon_threadsafe(_give_answers, calls)
        # The queue may keep us waiting, nobody else.
        for call in calls:
            for done in call.done:
                self._hints.after(call.tenant, done)

    def _is_read(self, call: _Call) -> bool:
        try:
            call.said, call.plain = call.reader.read(call.query, call.headers, call.body)
        except Rejected as rejected:
            log.warning("callback_rejected", reason=rejected.reason, status=rejected.status)
            call.answer = HttpAnswer(status=rejected.status)
            return False
        except Exception as error:  # noqa: BLE001  the edge of a request: log without its contents
            log.error("callback_failed", exc=error)  # noqa: TRY400  frames only, no texts
            return False
        return True

    def _take_in(self, tenant: TenantId, calls: list[_Call]) -> None:
        try:
            self._store_and_handle(tenant, calls)
        except Conflict:
            log.warning("intake_busy")
        except Exception as error:  # noqa: BLE001  the edge of a request: log without its contents
            log.error("callback_failed", exc=error)  # noqa: TRY400  frames only, no texts
            if len(calls) > 1:
                # One of them must not take the others down; what is done twice is a repeat.
                for call in calls:
                    self._take_in(tenant, [call])

    def _store_and_handle(self, tenant: TenantId, calls: list[_Call]) -> None:
        said = [(call, incoming) for call in calls for incoming in call.said]
        stored = self._intake.receive_all(tenant, [incoming for _, incoming in said])
        for call in calls:
            # What is stored is handled later, if not now.
            call.answer = call.acknowledgement = call.plain
        asked: list[_Call] = []
        tasks: list[Task] = []
        for (call, incoming), received in zip(said, stored, strict=True):
            call.item = received.item
            if isinstance(incoming.content, PullWanted):
                # The platform only rings; fetching takes its own time and may outlast the request.
                if received.is_new:
                    self._pulls.submit(self._pull, tenant, received.item)
                continue
            call.in_band = InBand(_carrier(call.reader, incoming), self._clock, call.decide_before)
            asked.append(call)
            tasks.append(Task(received.item, call.in_band))
        for call, done in zip(asked, self._together.handle(tenant, tasks), strict=True):
            call.answer = done.answer or call.answer
            call.done.append(done)

    def _pull(self, tenant: TenantId, item: InboxId) -> None:
        self._hints.after(tenant, self._runtime.handle(tenant, item))


def _give_answers(calls: list[_Call]) -> None:
    for call in calls:
        if not call.answered.done():
            call.answered.set_result(call.answer)


def _carrier(reader: Reader, incoming: Incoming) -> Callable[[Rendered, bool], HttpAnswer | None]:
    def carry(message: Rendered, replaces_card: bool) -> HttpAnswer | None:  # noqa: FBT001
        return reader.carry(incoming, message, replaces_card=replaces_card)

    return carry


async def read_body(request: Request, bytes_max: int = BODY_MAX) -> bytes | None:
    """Read a body; None when it is longer than `bytes_max`, whatever its header says.

    Raises:
        TimeoutError: it took too long to arrive.
    """
    chunks = bytearray()
    async with asyncio.timeout(BODY_SECONDS_MAX):
        async for chunk in request.stream():
            chunks += chunk
            if len(chunks) > bytes_max:
                return None
    return bytes(chunks)


def _response(answer: HttpAnswer) -> Response:
    return Response(
        answer.body, answer.status, media_type=answer.media_type, headers=dict(answer.headers)
    )

"""The Stream role: what comes over DingTalk's connection goes through the same intake and runtime.

A message is acknowledged once it is stored, and handled afterwards; a card's press is handled at
once, because its answer travels in the acknowledgement.
"""

import asyncio
import signal
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.bounded_pool import BoundedPool
from bot.connections import LOOK_AGAIN_SECONDS
from bot.dingtalk.callbacks import DingtalkCallbacks
from bot.dingtalk.config import DingtalkConfig
from bot.dingtalk.stream import StreamHealth, StreamRunner
from bot.in_band import InBand
from bot.platform import HttpAnswer, Rendered
from bot.stream_state import note_stream
from bot.wiring import Parts
from domain.ids import InboxId, TenantId
from handlers.incoming import Incoming

log = structlog.get_logger(__name__)

THREADS = 4
CARD_DECIDE = timedelta(seconds=1.2)
"""DingTalk waits 2 s for a card's answer (doc 0007)."""
WAITING_MAX = 64
"""Messages that may be in hand; more are not taken, and DingTalk brings them again."""


class Busy(Exception):
    """Too many messages wait to be handled."""


class StreamIntake:
    """Takes what the connection delivers."""

    def __init__(self, parts: Parts, tenant: TenantId) -> None:
        """Start the threads that handle messages."""
        self._parts = parts
        self._tenant = tenant
        self._pool = BoundedPool(THREADS, WAITING_MAX, "stream")

    def deliver(self, incoming: Incoming) -> None:
        """Store a message durably; handling it follows in a thread.

        Raises:
            Busy, Conflict: it is not stored, so it must not be acknowledged.
        """
        if self._pool.is_full:
            raise Busy
        received = self._parts.intake.receive(self._tenant, incoming)
        if received.is_new:
            # Should the last place just have gone, the sweep finds the row.
            self._pool.submit(self._handle, received.item, None)

    def deliver_card(self, incoming: Incoming) -> Rendered | None:
        """Store and handle a press; give what the presser's card becomes, if it is known in time.

        Raises:
            Conflict: it is not stored, so it must not be acknowledged.
        """
        received = self._parts.intake.receive(self._tenant, incoming)
        carried: list[Rendered] = []

        def carry(message: Rendered, replaces_card: bool) -> HttpAnswer | None:  # noqa: FBT001
            if not replaces_card or message.card is None:
                return None
            carried[:] = [message]
            return HttpAnswer()

        # `sent_at` is when the press came; since then it may have waited for this thread.
        in_band = InBand(carry, self._parts.clock, incoming.sent_at + CARD_DECIDE)
        answer = self._handle(received.item, in_band)
        return carried[0] if answer is not None and carried else None

    def card_missed(self, incoming: Incoming) -> None:
        """Send what a press leads to after all: the acknowledgement has gone without it."""
        received = self._parts.intake.receive(self._tenant, incoming)
        late = self._parts.runtime.send_after_all(self._tenant, received.item)
        self._parts.hints.after(self._tenant, late)

    def report(self, health: StreamHealth) -> None:
        """Show the connection's state to /readyz."""
        now = self._parts.clock.now()
        note_stream(self._parts.store, self._tenant, now, is_connected=health.is_connected)

    def close(self) -> None:
        """Finish what has begun."""
        self._pool.close()

    def _handle(self, item: InboxId, in_band: InBand | None) -> HttpAnswer | None:
        done = self._parts.runtime.handle(self._tenant, item, in_band)
        self._parts.hints.after(self._tenant, done)
        return done.answer


@dataclass(frozen=True, slots=True)
class _Held:
    """One tenant's connection, and how to end it."""

    config: DingtalkConfig
    stop: asyncio.Event
    task: asyncio.Task[None]


async def run_stream(parts: Parts) -> None:
    """Hold every tenant's connection until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    log.info("role_begun", role="stream")
    await hold_streams(parts, stop)


async def hold_streams(parts: Parts, stop: asyncio.Event) -> None:
    """Hold a connection for each tenant in Stream mode, as configured some seconds ago at most."""
    held: dict[TenantId, _Held] = {}
    try:
        while not stop.is_set():
            wanted = await _wanted(parts)
            if wanted is not None:
                await _adjust(parts, held, wanted)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_AGAIN_SECONDS):
                    await stop.wait()
    finally:
        await asyncio.gather(*(_end(tenant, one) for tenant, one in held.items()))


async def _wanted(parts: Parts) -> dict[TenantId, DingtalkConfig] | None:
    try:
        return await asyncio.to_thread(parts.stream_configs)
    except Exception as error:  # noqa: BLE001  the edge of the process: what stands is kept
        log.error("tenants_not_read", exc=error)  # noqa: TRY400  frames only, no texts
        return None


async def _adjust(
    parts: Parts, held: dict[TenantId, _Held], wanted: dict[TenantId, DingtalkConfig]
) -> None:
    """End what is not wanted any more, or not like this, and open what is not there."""
    over = [
        tenant
        for tenant, one in held.items()
        if one.task.done() or wanted.get(tenant) != one.config
    ]
    await asyncio.gather(*(_end(tenant, held.pop(tenant)) for tenant in over))
    for tenant, config in wanted.items():
        if tenant not in held:
            stop = asyncio.Event()
            task = asyncio.create_task(_hold(parts, tenant, config, stop))
            held[tenant] = _Held(config, stop, task)


async def _end(tenant: TenantId, one: _Held) -> None:
    one.stop.set()
    try:
        await one.task
    except Exception as error:  # noqa: BLE001  one tenant's trouble is not the others'
        log.error("stream_failed", tenant=tenant, exc=error)  # noqa: TRY400  frames only


async def _hold(
    parts: Parts, tenant: TenantId, config: DingtalkConfig, stop: asyncio.Event
) -> None:
    """Hold one tenant's connection until told to stop."""
    intake = StreamIntake(parts, tenant)
    runner = StreamRunner(
        config,
        DingtalkCallbacks(config, parts.clock),
        parts.clock,
        deliver=intake.deliver,
        deliver_card=intake.deliver_card,
        card_missed=intake.card_missed,
        jitter=parts.ids.jitter,
        report=intake.report,
    )
    try:
        await runner.run(stop)
    finally:
        await asyncio.to_thread(intake.close)

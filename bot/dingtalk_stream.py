"""The Stream role: what comes over DingTalk's connection goes through the same intake and runtime.

A message is acknowledged once it is stored, and handled afterwards; a card's press is handled at
once, because its answer travels in the acknowledgement.
"""

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import structlog

from bot.dingtalk.callbacks import DingtalkCallbacks
from bot.dingtalk.stream import StreamHealth, StreamRunner
from bot.in_band import InBand
from bot.platform import HttpAnswer, Rendered
from bot.wiring import Parts
from domain.ids import InboxId, TenantId
from handlers.incoming import Incoming

log = structlog.get_logger(__name__)

THREADS = 4
CARD_DECIDE = timedelta(seconds=1.2)
"""DingTalk waits 2 s for a card's answer (doc 0007)."""
BEAT = "stream"


class StreamIntake:
    """Takes what the connection delivers."""

    def __init__(self, parts: Parts, tenant: TenantId) -> None:
        """Start the threads that handle messages."""
        self._parts = parts
        self._tenant = tenant
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="stream")

    def deliver(self, incoming: Incoming) -> None:
        """Store a message durably; handling it follows in a thread.

        Raises:
            Conflict: it is not stored, so it must not be acknowledged.
        """
        received = self._parts.intake.receive(self._tenant, incoming)
        if received.is_new:
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
        self._parts.store.beat(
            f"{BEAT}:{self._tenant}", self._parts.clock.now(), {"connected": health.is_connected}
        )

    def close(self) -> None:
        """Finish what has begun."""
        self._pool.shutdown(wait=True)

    def _handle(self, item: InboxId, in_band: InBand | None) -> HttpAnswer | None:
        done = self._parts.runtime.handle(self._tenant, item, in_band)
        self._parts.hints.after(self._tenant, done)
        return done.answer


async def run_stream(parts: Parts, tenant: TenantId) -> None:
    """Hold the connection until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await hold_stream(parts, tenant, stop)


async def hold_stream(parts: Parts, tenant: TenantId, stop: asyncio.Event) -> None:
    """Hold the connection until told to stop."""
    connection = parts.connections.of(tenant)
    config = connection.platforms.dingtalk if connection else None
    if config is None:
        log.error("no_dingtalk_configured")
        return
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
        intake.close()

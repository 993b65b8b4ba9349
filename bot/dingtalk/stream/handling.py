"""What happens to a frame, and what is acknowledged when: stored first, acknowledged then.

The work itself is done elsewhere; here somebody's blocking functions are called in a few threads.
Sockets live in `link` and `runner`.
"""

import asyncio
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog

from bot.dingtalk.answers import card_response
from bot.dingtalk.callbacks import DingtalkCallbacks
from bot.dingtalk.messages import ID_CHARACTERS_MAX
from bot.dingtalk.stream.client import CARD_TOPIC, ROBOT_TOPIC
from bot.dingtalk.stream.frames import NOT_FOUND, Frame, acknowledgement
from bot.dingtalk.strict_json import text_of
from bot.platform import Rejected, Rendered
from handlers.incoming import Incoming

Deliver = Callable[[Incoming], object]
"""Stores a message durably and returns; raises when it could not. What it returns is not used."""
DeliverCard = Callable[[Incoming], Rendered | None]
"""Stores a press and gives what the card shows now, or None; may take a second."""

STORE_THREADS = 4
CARD_THREADS = 8
LANES = 64

log = structlog.get_logger(__name__)


class FrameHandler:
    """Turns frames into calls and acknowledgements."""

    def __init__(
        self,
        callbacks: DingtalkCallbacks,
        *,
        deliver: Deliver,
        deliver_card: DeliverCard,
        card_wait: float,
    ) -> None:
        self._callbacks = callbacks
        self._deliver = deliver
        self._deliver_card = deliver_card
        self._card_wait = card_wait
        self._stores = ThreadPoolExecutor(STORE_THREADS, "dingtalk-store")
        self._cards = ThreadPoolExecutor(CARD_THREADS, "dingtalk-card")
        # What one person says is stored in the order it was said.
        self._lanes = [asyncio.Lock() for _ in range(LANES)]

    def close(self) -> None:
        """Take no more calls; those running end by themselves."""
        for pool in (self._stores, self._cards):
            pool.shutdown(wait=False, cancel_futures=True)

    async def answer(self, frame: Frame) -> str | None:
        """Deal with a frame, giving its acknowledgement; None when there must be none."""
        try:
            if frame.kind == "EVENT":
                return await self._event(frame)
            if frame.topic == ROBOT_TOPIC:
                return await self._message(frame)
            if frame.topic == CARD_TOPIC:
                return await self._press(frame)
        except Rejected as refusal:
            # Said to have been received: the same bytes would be refused again.
            log.warning("dingtalk_frame_refused", kind=frame.kind, reason=refusal.reason)
            if frame.kind == "EVENT":
                return acknowledgement(frame, {"status": "SUCCESS", "message": "refused"})
            return acknowledgement(frame, {"response": None}, code=refusal.status)
        log.warning("dingtalk_topic_unknown", kind=frame.kind)
        return acknowledgement(frame, {"response": None}, code=NOT_FOUND)

    async def _message(self, frame: Frame) -> str | None:
        incoming = self._callbacks.robot_incoming(frame.data())
        if not await self._store(incoming):
            return None
        return acknowledgement(frame, {"response": None})

    async def _event(self, frame: Frame) -> str:
        headers = frame.headers
        incomings = self._callbacks.event_incoming(
            text_of(headers, "eventType"),
            text_of(headers, "eventId"),
            corp=text_of(headers, "eventCorpId"),
            born=headers.get("eventBornTime"),
            data=frame.data(),
        )
        for incoming in incomings:
            if not await self._store(incoming):
                return acknowledgement(frame, {"status": "LATER", "message": "try again"})
        return acknowledgement(frame, {"status": "SUCCESS", "message": "ok"})

    async def _press(self, frame: Frame) -> str | None:
        """Answer a press in time: with the changed card, or with nothing and the card later."""
        if not 0 < len(frame.message_id) <= ID_CHARACTERS_MAX:
            raise Rejected(400, "no_messageId")
        incoming = self._callbacks.card_incoming(frame.data(), frame.message_id)
        loop = asyncio.get_running_loop()
        call = loop.run_in_executor(self._cards, self._deliver_card, incoming)
        done, _ = await asyncio.wait({call}, timeout=self._card_wait)
        if not done:
            call.add_done_callback(_log_late)
            return acknowledgement(frame, {"response": card_response(None)})
        try:
            message = call.result()
        except Exception as error:  # noqa: BLE001  the edge: nothing was stored, so nothing is said
            _log_failure("dingtalk_press_not_stored", incoming, error)
            return None
        return acknowledgement(frame, {"response": card_response(message)})

    async def _store(self, incoming: Incoming) -> bool:
        loop = asyncio.get_running_loop()
        async with self._lanes[zlib.crc32(incoming.sender.encode()) % LANES]:
            try:
                await loop.run_in_executor(self._stores, self._deliver, incoming)
            except Exception as error:  # noqa: BLE001  the edge: unstored means unacknowledged
                _log_failure("dingtalk_message_not_stored", incoming, error)
                return False
        return True


def _log_failure(event: str, incoming: Incoming, error: Exception) -> None:
    log.error(event, source=incoming.source_id, exc=error)


def _log_late(call: asyncio.Future[Rendered | None]) -> None:
    if call.cancelled():
        return
    error = call.exception()
    if error is not None:
        log.error("dingtalk_press_failed_late", exc=error)

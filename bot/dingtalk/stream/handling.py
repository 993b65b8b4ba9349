"""What happens to a frame, and what is acknowledged when: stored first, acknowledged then.

The work itself is done elsewhere; here somebody's blocking functions are called in a few threads.
Sockets live in `link` and `runner`.
"""

import asyncio
import threading
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog

from bot.dingtalk.answers import card_response
from bot.dingtalk.callbacks import DingtalkCallbacks
from bot.dingtalk.messages import ID_CHARACTERS_MAX
from bot.dingtalk.stream.client import CARD_TOPIC, ROBOT_TOPIC
from bot.dingtalk.stream.frames import NOT_FOUND, Frame, acknowledgement
from bot.platform import Rejected, Rendered
from bot.strict_json import text_of
from handlers.incoming import Incoming

Deliver = Callable[[Incoming], object]
"""Stores a message durably and returns; raises when it could not. What it returns is not used."""
DeliverCard = Callable[[Incoming], Rendered | None]
"""Stores a press and gives what the card shows now, or None; may take a second."""
CardMissed = Callable[[Incoming], None]
"""Learns that what a card shows now came too late for the answer and has to go another way."""

STORE_THREADS = 4
CARD_THREADS = 8
LANES = 64

log = structlog.get_logger(__name__)


class _Answer:
    """The place for one press's answer, which is either filled in time or closed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_open = True
        self.message: Rendered | None = None

    def put(self, message: Rendered) -> bool:
        """Fill it; False when it is closed."""
        with self._lock:
            if self._is_open:
                self.message = message
            return self._is_open

    def close(self) -> bool:
        """Close it; False when it has been filled."""
        with self._lock:
            self._is_open = self.message is not None
            return not self._is_open


class FrameHandler:
    """Turns frames into calls and acknowledgements."""

    def __init__(
        self,
        callbacks: DingtalkCallbacks,
        *,
        deliver: Deliver,
        deliver_card: DeliverCard,
        card_missed: CardMissed,
        card_wait: float,
    ) -> None:
        self._callbacks = callbacks
        self._deliver = deliver
        self._deliver_card = deliver_card
        self._card_missed = card_missed
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
        answer = _Answer()
        loop = asyncio.get_running_loop()
        call = loop.run_in_executor(self._cards, self._answer_press, incoming, answer)
        done, _ = await asyncio.wait({call}, timeout=self._card_wait)
        if not done and answer.close():
            return acknowledgement(frame, {"response": card_response(None)})
        # Either done, or just about to be.
        if not await call:
            return None
        return acknowledgement(frame, {"response": card_response(answer.message)})

    def _answer_press(self, incoming: Incoming, answer: _Answer) -> bool:
        """Store and handle a press in a thread of its own; False when it could not be stored."""
        try:
            message = self._deliver_card(incoming)
            if message is not None and not answer.put(message):
                self._card_missed(incoming)
        except Exception as error:  # noqa: BLE001  the edge: nothing was stored, so nothing is said
            _log_failure("dingtalk_press_not_stored", incoming, error)
            return False
        return True

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

"""One open Stream socket: reading its frames, answering them, noticing that it ends.

When sockets are opened and given up is `runner`'s matter.
"""

import asyncio
import logging
from typing import Any

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from bot.dingtalk.stream.client import GatewayRefused, Place
from bot.dingtalk.stream.frames import FRAME_CHARACTERS_MAX, Frame, acknowledgement, read_frame
from bot.dingtalk.stream.handling import FrameHandler
from bot.platform import Rejected

PENDING_MAX = 200
"""Frames being dealt with per socket; beyond, reading waits and TCP slows the platform down."""
CLOSE_SECONDS = 1.0

log = structlog.get_logger(__name__)
# At DEBUG the library logs the handshake, and with it the ticket.
_SILENT = logging.getLogger("bot.dingtalk.stream.socket")
_SILENT.setLevel(logging.CRITICAL + 1)


class Link:
    """An open socket; times are the event loop's seconds."""

    def __init__(self, socket: ClientConnection, handler: FrameHandler) -> None:
        loop = asyncio.get_running_loop()
        self.opened_at = self.last_frame_at = self.last_business_at = loop.time()
        self.leaving = asyncio.Event()
        """Set when the platform has said that it delivers nothing more here."""
        self._loop = loop
        self._socket = socket
        self._handler = handler
        self._slots = asyncio.Semaphore(PENDING_MAX)
        self._work: set[asyncio.Task[None]] = set()
        self.reader = asyncio.create_task(self._read())
        """Done when the socket has ended."""

    async def drain(self, seconds: float) -> None:
        """Wait so long for what is being stored and acknowledged."""
        if self._work:
            await asyncio.wait(self._work, timeout=seconds)

    async def close(self) -> None:
        """End the socket politely, in a second at most."""
        await self._socket.close()
        await self.abort()

    async def abort(self) -> None:
        """End the socket and everything about it at once."""
        self._socket.transport.abort()
        tasks = [self.reader, *self._work]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                self.last_frame_at = self._loop.time()
                if isinstance(message, str):
                    await self._take(message)
        except ConnectionClosed:
            return

    async def _take(self, text: str) -> None:
        try:
            frame = read_frame(text)
            if frame.is_business:
                await self._begin(frame)
            else:
                await self._system(frame)
        except Rejected as refusal:
            log.warning("dingtalk_frame_unreadable", reason=refusal.reason)

    async def _system(self, frame: Frame) -> None:
        if frame.topic == "ping":
            await self._send(acknowledgement(frame, frame.data()))
        elif frame.topic == "disconnect":
            self.leaving.set()

    async def _begin(self, frame: Frame) -> None:
        self.last_business_at = self._loop.time()
        await self._slots.acquire()
        task = asyncio.create_task(self._deal_with(frame))
        self._work.add(task)
        task.add_done_callback(self._finished)

    async def _deal_with(self, frame: Frame) -> None:
        answer = await self._handler.answer(frame)
        if answer is not None:
            await self._send(answer)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._work.discard(task)
        self._slots.release()
        if not task.cancelled() and task.exception() is not None:
            log.error("dingtalk_frame_failed", exc=task.exception())

    async def _send(self, text: str) -> None:
        try:
            await self._socket.send(text)
        except ConnectionClosed:
            # On another socket the platform would drop it; the repeat is answered there.
            log.info("dingtalk_acknowledgement_lost")


async def open_link(place: Place, handler: FrameHandler, seconds: float) -> Link:
    """Connect within so many seconds.

    Raises:
        GatewayRefused: there is no connection.
    """
    options: dict[str, Any] = {
        # Our watchdog looks at frames: the library's would hang up on a slow pong, which costs
        # messages, and be content with a dead socket whose pongs still come.
        "ping_timeout": None,
        "open_timeout": seconds,
        "close_timeout": CLOSE_SECONDS,
        "max_size": 2 * FRAME_CHARACTERS_MAX,
        "proxy": None,
        "logger": _SILENT,
    }
    try:
        socket = await connect(place.url, **options)
    except TimeoutError:
        raise GatewayRefused("socket_timeout") from None
    except (OSError, WebSocketException):
        # Their texts may hold the address, and with it the ticket.
        raise GatewayRefused("socket_refused") from None
    return Link(socket, handler)

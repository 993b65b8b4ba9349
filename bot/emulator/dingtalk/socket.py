"""One Stream socket: the frames written to it, and the strict reading of what the app answers."""

import asyncio
import contextlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.emulator.dingtalk.journal import Journal
from bot.emulator.dingtalk.pushes import Push

_WHERE = "stream acknowledgement"
_OK = 200
_LATER = 503


class State(StrEnum):
    """What a socket still does."""

    OPEN = "open"
    ZOMBIE = "zombie"
    DRAINING = "draining"
    CLOSED = "closed"


@dataclass(frozen=True)
class Ack:
    """One acknowledgement that belongs to a frame sent on its socket; `took` is in seconds."""

    message_id: str
    connection: str
    code: int
    data: dict[str, Any]
    took: float

    def late_by(self, deadline: float) -> bool:
        """Tell whether it came after the deadline."""
        return self.took > deadline


class Connection:
    """An accepted socket with its subscriptions; set `cut` to drop the TCP connection."""

    def __init__(
        self, websocket: WebSocket, subscriptions: frozenset[tuple[str, str]], journal: Journal
    ) -> None:
        self.id = secrets.token_hex(6)
        self.websocket = websocket
        self.state = State.OPEN
        self.cut = asyncio.Event()
        self._subscriptions = subscriptions
        self._journal = journal
        self._sent: dict[str, float] = {}
        self._pings: dict[str, str] = {}
        self._farewells: set[str] = set()

    def takes(self, kind: str, topic: str) -> bool:
        """Tell whether the platform would choose this socket; a zombie is still chosen."""
        return (kind, topic) in self._subscriptions and self.state in {State.OPEN, State.ZOMBIE}

    def sent(self) -> list[str]:
        """List the message ids of the pushes written here."""
        return list(self._sent)

    async def deliver(self, kind: str, push: Push, headers: Mapping[str, str]) -> None:
        """Write a push as a frame."""
        self._sent[push.message_id] = asyncio.get_running_loop().time()
        await self._write(
            kind, push.topic, push.message_id, json.dumps(push.payload, ensure_ascii=False), headers
        )

    async def announce_end(self) -> None:
        """Send the disconnect frame; nothing is delivered here afterwards."""
        self.state = State.DRAINING
        message_id = secrets.token_hex(8)
        self._farewells.add(message_id)
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await self._write("SYSTEM", "disconnect", message_id, '{"reason":"rebalance"}')

    async def close_after(self, grace: float) -> None:
        """Close the socket politely when the app has not done so (seconds)."""
        await asyncio.sleep(grace)
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await self.websocket.close(1000)

    async def wait_cut(self) -> None:
        """Wait until the TCP connection shall be dropped."""
        await self.cut.wait()

    async def ping(self) -> str:
        """Send one ping frame and return its message id."""
        message_id, opaque = secrets.token_hex(8), secrets.token_hex(8)
        self._pings[message_id] = opaque
        await self._write("SYSTEM", "ping", message_id, json.dumps({"opaque": opaque}))
        return message_id

    async def keep_pinging(self, every: float) -> None:
        """Ping until the socket ends; an unanswered ping is the app's mistake (seconds)."""
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            while True:
                await asyncio.sleep(every)
                if await self.ping() and len(self._pings) > 1:
                    self._journal.wrong("stream ping", "a ping was not answered")

    def read(self, text: str, pushes: Mapping[str, Push]) -> Ack | None:
        """Read one frame of the app; None when it answers no push sent on this socket."""
        try:
            frame = json.loads(text)
            headers, code = frame["headers"], frame["code"]
            message_id, content_type = str(headers["messageId"]), headers["contentType"]
            data = json.loads(frame["data"]) if frame["data"] else {}
        except (ValueError, KeyError, TypeError):
            self._journal.wrong(
                _WHERE, "not {code, headers: {messageId, contentType}, message, data: JSON string}"
            )
            return None
        if content_type != "application/json" or not isinstance(code, int):
            self._journal.wrong(_WHERE, "contentType or code is wrong")
        if message_id in self._pings:
            self._read_pong(message_id, data)
            return None
        if message_id in self._farewells:
            return None
        if message_id not in self._sent:
            # The platform drops a late answer on a new socket; an id nobody sent is a mistake.
            if message_id not in pushes:
                self._journal.wrong(_WHERE, "unknown messageId")
            return None
        push = pushes[message_id]
        fields = data if isinstance(data, dict) else {}
        self._check_data(push, fields, code)
        took = asyncio.get_running_loop().time() - self._sent[message_id]
        return Ack(message_id, self.id, self._outcome(push, fields, code), fields, took)

    def _check_data(self, push: Push, data: Mapping[str, Any], code: int) -> None:
        if code != _OK:
            return
        if push.topic == "*" and data.get("status") not in {"SUCCESS", "LATER"}:
            self._journal.wrong(_WHERE, "an event's data needs status SUCCESS or LATER")
        if "card/instances" in push.topic and not isinstance(data.get("response"), dict):
            self._journal.wrong(_WHERE, "a card's data needs an object response")

    def _outcome(self, push: Push, data: Mapping[str, Any], code: int) -> int:
        """Count an event put off until LATER as not acknowledged."""
        return _LATER if push.topic == "*" and data.get("status") == "LATER" else code

    def _read_pong(self, message_id: str, data: object) -> None:
        opaque = self._pings.pop(message_id)
        if not isinstance(data, dict) or data.get("opaque") != opaque:
            self._journal.wrong("stream ping", "the answer does not echo opaque")

    async def _write(
        self,
        kind: str,
        topic: str,
        message_id: str,
        data: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        frame = {
            "specVersion": "1.0",
            "type": kind,
            "headers": {
                "appId": "emulated-app",
                "connectionId": self.id,
                "contentType": "application/json",
                "messageId": message_id,
                "time": str(int(self._journal.clock() * 1000)),
                "topic": topic,
                **(headers or {}),
            },
            "data": data,
        }
        await self.websocket.send_text(json.dumps(frame, ensure_ascii=False))

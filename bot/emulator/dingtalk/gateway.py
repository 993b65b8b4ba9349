"""The Stream gateway: tickets, sockets, frames, acknowledgements, redelivery and its misbehaviour.

Written from the protocol page (open-dingtalk/developerpedia, learn/stream/protocol.md).
"""

import asyncio
import contextlib
import secrets
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.emulator.dingtalk.errors import ApiError
from bot.emulator.dingtalk.identity import Identity
from bot.emulator.dingtalk.journal import Journal
from bot.emulator.dingtalk.pushes import Push, Road
from bot.emulator.dingtalk.server import ApiCall, Gate
from bot.emulator.dingtalk.socket import Ack, Connection, State
from bot.emulator.dingtalk.world import DingtalkWorld
from bot.emulator.faults import Fault

ROBOT_TOPIC = "/v1.0/im/bot/messages/get"
CARD_TOPIC = "/v1.0/card/instances/callback"
EVENT_TOPIC = "*"
STREAM_PATH = "/dingtalk-stream"

_KNOWN = {
    ("CALLBACK", ROBOT_TOPIC),
    ("CALLBACK", CARD_TOPIC),
    ("CALLBACK", "/v1.0/im/bot/messages/delegate"),
    ("CALLBACK", "/v1.0/graph/api/invoke"),
    ("EVENT", EVENT_TOPIC),
    ("SYSTEM", "ping"),
    ("SYSTEM", "disconnect"),
    ("SYSTEM", "*"),
}
_PLACES = {
    ROBOT_TOPIC: "dingtalk.stream.robot",
    CARD_TOPIC: "dingtalk.stream.card",
    EVENT_TOPIC: "dingtalk.stream.event",
}
_REDELIVERIES = 3
_OK = 200


@dataclass(frozen=True)
class _Ticket:
    until: float
    subscriptions: frozenset[tuple[str, str]]


class Gateway:
    """Every open Stream socket, and the choice of one at random for each push."""

    def __init__(
        self, world: DingtalkWorld, journal: Journal, gate: Gate, identity: Identity, road: Road
    ) -> None:
        self.connections: list[Connection] = []
        self.acks: list[Ack] = []
        self.opened = 0
        """How many sockets were ever accepted."""
        self.most = 0
        """How many there were at once, at most."""
        self._world = world
        self._journal = journal
        self._gate = gate
        self._identity = identity
        self._road = road
        self._tickets: dict[str, _Ticket] = {}
        self._pushes: dict[str, Push] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, call: ApiCall) -> dict[str, Any]:
        """Hand out a socket address and a ticket (90 seconds, one use)."""
        if not self._identity.is_app(call.params.get("clientId"), call.params.get("clientSecret")):
            self._journal.wrong(call.name, "clientId or clientSecret is wrong")
            raise ApiError("authFailed", "鉴权失败", status=401)
        wanted = self._subscriptions(call)
        ticket = secrets.token_urlsafe(24)
        until = self._journal.clock() + self._world.limits.ticket_lifetime
        self._tickets[ticket] = _Ticket(until, wanted)
        base = urlsplit(self._gate.address())
        scheme = "wss" if base.scheme == "https" else "ws"
        return {"endpoint": f"{scheme}://{base.netloc}{STREAM_PATH}", "ticket": ticket}

    async def serve(self, websocket: WebSocket) -> None:
        """Run one socket until either side ends it."""
        ticket = self._tickets.pop(websocket.query_params.get("ticket", ""), None)
        if ticket is None or self._journal.clock() >= ticket.until:
            self._journal.wrong(STREAM_PATH, "the ticket is unknown, used or older than 90 seconds")
            await websocket.close()
            return
        await websocket.accept()
        self.opened += 1
        connection = Connection(websocket, ticket.subscriptions, self._journal)
        self.connections.append(connection)
        self.most = max(self.most, len(self.connections))
        pings = self._spawn(connection.keep_pinging(self._world.limits.ping_every))
        try:
            await self._listen(connection)
        finally:
            pings.cancel()
            connection.state = State.CLOSED
            self.connections.remove(connection)
            for message_id in connection.sent():
                if not self._pushes[message_id].answered:
                    self._pushes[message_id].refusals.append("connection ended")

    async def push(
        self,
        kind: str,
        push: Push,
        headers: Mapping[str, str] | None = None,
        *,
        redelivery: float | None = None,
    ) -> None:
        """Send one frame to a connection picked at random; redeliver it while unacknowledged."""
        self._pushes[push.message_id] = push

        async def send() -> None:
            await self._send(kind, push, headers or {})

        await self._road.travel(_PLACES[push.topic], send, self._misbehave)
        if redelivery is not None:
            _ = self._spawn(self._redeliver(kind, push, headers or {}, redelivery))

    async def disconnect(self, connection: Connection | None = None) -> None:
        """Announce the end of one or every socket; it stays open a while but gets nothing."""
        for each in self._chosen(connection):
            await each.announce_end()
            _ = self._spawn(each.close_after(self._world.limits.disconnect_grace))

    async def zombie(self, connection: Connection | None = None) -> None:
        """Keep one or every socket open and pinged, but deliver nothing on it."""
        for each in self._chosen(connection):
            each.state = State.ZOMBIE

    async def reset(self, connection: Connection | None = None) -> None:
        """Cut the TCP connection of one or every socket without a close frame."""
        for each in self._chosen(connection):
            each.cut.set()

    async def aclose(self) -> None:
        """Stop all background work."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _chosen(self, connection: Connection | None) -> list[Connection]:
        return list(self.connections) if connection is None else [connection]

    async def _send(self, kind: str, push: Push, headers: Mapping[str, str]) -> None:
        ready = [c for c in self.connections if c.takes(kind, push.topic)]
        if not ready:
            push.refusals.append("no connection")
            return
        connection = secrets.choice(ready)
        if connection.state is State.ZOMBIE:
            push.refusals.append("zombie connection")
            return
        push.attempts += 1
        try:
            await connection.deliver(kind, push, headers)
        except (WebSocketDisconnect, RuntimeError):
            push.refusals.append("connection lost")

    async def _misbehave(self, fault: Fault) -> bool:
        """Do what a DROP's value says; only a disconnect leaves the frame to another socket."""
        match fault.value:
            case "disconnect":
                await self.disconnect()
                return True
            case "zombie":
                await self.zombie()
            case "reset":
                await self.reset()
            case _:
                pass
        return False

    async def _redeliver(
        self, kind: str, push: Push, headers: Mapping[str, str], after: float
    ) -> None:
        for _ in range(_REDELIVERIES):
            if await push.answer(after) is not None:
                return
            await self._send(kind, push, headers)

    async def _listen(self, connection: Connection) -> None:
        reader = self._spawn(self._read_all(connection))
        cut = self._spawn(connection.wait_cut())
        try:
            await asyncio.wait({reader, cut}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            reader.cancel()
            cut.cancel()

    async def _read_all(self, connection: Connection) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while True:
                message = await connection.websocket.receive()
                if message["type"] == "websocket.disconnect":
                    return
                self._take(connection, message.get("text") or "")

    def _take(self, connection: Connection, text: str) -> None:
        ack = connection.read(text, self._pushes)
        if ack is None:
            return
        self.acks.append(ack)
        push = self._pushes[ack.message_id]
        if ack.late_by(self._world.limits.push_deadline_stream):
            self._journal.wrong(push.topic, "acknowledged after the platform's deadline")
        if ack.code == _OK:
            push.settle(ack.data)
        else:
            push.refusals.append(f"code {ack.code}")

    def _subscriptions(self, call: ApiCall) -> frozenset[tuple[str, str]]:
        wanted = call.params.get("subscriptions")
        found = set()
        for item in wanted if isinstance(wanted, list) else []:
            pair = (
                (str(item.get("type")), str(item.get("topic"))) if isinstance(item, dict) else None
            )
            if pair not in _KNOWN:
                self._journal.wrong(call.name, f"unknown subscription {item!r}")
                continue
            found.add(pair)
        if not found:
            self._journal.wrong(call.name, "nothing is subscribed")
            raise ApiError("param.error", "subscriptions不能为空")
        return frozenset(found)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

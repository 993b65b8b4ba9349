"""What all parts of the emulated company share: clock, records, the way to phones."""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from bot.emulator.faults import FaultKind, Faults
from bot.emulator.phones import Phones
from bot.emulator.wecom.errors import ProtocolError
from bot.emulator.wecom.world import WecomWorld

Clock = Callable[[], float]


@dataclass
class Call:
    """One API call as it came in, without secrets."""

    name: str
    """The path below /cgi-bin/, such as message/send."""
    params: dict[str, Any]
    at: float
    errcode: int | None = None
    """None until answered, and for answers that are not the API's own."""


@dataclass(frozen=True)
class Dropped:
    """A message that was answered with success and never shown."""

    phone: str
    reason: str
    """rate_limit, duplicate or fault."""
    body: dict[str, Any]


@dataclass(frozen=True)
class Posted:
    """One POST of a callback, as somebody listening on the wire would see it."""

    name: str
    """The message type or event inside, which only the two ends can read."""
    at: float
    seconds: float
    status: int | None
    """The HTTP status answered; None when no answer came in time."""
    size: int
    """Bytes of the body."""
    signature: str
    encrypted: str
    """The beginnings of both."""


class Records:
    """What tests look at afterwards."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.dropped: list[Dropped] = []
        self.protocol_errors: list[ProtocolError] = []
        self.undelivered: list[str] = []
        """Callbacks that failed with all their retries, by what they were."""
        self.posted: list[Posted] = []

    def complain(self, where: str, *problems: str) -> None:
        """Note what the bot did wrong."""
        self.protocol_errors.extend(ProtocolError(where, problem) for problem in problems)


class Core:
    """State without behaviour of its own, plus the few services every part needs."""

    def __init__(self, world: WecomWorld, phones: Phones, faults: Faults, clock: Clock) -> None:
        self.world = world
        self.phones = phones
        self.faults = faults
        self.clock = clock
        self.records = Records()
        self._held: dict[str, list[Callable[[], None]]] = defaultdict(list)
        self._tasks: set[asyncio.Task[object]] = set()
        self._last_number = 0

    def next_number(self) -> int:
        """Give the next 64-bit id; it grows with the clock, so also over restarts."""
        self._last_number = max(self._last_number + 1, int(self.clock() * 1_000_000))
        return self._last_number

    def new_id(self, length: int = 32) -> str:
        """Make an unguessable id of url-safe characters."""
        return secrets.token_urlsafe(length)[:length]

    def arrive(self, place: str, show: Callable[[], None]) -> bool:
        """Let a message reach phones, subject to this place's faults; False when dropped."""
        fault = self.faults.take(place, FaultKind.DROP, FaultKind.DUPLICATE, FaultKind.REORDER)
        kind = fault.kind if fault else None
        if kind is FaultKind.DROP:
            return False
        if kind is FaultKind.REORDER:
            self._held[place].append(show)
            return True
        times = int(fault.value or 2) if fault and kind is FaultKind.DUPLICATE else 1
        for _ in range(times):
            show()
        for held in self._held.pop(place, []):
            held()
        return True

    def spawn(self, work: Coroutine[Any, Any, object]) -> None:
        """Run something in the background until done; `settle` waits for it."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def give_up(self) -> None:
        """Cancel what runs in the background."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def settle(self) -> None:
        """Wait until nothing runs in the background."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

"""One thing the platform wants the app to know, and the faults on its way there."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from bot.emulator.faults import Fault, FaultKind, Faults


@dataclass
class Push:
    """A robot message, card click or event on its way to the app.

    Over Stream `answer` is the acknowledgement's data, over HTTP the response's JSON object.
    """

    message_id: str
    topic: str
    payload: dict[str, Any]
    attempts: int = 0
    """How often it was put on the wire."""
    refusals: list[str] = field(default_factory=list)
    """Why an attempt did not count: an HTTP status, an acknowledgement's code, no connection."""
    _answer: "asyncio.Future[dict[str, Any]]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future(), repr=False
    )

    @property
    def answered(self) -> bool:
        """Whether the app acknowledged it."""
        return self._answer.done()

    @property
    def lost(self) -> bool:
        """Whether it was never put on the wire."""
        return self.attempts == 0

    @property
    def result(self) -> dict[str, Any] | None:
        """The app's answer so far."""
        return self._answer.result() if self._answer.done() else None

    def settle(self, answer: dict[str, Any]) -> None:
        """Take the app's answer; only the first counts."""
        if not self._answer.done():
            self._answer.set_result(answer)

    async def answer(self, within: float) -> dict[str, Any] | None:
        """Wait for the app's answer; None when it does not come in time (seconds)."""
        done, _ = await asyncio.wait({self._answer}, timeout=within)
        return self._answer.result() if done else None


Send = Callable[[], Awaitable[None]]


class Road:
    """Sends pushes through the faults armed for them."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._held: list[Send] = []

    async def travel(
        self,
        place: str,
        send: Send,
        dropped: Callable[[Fault], Awaitable[bool]] | None = None,
    ) -> None:
        """Send once, late, twice, after the next one or never.

        `dropped` handles a DROP with a value; it says whether the push shall still be sent.
        """
        delay = self._faults.take(place, FaultKind.DELAY)
        if delay is not None:
            await asyncio.sleep(float(delay.value or 0))
        fault = self._faults.take(place, FaultKind.DROP, FaultKind.DUPLICATE, FaultKind.REORDER)
        match fault.kind if fault else None:
            case FaultKind.DROP if fault:
                if dropped is None or not await dropped(fault):
                    return
                await send()
            case FaultKind.DUPLICATE:
                await asyncio.gather(*(send() for _ in range(int((fault and fault.value) or 2))))
            case FaultKind.REORDER:
                self._held.append(send)
                return
            case _:
                await send()
        held, self._held = self._held, []
        for late in held:
            await late()

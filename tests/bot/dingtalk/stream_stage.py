"""An application that listens over Stream, for tests against the emulated gateway."""

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator
from typing import Any

from bot.clock import SystemClock
from bot.dingtalk.callbacks import DingtalkCallbacks
from bot.dingtalk.stream import StreamHealth, StreamRunner, StreamTimings
from bot.emulator.dingtalk import Push
from bot.emulator.dingtalk.socket import State
from bot.platform import Clockwork, Rendered
from handlers.incoming import Incoming, Said
from tests.bot.dingtalk.stage import LI, Emulated, asoon, half

QUICK = StreamTimings(
    open_timeout=2.0,
    silent_after=30.0,
    healthy_after=30.0,
    backoff_first=0.02,
    backoff_max=0.1,
    overlap=0.3,
    tick=0.05,
    card_wait=0.4,
    drain=1.0,
)
DONE = Rendered(
    "alert_card", "已处理", {"title": "差评", "markdown": "好", "status": "已处理", "buttons": []}
)


class App:
    """Somebody who listens: what came, and how it is answered."""

    def __init__(self, emulated: Emulated, timings: StreamTimings, clock: Clockwork) -> None:
        self.emulated = emulated
        self.stored: list[Incoming] = []
        self.pressed: list[Incoming] = []
        self.missed: list[Incoming] = []
        self.health: list[StreamHealth] = []
        self.fail = 0
        self.before_store = threading.Event()
        self.before_store.set()
        self.card_seconds = 0.0
        config = emulated.config()
        self.runner = StreamRunner(
            config,
            DingtalkCallbacks(config, clock),
            clock,
            deliver=self.deliver,
            deliver_card=self.deliver_card,
            jitter=half,
            report=self.health.append,
            card_missed=self.missed.append,
            timings=timings,
        )

    def deliver(self, incoming: Incoming) -> None:
        assert self.before_store.wait(5)
        if self.fail:
            self.fail -= 1
            raise OSError("disk full")
        self.stored.append(incoming)

    def deliver_card(self, incoming: Incoming) -> Rendered | None:
        self.pressed.append(incoming)
        time.sleep(self.card_seconds)
        if self.fail:
            self.fail -= 1
            raise OSError("disk full")
        return DONE

    @property
    def texts(self) -> list[str]:
        return [i.content.text for i in list(self.stored) if isinstance(i.content, Said)]

    @property
    def connections(self) -> int:
        return len(self.emulated.platform.gateway.connections)

    @property
    def opened(self) -> int:
        return self.emulated.platform.gateway.opened

    @property
    def states(self) -> list[State]:
        return [each.state for each in list(self.emulated.platform.gateway.connections)]

    async def says(self, text: str, who: str = LI) -> Push:
        push = await self.emulated.ado(self.emulated.platform.member_says(who, text))
        assert isinstance(push, Push)
        return push

    async def is_answered(self, push: Push, seconds: float = 3.0) -> dict[str, Any] | None:
        return await self.emulated.ado(push.answer(seconds))

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Event]:
        stop = asyncio.Event()
        task = asyncio.create_task(self.runner.run(stop))
        try:
            await asoon(lambda: self.connections == 1 or task.done())
            yield stop
        finally:
            stop.set()
            await asyncio.wait_for(task, 5)
            await asoon(lambda: self.connections == 0)


def an_app(
    emulated: Emulated, timings: StreamTimings = QUICK, clock: Clockwork | None = None
) -> App:
    return App(emulated, timings, clock or SystemClock())

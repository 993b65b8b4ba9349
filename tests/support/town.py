"""The whole system in one test process, over the real wire formats.

The emulated platforms and our web application listen on loopback ports; worker, scheduler and
Stream run as threads; the database is real and so is the queue. A test says what people do and
waits for what their phones show.
"""

import json
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import unquote

from fastapi import FastAPI
from typing_extensions import override

from bot.app import create_app
from bot.clock import SystemClock
from bot.emulator.dingtalk import DingtalkPlatform, create_dingtalk
from bot.emulator.faults import Faults
from bot.emulator.phones import Bubble, Phones
from bot.emulator.wecom import WecomPlatform, create_wecom
from bot.wiring import MAIN, Parts
from storage.db import reading
from tests.support.pump import Streaming, Ticker, Worker
from tests.support.servers import Listener, LoopThread
from tests.support.world import (
    Ding,
    MovingClock,
    Places,
    dingtalk_world,
    seed,
    settings_of,
    wecom_world,
)

T = TypeVar("T")
Wanted = str | Callable[[Bubble], bool]

PATIENCE = 8.0
_LOOK_EVERY = 0.01


class MovedClock(SystemClock):
    """The system's clock, moved by the test."""

    def __init__(self, clock: MovingClock) -> None:
        self._clock = clock

    @override
    def now(self) -> Any:
        return self._clock.now()


@dataclass(frozen=True)
class TownParts(Parts):
    """The parts with a clock the test can move."""

    moving: MovingClock

    @cached_property
    @override
    def clock(self) -> SystemClock:
        return MovedClock(self.moving)


class Platforms:
    """Both emulated platforms on one port."""

    def __init__(
        self,
        ding: Ding,
        clock: MovingClock,
        *,
        extra_members: int = 0,
        extra_customers: int = 0,
        retry_seconds: float = 0.02,
    ) -> None:
        self.phones, self.faults = Phones(), Faults()
        self.loop, self.listener = LoopThread(), Listener()
        self._clock = clock
        self._wecom_world = wecom_world(extra_members, retry_seconds, extra_customers)
        self._dingtalk_world = dingtalk_world(ding, extra_customers)
        self.wecom: WecomPlatform
        self.dingtalk: DingtalkPlatform
        self.loop.run(self._build())
        app = FastAPI()
        app.include_router(self.wecom.router)
        app.include_router(self.dingtalk.router)
        self.listener.serve(app, self.loop, lifespan="off")

    @property
    def url(self) -> str:
        return self.listener.url

    def call_back_at(self, bot: str) -> None:
        """Tell the platforms where the bot listens."""
        self.wecom.callback_url = f"{bot}/callback/main/wecom"
        self.dingtalk.callback_base_url = f"{bot}/callback/main/dingtalk"

    def close(self) -> None:
        self.listener.stop()
        self.loop.run(self._end())
        self.listener.close()
        self.loop.close()

    async def _build(self) -> None:
        clock = self._clock.seconds
        self.wecom = create_wecom(self._wecom_world, self.phones, self.faults, "", clock=clock)
        self.dingtalk = create_dingtalk(
            self._dingtalk_world,
            self.phones,
            self.faults,
            "",
            base_url=self.listener.url,
            clock=clock,
        )

    async def _end(self) -> None:
        await self.wecom.aclose()
        await self.dingtalk.aclose()


class Town:
    """One firm with everything running."""

    def __init__(self, platforms: Platforms, parts: "TownParts") -> None:
        self.platforms, self.parts = platforms, parts
        self.clock, self.settings = parts.moving, parts.settings
        self.phones, self.faults = platforms.phones, platforms.faults
        self.wecom, self.dingtalk = platforms.wecom, platforms.dingtalk
        self.parts.set_up_main()
        self.parts.runtime.act(MAIN, seed)
        self._running: list[Any] = []

    def start(self, bot: Listener, *, stream: bool, workers: int = 1) -> None:
        """Start web, workers, scheduler and, when asked for, Stream."""
        self.bot = bot
        self.platforms.call_back_at(bot.url)
        self._loop = LoopThread()
        bot.serve(create_app(self.parts.web), self._loop)
        self._running = [*(Worker(self.parts) for _ in range(workers)), Ticker(self.parts)]
        if stream:
            self._running.append(Streaming(self.parts))

    def close(self) -> None:
        self.bot.stop()
        for part in reversed(self._running):
            part.close()
        self.bot.close()
        self._loop.close()
        self.parts.close()

    # What people do.

    def says(self, phone: str, text: str) -> int:
        """Type a line; give a mark that stands before whatever comes of it."""
        mark = self.mark()
        app, _, user = phone.partition(":")
        match app:
            case "wecom":
                self.run(self.wecom.member_says(user, text))
            case "wechat":
                self.run(self.wecom.customer_says(user, text))
            case _:
                self.run(self.dingtalk.member_says(user, text))
        return mark

    def presses(self, bubble: Bubble, choice: str, form: dict[str, str] | None = None) -> int:
        """Press the button that ends with `:choice`, or that has it as its key or text."""
        mark = self.mark()
        app, _, user = bubble.phone.partition(":")
        match app:
            case "wecom":
                selected = {name: [value] for name, value in (form or {}).items()}
                key = _key(bubble, choice)
                self.run(self.wecom.member_presses(user, bubble, key, selected))
            case "wechat":
                self.run(self.wecom.customer_presses(user, bubble, _key(bubble, choice)))
            case _ if bubble.kind == "card":
                params = {"form": form} if form else {}
                key = _key(bubble, choice)
                self.run(self.dingtalk.member_presses(user, bubble, key, params))
            case _:
                self.run(self.dingtalk.member_opens_link(user, _link(bubble, choice)))
        return mark

    # What they see.

    def mark(self) -> int:
        """Give the newest bubble's number."""
        newest = 0
        for phone in list(self.phones._bubbles):
            for bubble in self.phones.of(phone):
                newest = max(newest, bubble.id)
        return newest

    def shown(self, phone: str, after: int = 0) -> list[Bubble]:
        """List what others have put on a phone since a mark."""
        return [b for b in self.phones.of(phone) if not b.mine and b.id > after]

    def waits_for(
        self, phone: str, wanted: Wanted, *, after: int = 0, seconds: float = PATIENCE
    ) -> Bubble:
        """Wait until a phone shows a bubble with a text, or one that fits."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for bubble in self.shown(phone, after):
                if fits(bubble, wanted):
                    return bubble
            time.sleep(_LOOK_EVERY)
        seen = [text_of(bubble) for bubble in self.shown(phone, after)]
        raise AssertionError(f"{phone} does not show {wanted!r} but {seen}")

    def waits_until(self, holds: Callable[[], T], seconds: float = PATIENCE) -> T:
        """Wait until something holds and give it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = holds()
            if found:
                return found
            time.sleep(_LOOK_EVERY)
        raise AssertionError("it never came to hold")

    def wakes_up(self) -> None:
        """Wait until what happens by itself at the start has happened."""
        self.waits_until(lambda: self.all("SELECT 1 FROM inbox WHERE source_id LIKE 'sweep:%'"))
        self.waits_until(lambda: self.all("SELECT 1 FROM channels WHERE contact_url IS NOT NULL"))
        roles = 2 if self.settings.dingtalk.mode == "stream" else 1
        self.waits_until(lambda: self.one("SELECT count(*) FROM beats") >= roles)

    def lets_time_pass(self, until: Callable[[], T], seconds: float = PATIENCE) -> T:
        """Move the clock on, a second at each look, until something holds.

        It stands while there is something to do, so a busy machine is in no hurry.
        """

        def looks() -> T:
            if self.is_idle():
                self.clock.pass_by(seconds=1)
            return until()

        return self.waits_until(looks, seconds)

    def jumps(self, **parts: float) -> None:
        """Move the clock on at once, as if everybody had slept, when nothing is under way.

        What is being sent while the clock jumps loses its lease, and goes out a second time.
        """
        self.waits_until(lambda: self.is_idle() and self.is_idle())
        self.clock.pass_by(**parts)

    def is_idle(self) -> bool:
        """Tell whether nothing is due now."""
        sending = self.one("SELECT count(*) FROM deliveries WHERE state = 'sending'")
        return not (
            self._waiting() or sending or self.parts.store.queue.due(self.parts.clock.now(), 1)
        )

    def is_at_rest(self) -> bool:
        """Tell whether nothing is due now or later."""
        going = self.one("SELECT count(*) FROM deliveries WHERE state IN ('queued', 'sending')")
        return not self._waiting() and not going

    def _waiting(self) -> Any:
        return self.one("SELECT count(*) FROM inbox WHERE state = 'new'")

    def settles(self, seconds: float = PATIENCE) -> None:
        """Wait until nothing is due: every item handled, every delivery at rest."""
        self.waits_until(lambda: self.is_at_rest() and self.is_at_rest(), seconds)

    # What is stored.

    def all(self, statement: str) -> list[tuple[Any, ...]]:
        """Run a query over all tenants."""
        with reading(self.parts.store.database, None) as db:
            return db.all(statement)

    def one(self, statement: str) -> Any:
        """Give the only value of a query."""
        ((value,),) = self.all(statement)
        return value

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Let somebody act on the platforms' loop."""
        return self.platforms.loop.run(work)

    def has_behaved(self) -> None:
        """Assert that we broke no rule of a platform's protocol."""
        assert self.wecom.protocol_errors == []
        found = [str(one) for one in self.dingtalk.protocol_errors]
        assert found == [], found


def text_of(bubble: Bubble) -> str:
    """Give everything a bubble says, as text to search in."""
    return json.dumps(bubble.body, ensure_ascii=False)


def fits(bubble: Bubble, wanted: Wanted) -> bool:
    """Tell whether a bubble is the one that is waited for."""
    return wanted in text_of(bubble) if isinstance(wanted, str) else wanted(bubble)


def keys_of(bubble: Bubble) -> list[str]:
    """List what can be pressed on a bubble."""
    body = bubble.body
    if bubble.kind == "menu":
        return [item["click"]["id"] for item in body["list"] if item["type"] == "click"]
    if "data" in body:
        data = body["data"]
        buttons = [button["action"] for button in json.loads(data.get("buttons") or "[]")]
        return [*buttons, *([data["formAction"]] if data.get("formAction") else [])]
    keys = [button["key"] for button in body.get("button_list", [])]
    return [*keys, *([body["submit_button"]["key"]] if "submit_button" in body else [])]


def _key(bubble: Bubble, choice: str) -> str:
    for key in keys_of(bubble):
        if key == choice or key.endswith(f":{choice}"):
            return key
    raise AssertionError(f"nothing to press for {choice} among {keys_of(bubble)}")


def _link(bubble: Bubble, choice: str) -> str:
    for button in bubble.body.get("buttons", []):
        if button["title"] == choice or unquote(button["url"]).endswith(f":{choice}"):
            return str(button["url"])
    raise AssertionError(f"no link for {choice} in {bubble.body}")


def places_of(platforms: Platforms, bot: Listener, data: Any, redis: str, database: str) -> Places:
    """Say where everything is."""
    return Places(data, redis, database, platforms.url, bot.url)


__all__ = ["Ding", "MovingClock", "Platforms", "Town", "keys_of", "settings_of", "text_of"]

"""What DingTalk's tests stand on: one configuration, payloads from the fixtures, an emulator.

The emulator runs in a thread of its own, so that blocking clients can be tested against it.
"""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx2
import uvicorn
from fastapi import FastAPI, Request, Response
from pydantic import SecretStr

from bot.clock import SystemClock
from bot.dingtalk import DingtalkConfig
from bot.emulator.dingtalk import DingtalkPlatform, DingtalkWorld, Group, Limits, create_dingtalk
from bot.emulator.faults import Faults
from bot.emulator.phones import Bubble, Phones
from bot.platform import HttpAnswer, Rejected
from domain.ids import ChannelId

T = TypeVar("T")

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "dingtalk"
TEMPLATE = "11111111-2222-3333-4444-555555555555.schema"
CONVERSATION = "cidGroup1=="
LI, WANG = "0412337", "0412338"
NOW = datetime.fromtimestamp(1_795_300_000, UTC)
WORLD = DingtalkWorld(
    card_template_ids=(TEMPLATE,),
    members={LI: "李四", WANG: "王五"},
    groups={CONVERSATION: Group("滨江一期", (LI, WANG))},
    limits=Limits(calls_per_second=None),
)
CONFIG = DingtalkConfig(
    channel=ChannelId("dingtalk-main"),
    client_id=WORLD.client_id,
    client_secret=SecretStr(WORLD.client_secret),
    robot_code=WORLD.robot_code,
    corp_id=WORLD.corp_id,
    event_token=SecretStr(WORLD.event_token),
    event_aes_key=SecretStr(WORLD.event_aes_key),
)


class StandingClock:
    """A clock that moves when told."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


def fixture(name: str, **changes: Any) -> dict[str, Any]:
    """Load a payload; a change to None removes the field."""
    data = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    return {key: value for key, value in {**data, **changes}.items() if value is not None}


def body_of(data: Mapping[str, Any]) -> bytes:
    """Write a payload as it comes over the wire."""
    return json.dumps(data, ensure_ascii=False).encode()


def half() -> float:
    """Give the jitter of every test."""
    return 0.5


class Emulated:
    """A DingTalk on a free port, in a thread."""

    def __init__(self, **changes: Any) -> None:
        self.world = replace(WORLD, **changes)
        self.phones, self.faults = Phones(), Faults()
        self.clock = SystemClock()
        self.ears: Callable[[str, Any, Any, bytes], HttpAnswer] | None = None
        """Who listens at /app/{robot,card,event}."""
        self.platform: DingtalkPlatform
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> Self:
        # Named TCP, or asyncio leaves Nagle's algorithm on and each answer waits 40 ms.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self._thread.start()
        assert self._ready.wait(10)
        soon(lambda: self._server.started)
        return self

    def __exit__(self, *_: object) -> None:
        self.do(self.platform.aclose())
        self._server.should_exit = True
        self._thread.join(10)
        self._socket.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    @property
    def errors(self) -> list[str]:
        return [str(error) for error in self.platform.protocol_errors]

    def config(self, **changes: Any) -> DingtalkConfig:
        """Give the configuration that leads here."""
        return replace(CONFIG, api_base=self.url, oapi_base=self.url, **changes)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something where the emulator lives, waiting for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def ado(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something where the emulator lives, from another event loop."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    def shown(self, staff_id: str) -> list[Bubble]:
        """List what the robot put on somebody's phone."""
        return [b for b in self.phones.of(f"dingtalk:{staff_id}") if not b.mine]

    def names(self, part: str) -> list[str]:
        """List the calls whose path holds this."""
        return [call.name for call in self.platform.calls if part in call.name]

    def post(self, name: str, body: bytes) -> int:
        """Post something to the app as somebody else would, giving the status."""
        return httpx2.post(f"{self.url}/app/{name}", content=body, trust_env=False).status_code

    def _work(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _hear(self, request: Request) -> Response:
        assert self.ears is not None
        name = request.path_params["name"]
        try:
            answer = self.ears(name, request.headers, request.query_params, await request.body())
        except Rejected as refusal:
            return Response(status_code=refusal.status)
        return Response(answer.body, answer.status, media_type=answer.media_type)

    async def _serve(self) -> None:
        self.platform = create_dingtalk(
            self.world, self.phones, self.faults, f"{self.url}/app", base_url=self.url
        )
        app = FastAPI()
        app.include_router(self.platform.router)
        app.add_api_route("/app/{name}", self._hear, methods=["POST"], response_model=None)
        settings = uvicorn.Config(
            app, lifespan="off", log_level="critical", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(settings)
        self._ready.set()
        await self._server.serve(sockets=[self._socket])


def soon(condition: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.005)
    raise AssertionError("the condition did not come true")


async def asoon(condition: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait until a condition holds, letting the event loop work."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("the condition did not come true")

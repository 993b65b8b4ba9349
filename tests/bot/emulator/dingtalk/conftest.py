"""An emulated DingTalk on a free port, with a listening app beside it and a tiny Stream client."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from websockets.asyncio.client import ClientConnection, connect

from bot.emulator.dingtalk import (
    CustomRobot,
    DingtalkPlatform,
    DingtalkWorld,
    Group,
    Limits,
    create_dingtalk,
)
from bot.emulator.faults import Faults
from bot.emulator.phones import Bubble, Phones

TEMPLATE = "11111111-2222-3333-4444-555555555555.schema"
GROUP = "cidGroup1=="
WORLD = DingtalkWorld(
    card_template_ids=(TEMPLATE,),
    api_secret="apisecret",
    members={"0412337": "李四", "0412338": "王五", "0412339": "赵六"},
    groups={GROUP: Group("滨江一期", ("0412337", "0412338"))},
    custom_robots={"hook-token": CustomRobot(GROUP, "SEC-hook")},
)


class Clock:
    """A clock the test moves; it starts at the real epoch of the reference's examples."""

    def __init__(self) -> None:
        self.now = 1_795_300_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Seen:
    """One callback as the app received it."""

    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answer = Callable[[Seen], Awaitable[Response]]


async def _silence(_: Seen) -> Response:
    return Response('{"msgtype":"empty"}', media_type="application/json")


@dataclass
class Stage:
    """The emulator, the phones, the app's ears, and an HTTP client already logged in."""

    platform: DingtalkPlatform
    phones: Phones
    faults: Faults
    clock: Clock
    http: httpx2.AsyncClient
    seen: list[Seen] = field(default_factory=list)
    answer: Answer = _silence

    @property
    def errors(self) -> list[str]:
        return [str(error) for error in self.platform.protocol_errors]

    async def api(self, method: str, path: str, body: Mapping[str, Any]) -> httpx2.Response:
        """Call the new host with a good token."""
        app = {
            "appKey": self.platform.world.client_id,
            "appSecret": self.platform.world.client_secret,
        }
        token = (await self.http.post("/v1.0/oauth2/accessToken", json=app)).json()["accessToken"]
        headers = {"x-acs-dingtalk-access-token": token}
        return await self.http.request(method, path, json=dict(body), headers=headers)

    def shown(self, staff_id: str) -> list[Bubble]:
        return [b for b in self.phones.of(f"dingtalk:{staff_id}") if not b.mine]

    @contextlib.asynccontextmanager
    async def stream(self, *topics: tuple[str, str]) -> AsyncIterator["TinyStream"]:
        """Open a Stream socket for these (type, topic) pairs."""
        body = {
            "clientId": self.platform.world.client_id,
            "clientSecret": self.platform.world.client_secret,
            "subscriptions": [{"type": kind, "topic": topic} for kind, topic in topics],
        }
        opened = (await self.http.post("/v1.0/gateway/connections/open", json=body)).json()
        url = f"{opened['endpoint']}?ticket={opened['ticket']}"
        async with connect(url, proxy=None, max_queue=None) as socket_:
            yield TinyStream(socket_)


@dataclass
class TinyStream:
    """The least a Stream client must do."""

    socket: ClientConnection

    async def frame(self) -> dict[str, Any]:
        async with asyncio.timeout(5):
            frame: dict[str, Any] = json.loads(await self.socket.recv())
        return frame

    async def ack(self, frame: Mapping[str, Any], data: object) -> None:
        answer = {
            "code": 200,
            "message": "OK",
            "headers": {
                "messageId": frame["headers"]["messageId"],
                "contentType": "application/json",
            },
            "data": json.dumps(data),
        }
        await self.socket.send(json.dumps(answer))


@dataclass
class Server:
    """Serves an application on a free port of this machine."""

    app: FastAPI

    async def __aenter__(self) -> Self:
        # Named TCP, or asyncio leaves Nagle's algorithm on and each answer waits 40 ms.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            self.app, lifespan="off", log_level="critical", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        await eventually(lambda: self._server.started)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.should_exit = True
        await self._task
        self._socket.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"


StageMaker = Callable[..., Awaitable[Stage]]


@pytest.fixture
async def make_stage(anyio_backend: str) -> AsyncIterator[StageMaker]:
    """Make stages with other limits or settings than `stage` has."""
    async with contextlib.AsyncExitStack() as stack:

        async def make(limits: Limits | None = None, **settings: Any) -> Stage:
            world = replace(WORLD, limits=limits or Limits(calls_per_second=None), **settings)
            phones, faults, clock = Phones(), Faults(), Clock()
            platform = create_dingtalk(world, phones, faults, "http://127.0.0.1:1", clock=clock)
            app = FastAPI()
            app.include_router(platform.router)
            server = await stack.enter_async_context(Server(app))
            platform.base_url = server.url
            platform.callback_base_url = f"{server.url}/app"
            client = httpx2.AsyncClient(base_url=server.url, trust_env=False)
            http = await stack.enter_async_context(client)
            stage = Stage(platform, phones, faults, clock, http)
            app.add_api_route("/app/{name}", _ears(stage), methods=["POST"], response_model=None)
            stack.push_async_callback(platform.aclose)
            return stage

        yield make


@pytest.fixture
async def stage(make_stage: StageMaker) -> Stage:
    """Serve the usual company."""
    return await make_stage()


def _ears(stage: Stage) -> Callable[[Request], Awaitable[Response]]:
    async def hear(request: Request) -> Response:
        headers, query = dict(request.headers), dict(request.query_params)
        seen = Seen(request.url.path, headers, query, await request.body())
        stage.seen.append(seen)
        return await stage.answer(seen)

    return hear


async def eventually(condition: Callable[[], object]) -> None:
    """Wait until a condition holds, at most five seconds."""
    deadline = asyncio.get_running_loop().time() + 5
    while asyncio.get_running_loop().time() < deadline:
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("the condition did not come true")

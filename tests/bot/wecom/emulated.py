"""The emulated platform on a loopback port, with a bot that is nothing but the adapter."""

import asyncio
import socket
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from threading import Thread
from typing import Any, TypeVar

import httpx2
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bot.emulator.faults import Faults
from bot.emulator.phones import Bubble, Phones
from bot.emulator.wecom import (
    KfAccount,
    WecomApp,
    WecomPlatform,
    WecomTimings,
    WecomWorld,
    create_wecom,
)
from bot.platform import HttpAnswer, Rejected, Rendered
from bot.wecom import KfConfig, WecomConfig
from bot.wecom.callbacks import WecomCallbacks
from bot.wecom.client import app_client, kf_client
from bot.wecom.kf import KfAccount as OurKfAccount, KfOutbound
from bot.wecom.kf_pull import KfPuller
from bot.wecom.outbound import WecomAppOutbound
from domain.ids import ChannelId
from handlers.incoming import Incoming
from tests.bot.wecom.town import AES_KEY, CORP, KF_SECRET, SECRET, TOKEN, Clock

T = TypeVar("T")
Reply = Callable[[WecomCallbacks, Incoming], HttpAnswer | None]

WORLD = WecomWorld(
    corp_id=CORP,
    apps=(WecomApp(1000002, SECRET, TOKEN, AES_KEY),),
    members={"pm01": "李工", "sup01": "王总"},
    kf_accounts=(KfAccount("wkDEMO", 1000002, "筑分客服"),),
    kf_secret=KF_SECRET,
    customers={"wmWang": "王女士"},
    webhooks={"robot-key": "预警群"},
    timings=WecomTimings(retry_interval=0.01),
)


def in_band(message: Rendered, *, replaces_card: bool = False) -> Reply:
    """Answer every callback with one message, where it can go back in-band."""
    return lambda callbacks, incoming: callbacks.answer(
        incoming, message, replaces_card=replaces_card
    )


class Ground:
    """A loop in a thread of its own and a port, kept while platforms come and go."""

    def __init__(self) -> None:
        self.platform = FastAPI()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._listening = socket.create_server(("127.0.0.1", 0))
        # asyncio leaves this to us for such a socket; without it every answer waits 40 ms.
        self._listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        config = uvicorn.Config(self._serve, interface="asgi3", log_level="warning", lifespan="off")
        self._server = uvicorn.Server(config)
        self._serving = self.run_soon(self._server.serve(sockets=[self._listening]))

    def run_soon(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def close(self) -> None:
        self._server.should_exit = True
        self._serving.result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)
        self._loop.close()
        self._listening.close()

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.platform(scope, receive, send)


class Emulated:
    """One platform and its bot; everything here is called from the test's thread."""

    def __init__(self, ground: Ground, clock: Clock) -> None:
        self.clock, self.phones, self.faults = clock, Phones(), Faults()
        self.incoming: list[Incoming] = []
        self.refused: list[Rejected] = []
        self.reply: Reply = lambda _callbacks, _incoming: None
        self._ground = ground
        address = ground.address
        self.config = WecomConfig(
            corp_id=CORP,
            agent_id=1000002,
            secret=SecretStr(SECRET),
            callback_token=SecretStr(TOKEN),
            callback_aes_key=SecretStr(AES_KEY),
            app_channel=ChannelId("app"),
            kf=KfConfig("wkDEMO", SecretStr(KF_SECRET), ChannelId("kf")),
            api_base=address,
        )
        self.webhook_url = SecretStr(f"{address}/cgi-bin/webhook/send?key=robot-key")
        self.callbacks = WecomCallbacks(self.config, clock)
        self.platform: WecomPlatform = self.run(self._build())
        ground.platform = FastAPI()
        ground.platform.include_router(self.platform.router)
        self.client = app_client(self.config, None)
        self.kf = kf_client(self.config, None, self.client)
        assert self.config.kf is not None
        self.outbound = WecomAppOutbound(self.client, self.config)
        self.kf_outbound = KfOutbound(self.kf, self.config.kf, clock)
        self.kf_account = OurKfAccount(self.kf, self.config.kf)
        self.puller = KfPuller(self.kf, self.config.kf, clock, page_size=2)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._ground.run_soon(work).result(20)

    def shown(self, phone: str) -> list[Bubble]:
        """List what others have put on a phone."""
        return [bubble for bubble in self.phones.of(phone) if not bubble.mine]

    def pulled(self) -> list[Incoming]:
        return [item for page in self.puller.pages(None, None) for item in page.items]

    def close(self) -> None:
        self.client.close()
        self.kf.close()
        self.run(self.platform.aclose())

    async def _build(self) -> WecomPlatform:
        bot = FastAPI()
        bot.add_api_route("/callback", self._callback, methods=["GET", "POST"], response_model=None)
        return create_wecom(
            WORLD,
            self.phones,
            self.faults,
            "http://bot.example/callback",
            clock=lambda: self.clock.now().timestamp(),
            http=httpx2.AsyncClient(transport=httpx2.ASGITransport(bot)),
        )

    async def _callback(self, request: Request) -> Response:
        query = dict(request.query_params)
        try:
            if request.method == "GET":
                answer = self.callbacks.verify_url(query)
            else:
                incoming = self.callbacks.read(query, await request.body())
                self.incoming.append(incoming)
                answer = self.reply(self.callbacks, incoming) or self.callbacks.acknowledge()
        except Rejected as rejected:
            self.refused.append(rejected)
            return Response(status_code=rejected.status)
        return Response(answer.body, answer.status, media_type=answer.media_type)

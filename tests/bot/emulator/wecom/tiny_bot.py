"""A bot of a few lines on wechatpy's crypto, and the emulated company it belongs to."""

import asyncio
import base64
import dataclasses
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import xmltodict
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from wechatpy.work.crypto import WeChatCrypto

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

Json = dict[str, Any]
Answer = Callable[[Json], Awaitable[str | None] | str | None]

APP = WecomApp(
    agent_id=1000002,
    secret="app-secret",
    token="callback-token",
    aes_key43=base64.b64encode(bytes(range(32))).decode().rstrip("="),
)
OTHER_APP = dataclasses.replace(APP, agent_id=1000003, secret="other-secret")
KF = KfAccount("wkDEMO", APP.agent_id, "筑分客服")
OTHER_KF = KfAccount("wkOTHER", APP.agent_id, "售后客服")
WORLD = WecomWorld(
    corp_id="wwdemo0000000001",
    apps=(APP, OTHER_APP),
    members={"pm01": "李工", "sup01": "王总", "sup02": "赵总"},
    kf_accounts=(KF, OTHER_KF),
    kf_secret="kf-secret",
    customers={"wmWang": "王女士", "wmLiu": "刘先生"},
    unionids={"wmWang": "union-wang"},
    webhooks={"robot-key": "预警群"},
    timings=WecomTimings(callback_timeout=0.2, retry_interval=0.01),
)


class Clock:
    """Time that moves only when told."""

    def __init__(self) -> None:
        self.now = 1_760_000_000.0

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


class TinyBot:
    """Answers callbacks with whatever `answer` says; notes everything it was sent."""

    def __init__(self) -> None:
        self.crypto = WeChatCrypto(APP.token, APP.aes_key43, WORLD.corp_id)
        self.received: list[Json] = []
        self.envelopes: list[bytes] = []
        self.signatures: list[str] = []
        self.statuses: list[int] = []
        self.slow_echo = 0.0
        self.answer: Answer = lambda _message: None
        self.echo: Callable[[str], Response] = PlainTextResponse
        self.app = FastAPI()
        self.app.add_api_route("/callback", self.verify, methods=["GET"], response_model=None)
        self.app.add_api_route("/callback", self.callback, methods=["POST"], response_model=None)

    async def verify(self, request: Request) -> Response:
        query = request.query_params
        await asyncio.sleep(self.slow_echo)
        return self.echo(
            self.crypto.check_signature(
                query["msg_signature"], query["timestamp"], query["nonce"], query["echostr"]
            )
        )

    async def callback(self, request: Request) -> Response:
        query, body = request.query_params, await request.body()
        self.envelopes.append(body)
        self.signatures.append(query["msg_signature"])
        plain = self.crypto.decrypt_message(
            body, query["msg_signature"], query["timestamp"], query["nonce"]
        )
        message = xmltodict.parse(plain)["xml"]
        self.received.append(message)
        if self.statuses:
            return Response(status_code=self.statuses.pop(0))
        reply = self.answer(message)
        if inspect.isawaitable(reply):
            reply = await reply
        if not reply:
            return Response()
        return PlainTextResponse(
            self.crypto.encrypt_message(reply, "nonce", str(1_760_000_000 + 7 * len(self.received)))
        )


def reply_xml(message: Json, msgtype: str, content: str) -> str:
    """Frame a passive reply; `content` is XML."""
    return (
        f"<xml><ToUserName><![CDATA[{message['FromUserName']}]]></ToUserName>"
        f"<FromUserName><![CDATA[{message['ToUserName']}]]></FromUserName>"
        f"<CreateTime>1760000001</CreateTime><MsgType><![CDATA[{msgtype}]]></MsgType>"
        f"{content}</xml>"
    )


class Town:
    """The platform, the bot, a client for the platform's API and everybody's phone."""

    def __init__(self, world: WecomWorld = WORLD) -> None:
        self.clock, self.phones, self.faults, self.bot = Clock(), Phones(), Faults(), TinyBot()
        to_bot = httpx2.AsyncClient(transport=httpx2.ASGITransport(self.bot.app))
        self.platform: WecomPlatform = create_wecom(
            world,
            self.phones,
            self.faults,
            "http://bot.example/callback",
            clock=self.clock,
            http=to_bot,
        )
        server = FastAPI()
        server.include_router(self.platform.router)
        self.api = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(server), base_url="http://wecom.example"
        )

    async def close(self) -> None:
        await self.platform.aclose()
        await self.api.aclose()

    async def token(self, secret: str = APP.secret) -> str:
        query = {"corpid": WORLD.corp_id, "corpsecret": secret}
        answer = await self.api.get("/cgi-bin/gettoken", params=query)
        return str(answer.json()["access_token"])

    async def post(self, path: str, body: Json, *, secret: str = APP.secret) -> Json:
        query = {"access_token": await self.token(secret)}
        answer = await self.api.post(f"/cgi-bin/{path}", params=query, json=body)
        return dict(answer.json())

    async def send(self, to: str, msgtype: str, content: Json, **more: Any) -> Json:
        body = {"touser": to, "msgtype": msgtype, "agentid": APP.agent_id, msgtype: content}
        return await self.post("message/send", {**body, **more})

    async def text(self, to: str, text: str, **more: Any) -> Json:
        return await self.send(to, "text", {"content": text}, **more)

    async def card(self, to: str, card: Json, **more: Any) -> Json:
        return await self.send(to, "template_card", card, **more)

    async def pull(self, cursor: str = "", **more: Any) -> Json:
        return await self.post("kf/sync_msg", {"open_kfid": KF.open_kfid, "cursor": cursor, **more})

    async def kf_text(self, to: str, text: str, **more: Any) -> Json:
        body = {"touser": to, "open_kfid": KF.open_kfid, "msgtype": "text"}
        return await self.post("kf/send_msg", {**body, "text": {"content": text}, **more})

    def texts(self, phone: str) -> list[str]:
        return [bubble.body["text"] for bubble in self.phones.of(phone) if "text" in bubble.body]

    def last(self, phone: str) -> Bubble:
        return self.phones.of(phone)[-1]


def alarm_card(task_id: str = "warn-000417@1", **more: Any) -> Json:
    """Make a valid card with two buttons."""
    return {
        "card_type": "button_interaction",
        "task_id": task_id,
        "source": {"desc": "预警", "desc_color": 2},
        "main_title": {"title": "冷链温度超限", "desc": "二号仓 9.4℃"},
        "button_list": [
            {"text": "我来处理", "style": 1, "key": "ack:417"},
            {"text": "误报", "style": 2, "key": "false:417"},
        ],
        **more,
    }


async def soon() -> None:
    """Let other coroutines run."""
    await asyncio.sleep(0)

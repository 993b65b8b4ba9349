"""The emulated DingTalk put together: its routes and what tests and the demo can do with it."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter

from bot.emulator.dingtalk.callbacks import Callbacks
from bot.emulator.dingtalk.cards import Cards
from bot.emulator.dingtalk.chats import Chats, Screen
from bot.emulator.dingtalk.errors import ApiError, OapiError
from bot.emulator.dingtalk.events import Events
from bot.emulator.dingtalk.gateway import STREAM_PATH, Gateway
from bot.emulator.dingtalk.identity import Identity
from bot.emulator.dingtalk.incoming import Incoming
from bot.emulator.dingtalk.journal import Call, Journal, ProtocolError
from bot.emulator.dingtalk.notices import Notices
from bot.emulator.dingtalk.people import OpenedLink, People
from bot.emulator.dingtalk.presses import Presses
from bot.emulator.dingtalk.pushes import Push, Road
from bot.emulator.dingtalk.roads import Roads
from bot.emulator.dingtalk.robot import Robot
from bot.emulator.dingtalk.server import ApiCall, Gate
from bot.emulator.dingtalk.world import DingtalkWorld, Mode
from bot.emulator.faults import Faults
from bot.emulator.phones import Bubble, Phones


class DingtalkPlatform:
    """One emulated company with its app; use it from the event loop that serves `router`."""

    def __init__(
        self,
        world: DingtalkWorld,
        phones: Phones,
        faults: Faults,
        callback_base_url: str,
        *,
        base_url: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.world = world
        self.phones = phones
        self.faults = faults
        self.journal = Journal(clock)
        self._gate = Gate(world, self.journal, faults, base_url)
        self._chats = Chats(world, self.journal)
        screen = Screen(phones, faults, self.journal)
        road = Road(faults)
        self._identity = Identity(world, self.journal, self._gate.tokens)
        self._callbacks = Callbacks(world, self.journal, road, callback_base_url)
        self.gateway = Gateway(world, self.journal, self._gate, self._identity, road)
        self._roads = Roads(Mode(world.mode), self.gateway, self._callbacks)
        self.robot = Robot(world, self.journal, self._chats, screen)
        self._notices = Notices(world, self.journal, screen)
        self.cards = Cards(world, self.journal, self._chats, screen)
        incoming = Incoming(world, self.journal, faults, self._chats, self._gate)
        self._people = People(phones, self._chats, incoming, self.robot, self._roads)
        self._people.redelivery = world.limits.robot_redelivery
        self._events = Events(world, self.journal, self._roads)
        self.presses = Presses(world, self.journal, phones, self.cards, self._roads)
        self.router = self._routes()

    @property
    def mode(self) -> Mode:
        """How robot messages and events reach the app; may be changed at any time."""
        return self._roads.mode

    @mode.setter
    def mode(self, mode: Mode | str) -> None:
        self._roads.mode = Mode(mode)

    @property
    def base_url(self) -> str | None:
        """What session webhooks and Stream endpoints start with; set it once the port is known."""
        return self._gate.base_url

    @base_url.setter
    def base_url(self, url: str) -> None:
        self._gate.base_url = url.rstrip("/")

    @property
    def callback_base_url(self) -> str:
        """Where the app listens in HTTP mode; may be changed at any time."""
        return self._callbacks.base_url

    @callback_base_url.setter
    def callback_base_url(self, url: str) -> None:
        self._callbacks.base_url = url.rstrip("/")

    @property
    def calls(self) -> list[Call]:
        """Every API call so far, secrets redacted."""
        return self.journal.calls

    @property
    def pushes(self) -> list[tuple[float, Push]]:
        """Everything told to the app so far, with the time."""
        return self.journal.pushes

    @property
    def protocol_errors(self) -> list[ProtocolError]:
        """Everything the app did wrong so far."""
        return self.journal.protocol_errors

    @property
    def counted(self) -> Counter[str]:
        """Uses of the monthly allowances, "calls" and "pushes"."""
        return self.journal.counted

    @property
    def opened_links(self) -> list[OpenedLink]:
        """Pages members opened."""
        return self._people.opened_links

    @property
    def flow_controlled(self) -> set[str]:
        """Members the platform throttles: batchSend lists them and shows them nothing."""
        return self.robot.flow_controlled

    async def member_says(
        self, staff_id: str, text: str, *, group: str | None = None, mention: bool = True
    ) -> Push | None:
        """Let a member type a text; None when it is group talk that does not mention the robot."""
        return await self._people.says(staff_id, text, group=group, mention=mention)

    async def member_sends(
        self,
        staff_id: str,
        msgtype: str,
        content: Mapping[str, Any],
        *,
        group: str | None = None,
    ) -> Push:
        """Let a member send audio, picture, richText, file, video or unknownMsgType."""
        return await self._people.sends(staff_id, msgtype, content, group=group)

    async def member_presses(
        self,
        staff_id: str,
        target: str | int | Bubble,
        action_id: str,
        params: Mapping[str, Any] | None = None,
    ) -> Push:
        """Let a member press a card's button; `target` is an outTrackId, a bubble or its id."""
        return await self.presses.press(staff_id, target, action_id, params)

    async def member_opens_link(
        self, staff_id: str, url: str, *, group: str | None = None
    ) -> Push | OpenedLink | None:
        """Let a member follow a link in a message."""
        return await self._people.opens_link(staff_id, url, group=group)

    async def event(
        self, event_type: str, body: Mapping[str, Any], *, event_id: str | None = None
    ) -> Push:
        """Report an event to the app by the current mode."""
        return await self._events.report(event_type, body, event_id=event_id)

    async def check_url(self) -> bool:
        """Save the event address in the console; True when the app answered as it must."""
        return await self._events.check_url()

    def auth_code(self, staff_id: str) -> str:
        """Make the log-in code a page gets when this member opens it inside DingTalk."""
        return self._identity.auth_code(staff_id)

    def expire_token(self) -> None:
        """Make the app's access token worthless at once."""
        self._gate.tokens.expire()

    def end_sessions(self) -> None:
        """End every session webhook at once."""
        self._chats.end_sessions()

    async def aclose(self) -> None:
        """Stop all background work."""
        await self.gateway.aclose()
        await self._callbacks.aclose()

    def _routes(self) -> APIRouter:
        # Plain routes: there is nothing for FastAPI to find out about them.
        router = APIRouter(include_in_schema=False)
        self._add_api(router)
        self._add_oapi(router)
        router.add_websocket_route(STREAM_PATH, self.gateway.serve)
        return router

    def _add_api(self, router: APIRouter) -> None:
        """Add api.dingtalk.com."""
        cards, robot = self.cards, self.robot
        for method, path, place, handle in (
            ("POST", "/v1.0/robot/oToMessages/batchSend", "batchSend", robot.batch_send),
            ("POST", "/v1.0/robot/groupMessages/send", "group", robot.group_send),
            (
                *("POST", "/v1.0/card/instances/createAndDeliver"),
                *("card.create", cards.create_and_deliver),
            ),
            ("PUT", "/v1.0/card/instances", "card.update", cards.update),
            ("POST", "/v1.0/card/callbacks/register", "card.register", cards.register),
        ):
            endpoint = self._gate.api(path, f"dingtalk.{place}", handle)
            router.add_route(path, endpoint, methods=[method])
        for path, place, handle in (
            ("/v1.0/oauth2/accessToken", "token", self._identity.access_token),
            ("/v1.0/gateway/connections/open", "gateway", self.gateway.open),
        ):
            endpoint = self._gate.api(path, f"dingtalk.{place}", handle, token=False)
            router.add_route(path, endpoint, methods=["POST"])
        rest = "/v1.0/{rest:path}"
        unknown = self._gate.api(rest, "dingtalk.unknown", self._unknown, token=False)
        methods = ["GET", "POST", "PUT", "DELETE"]
        router.add_route(rest, unknown, methods=methods)

    def _add_oapi(self, router: APIRouter) -> None:
        """Add oapi.dingtalk.com."""
        gate, notices = self._gate, self._notices
        notice = "/topapi/message/corpconversation"
        for path, place, handle in (
            (f"{notice}/asyncsend_v2", "notice", notices.send),
            (f"{notice}/getsendresult", "notice.result", notices.result),
        ):
            endpoint = gate.oapi(path, f"dingtalk.{place}", handle)
            router.add_route(path, endpoint, methods=["POST"])
        who = "/topapi/v2/user/getuserinfo"
        endpoint = gate.oapi(who, "dingtalk.user", self._identity.user_info, counted=False)
        router.add_route(who, endpoint, methods=["POST"])
        for path, place, handle in (
            ("/robot/sendBySession", "session", self.robot.session_send),
            ("/robot/send", "webhook", self.robot.webhook_send),
        ):
            endpoint = gate.oapi(path, f"dingtalk.{place}", handle, token=False)
            router.add_route(path, endpoint, methods=["POST"])
        old = gate.oapi(
            "/gettoken", "dingtalk.token", self._identity.get_token, token=False, counted=False
        )
        router.add_route("/gettoken", old, methods=["GET"])
        rest = "/topapi/{rest:path}"
        unknown = gate.oapi(rest, "dingtalk.unknown", self._unknown_old, token=False)
        router.add_route(rest, unknown, methods=["GET", "POST"])

    async def _unknown(self, call: ApiCall) -> dict[str, Any]:
        self.journal.wrong(call.name, "no such API here")
        raise ApiError("InvalidAction.NotFound", "Specified api is not found", status=404)

    async def _unknown_old(self, call: ApiCall) -> dict[str, Any]:
        self.journal.wrong(call.name, "no such API here")
        raise OapiError(404, "请求的URI地址不存在")


def create_dingtalk(
    world: DingtalkWorld,
    phones: Phones,
    faults: Faults,
    callback_base_url: str,
    *,
    base_url: str | None = None,
    clock: Callable[[], float] = time.time,
) -> DingtalkPlatform:
    """Build the emulated DingTalk; serve its `router`, and `aclose` it at the end.

    `callback_base_url` is where the app listens in HTTP mode, up to `/callback/{tenant}/dingtalk`.
    `base_url` is this server's own address, learned from the first request when not given.
    """
    return DingtalkPlatform(
        world, phones, faults, callback_base_url, base_url=base_url, clock=clock
    )

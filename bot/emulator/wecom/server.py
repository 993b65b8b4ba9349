"""The emulated WeCom platform as one object: its router, its people and what it recorded."""

import time
from collections.abc import Mapping
from typing import Any

import httpx2

from bot.emulator.faults import Faults
from bot.emulator.phones import Bubble, Phones
from bot.emulator.wecom.callbacks import CallbackLine, Outcome
from bot.emulator.wecom.card_updates import CardUpdates
from bot.emulator.wecom.clicks import Selection
from bot.emulator.wecom.core import Call, Clock, Core, Dropped, Posted
from bot.emulator.wecom.customers import CustomerSide, KfPings
from bot.emulator.wecom.endpoints import Desks, make_router
from bot.emulator.wecom.errors import CannotActError, ProtocolError
from bot.emulator.wecom.kf_desk import Allowance, KfDesk
from bot.emulator.wecom.kf_rooms import KfRooms
from bot.emulator.wecom.members import MemberSide
from bot.emulator.wecom.messages import MessageDesk
from bot.emulator.wecom.replies import PassiveReplies
from bot.emulator.wecom.response_codes import ResponseCodes
from bot.emulator.wecom.tokens import Tokens
from bot.emulator.wecom.webhooks import Webhooks
from bot.emulator.wecom.world import WecomWorld

Json = dict[str, Any]


class WecomPlatform:
    """One company's WeCom: mount `router`, let people act, look at phones and records.

    Lives on one event loop. Every user-side coroutine returns when the bot has answered the
    callback, retries included; what the bot does afterwards (pulling, pushing) is not waited for.
    """

    def __init__(self, core: Core, line: CallbackLine) -> None:
        rooms, codes = KfRooms(core), ResponseCodes(core)
        pings = KfPings(core, line, rooms)
        desk = MessageDesk(core, codes)
        updates = CardUpdates(core, codes, desk)
        kf = KfDesk(core, rooms, pings.ping_later)
        self._core = core
        self._line = line
        self._kf = kf
        self._members = MemberSide(core, line, codes, PassiveReplies(core, updates))
        self._customers = CustomerSide(core, rooms, pings)
        self.world = core.world
        self.tokens = Tokens(core)
        """For tests: `tokens.revoke_all()`."""
        desks = Desks(self.tokens, desk, updates, kf, Webhooks(core))
        self.router = make_router(core, desks)

    @property
    def calls(self) -> list[Call]:
        """Every API call so far, secrets replaced."""
        return self._core.records.calls

    @property
    def dropped(self) -> list[Dropped]:
        """Messages answered with success and never shown."""
        return self._core.records.dropped

    @property
    def protocol_errors(self) -> list[ProtocolError]:
        """What the bot did against the protocol; a test asserts that it is empty."""
        return self._core.records.protocol_errors

    @property
    def undelivered(self) -> list[str]:
        """Callbacks the bot never accepted, by message type or event."""
        return self._core.records.undelivered

    @property
    def posted(self) -> list[Posted]:
        """Every POST of a callback so far, retries included."""
        return self._core.records.posted

    @property
    def callback_url(self) -> str:
        """Where the bot listens; may be changed at any time."""
        return self._line.url

    @callback_url.setter
    def callback_url(self, url: str) -> None:
        self._line.url = url

    async def settle(self) -> None:
        """Wait for callbacks running in the background."""
        await self._core.settle()

    async def aclose(self) -> None:
        """Give up background callbacks and close the connections to the bot."""
        await self._core.give_up()
        await self._line.aclose()

    async def verify_url(self, agent_id: int | None = None) -> None:
        """Do the administrator's URL check.

        Raises:
            UrlRefusedError: an AssertionError saying why.
        """
        await self._line.check_url(self.world.app(agent_id))

    async def member_says(self, userid: str, text: str, *, agent_id: int | None = None) -> Outcome:
        """Write a text to an app."""
        return await self._members.says(userid, text, agent_id=agent_id)

    async def member_sends(
        self, userid: str, msgtype: str, *, agent_id: int | None = None, **fields: str | int
    ) -> Outcome:
        """Send image, voice, video, location, link or an unknown type."""
        return await self._members.sends(userid, msgtype, agent_id=agent_id, **fields)

    async def member_event(
        self, userid: str, event: str, *, agent_id: int | None = None, **fields: str | int
    ) -> Outcome:
        """Cause an event such as enter_agent or click."""
        return await self._members.causes(userid, event, agent_id=agent_id, **fields)

    async def member_presses(
        self,
        userid: str,
        target: str | int | Bubble,
        button_key: str,
        selected: Selection | None = None,
    ) -> Outcome:
        """Press a card's button; the card is named by task_id, bubble id or bubble."""
        return await self._members.presses(userid, target, button_key, selected)

    async def customer_enters(
        self, external_userid: str, scene: str = "", scene_param: str = "", *, open_kfid: str = ""
    ) -> Outcome:
        """Open the service chat."""
        return await self._customers.enters(
            external_userid, scene, scene_param, open_kfid=open_kfid
        )

    async def customer_follows(
        self, external_userid: str, url: str, scene_param: str = ""
    ) -> Outcome:
        """Open the service chat by an address that add_contact_way gave."""
        open_kfid, scene = self._kf.way(url)
        return await self.customer_enters(external_userid, scene, scene_param, open_kfid=open_kfid)

    async def customer_says(
        self, external_userid: str, text: str, *, open_kfid: str = ""
    ) -> Outcome:
        """Write a text to a service account."""
        return await self._customers.says(external_userid, text, open_kfid=open_kfid)

    async def customer_presses(
        self, external_userid: str, target: int | Bubble, menu_id: str
    ) -> Outcome:
        """Press a menu item, also of an old menu."""
        return await self._customers.presses(external_userid, target, menu_id)

    async def customer_sends(
        self, external_userid: str, msgtype: str, *, open_kfid: str = "", **content: str | float
    ) -> Outcome:
        """Send image, voice, video, file, location, link or an unknown type."""
        return await self._customers.sends(external_userid, msgtype, open_kfid=open_kfid, **content)

    async def servicer_says(self, userid: str, external_userid: str, text: str) -> Outcome:
        """Let a human servicer write to a customer."""
        return await self._customers.servicer_says(userid, external_userid, text)

    async def set_kf_state(
        self, external_userid: str, state: int, *, servicer: str = "", announce: bool = False
    ) -> None:
        """Put a customer's session into a service state 0–4, with or without the event."""
        await self._customers.set_state(
            external_userid, state, servicer=servicer, announce=announce
        )

    def kf_state(self, external_userid: str) -> int:
        """Read the service state of a customer's session."""
        return self._customers.state_of(external_userid)

    def kf_allowance(self, external_userid: str) -> Allowance:
        """Read what the bot may still send this customer."""
        return self._kf.allowance(external_userid)

    async def act(self, app: str, user: str, do: str, given: Mapping[str, Any]) -> Outcome:
        """Do what the demo page asks; `app` is wecom or wechat.

        Raises:
            CannotActError: an unknown deed, or one the client would not allow.
        """
        try:
            if app == "wechat":
                return await self._customer_acts(user, do, dict(given))
            return await self._member_acts(user, do, dict(given))
        except (KeyError, TypeError) as error:
            msg = f"{app} {do}: {error}"
            raise CannotActError(msg) from error

    async def _member_acts(self, user: str, do: str, given: Json) -> Outcome:
        match do:
            case "say":
                return await self.member_says(user, given["text"])
            case "press":
                return await self.member_presses(
                    user, given["bubble"], given["key"], given.get("selected")
                )
            case "enter":
                return await self.member_event(user, "enter_agent")
            case "event":
                return await self.member_event(user, given.pop("event"), **given)
            case "send":
                return await self.member_sends(user, given.pop("msgtype"), **given)
            case _:
                raise CannotActError(f"members cannot {do}")

    async def _customer_acts(self, user: str, do: str, given: Json) -> Outcome:
        match do:
            case "say":
                return await self.customer_says(user, given["text"])
            case "press":
                return await self.customer_presses(user, given["bubble"], given["key"])
            case "enter":
                return await self.customer_enters(user, **given)
            case "send":
                return await self.customer_sends(user, given.pop("msgtype"), **given)
            case _:
                raise CannotActError(f"customers cannot {do}")


def create_wecom(
    world: WecomWorld,
    phones: Phones,
    faults: Faults,
    callback_url: str,
    *,
    clock: Clock = time.time,
    http: httpx2.AsyncClient | None = None,
) -> WecomPlatform:
    """Build the platform of one company; `http` replaces the client that calls the bot."""
    core = Core(world, phones, faults, clock)
    return WecomPlatform(core, CallbackLine(core, callback_url, http))

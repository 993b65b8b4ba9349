"""What customers and human servicers do in 微信客服; each act pings the bot (doc 94670)."""

from typing import Any

from bot.emulator.phones import Bubble
from bot.emulator.wecom import xml
from bot.emulator.wecom.callbacks import CallbackLine, Outcome, Parcel
from bot.emulator.wecom.core import Core
from bot.emulator.wecom.errors import CannotActError
from bot.emulator.wecom.kf_desk import customer_phone
from bot.emulator.wecom.kf_rooms import ENDED, HUMAN, REPLY_SECONDS, KfRooms, Session
from bot.emulator.wecom.world import KfAccount

Json = dict[str, Any]

_WELCOME_SECONDS = 20
_CHANGE_TYPES = {HUMAN: 1, ENDED: 3}


class KfPings:
    """The callbacks that tell the bot to pull."""

    def __init__(self, core: Core, line: CallbackLine, rooms: KfRooms) -> None:
        self._core = core
        self._line = line
        self._rooms = rooms

    async def ping(self, account: KfAccount) -> Outcome:
        """Send one kf_msg_or_event; it names neither sender nor message."""
        fields: list[tuple[str, xml.Value]] = [
            ("ToUserName", self._core.world.corp_id),
            ("CreateTime", int(self._core.clock())),
            ("MsgType", "event"),
            ("Event", "kf_msg_or_event"),
            ("Token", self._rooms.new_token(account)),
            ("OpenKfId", account.open_kfid),
        ]
        parcel = Parcel(
            app=self._core.world.app(account.agent_id),
            what="kf_msg_or_event",
            plaintext=xml.write("xml", fields).encode(),
            envelope_agent="",
            on_reply=self._complain,
        )
        return await self._line.deliver(parcel)

    def ping_later(self, account: KfAccount) -> None:
        """Ping after the running API call has been answered."""
        self._core.spawn(self.ping(account))

    def _complain(self, _reply: xml.Node) -> None:
        self._core.records.complain("kf_msg_or_event", "takes no passive reply")


class CustomerSide:
    """The customers' half of the user side."""

    def __init__(self, core: Core, rooms: KfRooms, pings: KfPings) -> None:
        self._core = core
        self._rooms = rooms
        self._pings = pings

    async def enters(
        self, external_userid: str, scene: str = "", scene_param: str = "", *, open_kfid: str = ""
    ) -> Outcome:
        """Open the chat, possibly from a link with a scene."""
        session = self._session(external_userid, open_kfid)
        session.entered = {"scene": scene, "scene_param": scene_param}
        fields: Json = {"external_userid": external_userid, **session.entered}
        if self._may_be_welcomed(session):
            fields["welcome_code"] = self._rooms.new_code(
                session, _WELCOME_SECONDS, "text", "msgmenu", welcome=True
            )
        shown = {"event": "enter_session", **session.entered}
        self._show(session, "event", shown)
        self._rooms.log_event(session.account, "enter_session", fields)
        return await self._pings.ping(session.account)

    async def says(
        self, external_userid: str, text: str, *, menu_id: str = "", open_kfid: str = ""
    ) -> Outcome:
        """Write a text; with a menu_id it is a menu click."""
        session = self._session(external_userid, open_kfid)
        content = {"content": text, "menu_id": menu_id} if menu_id else {"content": text}
        self._show(session, "text", {"text": text})
        return await self._message(session, "text", content)

    async def presses(self, external_userid: str, target: int | Bubble, menu_id: str) -> Outcome:
        """Press an item of a menu, however old.

        Raises:
            CannotActError: no such menu on this phone, or no such item to click.
        """
        wanted = target.id if isinstance(target, Bubble) else target
        for bubble in self._core.phones.of(customer_phone(external_userid)):
            if bubble.id != wanted or bubble.kind != "menu":
                continue
            for item in bubble.body.get("list", []):
                if item["type"] == "click" and item["click"].get("id") == menu_id:
                    caption, open_kfid = item["click"]["content"], bubble.meta["open_kfid"]
                    return await self.says(
                        external_userid, caption, menu_id=menu_id, open_kfid=open_kfid
                    )
        msg = f"no menu item {menu_id!r} to click in bubble {wanted}"
        raise CannotActError(msg)

    async def sends(
        self, external_userid: str, msgtype: str, *, open_kfid: str = "", **content: str | float
    ) -> Outcome:
        """Send any other message type, also one that does not exist."""
        session = self._session(external_userid, open_kfid)
        if msgtype in {"image", "voice", "video", "file"}:
            content.setdefault("media_id", "media-0001")
        self._show(session, "notice", {"msgtype": msgtype, **content})
        return await self._message(session, msgtype, content)

    async def servicer_says(self, userid: str, external_userid: str, text: str) -> Outcome:
        """Let a human servicer write to the customer."""
        session = self._session(external_userid, "")
        phone = customer_phone(external_userid)
        self._core.phones.show(phone, "text", {"text": text}, meta={"servicer": userid})
        self._rooms.log_message(
            session, "text", {"content": text}, origin=5, servicer_userid=userid
        )
        return await self._pings.ping(session.account)

    async def set_state(
        self, external_userid: str, state: int, *, servicer: str = "", announce: bool = False
    ) -> None:
        """Put a session into a state as people in the client would; `announce` logs the event."""
        session = self._session(external_userid, "")
        old, session.state, session.servicer = session.servicer, state, servicer
        if not announce:
            return
        fields: Json = {
            "external_userid": external_userid,
            "change_type": _CHANGE_TYPES.get(state, 2),
            "old_servicer_userid": old,
            "new_servicer_userid": servicer,
        }
        if state == ENDED:
            fields["msg_code"] = self._rooms.new_code(
                session, _WELCOME_SECONDS, "text", "msgmenu", welcome=False
            )
        self._rooms.log_event(session.account, "session_status_change", fields)
        await self._pings.ping(session.account)

    def state_of(self, external_userid: str) -> int:
        """Read the service state of a customer's session."""
        return self._session(external_userid, "").state

    async def _message(self, session: Session, msgtype: str, content: Json) -> Outcome:
        if session.state == ENDED:
            session.state, session.servicer = session.account.session_start, ""
        session.last_said_at, session.sent_since = self._core.clock(), 0
        self._rooms.log_message(session, msgtype, content)
        return await self._pings.ping(session.account)

    def _may_be_welcomed(self, session: Session) -> bool:
        now, welcomed = self._core.clock(), session.last_welcome_at
        recently = welcomed is not None and welcomed > now - REPLY_SECONDS
        wrote = session.said_within(now, REPLY_SECONDS)
        return not (recently or wrote or session.account.native_welcome)

    def _session(self, external_userid: str, open_kfid: str) -> Session:
        if external_userid not in self._core.world.customers:
            msg = f"no customer {external_userid}"
            raise CannotActError(msg)
        account = self._core.world.kf_account(open_kfid)
        return self._rooms.session(account, external_userid)

    def _show(self, session: Session, kind: str, body: Json) -> None:
        meta = {"open_kfid": session.account.open_kfid}
        phone = customer_phone(session.external_userid)
        self._core.phones.show(phone, kind, body, mine=True, meta=meta)

"""What members do in the WeCom client: write, send media, press buttons (docs 90239, 90240)."""

from typing import Any

from bot.emulator.phones import Bubble
from bot.emulator.wecom import clicks, xml
from bot.emulator.wecom.callbacks import CallbackLine, Outcome, Parcel
from bot.emulator.wecom.card_updates import is_frozen
from bot.emulator.wecom.core import Core
from bot.emulator.wecom.errors import CannotActError
from bot.emulator.wecom.messages import member_phone
from bot.emulator.wecom.replies import Cause, PassiveReplies
from bot.emulator.wecom.response_codes import CardMessage, ResponseCodes
from bot.emulator.wecom.xml import Value

_MEDIA_ID = "media-0001"
_PICTURE = "https://example.com/picture.jpg"
# Doc 90239; fields given by the caller replace these.
_MESSAGE_FIELDS: dict[str, dict[str, str | int]] = {
    "image": {"PicUrl": _PICTURE, "MediaId": _MEDIA_ID},
    "voice": {"MediaId": _MEDIA_ID, "Format": "amr"},
    "video": {"MediaId": _MEDIA_ID, "ThumbMediaId": "media-0002"},
    "location": {
        "Location_X": "30.208000",
        "Location_Y": "120.212000",
        "Scale": 15,
        "Label": "滨江一期",
        "AppType": "wxwork",
    },
    "link": {
        "Title": "链接",
        "Description": "说明",
        "Url": "https://example.com/",
        "PicUrl": _PICTURE,
    },
}


class MemberSide:
    """The members' half of the user side."""

    def __init__(
        self, core: Core, line: CallbackLine, codes: ResponseCodes, replies: PassiveReplies
    ) -> None:
        self._core = core
        self._line = line
        self._codes = codes
        self._replies = replies

    async def says(self, userid: str, text: str, *, agent_id: int | None = None) -> Outcome:
        """Write a text to an app."""
        self._show(userid, "text", {"text": text})
        return await self._message(userid, "text", {"Content": text}, agent_id)

    async def sends(
        self, userid: str, msgtype: str, *, agent_id: int | None = None, **fields: str | int
    ) -> Outcome:
        """Send any other message type, also one that does not exist."""
        content = {**_MESSAGE_FIELDS.get(msgtype, {}), **fields}
        self._show(userid, "notice", {"msgtype": msgtype, **content})
        return await self._message(userid, msgtype, content, agent_id)

    async def causes(
        self, userid: str, event: str, *, agent_id: int | None = None, **fields: str | int
    ) -> Outcome:
        """Cause an event such as enter_agent, click or subscribe."""
        extra: list[tuple[str, Value]] = [("Event", event)]
        if event in {"enter_agent", "subscribe", "unsubscribe"}:
            fields.setdefault("EventKey", "")
        extra += fields.items()
        agent = self._core.world.app(agent_id).agent_id
        self._show(userid, "event", {"event": event, **fields})
        return await self._call_back(Cause(userid, agent, event), "event", extra)

    async def presses(
        self,
        userid: str,
        target: str | int | Bubble,
        key: str,
        selected: clicks.Selection | None = None,
    ) -> Outcome:
        """Press a button of a card, found by task_id, bubble id or the bubble itself.

        Raises:
            CannotActError: no such card on this phone, greyed out, no such button or option.
        """
        copy = self._card(userid, target)
        card = copy.body
        if is_frozen(card):
            msg = "the card's buttons are greyed out"
            raise CannotActError(msg)
        event = clicks.event_of(card, key)
        answers = clicks.selection(card, selected or {})
        agent_id, msgid = copy.meta["agent_id"], copy.meta["msgid"]
        message = CardMessage(agent_id, msgid, copy.key or msgid, clicker=userid)
        extra: list[tuple[str, Value]] = [
            ("Event", event),
            ("EventKey", key),
            ("TaskId", card.get("task_id", "")),
            ("CardType", card["card_type"]),
            ("ResponseCode", self._codes.issue(message)),
        ]
        if event == "template_card_event" and answers:
            extra.append(("SelectedItems", clicks.selected_items(answers)))
        caption, chosen = clicks.captions(card, key, answers)
        pressed = {"key": key, "selected": answers, "caption": caption, "chosen": chosen}
        self._show(userid, "event", {"event": event, **pressed})
        return await self._call_back(Cause(userid, agent_id, event, copy), "event", extra)

    def _card(self, userid: str, target: str | int | Bubble) -> Bubble:
        for bubble in reversed(self._core.phones.of(member_phone(userid))):
            wanted = target.id if isinstance(target, Bubble) else target
            if wanted in {bubble.id, bubble.key} and bubble.body.get("card_type"):
                return bubble
        msg = f"no such card on the phone of {userid}"
        raise CannotActError(msg)

    async def _message(
        self, userid: str, msgtype: str, content: dict[str, str | int], agent_id: int | None
    ) -> Outcome:
        cause = Cause(userid, self._core.world.app(agent_id).agent_id)
        extra: list[tuple[str, Value]] = [
            *content.items(),
            ("MsgId", self._core.next_number() * 1000),
        ]
        return await self._call_back(cause, msgtype, extra)

    async def _call_back(
        self, cause: Cause, msgtype: str, extra: list[tuple[str, Value]]
    ) -> Outcome:
        fields: list[tuple[str, Value]] = [
            ("ToUserName", self._core.world.corp_id),
            ("FromUserName", cause.userid),
            ("CreateTime", int(self._core.clock())),
            ("MsgType", msgtype),
            *extra,
            ("AgentID", cause.agent_id),
        ]
        parcel = Parcel(
            app=self._core.world.app(cause.agent_id),
            what=cause.event or msgtype,
            plaintext=xml.write("xml", fields).encode(),
            envelope_agent=str(cause.agent_id),
            on_reply=lambda reply: self._replies.show(cause, reply),
        )
        return await self._line.deliver(parcel)

    def _show(self, userid: str, kind: str, body: dict[str, Any]) -> None:
        if userid not in self._core.world.members:
            msg = f"no member {userid}"
            raise CannotActError(msg)
        self._core.phones.show(member_phone(userid), kind, body, mine=True)

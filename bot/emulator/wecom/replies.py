"""Showing the bot's passive replies on the phone of whoever caused them (docs 90241, 91144)."""

from dataclasses import dataclass

from bot.emulator.phones import Bubble
from bot.emulator.wecom import cards
from bot.emulator.wecom.card_updates import CardUpdates, freeze
from bot.emulator.wecom.core import Core
from bot.emulator.wecom.errors import ApiError
from bot.emulator.wecom.messages import TEXT_BYTES, cut_bytes, member_phone
from bot.emulator.wecom.xml import Node, XmlError

_FRAME = {"ToUserName", "FromUserName", "CreateTime", "MsgType"}
_CONTENT = {
    "text": {"Content"},
    "update_button": {"Button"},
    "update_template_card": {"TemplateCard"},
}
_MEDIA = {
    "image": {"Image"},
    "voice": {"Voice"},
    "video": {"Video"},
    "news": {"ArticleCount", "Articles"},
}

# Doc 90241 names these; template_card_event is answered by update_* only.
_TEXT_EVENTS = frozenset(
    {
        "subscribe",
        "enter_agent",
        "LOCATION",
        "click",
        "view",
        "view_miniprogram",
        "scancode_waitmsg",
        "template_card_menu_event",
    }
)


@dataclass(frozen=True)
class Cause:
    """What a reply answers."""

    userid: str
    agent_id: int
    event: str = ""
    """Empty for messages."""
    card: Bubble | None = None
    """The copy that was clicked."""


class PassiveReplies:
    """Checks and shows replies; what is wrong with them goes to the protocol errors."""

    def __init__(self, core: Core, updates: CardUpdates) -> None:
        self._core = core
        self._updates = updates

    def show(self, cause: Cause, reply: Node) -> None:
        """Show one opened reply."""
        try:
            self._show(cause, reply)
        except (XmlError, ApiError) as error:
            self._complain(cause, str(error))

    def _show(self, cause: Cause, reply: Node) -> None:
        msgtype = self._check_frame(cause, reply)
        if msgtype.startswith("update_"):
            if cause.card is None or cause.event not in {
                "template_card_event",
                "template_card_menu_event",
            }:
                msg = f"{msgtype} answers no card click"
                raise XmlError(msg)
            self._update(cause, cause.card, reply, msgtype)
        elif cause.event and cause.event not in _TEXT_EVENTS:
            msg = f"{cause.event} takes no {msgtype} reply"
            raise XmlError(msg)
        elif msgtype == "text":
            self._text(cause, reply.one("Content"))
        else:
            self._bubble(cause, "notice", {"msgtype": msgtype})

    def _check_frame(self, cause: Cause, reply: Node) -> str:
        msgtype = reply.one("MsgType")
        content = {**_CONTENT, **_MEDIA}.get(msgtype)
        if content is None:
            msg = f"no passive reply of type {msgtype!r}"
            raise XmlError(msg)
        # wechatpy's replies carry an AgentID, which the platform ignores.
        names = {child.name for child in reply.children} - {"AgentID"}
        if reply.name != "xml" or names != _FRAME | content:
            msg = f"<{reply.name}> with {sorted(names)}, expected {sorted(_FRAME | content)}"
            raise XmlError(msg)
        if reply.one("ToUserName") != cause.userid:
            msg = "ToUserName is not the user who acted"
            raise XmlError(msg)
        if reply.one("FromUserName") != self._core.world.corp_id:
            msg = "FromUserName is not the corp id"
            raise XmlError(msg)
        if not reply.one("CreateTime").isdecimal():
            msg = "CreateTime is not a number of seconds"
            raise XmlError(msg)
        return msgtype

    def _text(self, cause: Cause, text: str) -> None:
        if not text:
            msg = "empty Content"
            raise XmlError(msg)
        size = len(text.encode())
        if size > TEXT_BYTES:
            self._complain(cause, f"text of {size} bytes, cut to {TEXT_BYTES}")
        self._bubble(cause, "text", {"text": cut_bytes(text, TEXT_BYTES)})

    def _update(self, cause: Cause, copy: Bubble, reply: Node, msgtype: str) -> None:
        if msgtype == "update_button":
            name = next(reply.all("Button")).one("ReplaceName")
            if not name or copy.body["card_type"] not in cards.INTERACTIVE:
                msg = "update_button needs a name and a card with buttons"
                raise XmlError(msg)
            self._updates.redraw(copy, freeze(copy.body, name))
            return
        found = list(reply.all("TemplateCard"))
        card, ignored = cards.from_xml(found[0])
        problems = cards.check(card, updating=True)
        for problem in [*(f"{name}: no such element, ignored" for name in ignored), *problems]:
            self._complain(cause, problem)
        self._updates.redraw(copy, card)

    def _bubble(self, cause: Cause, kind: str, body: dict[str, str]) -> None:
        meta = {"agent_id": cause.agent_id, "passive": True}
        self._core.phones.show(member_phone(cause.userid), kind, dict(body), meta=meta)

    def _complain(self, cause: Cause, problem: str) -> None:
        self._core.records.complain(f"passive reply to {cause.event or 'message'}", problem)

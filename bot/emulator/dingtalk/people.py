"""What the members do with their phones: say, send, open links.

Pressing a card's buttons lives in `presses`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bot.emulator.dingtalk.chats import Chats, Conversation, phone_of
from bot.emulator.dingtalk.errors import CannotActError
from bot.emulator.dingtalk.incoming import Incoming
from bot.emulator.dingtalk.pushes import Push
from bot.emulator.dingtalk.roads import Roads
from bot.emulator.dingtalk.robot import Robot
from bot.emulator.dingtalk.world import Mode
from bot.emulator.phones import Phones

_GROUP_TYPES = frozenset({"text", "richText", "picture"})


@dataclass(frozen=True)
class OpenedLink:
    """A page a member opened from a message."""

    staff_id: str
    url: str


class People:
    """The members' side of the robot; `redelivery` is the wait before an unanswered repeat."""

    def __init__(
        self, phones: Phones, chats: Chats, incoming: Incoming, robot: Robot, roads: Roads
    ) -> None:
        self.redelivery: float | None = None
        self.opened_links: list[OpenedLink] = []
        self._phones = phones
        self._chats = chats
        self._incoming = incoming
        self._robot = robot
        self._roads = roads

    async def says(
        self, staff_id: str, text: str, *, group: str | None = None, mention: bool = True
    ) -> Push | None:
        """Type a text; None when it is group talk that does not mention the robot."""
        conversation = self._conversation(staff_id, group)
        self._show_own(conversation, staff_id, "text", {"text": text})
        if group is not None and not mention:
            return None
        # The mention itself is cut out of a group message and leaves its blank behind (doc 0699).
        content = f" {text}" if group is not None else text
        return await self._push(conversation, staff_id, "text", {"text": {"content": content}})

    async def sends(
        self,
        staff_id: str,
        msgtype: str,
        content: Mapping[str, Any],
        *,
        group: str | None = None,
    ) -> Push:
        """Send something else: audio (with `recognition`), picture, richText, file, other."""
        if group is not None and msgtype not in _GROUP_TYPES:
            raise CannotActError(f"{msgtype} cannot be sent to a robot in a group (doc 0699)")
        conversation = self._conversation(staff_id, group)
        self._show_own(conversation, staff_id, "media", {"msgtype": msgtype, **content})
        extra: dict[str, Any] = {"content": dict(content)} if content else {}
        return await self._push(conversation, staff_id, msgtype, extra)

    async def opens_link(
        self, staff_id: str, url: str, *, group: str | None = None
    ) -> Push | OpenedLink | None:
        """Follow a link: a `dtmd` one makes the member say its content, others are recorded."""
        parts = urlsplit(url)
        # A client decodes as JavaScript does: a plus stays a plus, a blank has to be %20.
        query = parse_qs(parts.query.replace("+", "%2B"))
        target = f"{parts.netloc}{parts.path}"
        if parts.scheme == "dtmd" and target == "dingtalkclient/sendMessage":
            return await self.says(staff_id, query["content"][0], group=group, mention=False)
        if parts.scheme == "dingtalk" and target == "dingtalkclient/page/link":
            url = query["url"][0]
        opened = OpenedLink(staff_id, url)
        self.opened_links.append(opened)
        return opened

    def _conversation(self, staff_id: str, group: str | None) -> Conversation:
        return self._chats.one_to_one(staff_id) if group is None else self._chats.group(group)

    def _show_own(
        self, conversation: Conversation, staff_id: str, kind: str, body: dict[str, Any]
    ) -> None:
        meta = {} if conversation.staff_id else {"group": conversation.id, "from": staff_id}
        for person in dict.fromkeys((staff_id, *conversation.people)):
            mine = person == staff_id
            self._phones.show(phone_of(person), kind, dict(body), mine=mine, meta=meta)

    async def _push(
        self, conversation: Conversation, staff_id: str, msgtype: str, content: dict[str, Any]
    ) -> Push:
        push = self._incoming.push(conversation, staff_id, msgtype, content)
        if self._roads.mode is Mode.STREAM:
            await self._roads.gateway.push("CALLBACK", push, redelivery=self.redelivery)
        else:
            await self._roads.callbacks.robot(
                push, lambda answer: self._robot.show_answer(conversation, answer)
            )
        return push

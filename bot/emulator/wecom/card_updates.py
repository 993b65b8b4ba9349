"""Changing cards already on phones: by response code or passive reply (docs 94888, 90241)."""

import json
from collections.abc import Iterator
from typing import Any

from bot.emulator.phones import Bubble
from bot.emulator.wecom import cards
from bot.emulator.wecom.core import Core
from bot.emulator.wecom.errors import ApiError
from bot.emulator.wecom.messages import MessageDesk, member_phone
from bot.emulator.wecom.response_codes import CardMessage, ResponseCodes
from bot.emulator.wecom.tokens import Caller

Json = dict[str, Any]

_MOST = {"userids": 1000, "partyids": 100, "tagids": 100}


def is_frozen(card: Json) -> bool:
    """Say whether the card's buttons have been replaced by a grey text."""
    return bool(card.get("replace_text"))


class CardUpdates:
    """Redraws copies of cards."""

    PLACE = "wecom.update_template_card"

    def __init__(self, core: Core, codes: ResponseCodes, desk: MessageDesk) -> None:
        self._core = core
        self._codes = codes
        self._desk = desk

    def update(self, caller: Caller, body: Json) -> Json:
        """Answer message/update_template_card; a refused update leaves the code as it was."""
        agent_id = self._desk.check_agent(caller, body)
        message = self._codes.look_up(body.get("response_code"), agent_id)
        users, invalid = self._selected(message, body)
        new_name, card, complaints = self._change(body)
        copies = [copy for copy in self.copies(message) if users is None or _owner(copy) in users]
        if new_name and any(copy.body["card_type"] not in cards.INTERACTIVE for copy in copies):
            raise ApiError(40058, "button.replace_name on a notice")
        self._codes.use_up(body["response_code"])
        self._core.records.complain("message/update_template_card", *complaints)

        def show() -> None:
            for copy in copies:
                self.redraw(copy, card or freeze(copy.body, new_name))

        self._core.arrive(self.PLACE, show)
        return {
            "errcode": 0,
            "errmsg": "ok",
            "invaliduser": invalid,
            "invalidparty": body.get("partyids") or [],
            "invalidtag": body.get("tagids") or [],
        }

    def copies(self, message: CardMessage) -> Iterator[Bubble]:
        """Every copy of a sent card."""
        for bubble in list(self._core.phones.with_key(message.task_id)):
            if bubble.meta.get("msgid") == message.msgid and bubble.kind == "card":
                yield bubble

    def redraw(self, bubble: Bubble, card: Json) -> None:
        """Show another card in the place of this copy, which keeps its task id."""
        body = json.loads(json.dumps(card))
        if bubble.body.get("task_id"):
            body["task_id"] = bubble.body["task_id"]
        self._core.phones.redraw(bubble, body)

    def _selected(self, message: CardMessage, body: Json) -> tuple[set[str] | None, list[str]]:
        """Say whose copies change, None for all, and who of them does not exist.

        Without a selector a click's code changes only the clicker's copy; that is an assumption.
        """
        for name, most in _MOST.items():
            ids = body.get(name) or []
            if not isinstance(ids, list) or len(ids) > most:
                raise ApiError(40058, name)
        if body.get("atall"):
            return None, []
        userids = body.get("userids") or []
        if not userids and not body.get("partyids") and not body.get("tagids"):
            return ({message.clicker} if message.clicker else None), []
        members = self._core.world.members
        return set(userids), [userid.lower() for userid in userids if userid not in members]

    def _change(self, body: Json) -> tuple[str, Json, list[str]]:
        button, card = body.get("button"), body.get("template_card")
        if (button is None) == (card is None):
            raise ApiError(40058, "either button or template_card")
        if card is not None:
            complaints = cards.check(card, updating=True)
            return "", card, complaints
        name = button.get("replace_name") if isinstance(button, dict) else None
        if not isinstance(name, str) or not name:
            raise ApiError(40058, "button.replace_name")
        return name, {}, []


def freeze(card: Json, name: str) -> Json:
    """Grey a card's buttons under a new name."""
    return {**card, "replace_text": name}


def _owner(bubble: Bubble) -> str:
    return bubble.phone.removeprefix(member_phone(""))

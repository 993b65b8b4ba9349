"""A member presses a button on an interactive card and sees what the app answers (doc C/0007)."""

import json
import secrets
from collections.abc import Mapping
from typing import Any

from bot.emulator.dingtalk.card_checks import BadCardError, Space, answer_maps, by_key
from bot.emulator.dingtalk.cards import Card, Cards
from bot.emulator.dingtalk.chats import phone_of
from bot.emulator.dingtalk.errors import CannotActError
from bot.emulator.dingtalk.gateway import CARD_TOPIC
from bot.emulator.dingtalk.journal import Journal
from bot.emulator.dingtalk.pushes import Push
from bot.emulator.dingtalk.roads import Roads
from bot.emulator.dingtalk.world import DingtalkWorld
from bot.emulator.phones import Bubble, Phones

_WHERE = "card callback answer"


class Presses:
    """Card callbacks; `content_name` is the JSON string's name: content, on some pages value."""

    def __init__(
        self, world: DingtalkWorld, journal: Journal, phones: Phones, cards: Cards, roads: Roads
    ) -> None:
        self.content_name = "content"
        self._world = world
        self._journal = journal
        self._phones = phones
        self._cards = cards
        self._roads = roads

    async def press(
        self,
        staff_id: str,
        target: str | int | Bubble,
        action_id: str,
        params: Mapping[str, Any] | None = None,
    ) -> Push:
        """Press a button, wait up to the deadline; raises CannotActError when there is none."""
        card = self._card(staff_id, target)
        push = Push(secrets.token_hex(16), CARD_TOPIC, self._payload(card, staff_id))
        push.payload[self.content_name] = json.dumps(
            {"cardPrivateData": {"actionIds": [action_id], "params": dict(params or {})}},
            ensure_ascii=False,
        )
        self._journal.counted["pushes"] += 1
        self._journal.pushed(push)
        with card.pressed():
            answer = await self._send(push, card)
            if answer is not None:
                self._apply(card, staff_id, answer)
        return push

    async def _send(self, push: Push, card: Card) -> object:
        deadline = self._world.limits.card_deadline
        if card.callback == "HTTP":
            await self._roads.callbacks.card(push, self._cards.routes[card.route_key])
            return push.result
        await self._roads.gateway.push("CALLBACK", push)
        if push.lost:
            return None
        data = await push.answer(deadline)
        if data is None:
            if push.attempts and not push.refusals:
                self._journal.wrong(CARD_TOPIC, f"no answer within {deadline:g} s")
            return None
        return data.get("response")

    def _apply(self, card: Card, staff_id: str, answer: object) -> None:
        """Show the answer to the clicker alone: public data for now, private data for good."""
        try:
            public, private = answer_maps(answer)
            options = answer if isinstance(answer, Mapping) else {}
            merge = by_key(options, "updateCardDataByKey")
            merge_private = by_key(options, "updatePrivateDataByKey")
        except BadCardError as error:
            self._journal.wrong(_WHERE, error.problem)
            return
        if public is not None:
            seen = card.only_for.get(staff_id, card.public)
            card.only_for[staff_id] = {**seen, **public} if merge else public
        if private is not None:
            mine = card.private.get(staff_id, {})
            card.private[staff_id] = {**mine, **private} if merge_private else private
        self._cards.refresh(card, staff_id)

    def _card(self, staff_id: str, target: str | int | Bubble) -> Card:
        if isinstance(target, int):
            target = self._phones.find(target) or ""
        track = target.key or "" if isinstance(target, Bubble) else target
        card = self._cards.get(track)
        has_it = any(b.phone == phone_of(staff_id) for b in self._phones.with_key(track))
        if card is None or not (has_it or card.forwardable):
            raise CannotActError("this member has no such card")
        if card.callback is None:
            raise CannotActError("the card was created without callbackType")
        return card

    def _payload(self, card: Card, staff_id: str) -> dict[str, Any]:
        own = [s for s in card.spaces if s.id == staff_id or s.type == "IM_GROUP"]
        space = (own or card.spaces or [Space("IM_ROBOT", staff_id)])[0]
        return {
            "type": "actionCallback",
            "outTrackId": card.track,
            "corpId": self._world.corp_id,
            "userId": staff_id,
            "userIdType": 1,
            "spaceId": space.id,
            "spaceType": space.type,
            "extension": "{}",
        }

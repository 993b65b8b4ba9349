"""Event subscription: what happens in the company, told over Stream or encrypted over HTTP.

DingTalk docs E/0004 and 1434 (address-book events are free of the monthly allowance).
"""

import secrets
from collections.abc import Mapping
from typing import Any

from bot.emulator.dingtalk.gateway import EVENT_TOPIC
from bot.emulator.dingtalk.journal import Journal
from bot.emulator.dingtalk.pushes import Push
from bot.emulator.dingtalk.roads import Roads
from bot.emulator.dingtalk.world import DingtalkWorld, Mode

_ADDRESS_BOOK = ("user_", "org_dept_", "org_admin_", "label_user_")


class Events:
    """Reports events to the app."""

    def __init__(self, world: DingtalkWorld, journal: Journal, roads: Roads) -> None:
        self._world = world
        self._journal = journal
        self._roads = roads

    async def report(
        self, event_type: str, body: Mapping[str, Any], *, event_id: str | None = None
    ) -> Push:
        """Report an event, such as `user_leave_org`; over HTTP this waits for all retries."""
        event_id = event_id or secrets.token_hex(16)
        born = int(self._journal.clock() * 1000)
        if not event_type.startswith(_ADDRESS_BOOK):
            self._journal.counted["pushes"] += 1
        if self._roads.mode is Mode.STREAM:
            headers = {
                "eventType": event_type,
                "eventId": event_id,
                "eventCorpId": self._world.corp_id,
                "eventBornTime": str(born),
                "eventUnifiedAppId": "emulated-app",
            }
            push = self._journal.pushed(Push(secrets.token_hex(16), EVENT_TOPIC, dict(body)))
            await self._roads.gateway.push(
                "EVENT", push, headers, redelivery=self._world.limits.event_redelivery
            )
            return push
        payload = {
            "EventType": event_type,
            "EventTime": born,
            "CorpId": self._world.corp_id,
            "BizId": event_id,
            "eventId": event_id,
            **body,
        }
        push = self._journal.pushed(Push(event_id, EVENT_TOPIC, payload))
        await self._roads.callbacks.event(push)
        return push

    async def check_url(self) -> bool:
        """Save the event address in the console; True when the app's answer lets it be saved."""
        push = Push(secrets.token_hex(16), EVENT_TOPIC, {"EventType": "check_url"})
        await self._roads.callbacks.event_once(push)
        return push.answered

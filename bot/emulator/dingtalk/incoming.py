"""What a robot callback contains: the sender, the conversation, the session webhook, the content.

DingTalk docs 0699 and 0718; the inbound allowance (doc 1431) is counted here.
"""

import hashlib
import secrets
from typing import Any

from bot.emulator.dingtalk.chats import Chats, Conversation
from bot.emulator.dingtalk.gateway import ROBOT_TOPIC
from bot.emulator.dingtalk.journal import Journal
from bot.emulator.dingtalk.pushes import Push
from bot.emulator.dingtalk.server import Gate
from bot.emulator.dingtalk.world import DingtalkWorld
from bot.emulator.faults import FaultKind, Faults

_ROBOT_ID = "$:LWCP_v1:$robot"


class Incoming:
    """Composes robot messages as the app receives them."""

    def __init__(
        self, world: DingtalkWorld, journal: Journal, faults: Faults, chats: Chats, gate: Gate
    ) -> None:
        self._world = world
        self._journal = journal
        self._faults = faults
        self._chats = chats
        self._gate = gate

    def push(
        self, conversation: Conversation, staff_id: str, msgtype: str, content: dict[str, Any]
    ) -> Push:
        """Compose one message; past the monthly allowance it carries an error, no content."""
        payload = {
            "msgId": f"msg{secrets.token_urlsafe(16)}==",
            "msgtype": msgtype,
            "createAt": int(self._journal.clock() * 1000),
            "chatbotCorpId": self._world.corp_id,
            "chatbotUserId": _ROBOT_ID,
            "robotCode": self._world.robot_code,
            **self._sender(staff_id),
            **self._conversation(conversation),
        }
        payload |= self._over_quota() or content
        return self._journal.pushed(Push(secrets.token_hex(16), ROBOT_TOPIC, payload))

    def _sender(self, staff_id: str) -> dict[str, Any]:
        name = self._world.members.get(staff_id)
        sender = {
            "senderId": f"$:LWCP_v1:${hashlib.sha256(staff_id.encode()).hexdigest()[:16]}",
            "senderNick": name or staff_id,
            "senderCorpId": self._world.corp_id if name else "dingoutsiders",
            "senderPlatform": "Android",
        }
        if name and self._world.published:
            return {**sender, "senderStaffId": staff_id, "isAdmin": False}
        return sender

    def _conversation(self, conversation: Conversation) -> dict[str, Any]:
        session, until = self._chats.open_session(conversation)
        base = self._gate.address()
        fields = {
            "conversationId": conversation.id,
            "conversationType": "1" if conversation.staff_id else "2",
            "sessionWebhook": f"{base}/robot/sendBySession?session={session}",
            "sessionWebhookExpiredTime": until,
        }
        if conversation.staff_id:
            return fields
        return {
            **fields,
            "conversationTitle": conversation.title,
            "isInAtList": True,
            "atUsers": [{"dingtalkId": _ROBOT_ID}],
        }

    def _over_quota(self) -> dict[str, Any]:
        allowed = self._world.limits.monthly_pushes
        full = allowed is not None and self._journal.counted["pushes"] >= allowed
        if full or self._faults.take("dingtalk.callback", FaultKind.QUOTA_FULL):
            return {"errorCode": 20001, "errorMessage": "Webhook与Stream推送额度已用完"}
        self._journal.counted["pushes"] += 1
        return {}

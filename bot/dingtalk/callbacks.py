"""DingTalk's callbacks, verified and made platform-neutral; the readers are shared with Stream.

Checks come in this order: size, signature, age, JSON, whose company and robot. What is refused
raises Rejected and leaves nothing behind. What answers look like lives in `answers`.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import structlog

from bot.dingtalk.config import DingtalkConfig
from bot.dingtalk.events import CHECK_URL, CompanyEvent, incoming_of
from bot.dingtalk.messages import content_of, identifier, instant, sender_of
from bot.dingtalk.presses import pressed
from bot.dingtalk.sdk_edge import EventCrypto
from bot.dingtalk.session_webhook import is_trusted_webhook
from bot.dingtalk.signing import card_sign, require_fresh, require_signature, robot_sign
from bot.platform import Clockwork, HttpAnswer, Rejected
from bot.strict_json import CALLBACK_BYTES_MAX, read_object, text_of
from handlers.incoming import Incoming, ReplyHandle

USER_ID_TYPE = "1"
"""Card callbacks name company user ids, as our cards ask for. Source: DingTalk doc 0783."""
GROUP = "2"
EVENT_DONE = "success"

log = structlog.get_logger(__name__)


class DingtalkCallbacks:
    """Reads what one app's robot, cards and event subscription call us with."""

    def __init__(self, config: DingtalkConfig, clock: Clockwork) -> None:
        self._config = config
        self._clock = clock
        self._crypto: EventCrypto | None = None
        if config.takes_http_events:
            self._crypto = EventCrypto(
                config.event_token.get_secret_value(),
                config.event_aes_key.get_secret_value(),
                config.client_id,
            )

    def read_robot(self, headers: Mapping[str, str], body: bytes) -> Incoming:
        """Read a robot message that came by HTTP.

        Raises:
            Rejected: it is not DingTalk's, or not for this robot.
        """
        given = _lower(headers)
        secret = self._config.client_secret.get_secret_value()
        timestamp = given.get("timestamp", "")
        self._require_ours(body, given.get("sign", ""), robot_sign(timestamp, secret), timestamp)
        return self.robot_incoming(read_object(body))

    def read_card(self, headers: Mapping[str, str], body: bytes) -> Incoming:
        """Read a press of a card's button that came by HTTP.

        These callbacks have no id: the same bytes with the same timestamp are a repeat.

        Raises:
            Rejected: it is not DingTalk's, or not of this company.
        """
        given = _lower(headers)
        timestamp = given.get("x-ddpaas-signature-timestamp", "")
        expected = card_sign(timestamp, self._config.card_secret)
        self._require_ours(body, given.get("x-ddpaas-signature", ""), expected, timestamp)
        digest = hashlib.sha256(timestamp.encode() + b"\0" + body).hexdigest()[:40]
        return self.card_incoming(read_object(body), digest)

    def read_event(
        self, query: Mapping[str, str], body: bytes
    ) -> tuple[tuple[Incoming, ...], HttpAnswer]:
        """Read an encrypted event; send the answer when what it says is stored.

        The address check, and events that mean nothing to us, give no message but an answer.

        Raises:
            Rejected: it is not DingTalk's, or not for this app.
        """
        crypto = self._crypto
        if crypto is None:
            raise Rejected(403, "events_not_configured")
        timestamp = query.get("timestamp") or query.get("timeStamp") or ""
        text = crypto.open(
            signature=query.get("msg_signature") or query.get("signature") or "",
            timestamp=timestamp,
            nonce=query.get("nonce") or "",
            encrypted=text_of(read_object(body), "encrypt"),
        )
        require_fresh(timestamp, self._clock.now())
        data = read_object(text)
        now_ms = str(int(self._clock.now().timestamp() * 1000))
        answer = HttpAnswer(
            body=crypto.seal(EVENT_DONE, timestamp=now_ms), media_type="application/json"
        )
        kind = text_of(data, "EventType")
        if kind == CHECK_URL:
            return (), answer
        return self.event_incoming(
            kind,
            text_of(data, "eventId") or text_of(data, "BizId"),
            corp=text_of(data, "CorpId"),
            born=data.get("EventTime"),
            data=data,
        ), answer

    def robot_incoming(self, data: dict[str, Any]) -> Incoming:
        """Read a robot message of an authentic source.

        Raises:
            Rejected: 400 malformed; 403 another company's or robot's.
        """
        self._require_corp(data, "chatbotCorpId")
        if text_of(data, "robotCode") != self._config.robot_code:
            raise Rejected(403, "foreign_robot")
        if text_of(data, "senderStaffId"):
            # A user id means something only inside its company.
            self._require_corp(data, "senderCorpId")
        is_group = str(data.get("conversationType")) == GROUP
        return Incoming(
            channel=self._config.channel,
            source_id=f"robot:{identifier(data, 'msgId')}",
            sender=sender_of(data),
            sent_at=instant(data.get("createAt")) or self._clock.now(),
            content=content_of(data),
            in_group=is_group,
            is_mentioned=data.get("isInAtList") is True if is_group else True,
            reply_handle=self._reply_handle(data),
        )

    def card_incoming(self, data: dict[str, Any], source_id: str) -> Incoming:
        """Read a press of an authentic source; `source_id` is the same for its repeats.

        Raises:
            Rejected: 400 malformed; 403 another company's.
        """
        self._require_corp(data, "corpId")
        if str(data.get("userIdType", USER_ID_TYPE)) != USER_ID_TYPE:
            raise Rejected(403, "foreign_user_id")
        return Incoming(
            channel=self._config.channel,
            source_id=f"card:{source_id}",
            sender=identifier(data, "userId"),
            sent_at=self._clock.now(),
            content=pressed(data),
        )

    def event_incoming(
        self, kind: str, event_id: str, *, corp: str, born: object, data: dict[str, Any]
    ) -> tuple[Incoming, ...]:
        """Read an event of an authentic source.

        Raises:
            Rejected: 403, another company's.
        """
        if corp != self._config.corp_id:
            raise Rejected(403, "foreign_corp")
        event = CompanyEvent(kind, event_id, instant(born) or self._clock.now(), data)
        return incoming_of(event, self._config.channel)

    def _require_ours(self, body: bytes, given: str, expected: str, timestamp: str) -> None:
        if len(body) > CALLBACK_BYTES_MAX:
            raise Rejected(413, "too_large")
        require_signature(given, expected)
        require_fresh(timestamp, self._clock.now())

    def _require_corp(self, data: dict[str, Any], name: str) -> None:
        if text_of(data, name) != self._config.corp_id:
            raise Rejected(403, "foreign_corp")

    def _reply_handle(self, data: dict[str, Any]) -> ReplyHandle | None:
        url = text_of(data, "sessionWebhook")
        expires_at = instant(data.get("sessionWebhookExpiredTime"))
        if not url or expires_at is None or expires_at <= self._clock.now():
            return None
        if not is_trusted_webhook(url, self._config.webhook_origins):
            log.warning("dingtalk_webhook_refused", channel=self._config.channel)
            return None
        return ReplyHandle(url, expires_at)


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}

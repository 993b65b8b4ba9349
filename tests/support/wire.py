"""Raw callbacks, as somebody with or without the platforms' secrets would post them."""

import itertools
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx2

from bot.emulator.dingtalk.crypto import EventCipher, card_sign, robot_sign
from bot.wiring import MAIN
from storage.schema import METADATA
from tests.bot.wecom.envelope import Envelope, Posted
from tests.support.town import Town
from tests.support.world import (
    AES_KEY,
    AGENT,
    CLIENT_ID,
    CLIENT_SECRET,
    CORP,
    DING_CORP,
    KF,
    TOKEN,
)

Json = dict[str, Any]

ENVELOPE = Envelope(TOKEN, AES_KEY, CORP)
WECOM = "/callback/main/wecom"
ROBOT = "/callback/main/dingtalk/robot"
CARD = "/callback/main/dingtalk/card"
EVENT = "/callback/main/dingtalk/event"
_numbers = itertools.count(int(time.time() * 1000))


def member_xml(
    user: str, text: str = "帮助", *, changes: Mapping[str, object] | None = None
) -> str:
    """Write a member's text as WeCom does; `changes` replace, add or (None) remove elements."""
    fields: dict[str, object] = {
        "ToUserName": CORP,
        "FromUserName": user,
        "CreateTime": int(time.time()),
        "MsgType": "text",
        "Content": text,
        "MsgId": next(_numbers),
        "AgentID": AGENT,
        **(changes or {}),
    }
    inner = "".join(
        f"<{name}>{value}</{name}>"
        if isinstance(value, int)
        else f"<{name}><![CDATA[{value}]]></{name}>"
        for name, value in fields.items()
        if value is not None
    )
    return f"<xml>{inner}</xml>"


def ping_xml(account: str = KF) -> str:
    """Write a ping of a customer service account."""
    return member_xml(
        "sys",
        changes={
            "FromUserName": None,
            "Content": None,
            "MsgId": None,
            "AgentID": None,
            "MsgType": "event",
            "Event": "kf_msg_or_event",
            "Token": "ping-token",
            "OpenKfId": account,
        },
    )


def robot_body(user: str, text: str = "帮助", **changes: object) -> Json:
    """Write a member's text as DingTalk does."""
    now = int(time.time() * 1000)
    return {
        "msgId": f"msg{next(_numbers)}==",
        "createAt": now,
        "conversationType": "1",
        "conversationId": "cidforged==",
        "senderStaffId": user,
        "senderId": "$:LWCP_v1:$aa",
        "senderNick": "周涛",
        "senderCorpId": DING_CORP,
        "chatbotCorpId": DING_CORP,
        "chatbotUserId": "$:LWCP_v1:$robot",
        "robotCode": CLIENT_ID,
        "msgtype": "text",
        "text": {"content": text},
        **changes,
    }


def press_body(user: str, card: str, action: str, **changes: object) -> Json:
    """Write a press of a card's button as DingTalk does."""
    content = {"cardPrivateData": {"actionIds": [action], "params": {}}}
    return {
        "type": "actionCallback",
        "outTrackId": card,
        "corpId": DING_CORP,
        "userId": user,
        "userIdType": 1,
        "content": json.dumps(content),
        **changes,
    }


class Wire:
    """Posts to the real application."""

    def __init__(self, town: Town) -> None:
        self._http = httpx2.Client(base_url=town.bot.url, timeout=30, trust_env=False)
        connection = town.parts.connections.of(MAIN)
        assert connection is not None
        assert connection.platforms.dingtalk is not None
        self._card_secret = connection.platforms.dingtalk.card_secret

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, query: dict[str, str] | None = None) -> httpx2.Response:
        return self._http.get(path, params=query or {})

    def post(
        self,
        path: str,
        body: Any,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx2.Response:
        return self._http.post(path, content=body, params=query or {}, headers=headers or {})

    def wecom(self, xml: str, *, at: float | None = None) -> httpx2.Response:
        """Post a callback that is sealed as WeCom seals it."""
        return self.sealed(seal(xml, at=at))

    def sealed(self, posted: Posted, headers: dict[str, str] | None = None) -> httpx2.Response:
        return self.post(WECOM, posted.body, posted.query, headers)

    def robot(
        self, body: Json | bytes, *, at: float | None = None, secret: str = CLIENT_SECRET
    ) -> httpx2.Response:
        """Post a robot message under a signature; the signature does not cover the body."""
        return self.post(ROBOT, as_bytes(body), headers=robot_headers(at, secret))

    def card(
        self, body: Json | bytes, *, at: float | None = None, secret: str = ""
    ) -> httpx2.Response:
        """Post a card press under a signature."""
        stamp = _milliseconds(at)
        headers = {
            "x-ddpaas-signature-timestamp": stamp,
            "x-ddpaas-signature": card_sign(stamp, secret or self._card_secret),
        }
        return self.post(CARD, as_bytes(body), headers=headers)

    def event(
        self, event: Json, *, at: float | None = None, token: str = TOKEN, owner: str = CLIENT_ID
    ) -> httpx2.Response:
        """Post an encrypted event."""
        sealed = EventCipher(token, AES_KEY, owner).seal(json.dumps(event), _milliseconds(at))
        query = {
            "msg_signature": sealed["msg_signature"],
            "timestamp": sealed["timeStamp"],
            "nonce": sealed["nonce"],
        }
        body = json.dumps({"encrypt": sealed["encrypt"]}).encode()
        return self.post(EVENT, body, query)


def seal(xml: str, *, at: float | None = None) -> Posted:
    """Seal a callback as WeCom does."""
    return ENVELOPE.post(xml, time.time() if at is None else at, nonce=str(next(_numbers)))


def robot_headers(at: float | None = None, secret: str = CLIENT_SECRET) -> dict[str, str]:
    """Sign as DingTalk's robot does."""
    stamp = _milliseconds(at)
    return {"timestamp": stamp, "sign": robot_sign(stamp, secret)}


def everything(town: Town) -> dict[str, object]:
    """Give all rows of all tables; of the beats, which go on, only how many there are.

    The scheduler's own looks into the kf log, one in five minutes, are nobody's doing; nor is how
    far its runs have come and that the ledger was verified tonight.
    """
    rows: dict[str, object] = {
        "beats": town.one("SELECT count(*) FROM beats WHERE name NOT LIKE 'verify%'")
    }
    for table in sorted(set(METADATA.tables) - {"beats", "runs"}):
        own = " WHERE source_id NOT LIKE 'sweep:%'" if table == "inbox" else ""
        rows[table] = sorted(map(repr, town.all(f"SELECT * FROM {table}{own}")))  # noqa: S608
    return rows


@contextmanager
def nothing_changes(town: Town) -> Iterator[None]:
    """Assert that what is done inside leaves no row anywhere changed."""
    town.wakes_up()
    town.settles()
    before = everything(town)
    yield
    town.settles()
    after = everything(town)
    changed = {table for table in after if after[table] != before[table]}
    assert not changed, changed


def as_bytes(body: Json | bytes) -> bytes:
    """Write a body."""
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def _milliseconds(at: float | None) -> str:
    return str(int((time.time() if at is None else at) * 1000))

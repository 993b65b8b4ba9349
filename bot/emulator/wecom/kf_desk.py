"""The 微信客服 API (docs 94669, 94670, 94677, 95122, 96429, 94665).

Two things the pages leave open are decided here: a repeated msgid is answered with success and
shows nothing, and a menu click opens a new allowance like any other message of the customer.
"""

import re
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.emulator.faults import FaultKind
from bot.emulator.wecom import kf_content
from bot.emulator.wecom.core import Core, Dropped
from bot.emulator.wecom.errors import ApiError
from bot.emulator.wecom.kf_rooms import (
    ASSISTANT,
    ENDED,
    HUMAN,
    POOL,
    REPLY_SECONDS,
    UNTREATED,
    KfRooms,
    Session,
)
from bot.emulator.wecom.tokens import Caller
from bot.emulator.wecom.world import KfAccount

Json = dict[str, Any]
OK: Json = {"errcode": 0, "errmsg": "ok"}

_MSGID = re.compile(r"[0-9A-Za-z_-]{1,32}")
_SCENE = re.compile(r"[0-9A-Za-z_-]{0,32}")
_PER_CUSTOMER_MESSAGE = 5
_MOST_ITEMS = 1000
_MOST_CUSTOMERS = 100
_CURSOR_BYTES, _TOKEN_BYTES = 64, 128
# The page says "strict" without a number.
_PULLS_WITHOUT_TOKEN_PER_MINUTE = 10
_NEXT_STATES = {
    UNTREATED: {ASSISTANT, POOL, HUMAN, ENDED},
    ASSISTANT: {POOL, HUMAN, ENDED},
    POOL: {HUMAN, ENDED},
    HUMAN: {POOL, HUMAN, ENDED},
    ENDED: set[int](),
}


def customer_phone(external_userid: str) -> str:
    """Name the phone of a customer."""
    return f"wechat:{external_userid}"


@dataclass(frozen=True)
class Allowance:
    """What the app may still send a customer who does not write again (doc 94677)."""

    until: float | None
    """When the window closes; None when the customer has not written within it."""
    used: int
    most: int
    state: int
    """The session's service state; messages go out in 0 and 1 only."""


class KfDesk:
    """The app's side of all service accounts."""

    SEND, SYNC = "wecom.kf.send_msg", "wecom.kf.sync_msg"

    def __init__(self, core: Core, rooms: KfRooms, ping: Callable[[KfAccount], None]) -> None:
        self._core = core
        self._rooms = rooms
        self._ping = ping
        self._sent: dict[tuple[str, str], Json] = {}
        self._bare_pulls: dict[str, deque[float]] = defaultdict(deque)
        self._ways: dict[str, tuple[str, str]] = {}

    def sync(self, caller: Caller, body: Json) -> Json:
        """Answer kf/sync_msg."""
        account = self._account(caller, body)
        cursor, token = body.get("cursor") or "", body.get("token") or ""
        limit = body.get("limit") or _MOST_ITEMS
        if not isinstance(limit, int) or not 1 <= limit <= _MOST_ITEMS:
            raise ApiError(40058, "limit")
        if not isinstance(cursor, str) or len(cursor.encode()) > _CURSOR_BYTES:
            raise ApiError(40058, "cursor")
        if not isinstance(token, str) or len(token.encode()) > _TOKEN_BYTES:
            raise ApiError(40058, "token")
        if body.get("voice_format", 0) not in (0, 1):
            raise ApiError(40058, "voice_format")
        if token:
            self._rooms.check_token(account.open_kfid, token)
        else:
            self._count_bare_pull(account)
        if self._core.faults.take(self.SYNC, FaultKind.DROP):
            return {**OK, "next_cursor": cursor, "has_more": 1, "msg_list": []}
        items, after, more = self._rooms.page(account.open_kfid, cursor, limit)
        if self._core.faults.take(self.SYNC, FaultKind.DUPLICATE):
            items = [copy for item in items for copy in (item, item)]
        if self._core.faults.take(self.SYNC, FaultKind.REORDER):
            items = items[::-1]
        return {**OK, "next_cursor": after, "has_more": int(more), "msg_list": items}

    def send(self, caller: Caller, body: Json) -> Json:
        """Answer kf/send_msg."""
        account = self._account(caller, body)
        msgtype, content = kf_content.check(body)
        session = self._rooms.session(account, self._customer(body.get("touser")))
        msgid = self._msgid(body)
        key = (account.open_kfid, msgid)
        if key in self._sent:
            if self._sent[key] != body:
                self._core.records.complain("kf/send_msg", "msgid used again for another message")
            self._drop(session, "duplicate", body)
            return {**OK, "msgid": msgid}
        self._check_allowance(session)
        self._sent[key] = body
        session.sent_since += 1
        failure = self._core.faults.take(self.SEND, FaultKind.DELIVERY_FAILED)
        if failure:
            self._fail(session, msgid, int(failure.value or 0))
        else:
            self._show(session, msgtype, content, msgid)
        return {**OK, "msgid": msgid}

    def send_on_event(self, _caller: Caller, body: Json) -> Json:
        """Answer kf/send_msg_on_event: one message for one code."""
        code = self._rooms.event_code(body.get("code"))
        if str(body.get("msgtype")) not in code.msgtypes:
            raise ApiError(40008)
        msgtype, content = kf_content.check(body)
        msgid = self._msgid(body)
        self._rooms.use_up(body["code"])
        if code.welcome:
            code.session.last_welcome_at = self._core.clock()
        self._show(code.session, msgtype, content, msgid)
        return {**OK, "msgid": msgid}

    def state(self, caller: Caller, body: Json) -> Json:
        """Answer kf/service_state/get."""
        session = self._session(caller, body)
        return {**OK, "service_state": session.state, "servicer_userid": session.servicer}

    def change_state(self, caller: Caller, body: Json) -> Json:
        """Answer kf/service_state/trans."""
        session, state = self._session(caller, body), body.get("service_state")
        servicer = body.get("servicer_userid") or ""
        if state not in range(5):
            raise ApiError(40058, "service_state")
        if state not in _NEXT_STATES[session.state]:
            raise ApiError(95016)
        if state == HUMAN and servicer not in self._core.world.members:
            raise ApiError(95014)
        session.state, session.servicer = state, servicer if state == HUMAN else ""
        if state == ASSISTANT:
            return dict(OK)
        seconds, types = (20, ("text", "msgmenu")) if state == ENDED else (REPLY_SECONDS, ("text",))
        return {**OK, "msg_code": self._rooms.new_code(session, seconds, *types, welcome=False)}

    def customers(self, _caller: Caller, body: Json) -> Json:
        """Answer kf/customer/batchget: only who wrote in the last 48 hours."""
        asked = body.get("external_userid_list")
        if not isinstance(asked, list) or not 1 <= len(asked) <= _MOST_CUSTOMERS:
            raise ApiError(40058, "external_userid_list")
        now, found, invalid = self._core.clock(), list[Json](), list[str]()
        for external_userid in asked:
            sessions = self._rooms.of_customer(str(external_userid))
            recent = [s for s in sessions if s.said_within(now, REPLY_SECONDS)]
            if recent:
                found.append(self._profile(recent[-1], body))
            else:
                invalid.append(external_userid)
        return {**OK, "customer_list": found, "invalid_external_userid": invalid}

    def add_contact_way(self, caller: Caller, body: Json) -> Json:
        """Answer kf/add_contact_way."""
        account, scene = self._account(caller, body), body.get("scene") or ""
        if not isinstance(scene, str) or not _SCENE.fullmatch(scene):
            raise ApiError(40058, "scene")
        path = f"https://work.weixin.qq.com/kfid/{self._core.new_id(20)}"
        self._ways[path] = (account.open_kfid, scene)
        return {**OK, "url": f"{path}?enc_scene=ENC{self._core.new_id(16)}" if scene else path}

    def allowance(self, external_userid: str) -> Allowance:
        """Read the allowance in the session the customer last wrote in."""
        sessions = self._rooms.of_customer(external_userid)
        session = max(sessions, key=lambda s: s.last_said_at or 0.0, default=None)
        if session is None:
            return Allowance(None, 0, _PER_CUSTOMER_MESSAGE, ENDED)
        said, until = session.last_said_at, None
        if said is not None and session.said_within(self._core.clock(), REPLY_SECONDS):
            until = said + REPLY_SECONDS
        return Allowance(until, session.sent_since, _PER_CUSTOMER_MESSAGE, session.state)

    def way(self, url: str) -> tuple[str, str]:
        """Find account and scene of an address made by `add_contact_way`."""
        return self._ways[url.partition("?")[0]]

    def _profile(self, session: Session, body: Json) -> Json:
        world, who = self._core.world, session.external_userid
        profile: Json = {
            "external_userid": who,
            "nickname": world.customers[who],
            "avatar": "",
            "gender": 0,
        }
        if who in world.unionids:
            profile["unionid"] = world.unionids[who]
        if body.get("need_enter_session_context") == 1 and session.entered:
            profile["enter_session_context"] = session.entered
        return profile

    def _account(self, caller: Caller, body: Json) -> KfAccount:
        open_kfid = body.get("open_kfid")
        if not open_kfid:
            raise ApiError(40058, "open_kfid")
        for account in self._core.world.kf_accounts:
            if account.open_kfid == open_kfid and caller.agent_id in {None, account.agent_id}:
                return account
        raise ApiError(95000)

    def _session(self, caller: Caller, body: Json) -> Session:
        account = self._account(caller, body)
        return self._rooms.session(account, self._customer(body.get("external_userid")))

    def _customer(self, external_userid: object) -> str:
        if str(external_userid) not in self._core.world.customers:
            raise ApiError(40003)
        return str(external_userid)

    def _msgid(self, body: Json) -> str:
        msgid = body.get("msgid") or self._core.new_id(32)
        if not isinstance(msgid, str) or not _MSGID.fullmatch(msgid):
            raise ApiError(40058, "msgid")
        return msgid

    def _check_allowance(self, session: Session) -> None:
        if not session.said_within(self._core.clock(), REPLY_SECONDS):
            raise ApiError(95002)
        if session.state == ENDED:
            raise ApiError(95013)
        if session.state not in {UNTREATED, ASSISTANT}:
            raise ApiError(95018)
        quota = self._core.faults.take(self.SEND, FaultKind.QUOTA_FULL)
        if quota or session.sent_since >= _PER_CUSTOMER_MESSAGE:
            raise ApiError(95001)

    def _count_bare_pull(self, account: KfAccount) -> None:
        now, past = self._core.clock(), self._bare_pulls[account.open_kfid]
        while past and past[0] <= now - 60:
            past.popleft()
        if len(past) >= _PULLS_WITHOUT_TOKEN_PER_MINUTE:
            raise ApiError(45009)
        past.append(now)

    def _show(self, session: Session, msgtype: str, content: Json, msgid: str) -> None:
        kind = {"text": "text", "msgmenu": "menu"}.get(msgtype, "notice")
        body = {"text": content["content"]} if msgtype == "text" else dict(content)
        if kind == "notice":
            body["msgtype"] = msgtype
        meta = {"open_kfid": session.account.open_kfid, "msgid": msgid}
        phone = customer_phone(session.external_userid)

        def show() -> None:
            self._core.phones.show(phone, kind, body, key=msgid, meta=meta)

        if not self._core.arrive(self.SEND, show):
            self._drop(session, "fault", body)

    def _fail(self, session: Session, msgid: str, fail_type: int) -> None:
        fields = {
            "external_userid": session.external_userid,
            "fail_msgid": msgid,
            "fail_type": fail_type,
        }
        self._rooms.log_event(session.account, "msg_send_fail", fields)
        self._ping(session.account)

    def _drop(self, session: Session, reason: str, body: Json) -> None:
        phone = customer_phone(session.external_userid)
        self._core.records.dropped.append(Dropped(phone, reason, body))

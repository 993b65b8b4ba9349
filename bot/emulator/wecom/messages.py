"""App messages to members: message/send, message/recall and their limits (docs 90236, 90312)."""

import json
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.emulator.phones import Bubble
from bot.emulator.wecom import cards
from bot.emulator.wecom.core import Core, Dropped
from bot.emulator.wecom.errors import ApiError
from bot.emulator.wecom.response_codes import CardMessage, ResponseCodes
from bot.emulator.wecom.tokens import Caller

Json = dict[str, Any]

TEXT_BYTES = 2048
_PER_MINUTE, _PER_HOUR = 30, 1000
_RECALL_SECONDS = 24 * 3600
_DUPLICATE_DEFAULT, _DUPLICATE_MAX = 1800, 4 * 3600
_MOST_USERS = 1000
_MEDIA = frozenset({"image", "voice", "video", "file", "news", "mpnews", "miniprogram_notice"})


def member_phone(userid: str) -> str:
    """Name the phone of a member."""
    return f"wecom:{userid}"


def cut_bytes(text: str, limit: int) -> str:
    """Cut text to a number of UTF-8 bytes without splitting a character."""
    return text.encode()[:limit].decode(errors="ignore")


@dataclass(frozen=True)
class Shown:
    """What a message looks like on a phone."""

    kind: str
    body: Json


class MessageDesk:
    """The messages of all apps."""

    PLACE = "wecom.message.send"

    def __init__(self, core: Core, codes: ResponseCodes) -> None:
        self._core = core
        self._codes = codes
        self._arrivals: dict[tuple[int, str], deque[float]] = defaultdict(deque)
        self._seen: dict[tuple[int, str], tuple[float, Json]] = {}
        self._sent: dict[str, tuple[int, float, list[Bubble]]] = {}

    def send(self, caller: Caller, body: Json) -> Json:
        """Answer message/send."""
        agent_id = self.check_agent(caller, body)
        users, refused = self._recipients(body)
        shown, complaints = self._content(body)
        repeat = self._repeat_of(agent_id, body)
        if repeat:
            for userid in users:
                self._drop(userid, "duplicate", body)
            return repeat
        msgid = self._core.new_id(40)
        answer: Json = {"errcode": 0, "errmsg": "ok", "msgid": msgid, **refused}
        if shown.kind == "card" and shown.body.get("card_type"):
            answer |= self._register_card(agent_id, msgid, shown.body)
        self._core.records.complain("message/send", *complaints)
        self._deliver(agent_id, users, shown, msgid)
        self._remember(agent_id, body, answer)
        return answer

    def recall(self, caller: Caller, body: Json) -> Json:
        """Answer message/recall: within 24 hours, by msgid."""
        agent_id, at, bubbles = self._sent.get(str(body.get("msgid")), (None, 0.0, []))
        too_late = at + _RECALL_SECONDS < self._core.clock()
        if agent_id is None or agent_id != caller.agent_id or too_late:
            raise ApiError(40058, "msgid")
        for bubble in bubbles:
            self._core.phones.redraw(bubble, {"recalled": True}, kind="notice")
        return {"errcode": 0, "errmsg": "ok"}

    def check_agent(self, caller: Caller, body: Json) -> int:
        """Check that the token may act for the agentid in the body.

        Raises:
            ApiError: 48002 kf secret, 40056 no such app, 301002 another app's token.
        """
        if caller.agent_id is None:
            raise ApiError(48002)
        agent_id = body.get("agentid")
        if not isinstance(agent_id, int) or isinstance(agent_id, bool):
            raise ApiError(40056)
        if agent_id not in {app.agent_id for app in self._core.world.apps}:
            raise ApiError(40056)
        if agent_id != caller.agent_id:
            raise ApiError(301002)
        return agent_id

    def _recipients(self, body: Json) -> tuple[list[str], Json]:
        members = self._core.world.members
        asked = {name: split_ids(body.get(name)) for name in ("touser", "toparty", "totag")}
        if not any(asked.values()):
            raise ApiError(82001)
        if len(asked["touser"]) > _MOST_USERS:
            raise ApiError(40058, "touser")
        if asked["touser"] == ["@all"]:
            users, bad = list(members), list[str]()
        else:
            users = [user for user in dict.fromkeys(asked["touser"]) if user in members]
            bad = [user.lower() for user in asked["touser"] if user not in members]
        if not users:
            raise ApiError(81013)
        refused = {
            "invaliduser": "|".join(bad),
            "invalidparty": "|".join(asked["toparty"]),
            "invalidtag": "|".join(asked["totag"]),
            "unlicenseduser": "",
        }
        return users, refused

    def _content(self, body: Json) -> tuple[Shown, list[str]]:
        msgtype = str(body.get("msgtype"))
        content = body.get(msgtype)
        if msgtype not in {"text", "markdown", "textcard", "template_card", *_MEDIA}:
            raise ApiError(40008)
        if not isinstance(content, dict):
            raise ApiError(40058, msgtype)
        match msgtype:
            case "template_card":
                complaints = cards.check(content)
                return Shown("card", content), complaints
            case "text" | "markdown":
                return self._text(content, msgtype)
            case "textcard":
                return self._textcard(content)
            case _:
                return Shown("notice", {"msgtype": msgtype, **content}), []

    def _text(self, content: Json, msgtype: str) -> tuple[Shown, list[str]]:
        text = content.get("content")
        if not isinstance(text, str) or not text:
            raise ApiError(44004)
        size = len(text.encode())
        complaints = (
            [f"{msgtype} of {size} bytes, cut to {TEXT_BYTES}"] if size > TEXT_BYTES else []
        )
        look: Json = {"text": cut_bytes(text, TEXT_BYTES)}
        if msgtype == "markdown":
            look["format"] = "markdown"
        return Shown("text", look), complaints

    def _textcard(self, content: Json) -> tuple[Shown, list[str]]:
        look, complaints = dict(content), []
        for name, limit in {"title": 128, "description": 512, "url": 2048}.items():
            value = content.get(name)
            if not isinstance(value, str) or not value:
                raise ApiError(40058, f"textcard.{name}")
            if len(value.encode()) > limit:
                complaints.append(f"textcard.{name}: over {limit} bytes, cut")
                look[name] = cut_bytes(value, limit)
        return Shown("card", {"msgtype": "textcard", **look}), complaints

    def _register_card(self, agent_id: int, msgid: str, card: Json) -> Json:
        task_id = card.get("task_id")
        if task_id and not self._codes.claim_task(agent_id, task_id):
            raise ApiError(42014, "task_id exists")
        if not cards.has_response_code(card):
            return {}
        return {"response_code": self._codes.issue(CardMessage(agent_id, msgid, task_id or msgid))}

    def _deliver(self, agent_id: int, users: list[str], shown: Shown, msgid: str) -> None:
        bubbles: list[Bubble] = []
        key = shown.body.get("task_id") or msgid

        def show() -> None:
            bubbles.extend(
                self._core.phones.show(
                    member_phone(userid),
                    shown.kind,
                    json.loads(json.dumps(shown.body)),
                    key=key,
                    meta={"agent_id": agent_id, "msgid": msgid},
                )
                for userid in arriving
            )

        arriving = [userid for userid in users if self._within_rate(agent_id, userid)]
        for userid in users:
            if userid not in arriving:
                self._drop(userid, "rate_limit", shown.body)
        if not self._core.arrive(self.PLACE, show):
            for userid in arriving:
                self._drop(userid, "fault", shown.body)
        self._sent[msgid] = (agent_id, self._core.clock(), bubbles)

    def _within_rate(self, agent_id: int, userid: str) -> bool:
        """Say whether the member's allowance has room; the surplus is lost without an error."""
        now, past = self._core.clock(), self._arrivals[agent_id, userid]
        while past and past[0] <= now - 3600:
            past.popleft()
        last_minute = sum(1 for at in past if at > now - 60)
        if last_minute >= _PER_MINUTE or len(past) >= _PER_HOUR:
            return False
        past.append(now)
        return True

    def _drop(self, userid: str, reason: str, body: Json) -> None:
        self._core.records.dropped.append(Dropped(member_phone(userid), reason, body))

    def _repeat_of(self, agent_id: int, body: Json) -> Json | None:
        if not body.get("enable_duplicate_check"):
            return None
        until, answer = self._seen.get((agent_id, _canonical(body)), (0.0, {}))
        return answer if until > self._core.clock() else None

    def _remember(self, agent_id: int, body: Json, answer: Json) -> None:
        if not body.get("enable_duplicate_check"):
            return
        interval = body.get("duplicate_check_interval") or _DUPLICATE_DEFAULT
        until = self._core.clock() + min(float(interval), _DUPLICATE_MAX)
        self._seen[agent_id, _canonical(body)] = (until, answer)


def split_ids(joined: object) -> list[str]:
    """Split recipients joined by a vertical bar."""
    return [part for part in joined.split("|") if part] if isinstance(joined, str) else []


def _canonical(body: Mapping[str, Any]) -> str:
    return json.dumps(body, sort_keys=True)

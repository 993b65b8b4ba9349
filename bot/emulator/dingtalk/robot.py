"""What the app's robot and a group's webhook robot can send (docs 0714, 0716, 0699, 0702)."""

import json
import secrets
from collections import defaultdict, deque
from collections.abc import Mapping
from typing import Any

from bot.emulator.dingtalk.chats import Chats, Conversation, Screen
from bot.emulator.dingtalk.crypto import robot_sign
from bot.emulator.dingtalk.errors import ApiError, OapiError
from bot.emulator.dingtalk.journal import Journal
from bot.emulator.dingtalk.messages import (
    BadMessageError,
    Message,
    mention_problems,
    read_template,
    read_webhook,
)
from bot.emulator.dingtalk.server import ApiCall
from bot.emulator.dingtalk.world import CustomRobot, DingtalkWorld

_MAX_USERS = 20
_MAX_PARAM_BYTES = 15_000
_WEBHOOK_PER_MINUTE = 20
_WEBHOOK_BLOCK = 600.0
_SIGN_WINDOW = 3_600.0


class Robot:
    """The robot's sending endpoints; `flow_controlled` names people the platform throttles."""

    def __init__(
        self, world: DingtalkWorld, journal: Journal, chats: Chats, screen: Screen
    ) -> None:
        self.flow_controlled: set[str] = set()
        self._world = world
        self._journal = journal
        self._chats = chats
        self._screen = screen
        self._webhook_times: dict[str, deque[float]] = defaultdict(deque)
        self._webhook_blocked: dict[str, float] = {}
        self._webhook_seen: set[tuple[str, str]] = set()

    async def batch_send(self, call: ApiCall) -> dict[str, Any]:
        """Send to up to 20 members; bad and throttled ids come back in lists, not as errors."""
        users = call.params.get("userIds")
        if not isinstance(users, list) or not users or not all(isinstance(u, str) for u in users):
            raise self._refuse(call, "invalidParameter.userIds.empty", "userIds is no list of ids")
        if len(users) > _MAX_USERS:
            raise self._refuse(
                call, "invalidParameter.userIds.overMax", f"{len(users)} userIds, 20 are allowed"
            )
        message = self._template(call)
        invalid = [user for user in users if user not in self._world.members]
        throttled = [user for user in users if user in self.flow_controlled]
        reached = [user for user in users if user not in {*invalid, *throttled}]
        if len(invalid) == len(users):
            raise ApiError("staffId.notExisted", "员工不存在")
        key = secrets.token_urlsafe(24)
        self._screen.send(call.place, reached, message, {"process_query_key": key})
        return {
            "processQueryKey": key,
            "invalidStaffIdList": invalid,
            "flowControlledStaffIdList": throttled,
        }

    async def group_send(self, call: ApiCall) -> dict[str, Any]:
        """Send to one internal group."""
        conversation = str(call.params.get("openConversationId"))
        message = self._template(call)
        if conversation not in self._world.groups:
            raise ApiError("conversation.org.notMatch", "群不属于该组织")
        key = secrets.token_urlsafe(24)
        self._show(call, self._chats.group(conversation), message, {"process_query_key": key})
        return {"processQueryKey": key}

    async def session_send(self, call: ApiCall) -> dict[str, Any]:
        """Answer into the conversation a session webhook came from."""
        conversation = self._chats.session(call.query.get("session", ""))
        if conversation is None:
            raise OapiError(300001, "session 不存在")
        message = self._webhook(call)
        if message is not None:
            self._show(call, conversation, message, {"at": call.params.get("at")})
        return {}

    async def webhook_send(self, call: ApiCall) -> dict[str, Any]:
        """Send through a webhook robot: signed, 20 a minute, above that blocked for 10 minutes."""
        token = call.query.get("access_token", "")
        robot = self._world.custom_robots.get(token)
        if robot is None:
            raise OapiError(400101, "access_token不存在")
        self._check_sign(call, robot)
        self._check_rate(token)
        message = self._webhook(call)
        uuid = str(call.params.get("msgUuid") or "")
        if uuid and (token, uuid) in self._webhook_seen:
            return {}
        if uuid:
            self._webhook_seen.add((token, uuid))
        if message is not None:
            self._show(call, self._chats.group(robot.group), message, {"webhook": True})
        return {}

    def show_answer(self, conversation: Conversation, answer: Mapping[str, Any]) -> None:
        """Show what the app answered in the HTTP response to a robot callback."""
        where = "robot callback answer"
        try:
            message = read_webhook(answer)
        except BadMessageError as error:
            self._journal.wrong(where, str(error))
            return
        for problem in mention_problems(answer, message):
            self._journal.wrong(where, problem)
        if message is not None:
            meta = _meta(conversation)
            self._screen.send("dingtalk.callback.answer", conversation.people, message, meta)

    def _show(
        self, call: ApiCall, conversation: Conversation, message: Message, meta: dict[str, Any]
    ) -> None:
        self._screen.send(call.place, conversation.people, message, {**_meta(conversation), **meta})

    def _template(self, call: ApiCall) -> Message:
        if call.params.get("robotCode") != self._world.robot_code:
            raise self._refuse(
                call, "invalidParameter.robotCode.auth", "robotCode is not the app's"
            )
        raw = call.params.get("msgParam")
        if not isinstance(raw, str):
            raise self._refuse(call, "invalidParameter.msgParam", "msgParam is not a JSON string")
        if len(raw.encode()) > _MAX_PARAM_BYTES:
            raise self._refuse(
                call, "invalidParameter.msgParam.tooLong", "msgParam is over 15,000 bytes"
            )
        try:
            param = json.loads(raw)
            if not isinstance(param, dict):
                raise self._refuse(call, "invalidParameter.msgParam", "msgParam is no JSON object")
            return read_template(str(call.params.get("msgKey")), param)
        except (ValueError, BadMessageError) as error:
            raise self._refuse(call, "invalidParameter.msgParam", str(error)) from error

    def _webhook(self, call: ApiCall) -> Message | None:
        if not call.json:
            raise OapiError(43004, "无效的HTTP HEADER Content-Type")
        try:
            message = read_webhook(call.params)
        except BadMessageError as error:
            self._journal.wrong(call.name, str(error))
            raise OapiError(400105, "不支持的消息类型") from error
        for problem in mention_problems(call.params, message):
            self._journal.wrong(call.name, problem)
        return message

    def _check_sign(self, call: ApiCall, robot: CustomRobot) -> None:
        stamp = call.query.get("timestamp", "")
        fresh = stamp.isdigit() and abs(int(stamp) / 1000 - self._journal.clock()) <= _SIGN_WINDOW
        if not fresh or call.query.get("sign") != robot_sign(stamp, robot.secret):
            self._journal.wrong(call.name, "timestamp or sign is wrong")
            raise OapiError(310000, "sign not match")

    def _check_rate(self, token: str) -> None:
        now, times = self._journal.clock(), self._webhook_times[token]
        if now < self._webhook_blocked.get(token, 0.0):
            raise OapiError(410100, "发送速度太快而限流")
        while times and times[0] <= now - 60.0:
            times.popleft()
        if len(times) >= _WEBHOOK_PER_MINUTE:
            self._webhook_blocked[token] = now + _WEBHOOK_BLOCK
            raise OapiError(410100, "发送速度太快而限流")
        times.append(now)

    def _refuse(self, call: ApiCall, code: str, problem: str) -> ApiError:
        self._journal.wrong(call.name, problem)
        return ApiError(code, problem)


def _meta(conversation: Conversation) -> dict[str, Any]:
    return {} if conversation.staff_id else {"group": conversation.id}

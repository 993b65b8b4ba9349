"""Work notices: accepted in silence even when a daily limit swallows them (docs 0769, 0773)."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.emulator.dingtalk.chats import Screen
from bot.emulator.dingtalk.errors import OapiError
from bot.emulator.dingtalk.journal import Journal
from bot.emulator.dingtalk.messages import BadMessageError, read_notice
from bot.emulator.dingtalk.server import ApiCall
from bot.emulator.dingtalk.world import DingtalkWorld

_MAX_BYTES = 2_048
_MAX_USERS = 100
_PER_DAY = 500
_DAILY_CAP, _DUPLICATE = "143105", "143106"
_SHANGHAI = timedelta(hours=8)


class Notices:
    """Sends work notices and tells afterwards who never saw them."""

    def __init__(self, world: DingtalkWorld, journal: Journal, screen: Screen) -> None:
        self._world = world
        self._journal = journal
        self._screen = screen
        self._results: dict[int, dict[str, Any]] = {}
        self._seen: set[tuple[str, str, str]] = set()
        self._today: Counter[tuple[str, str]] = Counter()

    async def send(self, call: ApiCall) -> dict[str, Any]:
        """Take a notice for up to 100 members."""
        msg = _decoded(call.params.get("msg"))
        users = [user for user in str(call.params.get("userid_list") or "").split(",") if user]
        if not isinstance(msg, dict) or "agent_id" not in call.params:
            raise self._refuse(call, "agent_id and msg are required")
        size = len(json.dumps(msg, ensure_ascii=False).encode())
        if size > _MAX_BYTES:
            raise self._refuse(call, f"msg has {size} bytes, 2,048 are allowed")
        if not users or len(users) > _MAX_USERS:
            raise self._refuse(call, "userid_list must name 1 to 100 people")
        try:
            message = read_notice(msg)
        except BadMessageError as error:
            raise self._refuse(call, str(error)) from error
        task_id = len(self._results) + 1
        known = [user for user in users if user in self._world.members]
        forbidden = {user: self._forbidden(user, msg) for user in known}
        shown = [user for user in known if not forbidden[user]]
        self._results[task_id] = {
            "invalid_user_id_list": [user for user in users if user not in known],
            "forbidden_list": [
                {"userid": user, "code": code, "count": 1}
                for user, code in forbidden.items()
                if code
            ],
            "unread_user_id_list": shown,
            "read_user_id_list": [],
            "failed_user_id_list": [],
            "invalid_dept_id_list": [],
        }
        self._screen.send(call.place, shown, message, {"task_id": task_id})
        return {"task_id": task_id}

    async def result(self, call: ApiCall) -> dict[str, Any]:
        """Tell what became of a notice."""
        try:
            return {"send_result": self._results[int(call.params.get("task_id") or 0)]}
        except (KeyError, ValueError) as error:
            raise OapiError(40035, "不合法的参数") from error

    def _forbidden(self, user: str, msg: dict[str, Any]) -> str:
        day = (datetime.fromtimestamp(self._journal.clock(), UTC) + _SHANGHAI).date().isoformat()
        same = (day, user, json.dumps(msg, sort_keys=True))
        if same in self._seen:
            return _DUPLICATE
        if self._today[day, user] >= _PER_DAY:
            return _DAILY_CAP
        self._seen.add(same)
        self._today[day, user] += 1
        return ""

    def _refuse(self, call: ApiCall, problem: str) -> OapiError:
        self._journal.wrong(call.name, problem)
        return OapiError(40035, f"不合法的参数: {problem}")


def _decoded(msg: object) -> object:
    """Read `msg`, which form-encoded requests carry as a JSON string."""
    if not isinstance(msg, str):
        return msg
    try:
        return json.loads(msg)
    except ValueError:
        return None

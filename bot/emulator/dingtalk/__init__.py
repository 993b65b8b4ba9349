"""DingTalk as its reference pages describe it: both hosts, the Stream gateway, cards, the members.

Start at `create_dingtalk`; configure with `DingtalkWorld`. Faults are armed at `dingtalk.token`,
`.gateway`, `.batchSend`, `.group`, `.session`, `.webhook`, `.notice`, `.user`, `.card.create`,
`.card.update`, `.card.register` for calls, and at `dingtalk.callback` or `dingtalk.stream` (each
also with `.robot`, `.card`, `.event`) for pushes. A DROP at `dingtalk.stream` may carry the value
"disconnect", "zombie" or "reset". QUOTA_FULL at `dingtalk.callback` empties the inbound allowance;
at a call its value "qps" means queries per second instead of the month. HTML_BODY with the value
"1111" gives the JSON form of the ban.
"""

from bot.emulator.dingtalk.errors import CannotActError
from bot.emulator.dingtalk.journal import Call, ProtocolError
from bot.emulator.dingtalk.people import OpenedLink
from bot.emulator.dingtalk.platform import DingtalkPlatform, create_dingtalk
from bot.emulator.dingtalk.pushes import Push
from bot.emulator.dingtalk.world import (
    STANDARD_EDITION,
    CustomRobot,
    DingtalkWorld,
    Group,
    Limits,
    Mode,
)

__all__ = [
    "STANDARD_EDITION",
    "Call",
    "CannotActError",
    "CustomRobot",
    "DingtalkPlatform",
    "DingtalkWorld",
    "Group",
    "Limits",
    "Mode",
    "OpenedLink",
    "ProtocolError",
    "Push",
    "create_dingtalk",
]

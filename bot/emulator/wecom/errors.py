"""The error answers of WeCom's API and the complaints the emulator collects about a bot."""

from dataclasses import dataclass
from typing import Any

# WeCom doc 90313. The real texts change from call to call, so nobody may branch on them.
_WORDS = {
    -1: "system busy",
    40001: "invalid credential",
    40003: "invalid userid",
    40008: "invalid message type",
    40013: "invalid corpid",
    40014: "invalid access_token",
    40056: "invalid agentid",
    40058: "invalid Request Parameter",
    41001: "access_token missing",
    41002: "corpid missing",
    41004: "corpsecret missing",
    41050: "invalid welcome code",
    42001: "access_token expired",
    42014: "invalid task_id",
    42016: "invalid button key",
    44004: "empty content",
    45002: "content size out of limit",
    45009: "api freq out of limit",
    45033: "api concurrent out of limit",
    47001: "data format error",
    48002: "api forbidden",
    60111: "userid not found",
    60140: "invalid response_code",
    81013: "user & party & tag all invalid",
    82001: "touser & toparty & totag all empty",
    93000: "invalid webhook url",
    95000: "invalid open_kfid",
    95001: "send msg count limit",
    95002: "send msg time limit",
    95007: "invalid msg token",
    95008: "too many menu items",
    95009: "invalid menu item type",
    95013: "conversation end",
    95014: "user is not servicer",
    95016: "not allow to change session state",
    95018: "send msg session status invalid",
    301002: "not allow operate another agent with this accesstoken",
}


class ApiError(Exception):
    """A refusal with one of the platform's codes."""

    def __init__(self, errcode: int, problem: str = "") -> None:
        super().__init__(f"{errcode} {problem}")
        self.errcode = errcode
        self.problem = problem

    def answer(self, hint: int) -> dict[str, Any]:
        """Word the refusal as the platform does: with a hint and a link that change every time."""
        words = _WORDS.get(self.errcode, "error")
        detail = f" {self.problem}," if self.problem else ""
        link = f"https://open.work.weixin.qq.com/devtool/query?e={self.errcode}"
        return {
            "errcode": self.errcode,
            "errmsg": f"{words},{detail} hint: [{hint}], from ip: 127.0.0.1, more info at {link}",
        }


class CannotActError(Exception):
    """A person tried what the client would not let them do, such as press a greyed button."""


class UrlRefusedError(AssertionError):
    """The callback address did not pass WeCom's URL check."""


@dataclass(frozen=True)
class ProtocolError:
    """Something the bot did that the real platform would refuse, cut or ignore."""

    where: str
    problem: str

"""What DingTalk's error codes mean for a delivery.

The new host answers with an HTTP status and a code in words, the old one with HTTP 200 and a
number (doc 0013). Calls are made in `client`; nothing here waits.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot.platform import DeliveryError

OK = 200
REDIRECTS = range(300, 400)
UNAUTHORISED = 401
FORBIDDEN = 403
NOT_FOUND = 404
TOO_MANY = 429
SERVER_ERRORS = 500

BANNED = "address_banned"
BAN_STATUS = "1111"
BAN_SECONDS = 5 * 60
"""How long an address stays banned after 10,000 calls in 20 s. Source: DingTalk doc 0012."""
CARD_EXISTS = "param.cardAlreadyExist"
SESSION_ENDED = "300001"

_CODE = re.compile(r"[A-Za-z0-9._-]{1,80}")
_TOKEN_CODES = frozenset({"40001", "40014", "42001", "33001"})
_BUSY = {"-1": 2.0, "15": 2.0, "90018": 1.0, "90002": 1.0, "410100": 60.0, "130101": 60.0}
"""Old codes that pass by themselves, and the seconds to wait at least. Source: docs 0013, 0702."""
_BUSY_NEW = {
    "send.too.fast": 5.0,
    "send.byToken.tooFast": 5.0,
    "too.many.people": 5.0,
    "too.many.group": 5.0,
    "system.error": 2.0,
}
_NO_SUCH_PERSON = frozenset({"33012", "60121", "staffId.notExisted", "param.userIdNotExist"})
_FOR_OPERATORS = frozenset(
    {
        *("90020", "60011", "50002", "60020", "310000", "40089"),
        "invalidParameter.robotCode.auth",
        "robot.oto.notExist",
        "chatbotId.notAllow.sendOTO",
        "resource.unavailable",
        "conversation.org.notMatch",
        "param.templateNotExist",
        "param.templateUnpublished",
        "invalidClientIdOrSecret",
        "InvalidAuthentication",
    }
)
TEMPLATE_REFUSALS = frozenset({"param.templateNotExist", "param.templateUnpublished"})


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: its JSON object, or None when it has none."""

    status: int
    data: Mapping[str, Any] | None = field(repr=False)

    @property
    def code(self) -> str:
        """Name the new host's error code; its message is never used."""
        if self.data is None:
            return f"http_{self.status}"
        return _safe(self.data.get("code"))


def is_ban(answer: Answer) -> bool:
    """Tell whether the gateway has banned our address: HTML, or JSON of a shape of its own.

    A gateway that is merely down answers HTML with a 5xx status; that is no ban.
    """
    if answer.data is None:
        is_other = is_redirect(answer) or answer.status == NOT_FOUND
        return answer.status < SERVER_ERRORS and not is_other
    return str(answer.data.get("status")) == BAN_STATUS


def is_redirect(answer: Answer) -> bool:
    """Tell whether the answer points elsewhere; we never follow."""
    return answer.status in REDIRECTS


def is_token_refused(answer: Answer) -> bool:
    """Tell whether the access token is what the answer dislikes, on either host."""
    data = answer.data or {}
    return answer.status == UNAUTHORISED or str(data.get("errcode")) in _TOKEN_CODES


def api_refusal(answer: Answer, jitter: float) -> DeliveryError | None:
    """Read an answer of the new host; `jitter` in [0, 1) spreads the waits."""
    if answer.status == OK and answer.data is not None:
        return None
    code = answer.code
    if answer.status >= SERVER_ERRORS or answer.status == TOO_MANY:
        return _later(f"http_{answer.status}", 2.0, jitter)
    if "QpsLimit" in code:
        return _later(code, 1.0, jitter)
    if code in _BUSY_NEW:
        return _later(code, _BUSY_NEW[code], jitter)
    if code in _NO_SUCH_PERSON:
        return DeliveryError(code, permanent=True, blocks_account=True)
    is_right_missing = answer.status in {UNAUTHORISED, FORBIDDEN} or code in _FOR_OPERATORS
    return DeliveryError(code, permanent=True, is_operator_matter=is_right_missing)


def oapi_refusal(answer: Answer, jitter: float) -> DeliveryError | None:
    """Read an answer of the old host or a session webhook; `jitter` in [0, 1) spreads the waits."""
    if answer.status == TOO_MANY or answer.status >= SERVER_ERRORS or answer.data is None:
        return _later(f"http_{answer.status}", 2.0, jitter)
    code = _safe(answer.data.get("errcode"))
    if code == "0":
        return None
    if code in _BUSY:
        return _later(code, _BUSY[code], jitter)
    if code == "88":
        # With a sub code a right is missing; without, the gateway's own check timed out.
        if not answer.data.get("sub_code"):
            return _later(code, 2.0, jitter)
        return DeliveryError(code, permanent=True, is_operator_matter=True)
    if code in _NO_SUCH_PERSON:
        return DeliveryError(code, permanent=True, blocks_account=True)
    is_right_missing = code in _FOR_OPERATORS or code in _TOKEN_CODES
    return DeliveryError(code, permanent=True, is_operator_matter=is_right_missing)


def _later(code: str, seconds: float, jitter: float) -> DeliveryError:
    return DeliveryError(
        code, permanent=False, retry_after=timedelta(seconds=seconds * (1 + jitter))
    )


def _safe(code: object) -> str:
    """Keep a code only if it looks like one; anything else may be text."""
    text = str(code)
    return text if code is not None and _CODE.fullmatch(text) else "unknown"

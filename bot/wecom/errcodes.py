"""What WeCom's error numbers mean for a message: try again, hold, give up, tell the operator.

Judged by `errcode` alone; `errmsg` changes and carries addresses. Source: WeCom doc 90313 and,
for 微信客服, docs 94677 and 94669.
"""

from datetime import timedelta

from bot.platform import CardNotUpdatable, DeliveryError
from domain.channels import Unreachable

OK = 0
TOKEN_BAD = frozenset({"40014", "42001"})
"""The access token is wrong or has ended, perhaps early: renew it once, repeat once."""
PULL_TOKEN_STALE = "95007"  # noqa: S105  (an error number)
TRANSITION_REFUSED = "95016"

_BUSY = frozenset({-1, 45033})
_TOO_OFTEN = 45009
_CARD_GONE = 60140
_OPERATOR = frozenset(
    {
        40001,  # wrong secret
        40013,  # wrong corp id
        48002,  # the API is not granted to the app
        50002,  # the member or app is outside its rights
        50003,  # the app is disabled
        60011,  # no right for this member or department
        60020,  # our address is not among the trusted ones
        301002,  # the agent id is not the token's
        93000,  # the group robot is gone
        93004,  # the group robot is disabled
        93008,  # the group robot is not in the group
        95000,  # no such customer service account
        95003,  # the allowance of a corp that is not verified
        95004,  # the account does not exist
        95014,  # not a servicer
        95017,  # the API is switched off
        95019,  # the servicer is not receiving
    }
)
_NO_SUCH_ACCOUNT = frozenset({60111, 81013, 82001, 82002, 82003})
_OBSTACLES = {
    95001: Unreachable.ALLOWANCE_USED,
    95002: Unreachable.WINDOW_CLOSED,
    95013: Unreachable.SESSION_ENDED,
    95018: Unreachable.WITH_A_PERSON,
}
_OUR_MISTAKE = frozenset(
    {
        40003,  # userid
        40008,  # message type
        40056,  # agent id
        40058,  # a parameter
        41001,  # the token is missing from the address
        42014,  # task_id or button key
        42016,
        42017,
        42018,
        44004,  # empty text
        45002,  # too long
        95008,  # too many menu items
        95009,  # type of menu item
        95016,  # this change of a session is not allowed
    }
)

_PAUSE_BUSY = timedelta(seconds=2)
_PAUSE_TOO_OFTEN = timedelta(minutes=1)
_PAUSE_TOKEN_TOO_OFTEN = timedelta(minutes=10)
"""Asking on for a token lengthens the ban of our address."""

_NAMES = {str(number) for number in _OUR_MISTAKE}


def judge(errcode: int, *, is_token_fetch: bool = False) -> DeliveryError:
    """Turn an error number into what to do about it; an unknown one is worth another try."""
    code = str(errcode)
    if errcode in _BUSY:
        return DeliveryError(code, permanent=False, retry_after=_PAUSE_BUSY)
    if errcode == _TOO_OFTEN:
        pause = _PAUSE_TOKEN_TOO_OFTEN if is_token_fetch else _PAUSE_TOO_OFTEN
        return DeliveryError(code, permanent=False, retry_after=pause)
    if errcode in _OPERATOR:
        return DeliveryError(code, permanent=True, is_operator_matter=True)
    if errcode in _NO_SUCH_ACCOUNT:
        return DeliveryError(code, permanent=True, blocks_account=True)
    if errcode in _OBSTACLES:
        return DeliveryError(code, permanent=True, obstacle=_OBSTACLES[errcode])
    if errcode == _CARD_GONE:
        return CardNotUpdatable(code, permanent=True)
    return DeliveryError(code, permanent=errcode in _OUR_MISTAKE)


def is_our_mistake(error: DeliveryError) -> bool:
    """Tell whether the platform found fault with the request itself."""
    return error.code in _NAMES

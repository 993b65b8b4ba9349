"""What each of DingTalk's error codes means for a delivery."""

from datetime import timedelta
from typing import Any

import pytest

from bot.dingtalk.refusals import Answer, api_refusal, is_ban, oapi_refusal

RETRY, NEVER, OPERATOR, BLOCKED = "retry", "never", "operator", "blocked"


def verdict(answer: Answer, *, old: bool) -> str | None:
    error = (oapi_refusal if old else api_refusal)(answer, 0.5)
    if error is None:
        return None
    if not error.permanent:
        assert error.retry_after is not None
        assert error.retry_after >= timedelta(seconds=1)
        return RETRY
    if error.is_operator_matter:
        return OPERATOR
    return BLOCKED if error.blocks_account else NEVER


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (200, None, None),
        (403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", RETRY),
        (403, "Forbidden.AccessDenied.QpsLimitForApi", RETRY),
        (403, "Forbidden.AccessDenied.ApiCountLimitForOrg", OPERATOR),
        (403, "Forbidden.AccessDenied.AccessTokenPermissionDenied", OPERATOR),
        (403, "Forbidden.AccessDenied.IpNotInWhiteList", OPERATOR),
        (401, "InvalidAuthentication", OPERATOR),
        (400, "invalidClientIdOrSecret", OPERATOR),
        (400, "invalidParameter.robotCode.auth", OPERATOR),
        (400, "robot.oto.notExist", OPERATOR),
        (400, "param.templateNotExist", OPERATOR),
        (400, "param.templateUnpublished", OPERATOR),
        (400, "send.too.fast", RETRY),
        (400, "send.byToken.tooFast", RETRY),
        (400, "too.many.people", RETRY),
        (400, "staffId.notExisted", BLOCKED),
        (400, "param.userIdNotExist", BLOCKED),
        (400, "contain.unsafe.url", NEVER),
        (400, "param.contentUnsafe", NEVER),
        (400, "invalidParameter.msgParam.tooLong", NEVER),
        (400, "something.new", NEVER),
        (429, None, RETRY),
        (500, "system.error", RETRY),
        (502, None, RETRY),
        (504, None, RETRY),
    ],
)
def test_the_new_hosts_refusals(status: int, code: str | None, expected: str | None) -> None:
    data = {} if code is None else {"code": code, "message": "text of the vendor"}

    assert verdict(Answer(status, data), old=False) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"errcode": 0}, None),
        ({"errcode": "0"}, None),
        ({"errcode": -1}, RETRY),
        ({"errcode": 15}, RETRY),
        ({"errcode": 88}, RETRY),
        ({"errcode": 88, "sub_code": ""}, RETRY),
        ({"errcode": 88, "sub_code": "60011"}, OPERATOR),
        ({"errcode": 90018}, RETRY),
        ({"errcode": 90002}, RETRY),
        ({"errcode": 90020}, OPERATOR),
        ({"errcode": 410100}, RETRY),
        ({"errcode": 40014}, OPERATOR),
        ({"errcode": 42001}, OPERATOR),
        ({"errcode": 60011}, OPERATOR),
        ({"errcode": 60020}, OPERATOR),
        ({"errcode": 50002}, OPERATOR),
        ({"errcode": 33012}, BLOCKED),
        ({"errcode": 60121}, BLOCKED),
        ({"errcode": 40035}, NEVER),
        ({"errcode": 430101}, NEVER),
        ({}, NEVER),
        ({"errcode": {"a": 1}}, NEVER),
    ],
)
def test_t66_the_old_hosts_refusals(data: dict[str, Any], expected: str | None) -> None:
    assert verdict(Answer(200, data), old=True) == expected


@pytest.mark.parametrize(
    ("status", "data", "expected"),
    [
        (200, None, True),
        (403, None, True),
        (200, {"status": 1111, "punish": "deny", "wait": 5}, True),
        (503, {"status": "1111", "punish": "deny"}, True),
        (502, None, False),
        (404, None, False),
        (302, None, False),
        (200, {"status": 1111}, True),
        (200, {"errcode": 0}, False),
        (403, {"code": "Forbidden"}, False),
    ],
)
def test_t68_a_ban_has_a_shape_of_its_own(
    status: int, data: dict[str, Any] | None, *, expected: bool
) -> None:
    assert is_ban(Answer(status, data)) is expected


@pytest.mark.parametrize("code", ["您的 IP 1.2.3.4 被拒绝", "a b", "x" * 100, None, 5.5, ["a"]])
def test_a_code_that_may_be_text_is_not_repeated(code: object) -> None:
    error = api_refusal(Answer(400, {"code": code}), 0.0)

    assert error is not None
    assert error.code in {"unknown", "5.5"}

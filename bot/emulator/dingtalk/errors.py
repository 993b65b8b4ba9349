"""The two hosts' error shapes and the codes with a fixed meaning in both (DingTalk doc 0013)."""

import secrets
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, Response


class ApiError(Exception):
    """A refusal of api.dingtalk.com: an HTTP status and a string code."""

    def __init__(self, code: str, problem: str = "", *, status: int = 400) -> None:
        super().__init__(f"{status} {code} {problem}")
        self.code = code
        self.problem = problem or code
        self.status = status


class OapiError(Exception):
    """A refusal of oapi.dingtalk.com: HTTP 200 and a numeric code."""

    def __init__(self, errcode: int, problem: str) -> None:
        super().__init__(f"{errcode} {problem}")
        self.errcode = errcode
        self.problem = problem


class CannotActError(Exception):
    """A person tried what the client would not let them do, as pressing a card they never got."""


def api_answer(error: ApiError) -> Response:
    """Word a refusal of the new host."""
    body = {"code": error.code, "message": error.problem, "requestid": request_id()}
    return JSONResponse(body, status_code=error.status)


def oapi_answer(error: OapiError) -> Response:
    """Word a refusal of the old host."""
    return JSONResponse(
        {"errcode": error.errcode, "errmsg": error.problem, "request_id": request_id()}
    )


def ban_answer(style: str | float | None) -> Response:
    """Word the IP ban: an HTML page, or with style "1111" the gateway's own JSON (doc 0012)."""
    if str(style) == "1111":
        banned: dict[str, Any] = {"status": 1111, "punish": "deny", "wait": 5}
        return JSONResponse(banned)
    return HTMLResponse("<!doctype html><html><body><h1>访问被拒绝</h1></body></html>")


def invalid_token() -> ApiError:
    """Refuse an access token on the new host."""
    return ApiError("InvalidAuthentication", "不合法的access_token", status=401)


def too_fast() -> ApiError:
    """Refuse a call above the app's queries per second (doc 1433)."""
    code = "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"
    return ApiError(code, "已达到调用频率上限", status=403)


def month_used_up() -> ApiError:
    """Refuse a call above the company's monthly allowance (doc 1433)."""
    return ApiError("Forbidden.AccessDenied.ApiCountLimitForOrg", "本月调用次数已用完", status=403)


def request_id() -> str:
    """Make a request id of the platform's look."""
    return secrets.token_hex(8).upper()

"""The gate every API call passes: recording, faults, tokens, allowances, and the two hosts' shapes.

Endpoints are plain coroutines from `ApiCall` to a JSON object; they refuse with `ApiError` or
`OapiError`.
"""

import asyncio
import json
import secrets
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.emulator.dingtalk.errors import (
    ApiError,
    CannotActError,
    OapiError,
    api_answer,
    ban_answer,
    invalid_token,
    month_used_up,
    oapi_answer,
    too_fast,
)
from bot.emulator.dingtalk.journal import Call, Journal
from bot.emulator.dingtalk.world import DingtalkWorld
from bot.emulator.faults import FaultKind, Faults

TOKEN_HEADER = "x-acs-dingtalk-access-token"


@dataclass(frozen=True)
class ApiCall:
    """One request as an endpoint sees it."""

    name: str
    place: str
    """Where faults for it are armed."""
    query: Mapping[str, str]
    params: dict[str, Any]
    json: bool
    """Whether it came as application/json."""
    record: Call
    """Its line in the journal."""


Handler = Callable[[ApiCall], Awaitable[dict[str, Any]]]
Endpoint = Callable[[Request], Awaitable[Response]]


class Tokens:
    """Access tokens, good on both hosts; one at a time, renewed when asked for (doc 0033)."""

    def __init__(self, world: DingtalkWorld, journal: Journal) -> None:
        self._lifetime = world.limits.token_lifetime
        self._clock = journal.clock
        self._current = ""
        self._until = 0.0
        self._expired: set[str] = set()

    def issue(self) -> str:
        """Hand out the current token, or a new one when it ran out."""
        if not self._valid(self._current):
            self._expired.add(self._current)
            self._current = secrets.token_hex(16)
        self._until = self._clock() + self._lifetime
        return self._current

    def expire(self) -> None:
        """Make the current token worthless at once."""
        self._until = 0.0

    def refusal(self, token: str) -> int | None:
        """Say why a token is not accepted, in the old host's codes; None when it is."""
        if self._valid(token):
            return None
        return 42001 if token and token in {self._current, *self._expired} else 40014

    def _valid(self, token: str) -> bool:
        return bool(token) and token == self._current and self._clock() < self._until


class Gate:
    """Wraps endpoints; also knows the address this server is reached at."""

    def __init__(
        self, world: DingtalkWorld, journal: Journal, faults: Faults, base_url: str | None
    ) -> None:
        self.tokens = Tokens(world, journal)
        self.base_url = base_url
        """What links to this server start with; learned from the first request when not given."""
        self._world = world
        self._journal = journal
        self._faults = faults
        self._recent: dict[str, deque[float]] = defaultdict(deque)

    def address(self) -> str:
        """Tell the address of this server; raises before any request when none was given."""
        if self.base_url is None:
            raise CannotActError("base_url is not set and no request has shown it yet")
        return self.base_url

    def api(self, name: str, place: str, handle: Handler, *, token: bool = True) -> Endpoint:
        """Serve an endpoint of api.dingtalk.com; without `token` it is not guarded nor counted."""

        async def endpoint(request: Request) -> Response:
            call = await self._admit(request, name, place)
            if "access_token" in call.query:
                self._journal.wrong(name, "access_token in the query belongs to oapi.dingtalk.com")
            try:
                answer = await self._misbehave(call)
                if answer is not None:
                    return answer
                if token:
                    self._check_api_token(request)
                    self._count(name)
                return await self._finish(call, await handle(call))
            except ApiError as error:
                call.record.errcode = error.code
                return api_answer(error)

        return endpoint

    def oapi(
        self, name: str, place: str, handle: Handler, *, token: bool = True, counted: bool = True
    ) -> Endpoint:
        """Serve an endpoint of oapi.dingtalk.com: refusals are HTTP 200 with an errcode."""

        async def endpoint(request: Request) -> Response:
            call = await self._admit(request, name, place)
            if TOKEN_HEADER in request.headers:
                self._journal.wrong(name, f"the header {TOKEN_HEADER} belongs to api.dingtalk.com")
            try:
                answer = await self._misbehave(call)
                if answer is not None:
                    return answer
                if token:
                    self._check_oapi_token(call)
                if counted:
                    self._count(name)
                result = {"errcode": 0, "errmsg": "ok", **await handle(call)}
                return await self._finish(call, result)
            except (ApiError, OapiError) as error:
                refusal = _old_style(error) if isinstance(error, ApiError) else error
                call.record.errcode = refusal.errcode
                return oapi_answer(refusal)

        return endpoint

    async def _admit(self, request: Request, name: str, place: str) -> ApiCall:
        if self.base_url is None:
            self.base_url = str(request.base_url).rstrip("/")
        is_json = request.headers.get("content-type", "").startswith("application/json")
        params: dict[str, Any] = {}
        if request.method != "GET":
            params = await self._body(request, name, is_json=is_json)
        query = dict(request.query_params)
        record = self._journal.call(name, {**query, **params})
        return ApiCall(name, place, query, params, is_json, record)

    async def _body(self, request: Request, name: str, *, is_json: bool) -> dict[str, Any]:
        if not is_json and request.headers.get("content-type", "").startswith(
            "application/x-www-form-urlencoded"
        ):
            return dict((await request.form()).items())
        if not is_json:
            self._journal.wrong(name, "Content-Type is not application/json")
        try:
            body = json.loads(await request.body())
        except ValueError:
            body = None
        if not isinstance(body, dict):
            self._journal.wrong(name, "the body is not a JSON object")
            return {}
        return body

    async def _misbehave(self, call: ApiCall) -> Response | None:
        delay = self._faults.take(call.place, FaultKind.DELAY)
        if delay is not None:
            await asyncio.sleep(float(delay.value or 0))
        new_host = call.name.startswith("/v1.0/")
        fault = self._faults.take(
            call.place,
            FaultKind.HTTP_STATUS,
            FaultKind.HTML_BODY,
            FaultKind.ERRCODE,
            FaultKind.EXPIRED_TOKEN,
            FaultKind.QUOTA_FULL,
        )
        if fault is None:
            return None
        match fault.kind:
            case FaultKind.HTML_BODY:
                return ban_answer(fault.value)
            case FaultKind.HTTP_STATUS:
                status = int(fault.value or 500)
                return api_answer(ApiError("system.error", "系统错误", status=status))
            case FaultKind.EXPIRED_TOKEN:
                self.tokens.expire()
                return None
            case FaultKind.QUOTA_FULL:
                raise too_fast() if fault.value == "qps" else month_used_up()
            case _ if new_host:
                raise ApiError(str(fault.value), status=_status_of(str(fault.value)))
            case _:
                raise OapiError(int(fault.value or -1), "系统繁忙")

    def _check_api_token(self, request: Request) -> None:
        if self.tokens.refusal(request.headers.get(TOKEN_HEADER, "")) is not None:
            raise invalid_token()

    def _check_oapi_token(self, call: ApiCall) -> None:
        code = self.tokens.refusal(call.query.get("access_token", ""))
        if code is not None:
            raise OapiError(code, "不合法的access_token" if code == 40014 else "access_token超时")

    def _count(self, name: str) -> None:
        limits, now = self._world.limits, self._journal.clock()
        used = self._journal.counted["calls"]
        if limits.monthly_calls is not None and used >= limits.monthly_calls:
            raise month_used_up()
        recent = self._recent[name]
        while recent and recent[0] <= now - 1.0:
            recent.popleft()
        if limits.calls_per_second is not None and len(recent) >= limits.calls_per_second:
            raise too_fast()
        recent.append(now)
        self._journal.counted["calls"] += 1

    async def _finish(self, call: ApiCall, result: dict[str, Any]) -> Response:
        call.record.errcode = 0
        hang = self._faults.take(call.place, FaultKind.HANG_AFTER_ACCEPT)
        if hang is not None:
            await asyncio.sleep(float(hang.value or 0))
        return JSONResponse(result)


def _status_of(code: str) -> int:
    if code.startswith("Forbidden"):
        return 403
    if code == "InvalidAuthentication":
        return 401
    return 500 if code == "system.error" else 400


def _old_style(error: ApiError) -> OapiError:
    codes = {too_fast().code: 90018, month_used_up().code: 90020}
    return OapiError(codes.get(error.code, -1), error.problem)

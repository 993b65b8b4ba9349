"""The API's HTTP side: paths, tokens, the count of parallel calls, faults and error answers."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from bot.emulator.faults import Fault, FaultKind
from bot.emulator.wecom.card_updates import CardUpdates
from bot.emulator.wecom.core import Call, Core
from bot.emulator.wecom.errors import ApiError
from bot.emulator.wecom.kf_desk import KfDesk
from bot.emulator.wecom.messages import MessageDesk
from bot.emulator.wecom.tokens import Caller, Tokens
from bot.emulator.wecom.webhooks import Webhooks

Json = dict[str, Any]
Handler = Callable[[Caller, Json], Json]

_PARALLEL = 5
_SECRETS = {"access_token", "corpsecret", "key"}
_REFUSING = (
    FaultKind.HTTP_STATUS,
    FaultKind.HTML_BODY,
    FaultKind.ERRCODE,
    FaultKind.QUOTA_FULL,
)


@dataclass(frozen=True)
class Endpoint:
    """One API call: where it is, which faults concern it, who answers."""

    path: str
    place: str
    handler: Handler
    method: str = "POST"
    open: bool = False
    """True when no access token is asked for."""

    @property
    def name(self) -> str:
        """The path below /cgi-bin/."""
        return self.path.removeprefix("/cgi-bin/")


@dataclass(frozen=True)
class Desks:
    """Everybody who answers API calls."""

    tokens: Tokens
    messages: MessageDesk
    updates: CardUpdates
    kf: KfDesk
    webhooks: Webhooks


def make_router(core: Core, desks: Desks) -> APIRouter:
    """Build the router with all of the platform's paths."""
    router, gate = APIRouter(), _Gate(core, desks.tokens)
    for endpoint in _endpoints(core, desks):
        # Plain routes: there is nothing for FastAPI to find out about them.
        router.add_route(
            endpoint.path,
            gate.entry(endpoint),
            methods=[endpoint.method],
            name=endpoint.name,
            include_in_schema=False,
        )
    return router


def _endpoints(core: Core, desks: Desks) -> list[Endpoint]:
    def api(path: str, handler: Handler, method: str = "POST", place: str = "") -> Endpoint:
        place = place or "wecom." + path.replace("/", ".")
        return Endpoint("/cgi-bin/" + path, place, handler, method)

    def user(_caller: Caller, params: Json) -> Json:
        userid = str(params.get("userid"))
        if userid not in core.world.members:
            raise ApiError(60111)
        name = core.world.members[userid]
        return {"errcode": 0, "errmsg": "ok", "userid": userid, "name": name, "status": 1}

    def addresses(_caller: Caller, _params: Json) -> Json:
        return {"errcode": 0, "errmsg": "ok", "ip_list": list(core.world.callback_ips)}

    kf = desks.kf
    return [
        Endpoint(
            "/cgi-bin/gettoken",
            "wecom.gettoken",
            lambda _caller, params: desks.tokens.issue(params),
            "GET",
            open=True,
        ),
        Endpoint(
            "/cgi-bin/webhook/send",
            Webhooks.PLACE,
            lambda _caller, params: desks.webhooks.send(str(params.pop("key", "")), params),
            open=True,
        ),
        api("message/send", desks.messages.send),
        api("message/recall", desks.messages.recall),
        api("message/update_template_card", desks.updates.update, place=CardUpdates.PLACE),
        api("kf/sync_msg", kf.sync),
        api("kf/send_msg", kf.send),
        api("kf/send_msg_on_event", kf.send_on_event),
        api("kf/service_state/get", kf.state),
        api("kf/service_state/trans", kf.change_state),
        api("kf/customer/batchget", kf.customers),
        api("kf/add_contact_way", kf.add_contact_way),
        api("user/get", user, "GET"),
        api("getcallbackip", addresses, "GET"),
    ]


class _Gate:
    """What happens around every handler."""

    def __init__(self, core: Core, tokens: Tokens) -> None:
        self._core = core
        self._tokens = tokens
        self._running: Counter[str] = Counter()

    def entry(self, endpoint: Endpoint) -> Callable[[Request], Any]:
        """Make the ASGI-facing function of an endpoint."""

        async def enter(request: Request) -> Response:
            self._running[endpoint.name] += 1
            try:
                return await self._enter(endpoint, request)
            finally:
                self._running[endpoint.name] -= 1

        return enter

    async def _enter(self, endpoint: Endpoint, request: Request) -> Response:
        raw, query = await request.body(), dict(request.query_params)
        call = self._record(endpoint, query, raw)
        crowded = self._running[endpoint.name] > _PARALLEL
        await asyncio.sleep(self._core.world.timings.api_latency)
        take = self._core.faults.take
        delay = take(endpoint.place, FaultKind.DELAY)
        if delay:
            await asyncio.sleep(_seconds(delay))
        if crowded:
            return self._refuse(call, ApiError(45033))
        fault = take(endpoint.place, *self._refusing(endpoint))
        if fault and fault.kind is FaultKind.HTTP_STATUS:
            return Response("upstream error", status_code=int(fault.value or 502))
        if fault and fault.kind is FaultKind.HTML_BODY:
            return HTMLResponse("<html><body>blocked</body></html>")
        if fault:
            code = int(fault.value or -1) if fault.kind is FaultKind.ERRCODE else 45009
            return self._refuse(call, ApiError(code))
        try:
            answer = self._answer(endpoint, query, raw)
        except ApiError as error:
            return self._refuse(call, error)
        call.errcode = 0
        slow = take(endpoint.place, FaultKind.HANG_AFTER_ACCEPT)
        if slow:
            await asyncio.sleep(_seconds(slow))
        return JSONResponse(answer)

    def _answer(self, endpoint: Endpoint, query: Json, raw: bytes) -> Json:
        token = query.pop("access_token", None)
        if endpoint.open:
            caller = Caller(None)
        else:
            if self._core.faults.take(endpoint.place, FaultKind.EXPIRED_TOKEN):
                self._tokens.expire(token)
            caller = self._tokens.caller(token)
        if endpoint.method == "GET":
            return endpoint.handler(caller, query)
        body = _parse(raw)
        if body is None:
            raise ApiError(47001)
        return endpoint.handler(caller, {**body, **query})

    def _refusing(self, endpoint: Endpoint) -> tuple[FaultKind, ...]:
        """kf/send_msg answers a full allowance with its own code."""
        if endpoint.place == KfDesk.SEND:
            return tuple(kind for kind in _REFUSING if kind is not FaultKind.QUOTA_FULL)
        return _REFUSING

    def _record(self, endpoint: Endpoint, query: Json, raw: bytes) -> Call:
        body = _parse(raw) if raw else {}
        shown = {**(body or {}), **{k: "***" if k in _SECRETS else v for k, v in query.items()}}
        call = Call(endpoint.name, shown, self._core.clock())
        self._core.records.calls.append(call)
        return call

    def _refuse(self, call: Call, error: ApiError) -> Response:
        call.errcode = error.errcode
        return JSONResponse(error.answer(self._core.next_number()))


def _parse(raw: bytes) -> Json | None:
    try:
        body = json.loads(raw)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _seconds(fault: Fault) -> float:
    return float(fault.value or 0)

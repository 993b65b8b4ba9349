"""The way in: who asks, whether they may, what they say, done once, and every failure worded.

The order is the one outsiders expect: key, scope, size, JSON, idempotency key, fields, business.
The scope a route needs is the one it declares, so that openapi.json says what is enforced.
"""

import hmac
import json
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Protocol

import structlog
from fastapi import APIRouter, Depends, params
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from typing_extensions import override

from bot.api.problems import Problems, RequestTrouble, Trouble
from bot.hints import Hints
from bot.platform import Rejected
from bot.runtime import Runtime
from bot.strict_json import read_object
from bot.web.callbacks import read_body
from domain.apikeys import ApiKey, Scope, check_key, check_scope, key_id_of
from domain.errors import DomainError, EventConflict
from domain.ids import ApiKeyId, TenantId
from domain.ports import Conflict, Ids
from handlers.contract import Context
from handlers.usecases.api_keys import actor_of
from handlers.usecases.api_requests import Reply, Request as Asked, answer_once
from handlers.usecases.watching import report_conflict

log = structlog.get_logger(__name__)

PREFIX = "/api/v1"
BODY_MAX = 256 * 1024
_SCHEME = "bearer "
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_JSON = re.compile(r"application/(?:[\w.+-]+\+)?json(?:\s*;.*)?", re.ASCII | re.IGNORECASE)
_CHANGES = frozenset({"POST", "PUT"})

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class KeyRing(Protocol):
    """Where keys of all tenants are found."""

    def find_api_key(self, key: ApiKeyId) -> tuple[TenantId, ApiKey] | None:
        """Find a key and the tenant it belongs to."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was let in."""

    gate: "Gate"
    tenant: TenantId
    key: ApiKey
    asked: Asked | None
    """What makes it the same as an earlier one; None when it changes nothing."""

    def read(self, look: Callable[[Context], BaseModel]) -> Response:
        """Answer from what is there."""
        return self.gate.read(self, look)

    def do(self, act: Callable[[Context], BaseModel], *, status: int = 200) -> Response:
        """Do something once in one transaction; the same request again gets the same answer.

        Raises:
            DomainError: as `act` or the idempotency key has it; nothing was done.
            Conflict: others were in the way, three times.
        """
        return self.gate.do(self, act, status=status)


class Gate:
    """Lets requests in and answers them; used from many threads."""

    def __init__(
        self, *, keys: KeyRing, runtime: Runtime, hints: Hints, problems: Problems, ids: Ids
    ) -> None:
        """Keep what every request needs."""
        self._keys = keys
        self._runtime = runtime
        self.hints = hints
        self.ids = ids
        self.problems = problems

    async def answer(self, request: Request, scope: Scope, handler: Handler) -> Response:
        """Answer one request; whatever happens, the answer is JSON with a code."""
        try:
            return await handler(await self._let_in(request, scope))
        except DomainError as refusal:
            log.info("refused", code=refusal.code)
            return self.problems.refused(refusal)
        except RequestTrouble as trouble:
            log.info("refused", code=trouble.code)
            return self.problems.own(trouble.code)
        except RequestValidationError as error:
            log.info("refused", code=Trouble.INVALID)
            return self.problems.invalid(error.errors(), error.body)
        except Conflict:
            log.warning("api_busy")
            return self.problems.own(Trouble.BUSY)
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception as error:  # noqa: BLE001  the edge of a request: log without its contents
            reference = self.ids.new()[-8:]
            log.error("api_failed", reference=reference, exc=error)  # noqa: TRY400  frames only
            return self.problems.own(Trouble.BUG, reference=reference)

    def read(self, call: Call, look: Callable[[Context], BaseModel]) -> Response:
        """Answer from what is there."""
        shown = self._runtime.look(
            call.tenant, look, actor=partial(actor_of, key=call.key), sender=_sender(call)
        )
        return _json(Reply(200, shown.model_dump_json()))

    def do(self, call: Call, act: Callable[[Context], BaseModel], *, status: int = 200) -> Response:
        """Do something once in one transaction; the same request again gets the same answer.

        Raises:
            DomainError: as `act` or the idempotency key has it; nothing was done.
            Conflict: others were in the way, three times.
        """
        asked = call.asked
        if asked is None:
            raise ValueError("a request that changes something needs an idempotency key")
        replies: list[Reply] = []

        def once(ctx: Context) -> None:
            def answer(ctx: Context) -> Reply:
                return Reply(status, act(ctx).model_dump_json())

            replies.append(answer_once(ctx, asked, answer))

        actor = partial(actor_of, key=call.key)
        try:
            done = self._runtime.act(call.tenant, once, actor=actor, sender=_sender(call))
        except EventConflict as conflict:
            # The refusal has undone its transaction; that it happened is told in one of its own.
            report = partial(report_conflict, conflict=conflict)
            self.hints.after(call.tenant, self._runtime.act(call.tenant, report))
            raise
        self.hints.after(call.tenant, done)
        return _json(replies[-1])

    async def _let_in(self, request: Request, scope: Scope) -> Request:
        text = _key_text(request)
        tenant, key = await run_in_threadpool(self._admit, text)
        check_scope(key, scope)
        structlog.contextvars.bind_contextvars(tenant=tenant, api_key=key.id)
        if request.method not in _CHANGES:
            request.state.call = Call(self, tenant, key, None)
            return request
        body = await _read(request)
        idempotency_key = request.headers.get("idempotency-key", "")
        if not _IDEMPOTENCY_KEY.fullmatch(idempotency_key):
            raise RequestTrouble(Trouble.IDEMPOTENCY_KEY)
        asked = Asked(key.id, idempotency_key, _hash(text, request.url.path, body))
        request.state.call = Call(self, tenant, key, asked)
        return _ReadRequest(request, body)

    def _admit(self, text: str) -> tuple[TenantId, ApiKey]:
        id_ = key_id_of(text)
        found = self._keys.find_api_key(id_) if id_ is not None else None
        tenant, key = found or (TenantId(""), None)
        return tenant, check_key(key, text)


class Guarded(APIRoute):
    """A route whose requests come through the gate of the application that serves it."""

    @override
    def get_route_handler(self) -> Handler:
        handler, scope = super().get_route_handler(), scope_of(self)

        async def answer(request: Request) -> Response:
            gate: Gate = request.app.state.gate
            return await gate.answer(request, scope, handler)

        return answer


def api_router() -> APIRouter:
    """Make a router for addresses of the API, all of them behind the gate."""
    return APIRouter(prefix=PREFIX, route_class=Guarded)


class _ReadRequest(Request):
    """A request whose body has been read and checked."""

    def __init__(self, request: Request, value: dict[str, Any]) -> None:
        super().__init__(request.scope, request.receive)
        self._value = value

    @override
    async def body(self) -> bytes:
        return b"{}"

    @override
    async def json(self) -> Any:
        return self._value


async def call_of(request: Request) -> Call:
    """Give what the gate has found out about a request."""
    call: Call = request.state.call
    return call


Admitted = Annotated[Call, Depends(call_of)]
"""How a route asks for the request the gate has let in."""


def scope_of(route: APIRoute) -> Scope:
    """Give the one scope a route needs.

    Raises:
        ValueError: it doesn't name one.
    """
    (scope,) = [
        scope
        for needed in route.dependencies
        if isinstance(needed, params.Security)
        for scope in needed.scopes or ()
    ]
    return Scope(scope)


def _key_text(request: Request) -> str:
    header = request.headers.get("authorization", "")
    is_bearer = header[: len(_SCHEME)].lower() == _SCHEME
    return header[len(_SCHEME) :].strip() if is_bearer else ""


async def _read(request: Request) -> dict[str, Any]:
    if not _JSON.fullmatch(request.headers.get("content-type", "")):
        raise RequestTrouble(Trouble.MEDIA_TYPE)
    try:
        raw = await read_body(request, BODY_MAX)
    except TimeoutError:
        raise RequestTrouble(Trouble.TOO_SLOW) from None
    if raw is None:
        raise RequestTrouble(Trouble.TOO_LARGE)
    try:
        return read_object(raw, bytes_max=BODY_MAX, mends_text=False)
    except Rejected:
        raise RequestTrouble(Trouble.MALFORMED) from None


def _hash(key_text: str, path: str, body: dict[str, Any]) -> str:
    """Hash what a request says so that who reads the database can't guess its phone numbers."""
    said = json.dumps([path, body], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.new(key_text.encode(), said.encode(), "sha256").hexdigest()


def _sender(call: Call) -> str:
    return f"apikey:{call.key.id}"


def _json(reply: Reply) -> Response:
    headers = {"cache-control": "no-store"}
    if reply.is_replayed:
        headers["idempotent-replayed"] = "true"
    return Response(reply.body, reply.status, media_type="application/json", headers=headers)

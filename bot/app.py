"""The web application: addresses, and nothing that decides."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import anyio.to_thread
import structlog
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

from bot.api.gate import Gate
from bot.api.page import ApiPage
from bot.api.routes import add_api
from bot.connections import Connection, Connections
from bot.dingtalk.callbacks import DingtalkCallbacks
from bot.dingtalk_http import DingtalkCardReader, DingtalkEventReader, DingtalkRobotReader
from bot.platform import Rejected
from bot.web.callbacks import Callbacks, Reader
from bot.web.health import Probes, readiness
from bot.web.pages import Pages, add_pages
from domain.ids import TenantId
from domain.ports import Clock

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Web:
    """What the web process works with."""

    connections: Connections
    callbacks: Callbacks
    probes: Probes
    pages: Pages
    clock: Clock
    gate: Gate
    page: ApiPage


def create_app(web: Web) -> FastAPI:
    """Build the application."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        # Callbacks that are being worked on are finished before the process ends.
        await anyio.to_thread.run_sync(web.callbacks.close)

    app = FastAPI(title="zhufen", lifespan=lifespan, docs_url=None, redoc_url=None)
    _add_callbacks(app, web)
    _add_health(app, web)
    add_pages(app, web.pages)
    add_api(app, web.gate, web.page)
    return app


def _add_callbacks(app: FastAPI, web: Web) -> None:
    @app.get("/callback/{tenant}/wecom", include_in_schema=False)
    async def wecom_check(tenant: str, request: Request) -> Response:
        connection = await _connection(web, tenant)
        if connection is None or connection.wecom is None:
            return _unknown(tenant)
        try:
            answer = connection.wecom.verify_url(dict(request.query_params))
        except Rejected as rejected:
            log.warning("check_rejected", reason=rejected.reason)
            return Response(status_code=rejected.status)
        return Response(answer.body, answer.status, media_type=answer.media_type)

    async def wecom(request: Request) -> Response:
        tenant = request.path_params["tenant"]
        connection = await _connection(web, tenant)
        reader = connection.wecom if connection else None
        return await _take(web, tenant, reader, request)

    async def dingtalk(request: Request) -> Response:
        tenant, kind = request.path_params["tenant"], request.path_params["kind"]
        connection = await _connection(web, tenant)
        readers: dict[str, Callable[[DingtalkCallbacks], Reader]] = {
            "robot": DingtalkRobotReader,
            "card": DingtalkCardReader,
            "event": DingtalkEventReader,
        }
        if connection is None or connection.dingtalk is None or kind not in readers:
            return _unknown(tenant)
        return await _take(web, tenant, readers[kind](connection.dingtalk), request)

    # Plain routes: there is nothing for FastAPI to parse here, and its looking costs a third.
    for path, endpoint in (("wecom", wecom), ("dingtalk/{kind}", dingtalk)):
        app.add_route(f"/callback/{{tenant}}/{path}", endpoint, ["POST"], include_in_schema=False)


async def _connection(web: Web, tenant: str) -> Connection | None:
    # A look into the database must not hold up the other requests.
    known = web.connections.known(TenantId(tenant))
    return known or await anyio.to_thread.run_sync(web.connections.of, TenantId(tenant))


async def _take(web: Web, tenant: str, reader: Reader | None, request: Request) -> Response:
    if reader is None:
        return _unknown(tenant)
    return await web.callbacks.take(TenantId(tenant), reader, request)


def _unknown(tenant: str) -> Response:
    log.warning("unknown_tenant_or_channel", tenant=tenant[:40])
    return Response(status_code=403)


def _add_health(app: FastAPI, web: Web) -> None:
    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        """Say that the process lives."""
        return {"status": "ok"}

    @app.get("/readyz")
    async def readyz() -> Response:
        """Say whether everything needed is there: 200, or 503 with what is missing."""
        is_ready, checks = await anyio.to_thread.run_sync(partial(readiness, web.probes, web.clock))
        status = 200 if is_ready else 503
        return JSONResponse({"ready": is_ready, "checks": checks}, status)

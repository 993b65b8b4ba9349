"""The emulator as one ASGI application, and how to run it in a process of its own."""

import contextlib
import importlib
from collections.abc import AsyncIterator, Callable

import uvicorn
from fastapi import FastAPI
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope
from typing_extensions import override

from bot.emulator.cast import choose_cast
from bot.emulator.config import EmulatorConfig
from bot.emulator.control import Emulator, make_control
from bot.emulator.dingtalk import create_dingtalk
from bot.emulator.faults import Faults
from bot.emulator.phones import Phones
from bot.emulator.wecom import create_wecom

Page = Callable[[], str]

# Asked for anew each time, or a browser would mix the files of two versions.
_FRESH = {"cache-control": "no-cache"}


def create_emulator(config: EmulatorConfig, *, demo_page: Page | None = None) -> FastAPI:
    """Build the application; `demo_page` overrides the one the configuration names.

    The live parts (`phones`, `faults`, `wecom`, `dingtalk`) are on `app.state.emulator`.
    """
    phones, faults = Phones(), Faults()
    emulator = Emulator(
        phones, faults, cast=choose_cast(config.cast, config.wecom, config.dingtalk)
    )
    if config.wecom is not None:
        emulator.wecom = create_wecom(config.wecom, phones, faults, config.wecom_callback_url)
    if config.dingtalk is not None:
        emulator.dingtalk = create_dingtalk(
            config.dingtalk,
            phones,
            faults,
            config.dingtalk_callback_base_url,
            base_url=f"http://{config.host}:{config.port}",
        )

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        for platform in (emulator.wecom, emulator.dingtalk):
            if platform is not None:
                await platform.aclose()

    app = FastAPI(title="platform emulator", lifespan=lifespan, docs_url=None, openapi_url=None)
    app.state.emulator = emulator
    app.include_router(make_control(emulator, config.keep_alive_seconds))
    for platform in (emulator.wecom, emulator.dingtalk):
        if platform is not None:
            app.include_router(platform.router)
    page = demo_page or _named_page(config.demo_page)
    if page is not None:
        _serve_page(app, page)
    if config.static_dir:
        app.mount("/demo/static", _FreshFiles(directory=config.static_dir))
    return app


def run(config: EmulatorConfig, *, demo_page: Page | None = None) -> None:
    """Serve until a signal comes; access logs stay off, because tokens travel in the query."""
    uvicorn.run(
        create_emulator(config, demo_page=demo_page),
        host=config.host,
        port=config.port,
        log_level="warning",
        access_log=False,
        # Open event streams would otherwise hold the process for ever.
        timeout_graceful_shutdown=1,
    )


class _FreshFiles(StaticFiles):
    @override
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(_FRESH)
        return response


def _serve_page(app: FastAPI, page: Page) -> None:
    @app.get("/demo", include_in_schema=False)
    async def demo() -> HTMLResponse:
        return HTMLResponse(page(), headers=_FRESH)


def _named_page(name: str) -> Page | None:
    if not name:
        return None
    module, _, function = name.partition(":")
    page: Page = getattr(importlib.import_module(module), function)
    return page

"""All addresses of the API, their description, and the page that shows it."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.exception_handlers import http_exception_handler
from fastapi.openapi.constants import REF_PREFIX
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.api import (
    backtests,
    contracts,
    customers,
    deductions,
    events,
    lotteries,
    notices,
    projects,
    redemptions,
    rewards,
    rules,
    wallets,
)
from bot.api.gate import Gate
from bot.api.page import ApiPage
from bot.api.problems import Problem, Trouble

_PARTS = (
    customers,
    contracts,
    projects,
    wallets,
    notices,
    events,
    redemptions,
    deductions,
    rules,
    backtests,
    rewards,
    lotteries,
)
"""In the order of the description."""
_NOT_FOUND, _METHOD = 404, 405


def add_api(app: FastAPI, gate: Gate, page: ApiPage) -> None:
    """Add the API, its description at /openapi.json and the page about it at /docs."""
    app.state.gate = gate
    # What FastAPI finds out about a route it finds out once, when the module is loaded; its
    # `include_router` would do so again for every application.
    app.router.routes.extend(route for part in _PARTS for route in part.router.routes)

    @app.exception_handler(HTTPException)
    async def elsewhere(request: Request, error: HTTPException) -> Response:
        trouble = {_NOT_FOUND: Trouble.NOT_FOUND, _METHOD: Trouble.METHOD}.get(error.status_code)
        if trouble is None or not request.url.path.startswith("/api/"):
            return await http_exception_handler(request, error)
        answer = gate.problems.own(trouble)
        answer.headers.update(error.headers or {})
        return answer

    # FastAPI's documented way to add to the description.
    app.openapi = _described(app)  # type: ignore[method-assign]

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(page.html(app.openapi()), headers=page.headers)


def _described(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """Describe the application as FastAPI does, with the shape of problems."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(title=app.title, version=app.version, routes=app.routes)
            problem = Problem.model_json_schema(ref_template=REF_PREFIX + "{model}")
            schemas = schema["components"]["schemas"]
            schemas |= problem.pop("$defs")
            schemas["Problem"] = problem
            app.openapi_schema = schema
        return app.openapi_schema

    return describe

"""All addresses of the API in one router, its description, and the page that shows it."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exception_handlers import http_exception_handler
from fastapi.openapi.constants import REF_PREFIX
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.api.backtests import add_backtest_routes
from bot.api.contracts import add_contract_routes
from bot.api.customers import add_customer_routes
from bot.api.deductions import add_deduction_routes
from bot.api.events import add_event_routes
from bot.api.gate import Gate
from bot.api.lotteries import add_lottery_routes
from bot.api.notices import add_notice_routes
from bot.api.page import ApiPage
from bot.api.problems import Problem, Trouble
from bot.api.projects import add_project_routes
from bot.api.redemptions import add_redemption_routes
from bot.api.rewards import add_reward_routes
from bot.api.rules import add_rule_routes
from bot.api.wallets import add_wallet_routes

PREFIX = "/api/v1"
_NOT_FOUND, _METHOD = 404, 405


def add_api(app: FastAPI, gate: Gate, page: ApiPage) -> None:
    """Add the API, its description at /openapi.json and the page about it at /docs."""
    router = APIRouter(prefix=PREFIX, route_class=gate.route_class())
    add_customer_routes(router, gate)
    add_contract_routes(router, gate)
    add_project_routes(router, gate)
    add_wallet_routes(router, gate)
    add_notice_routes(router, gate)
    add_event_routes(router, gate)
    add_redemption_routes(router, gate)
    add_deduction_routes(router, gate)
    add_rule_routes(router, gate)
    add_backtest_routes(router, gate)
    add_reward_routes(router, gate)
    add_lottery_routes(router, gate)
    app.include_router(router)

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

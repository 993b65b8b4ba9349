"""The real application on a real database, and systems that call it."""

import json
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import anyio.from_thread
import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import inspect, text

from bot.app import create_app
from bot.settings import Settings
from bot.wiring import MAIN, RULES_SINCE, Parts
from domain.apikeys import ApiKey, Scope
from domain.ids import TenantId
from domain.members import Role
from handlers.contract import Context
from handlers.usecases import setup
from handlers.usecases.api_keys import create_key
from storage.engine import migration_engine, parse_url
from storage.work import open_store
from tests.support.fakes import FakeClock
from tests.support.stores import *  # noqa: F403  a fixture must be a name of the conftest
from tests.support.stores import ENGINES, OTHER, _cluster_stops_at_the_end  # noqa: F401


@dataclass
class System:
    """Another system with its key; its calls come from any thread."""

    site: "Site"
    key: ApiKey
    text: str
    _calls: int = 0

    def get(self, path: str, **headers: str) -> httpx2.Response:
        return self.site.ask("GET", path, headers=self.headers() | headers)

    def post(
        self, path: str, body: Any, *, again: str | None = None, **headers: str
    ) -> httpx2.Response:
        """Send a body; `again` is the idempotency key, a fresh one unless given."""
        return self._send("POST", path, body, again, headers)

    def put(self, path: str, body: Any, *, again: str | None = None) -> httpx2.Response:
        """Send a body that takes the place of another."""
        return self._send("PUT", path, body, again, {})

    def _send(
        self, method: str, path: str, body: Any, again: str | None, headers: dict[str, str]
    ) -> httpx2.Response:
        self._calls += 1
        key = again or f"call-{self._calls}"
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"idempotency-key": key, "content-type": "application/json"}
        headers_ = self.headers() | given | headers
        return self.site.ask(method, path, content=raw, headers=headers_)

    def hangs_up(self, path: str) -> int:
        """Begin to send a body and hang up; give the status nobody reads."""
        headers = self.headers() | {"content-type": "application/json"}
        return self.site.hang_up(path, headers)

    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.text}"}


class Site:
    """The application and the firm behind it."""

    def __init__(self, parts: Parts, clock: FakeClock, url: str) -> None:
        self.parts, self.clock, self._url = parts, clock, url
        self.app: FastAPI = create_app(parts.web)
        self._portal_context = anyio.from_thread.start_blocking_portal()
        self._portal = self._portal_context.__enter__()

    def close(self) -> None:
        self._portal_context.__exit__(None, None, None)
        self.parts.web.callbacks.close()
        self.parts.close()

    def ask(self, method: str, path: str, **more: Any) -> httpx2.Response:
        async def call() -> httpx2.Response:
            transport = httpx2.ASGITransport(self.app)
            async with httpx2.AsyncClient(transport=transport, base_url="http://zhufen") as client:
                return await client.request(method, path, **more)

        return self._portal.call(call)

    def hang_up(self, path: str, headers: dict[str, str]) -> int:
        """Call the application as its server does when a client goes away."""
        said: list[MutableMapping[str, Any]] = []
        incoming = iter([{"type": "http.request", "body": b"{", "more_body": True}])

        async def receive() -> MutableMapping[str, Any]:
            return next(incoming, {"type": "http.disconnect"})

        async def send(message: MutableMapping[str, Any]) -> None:
            said.append(message)

        scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        self._portal.call(self.app, scope, receive, send)
        status: int = said[0]["status"]
        return status

    def system(self, *scopes: Scope, member: str | None = None, tenant: TenantId = MAIN) -> System:
        """Make a key; with all scopes unless some are named."""
        made: list[tuple[ApiKey, str]] = []

        def act(ctx: Context) -> None:
            owner = setup.member_named(ctx, member) if member else None
            made.append(create_key(ctx, "ERP", scopes or tuple(Scope), owner))

        self.parts.runtime.act(tenant, act)
        return System(self, *made[-1])

    def add_milestone(self, project: str, name: str) -> None:
        """Add a dated step that is not accepted yet."""

        def act(ctx: Context) -> None:
            found = ctx.work.projects.find_by_code(project)
            assert found is not None
            setup.add_milestone(ctx, found, name, date(2026, 11, 20))

        self.parts.runtime.act(MAIN, act)

    def execute(self, statement: str, **values: str) -> None:
        """Run raw SQL, for what no use case does yet."""
        with migration_engine(parse_url(self._url)).connect() as connection:
            connection.execute(text(statement), values)
            connection.commit()

    def everything(self) -> dict[str, list[str]]:
        """Read every row of every table but what only says that somebody is alive."""
        with migration_engine(parse_url(self._url)).connect() as connection:
            return {
                name: sorted(
                    repr(tuple(row))
                    for row in connection.execute(text(f"SELECT * FROM {name}"))  # noqa: S608
                )
                for name in inspect(connection).get_table_names()
            }


def furnish(ctx: Context) -> None:
    """Make a firm with a manager, two customers and a project each."""
    setup.publish_starter_rules(ctx, RULES_SINCE)
    li = setup.add_member(ctx, "李强", [Role.PROJECT_MANAGER])
    setup.add_member(ctx, "周涛", [Role.FINANCE])
    setup.add_member(ctx, "张敏", [Role.SUPERVISOR])
    setup.add_member(ctx, "王芳", [Role.SUPERVISOR])
    for number, (customer, project) in enumerate(
        (("滨江置业", "滨江一期"), ("云栖科技园", "云栖一期")), start=1
    ):
        owner = setup.add_customer(ctx, f"C00{number}", customer, None)
        work = setup.add_project(ctx, f"P10{number}", project, owner, li.id)
        setup.add_milestone(ctx, work, "主体结构", date(2026, 11, 20))


@pytest.fixture(params=ENGINES)
def site(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> Iterator[Site]:
    """Open the application with a firm on each engine in turn."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    yield from opened(request.getfixturevalue(name), tmp_path, clock)


@pytest.fixture
def quick_site(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Site]:
    """Open the application with a firm on SQLite, for what no engine decides."""
    yield from opened(sqlite_url, tmp_path, clock)


def opened(
    url: str, folder: Path, clock: FakeClock, *, wait_seconds_max: float | None = None
) -> Iterator[Site]:
    """Open the application with a firm on a migrated database."""
    settings = Settings(
        _env_file=None,
        data_dir=folder / "data",
        database_url=url,
        redis_url="redis://127.0.0.1:1",
        public_url="https://zhufen.example.com",
    )
    parts = Parts(settings)
    # The parts are built when they are first asked for; these are given.
    parts.__dict__["clock"] = clock
    parts.__dict__["store"] = open_store(
        url, clock=clock, ids=parts.ids, cipher=parts.cipher, wait_seconds_max=wait_seconds_max
    )
    for tenant in (MAIN, OTHER):
        parts.store.add_tenant(tenant, tenant)
        parts.runtime.act(tenant, furnish)
    site = Site(parts, clock, url)
    yield site
    site.close()


@pytest.fixture
def erp(quick_site: Site) -> System:
    """Give a system that may do everything."""
    return quick_site.system()

"""A firm into which files are imported, on each store in turn."""

from dataclasses import dataclass
from datetime import date

import pytest

from bot.imports.facts import Reader, ReadFile
from bot.imports.running import Importer, Source, Summary
from bot.intake import Intake
from bot.platform import Rendered
from bot.pulls import Puller
from bot.runtime import Runtime
from bot.sheets.reading import read_sheets
from bot.wiring import RULES_SINCE
from handlers.contract import Context
from handlers.usecases import setup
from handlers.usecases.naming import Directory
from tests.support.fakes import FakeClock, SequenceIds
from tests.support.stores import *  # noqa: F403  a fixture must be a name of the conftest
from tests.support.stores import (
    MAIN,
    AnyStore,
    _cluster_stops_at_the_end,  # noqa: F401
)


def no_rendering(*_: object) -> Rendered:
    raise AssertionError


def ignore(done: int, total: int) -> None:
    """Take what a progress bar would."""


@dataclass
class Firm:
    """A firm with 滨江置业 (C001), 城南建设 (C002) and their projects."""

    store: AnyStore
    clock: FakeClock
    runtime: Runtime
    importer: Importer

    def imports(self, text: str | bytes, **options: bool) -> Summary:
        return self.importer.run(source(text), ignore, **options)

    def checks(self, text: str | bytes, **options: bool) -> Summary:
        return self.importer.check(source(text), ignore, **options)

    def reads(self, text: str | bytes) -> ReadFile:
        sheets = read_sheets(source(text).data)
        return self.runtime.look(MAIN, lambda ctx: Reader(Directory(ctx), ctx.today).read(sheets))

    def warnings(self) -> list[tuple[str, str]]:
        """Give the kind and the subject of every open alert."""
        with self.store.reading(MAIN) as work:
            return [(one.kind, one.about) for one in work.alerts.open()]

    def balances(self) -> dict[str, tuple[int, int, int]]:
        """Give available points, debt and the number of entries by customer."""
        with self.store.reading(MAIN) as work:
            wallets = {one.code: work.wallets.read(one.id) for one in work.customers.all()}
        return {code: (one.available, one.debt, one.seq) for code, one in wallets.items()}

    def accepted_on(self, project: str, milestone: str) -> date | None:
        with self.store.reading(MAIN) as work:
            found = work.projects.find_by_code(project)
            assert found is not None
            [one] = [m for m in work.projects.milestones(found.id) if m.name == milestone]
        return one.accepted_on


def source(text: str | bytes, name: str = "台账.csv") -> Source:
    """Make a file."""
    return Source(name, text.encode() if isinstance(text, str) else text)


def furnish(ctx: Context) -> None:
    """Make the firm."""
    setup.publish_starter_rules(ctx, RULES_SINCE)
    river = setup.add_customer(ctx, "C001", "滨江置业有限公司", None)
    south = setup.add_customer(ctx, "C002", "城南建设", None)
    setup.add_customer(ctx, "C003", "城南建设", None)
    one = setup.add_project(ctx, "P001", "滨江一期", river, None)
    setup.add_project(ctx, "P002", "滨江二期", river, None)
    setup.add_project(ctx, "P003", "城南广场", south, None)
    setup.add_milestone(ctx, one, "主体验收", date(2026, 6, 30))
    setup.add_contact(ctx, river, "王建国", None)


def make_firm(store: AnyStore, clock: FakeClock, ids: SequenceIds) -> Firm:
    """Open a firm on a store."""
    puller = Puller(store, Intake(store, clock, ids), lambda _tenant, _channel: None)
    runtime = Runtime(store=store, clock=clock, ids=ids, render=no_rendering, pullers=puller)
    runtime.act(MAIN, furnish)
    return Firm(store, clock, runtime, Importer(runtime, MAIN))


@pytest.fixture
def firm(any_store: AnyStore, clock: FakeClock, ids: SequenceIds) -> Firm:
    """Open the firm on each store in turn."""
    return make_firm(any_store, clock, ids)


@pytest.fixture
def small_firm(fake_store: AnyStore, clock: FakeClock, ids: SequenceIds) -> Firm:
    """Open the firm on the store in memory."""
    return make_firm(fake_store, clock, ids)

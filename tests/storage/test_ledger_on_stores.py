"""The real use cases on both engines against the auditor, and against each other."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from typing_extensions import override

from storage.work import SqlStore, open_store
from tests.domain.steps import Steps
from tests.storage.engine import StoredSystem
from tests.support.fakes import FakeClock, SequenceIds
from tests.support.postgres import cluster
from tests.support.small_firm import KINDS
from tests.support.stores import CIPHER, ENGINES, MAIN

FreshStore = Callable[[], SqlStore]
DAY = timedelta(days=1)

# The same every time, so that a run takes as long as the last one.
FIXED = settings(
    max_examples=15,
    stateful_step_count=15,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


def opened(url: str) -> SqlStore:
    store = open_store(url, clock=FakeClock(), ids=SequenceIds(), cipher=CIPHER)
    store.add_tenant(MAIN, MAIN)
    return store


@pytest.fixture
def fresh_sqlite(migrated_sqlite: Path, tmp_path: Path) -> FreshStore:
    """Give new SQLite stores."""
    numbers = count(1)

    def fresh() -> SqlStore:
        file = tmp_path / f"zhufen-{next(numbers)}.db"
        shutil.copy(migrated_sqlite, file)
        return opened(f"sqlite:///{file}")

    return fresh


@pytest.fixture
def fresh_postgres(postgres_url: str) -> FreshStore:
    """Give a PostgreSQL store that is emptied again each time."""
    assert postgres_url
    return lambda: opened(cluster().emptied())


@pytest.fixture(params=ENGINES)
def fresh(request: pytest.FixtureRequest) -> FreshStore:
    """Give new stores of each engine in turn."""
    found: FreshStore = request.getfixturevalue(
        "fresh_sqlite" if request.param == "sqlite" else "fresh_postgres"
    )
    return found


class StoreSteps(Steps):
    """Every step is a transaction."""

    system: StoredSystem
    fresh: ClassVar[FreshStore]

    @override
    def start(self) -> StoredSystem:
        return StoredSystem(type(self).fresh(), "C001")

    @override
    def teardown(self) -> None:
        self.system.store.close()


def test_whatever_happens_the_store_holds_what_the_auditor_holds(fresh: FreshStore) -> None:
    steps = type("StoreSteps", (StoreSteps,), {"fresh": staticmethod(fresh)})
    run_state_machine_as_test(steps, settings=FIXED)


def a_year(system: StoredSystem) -> None:
    """Let everything happen that can, in an order nobody would choose."""
    ended = 0
    for month in range(12):
        for number, kind in enumerate(sorted(KINDS)):
            days_ago = (month * 7 + number * 13) % 45
            system.tells(kind, 5 + (month * 5 + number * 3) % 20, system.now - days_ago * DAY)
        system.hold(3)
        if month % 3 == 1:
            system.takes_back(len(system.events) - 3)
            system.close_month((system.now - 60 * DAY).strftime("%Y-%m"))
            if ended < len(system.holds):
                (system.settle if ended % 2 else system.release)(ended)
                ended += 1
        if month in {5, 8}:
            system.refund(1, month // 4)
        system.now += 31 * DAY
    system.opens()


def test_both_engines_write_the_same_entries_to_the_byte(
    fresh_sqlite: FreshStore, fresh_postgres: FreshStore
) -> None:
    digests = []
    for fresh in (fresh_sqlite, fresh_postgres):
        store = fresh()
        system = StoredSystem(store, "C001")
        a_year(system)
        system.check()
        digests.append(system.digest())
        store.close()
    assert digests[0] == digests[1]

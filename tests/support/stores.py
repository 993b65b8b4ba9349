"""Fixtures of stores: the fake one, SQLite, PostgreSQL, and tests that run over several of them.

Every store has the tenants "main" and "other", and in each the channels "app" (WeCom app), "kf"
(WeCom customer service) and "ding" (DingTalk).
"""

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from domain.channels import Channel, ChannelKind
from domain.ids import ChannelId, TenantId
from storage.channels import ChannelConfig
from storage.cipher import AesGcmCipher
from storage.migrate import upgrade
from storage.work import SqlStore, open_store
from tests.support.fakes import FakeClock, FakeStore, SequenceIds
from tests.support.postgres import cluster, stop_cluster

MAIN = TenantId("main")
OTHER = TenantId("other")
APP = ChannelId("app")
KF = ChannelId("kf")
DING = ChannelId("ding")
KINDS = {
    APP: ChannelKind.WECOM_APP,
    KF: ChannelKind.WECOM_KF,
    DING: ChannelKind.DINGTALK,
}
ENGINES = ("sqlite", "postgresql")
CIPHER = AesGcmCipher(b"0123456789abcdef0123456789abcdef")

AnyStore = SqlStore | FakeStore


@pytest.fixture
def clock() -> FakeClock:
    """Give a clock that stands until the test moves it."""
    return FakeClock()


@pytest.fixture
def ids() -> SequenceIds:
    """Give ids in sequence."""
    return SequenceIds()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an SQLite file with the newest schema, to be copied."""
    return _migrated(tmp_path_factory.getbasetemp())


@cache
def _migrated(folder: Path) -> Path:
    # Of every module that imports the fixture pytest makes a fixture of its own.
    file = folder / "migrated.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def _cluster_stops_at_the_end() -> Iterator[None]:
    yield
    stop_cluster()


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """Make a new migrated SQLite database without rows."""
    file = tmp_path / "zhufen.db"
    shutil.copy(migrated_sqlite, file)
    return f"sqlite:///{file}"


@pytest.fixture
def postgres_url(_cluster_stops_at_the_end: None) -> str:
    """Empty a migrated PostgreSQL database."""
    return cluster().emptied()


@pytest.fixture
def bare_postgres_url(_cluster_stops_at_the_end: None) -> Iterator[str]:
    """Make a new PostgreSQL database without any table."""
    with cluster().bare() as url:
        yield url


@pytest.fixture
def fake_store() -> FakeStore:
    """Open a store in memory."""
    store = FakeStore()
    _furnish(store)
    return store


@pytest.fixture
def sqlite_store(sqlite_url: str, clock: FakeClock, ids: SequenceIds) -> Iterator[SqlStore]:
    """Open a store on SQLite."""
    yield from _opened(sqlite_url, clock, ids)


@pytest.fixture
def postgres_store(postgres_url: str, clock: FakeClock, ids: SequenceIds) -> Iterator[SqlStore]:
    """Open a store on PostgreSQL."""
    yield from _opened(postgres_url, clock, ids)


@pytest.fixture(params=ENGINES)
def store(request: pytest.FixtureRequest) -> SqlStore:
    """Open a store on each engine in turn."""
    found: SqlStore = request.getfixturevalue(
        "sqlite_store" if request.param == "sqlite" else "postgres_store"
    )
    return found


@pytest.fixture(params=("fake", *ENGINES))
def any_store(request: pytest.FixtureRequest) -> AnyStore:
    """Open the fake store and a store on each engine in turn."""
    name = {"fake": "fake_store", "sqlite": "sqlite_store", "postgresql": "postgres_store"}
    found: AnyStore = request.getfixturevalue(name[request.param])
    return found


def _opened(url: str, clock: FakeClock, ids: SequenceIds) -> Iterator[SqlStore]:
    store = open_store(url, clock=clock, ids=ids, cipher=CIPHER)
    _furnish(store)
    yield store
    store.close()


def _furnish(store: AnyStore) -> None:
    for tenant in (MAIN, OTHER):
        store.add_tenant(tenant, tenant)
        for channel, kind in KINDS.items():
            store.save_channel(tenant, ChannelConfig(Channel(channel, kind), f"account-{channel}"))

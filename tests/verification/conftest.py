"""A whole ledger, told once and copied for each test that gets at it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.proof import DayHead
from storage.work import open_store
from tests.support.fakes import FakeClock, SequenceIds
from tests.support.stores import *  # noqa: F403  a fixture must be a name of the conftest
from tests.support.stores import (
    CIPHER,
    MAIN,
    OTHER,
    _cluster_stops_at_the_end,  # noqa: F401
)
from tests.support.story import tell
from tests.verification.tampering import Tampered


def told(url: str) -> list[DayHead]:
    """Tell the story into a migrated database; give its daily heads."""
    store = open_store(url, clock=FakeClock(), ids=SequenceIds(), cipher=CIPHER)
    for tenant in (MAIN, OTHER):
        store.add_tenant(tenant, tenant)
    heads = tell(store)
    store.close()
    return heads


@pytest.fixture(scope="session")
def story(
    migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[DayHead]]:
    """Tell the story once."""
    file = tmp_path_factory.mktemp("story") / "zhufen.db"
    shutil.copy(migrated_sqlite, file)
    return file, told(f"sqlite:///{file}")


@pytest.fixture
def heads(story: tuple[Path, list[DayHead]]) -> list[DayHead]:
    """Give the heads as they were posted."""
    return story[1]


@pytest.fixture
def ledger(story: tuple[Path, list[DayHead]], tmp_path: Path) -> Iterator[Tampered]:
    """Give a copy on SQLite to get at."""
    for part in story[0].parent.glob("zhufen.db*"):
        shutil.copy(part, tmp_path / part.name)
    found = Tampered(f"sqlite:///{tmp_path / 'zhufen.db'}")
    yield found
    found.close()


@pytest.fixture
def postgres_ledger(postgres_url: str) -> Iterator[Tampered]:
    """Give one on PostgreSQL to get at, told anew."""
    told(postgres_url)
    found = Tampered(postgres_url)
    yield found
    found.close()

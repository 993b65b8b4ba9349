"""The process that kills, and the databases it does that on."""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from storage.migrate import upgrade
from tests.storage.processes import says, started, tell
from tests.support.postgres import cluster
from tests.support.stores import *  # noqa: F403  a fixture must be a name of the conftest
from tests.support.stores import _cluster_stops_at_the_end  # noqa: F401

MEMORY = Path("/dev/shm")  # noqa: S108  a folder of our own in it
"""Files in memory, where there are: a process that dies leaves the same in them as on a disk."""
CHEAP_FORKS = {"PYPINYIN_NO_PHRASES": "true"}
"""How phrases are pronounced is half of the memory, and nobody here asks for that."""

Examine = Callable[[str, str], dict[str, Any]]


@pytest.fixture(scope="session")
def examine() -> Iterator[Examine]:
    """Give how to have an operation examined on the database of a URL."""
    with started("-m", "tests.kills.host", environment=CHEAP_FORKS) as process:

        def ask(url: str, operation: str) -> dict[str, Any]:
            tell(process, json.dumps([url, operation]))
            report: dict[str, Any] = json.loads(says(process))
            return report

        yield ask


@pytest.fixture(scope="session")
def sqlite_room(migrated_sqlite: Path) -> Iterator[str]:
    """Give a migrated SQLite file for all tests of this folder."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        file = Path(folder) / "zhufen.db"
        shutil.copy(migrated_sqlite, file)
        yield f"sqlite:///{file}"


@pytest.fixture(scope="session")
def postgres_room(_cluster_stops_at_the_end: None) -> str:  # noqa: F811  the fixture
    """Give a migrated PostgreSQL database for all tests of this folder."""
    # Whichever folder's tests end first stop the cluster, so it is not dropped but goes with that.
    url = cluster().lasting()
    upgrade(url)
    return url

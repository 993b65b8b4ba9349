"""The examination sees every statement, and finds what is wrong with broken operations."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from psycopg.pq import Trace
from sqlalchemy import event

from tests.kills.conftest import Examine
from tests.kills.fuse import AFTER_COMMIT, Fuse, wire
from tests.kills.life import Life
from tests.kills.world import NOW, build
from tests.support.stores import ENGINES

ROOMS = {"sqlite": "sqlite_room", "postgresql": "postgres_room"}


@pytest.mark.parametrize("engine", ENGINES)
def test_two_commits_where_there_should_be_one_are_noticed(
    request: pytest.FixtureRequest, examine: Examine, engine: str
) -> None:
    report = examine(request.getfixturevalue(ROOMS[engine]), "two commits")
    moments: list[str] = report["moments"]
    first, last = (n for n, moment in enumerate(moments) if moment == AFTER_COMMIT)
    assert report["parts"] == 2
    between = set(range(first, last)) & set(report["deaths"])
    assert _moments(report, "half") == between
    assert first in _moments(report, "unsound") <= between
    assert _moments(report, "elsewhere") == {first, last - 1}
    assert _moments(report, "refused") == set()
    [about] = {one["about"] for one in report["findings"] if one["fault"] == "half"}
    assert "['holds'] have changed" in about


@pytest.mark.parametrize("engine", ENGINES)
def test_what_can_be_done_twice_is_noticed(
    request: pytest.FixtureRequest, examine: Examine, engine: str
) -> None:
    report = examine(request.getfixturevalue(ROOMS[engine]), "no key")
    answered = len(report["moments"]) - 1
    assert report["moments"][answered] == AFTER_COMMIT
    assert [(one["fault"], one["moment"]) for one in report["findings"]] == [
        ("elsewhere", answered)
    ]


def _moments(report: dict[str, Any], fault: str) -> set[int]:
    return {one["moment"] for one in report["findings"] if one["fault"] == fault}


def test_no_statement_of_sqlite_passes_the_fuse_by(sqlite_url: str) -> None:
    # A trigger's own statements would be reported as if ours had been run twice.
    _drop_triggers(sqlite_url)
    seen: list[str] = []

    def listen(connection: sqlite3.Connection, _record: object) -> None:
        connection.set_trace_callback(seen.append)

    moments = _build(sqlite_url, listen)
    assert [_verb(moment) for moment in moments] == [_verb(statement) for statement in seen]
    assert len(moments) > 500


def test_no_statement_of_postgresql_passes_the_fuse_by(postgres_url: str, tmp_path: Path) -> None:
    log = tmp_path / "protocol"
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def listen(connection: Any, _record: object) -> None:
        connection.pgconn.trace(file)
        connection.pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)

    moments = _build(postgres_url, listen)
    os.close(file)
    sent = [line.split("\t") for line in log.read_text(encoding="utf-8").splitlines()]
    run = [line for line in sent if line[0] == "F" and line[2] in ("Execute", "Query")]
    # After a transaction that was given up the driver forgets what it has prepared, by itself.
    run = [line for line in run if line[3] != ' "DEALLOCATE ALL"']
    assert len(moments) == len(run)
    assert len(moments) > 500


def _drop_triggers(url: str) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in names.fetchall():
            connection.execute(f"DROP TRIGGER {name}")


def _build(url: str, listen: Callable[[Any, object], None]) -> list[str]:
    """Build the world under the eyes of the driver; give the moments before statements."""
    fuse, life = Fuse(), Life(url, NOW)
    wire(life.store.database, fuse)
    life.store.tenants()
    life.close()
    for engine in {life.store.database.writing, life.store.database.reading}:
        event.listen(engine, "connect", listen)
    fuse.light()
    build(life)
    fuse.put_out()
    life.close()
    return [moment for moment in fuse.moments if moment != AFTER_COMMIT]


def _verb(statement: str) -> str:
    return statement.split(maxsplit=1)[0]

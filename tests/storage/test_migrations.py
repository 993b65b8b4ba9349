"""Migrations: from nothing to the newest schema and back, once, by one, equal to the models."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, text

from storage.engine import migration_engine, parse_url, sqlite_file
from storage.migrate import (
    FOLDER,
    UnknownRevision,
    check,
    is_current,
    revisions,
    upgrade,
)
from storage.schema import METADATA
from tests.storage.processes import ROOT, says, started, tell
from tests.support.stores import ENGINES

APPLICATION = {"bot", "handlers", "domain", "storage", "tests"}
CPU_SECONDS_MAX = 1.5

START_UP = """
import sys
from storage.migrate import is_current
from storage.work import open_store
from storage.cipher import AesGcmCipher
from tests.support.fakes import FakeClock, SequenceIds
assert is_current(sys.argv[1])
store = open_store(
    sys.argv[1], clock=FakeClock(), ids=SequenceIds(), cipher=AesGcmCipher(bytes(32))
)
store.tenants()
print(*sorted({"alembic", "sqlmodel", "psycopg"} & set(sys.modules)))
"""


@pytest.fixture(params=ENGINES)
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of a database without tables (on SQLite: of none yet), on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'zhufen.db'}"
    url: str = request.getfixturevalue("bare_postgres_url")
    return url


@pytest.fixture
def raw(bare_url: str) -> Iterator[Connection]:
    """Connect to the migrated database."""
    upgrade(bare_url)
    with migration_engine(parse_url(bare_url)).connect() as connection:
        yield connection


def test_an_empty_database_is_upgraded_once(bare_url: str) -> None:
    assert is_current(bare_url) is False
    assert upgrade(bare_url) is True
    assert is_current(bare_url) is True
    assert upgrade(bare_url) is False


def test_asking_makes_no_database(tmp_path: Path) -> None:
    file = tmp_path / "zhufen.db"

    assert is_current(f"sqlite:///{file}") is False
    assert not file.exists()


def test_migrations_make_what_the_models_say(bare_url: str, raw: Connection) -> None:
    assert check(bare_url) == []
    migrated = shape(raw)
    METADATA.drop_all(raw)
    METADATA.create_all(raw)

    assert shape(raw) == migrated


def test_alembic_itself_goes_back_and_forth(bare_url: str, raw: Connection) -> None:
    before = shape(raw)
    raw.rollback()
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("sqlalchemy.url", bare_url.replace("%", "%%"))

    command.downgrade(config, "base")
    assert shape(raw).keys() == {"alembic_version"}
    raw.rollback()
    command.upgrade(config, "head")
    command.check(config)
    assert shape(raw) == before


def test_tickets_outlive_new_kinds_of_tickets_and_their_going(
    bare_url: str, raw: Connection
) -> None:
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("sqlalchemy.url", bare_url.replace("%", "%%"))
    insert = (
        "INSERT INTO tickets (tenant_id, id, kind, payload, created_at, expires_at) VALUES"
        " ('main', :id, :kind, '{\"a\": \"b\"}', '2026-11-22 02:00:00', '2026-11-23 02:00:00')"
    )
    raw.rollback()
    command.downgrade(config, "0001")
    raw.execute(text(insert), {"id": "t-1", "kind": "undo"})
    raw.commit()
    before = raw.execute(text("SELECT * FROM tickets")).all()
    raw.rollback()

    command.upgrade(config, "head")
    raw.execute(text(insert), {"id": "t-2", "kind": "approval"})
    raw.commit()
    command.downgrade(config, "0001")

    assert raw.execute(text("SELECT * FROM tickets")).all() == before


def shape(connection: Connection) -> dict[str, dict[str, Any]]:
    """Describe every table with all its constraints, also those Alembic doesn't compare."""
    inspector = inspect(connection)
    inspector.clear_cache()
    found = {}
    for name in inspector.get_table_names():
        columns = [
            (column["name"], str(column["type"]), column["nullable"])
            for column in inspector.get_columns(name)
        ]
        found[name] = {
            "columns": columns,
            "key": inspector.get_pk_constraint(name),
            "unique": sorted(map(repr, inspector.get_unique_constraints(name))),
            "foreign": sorted(map(repr, inspector.get_foreign_keys(name))),
            "checks": sorted(map(repr, inspector.get_check_constraints(name))),
            "indexes": sorted(map(_index, inspector.get_indexes(name))),
        }
    return found


def _index(index: Any) -> str:
    options = {option: str(value) for option, value in index.get("dialect_options", {}).items()}
    return f"{index['name']} {index['column_names']} {index['unique']} {options}"


def test_every_key_and_index_begins_with_the_tenant(raw: Connection) -> None:
    inspector = inspect(raw)
    for name in set(inspector.get_table_names()) - {"alembic_version", "beats", "tenants"}:
        led: list[list[Any]] = [inspector.get_pk_constraint(name)["constrained_columns"]]
        led += [unique["column_names"] for unique in inspector.get_unique_constraints(name)]
        led += [list(index["column_names"]) for index in inspector.get_indexes(name)]
        led += [key["constrained_columns"] for key in inspector.get_foreign_keys(name)]
        assert {columns[0] for columns in led} == {"tenant_id"}, name


def test_every_constraint_has_a_name(raw: Connection) -> None:
    inspector = inspect(raw)
    for name in set(inspector.get_table_names()) - {"alembic_version"}:
        constraints = [
            inspector.get_pk_constraint(name),
            *inspector.get_unique_constraints(name),
            *inspector.get_foreign_keys(name),
            *inspector.get_check_constraints(name),
        ]
        assert all(constraint["name"] for constraint in constraints), name


def test_a_newer_schema_is_refused_and_left_alone(bare_url: str, raw: Connection) -> None:
    raw.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    raw.commit()

    for ask in (is_current, upgrade):
        with pytest.raises(UnknownRevision, match="9999"):
            ask(bare_url)
    assert raw.scalar(text("SELECT version_num FROM alembic_version")) == "9999"


def test_two_processes_upgrade_at_once(bare_url: str) -> None:
    arguments = ("-m", "tests.storage.migrating", bare_url)
    with started(*arguments) as first, started(*arguments) as second:
        assert [says(first), says(second)] == ["ready", "ready"]
        tell(first)
        tell(second)
        assert sorted([says(first), says(second)]) == ["False", "True"]
    assert check(bare_url) == []


def test_an_upgrade_that_fails_leaves_nothing_behind(bare_url: str) -> None:
    file = sqlite_file(parse_url(bare_url))
    if file is not None:
        file.parent.mkdir()
    with migration_engine(parse_url(bare_url)).connect() as connection:
        connection.execute(text("CREATE TABLE wallets (id INTEGER PRIMARY KEY)"))
        connection.commit()

    with pytest.raises(Exception, match="wallets"):
        upgrade(bare_url)
    with migration_engine(parse_url(bare_url)).connect() as connection:
        assert inspect(connection).get_table_names() == ["wallets"]


def test_migrating_a_new_file_is_quick(tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path / 'warm.db'}")
    began = process_time()
    upgrade(f"sqlite:///{tmp_path / 'zhufen.db'}")

    assert process_time() - began < CPU_SECONDS_MAX


def test_a_start_with_nothing_to_migrate_loads_neither_alembic_nor_models(sqlite_url: str) -> None:
    with started("-c", START_UP, sqlite_url) as process:
        assert says(process) == ""
        assert process.wait(20) == 0


def test_revisions_are_numbered_in_one_line() -> None:
    files = sorted((FOLDER / "versions").glob("*.py"))
    numbers = revisions()

    assert numbers == [f"{number:04d}" for number in range(1, len(files) + 1)]
    before = None
    for file, number in zip(files, numbers, strict=True):
        source = file.read_text()
        assert re.search(f'^revision = "{number}"$', source, re.MULTILINE), file
        assert f"\ndown_revision = {before!r}\n".replace("'", '"') in source, file
        before = number


def test_revisions_import_no_code_of_ours() -> None:
    for file in (FOLDER / "versions").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not {name.partition(".")[0] for name in names} & APPLICATION, file

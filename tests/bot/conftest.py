"""The program and a folder with a small firm, for the tests of the command line."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.desk import WECOM, Desk
from tests.support.program import Program
from tests.support.stores import migrated_sqlite  # noqa: F401  a fixture


@pytest.fixture(scope="session")
def program() -> Iterator[Program]:
    program = Program()
    yield program
    program.close()


@pytest.fixture(scope="session")
def furnished(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with a firm that has WeCom, a manager and a customer, to be copied."""
    folder = tmp_path_factory.mktemp("furnished")
    for command in (
        ("migrate",),
        ("member", "add", "李强", "--role", "project_manager", "--wecom", "liqiang"),
        ("customer", "add", "C001", "滨江置业", "--manager", "李强"),
        ("tenant", "add", "firm2", "第二家"),
    ):
        assert program.run(folder, *command, **WECOM).code == 0
    return folder


@pytest.fixture
def desk(program: Program, furnished: Path, tmp_path: Path) -> Desk:
    shutil.copytree(furnished, tmp_path / "desk")
    return Desk(program, tmp_path / "desk")

"""Kill −9 between every pair of statements: all of an operation is there or nothing, and once."""

import pytest

from tests.kills.conftest import Examine
from tests.kills.operations import OPERATIONS
from tests.support.stores import ENGINES

UNSOUND = {"drift"}
"""What is done about records that don't agree, and so begins with such."""


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("engine", ENGINES)
def test_whenever_it_is_killed_it_is_done_once(
    request: pytest.FixtureRequest, examine: Examine, engine: str, operation: str
) -> None:
    url = request.getfixturevalue("sqlite_room" if engine == "sqlite" else "postgres_room")
    report = examine(url, operation)
    expected = OPERATIONS[operation]
    assert report["findings"] == []
    assert report["parts"] == expected.parts
    if engine == "sqlite":
        assert report["deaths"] == list(range(len(report["moments"])))
    assert report["is_sound"] is (operation not in UNSOUND)
    # A begin, a commit, the moment after it, and more than one statement in between.
    assert len(report["moments"]) > 4
    written = "".join(report["moments"])
    for table in expected.writes:
        assert f"INSERT INTO {table} " in written or f"UPDATE {table} " in written

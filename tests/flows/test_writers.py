"""SQLite's one place for writing, with web, worker and scheduler busy as processes: fair to all."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.processes import town_of_processes
from tests.support.town import Town
from tests.support.wire import Wire, member_xml

SECONDS = 3.0
SPEAKERS = 3
ATTEMPTS = 4


@pytest.fixture
def busy(sqlite_url: str, tmp_path: Path) -> Iterator[Town]:
    """Start one of each role on one SQLite file."""
    with town_of_processes(sqlite_url, tmp_path, "web", "worker", "scheduler") as (town, _):
        yield town


def test_nobody_waits_long_while_everybody_writes(busy: Town) -> None:
    longest, answered = 60.0, 0
    for _ in range(ATTEMPTS):
        waits = _talk(busy)
        answered = len(waits)
        longest = min(longest, max(waits))
        if longest < 1.0:
            break
    # The machine may be busy with other tests: the calmest of a few seconds counts.
    assert longest < 1.0
    assert answered > 10
    busy.settles(30)
    assert busy.one("SELECT count(*) FROM deliveries WHERE state NOT IN ('sent', 'in_band')") == 0


def _talk(town: Town) -> list[float]:
    """Let several members talk for some seconds: some answers are cards that a worker sends."""
    until = time.monotonic() + SECONDS
    with ThreadPoolExecutor(SPEAKERS) as pool:
        waits = pool.map(lambda number: _speak(town, number, until), range(SPEAKERS))
        return [wait for found in waits for wait in found]


def _speak(town: Town, number: int, until: float) -> list[float]:
    wire, user = Wire(town), ("liqiang", "zhangmin", "chenxiao")[number]
    waits: list[float] = []
    while time.monotonic() < until:
        # A card now and then, which a worker sends; twenty a minute may go to one member.
        is_card = user == "liqiang" and len(waits) % 5 == 0 and len(waits) < 20
        line = "记录 滨江一期 主体结构 昨天验收通过" if is_card else "项目"
        begun = time.monotonic()
        assert wire.wecom(member_xml(user, line)).status_code == 200
        waits.append(time.monotonic() - begun)
    wire.close()
    return waits

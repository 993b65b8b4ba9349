"""The supervisor with real processes: started again, stopped in order, never left behind."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
Start = Callable[..., "Group"]


class Group:
    """A supervisor and its roles."""

    def __init__(self, logs: Path, *names: str) -> None:
        self._logs, self._err = logs, logs.open("w", encoding="utf-8")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.supervised", *names],
            stdout=subprocess.PIPE,
            stderr=self._err,
            text=True,
            cwd=ROOT,
        )
        self.pids: list[int] = []
        # Whatever happens nobody waits for ever.
        self._alarm = threading.Timer(20, self.end)
        self._alarm.start()

    def began(self) -> list[str]:
        """Wait for a role to begin; give its line's words."""
        assert self.process.stdout is not None
        words = self.process.stdout.readline().split()
        assert words[0] == "began"
        self.pids.append(int(words[2]))
        return words[1:]

    def rest(self) -> tuple[list[str], str]:
        """Wait until every process has gone; give what was said meanwhile and the logs."""
        assert self.process.stdout is not None
        said = self.process.stdout.read().splitlines()
        self.process.wait(10)
        return said, self._logs.read_text(encoding="utf-8")

    def close(self) -> None:
        """Leave nobody behind; pids of a group that has ended may be somebody else's by now."""
        self._alarm.cancel()
        if self.process.returncode is None:
            self.end()
            self.process.wait(10)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._err.close()

    def end(self) -> None:
        """Kill whoever is left."""
        if self.process.poll() is None:
            self.process.kill()
        for pid in self.pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    groups: list[Group] = []

    def start_one(*names: str) -> Group:
        groups.append(Group(tmp_path / "logs", *names))
        return groups[-1]

    yield start_one
    for group in groups:
        group.close()


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_roles_are_stopped_in_the_opposite_order_one_after_the_other(
    start: Start, by: signal.Signals
) -> None:
    group = start("orderly-1", "orderly-2", "orderly-3")
    assert {group.began()[0] for _ in range(3)} == {"orderly-1", "orderly-2", "orderly-3"}

    group.process.send_signal(by)

    assert group.rest()[0] == ["ended orderly-3", "ended orderly-2", "ended orderly-1"]
    assert group.process.returncode == 0


def test_a_role_that_dies_is_started_again_after_growing_pauses_and_the_others_stay(
    start: Start,
) -> None:
    group = start("orderly-1", "failing-1")
    lines = [group.began() for _ in range(4)]
    starts = [float(line[2]) for line in lines if line[0] == "failing-1"]

    assert starts[1] - starts[0] >= 0.5
    assert starts[2] - starts[1] >= 1.0
    assert len(set(group.pids)) == 4

    group.process.terminate()
    said, logs = group.rest()
    assert said == ["ended orderly-1"]
    assert group.process.returncode == 0
    assert "sesame" not in logs
    assert "RuntimeError" in logs


def test_a_role_that_was_killed_is_started_again(start: Start) -> None:
    group = start("orderly-1")
    group.began()
    os.kill(group.pids[0], signal.SIGKILL)
    assert group.began()[0] == "orderly-1"
    assert group.pids[1] != group.pids[0]

    group.process.terminate()
    assert group.rest()[0] == ["ended orderly-1"]


def test_a_role_that_will_not_stop_is_killed_and_the_others_still_end_in_order(
    start: Start,
) -> None:
    group = start("orderly-1", "orderly-2", "stubborn-1")
    for _ in range(3):
        group.began()

    group.process.terminate()

    assert group.rest()[0] == ["ended orderly-2", "ended orderly-1"]
    assert group.process.returncode == 0


def test_roles_end_when_the_supervisor_is_killed(start: Start) -> None:
    group = start("orderly-1", "orderly-2")
    for _ in range(2):
        group.began()

    group.process.kill()

    # Standard output ends when nobody holds it any more.
    assert sorted(group.rest()[0]) == ["ended orderly-1", "ended orderly-2"]

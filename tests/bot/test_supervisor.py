"""The supervisor with real processes: started again, stopped in order, never left behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
Start = Callable[..., "Group"]


class Group:
    """A supervisor and its roles."""

    def __init__(self, *names: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.supervised", *names],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self.pids: list[int] = []

    def began(self) -> list[str]:
        """Wait for a role to begin; give its line's words."""
        assert self.process.stdout is not None
        words = self.process.stdout.readline().split()
        assert words[0] == "began"
        self.pids.append(int(words[2]))
        return words[1:]

    def rest(self) -> tuple[list[str], str]:
        """Wait until every process has gone; give what was said meanwhile and the logs."""
        out, err = self.process.communicate(timeout=20)
        return out.splitlines(), err


@pytest.fixture
def start() -> Iterator[Start]:
    groups: list[Group] = []

    def start_one(*names: str) -> Group:
        groups.append(Group(*names))
        return groups[-1]

    yield start_one
    for group in groups:
        if group.process.returncode is None:
            group.process.kill()
            group.process.communicate()


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

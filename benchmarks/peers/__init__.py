"""Other people's programs to measure beside, each in an environment and a process of its own."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.posting_clients import Pace

FOLDER = Path(__file__).resolve().parent
PYTHON = FOLDER.parent.parent / ".venv" / "peers" / "bin" / "python"
"""Made by `make bench` from requirements-bench.txt."""


class PeerFailed(Exception):
    """The other program is not there or has ended."""


class Peer:
    """A started program that answers one line of JSON with one line of JSON."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.about = self._answer()
        """What it says of itself: versions, settings."""

    def pace(self, clients: int, seconds: float, wallets: int) -> Pace:
        """Let it post for a while."""
        asked = {"clients": clients, "seconds": seconds, "wallets": wallets}
        return Pace(**self.ask(asked))

    def ask(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Ask for something.

        Raises:
            PeerFailed: it has ended.
        """
        if self._process.stdin is not None:
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        line = self._process.stdout.readline() if self._process.stdout is not None else ""
        if not line:
            raise PeerFailed(f"ended with {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def hordak(python: Path, url: str) -> Iterator[Peer]:
    """Run django-hordak on an empty PostgreSQL database; at the end its books must balance.

    Raises:
        PeerFailed: it cannot be run, or its books do not balance.
    """
    if not python.exists():
        raise PeerFailed(f"{python} is missing; `make bench` makes it")
    with subprocess.Popen(
        # -P: beside the script lies a module of the same name as the package.
        [python, "-P", FOLDER / "hordak.py", url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            peer = Peer(process)
            yield peer
            if peer.ask({"check": True}) != {"balances": True}:
                raise PeerFailed("its books do not balance")
        finally:
            process.terminate()

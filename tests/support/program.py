"""The program `zhufen`, run in processes of their own that are forked from one that has it loaded.

That one is tests/support/program_host.py.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)


class Program:
    """Runs commands as a person at the keyboard would."""

    def __init__(self) -> None:
        self._host = subprocess.Popen(
            [sys.executable, "-m", "tests.support.program_host"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def run(self, folder: Path, *args: str, typed: str = "", **settings: str) -> Ended:
        """Run a command in a folder; settings are given without their ZHUFEN_ prefix."""
        (folder / ".typed").write_text(typed, encoding="utf-8")
        environment = {f"ZHUFEN_{name.upper()}": value for name, value in settings.items()}
        order = {"args": args, "folder": str(folder), "environment": environment}
        assert self._host.stdin is not None
        assert self._host.stdout is not None
        self._host.stdin.write(json.dumps(order) + "\n")
        self._host.stdin.flush()
        code = int(self._host.stdout.readline())
        out, err = (folder / name for name in (".out", ".err"))
        return Ended(code, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8"))

    def close(self) -> None:
        self._host.communicate(timeout=10)

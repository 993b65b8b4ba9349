"""The program `zhufen`, run in processes of their own that are forked from one that has it loaded.

Run as a module this is that one process: it reads commands as JSON lines and answers with the exit
status.
"""

import json
import os
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
            [sys.executable, "-m", "tests.support.program"],
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


def _become(order: dict[str, Any]) -> None:
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update({"COLUMNS": "200", "PYTHONUTF8": "1", **order["environment"]})
    writing = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    for number, name, flags in ((0, ".typed", 0), (1, ".out", writing), (2, ".err", writing)):
        os.dup2(os.open(name, flags), number)
    code = 1
    try:
        from bot.cli import app

        app(order["args"], prog_name="zhufen")
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _host() -> None:
    import bot.cli
    import bot.cli_setup  # noqa: F401

    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _become(json.loads(line))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(f"{code}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _host()

"""The process that has `zhufen` loaded and forks a child for every command.

It reads commands as JSON lines and answers each with the exit status.
"""

import json
import os
import sys
from typing import Any

import bot.cli_setup  # noqa: F401  so that no child has to load it
from bot.cli import app


def _become(order: dict[str, Any]) -> None:
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update({"COLUMNS": "200", "PYTHONUTF8": "1", **order["environment"]})
    writing = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    for number, name, flags in ((0, ".typed", 0), (1, ".out", writing), (2, ".err", writing)):
        os.dup2(os.open(name, flags), number)
    code = 1
    try:
        app(order["args"], prog_name="zhufen")
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _host() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _become(json.loads(line))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(f"{code}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _host()

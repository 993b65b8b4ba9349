"""The process that has `zhufen` loaded and forks a child for every command.

It reads commands as JSON lines and answers each with the exit status.
"""

import gc
import importlib
import json
import os
import pkgutil
import sys
from typing import Any

import bot
from bot.cli import app

# What only some commands ask for, so that no child has to load it.
for _module in pkgutil.walk_packages(bot.__path__, "bot."):
    if not _module.name.endswith("__main__"):
        importlib.import_module(_module.name)
for _name in ("alembic.command", "rich.progress", "sqlalchemy.dialects.sqlite", "typer.rich_utils"):
    importlib.import_module(_name)


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
    # The children share the memory that neither they nor the collector write to.
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _become(json.loads(line))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(f"{code}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _host()

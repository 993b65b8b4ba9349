"""A supervisor with small roles, run by test_supervisor.py in a process of its own.

Every role writes a line when it begins and, if it is let, when it ends. The lines go to standard
output, which stays open until the last of the processes has gone.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from functools import partial

from bot.logs import configure_logs
from bot.supervisor import Role, Supervisor


def say(*words: object) -> None:
    """Write a line at once, however many processes do."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def orderly(name: str) -> None:
    """Run until SIGTERM and take a moment to end."""
    stops: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_: stops.append(1))
    say("began", name, os.getpid())
    while not stops:
        time.sleep(0.01)
    time.sleep(0.05)
    say("ended", name)


def stubborn(name: str) -> None:
    """Ignore SIGTERM."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    say("began", name, os.getpid())
    while True:
        time.sleep(1)


def failing(name: str) -> None:
    """Fail at once, with words in the exception."""
    say("began", name, os.getpid(), time.monotonic())
    raise RuntimeError("sesame")


ROLES: dict[str, Callable[[str], None]] = {
    "orderly": orderly,
    "stubborn": stubborn,
    "failing": failing,
}


def run(*names: str) -> None:
    """Run roles named like `orderly-1` until told to stop."""
    configure_logs()
    roles = [Role(name, partial(ROLES[name.partition("-")[0]], name)) for name in names]
    supervisor = Supervisor(roles, stop_seconds=0.4)
    supervisor.start()
    supervisor.run()


if __name__ == "__main__":
    run(*sys.argv[1:])

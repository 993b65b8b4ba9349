"""Several roles as one group of processes: started, started again when they die, stopped.

Children are forked from a parent that has imported everything and opened nothing, so that they
share its memory. The parent does no work of its own.
"""

import contextlib
import gc
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

import structlog

from bot.embedded import die_with_parent

log = structlog.get_logger(__name__)

STOP_SECONDS_MAX = 15.0
POLL_SECONDS = 0.1
RESTART_PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)
HEALTHY_SECONDS = 30.0
"""A role that has run this long starts again without a pause."""


@dataclass
class Role:
    """One child process."""

    name: str
    run: Callable[[], None]
    pid: int = 0
    started_at: float = 0.0
    failures: int = 0
    restart_at: float = field(default=0.0)


class Supervisor:
    """Runs roles until it is told to stop."""

    def __init__(self, roles: list[Role]) -> None:
        """Keep the roles in starting order; they stop in the opposite one."""
        self._roles = roles
        self._is_stopping = False

    def start(self) -> None:
        """Start every role once."""
        # Frozen objects are not touched by the collector, so their pages stay shared.
        gc.collect()
        gc.freeze()
        for role in self._roles:
            self._fork(role)

    def run(self) -> None:
        """Watch the roles until SIGTERM or Ctrl-C, then stop them gracefully."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        while not self._is_stopping:
            self._reap()
            self._restart_due()
            time.sleep(POLL_SECONDS)
        self.stop()

    def stop(self) -> None:
        """Stop in the opposite order of starting; who takes too long is killed."""
        deadline = time.monotonic() + STOP_SECONDS_MAX
        for role in reversed(self._roles):
            if role.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(role.pid, signal.SIGTERM)
                self._await_end(role, deadline)

    def _stop(self, _signum: int, _frame: FrameType | None) -> None:
        self._is_stopping = True

    def _fork(self, role: Role) -> None:
        pid = os.fork()
        if pid == 0:
            _be(role)
        role.pid = pid
        role.started_at = time.monotonic()
        log.info("role_started", role=role.name, pid=pid)

    def _reap(self) -> None:
        for role in self._roles:
            if not role.pid:
                continue
            pid, status = os.waitpid(role.pid, os.WNOHANG)
            if pid == 0:
                continue
            role.pid = 0
            now = time.monotonic()
            lived = now - role.started_at
            role.failures = 0 if lived > HEALTHY_SECONDS else role.failures + 1
            pause = RESTART_PAUSES[min(role.failures, len(RESTART_PAUSES) - 1)]
            role.restart_at = now + pause
            log.error("role_ended", role=role.name, status=status, restart_in=pause)

    def _restart_due(self) -> None:
        now = time.monotonic()
        for role in self._roles:
            if not role.pid and role.restart_at <= now:
                self._fork(role)

    @staticmethod
    def _await_end(role: Role, deadline: float) -> None:
        while time.monotonic() < deadline:
            pid, _ = os.waitpid(role.pid, os.WNOHANG)
            if pid:
                role.pid = 0
                return
            time.sleep(0.02)
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(role.pid, signal.SIGKILL)
            os.waitpid(role.pid, 0)
        role.pid = 0


def _be(role: Role) -> None:
    """Become the role; never returns to the parent's code."""
    code = 1
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        die_with_parent()
        role.run()
        code = 0
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else 1
    except BaseException:  # noqa: BLE001  the edge of a process: show why it died
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)

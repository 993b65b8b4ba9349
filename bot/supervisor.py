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
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

import structlog

from bot.embedded import die_with_parent

log = structlog.get_logger(__name__)

STOP_SECONDS_MAX = 15.0
LEAST_STOP_SECONDS = 1.0
"""What a role gets to end in even when the others have used up the time."""
POLL_SECONDS = 0.1
RESTART_PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)
HEALTHY_SECONDS = 30.0
"""A role that has run this long starts again after the first, shortest pause."""
_STOPPING = (signal.SIGTERM, signal.SIGINT)


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

    def __init__(self, roles: list[Role], *, stop_seconds: float = STOP_SECONDS_MAX) -> None:
        """Keep the roles in starting order; they stop in the opposite one."""
        self._roles = roles
        self._stop_seconds = stop_seconds
        self._is_stopping = False

    def start(self) -> None:
        """Start every role once; from now on SIGTERM and Ctrl-C are heard by `run`."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        # Frozen objects are not touched by the collector, so their pages stay shared.
        gc.collect()
        gc.freeze()
        for role in self._roles:
            self._fork(role)

    def run(self) -> None:
        """Watch the roles until SIGTERM or Ctrl-C, then stop them gracefully."""
        while not self._is_stopping:
            self._reap()
            self._restart_due()
            time.sleep(POLL_SECONDS)
        self.stop()

    def stop(self) -> None:
        """Stop in the opposite order of starting; who takes too long is killed."""
        deadline = time.monotonic() + self._stop_seconds
        for role in reversed(self._roles):
            if role.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(role.pid, signal.SIGTERM)
                # One that hangs must not cost the others their orderly end.
                self._await_end(role, max(deadline, time.monotonic() + LEAST_STOP_SECONDS))

    def _stop(self, _signum: int, _frame: FrameType | None) -> None:
        self._is_stopping = True

    def _fork(self, role: Role) -> None:
        # A signal between the fork and the child's own handling would only set our flag there.
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
        pid = os.fork()
        if pid == 0:
            _be(role)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)
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
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)
        role.run()
        code = 0
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else 1
    except BaseException as error:  # noqa: BLE001  the edge of a process: show where it died
        log.error("role_failed", role=role.name, exc=error)  # noqa: TRY400  frames only, no texts
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)

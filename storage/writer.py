"""The one writer's place of an SQLite file: held in turn by threads and by processes.

SQLite lets waiting writers try again at random, so that a busy process can keep another one out for
seconds. Here threads of one process queue up in order, and whoever is first stands in a turnstile
of two locked files with the other processes: first the gate, then the place itself. Who has just
written finds somebody else in the gate and waits behind them.
"""

import fcntl
import os
import threading
from collections import deque
from pathlib import Path
from time import monotonic, sleep

from domain.ports import Conflict

WAIT_SECONDS_MAX = 10.0
# One pause for everybody: whoever waited long must not look less often than a newcomer.
_PAUSE_SECONDS = 0.0001


class FileLock:
    """An exclusive lock on a file, free again when the process ends however it ends.

    One object is for one holder at a time; it is not a lock between threads.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def take(self, until: float) -> bool:
        """Wait for the lock up to an instant of the monotonic clock; False when it stays taken."""
        if self._descriptor is None:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        while True:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if monotonic() >= until:
                    return False
                sleep(_PAUSE_SECONDS)
            else:
                return True

    def give_back(self) -> None:
        """Free the lock."""
        if self._descriptor is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the file; a fork's copy of a held lock stays with the parent."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class _Queue:
    """A lock between threads that is handed on in the order of asking."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._is_held = False
        self._waiting: deque[threading.Lock] = deque()

    def take(self, seconds: float) -> bool:
        with self._guard:
            if not self._is_held:
                self._is_held = True
                return True
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        if turn.acquire(timeout=seconds):
            return True
        with self._guard:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return False
        # It was handed over between the time-out and the guard.
        return True

    def give_back(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_held = False


class WriterPlace:
    """The right to write to one SQLite file, for one thread of one process at a time."""

    def __init__(self, database: Path, wait_seconds_max: float = WAIT_SECONDS_MAX) -> None:
        self._wait_seconds_max = wait_seconds_max
        self._gate = FileLock(database.with_name(database.name + "-gate"))
        self._place = FileLock(database.with_name(database.name + "-writer"))
        self._queue = _Queue()
        self._holder: int | None = None

    def take(self) -> None:
        """Wait for one's turn.

        Raises:
            Conflict: the turn did not come in time.
            RuntimeError: this thread holds the place already and would wait for itself.
        """
        me = threading.get_ident()
        if self._holder == me:
            raise RuntimeError("a unit of work is open in this thread")
        until = monotonic() + self._wait_seconds_max
        if not self._queue.take(self._wait_seconds_max):
            raise Conflict("writer")
        try:
            self._pass_turnstile(until)
        except BaseException:
            self._queue.give_back()
            raise
        self._holder = me

    def give_back(self) -> None:
        """Let the next one write."""
        self._holder = None
        self._place.give_back()
        self._queue.give_back()

    def forget_after_fork(self) -> None:
        """Start anew in a forked child: files shared with the parent would be one lock for both."""
        self._gate.close()
        self._place.close()
        self._queue = _Queue()
        self._holder = None

    def _pass_turnstile(self, until: float) -> None:
        if not self._gate.take(until):
            raise Conflict("writer")
        try:
            if not self._place.take(until):
                raise Conflict("writer")
        finally:
            self._gate.give_back()

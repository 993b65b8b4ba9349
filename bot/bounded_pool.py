"""Threads with a bound on what waits for them: an executor's own queue has none."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class BoundedPool:
    """Runs calls in a few threads and refuses what would wait behind too many others.

    A call counts until it has ended, also when nobody waits for it any more.
    """

    def __init__(self, threads: int, most: int, name: str) -> None:
        """Start with nothing to do; `most` calls may run and wait together."""
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._most = most
        self._guard = Lock()
        self._in_hand = 0

    @property
    def is_full(self) -> bool:
        """Tell whether a call would be refused now."""
        with self._guard:
            return self._in_hand >= self._most

    def submit(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T] | None:
        """Run a call in a thread; None when there is no room for it.

        Raises:
            RuntimeError: the pool has been closed.
        """
        with self._guard:
            if self._in_hand >= self._most:
                return None
            future = self._threads.submit(call, *args, **kwargs)
            self._in_hand += 1
        future.add_done_callback(self._ended)
        return future

    def close(self) -> None:
        """Finish what has been taken on and stop the threads."""
        self._threads.shutdown(wait=True)

    def _ended(self, _: Future[T]) -> None:
        with self._guard:
            self._in_hand -= 1

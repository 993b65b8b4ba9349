"""Work in batches: what has gathered while a thread was busy is done in one go.

With nothing waiting a batch is one. Under load its members share what each would pay for alone: a
commit's wait for the disk, waking a thread, waking the event loop.
"""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Batches(Generic[Item]):
    """A bounded number of threads that take what waits, in the order it came."""

    def __init__(
        self, work: Callable[[list[Item]], None], *, threads: int, size_max: int, name: str
    ) -> None:
        """Keep what does a batch; it must not raise."""
        self._work = work
        self._threads = threads
        self._size_max = size_max
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._guard = threading.Lock()
        self._waiting: deque[Item] = deque()
        self._busy = 0

    def put(self, item: Item) -> None:
        """Hand over one item; never waits."""
        with self._guard:
            self._waiting.append(item)
            if self._busy == self._threads:
                return
            self._busy += 1
        self._pool.submit(self._run)

    def close(self) -> None:
        """Finish everything that was handed over and stop the threads."""
        self._pool.shutdown(wait=True)

    def _run(self) -> None:
        while batch := self._next():
            self._work(batch)

    def _next(self) -> list[Item]:
        with self._guard:
            size = min(len(self._waiting), self._size_max)
            if not size:
                self._busy -= 1
            return [self._waiting.popleft() for _ in range(size)]

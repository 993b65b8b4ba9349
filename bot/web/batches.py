"""Work in batches: what has gathered while a thread was busy is done in one go.

With nothing waiting a batch is one. Under load its members share what each would pay for alone: a
commit's wait for the disk, waking a thread, waking the event loop.
"""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger(__name__)

Item = TypeVar("Item")


class Batches(Generic[Item]):
    """A bounded number of threads that take what waits, in the order it came.

    An item counts until its work has ended, also when nobody waits for that any more.
    """

    def __init__(
        self,
        work: Callable[[list[Item]], None],
        *,
        threads: int,
        size_max: int,
        most: int,
        name: str,
    ) -> None:
        """Keep what does a batch and answers for its errors; `most` items may be in hand."""
        self._work = work
        self._threads = threads
        self._size_max = size_max
        self._most = most
        self._in_hand = 0
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._guard = threading.Lock()
        self._waiting: deque[Item] = deque()
        self._busy = 0

    def put(self, item: Item) -> bool:
        """Hand over one item; False when there is no room for it. Never waits."""
        with self._guard:
            if self._in_hand >= self._most:
                return False
            self._in_hand += 1
            self._waiting.append(item)
            if self._busy == self._threads:
                return True
            self._busy += 1
        self._pool.submit(self._run)
        return True

    def close(self) -> None:
        """Finish everything that was handed over and stop the threads."""
        self._pool.shutdown(wait=True)

    def _run(self) -> None:
        while batch := self._next():
            try:
                self._work(batch)
            except Exception as error:  # noqa: BLE001  the edge of a thread, which must live on
                log.error("batch_failed", exc=error)  # noqa: TRY400  frames only, no texts
            finally:
                with self._guard:
                    self._in_hand -= len(batch)

    def _next(self) -> list[Item]:
        with self._guard:
            size = min(len(self._waiting), self._size_max)
            if not size:
                self._busy -= 1
            return [self._waiting.popleft() for _ in range(size)]

"""Clients that post as fast as they can for a while: threads of this process, begun together."""

import gc
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

from benchmarks.figures import median, quantile

Post = Callable[[], bool]
"""Posts once and commits; False when there is nothing left to post."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast posting went."""

    per_second: float
    p50_ms: float
    p99_ms: float


def pace(clients: Sequence[Post], seconds: float, most: int | None = None) -> Pace:
    """Let every client post until the time is over, or `most` times; give the rate it came to."""
    begin = threading.Barrier(len(clients) + 1)
    took: list[list[float]] = [[] for _ in clients]
    ends = [0.0 for _ in clients]
    failures: list[BaseException] = []

    def run(number: int) -> None:
        post, mine = clients[number], took[number]
        begin.wait()
        last = perf_counter()
        until = last + seconds
        try:
            while last < until and len(mine) != most and post():
                now = perf_counter()
                mine.append(now - last)
                last = now
        except BaseException as error:  # noqa: BLE001  raised again where it is seen
            failures.append(error)
        ends[number] = last

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(clients))]
    for thread in threads:
        thread.start()
    gc.collect()
    begin.wait()
    started = perf_counter()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    every = [1000 * one for mine in took for one in mine]
    return Pace(len(every) / (max(ends) - started), quantile(every, 0.5), quantile(every, 0.99))


def middle(paces: Sequence[Pace]) -> Pace:
    """Give the medians of several rounds."""
    return Pace(
        median(one.per_second for one in paces),
        median(one.p50_ms for one in paces),
        median(one.p99_ms for one in paces),
    )

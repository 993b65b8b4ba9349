"""Gathering work while a thread is busy: order, size, a bounded number of threads, a clean end."""

import threading
from collections.abc import Callable
from functools import partial
from time import monotonic, sleep

from bot.web.batches import Batches

DEADLINE_SECONDS = 10


class Workshop:
    """Notes batches; each waits until it is let go."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Semaphore(0)
        self._guard = threading.Lock()

    def work(self, batch: list[int]) -> None:
        with self._guard:
            self.batches.append(batch)
        self.begun.release()
        assert self.may_end.acquire(timeout=DEADLINE_SECONDS)

    def let_go(self, batches: int) -> None:
        self.may_end.release(batches)


def test_what_comes_alone_is_done_alone_at_once() -> None:
    shop = Workshop()
    batches = Batches(shop.work, threads=1, size_max=4, most=64, name="test")
    shop.let_go(2)

    batches.put(1)
    assert shop.begun.acquire(timeout=DEADLINE_SECONDS)
    batches.close()

    assert shop.batches == [[1]]


def test_what_comes_meanwhile_is_done_together_in_order() -> None:
    shop = Workshop()
    batches = Batches(shop.work, threads=1, size_max=4, most=64, name="test")
    batches.put(0)
    assert shop.begun.acquire(timeout=DEADLINE_SECONDS)

    for number in range(1, 8):
        batches.put(number)
    shop.let_go(3)
    batches.close()

    assert shop.batches == [[0], [1, 2, 3, 4], [5, 6, 7]]


def test_as_many_batches_run_at_once_as_there_are_threads() -> None:
    shop = Workshop()
    batches = Batches(shop.work, threads=2, size_max=1, most=64, name="test")
    for number in range(3):
        batches.put(number)
    for _ in range(2):
        assert shop.begun.acquire(timeout=DEADLINE_SECONDS)

    assert not shop.begun.acquire(timeout=0.05)
    shop.let_go(3)
    batches.close()
    assert sorted(shop.batches) == [[0], [1], [2]]


def test_everything_handed_over_from_many_threads_is_done_once() -> None:
    done: list[int] = []
    batches = Batches(done.extend, threads=3, size_max=5, most=2000, name="test")

    def hand_over(first: int) -> None:
        for number in range(first, first + 500):
            batches.put(number)

    threads = [threading.Thread(target=hand_over, args=(500 * part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE_SECONDS)
    batches.close()

    assert sorted(done) == list(range(2000))


def test_what_there_is_no_room_for_is_refused_until_work_has_ended() -> None:
    shop = Workshop()
    batches = Batches(shop.work, threads=1, size_max=1, most=2, name="test")

    assert [batches.put(number) for number in range(3)] == [True, True, False]
    shop.let_go(2)
    for _ in range(2):
        assert shop.begun.acquire(timeout=DEADLINE_SECONDS)
    _until(lambda: batches.put(3))
    shop.let_go(1)
    batches.close()

    assert shop.batches == [[0], [1], [3]]


def test_work_that_breaks_does_not_stop_what_comes_after_it() -> None:
    done: list[int] = []

    def work(batch: list[int]) -> None:
        if batch == [0]:
            raise ZeroDivisionError
        done.extend(batch)

    batches = Batches(work, threads=1, size_max=1, most=2, name="test")
    for number in range(20):
        _until(partial(batches.put, number))
    batches.close()

    assert done == list(range(1, 20))


def _until(holds: Callable[[], bool]) -> None:
    deadline = monotonic() + DEADLINE_SECONDS
    while not holds():
        assert monotonic() < deadline
        sleep(0.001)

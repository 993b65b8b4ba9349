"""Playing a share of a back-test, in this process or in one of its own.

A process of its own begins by importing this: so it takes no more of the program than it needs.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from domain.ids import TenantId
from domain.replay.running import Plan, Replayed
from handlers.usecases import backtests
from handlers.usecases.backtests import Layout
from storage.db import reading
from storage.engine import open_database
from storage.recordings import SqlRecordings


def play(
    database_url: str, tenant: TenantId, planned: Plan, share: Layout, tell: Callable[[int], None]
) -> Replayed:
    """Play a share in a reading transaction of its own."""
    database = open_database(database_url)
    try:
        with _without_collecting(), reading(database, tenant) as db:
            return backtests.play(SqlRecordings(db), planned, share, tell)
    finally:
        database.close()


_told: Any = None
"""The queue of a process of its own, on which it says how far it is."""


def begin(told: Any) -> None:
    """Begin a process of its own."""
    global _told  # noqa: PLW0603  the pool's way to hand a process what can't be sent with a job
    _told = told


def play_apart(database_url: str, tenant: TenantId, planned: Plan, share: Layout) -> Replayed:
    """Play a share in a process of its own."""
    return play(database_url, tenant, planned, share, _told.put)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Let nobody look for cycles: a replay makes millions of objects and not one cycle."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()

"""A process that forks while it holds the writer's place; run by test_writer.py.

Prints what became of the child: "waited" if the place was not shared with it.
"""

import os
import sys

from domain.ids import ChannelId
from domain.ports import Conflict
from storage.cipher import AesGcmCipher
from storage.work import SqlStore, open_store
from tests.support.fakes import START, FakeClock, SequenceIds

APP = ChannelId("app")


def child_writes(store: SqlStore) -> bool:
    """Try to write in the child; False when the place stayed taken."""
    try:
        with store.work(store.tenants()[0]) as work:
            work.identities.heard_from(APP, "child", START)
            work.commit()
    except Conflict:
        return False
    return True


def run(url: str) -> None:
    """Fork inside a transaction and again after it."""
    store = open_store(
        url,
        clock=FakeClock(),
        ids=SequenceIds(),
        cipher=AesGcmCipher(bytes(32)),
        wait_seconds_max=0.05,
    )
    told = []
    with store.work(store.tenants()[0]) as work:
        work.identities.heard_from(APP, "parent", START)
        told.append(_in_child(store))
        work.commit()
    told.append(_in_child(store))
    print(*told)  # noqa: T201


def _in_child(store: SqlStore) -> str:
    child = os.fork()
    if child == 0:
        os._exit(0 if child_writes(store) else 7)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return {0: "wrote", 7: "waited"}[code]


if __name__ == "__main__":
    run(sys.argv[1])

"""The one writer's place of SQLite: in turn, across threads and processes, never lost."""

import json
import os
import shutil
import signal
import threading
from pathlib import Path
from time import monotonic

import pytest

from domain.ids import TenantId
from domain.ports import Conflict
from storage.db import Db, StatementFailed
from storage.engine import Database, open_database
from storage.work import SqlStore
from storage.writer import WriterPlace
from tests.contracts.rows import a_delivery
from tests.storage.processes import says, started, tell
from tests.support.fakes import START, FakeClock, SequenceIds
from tests.support.stores import APP, CIPHER, MAIN

PROCESSES = 3
SECONDS = 2
WAIT_SECONDS_MAX = 0.5
DEADLINE_SECONDS = 20

HOLD = """
import sys
from pathlib import Path
from storage.writer import WriterPlace
place = WriterPlace(Path(sys.argv[1]))
place.take()
print("held", flush=True)
sys.stdin.readline()
"""


def test_busy_processes_write_in_turn(sqlite_url: str, sqlite_store: SqlStore) -> None:
    sqlite_store.close()
    arguments = ("-m", "tests.storage.writing", sqlite_url, str(SECONDS))
    with (
        started(*arguments, "a") as first,
        started(*arguments, "b") as second,
        started(*arguments, "c") as third,
    ):
        processes = (first, second, third)
        assert [says(process) for process in processes] == ["ready"] * PROCESSES
        for process in processes:
            tell(process)
        results = [json.loads(says(process)) for process in processes]

    fair_share = sum(result["done"] for result in results) / PROCESSES
    assert min(result["done"] for result in results) >= fair_share / 5
    assert max(result["longest_wait"] for result in results) <= WAIT_SECONDS_MAX


def test_threads_get_the_place_in_the_order_of_asking(tmp_path: Path) -> None:
    place = WriterPlace(tmp_path / "db")
    order: list[int] = []
    asked = threading.Semaphore(0)

    def wait_in_line(number: int) -> None:
        asked.release()
        place.take()
        order.append(number)
        place.give_back()

    place.take()
    threads = []
    for number in range(5):
        threads.append(threading.Thread(target=wait_in_line, args=(number,)))
        threads[-1].start()
        asked.acquire()
        _until(lambda waiting=number + 1: len(place._queue._waiting) == waiting)
    place.give_back()
    for thread in threads:
        thread.join(DEADLINE_SECONDS)

    assert order == [0, 1, 2, 3, 4]


def test_a_thread_that_waits_too_long_gives_up_its_turn(tmp_path: Path) -> None:
    place = WriterPlace(tmp_path / "db", wait_seconds_max=0.05)
    refused: list[Conflict] = []

    def wait_in_line() -> None:
        try:
            place.take()
        except Conflict as conflict:
            refused.append(conflict)

    place.take()
    thread = threading.Thread(target=wait_in_line)
    thread.start()
    thread.join(DEADLINE_SECONDS)
    assert len(refused) == 1

    place.give_back()
    place.take()
    place.give_back()


def test_a_process_that_holds_the_place_keeps_others_out(tmp_path: Path) -> None:
    place = WriterPlace(tmp_path / "db", wait_seconds_max=0.05)
    with started("-c", HOLD, str(tmp_path / "db")) as holder:
        assert says(holder) == "held"
        with pytest.raises(Conflict):
            place.take()

    place.take()
    place.give_back()


def test_a_killed_process_leaves_the_place_free(tmp_path: Path) -> None:
    place = WriterPlace(tmp_path / "db", wait_seconds_max=DEADLINE_SECONDS)
    with started("-c", HOLD, str(tmp_path / "db")) as holder:
        assert says(holder) == "held"
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        place.take()
        place.give_back()


def test_a_second_unit_of_work_in_one_thread_is_refused_at_once(sqlite_store: SqlStore) -> None:
    with sqlite_store.work(MAIN) as work:
        assert work.deliveries.add(a_delivery(1))
        began = monotonic()
        with sqlite_store.work(MAIN) as inner, pytest.raises(RuntimeError):
            inner.members.all()
        with pytest.raises(RuntimeError):
            sqlite_store.queue.claim(MAIN, a_delivery(1).id, START, START)
        assert monotonic() - began < 1
        work.commit()

    with sqlite_store.reading(MAIN) as work:
        assert work.deliveries.get(a_delivery(1).id) == a_delivery(1)


def test_reading_waits_for_no_writer(sqlite_store: SqlStore) -> None:
    with sqlite_store.work(MAIN) as work:
        work.identities.heard_from(APP, "a", START)
        with sqlite_store.reading(MAIN) as reading:
            assert reading.identities.find(APP, "a") is None


def test_what_only_reads_cannot_write(store: SqlStore) -> None:
    with store.reading(MAIN) as work, pytest.raises(StatementFailed):
        work.identities.heard_from(APP, "a", START)

    with store.reading(MAIN) as work:
        assert work.identities.find(APP, "a") is None


def test_a_forked_child_shares_neither_place_nor_connections(
    sqlite_url: str, sqlite_store: SqlStore
) -> None:
    with started("-m", "tests.storage.forking", sqlite_url) as process:
        assert says(process) == "waited wrote"

    with sqlite_store.reading(MAIN) as work:
        assert work.identities.find(APP, "parent") is not None
        assert work.identities.find(APP, "child") is not None


def test_a_writer_outside_the_turnstile_loses_no_update(
    sqlite_url: str, sqlite_store: SqlStore
) -> None:
    """Without BEGIN IMMEDIATE half of these would be lost or refused as busy."""
    with sqlite_store.work(MAIN) as work:
        work.identities.heard_from(APP, "a", START)
        work.commit()
    times = 100
    failures: list[Exception] = []

    def count_up() -> None:
        opened = open_database(sqlite_url)
        # Somebody who doesn't know of the turnstile: a backup, another tool.
        database = Database(opened.dialect, opened.writing, opened.reading, place=None)
        try:
            for _ in range(times):
                _read_modify_write(Db(database, MAIN, writes=True))
        except Exception as failure:  # noqa: BLE001  the thread's failure is the test's
            failures.append(failure)
        finally:
            database.close()

    threads = [threading.Thread(target=count_up) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE_SECONDS)

    assert failures == []
    with sqlite_store.reading(MAIN) as work:
        found = work.identities.find(APP, "a")
        assert found is not None
        assert found.sends_since_inbound == 2 * times


def _read_modify_write(db: Db) -> None:
    row = db.one(
        "SELECT sends_since_inbound FROM identities"
        " WHERE tenant_id = :tenant AND external_id = :account",
        account="a",
    )
    assert row is not None
    db.run(
        "UPDATE identities SET sends_since_inbound = :sends"
        " WHERE tenant_id = :tenant AND external_id = :account",
        account="a",
        sends=row[0] + 1,
    )
    db.commit()


def _until(condition: object) -> None:
    assert callable(condition)
    end = monotonic() + DEADLINE_SECONDS
    while not condition():
        assert monotonic() < end


def test_what_is_committed_is_copied_while_somebody_writes(
    sqlite_url: str, sqlite_store: SqlStore, tmp_path: Path
) -> None:
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    sqlite_store.add_tenant(TenantId("copied"), "copied")
    with sqlite_store.work(MAIN) as work:
        work.runs.reach("somewhere", "else", START)
        sqlite_store.write_back()
        # Without the log beside it the file has what was committed, and only that.
        alone = tmp_path / "alone.db"
        shutil.copy(file, alone)
        work.commit()
    store = SqlStore(
        open_database(f"sqlite:///{alone}"), clock=FakeClock(), ids=SequenceIds(), cipher=CIPHER
    )
    assert TenantId("copied") in store.tenants()
    with store.reading(MAIN) as work:
        assert work.runs.place("somewhere") == ""
    store.close()
    with sqlite_store.reading(MAIN) as work:
        assert work.runs.place("somewhere") == "else"

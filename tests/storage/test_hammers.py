"""Processes of their own on one wallet, one cap, one undo, one event: nothing twice, nothing over.

double_entry has such a script: accounts that must not be negative were so under load (#114).
"""

import json
from collections import Counter
from contextlib import ExitStack, closing
from typing import Any

import pytest

from domain.events import EventType
from domain.programme import Programme
from domain.repositories import Publication
from domain.rules.model import Cap, PerUnit, Scope, Window
from storage.db import reading
from storage.work import SqlStore
from tests.storage.engine import IDENTITIES, MONTH_OF
from tests.storage.hammering import CUSTOMERS, Hammer
from tests.storage.processes import says, started, tell
from tests.support.fakes import START
from tests.support.make import a_customer, a_rule
from tests.support.stores import ENGINES, MAIN

PROCESSES = 4
CAP, OWN_CAP = 100, 60


@pytest.fixture(params=ENGINES)
def town(request: pytest.FixtureRequest) -> tuple[SqlStore, str]:
    """Give a store of each engine with customers and capped rules, and its URL."""
    is_sqlite = request.param == "sqlite"
    store: SqlStore = request.getfixturevalue("sqlite_store" if is_sqlite else "postgres_store")
    url: str = request.getfixturevalue("sqlite_url" if is_sqlite else "postgres_url")
    with store.work(MAIN) as work:
        for customer in CUSTOMERS:
            work.customers.add(a_customer(customer, customer))
        work.commit()
    return store, url


def publish(store: SqlStore, *caps: Cap, general: tuple[Cap, ...] = ()) -> None:
    began = START.replace(year=2001)
    formula = PerUnit("amount", 1, 1)
    signed = EventType.CONTRACT_SIGNED
    with store.work(MAIN) as work:
        # Two rules, so that every event takes several counters.
        for code in ("worth", "worth-more"):
            rule = a_rule(code, trigger=signed, formula=formula, caps=caps, effective_from=began)
            work.rules.add(rule, Publication(START))
        work.rules.add_programme(Programme(1, began, caps=general), Publication(START))
        work.commit()


def at_once(url: str, what: str, times: int) -> list[list[Any]]:
    """Let processes do the same at the same time; give what came of it."""
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                started("-m", "tests.storage.hammering", url, what, str(number), str(times))
            )
            for number in range(PROCESSES)
        ]
        for process in processes:
            assert says(process) == "ready"
        for process in processes:
            tell(process)
        return [json.loads(says(process)) for process in processes]


def holds(store: SqlStore) -> None:
    """Assert what must hold of every store."""
    year, month = MONTH_OF[store.database.dialect.name]
    with reading(store.database, None) as db:
        found = {
            name: rows
            for name, query in IDENTITIES.items()
            if (rows := db.all(query.replace("{year}", year).replace("{month}", month)))
        }
    assert found == {}


def one_row(store: SqlStore, query: str) -> tuple[Any, ...]:
    with reading(store.database, None) as db:
        [row] = db.all(query)
    return tuple(row)


def one(store: SqlStore, query: str) -> Any:
    with reading(store.database, None) as db:
        [(value,)] = db.all(query)
    return value


def test_one_wallet_is_never_overdrawn(town: tuple[SqlStore, str]) -> None:
    store, url = town
    publish(store)
    with closing(Hammer(url, 0)) as hammer:
        for turn in range(0, 12, 4):
            hammer.award(turn)
    before = one(store, "SELECT available FROM wallets WHERE customer_id = 'C001'")
    found = at_once(url, "spend", 5)
    counts = Counter(word for words in found for word in words)
    assert counts == {"held": before // 7, "short": PROCESSES * 5 - before // 7}
    rows = one_row(store, "SELECT available, held, debt FROM wallets WHERE customer_id = 'C001'")
    assert rows == (before % 7, before - before % 7, 0)


def test_no_interleaving_passes_a_cap(town: tuple[SqlStore, str]) -> None:
    store, url = town
    own = Cap(Scope.RULE, Window.DAY, points=OWN_CAP)
    publish(store, own, general=(Cap(Scope.TENANT, Window.YEAR, points=CAP),))
    found = at_once(url, "award", 6)
    awarded = sum(points for process in found for points in process)
    # 24 events of 7 points by two rules ask for 336.
    assert awarded == CAP
    assert one(store, "SELECT SUM(available) FROM wallets") == CAP
    assert one(store, "SELECT points FROM cap_counters WHERE key LIKE '*|%'") == CAP
    assert one(store, "SELECT MAX(points) FROM cap_counters WHERE key LIKE 'worth%'") <= OWN_CAP
    of_rules = "SELECT SUM(points) FROM cap_counters WHERE key LIKE 'worth%'"
    assert one(store, of_rules) == CAP
    assert one(store, "SELECT COUNT(*) FROM events") == PROCESSES * 6


def test_of_many_undos_of_one_event_one_wins(town: tuple[SqlStore, str]) -> None:
    """As Formance's stress test: everything is undone twice at once, and once only."""
    store, url = town
    publish(store, Cap(Scope.CUSTOMER, Window.DAY, points=10**6))
    turns = 5
    with closing(Hammer(url, 0)) as shared:
        for turn in range(turns):
            shared.count(f"shared-{turn}")
    found = at_once(url, "undo", turns)
    for turn in range(turns):
        assert sorted(words[turn] for words in found) == ["late"] * (PROCESSES - 1) + ["undone"]
    rows = one_row(store, "SELECT available, debt FROM wallets WHERE customer_id = 'C001'")
    assert rows == (0, 0)
    assert one(store, "SELECT COUNT(*) FROM event_undos") == turns
    assert one(store, "SELECT SUM(points + times) FROM cap_counters") == 0
    assert one(store, "SELECT SUM(points) FROM earned_months") == 0
    holds(store)


def test_the_same_event_from_many_processes_has_one_effect(town: tuple[SqlStore, str]) -> None:
    store, url = town
    publish(store)
    turns = 5
    found = at_once(url, "repeat", turns)
    for turn in range(turns):
        words = Counter(process[turn] for process in found)
        assert words == {"counted": 1, "there": PROCESSES - 1}
    assert one(store, "SELECT COUNT(*) FROM events") == turns
    assert one(store, "SELECT available FROM wallets WHERE customer_id = 'C001'") == turns * 14
    holds(store)


def test_of_contradicting_events_under_one_id_one_is_counted(town: tuple[SqlStore, str]) -> None:
    """No wallet's lock stands between them: only the event's own id does."""
    store, url = town
    publish(store)
    turns = 5
    found = at_once(url, "contradict", turns)
    for turn in range(turns):
        words = Counter(process[turn] for process in found)
        assert words == {"counted": 1, "refused": PROCESSES - 1}
    assert one(store, "SELECT COUNT(*) FROM events") == turns
    assert one(store, "SELECT SUM(available) FROM wallets") == turns * 14
    holds(store)

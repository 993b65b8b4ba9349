"""What verify reads, customers get and the domain seals is the same, over a whole ledger."""

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import Integer
from sqlmodel import SQLModel

from domain.ids import CustomerId, EventId
from domain.ledger import entry_fields
from domain.sealing import framed
from handlers.usecases.proof import statement_proof
from storage.db import reading
from storage.framing import (
    ENTRY_COLUMNS,
    EVENT_COLUMNS,
    NUMBERS,
    OPTIONAL,
    SELDOM,
    TIMES,
    framed_sql,
)
from storage.work import SqlStore, open_store
from tests.proof import stranger
from tests.proof.test_check_script import bad, run
from tests.support.fakes import START, FakeClock, SequenceIds
from tests.support.stores import CIPHER, MAIN
from tests.verification.tampering import Tampered

CUSTOMERS = (CustomerId("c-acme"), CustomerId("c-beta"))


@pytest.fixture(params=["ledger", "postgres_ledger"])
def store(request: pytest.FixtureRequest) -> Iterator[SqlStore]:
    """Open a told ledger on each engine in turn."""
    ledger: Tampered = request.getfixturevalue(request.param)
    found = open_store(ledger.url, clock=FakeClock(), ids=SequenceIds(), cipher=CIPHER)
    yield found
    found.close()


def texts(
    store: SqlStore, table: str, columns: tuple[str, ...], seldom: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """Let the database frame every row of a table."""
    text = framed_sql(store.database.dialect.name, "t", columns, seldom)
    statement = f"SELECT t.id, {text} FROM {table} t WHERE t.tenant_id = :tenant"
    with reading(store.database, MAIN) as db:
        return dict(db.all(statement))


def test_the_database_frames_entries_as_they_are_sealed(store: SqlStore) -> None:
    with store.reading(MAIN) as work:
        written = [one for customer in CUSTOMERS for one in work.proofs.written(customer)]
    expected = {one.entry.id: framed(entry_fields(one)[:-1]) for one in written}
    assert texts(store, "entries", ENTRY_COLUMNS) == expected
    assert texts(store, "entries", ENTRY_COLUMNS, SELDOM) == expected
    usual = [one for one in written if one.entry.cause.event and not one.entry.reverses]
    assert 0 < len(usual) < len(written)


def test_the_database_frames_events_as_they_are_sealed(store: SqlStore) -> None:
    found = texts(store, "events", EVENT_COLUMNS)
    assert len(found) == 11
    with store.reading(MAIN) as work:
        for id_, text in found.items():
            assert sha256(text.encode()).hexdigest() == work.events.get(EventId(id_)).seal


def test_what_is_said_of_columns_is_what_they_are() -> None:
    for table, columns in (("entries", ENTRY_COLUMNS), ("events", EVENT_COLUMNS)):
        for name in columns:
            column = SQLModel.metadata.tables[table].columns[name]
            assert column.nullable == (name in OPTIONAL), name
            assert isinstance(column.type, Integer) == (name in NUMBERS), name
            assert (name.endswith("_at")) == (name in TIMES), name


@pytest.mark.parametrize("customer", CUSTOMERS)
def test_everybodys_proof_is_right(store: SqlStore, customer: CustomerId) -> None:
    with store.reading(MAIN) as work:
        proof = statement_proof(work, customer, START + timedelta(days=20))
    assert len(proof["entries"]) == (20 if customer == "c-acme" else 5)
    assert stranger.problems(proof) == []
    [results] = run({"proof": proof, "code": proof["receipt"]["code"], "head": ""})
    assert bad(results) == []

"""A database of the first release keeps its points, its chain and its rules through the upgrade."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from bot.clock import SystemIds
from domain.calendar import business_date
from domain.errors import AlreadyUndone
from domain.events import EventType
from domain.ids import CustomerId, EventId
from domain.ledger import GENESIS, Written, entry_hash
from domain.ports import UnitOfWork
from domain.rules.codec import canonical, content_hash
from domain.rules.model import Fixed, PerUnit
from handlers.contract import Context, Machine
from handlers.usecases.points import book, undo
from storage.engine import migration_engine, parse_url, sqlite_file
from storage.migrate import BrokenReferences, check, upgrade
from storage.work import SqlStore, open_store
from tests.storage.first_release import EVENTS, LOTS, MOVES, RULES, USES, FirstRelease
from tests.storage.processes import ROOT
from tests.support.fakes import FakeClock, SequenceIds
from tests.support.stores import CIPHER, ENGINES, MAIN

ACME = CustomerId("c-acme")
COUNTS = {
    "events": len(EVENTS),
    "rule_versions": len(RULES),
    "entries": len(MOVES),
    "lots": len(LOTS),
    "lot_uses": len(USES),
    "wallets": 1,
    "event_undos": 1,
}
FORBIDDEN = (
    "UPDATE entries SET points = 1",
    "DELETE FROM entries",
    "DELETE FROM lot_uses",
    "UPDATE lots SET points = 1",
    "DELETE FROM lots",
    "UPDATE events SET data = data",
    "DELETE FROM events",
    "UPDATE rule_versions SET content = content",
    "DELETE FROM event_undos",
)


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of a database without tables, on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'zhufen.db'}"
    found: str = request.getfixturevalue("bare_postgres_url")
    return found


def config(url: str) -> Config:
    made = Config(ROOT / "alembic.ini")
    made.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return made


def engine(url: str) -> Engine:
    return migration_engine(parse_url(url))


@pytest.fixture
def head(url: str) -> str:
    """Write the first release's database; give the head of its chain."""
    command.upgrade(config(url), "0001")
    with engine(url).connect() as connection:
        written = FirstRelease(connection).write()
        connection.commit()
    return written


@pytest.fixture
def store(url: str, head: str) -> Iterator[SqlStore]:
    """Upgrade it and open it as the program does."""
    assert upgrade(url) is True
    opened = open_store(url, clock=FakeClock(), ids=SequenceIds(), cipher=CIPHER)
    yield opened
    opened.close()


def context(work: UnitOfWork) -> Context:
    now = FakeClock().now()
    return Context(
        work=work,
        now=now,
        today=business_date(now),
        ids=SystemIds(),
        actor=Machine(),
        channel="",  # type: ignore[arg-type]
        sender="",
        inbox=None,
        sent_at=now,
    )


def rows(connection: Connection) -> dict[str, int]:
    return {
        name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()  # noqa: S608
        for name in COUNTS
    }


def test_every_row_is_still_there_and_the_schema_is_the_models(url: str, store: SqlStore) -> None:
    assert check(url) == []
    with engine(url).connect() as connection:
        assert rows(connection) == COUNTS
    with store.reading(MAIN) as work:
        wallet = work.wallets.read(ACME)
        assert (wallet.available, wallet.held, wallet.pending, wallet.debt) == (60, 0, 0, 0)
        lots = [(lot.id, lot.entry, lot.remaining) for lot in work.wallets.open_lots(ACME)]
        assert lots == [("l-1", "n-1", 50), ("l-2", "n-6", 10)]
        assert [
            (use.lot, use.points)
            for use in work.wallets.uses(work.wallets.of_event(EventId("e-2"))[0].id)
        ] == [("l-1", 50)]
        data = work.events.get(EventId("e-1")).event.data
        assert data == {"amount": 5_000_000, "名": '滨江 "一期"'}


def test_the_chain_verifies_in_its_old_form_and_goes_on_in_the_new(
    store: SqlStore, head: str
) -> None:
    with store.work(MAIN) as work:
        old = work.events.get(EventId("e-1")).event
        booked = book(
            context(work),
            _another(old, "e-9", "HT-9"),
        )
        assert booked.wallet.available == 110
        work.commit()
    with store.reading(MAIN) as work:
        entries = work.wallets.latest(ACME, 20)[::-1]
        previous = GENESIS
        for entry in entries[: len(MOVES)]:
            assert (entry.form, entry.previous) == (1, previous)
            assert entry_hash(Written(entry)) == entry.hash
            previous = entry.hash
        assert previous == head
        assert [(entry.form, entry.previous) for entry in entries[len(MOVES) :]] == [(2, head)]
        assert [entry.cause.period for entry in entries] == ["2026-11"] * 3 + ["2026-12"] * 4 + [
            "2026-11"
        ]


def test_rules_have_become_documents_that_can_be_read(store: SqlStore) -> None:
    with store.reading(MAIN) as work:
        published = work.rules.published()
        assert [(one.rule.code, one.rule.version) for one in published] == [
            (code, version) for code, version, *_ in RULES
        ]
        one, two, three = (one.rule for one in published)
        assert (one.formula, one.valid_months) == (PerUnit("amount", 1_000_000, 10), 24)
        assert (two.valid_months, two.effective_to is None) == (12, False)
        assert three.formula == Fixed(50)
        assert all(p.content_hash == content_hash(canonical(p.rule)) for p in published)
        at = work.events.get(EventId("e-1")).event.occurred_at
        fired = work.rules.in_use().fired(EventType.CONTRACT_SIGNED, {"amount": 5_000_000}, at)
        assert [(f.rule.version, f.points) for f in fired] == [(2, 50)]


def test_an_old_event_that_is_sent_again_is_still_the_same(store: SqlStore) -> None:
    """The hash of its content was made otherwise; a retry must not look like another fact."""
    with store.work(MAIN) as work:
        old = work.events.get(EventId("e-1")).event
        again = book(context(work), _another(old, "e-9", old.source_id))
        assert [entry.id for entry in again.entries] == ["n-1"]
        assert again.wallet.available == 50
        assert work.wallets.read(ACME).seq == len(MOVES)


def test_what_was_undone_before_stays_undone_and_the_rest_can_be(store: SqlStore) -> None:
    with store.work(MAIN) as work:
        assert [work.events.is_undone(EventId(name)) for name, *_ in EVENTS] == [
            False,
            True,
            False,
            False,
        ]
        undone = work.events.get(EventId("e-2")).event
        with pytest.raises(AlreadyUndone):
            undo(context(work), undone)
        work.rollback()
        taken = undo(context(work), work.events.get(EventId("e-1")).event)
        assert (taken.points, taken.wallet.available) == (-50, 10)
        work.commit()


def test_the_triggers_are_back(url: str, store: SqlStore) -> None:
    with engine(url).connect() as connection:
        for statement in FORBIDDEN:
            with pytest.raises(DBAPIError, match=r"append-only|fixed"):
                connection.execute(text(statement))
            connection.rollback()
        assert rows(connection) == COUNTS


def test_going_back_is_refused_while_there_is_anything_to_lose(url: str, head: str) -> None:
    command.upgrade(config(url), "0002")
    with pytest.raises(RuntimeError, match="events would be lost"):
        command.downgrade(config(url), "0001")
    with engine(url).connect() as connection:
        assert rows(connection) == COUNTS
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "0002"


def test_rows_that_refer_to_nothing_stop_the_upgrade_and_nothing_is_changed(
    url: str, head: str
) -> None:
    if sqlite_file(parse_url(url)) is None:
        # PostgreSQL would never have let them in.
        assert upgrade(url) is True
        return
    with engine(url).connect() as connection:
        connection.execute(text("UPDATE events SET customer_id = 'nobody' WHERE id = 'e-4'"))
        connection.commit()
    with pytest.raises(BrokenReferences, match="events"):
        upgrade(url)
    with engine(url).connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "0001"
        assert connection.scalar(text("SELECT count(*) FROM entries")) == len(MOVES)


def _another(event: Any, name: str, source_id: str) -> Any:
    return replace(event, id=EventId(name), source_id=source_id)

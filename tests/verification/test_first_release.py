"""A ledger that the first release began: verified as it was written, and added to since."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from domain.ids import EventId
from domain.ledger import GENESIS, sealed_in_form_1
from domain.verification import Fault
from handlers.contract import Context
from handlers.usecases.points import book, undo
from storage.work import open_store
from tests.support.fakes import FakeClock, SequenceIds
from tests.support.make import an_event
from tests.support.stores import CIPHER
from tests.support.story import Story
from tests.verification.tampering import Tampered, other

ROOT = Path(__file__).resolve().parents[2]
AT = "2026-01-31 16:30:00.000000"
"""Already February in Shanghai."""
HASHED_AT = "2026-01-31T16:30:00.000000+00:00"
ENDS = "2028-02-29 16:00:00.000000"
MOVES = (
    ("award", "firm.issued", "wallet.available", 50, 50, "event-a"),
    ("award", "firm.issued", "wallet.available", 30, 80, "event-b"),
    ("penalty", "wallet.available", "firm.penalties", 60, 20, "event-c"),
)
UNCOVERED = {"reversal_part"}
"""What the first release did not hash, and what no other column tells."""


def first_release(file: Path) -> None:
    """Write rows as the first release did, then upgrade."""
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("sqlalchemy.url", f"sqlite:///{file}")
    command.upgrade(config, "0001")
    database = sqlite3.connect(file, isolation_level=None)
    database.execute("INSERT INTO tenants VALUES ('main', 'main', ?)", (AT,))
    database.execute("INSERT INTO customers VALUES ('main', 'c-acme', 'K001', '滨江置业', NULL)")
    head = GENESIS
    wallet = "INSERT INTO wallets VALUES ('main', 'c-acme', 20, 0, 0, 0, 3, ?)"
    database.execute(wallet, (head,))
    for seq, (reason, debit, credit, points, after, event) in enumerate(MOVES, 1):
        kind = "milestone_accepted"
        database.execute(
            "INSERT INTO events (tenant_id, id, source, source_id, type, customer_id, occurred_at,"
            " recorded_at, data, content_hash)"
            " VALUES ('main', ?, 'chat', ?, ?, 'c-acme', ?, ?, '{\"b\":1,\"a\":2}', 'x')",
            (event, event, kind, AT, AT),
        )
        key = f"event:{event}:rule#0"
        hashed = (head, f"entry-{seq}", "c-acme", seq, debit, credit, points, reason, event)
        told = ("milestone-on-time", 1, "member:li", HASHED_AT, HASHED_AT, key, None, after, 0)
        new = sealed_in_form_1((*hashed, *told))
        database.execute(
            "INSERT INTO entries (tenant_id, previous, id, customer_id, seq, debit, credit, points,"
            " reason, event_id, rule, rule_version, actor, effective_at, recorded_at, key,"
            " reverses, available_after, debt_after, cause_key, hash)"
            " VALUES ('main', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*hashed, *told[:3], AT, AT, *told[5:], key, new),
        )
        if reason == "award":
            left = 0 if seq == 1 else 20
            database.execute(
                "INSERT INTO lots (tenant_id, id, customer_id, entry_id, points, remaining,"
                " earned_at, expires_at) VALUES ('main', ?, 'c-acme', ?, ?, ?, ?, ?)",
                (f"lot-{seq}", f"entry-{seq}", points, left, AT, ENDS),
            )
        head = new
    database.execute("UPDATE wallets SET head = ?", (head,))
    _uses_and_rule(database)
    database.close()
    command.upgrade(config, "head")


def _uses_and_rule(database: sqlite3.Connection) -> None:
    for place, (lot, points) in enumerate((("lot-1", 50), ("lot-2", 10)), 1):
        use = "INSERT INTO lot_uses VALUES ('main', 'entry-3', ?, ?, 'take', ?)"
        database.execute(use, (place, lot, points))
    database.execute(
        "INSERT INTO rule_versions (tenant_id, code, version, event_type, conditions, formula,"
        " direction, valid_months, debt_policy, effective_from) VALUES ('main',"
        " 'milestone-on-time', 1, 'milestone_accepted', '[]',"
        " '{\"kind\":\"fixed\",\"points\":50}', 'earn', 24, 'take_and_owe', ?)",
        (AT,),
    )


@pytest.fixture(scope="session")
def old_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make such a database once."""
    file = tmp_path_factory.mktemp("old") / "zhufen.db"
    first_release(file)
    return file


@pytest.fixture
def old(old_file: Path, tmp_path: Path) -> Iterator[Tampered]:
    """Give a copy to get at."""
    for part in old_file.parent.glob("zhufen.db*"):
        shutil.copy(part, tmp_path / part.name)
    found = Tampered(f"sqlite:///{tmp_path / 'zhufen.db'}")
    yield found
    found.close()


def goes_on(ledger: Tampered) -> None:
    """Undo one of the old events and book a new one."""
    store = open_store(ledger.url, clock=FakeClock(), ids=SequenceIds(), cipher=CIPHER)
    story = Story(store)

    def act(ctx: Context) -> None:
        undo(ctx, ctx.work.events.get(EventId("event-b")).event, tells=False)
        book(ctx, an_event(customer="c-acme", project=None), tells=False)

    story.act(act)
    store.close()


def test_it_has_no_finding_before_and_after_it_goes_on(old: Tampered) -> None:
    assert old.findings() == []
    goes_on(old)
    assert old.findings() == []
    forms = old.run("SELECT form FROM entries ORDER BY seq")
    assert [form for (form,) in forms[:4]] == [1, 1, 1, 2]


def test_a_change_of_any_column_of_its_entries_is_found(old: Tampered) -> None:
    goes_on(old)
    columns = [row[1] for row in old.run("PRAGMA table_info(entries)")]
    for column in set(columns) - UNCOVERED:
        for place in old.places("entries")[:3]:
            value = other("entries", column, old.value("entries", column, place))
            with old.changed("entries", column, place, value):
                assert old.findings() != [], (column, place, value)


def test_no_entry_can_be_made_one_of_the_first_release(old: Tampered) -> None:
    goes_on(old)
    old.run("UPDATE entries SET form = 1 WHERE seq = 4")
    [found] = [each for each in old.findings() if each.seq is not None]
    assert (found.fault, found.seq) == (Fault.CHANGED, 4)


def test_its_undone_event_is_still_the_one_that_was_undone(old: Tampered) -> None:
    goes_on(old)
    old.run("UPDATE events SET data = ? WHERE id = ?", '{"a":3,"b":1}', "event-b")
    assert [(each.fault, each.seq) for each in old.findings()] == [(Fault.EVENT_DIFFERS, 4)]


def test_a_sealed_event_cannot_be_made_one_from_before(old: Tampered) -> None:
    goes_on(old)
    old.run("UPDATE events SET seal = NULL WHERE id = ?", "event-1")
    assert Fault.EVENT_CHANGED in {each.fault for each in old.findings()}


def test_an_event_of_it_that_is_gone_is_missed(old: Tampered) -> None:
    old.run("DELETE FROM events WHERE id = ?", "event-a")
    assert [(each.fault, each.seq) for each in old.findings()] == [(Fault.EVENT_DIFFERS, 1)]

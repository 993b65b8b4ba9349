"""Transactions at the driver's level: tenants, texts, conflicts, errors that tell nothing."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlmodel import Session, select

from domain.ids import InboxId
from domain.ports import Conflict
from domain.repositories import AuditNote
from storage.db import Db, StatementFailed, reading, writing
from storage.engine import UnsupportedDatabase, open_database, parse_url
from storage.reconcile import _ENTRY_LOTS
from storage.tables import AuditRow
from storage.tables_messages import InboxRow
from storage.tables_people import ContactRow, MilestoneRow
from storage.work import SqlStore, open_store
from tests.contracts.rows import ACME, CHEN, LI, ROOF, an_item, people
from tests.support.fakes import START, FakeClock, SequenceIds
from tests.support.postgres import CLEANER
from tests.support.stores import CIPHER, MAIN, OTHER

PHONE = "13800000000"


def test_a_statement_that_names_no_tenant_is_refused(store: SqlStore) -> None:
    db = Db(store.database, MAIN, writes=True)

    with pytest.raises(ValueError, match="SELECT id FROM customers"):
        db.one("SELECT id FROM customers WHERE code = :code", code="K001")


def test_the_tenant_of_a_statement_is_the_transactions(store: SqlStore) -> None:
    db = Db(store.database, MAIN, writes=False)

    row = db.one("SELECT id FROM tenants WHERE id = :tenant", tenant=OTHER)
    db.rollback()
    assert row == (MAIN,)


def test_what_goes_through_whole_tables_has_time_and_no_loops(postgres_store: SqlStore) -> None:
    asked = _ENTRY_LOTS.replace(":tenant", "'main'").replace(":limit", "9")
    with reading(postgres_store.database, MAIN) as db:
        usual = _limits(db)
        db.expect_scans()
        meanwhile = _limits(db)
        plan = [line for (line,) in db.cursor().execute("EXPLAIN " + asked).fetchall()]
    with reading(postgres_store.database, MAIN) as db:
        afterwards = _limits(db)

    assert usual == afterwards == {"statement_timeout": "30s", "enable_nestloop": "on"}
    assert meanwhile == {"statement_timeout": "0", "enable_nestloop": "off"}
    # What it is for, whatever has been analysed by now.
    assert not [line for line in plan if "Nested Loop" in line]


def _limits(db: Db) -> dict[str, str]:
    names = ("statement_timeout", "enable_nestloop")
    return {name: db.cursor().execute(f"SHOW {name}").fetchone()[0] for name in names}


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_statement_run_for_many_rows_tells_how_many_it_changed(
    store: SqlStore, number: int
) -> None:
    add = "INSERT INTO closed_months (tenant_id, month, closed_at) VALUES (:tenant, :month, :at)"
    rows = [{"month": f"2026-0{month}", "at": START} for month in range(1, number + 1)]
    with writing(store.database, MAIN) as db:
        assert db.many(add, rows) == number

        assert len(db.all("SELECT month FROM closed_months WHERE tenant_id = :tenant")) == number


def test_texts_no_engine_can_store_are_mended(store: SqlStore) -> None:
    hostile = {"text": "a\x00b \ud83d c", "nested": [{"k\x00": "\x00"}], "escaped": "\\u0000"}
    item = an_item(1, sender="x\x00y\udc00", payload=hostile)
    with store.work(MAIN) as work:
        assert work.inbox.receive(item) is None
        work.commit()

    with store.reading(MAIN) as work:
        stored = work.inbox.lock(item.id)
        assert stored is not None
        assert stored.sender == "x\ufffdy?"
        assert stored.payload == {
            "text": "a\ufffdb ? c",
            "nested": [{"k\ufffd": "\ufffd"}],
            "escaped": "\\u0000",
        }


def test_times_come_back_as_utc_to_the_microsecond(store: SqlStore) -> None:
    shanghai = timezone(timedelta(hours=8))
    at = datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=shanghai)
    with store.work(MAIN) as work:
        work.inbox.receive(an_item(1, received_at=at))
        stored = work.inbox.lock(an_item(1).id)
        assert stored is not None
        assert stored.received_at == at
        assert stored.received_at.tzinfo is UTC


def test_a_time_without_zone_is_refused(store: SqlStore) -> None:
    with store.work(MAIN) as work, pytest.raises(ValueError, match="zone"):
        work.inbox.receive(an_item(1, received_at=datetime(2026, 1, 1)))  # noqa: DTZ001


def test_a_value_without_column_type_is_refused(store: SqlStore) -> None:
    db = Db(store.database, MAIN, writes=True)

    with pytest.raises(TypeError, match="float"):
        db.run("UPDATE tenants SET name = :name WHERE id = :tenant", name=0.5)


def test_models_read_what_statements_wrote(store: SqlStore) -> None:
    with store.work(MAIN) as work:
        people(work)
        work.projects.set_accepted(ROOF.id, date(2026, 11, 19))
        work.inbox.receive(an_item(1))
        work.audit.write(AuditNote(START, "system", None, "a", "s", {"x": 1}))
        work.commit()

    with Session(store.database.reading) as session:
        item = session.exec(select(InboxRow)).one()
        assert item.received_at == an_item(1).received_at
        # What was said is encrypted.
        assert item.payload.keys() == {"sealed"}
        milestone = session.exec(select(MilestoneRow)).one()
        assert (milestone.planned_on, milestone.accepted_on) == (
            ROOF.planned_on,
            date(2026, 11, 19),
        )
        note = session.exec(select(AuditRow)).one()
        assert (note.at, note.before, note.after) == (START, {"x": 1}, None)
        assert session.exec(select(ContactRow)).one().is_active is True


def test_statements_read_what_models_wrote(store: SqlStore) -> None:
    milestone = MilestoneRow(
        tenant_id=MAIN, id="ms", project_id="p-bj", name="基础", planned_on=date(2026, 3, 1)
    )
    row = InboxRow(
        tenant_id=MAIN,
        id="i",
        channel_id="app",
        source_id="s",
        sender="zhangsan",
        payload={"text": "余额"},
        received_at=START,
        state="new",
        attempts=0,
        next_at=START,
    )
    with store.work(MAIN) as work:
        people(work)
        work.commit()
    with Session(store.database.writing) as session:
        session.add(row)
        session.add(milestone)
        session.commit()

    with store.reading(MAIN) as work:
        assert work.inbox.due(START, 1) == ["i"]
        found = work.inbox.lock(InboxId("i"))
        assert found is not None
        assert (found.received_at, found.payload) == (START, {"text": "余额"})
        assert work.projects.milestones(ROOF.project)[0].planned_on == date(2026, 3, 1)


def test_errors_name_no_values(store: SqlStore) -> None:
    with store.work(MAIN) as work:
        people(work)
        work.commit()
        with pytest.raises(Conflict) as duplicate:
            work.members.add(LI)
        work.rollback()
        secret = an_item(1, attempts=-1, payload={"phone": PHONE}, sender=LI.name)
        with pytest.raises(StatementFailed) as refused:
            work.inbox.receive(secret)

    for error in (duplicate.value, refused.value):
        told = repr(error) + repr(error.__cause__)
        assert PHONE not in told
        assert LI.name not in told
        assert LI.id not in told
    assert "ck_inbox_attempts" in str(refused.value)


def test_telephone_numbers_are_encrypted_for_their_row(store: SqlStore) -> None:
    with store.work(MAIN) as work:
        people(work)
        work.commit()

    with writing(store.database, MAIN) as db:
        [(encrypted,)] = db.all("SELECT phone FROM contacts WHERE tenant_id = :tenant")
        assert PHONE not in encrypted
        db.run(
            "INSERT INTO contacts (tenant_id, id, customer_id, name, phone, is_active, may_see,"
            " may_redeem) VALUES (:tenant, 'moved', :customer, 'x', :phone, :is_active, :is_active,"
            " :is_active)",
            customer=ACME.id,
            phone=encrypted,
            is_active=True,
        )
    with store.reading(MAIN) as work:
        assert work.customers.contact(CHEN.id).phone == PHONE
        with pytest.raises(Exception, match="contact:main/moved"):
            work.customers.contacts(ACME.id)


def test_phones_from_before_there_were_marks_are_found_and_marked(store: SqlStore) -> None:
    with store.work(MAIN) as work:
        people(work)
        work.commit()
    with writing(store.database, MAIN) as db:
        db.run("UPDATE phone_marks SET mark = NULL WHERE tenant_id = :tenant")

    with store.reading(MAIN) as work:
        mark = work.files.mark(PHONE)
        assert work.files.phone_marks() == {ACME.id: frozenset({mark})}
        assert work.files.having_phones([mark]) == {ACME.id}
        assert work.files.having_phones([work.files.mark("13900000000")]) == set()
    with writing(store.database, MAIN) as db:
        assert db.all("SELECT mark FROM phone_marks WHERE tenant_id = :tenant") == [(None,)]
    with store.work(MAIN) as work:
        assert work.files.having_phones([mark]) == {ACME.id}
        work.commit()
    with writing(store.database, MAIN) as db:
        assert db.all("SELECT mark FROM phone_marks WHERE tenant_id = :tenant") == [(mark,)]
    with store.reading(OTHER) as work:
        assert work.files.mark(PHONE) != mark


def test_who_waits_too_long_for_a_locked_wallet_gets_a_conflict(store: SqlStore) -> None:
    impatient = impatient_twin(store)
    with store.work(MAIN) as work:
        people(work)
        work.wallets.lock(ACME.id)
        work.commit()
        held = work.wallets.lock(ACME.id)
        with impatient.work(MAIN) as other, pytest.raises(Conflict):
            other.wallets.lock(ACME.id)
        assert work.wallets.read(ACME.id) == held
    impatient.close()


def test_who_finds_no_free_connection_gets_a_conflict(store: SqlStore) -> None:
    impatient = impatient_twin(store, pool_size=1)
    with impatient.reading(MAIN) as first, impatient.reading(MAIN) as second:
        assert first.members.all() == []
        with pytest.raises(Conflict):
            second.members.all()
    impatient.close()


def test_a_restarted_server_is_noticed_and_forgotten(postgres_store: SqlStore) -> None:
    with postgres_store.reading(MAIN) as first, postgres_store.reading(MAIN) as second:
        first.members.all()
        second.members.all()
    with writing(postgres_store.database, None) as db:
        db.all(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND application_name <> :cleaner",
            cleaner=CLEANER,
        )

    for _ in range(3):
        with postgres_store.work(MAIN) as work:
            assert work.members.all() == []


def test_a_connection_that_breaks_in_between_keeps_nothing(postgres_store: SqlStore) -> None:
    with postgres_store.work(MAIN) as work:
        work.members.add(LI)
        row = work._db.one("SELECT pg_backend_pid() WHERE :tenant <> ''")
        assert row is not None
        with writing(postgres_store.database, None) as db:
            db.one("SELECT pg_terminate_backend(:pid)", pid=row[0])
        with pytest.raises(StatementFailed):
            work.members.all()
        with pytest.raises(StatementFailed):
            work.commit()
        assert work.members.all() == []


def test_a_database_we_do_not_know_is_refused() -> None:
    for url in ("mysql://x/y", "sqlite://", "sqlite:///:memory:"):
        with pytest.raises(UnsupportedDatabase):
            open_database(url)
    assert parse_url("postgresql://u@h/d").drivername == "postgresql+psycopg"
    assert parse_url("postgres://u@h/d").drivername == "postgresql+psycopg"


def impatient_twin(store: SqlStore, pool_size: int = 16) -> SqlStore:
    """Open the same database again, as a process that waits for nobody."""
    return open_store(
        store.database.writing.url.render_as_string(hide_password=False),
        clock=FakeClock(),
        ids=SequenceIds(),
        cipher=CIPHER,
        pool_size=pool_size,
        wait_seconds_max=0.05,
    )

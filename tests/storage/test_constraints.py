"""What the database itself refuses, by raw SQL past every line of Python, on both engines."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Executable, column, insert, inspect, select, table, text
from sqlalchemy.exc import DBAPIError

from domain.customers import Invitation
from domain.deliveries import DeliveryState
from domain.ids import CardKey, InvitationId, TicketId
from domain.ports import Attempt
from domain.repositories import AuditNote, Card
from domain.starter import starter_rules
from domain.tickets import Ticket, TicketKind
from storage.engine import migration_engine, parse_url
from storage.work import SqlStore
from tests.contracts.rows import BAD_REVIEW, CHEN, a_delivery, an_alert, an_event, an_item, people
from tests.contracts.test_points import award, cause, penalise, post, undo
from tests.support.fakes import START
from tests.support.stores import APP, ENGINES, MAIN

HOUR = timedelta(hours=1)

REFUSED = [
    # The ledger.
    "UPDATE wallets SET available = -1",
    "UPDATE wallets SET held = -1",
    "UPDATE wallets SET pending = -1",
    "UPDATE wallets SET debt = -1",
    "UPDATE wallets SET available = 1, debt = 1",
    "UPDATE wallets SET seq = -1",
    "UPDATE wallets SET customer_id = 'nobody'",
    "DELETE FROM wallets",
    "UPDATE entries SET points = points + 1",
    "UPDATE entries SET hash = hash",
    "DELETE FROM entries",
    "UPDATE lot_uses SET points = 1",
    "DELETE FROM lot_uses",
    "UPDATE lots SET remaining = -1",
    "UPDATE lots SET remaining = points + 1",
    "UPDATE lots SET points = points + 1",
    "UPDATE lots SET expires_at = earned_at",
    "UPDATE lots SET customer_id = 'c-beta'",
    "DELETE FROM lots",
    # Events and rules.
    "UPDATE events SET type = 'gift'",
    "UPDATE events SET customer_id = 'nobody'",
    "UPDATE rule_versions SET valid_months = 0",
    "UPDATE rule_versions SET version = 0",
    "UPDATE rule_versions SET direction = 'sideways'",
    "UPDATE rule_versions SET effective_to = effective_from",
    # People.
    "UPDATE channels SET kind = 'fax'",
    "UPDATE channels SET tenant_id = 'nobody'",
    "INSERT INTO member_roles (tenant_id, member_id, role) VALUES ('main', 'm-li', 'king')",
    "INSERT INTO member_roles (tenant_id, member_id, role) VALUES ('main', 'nobody', 'sales')",
    "UPDATE customers SET code = 'K001'",
    "UPDATE contacts SET customer_id = 'nobody'",
    "UPDATE invitations SET member_id = 'm-li'",
    "UPDATE invitations SET contact_id = NULL",
    "UPDATE invitations SET expires_at = created_at",
    "UPDATE identities SET member_id = 'm-li', contact_id = 'k-chen'",
    "UPDATE identities SET sends_since_inbound = -1",
    "UPDATE identities SET tries_failed = -1",
    "UPDATE identities SET session = 'elsewhere'",
    "UPDATE projects SET customer_id = 'nobody'",
    "UPDATE milestones SET project_id = 'nobody'",
    # Reviews and alerts.
    "UPDATE reviews SET stars = 0",
    "UPDATE reviews SET stars = 6",
    "UPDATE alerts SET severity = 'pink'",
    "UPDATE alerts SET state = 'taken'",
    "UPDATE alerts SET state = 'resolved'",
    "UPDATE alerts SET taken_by = 'm-li'",
    "UPDATE alerts SET resolved_at = opened_at",
    "UPDATE alerts SET occurrences = 0",
    "UPDATE alerts SET version = 0",
    "UPDATE alerts SET dedupe_key = 'same'",
    "UPDATE alerts SET number = 1",
    # Messages.
    "UPDATE inbox SET state = 'lost'",
    "UPDATE inbox SET attempts = -1",
    "UPDATE inbox SET source_id = 'same'",
    "UPDATE tickets SET kind = 'tram'",
    "UPDATE tickets SET expires_at = created_at",
    "UPDATE deliveries SET state = 'lost'",
    "UPDATE deliveries SET kind = 'letter'",
    "UPDATE deliveries SET state = 'sending'",
    "UPDATE deliveries SET lease_until = created_at",
    "UPDATE deliveries SET dedupe_key = 'same'",
    "UPDATE deliveries SET attempts = -1",
    "UPDATE delivery_attempts SET outcome = 'sent'",
    "DELETE FROM delivery_attempts",
    "UPDATE audit SET actor = 'nobody'",
    "DELETE FROM audit",
]

ENTRY: dict[str, object] = {
    "tenant_id": "main",
    "id": "n-new",
    "customer_id": "c-acme",
    "seq": 99,
    "debit": "firm.issued",
    "credit": "wallet.available",
    "points": 5,
    "reason": "award",
    "actor": "system",
    "effective_at": "2026-11-22 02:00:00.000000",
    "recorded_at": "2026-11-22 02:00:00.000000",
    "cause_key": "new",
    "key": "new#99",
    "available_after": 5,
    "debt_after": 0,
    "previous": "0",
    "hash": "0",
}
REFUSED_ENTRIES: list[dict[str, object]] = [
    {"points": 0},
    {"points": -5},
    {"credit": "firm.issued"},
    {"debit": "firm.gold"},
    {"credit": "wallet.gold"},
    {"reason": "whim"},
    {"seq": 0},
    {"seq": 1},
    {"key": "one#0"},
    {"id": "n-0001"},
    {"customer_id": "c-beta"},
    {"tenant_id": "other"},
    {"available_after": -1},
    {"debt_after": -1},
    {"reverses": "n-0001"},
    {"reverses": "nothing", "reversal_part": 1},
    {"reverses": "n-0003", "reversal_part": 1},
]


STATEMENTS_ONLY_OF = {
    "sqlite": [
        "INSERT OR REPLACE INTO entries SELECT * FROM entries",
        "REPLACE INTO audit SELECT * FROM audit",
    ],
    "postgresql": [
        "TRUNCATE audit",
        "TRUNCATE entries CASCADE",
        "TRUNCATE lots CASCADE",
        "TRUNCATE lot_uses",
        "TRUNCATE delivery_attempts",
    ],
}


def furnish(store: SqlStore) -> None:
    """Put two of what must be unique into the store, and one of everything else."""
    later = START + HOUR
    invitation = Invitation(InvitationId("v"), "h", CHEN.id, None, None, START, later)
    with store.work(MAIN) as work:
        people(work)
        work.customers.add_invitation(invitation)
        work.identities.heard_from(APP, "zhangsan", START)
        work.events.add(an_event(1), "hash")
        work.rules.add(starter_rules(START)[0])
        award(work, 50, "one", event=1)
        award(work, 30, "two")
        [penalty] = penalise(work, 10, "three")
        post(work, undo(work, penalty), cause("four"))
        work.reviews.add(BAD_REVIEW)
        for number in (1, 2):
            work.alerts.add(an_alert(number))
            work.inbox.receive(an_item(number))
            work.deliveries.add(a_delivery(number))
        work.tickets.add(Ticket(TicketId("t"), TicketKind.UNDO, None, None, {}, START, later))
        work.cards.save(Card(CardKey("k"), APP, "zhangsan", None, "alert", START))
        work.audit.write(AuditNote(START, "system", None, "test", "nothing"))
        work.commit()
    attempt = Attempt(a_delivery(1).id, START, "retry")
    store.queue.finish(MAIN, a_delivery(1), DeliveryState.QUEUED, attempt)


@pytest.fixture(params=ENGINES)
def furnished(request: pytest.FixtureRequest) -> Iterator[Connection]:
    """Open a raw connection to a store with rows, on each engine in turn."""
    name = "sqlite" if request.param == "sqlite" else "postgres"
    furnish(request.getfixturevalue(f"{name}_store"))
    url: str = request.getfixturevalue(f"{name}_url")
    with migration_engine(parse_url(url)).connect() as connection:
        yield connection


def dump(connection: Connection) -> dict[str, list[str]]:
    """Read every row of every table."""
    rows = {
        name: sorted(
            repr(tuple(row))
            for row in connection.execute(select(text("*")).select_from(text(name)))
        )
        for name in inspect(connection).get_table_names()
    }
    connection.rollback()
    return rows


def accepted(connection: Connection, statement: Executable) -> bool:
    """Tell whether the database would do it, and undo it."""
    try:
        connection.execute(statement)
    except DBAPIError:
        return False
    finally:
        connection.rollback()
    return True


def inserted(entry: dict[str, object]) -> Executable:
    """Make the statement that inserts an entry."""
    return insert(table("entries", *(column(name) for name in entry))).values(entry)


def test_every_table_has_a_row_to_be_refused_a_change(furnished: Connection) -> None:
    empty = [name for name, rows in dump(furnished).items() if not rows]

    assert sorted(empty) == ["beats", "counters"]


def test_bad_rows_and_changes_of_what_is_written_are_refused(furnished: Connection) -> None:
    before = dump(furnished)

    statements = REFUSED + STATEMENTS_ONLY_OF[furnished.dialect.name]
    assert [sql for sql in statements if accepted(furnished, text(sql))] == []
    assert dump(furnished) == before


def test_bad_entries_are_refused(furnished: Connection) -> None:
    before = dump(furnished)

    assert accepted(furnished, inserted(ENTRY))
    for changes in REFUSED_ENTRIES:
        assert not accepted(furnished, inserted(ENTRY | changes)), changes
    assert dump(furnished) == before


def test_only_what_is_left_of_a_lot_may_change(furnished: Connection) -> None:
    assert accepted(furnished, text("UPDATE lots SET remaining = 0"))

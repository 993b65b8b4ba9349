"""What an account was told is found by the keys of the replies, not by reading all it was told.

Also on PostgreSQL before it has any statistics, as in a database that was just restored.
"""

import pytest
from sqlalchemy import text

from storage import inbox
from storage.engine import migration_engine, parse_url
from storage.migrate import upgrade
from tests.storage.test_plans import plan

STATEMENTS = [inbox._RECENT, inbox._LAST_ANSWER, inbox._LAST_OF]
SAID = """
    INSERT INTO inbox (tenant_id, id, channel_id, source_id, sender, payload, received_at, state,
        attempts, next_at)
    SELECT 'main', 'i' || n, 'kf', 's' || n, 'wang', '{}', now() - n * interval '5 minutes', 'done',
        0, now()
    FROM generate_series(1, 4000) n
"""
TOLD = """
    INSERT INTO deliveries (tenant_id, id, channel_id, external_id, kind, view, data, dedupe_key,
        created_at, state, attempts)
    SELECT tenant_id, 'd' || id, channel_id, sender, 'reply', 'balance', '{}',
        replace(:answer, '*', id), received_at, 'sent', 0
    FROM inbox
"""
VALUES = {
    "tenant": "main",
    "channel": "kf",
    "sender": "wang",
    "limit": 12,
    "answer": inbox._ANSWER,
    "failure": inbox._FAILURE,
    "one": "person_coming",
    "other": "bound_customer",
}


@pytest.mark.parametrize("statement", STATEMENTS)
def test_on_sqlite(sqlite_url: str, statement: str) -> None:
    with migration_engine(parse_url(sqlite_url)).connect() as connection:
        steps = " ".join(plan(connection, statement))
    assert "external_id=? AND dedupe_key=?" in steps
    assert "sender=? AND received_at>?" in steps


def test_on_postgresql(bare_postgres_url: str) -> None:
    # A database of its own: the one that tests share has what others left in its statistics.
    upgrade(bare_postgres_url)
    with migration_engine(parse_url(bare_postgres_url)).connect() as connection:
        connection.execute(text(SAID))
        connection.execute(text(TOLD), VALUES)
        since = connection.execute(text("SELECT now() - interval '12 hours'")).scalar_one()
        for statement in STATEMENTS:
            explain = text(f"EXPLAIN {statement}")
            rows = connection.execute(explain, VALUES | {"since": since}).scalars().all()
            looked_up = [row for row in rows if "Index Cond" in row]
            assert [row for row in looked_up if "external_id" in row and "dedupe_key" in row], rows
            assert [row for row in looked_up if "sender" in row and "received_at" in row], rows

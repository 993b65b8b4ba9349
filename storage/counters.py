"""Numbers that count up within a tenant: what people call alerts by."""

from storage.db import Db

_NEXT = """
    INSERT INTO counters (tenant_id, name, value) VALUES (:tenant, :name, 1)
    ON CONFLICT (tenant_id, name) DO UPDATE SET value = counters.value + 1
    RETURNING value
"""


def next_number(db: Db, name: str) -> int:
    """Give a counter's next number, starting at 1; the counter is locked until the commit."""
    row = db.one(_NEXT, name=name)
    if row is None:
        raise AssertionError(name)
    return row[0]  # type: ignore[no-any-return]

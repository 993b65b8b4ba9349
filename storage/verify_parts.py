"""Splitting a check into parts of about the same size, each a range of keys."""

from domain.ids import TenantId
from storage.db import reading
from storage.engine import Database

Range = tuple[str, str]
"""After one key, up to another; the first begins before all and the last has no end, both ""."""

_WALLETS = "SELECT COUNT(*) FROM wallets WHERE tenant_id = :tenant"
_NEXT_WALLET = """
    SELECT customer_id FROM wallets WHERE tenant_id = :tenant AND customer_id > :after
    ORDER BY customer_id LIMIT 1 OFFSET :size
"""
_EVENTS = "SELECT COUNT(*) FROM events WHERE tenant_id = :tenant"
_NEXT_EVENT = """
    SELECT id FROM events WHERE tenant_id = :tenant AND id > :after ORDER BY id LIMIT 1 OFFSET :size
"""
_WORK = """
    SELECT (SELECT COALESCE(SUM(seq), 0) FROM wallets WHERE tenant_id = :tenant)
         + (SELECT COUNT(*) FROM events WHERE tenant_id = :tenant)
"""


def work_of(database: Database, tenant: TenantId) -> int:
    """Count the entries and events there are to check."""
    return _number(database, tenant, _WORK)


def ranges_of_wallets(database: Database, tenant: TenantId, parts: int) -> list[Range]:
    """Split a tenant's customers into ranges of about equally many wallets."""
    return _ranges(database, tenant, _number(database, tenant, _WALLETS) // parts, _NEXT_WALLET)


def ranges_of_events(database: Database, tenant: TenantId, parts: int) -> list[Range]:
    """Split a tenant's events into ranges of about equally many."""
    return _ranges(database, tenant, _number(database, tenant, _EVENTS) // parts, _NEXT_EVENT)


def _ranges(database: Database, tenant: TenantId, size: int, statement: str) -> list[Range]:
    bounds = [""]
    with reading(database, tenant) as db:
        while row := db.one(statement, after=bounds[-1], size=size):
            if row[0] <= bounds[-1]:
                break  # it is no text any more
            bounds.append(row[0])
    return list(zip(bounds, [*bounds[1:], ""], strict=True))


def _number(database: Database, tenant: TenantId, statement: str) -> int:
    with reading(database, tenant) as db:
        row = db.one(statement)
    return int(row[0]) if row else 0

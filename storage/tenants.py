"""Tenants as rows: the firms that share one database."""

from datetime import datetime

from domain.ids import TenantId
from storage.db import reading, writing
from storage.engine import Database

_ALL = "SELECT id FROM tenants ORDER BY id"
_ADD = """
    INSERT INTO tenants (id, name, created_at) VALUES (:tenant, :name, :now)
    ON CONFLICT (id) DO NOTHING
"""


def all_tenants(database: Database) -> list[TenantId]:
    """List the tenants by id."""
    with reading(database, None) as db:
        return [TenantId(row[0]) for row in db.all(_ALL)]


def add_tenant(database: Database, tenant: TenantId, name: str, now: datetime) -> bool:
    """Make a tenant; False when there is one with this id, which stays as it is."""
    with writing(database, tenant) as db:
        return db.run(_ADD, name=name, now=now) == 1

"""How all tables are declared: names of constraints, column kinds, checks.

SQLModel declares the schema, so that migrations can be checked against it and ad-hoc reading has
models. A running process never imports these modules: the repositories speak SQL. The tables stand
in the tables_*.py beside this; triggers stand in the migrations only.

Every key and index begins with the tenant, so that a distributed PostgreSQL can be sharded by it.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

METADATA = SQLModel.metadata


class TenantTable(SQLModel):
    """A table whose rows belong to a tenant; the tenant is the first part of its primary key."""

    tenant_id: str = Field(primary_key=True)


def json_column(*, nullable: bool = False) -> Any:
    """Declare a JSON column (JSONB on PostgreSQL)."""
    kind = JSON().with_variant(JSONB(), "postgresql")
    return Field(default=None, sa_type=kind, nullable=nullable)


def big() -> Any:
    """Declare a whole number of 64 bits: points and sequence numbers."""
    return Field(sa_type=BigInteger)


def one_of(column: str, kinds: type[StrEnum] | Iterable[str]) -> CheckConstraint:
    """Allow a text column only the values of an enumeration."""
    values = ", ".join(f"'{kind}'" for kind in kinds)
    return CheckConstraint(f"{column} IN ({values})", name=column)


def check(name: str, condition: str) -> CheckConstraint:
    """Declare a condition that every row satisfies."""
    return CheckConstraint(condition, name=name)


def unique(*columns: str) -> UniqueConstraint:
    """Make columns unique within the tenant."""
    return UniqueConstraint("tenant_id", *columns)


def refers(column: str, table: str) -> ForeignKeyConstraint:
    """Let a column refer to a row of the same tenant."""
    return ForeignKeyConstraint(["tenant_id", column], [f"{table}.tenant_id", f"{table}.id"])


def belongs_to_tenant() -> ForeignKeyConstraint:
    """Let the tenant exist.

    Only tables that people fill have this: PostgreSQL would lock the tenant's row for every
    message.
    """
    return ForeignKeyConstraint(["tenant_id"], ["tenants.id"])


def index(name: str, *columns: str, where: str | None = None, is_unique: bool = False) -> Index:
    """Declare an index within the tenant, of some rows only if `where` is given."""
    condition = None if where is None else text(where)
    return Index(
        name,
        "tenant_id",
        *columns,
        unique=is_unique,
        sqlite_where=condition,
        postgresql_where=condition,
    )


class TenantRow(SQLModel, table=True):
    """A firm."""

    __tablename__ = "tenants"

    id: str = Field(primary_key=True)
    name: str
    created_at: datetime


class CounterRow(TenantTable, table=True):
    """A number that counts up within a tenant."""

    __tablename__ = "counters"

    name: str = Field(primary_key=True)
    value: int


class BeatRow(SQLModel, table=True):
    """The last run of what runs regularly, for the whole installation."""

    __tablename__ = "beats"

    name: str = Field(primary_key=True)
    at: datetime
    detail: dict[str, Any] = json_column()


class AuditRow(TenantTable, table=True):
    """Who did what to what; append-only by trigger."""

    __tablename__ = "audit"
    __table_args__ = (index("ix_audit_subject", "subject", "at"),)

    id: str = Field(primary_key=True)
    at: datetime
    actor: str
    channel_id: str | None = None
    action: str
    subject: str
    before: dict[str, Any] | None = json_column(nullable=True)
    after: dict[str, Any] | None = json_column(nullable=True)
    inbox_id: str | None = None

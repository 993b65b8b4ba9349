"""Tables of the open API: keys and given answers."""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from storage.tables import TenantTable, belongs_to_tenant, check, json_column, refers


class ApiKeyRow(TenantTable, table=True):
    """A key, kept as a hash; `last` are its last characters."""

    __tablename__ = "api_keys"
    __table_args__ = (
        belongs_to_tenant(),
        refers("member_id", "members"),
        check("revoked_later", "revoked_at IS NULL OR revoked_at >= created_at"),
    )

    id: str = Field(primary_key=True)
    name: str
    hash: str
    last: str
    scopes: list[Any] = json_column()
    member_id: str | None = None
    created_at: datetime
    revoked_at: datetime | None = None


class ApiRequestRow(TenantTable, table=True):
    """The answer a request got; `body` is encrypted."""

    __tablename__ = "api_requests"
    __table_args__ = (
        refers("key_id", "api_keys"),
        check("status", "status BETWEEN 200 AND 299"),
    )

    key_id: str = Field(primary_key=True)
    idempotency_key: str = Field(primary_key=True)
    request_hash: str
    status: int
    body: str
    created_at: datetime

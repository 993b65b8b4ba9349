"""The table of what waits for a second person."""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from domain.approvals import ApprovalKind, ApprovalState
from storage.tables import TenantTable, check, index, json_column, one_of, refers, unique


class ApprovalRow(TenantTable, table=True):
    """Something one person asks for and another decides; by trigger only while it is pending."""

    __tablename__ = "approvals"
    __table_args__ = (
        unique("number"),
        refers("customer_id", "customers"),
        refers("asked_by", "members"),
        refers("decided_by", "members"),
        one_of("kind", ApprovalKind),
        one_of("state", ApprovalState),
        check("expires_later", "expires_at > asked_at"),
        check(
            "two_people",
            "decided_by IS NULL OR asked_by IS NULL OR decided_by <> asked_by",
        ),
        check("decided", "(state IN ('approved', 'declined')) = (decided_by IS NOT NULL)"),
        check("ended", "(state = 'pending') = (decided_at IS NULL)"),
        check("version", "version > 0"),
        index("uq_approvals_pending", "subject", where="state = 'pending'", is_unique=True),
        index("ix_approvals_lapsing", "expires_at", where="state = 'pending'"),
    )

    id: str = Field(primary_key=True)
    number: int
    kind: str
    subject: str
    payload: dict[str, Any] = json_column()
    summary: dict[str, Any] = json_column()
    customer_id: str | None = None
    asked_by: str | None = None
    asked_at: datetime
    expires_at: datetime
    state: str
    decided_by: str | None = None
    decided_at: datetime | None = None
    note: str
    version: int

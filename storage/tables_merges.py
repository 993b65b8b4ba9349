"""The table of records of one unit that were merged."""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from storage.tables import TenantTable, big, check, index, json_column, refers


class CustomerMergeRow(TenantTable, table=True):
    """A double merged into another record; by trigger only its undo changes, and that once."""

    __tablename__ = "customer_merges"
    __table_args__ = (
        refers("id", "approvals"),
        refers("merged_id", "customers"),
        refers("kept_id", "customers"),
        check("two_units", "merged_id <> kept_id"),
        check("points", "points >= 0"),
        check("undone", "(undone_at IS NULL) = (parted_key IS NULL)"),
        check("returned", "returned >= 0 AND returned <= points"),
        index("uq_customer_merges_merged", "merged_id", where="undone_at IS NULL", is_unique=True),
        index("ix_customer_merges_kept", "kept_id", "merged_at"),
    )

    id: str = Field(primary_key=True)
    merged_id: str
    kept_id: str
    points: int = big()
    moved: dict[str, Any] = json_column()
    merged_at: datetime
    joined_key: str
    undone_at: datetime | None = None
    parted_key: str | None = None
    returned: int = big()

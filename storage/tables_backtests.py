"""The table of back-tests that have been run."""

from datetime import date, datetime

from sqlalchemy import Text
from sqlmodel import Field

from storage.tables import TenantTable, check, index, refers


class BacktestRow(TenantTable, table=True):
    """What came out of a back-test; append-only by trigger."""

    __tablename__ = "backtests"
    __table_args__ = (
        refers("run_by", "members"),
        check("finished", "finished_at >= started_at"),
        check("days", "first_day IS NULL OR last_day IS NULL OR first_day <= last_day"),
        index("ix_backtests_content", "content_hash", "finished_at"),
    )

    id: str = Field(primary_key=True)
    content_hash: str
    """Of exactly what was tested; empty when only the past was replayed."""
    first_day: date | None = None
    last_day: date | None = None
    started_at: datetime
    finished_at: datetime
    run_by: str | None = None
    is_exact: bool
    result: str = Field(sa_type=Text)
    """The report as JSON."""

"""The tables of back-tests: what was ordered, what came out."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from domain.backtest_orders import OrderState
from storage.tables import TenantTable, big, check, index, one_of, refers


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


class BacktestOrderRow(TenantTable, table=True):
    """A back-test that was ordered; what comes out of it is in backtests, by the same id."""

    __tablename__ = "backtest_orders"
    __table_args__ = (
        refers("ordered_by", "members"),
        refers("key_id", "api_keys"),
        one_of("state", OrderState),
        check("days", "first_day IS NULL OR last_day IS NULL OR first_day <= last_day"),
        check("tries", "tries >= 0"),
        check("played", "played >= 0"),
        check("running", "state <> 'running' OR started_at IS NOT NULL"),
        check("finished", "(state IN ('done', 'failed')) = (finished_at IS NOT NULL)"),
        check("failed", "(state = 'failed') = (reason IS NOT NULL)"),
        index("ix_backtest_orders_open", "ordered_at", where="state IN ('waiting', 'running')"),
    )

    id: str = Field(primary_key=True)
    draft_number: int
    says: str
    first_day: date | None = None
    last_day: date | None = None
    ordered_by: str
    key_id: str
    ordered_at: datetime
    state: str
    due_at: datetime
    """When it may be claimed: while it waits, and when the lease of a running one lapses."""
    tries: int
    started_at: datetime | None = None
    entries: int | None = Field(default=None, sa_type=BigInteger)
    played: int = big()
    finished_at: datetime | None = None
    reason: str | None = None

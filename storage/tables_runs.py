"""Tables of what runs by itself: how far runs have come, and notices of ending points."""

from datetime import datetime

from sqlmodel import Field

from domain.expiry import LEVELS
from storage.tables import TenantTable, big, check, refers


class RunRow(TenantTable, table=True):
    """How far a run has come: a day, a month, perhaps a customer within it."""

    __tablename__ = "runs"

    name: str = Field(primary_key=True)
    place: str
    ran_at: datetime


class ExpiryNoticeRow(TenantTable, table=True):
    """A customer has been told that points end; once per end and level."""

    __tablename__ = "expiry_notices"
    __table_args__ = (
        refers("customer_id", "customers"),
        check("level", f"level IN ({', '.join(str(level) for level in LEVELS)})"),
        check("points", "points > 0"),
    )

    customer_id: str = Field(primary_key=True)
    expires_at: datetime = Field(primary_key=True)
    level: int = Field(primary_key=True)
    points: int = big()
    noticed_at: datetime

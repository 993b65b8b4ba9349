"""The table of gifts between customers."""

from datetime import datetime

from sqlmodel import Field

from domain.gifts import GiftState
from storage.tables import TenantTable, big, check, index, one_of, refers, unique


class GiftRow(TenantTable, table=True):
    """Points one customer gives another; by trigger only its end changes, and that once."""

    __tablename__ = "gifts"
    __table_args__ = (
        unique("number"),
        refers("giver_id", "customers"),
        refers("contact_id", "contacts"),
        refers("receiver_id", "customers"),
        refers("approval_id", "approvals"),
        one_of("state", GiftState),
        check("points", "points > 0"),
        check("two_units", "giver_id <> receiver_id"),
        check("approved", "state = 'given' OR approval_id IS NOT NULL"),
        check("ended", "(state = 'pending') = (ended_at IS NULL)"),
        index("ix_gifts_giver", "giver_id", "month"),
    )

    id: str = Field(primary_key=True)
    number: int
    giver_id: str
    contact_id: str
    receiver_id: str
    points: int = big()
    month: str
    asked_at: datetime
    state: str
    approval_id: str | None = None
    ended_at: datetime | None = None

"""Tables of lotteries: what was promised, what is left of it, and what was drawn."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint
from sqlmodel import Field

from domain.lotteries import LotteryState, PrizeKind
from storage.tables import (
    TenantTable,
    belongs_to_tenant,
    big,
    check,
    index,
    one_of,
    refers,
    unique,
)


class LotteryRow(TenantTable, table=True):
    """A lottery; its terms and, once it is there, its commitment stay, by trigger."""

    __tablename__ = "lotteries"
    __table_args__ = (
        belongs_to_tenant(),
        unique("number"),
        one_of("state", LotteryState),
        check("price", "price > 0"),
        check("closes_later", "closes_at > opens_at"),
        check("limits", "per_day > 0 AND per_customer > 0"),
        check("promised", "(state = 'draft') = (commitment = '')"),
        check("sealed", "(state = 'draft') = (seed IS NULL)"),
        check("published", "(state = 'draft') = (published_at IS NULL)"),
        check("closed", "(state = 'closed') = (closed_at IS NOT NULL)"),
        check("drawn", "drawn >= 0"),
        check("version", "version > 0"),
        index("ix_lotteries_open", "closes_at", where="state = 'open'"),
    )

    id: str = Field(primary_key=True)
    number: int
    name: str
    price: int = big()
    opens_at: datetime
    closes_at: datetime
    per_day: int | None = None
    per_customer: int | None = None
    state: str
    commitment: str
    seed: str | None = None
    """Encrypted until the lottery is closed."""
    drawn: int
    head: str
    published_at: datetime | None = None
    closed_at: datetime | None = None
    version: int


class LotteryPrizeRow(TenantTable, table=True):
    """What some tickets of an urn are good for; by trigger only what is left of it changes."""

    __tablename__ = "lottery_prizes"
    __table_args__ = (
        refers("lottery_id", "lotteries"),
        refers("reward_id", "rewards"),
        one_of("kind", PrizeKind),
        check("tickets", "tickets > 0"),
        check("remaining", "remaining >= 0 AND remaining <= tickets"),
        check("points", "(kind = 'points') = (points > 0)"),
        check("months", "(kind = 'points') = (months > 0)"),
        check("reward", "(kind = 'reward') = (reward_id IS NOT NULL)"),
        check("worth", "worth >= 0"),
    )

    lottery_id: str = Field(primary_key=True)
    place: int = Field(primary_key=True)
    kind: str
    name: str
    tickets: int
    remaining: int
    points: int = big()
    months: int
    reward_id: str | None = None
    has_stock: bool
    worth: int = big()


class DrawRow(TenantTable, table=True):
    """A ticket taken from an urn; append-only by trigger."""

    __tablename__ = "draws"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "lottery_id", "prize"],
            ["lottery_prizes.tenant_id", "lottery_prizes.lottery_id", "lottery_prizes.place"],
        ),
        refers("customer_id", "customers"),
        refers("contact_id", "contacts"),
        unique("lottery_id", "number"),
        unique("source"),
        check("number", "number > 0"),
        check("price", "price > 0"),
        index("ix_draws_customer", "lottery_id", "customer_id", "drawn_at"),
    )

    id: str = Field(primary_key=True)
    lottery_id: str
    number: int
    source: str
    customer_id: str
    contact_id: str
    prize: int
    price: int = big()
    drawn_at: datetime
    previous: str
    hash: str

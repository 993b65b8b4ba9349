"""Tables of the mall: rewards, their stock, and what was bought."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint
from sqlmodel import Field

from domain.redemptions import RedemptionState
from domain.rewards import LimitPeriod, RewardKind, StockMove
from storage.tables import (
    TenantTable,
    belongs_to_tenant,
    big,
    check,
    index,
    json_column,
    one_of,
    refers,
    unique,
)


class RewardRow(TenantTable, table=True):
    """A reward as it is now; a new version replaces it."""

    __tablename__ = "rewards"
    __table_args__ = (
        belongs_to_tenant(),
        unique("number"),
        one_of("kind", RewardKind),
        one_of("limit_period", LimitPeriod),
        check("points", "points > 0"),
        check("money", "cost >= 0 AND value >= 0"),
        check("voucher", "(kind = 'voucher') = (value > 0)"),
        check("limited", "(limit_quantity IS NULL) = (limit_period IS NULL)"),
        check("limit_quantity", "limit_quantity > 0"),
        check("valid_days", "valid_days >= 0"),
        check("closes_later", "opens_at IS NULL OR closes_at IS NULL OR closes_at > opens_at"),
        check("version", "version > 0"),
    )

    id: str = Field(primary_key=True)
    number: int
    name: str
    kind: str
    points: int = big()
    cost: int = big()
    value: int = big()
    description: str
    picture: str
    is_active: bool
    limit_quantity: int | None = None
    limit_period: str | None = None
    tier: str
    segments: list[str] = json_column()
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    valid_days: int | None = None
    is_partly_usable: bool
    needs_contact: bool
    needs_approver: bool
    has_stock: bool
    version: int


class StockRow(TenantTable, table=True):
    """What there is of a reward: the sum of its moves."""

    __tablename__ = "stocks"
    __table_args__ = (
        refers("reward_id", "rewards"),
        check("available", "available >= 0"),
        check("held", "held >= 0"),
        check("gone", "gone >= 0"),
    )

    reward_id: str = Field(primary_key=True)
    available: int = big()
    held: int = big()
    gone: int = big()


class StockMoveRow(TenantTable, table=True):
    """A move of stock; append-only by trigger."""

    __tablename__ = "stock_moves"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "reward_id"], ["stocks.tenant_id", "stocks.reward_id"]),
        # Stock is set aside before the redemption has its number, whose counter everybody shares.
        ForeignKeyConstraint(
            ["tenant_id", "redemption_id"],
            ["redemptions.tenant_id", "redemptions.id"],
            deferrable=True,
            initially="DEFERRED",
        ),
        one_of("move", StockMove),
        check("quantity", "quantity > 0"),
        index("ix_stock_moves_reward", "reward_id", "at", "id"),
        index(
            "ix_stock_moves_redemption",
            "redemption_id",
            where="redemption_id IS NOT NULL",
        ),
    )

    id: str = Field(primary_key=True)
    reward_id: str
    move: str
    quantity: int = big()
    redemption_id: str | None = None
    actor: str
    at: datetime
    note: str


class RedemptionRow(TenantTable, table=True):
    """What one customer bought once; by trigger what it was bought on never changes."""

    __tablename__ = "redemptions"
    __table_args__ = (
        unique("number"),
        unique("source"),
        refers("customer_id", "customers"),
        refers("contact_id", "contacts"),
        refers("member_id", "members"),
        refers("reward_id", "rewards"),
        refers("agreed_by", "contacts"),
        refers("approved_by", "members"),
        one_of("kind", RewardKind),
        one_of("state", RedemptionState),
        check("quantity", "quantity > 0"),
        check("points_each", "points_each >= 0"),
        check("handed_over", "fulfilled >= 0 AND refunded >= 0"),
        check("no_more", "fulfilled + refunded <= quantity"),
        check("two_contacts", "agreed_by IS NULL OR contact_id IS NULL OR agreed_by <> contact_id"),
        check(
            "two_members", "approved_by IS NULL OR member_id IS NULL OR approved_by <> member_id"
        ),
        check(
            "all_agreed",
            "state NOT IN ('placed', 'fulfilled', 'refunded') OR"
            " NOT (waits_for_contact OR waits_for_approver OR waits_for_confirmation)",
        ),
        check(
            "placed", "state NOT IN ('placed', 'fulfilled', 'refunded') OR placed_at IS NOT NULL"
        ),
        check("ended", "(state IN ('held', 'placed')) = (ended_at IS NULL)"),
        check("version", "version > 0"),
        index("ix_redemptions_customer", "customer_id", "number"),
        index("ix_redemptions_taken", "customer_id", "reward_id", "held_at"),
        index("ix_redemptions_overdue", "expires_at", where="state = 'held'"),
        index("ix_redemptions_placed", "placed_at", where="state = 'placed'"),
    )

    id: str = Field(primary_key=True)
    number: int
    source: str
    customer_id: str
    contact_id: str | None = None
    member_id: str | None = None
    reward_id: str
    reward_version: int
    name: str
    kind: str
    quantity: int
    points_each: int = big()
    cost_each: int = big()
    value_each: int = big()
    valid_days: int | None = None
    is_partly_usable: bool
    has_stock: bool
    waits_for_contact: bool
    waits_for_approver: bool
    waits_for_confirmation: bool
    held_at: datetime
    expires_at: datetime
    state: str
    agreed_by: str | None = None
    approved_by: str | None = None
    placed_at: datetime | None = None
    ended_at: datetime | None = None
    fulfilled: int
    refunded: int
    note: str
    version: int

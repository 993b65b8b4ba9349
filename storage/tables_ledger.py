"""Tables of the ledger: wallets, entries, lots, what entries do to lots, and holds."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint
from sqlmodel import Field

from domain.holds import HoldState
from domain.ledger import Account, Reason
from storage.tables import TenantTable, big, check, index, one_of, refers, unique


class WalletRow(TenantTable, table=True):
    """A customer's points as they are after the last entry."""

    __tablename__ = "wallets"
    __table_args__ = (
        refers("customer_id", "customers"),
        check("available", "available >= 0"),
        check("held", "held >= 0"),
        check("pending", "pending >= 0"),
        check("debt", "debt >= 0"),
        check("points_or_debt", "available = 0 OR debt = 0"),
        check("seq", "seq >= 0"),
    )

    customer_id: str = Field(primary_key=True)
    available: int = big()
    held: int = big()
    pending: int = big()
    debt: int = big()
    seq: int = big()
    head: str


class EntryRow(TenantTable, table=True):
    """One movement of points; append-only by trigger.

    A reversal may be several entries (points, lapsed points, debt): `reversal_part` numbers them,
    so that an entry is reversed by one posting only. `form` says how the hash is made.
    """

    __tablename__ = "entries"
    __table_args__ = (
        unique("key"),
        unique("customer_id", "seq"),
        unique("reverses", "reversal_part"),
        ForeignKeyConstraint(
            ["tenant_id", "customer_id"], ["wallets.tenant_id", "wallets.customer_id"]
        ),
        refers("event_id", "events"),
        refers("reverses", "entries"),
        one_of("debit", Account),
        one_of("credit", Account),
        one_of("reason", Reason),
        check("two_accounts", "debit <> credit"),
        check("points", "points > 0"),
        check("seq", "seq > 0"),
        check("available_after", "available_after >= 0"),
        check("debt_after", "debt_after >= 0"),
        check("held_after", "held_after >= 0"),
        check("pending_after", "pending_after >= 0"),
        check("points_or_debt", "available_after = 0 OR debt_after = 0"),
        check("qualifying", "qualifying = 0 OR qualifying = points"),
        check("form", "form IN (1, 2)"),
        check("reversal", "(reverses IS NULL) = (reversal_part IS NULL)"),
        index("ix_entries_event", "event_id", "seq", where="event_id IS NOT NULL"),
        index("ix_entries_own", "recorded_at", where="event_id IS NULL"),
    )

    id: str = Field(primary_key=True)
    customer_id: str
    seq: int = big()
    debit: str
    credit: str
    points: int = big()
    reason: str
    event_id: str | None = None
    rule: str | None = None
    rule_version: int | None = None
    actor: str
    effective_at: datetime
    recorded_at: datetime
    cause_key: str
    key: str
    reverses: str | None = None
    reversal_part: int | None = None
    available_after: int = big()
    debt_after: int = big()
    previous: str
    hash: str
    form: int
    held_after: int = big()
    pending_after: int = big()
    qualifying: int = big()
    period: str
    corrects: str | None = None
    event_seal: str | None = None
    note: str | None = None


class LotRow(TenantTable, table=True):
    """Points earned together; only `remaining` changes, and `is_pending` once, by trigger."""

    __tablename__ = "lots"
    __table_args__ = (
        unique("entry_id"),
        refers("entry_id", "entries"),
        ForeignKeyConstraint(
            ["tenant_id", "customer_id"], ["wallets.tenant_id", "wallets.customer_id"]
        ),
        check("points", "points > 0"),
        check("remaining", "remaining >= 0 AND remaining <= points"),
        check("pending", "NOT is_pending OR matures_at IS NOT NULL"),
        # With what is left, so that adding up a wallet's ends reads the index alone.
        index(
            "ix_lots_open",
            "customer_id",
            "expires_at",
            "id",
            "remaining",
            where="remaining > 0 AND NOT is_pending",
        ),
        index("ix_lots_expiry", "expires_at", where="remaining > 0 AND NOT is_pending"),
        index("ix_lots_maturity", "matures_at", "customer_id", where="is_pending"),
    )

    id: str = Field(primary_key=True)
    customer_id: str
    entry_id: str
    points: int = big()
    remaining: int = big()
    earned_at: datetime
    expires_at: datetime
    matures_at: datetime | None = None
    is_pending: bool


class LotUseRow(TenantTable, table=True):
    """What an entry took from a lot, gave back to it or made of it; append-only by trigger."""

    __tablename__ = "lot_uses"
    __table_args__ = (
        refers("entry_id", "entries"),
        refers("lot_id", "lots"),
        one_of("direction", ("take", "give_back", "mature")),
        check("points", "points > 0"),
        index("ix_lot_uses_lot", "lot_id"),
    )

    entry_id: str = Field(primary_key=True)
    place: int = Field(primary_key=True)
    lot_id: str
    direction: str
    points: int = big()


class HoldRow(TenantTable, table=True):
    """Points set aside until they are spent or given back."""

    __tablename__ = "holds"
    __table_args__ = (
        unique("entry_id"),
        refers("entry_id", "entries"),
        ForeignKeyConstraint(
            ["tenant_id", "customer_id"], ["wallets.tenant_id", "wallets.customer_id"]
        ),
        one_of("state", HoldState),
        check("points", "points > 0"),
        check("closed", "(state = 'open') = (closed_at IS NULL)"),
        index("ix_holds_open", "expires_at", where="state = 'open'"),
        index("ix_holds_customer", "customer_id"),
        index("ix_holds_closed", "closed_at", where="closed_at IS NOT NULL"),
    )

    id: str = Field(primary_key=True)
    customer_id: str
    entry_id: str
    points: int = big()
    purpose: str
    state: str
    held_at: datetime
    expires_at: datetime
    closed_at: datetime | None = None

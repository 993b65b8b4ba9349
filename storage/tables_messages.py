"""Tables of what comes in and goes out: inbox, tickets, cards, deliveries."""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from domain.deliveries import DeliveryKind, DeliveryState
from domain.inbox import InboxState
from domain.tickets import TicketKind
from storage.tables import TenantTable, check, index, json_column, one_of, refers, unique


class InboxRow(TenantTable, table=True):
    """A verified incoming callback, handled once."""

    __tablename__ = "inbox"
    __table_args__ = (
        unique("channel_id", "source_id"),
        one_of("state", InboxState),
        check("attempts", "attempts >= 0"),
        index("ix_inbox_new", "next_at", where="state = 'new'"),
        index("ix_inbox_parked", "channel_id", "sender", where="state = 'parked'"),
        index("ix_inbox_account", "channel_id", "sender", "received_at", "id"),
    )

    id: str = Field(primary_key=True)
    channel_id: str
    source_id: str
    sender: str
    payload: dict[str, Any] = json_column()
    received_at: datetime
    state: str
    attempts: int
    answer: dict[str, Any] | None = json_column(nullable=True)
    reference: str | None = None
    next_at: datetime
    finished_at: datetime | None = None


class TicketRow(TenantTable, table=True):
    """A card's right to act once."""

    __tablename__ = "tickets"
    __table_args__ = (
        one_of("kind", TicketKind),
        check("ends_later", "expires_at > created_at"),
        index("ix_tickets_open", "contact_id", where="contact_id IS NOT NULL AND used_at IS NULL"),
        index(
            "ix_tickets_open_of_member",
            "member_id",
            "kind",
            "expires_at",
            where="member_id IS NOT NULL AND used_at IS NULL",
        ),
    )

    id: str = Field(primary_key=True)
    kind: str
    member_id: str | None = None
    contact_id: str | None = None
    payload: dict[str, Any] = json_column()
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


class CardRow(TenantTable, table=True):
    """A card that stands on somebody's phone."""

    __tablename__ = "cards"
    __table_args__ = (index("ix_cards_subject", "subject", where="subject IS NOT NULL"),)

    key: str = Field(primary_key=True)
    channel_id: str
    external_id: str
    subject: str | None = None
    view: str
    sent_at: datetime
    response_code: str | None = None
    response_code_at: datetime | None = None


class DeliveryRow(TenantTable, table=True):
    """One outgoing message to one account."""

    __tablename__ = "deliveries"
    __table_args__ = (
        unique("channel_id", "external_id", "dedupe_key"),
        one_of("kind", DeliveryKind),
        one_of("state", DeliveryState),
        check("attempts", "attempts >= 0"),
        check("lease", "(state = 'sending') = (lease_until IS NOT NULL)"),
        index("ix_deliveries_due", "created_at", where="state IN ('queued', 'sending')"),
        index(
            "ix_deliveries_account",
            "channel_id",
            "external_id",
            "created_at",
            where="state IN ('queued', 'sending')",
        ),
        index(
            "ix_deliveries_sent",
            "channel_id",
            "external_id",
            "sent_at",
            where="sent_at IS NOT NULL",
        ),
        index(
            "uq_deliveries_contact",
            "contact_id",
            "dedupe_key",
            where="contact_id IS NOT NULL",
            is_unique=True,
        ),
        index("ix_deliveries_contact", "contact_id", "created_at", where="contact_id IS NOT NULL"),
        index("ix_deliveries_held", "contact_id", "created_at", where="state = 'held'"),
        index("ix_deliveries_carried", "carried_by", where="carried_by IS NOT NULL"),
        index("ix_deliveries_card", "card_key", "id", where="card_key IS NOT NULL"),
        index("ix_deliveries_day_heads", "view", where="view = 'day_head_notice'"),
        index("ix_deliveries_in_band", "inbox_id", where="state = 'in_band'"),
        index(
            "ix_deliveries_subject", "subject", "created_at", where="state IN ('queued', 'sending')"
        ),
    )

    id: str = Field(primary_key=True)
    channel_id: str
    external_id: str
    kind: str
    view: str
    data: dict[str, Any] = json_column()
    dedupe_key: str
    created_at: datetime
    state: str
    subject: str | None = None
    card_key: str | None = None
    inbox_id: str | None = None
    reply_handle: dict[str, Any] | None = json_column(nullable=True)
    attempts: int
    next_at: datetime | None = None
    reason: str | None = None
    lease_until: datetime | None = None
    sent_at: datetime | None = None
    platform_ref: str | None = None
    contact_id: str | None = None
    let_go: int | None = None
    since: datetime | None = None
    told_by: str | None = None
    carried_by: str | None = None


class DeliveryAttemptRow(TenantTable, table=True):
    """How one try to send went; append-only by trigger."""

    __tablename__ = "delivery_attempts"
    __table_args__ = (refers("delivery_id", "deliveries"),)

    delivery_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    at: datetime
    outcome: str
    code: str | None = None

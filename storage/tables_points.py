"""Tables of events, rules, the ledger, reviews and alerts."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint
from sqlmodel import Field

from domain.alerts import AlertKind, AlertState, Cause, Measure, Severity
from domain.events import EventType
from domain.ledger import Account, Reason
from domain.rules import DebtPolicy, Direction
from storage.tables import (
    TenantTable,
    big,
    check,
    index,
    json_column,
    one_of,
    refers,
    unique,
)


class EventRow(TenantTable, table=True):
    """A business event, counted once per (source, source id)."""

    __tablename__ = "events"
    __table_args__ = (
        unique("source", "source_id"),
        refers("customer_id", "customers"),
        refers("project_id", "projects"),
        refers("recorded_by", "members"),
        one_of("type", EventType),
        index(
            "ix_events_recorder",
            "recorded_by",
            "type",
            "recorded_at",
            where="recorded_by IS NOT NULL",
        ),
    )

    id: str = Field(primary_key=True)
    source: str
    source_id: str
    type: str
    customer_id: str
    project_id: str | None = None
    occurred_at: datetime
    recorded_at: datetime
    recorded_by: str | None = None
    data: dict[str, Any] = json_column()
    evidence: str | None = None
    content_hash: str


class RuleVersionRow(TenantTable, table=True):
    """One version of a rule."""

    __tablename__ = "rule_versions"
    __table_args__ = (
        one_of("event_type", EventType),
        one_of("direction", Direction),
        one_of("debt_policy", DebtPolicy),
        check("version", "version > 0"),
        check("valid_months", "valid_months > 0"),
        check("ends_later", "effective_to IS NULL OR effective_to > effective_from"),
    )

    code: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    event_type: str
    conditions: list[Any] = json_column()
    formula: dict[str, Any] = json_column()
    direction: str
    valid_months: int
    debt_policy: str
    effective_from: datetime
    effective_to: datetime | None = None


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

    A reversal may be two entries (points and debt): `reversal_part` numbers them, so that an entry
    is reversed by one posting only.
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
        check("reversal", "(reverses IS NULL) = (reversal_part IS NULL)"),
        index("ix_entries_event", "event_id", "seq", where="event_id IS NOT NULL"),
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


class LotRow(TenantTable, table=True):
    """Points earned together; only `remaining` changes, by trigger."""

    __tablename__ = "lots"
    __table_args__ = (
        unique("entry_id"),
        refers("entry_id", "entries"),
        ForeignKeyConstraint(
            ["tenant_id", "customer_id"], ["wallets.tenant_id", "wallets.customer_id"]
        ),
        check("points", "points > 0"),
        check("remaining", "remaining >= 0 AND remaining <= points"),
        index("ix_lots_open", "customer_id", "expires_at", "id", where="remaining > 0"),
        index("ix_lots_expiry", "expires_at", where="remaining > 0"),
    )

    id: str = Field(primary_key=True)
    customer_id: str
    entry_id: str
    points: int = big()
    remaining: int = big()
    earned_at: datetime
    expires_at: datetime


class LotUseRow(TenantTable, table=True):
    """What an entry took from a lot or gave back to it; append-only by trigger."""

    __tablename__ = "lot_uses"
    __table_args__ = (
        refers("entry_id", "entries"),
        refers("lot_id", "lots"),
        one_of("direction", ("take", "give_back")),
        check("points", "points > 0"),
        index("ix_lot_uses_lot", "lot_id"),
    )

    entry_id: str = Field(primary_key=True)
    place: int = Field(primary_key=True)
    lot_id: str
    direction: str
    points: int = big()


class ReviewRow(TenantTable, table=True):
    """What a customer thinks of the work."""

    __tablename__ = "reviews"
    __table_args__ = (
        refers("customer_id", "customers"),
        refers("contact_id", "contacts"),
        refers("project_id", "projects"),
        check("stars", "stars BETWEEN 1 AND 5"),
        index("ix_reviews_project", "project_id", "given_at"),
    )

    id: str = Field(primary_key=True)
    customer_id: str
    contact_id: str
    project_id: str
    stars: int
    text: str
    given_at: datetime


class AlertRow(TenantTable, table=True):
    """Something a person must act on; at most one open per cause."""

    __tablename__ = "alerts"
    __table_args__ = (
        unique("number"),
        refers("customer_id", "customers"),
        refers("project_id", "projects"),
        refers("review_id", "reviews"),
        refers("taken_by", "members"),
        one_of("kind", AlertKind),
        one_of("severity", Severity),
        one_of("state", AlertState),
        one_of("cause", Cause),
        one_of("measure", Measure),
        check("occurrences", "occurrences > 0"),
        check("reopened", "reopened >= 0"),
        check("version", "version > 0"),
        check("taken", "(taken_by IS NULL) = (taken_at IS NULL)"),
        check("taken_state", "(state = 'new') = (taken_by IS NULL)"),
        check("resolved", "(state = 'resolved') = (resolved_at IS NOT NULL)"),
        check("confirmed", "confirmed_at IS NULL OR state = 'resolved'"),
        check("closed", "state <> 'resolved' OR (cause IS NOT NULL AND measure IS NOT NULL)"),
        index("uq_alerts_open", "dedupe_key", where="state <> 'resolved'", is_unique=True),
    )

    id: str = Field(primary_key=True)
    number: int
    kind: str
    severity: str
    dedupe_key: str
    customer_id: str
    project_id: str | None = None
    review_id: str | None = None
    opened_at: datetime
    state: str
    occurrences: int
    taken_by: str | None = None
    taken_at: datetime | None = None
    resolved_at: datetime | None = None
    confirmed_at: datetime | None = None
    cause: str | None = None
    measure: str | None = None
    note: str
    reopened: int
    version: int

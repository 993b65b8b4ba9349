"""Tables of events, rules, the programme and the counters that caps and tiers go by."""

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field

from domain.events import EventType
from storage.tables import TenantTable, big, check, index, one_of, refers, unique


class EventRow(TenantTable, table=True):
    """A business event, counted once per (source, source id); append-only by trigger.

    `data`, `facts` and `outcomes` are JSON texts exactly as they were sealed.
    """

    __tablename__ = "events"
    __table_args__ = (
        unique("source", "source_id"),
        refers("customer_id", "customers"),
        refers("project_id", "projects"),
        refers("recorded_by", "members"),
        refers("contact_id", "contacts"),
        refers("batch_id", "import_batches"),
        one_of("type", EventType),
        index(
            "ix_events_recorder",
            "recorded_by",
            "type",
            "recorded_at",
            "id",
            where="recorded_by IS NOT NULL",
        ),
        index("ix_events_customer", "customer_id", "type", "occurred_at"),
        index("ix_events_batch", "batch_id", "recorded_at", "id", where="batch_id IS NOT NULL"),
        index("ix_events_recorded", "recorded_at", "id"),
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
    data: str = Field(sa_type=Text)
    evidence: str | None = None
    content_hash: str
    contact_id: str | None = None
    batch_id: str | None = None
    facts: str = Field(sa_type=Text)
    outcomes: str = Field(sa_type=Text)
    twin_key: str
    seal: str | None = None
    """Empty for events from before sealing."""


class EventUndoRow(TenantTable, table=True):
    """An event's undo; its key is what makes it happen once. Append-only by trigger."""

    __tablename__ = "event_undos"
    __table_args__ = (refers("event_id", "events"),)

    event_id: str = Field(primary_key=True)
    undone_at: datetime
    actor: str


class ImportBatchRow(TenantTable, table=True):
    """Events that came in together from a file."""

    __tablename__ = "import_batches"
    __table_args__ = (
        refers("created_by", "members"),
        check("rows", "row_count >= 0"),
        index("ix_import_batches_time", "created_at"),
    )

    id: str = Field(primary_key=True)
    name: str
    file_hash: str
    row_count: int
    created_at: datetime
    created_by: str | None = None
    undone_at: datetime | None = None


class RuleVersionRow(TenantTable, table=True):
    """A published version of a rule; only its withdrawal can be added, by trigger."""

    __tablename__ = "rule_versions"
    __table_args__ = (
        one_of("event_type", EventType),
        refers("published_by", "members"),
        refers("approved_by", "members"),
        check("version", "version > 0"),
        check("ends_later", "effective_to IS NULL OR effective_to > effective_from"),
        check("two_people", "approved_by IS NULL OR approved_by <> published_by"),
    )

    code: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    name: str
    event_type: str
    effective_from: datetime
    effective_to: datetime | None = None
    content: str = Field(sa_type=Text)
    """The whole rule as its canonical JSON text."""
    content_hash: str
    published_at: datetime
    published_by: str | None = None
    approved_by: str | None = None
    withdrawn_at: datetime | None = None
    """Set when a version is taken back before it has begun."""


class ProgrammeVersionRow(TenantTable, table=True):
    """A published version of the programme: general caps, tiers, the cost of a point."""

    __tablename__ = "programme_versions"
    __table_args__ = (
        refers("published_by", "members"),
        refers("approved_by", "members"),
        check("version", "version > 0"),
        check("two_people", "approved_by IS NULL OR approved_by <> published_by"),
    )

    version: int = Field(primary_key=True)
    effective_from: datetime
    content: str = Field(sa_type=Text)
    content_hash: str
    published_at: datetime
    published_by: str | None = None
    approved_by: str | None = None


class CapCounterRow(TenantTable, table=True):
    """How far a cap's window is used; what it counts for stands in the key."""

    __tablename__ = "cap_counters"
    __table_args__ = (check("points", "points >= 0"), check("times", "times >= 0"))

    key: str = Field(primary_key=True)
    points: int = big()
    times: int = big()


class EarnedMonthRow(TenantTable, table=True):
    """Qualifying points a customer has earned in a month; the month is counted from year 0."""

    __tablename__ = "earned_months"
    __table_args__ = (
        refers("customer_id", "customers"),
        check("points", "points >= 0"),
    )

    customer_id: str = Field(primary_key=True)
    month: int = Field(primary_key=True)
    points: int = big()


class ClosedMonthRow(TenantTable, table=True):
    """A month finance has closed; no entry counts in it any more, by trigger."""

    __tablename__ = "closed_months"
    __table_args__ = (refers("closed_by", "members"),)

    month: str = Field(primary_key=True)
    closed_at: datetime
    closed_by: str | None = None


class SegmentRow(TenantTable, table=True):
    """A segment a customer belongs to."""

    __tablename__ = "customer_segments"
    __table_args__ = (refers("customer_id", "customers"),)

    customer_id: str = Field(primary_key=True)
    segment: str = Field(primary_key=True)

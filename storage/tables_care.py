"""Tables of reviews and the alerts they raise."""

from datetime import datetime

from sqlmodel import Field

from domain.alerts import AlertKind, AlertState, Cause, Measure, Severity
from storage.tables import TenantTable, check, index, one_of, refers, unique


class ReviewRow(TenantTable, table=True):
    """What a customer thinks of the work."""

    __tablename__ = "reviews"
    __table_args__ = (
        refers("customer_id", "customers"),
        refers("contact_id", "contacts"),
        refers("project_id", "projects"),
        check("stars", "stars BETWEEN 1 AND 5"),
        index("ix_reviews_project", "project_id", "given_at"),
        index("ix_reviews_customer", "customer_id", "given_at", "id"),
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
        index("ix_alerts_dedupe", "dedupe_key"),
    )

    id: str = Field(primary_key=True)
    number: int
    kind: str
    severity: str
    dedupe_key: str
    customer_id: str | None = None
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
    about: str

"""Business events: facts with a source id that rules turn into points."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256

from domain.ids import CustomerId, EventId, MemberId, ProjectId

EventValue = str | int | bool
"""Event data are texts, whole numbers (fen, days, points) or flags; dates are ISO texts."""


class EventType(StrEnum):
    """What can happen; the data each carries stands in the public contract."""

    CONTRACT_SIGNED = "contract_signed"
    MILESTONE_ACCEPTED = "milestone_accepted"
    PAYMENT_RECEIVED = "payment_received"
    SUGGESTION_ADOPTED = "suggestion_adopted"
    REFERRAL_SIGNED = "referral_signed"
    COMPLAINT_CLOSED = "complaint_closed"
    REVIEW_SUBMITTED = "review_submitted"
    CHECK_IN = "check_in"
    SURVEY_COMPLETED = "survey_completed"


@dataclass(frozen=True, slots=True)
class BusinessEvent:
    """One fact, counted once per (source, source id)."""

    id: EventId
    source: str
    source_id: str
    type: EventType
    customer: CustomerId
    project: ProjectId | None
    occurred_at: datetime
    recorded_at: datetime
    recorded_by: MemberId | None
    data: dict[str, EventValue]
    evidence: str | None = None
    """The inbox item or file the fact was read from."""


def facts_of(event: BusinessEvent) -> dict[str, EventValue]:
    """Give what rules can ask about an event: its data and what follows from them (days_late)."""
    facts = dict(event.data)
    planned_on, accepted_on = facts.get("planned_on"), facts.get("accepted_on")
    if isinstance(planned_on, str) and isinstance(accepted_on, str):
        late = date.fromisoformat(accepted_on) - date.fromisoformat(planned_on)
        facts["days_late"] = late.days
    return facts


def content_hash(event: BusinessEvent) -> str:
    """Hash what the fact says, so that the same id with other content can be refused."""
    said = [
        event.type,
        event.customer,
        event.project,
        event.occurred_at.isoformat(),
        event.data,
    ]
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()

"""Business events: facts with a source id that rules turn into points."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property

from domain.calendar import business_date
from domain.ids import BatchId, ContactId, CustomerId, EventId, MemberId, ProjectId
from domain.sealing import instant, sealed
from domain.values import caching_value_type

EventValue = str | int | bool
"""Event data are texts, whole numbers (fen, days, points) or flags; dates are ISO texts."""
FactValue = EventValue | tuple[str, ...]
Facts = Mapping[str, FactValue]
"""What rules can ask about an event, by field; the fields stand in domain/rules/fields."""
CHAT_SOURCE = "chat"
OWN_SOURCES = frozenset({CHAT_SOURCE})
"""Sources the program writes itself; no other system may speak for them."""


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


@caching_value_type
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
    contact: ContactId | None = None
    """The customer's contact who did it, where somebody did."""
    batch: BatchId | None = None
    """The import it came with."""

    @cached_property
    def data_text(self) -> str:
        """Give the data as they are stored and hashed."""
        return json_text(self.data)


@caching_value_type
class Counted:
    """An event as it is kept: with what rules were told about it and what they made of it."""

    event: BusinessEvent
    content_hash: str
    facts: str
    """The facts beyond the event's own data, as JSON."""
    outcomes: str
    """What each rule made of it, as JSON (domain/outcomes)."""

    @cached_property
    def seal(self) -> str:
        """Give the hash by which the event's entries vouch for all of it."""
        event = self.event
        return sealed(
            (
                event.id,
                event.source,
                event.source_id,
                event.type,
                event.customer,
                event.project,
                instant(event.occurred_at),
                instant(event.recorded_at),
                event.recorded_by,
                event.data_text,
                event.evidence,
                event.contact,
                event.batch,
                self.content_hash,
                self.facts,
                self.outcomes,
            )
        )


_LATE_DATES = (("planned_on", "accepted_on"), ("due_on", "paid_on"))


def facts_of(event: BusinessEvent) -> dict[str, FactValue]:
    """Give what rules can ask about an event: its data and what follows from them (days_late)."""
    return facts_in(event.data)


def facts_in(data: Mapping[str, EventValue]) -> dict[str, FactValue]:
    """Give what rules can ask about an event with such data."""
    facts: dict[str, FactValue] = dict(data)
    for planned, actual in _LATE_DATES:
        due, done = facts.get(planned), facts.get(actual)
        if isinstance(due, str) and isinstance(done, str):
            facts["days_late"] = (date.fromisoformat(done) - date.fromisoformat(due)).days
    return facts


def content_hash(event: BusinessEvent) -> str:
    """Hash what the fact says, so that the same id with other content can be refused."""
    return sealed(
        (
            event.type,
            event.customer,
            event.project,
            instant(event.occurred_at),
            event.contact,
            event.data_text,
        )
    )


def twin_key(event: BusinessEvent) -> str:
    """Name the fact whoever tells it: two events with one key are likely the same thing twice.

    The business day counts, not the hour; an amount counts, but no milestone's name: each system
    has its own words for those.
    """
    named = event.data.get("amount") or event.data.get("referred")
    day = business_date(event.occurred_at).isoformat()
    return sealed((event.type, event.customer, event.project, event.contact, day, str(named or "")))


def json_text(value: Mapping[str, object] | list[object]) -> str:
    """Give the one JSON text that is stored and hashed."""
    return _dump(value)


_dump = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode

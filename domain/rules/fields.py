"""What rules can ask: the fields of each kind of event, of its project and of its customer."""

from enum import StrEnum

from domain.events import EventType
from domain.rules.model import Comparison, PerDay, Range, RuleVersion


class FieldKind(StrEnum):
    """What a field holds."""

    AMOUNT = "amount"
    """Money in fen."""
    NUMBER = "number"
    TEXT = "text"
    FLAG = "flag"
    TEXTS = "texts"
    """Several texts; EQUALS and ONE_OF ask whether it has one."""


DAYS_LATE = "days_late"
TIER = "customer.tier"
SEGMENTS = "customer.segments"
CONTACT = "contact"
PROJECT = "project.code"
MANAGER = "project.manager"

COMMON: dict[str, FieldKind] = {
    CONTACT: FieldKind.TEXT,
    PROJECT: FieldKind.TEXT,
    "project.stage": FieldKind.TEXT,
    "project.type": FieldKind.TEXT,
    MANAGER: FieldKind.TEXT,
    "customer.code": FieldKind.TEXT,
    "customer.type": FieldKind.TEXT,
    TIER: FieldKind.TEXT,
    SEGMENTS: FieldKind.TEXTS,
}
"""What can be asked about every event."""

OF_EVENT: dict[EventType, dict[str, FieldKind]] = {
    EventType.CONTRACT_SIGNED: {"amount": FieldKind.AMOUNT},
    EventType.MILESTONE_ACCEPTED: {"milestone": FieldKind.TEXT, DAYS_LATE: FieldKind.NUMBER},
    EventType.PAYMENT_RECEIVED: {"amount": FieldKind.AMOUNT, DAYS_LATE: FieldKind.NUMBER},
    EventType.SUGGESTION_ADOPTED: {},
    EventType.REFERRAL_SIGNED: {"referred": FieldKind.TEXT},
    EventType.COMPLAINT_CLOSED: {"satisfied": FieldKind.FLAG},
    EventType.REVIEW_SUBMITTED: {
        "stars": FieldKind.NUMBER,
        "length": FieldKind.NUMBER,
        "photos": FieldKind.NUMBER,
    },
    EventType.CHECK_IN: {},
    EventType.SURVEY_COMPLETED: {},
}
"""What can be asked about one kind of event, beside the common fields."""

PLAUSIBLE: dict[str, Range] = {
    "amount": Range(1, None),
    "stars": Range(1, 5),
    "length": Range(0, None),
    "photos": Range(0, None),
}
"""The numbers a field can have in practice; others can have any."""

WITH_PROJECT = frozenset(
    {
        EventType.CONTRACT_SIGNED,
        EventType.MILESTONE_ACCEPTED,
        EventType.PAYMENT_RECEIVED,
        EventType.COMPLAINT_CLOSED,
        EventType.REVIEW_SUBMITTED,
    }
)
"""Events that are about a project as a rule; the others seldom name one."""

_ORDERED = frozenset(Comparison)
_NAMED = frozenset({Comparison.EQUALS, Comparison.DIFFERS, Comparison.ONE_OF, Comparison.NONE_OF})
COMPARISONS: dict[FieldKind, frozenset[Comparison]] = {
    FieldKind.AMOUNT: _ORDERED,
    FieldKind.NUMBER: _ORDERED,
    FieldKind.TEXT: _NAMED,
    FieldKind.FLAG: frozenset({Comparison.EQUALS, Comparison.DIFFERS}),
    FieldKind.TEXTS: _NAMED,
}
"""How each kind of field can be compared."""


def fields_of(trigger: EventType) -> dict[str, FieldKind]:
    """Give everything a rule with this trigger can ask."""
    return COMMON | OF_EVENT[trigger]


def fields_asked(rule: RuleVersion) -> list[str]:
    """List the fields a rule's conditions and formula ask for."""
    asked = {condition.field for condition in rule.conditions}
    formula = rule.formula
    if isinstance(formula, PerDay):
        asked.add(DAYS_LATE)
    asked.update(getattr(formula, "columns", ()))
    if isinstance(field_name := getattr(formula, "field", None), str):
        asked.add(field_name)
    return sorted(asked)

"""Alerts: something a person must act on, from new to resolved.

    NEW --take--> TAKEN --resolve(cause, measure)--> RESOLVED --customer: not solved--> NEW
                                                              --customer: solved--> confirmed

First click wins; everybody else learns who took it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.errors import AlertClosed, AlertNotTaken, AlertTaken
from domain.ids import AlertId, CustomerId, MemberId, ProjectId, ReviewId


class AlertKind(StrEnum):
    """What raised the alert."""

    BAD_REVIEW = "bad_review"
    DRIFT = "drift"
    """The nightly reconciliation has found records that don't agree."""
    DAMAGE = "damage"
    """The nightly verification has found the ledger changed behind our back."""
    EVENT_CONFLICT = "event_conflict"
    """Another system tells the same event again with other content."""


class Severity(StrEnum):
    """How fast a person must act; RED goes out at any hour."""

    RED = "red"
    AMBER = "amber"


class AlertState(StrEnum):
    """Where an alert is in its life."""

    NEW = "new"
    TAKEN = "taken"
    RESOLVED = "resolved"


class Cause(StrEnum):
    """Why it happened, as chosen when closing; feeds the reports."""

    WORKMANSHIP = "workmanship"
    MATERIAL = "material"
    SCHEDULE = "schedule"
    COMMUNICATION = "communication"
    OTHER = "other"


class Measure(StrEnum):
    """What was done about it, as chosen when closing."""

    REWORK = "rework"
    VISIT = "visit"
    COMPENSATION = "compensation"
    EXPLAINED = "explained"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert; at most one per dedupe key is open at a time."""

    id: AlertId
    number: int
    """What people call it by; counts up within the tenant."""
    kind: AlertKind
    severity: Severity
    dedupe_key: str
    customer: CustomerId | None
    """None when it is about the records as a whole."""
    project: ProjectId | None
    review: ReviewId | None
    opened_at: datetime
    state: AlertState = AlertState.NEW
    occurrences: int = 1
    taken_by: MemberId | None = None
    taken_at: datetime | None = None
    resolved_at: datetime | None = None
    confirmed_at: datetime | None = None
    """When the customer said that it is solved."""
    cause: Cause | None = None
    measure: Measure | None = None
    note: str = ""
    reopened: int = 0
    about: str = ""
    """What it is about where no review says it: kinds of drift, or an event's source and id."""
    version: int = 1
    """Grows with every change; a stored alert is only replaced by the version that follows it."""


def bad_review_severity(stars: int) -> Severity:
    """One star is red, two are amber."""
    return Severity.RED if stars <= 1 else Severity.AMBER


def take(alert: Alert, member: MemberId, taken_by_name: str, now: datetime) -> Alert:
    """Take an alert; taking one's own again changes nothing.

    Raises:
        AlertTaken: somebody else was first (`taken_by_name` names who holds it).
        AlertClosed: it is resolved.
    """
    _refuse_closed(alert)
    if alert.state is AlertState.TAKEN and alert.taken_at is not None:
        if alert.taken_by == member:
            return alert
        raise AlertTaken(alert.number, taken_by_name, alert.taken_at)
    return replace(
        alert,
        state=AlertState.TAKEN,
        taken_by=member,
        taken_at=now,
        version=alert.version + 1,
    )


def resolve(
    alert: Alert, member: MemberId, *, cause: Cause, measure: Measure, note: str, now: datetime
) -> Alert:
    """Close an alert with its cause and measure; only who took it can.

    Raises:
        AlertNotTaken: nobody, or somebody else, has taken it.
        AlertClosed: it is resolved.
    """
    _refuse_closed(alert)
    if alert.taken_by != member:
        raise AlertNotTaken(alert.number)
    return replace(
        alert,
        state=AlertState.RESOLVED,
        resolved_at=now,
        cause=cause,
        measure=measure,
        note=note,
        version=alert.version + 1,
    )


def reopen(alert: Alert, now: datetime) -> Alert:
    """Put a resolved alert back to new: the customer says it isn't solved.

    An open one stays as it is.
    """
    if alert.state is not AlertState.RESOLVED:
        return alert
    return replace(
        alert,
        state=AlertState.NEW,
        opened_at=now,
        taken_by=None,
        taken_at=None,
        resolved_at=None,
        confirmed_at=None,
        reopened=alert.reopened + 1,
        version=alert.version + 1,
    )


def confirm(alert: Alert, now: datetime) -> Alert:
    """Note that the customer says it is solved; only a resolved alert can be, and once."""
    if alert.state is not AlertState.RESOLVED or alert.confirmed_at is not None:
        return alert
    return replace(alert, confirmed_at=now, version=alert.version + 1)


def repeat(alert: Alert, severity: Severity, review: ReviewId | None) -> Alert:
    """Count one more occurrence on an open alert.

    The newest review shows, the higher severity stays.
    """
    worse = Severity.RED if Severity.RED in (alert.severity, severity) else Severity.AMBER
    return replace(
        alert,
        occurrences=alert.occurrences + 1,
        severity=worse,
        review=review,
        version=alert.version + 1,
    )


def _refuse_closed(alert: Alert) -> None:
    if alert.state is AlertState.RESOLVED and alert.resolved_at is not None:
        raise AlertClosed(alert.number, alert.resolved_at)

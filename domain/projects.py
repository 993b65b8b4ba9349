"""Projects and their milestones, planned and actual."""

from dataclasses import dataclass
from datetime import date

from domain.ids import CustomerId, MemberId, MilestoneId, ProjectId


@dataclass(frozen=True, slots=True)
class Project:
    """A building project of a customer."""

    id: ProjectId
    code: str
    name: str
    customer: CustomerId
    manager: MemberId | None
    stage: str = "construction"
    type: str = ""
    """Such as 房建 or 市政; rules can ask for it."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """A dated step of a project."""

    id: MilestoneId
    project: ProjectId
    name: str
    planned_on: date
    accepted_on: date | None = None


def days_late(planned_on: date, accepted_on: date) -> int:
    """Count the calendar days after the plan; negative when early, 0 on the day."""
    return (accepted_on - planned_on).days

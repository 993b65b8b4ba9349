"""Views of projects and of logging a delivery event."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class RecordPreview:
    """What was understood of a delivery event, before it counts."""

    view_name: ClassVar[str] = "record_preview"
    ticket: str
    project: str
    customer: str
    milestone: str
    planned_on: str
    accepted_on: str
    days_late: int
    points: int
    """Signed: what the customer's points will change by."""
    note: str
    short: int = 0
    """How many points a cap keeps back."""
    twin_at: str = ""
    """When the same fact was told another way; empty when it wasn't."""
    twin_source: str = ""
    """The system that told it."""


@dataclass(frozen=True, slots=True)
class RecordDone:
    """A recorded delivery event: the final state of the preview card."""

    view_name: ClassVar[str] = "record_done"
    project: str
    customer: str
    milestone: str
    accepted_on: str
    days_late: int
    points: int
    available_after: int
    debt_after: int
    notice: str
    """How the customer learns of it: "pushed", "by_hand", "nobody" or "unseen"."""
    recorded_by: str
    recorded_at: str


@dataclass(frozen=True, slots=True)
class RecordCancelled:
    """The preview of a record, or of its undo, was cancelled; nothing was written."""

    view_name: ClassVar[str] = "record_cancelled"
    project: str
    milestone: str
    is_undo: bool = False


@dataclass(frozen=True, slots=True)
class UndoPreview:
    """What would be undone."""

    view_name: ClassVar[str] = "undo_preview"
    ticket: str
    project: str
    customer: str
    milestone: str
    accepted_on: str
    points: int
    """Signed: what the customer's points will change by."""


@dataclass(frozen=True, slots=True)
class UndoDone:
    """A record was undone."""

    view_name: ClassVar[str] = "undo_done"
    project: str
    customer: str
    milestone: str
    points: int
    available_after: int
    debt_after: int


@dataclass(frozen=True, slots=True)
class ProjectLine:
    """One project and its next milestone."""

    name: str
    next_milestone: str
    planned_on: str
    accepted: int
    total: int


@dataclass(frozen=True, slots=True)
class ProjectList:
    """The projects one may see."""

    view_name: ClassVar[str] = "project_list"
    lines: tuple[ProjectLine, ...]

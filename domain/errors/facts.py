"""Refusals about facts that were recorded or undone."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from domain.errors.refusal import DomainError, ErrorCode


@dataclass(eq=False)
class MilestoneRecorded(DomainError):
    """The milestone has been accepted before."""

    code: ClassVar[ErrorCode] = ErrorCode.MILESTONE_RECORDED
    project: str
    milestone: str
    accepted_on: date


@dataclass(eq=False)
class NothingToUndo(DomainError):
    """The actor has no recent record that can be undone."""

    code: ClassVar[ErrorCode] = ErrorCode.NOTHING_TO_UNDO


@dataclass(eq=False)
class AlreadyUndone(DomainError):
    """The entry has been reversed before."""

    code: ClassVar[ErrorCode] = ErrorCode.ALREADY_UNDONE
    seq: int


@dataclass(eq=False)
class EventConflict(DomainError):
    """The same source id came before with other content."""

    code: ClassVar[ErrorCode] = ErrorCode.EVENT_CONFLICT
    source: str
    source_id: str

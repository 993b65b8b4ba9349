"""Refusals about rules, their drafts and their versions."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.errors.refusal import DomainError, ErrorCode


@dataclass(eq=False)
class UnknownRule(DomainError):
    """No rule of that name or code, or no such version of it."""

    code: ClassVar[ErrorCode] = ErrorCode.UNKNOWN_RULE
    asked: str


@dataclass(eq=False)
class UnknownDraft(DomainError):
    """No draft of that number."""

    code: ClassVar[ErrorCode] = ErrorCode.UNKNOWN_DRAFT
    asked: str


@dataclass(eq=False)
class DraftClosed(DomainError):
    """The draft waits for a verdict, was published or was dropped; it can't be changed."""

    code: ClassVar[ErrorCode] = ErrorCode.DRAFT_CLOSED
    number: int
    state: str


@dataclass(eq=False)
class RuleMalformed(DomainError):
    """What was given is no rule and no programme."""

    code: ClassVar[ErrorCode] = ErrorCode.RULE_MALFORMED
    place: str
    """A path ("formula.unit"); empty for the whole of it."""
    problem: str
    """A short name, see domain/rules/codec."""


@dataclass(eq=False)
class RuleHasErrors(DomainError):
    """The check has found what keeps it from being published."""

    code: ClassVar[ErrorCode] = ErrorCode.RULE_HAS_ERRORS
    number: int
    """Of the draft; 0 when an earlier version is to come back."""
    count: int
    place: str
    """Of the first error."""
    finding: str
    """Its code."""


@dataclass(eq=False)
class DraftUntested(DomainError):
    """There is no back-test of exactly what the draft says."""

    code: ClassVar[ErrorCode] = ErrorCode.DRAFT_UNTESTED
    number: int


@dataclass(eq=False)
class UnknownBacktest(DomainError):
    """Nobody has ordered or run a back-test that goes by that."""

    code: ClassVar[ErrorCode] = ErrorCode.UNKNOWN_BACKTEST
    asked: str


@dataclass(eq=False)
class VersionTaken(DomainError):
    """Another version was published since this was asked for, so it was judged beside an old one.

    `version` is the newest one.
    """

    code: ClassVar[ErrorCode] = ErrorCode.VERSION_TAKEN
    rule: str
    version: int


@dataclass(eq=False)
class TooLateToWithdraw(DomainError):
    """The version has begun: events may have been counted by it."""

    code: ClassVar[ErrorCode] = ErrorCode.TOO_LATE_TO_WITHDRAW
    rule: str
    version: int
    started_at: datetime


@dataclass(eq=False)
class NothingToRollBack(DomainError):
    """There is no earlier version that could hold again."""

    code: ClassVar[ErrorCode] = ErrorCode.NOTHING_TO_ROLL_BACK
    rule: str

"""Refusals about the customer file."""

from dataclasses import dataclass
from typing import ClassVar

from domain.errors.refusal import DomainError, ErrorCode


@dataclass(eq=False)
class CustomerExists(DomainError):
    """The unit has a customer already; the surest one first."""

    code: ClassVar[ErrorCode] = ErrorCode.CUSTOMER_EXISTS
    asked: str
    codes: tuple[str, ...]
    names: tuple[str, ...]
    hints: tuple[str, ...]
    """What each has in common with it: values of `Hint`, with blanks between."""


@dataclass(eq=False)
class CustomerAlike(DomainError):
    """The unit probably has a customer already; who knows better may say so."""

    code: ClassVar[ErrorCode] = ErrorCode.CUSTOMER_ALIKE
    asked: str
    codes: tuple[str, ...]
    names: tuple[str, ...]
    hints: tuple[str, ...]
    """What each has in common with it: values of `Hint`, with blanks between."""


@dataclass(eq=False)
class InvalidCreditCode(DomainError):
    """Not a unified social credit code."""

    code: ClassVar[ErrorCode] = ErrorCode.INVALID_CREDIT_CODE
    asked: str
    problem: str
    """length, letters or check."""


@dataclass(eq=False)
class InvalidField(DomainError):
    """A field of a type can't hold this."""

    code: ClassVar[ErrorCode] = ErrorCode.INVALID_FIELD
    name: str
    kind: str
    choices: tuple[str, ...]
    asked: str


@dataclass(eq=False)
class UnknownField(DomainError):
    """The type of customer has no field of this name."""

    code: ClassVar[ErrorCode] = ErrorCode.UNKNOWN_FIELD
    customer_type: str
    name: str
    known: tuple[str, ...]

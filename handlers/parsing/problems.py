"""Why a piece of typed text could not be used.

Problems carry fields, never sentences and never the text itself: what people see is worded in
templates, and what people type may not reach logs or tracebacks.
"""

from dataclasses import dataclass
from datetime import date


class ParseProblem(Exception):
    """Base of every refusal that this package raises."""


class NotANumber(ParseProblem):
    """The text is not an amount in any supported notation."""


class NotPositive(ParseProblem):
    """The amount is zero or negative."""


class NotWhole(ParseProblem):
    """The amount has a fraction finer than the smallest unit (one point, one fen, one star)."""


@dataclass(eq=False)
class TooLarge(ParseProblem):
    """The amount is above the limit, given in the smallest unit."""

    limit: int


class NotADate(ParseProblem):
    """The text is not a date phrase."""


@dataclass(eq=False)
class ImpossibleDate(ParseProblem):
    """The calendar has no such day; `year` is None when the text named none."""

    year: int | None
    month: int
    day: int


@dataclass(eq=False)
class DateOutOfRange(ParseProblem):
    """The day exists but lies outside the accepted range, both ends of which are accepted."""

    earliest: date
    latest: date


@dataclass(eq=False)
class StarsOutOfRange(ParseProblem):
    """The number of stars is outside the scale, both ends of which are accepted."""

    lowest: int
    highest: int


class BadPhone(ParseProblem):
    """The digits are not a mobile number of mainland China."""


class BadPersonName(ParseProblem):
    """The text cannot be the name of one person."""

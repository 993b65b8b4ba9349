"""What a sentence leaves open, in fields that a question can be made of."""

from dataclasses import dataclass
from enum import StrEnum

from handlers.parsing.names import Match
from handlers.parsing.problems import ParseProblem


class Part(StrEnum):
    """A part of a sentence."""

    PROJECT = "project"
    MILESTONE = "milestone"
    DATE = "date"
    OUTCOME = "outcome"
    STARS = "stars"
    CUSTOMER = "customer"
    CONTACT = "contact"
    PHONE = "phone"
    POINTS = "points"
    REASON = "reason"
    PERCENT = "percent"
    """How many times as many points a campaign gives."""
    END = "end"
    """The last day of a campaign."""
    TARGET = "target"
    """Whom or what a campaign is for."""
    RULE = "rule"
    REWARD = "reward"
    QUANTITY = "quantity"
    """How many of a reward."""


class Why(StrEnum):
    """Why a part is open."""

    MISSING = "missing"
    AMBIGUOUS = "ambiguous"
    """Several are meant (or one, not surely): see the choices."""
    FUTURE = "future"
    """A fact cannot lie after today."""
    REFUSED = "refused"
    """It was typed but cannot be: see the problem."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One open part."""

    part: Part
    why: Why
    choices: tuple[Match[str], ...] = ()
    problem: ParseProblem | None = None

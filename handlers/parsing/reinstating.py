"""A wish for expired points in words: 滨江置业 工期顺延."""

from dataclasses import dataclass

from domain.ids import CustomerId
from handlers.parsing.gaps import Gap, Part, Why
from handlers.parsing.mentions import locate_full
from handlers.parsing.names import NameIndex, One, Several, decide
from handlers.parsing.normalise import normalise

_PUNCTUATION = " ,。.:;、"


@dataclass(frozen=True, slots=True)
class ReinstatementFound:
    """Whose points, and why; the grounds may be empty."""

    customer_id: CustomerId
    grounds: str


@dataclass(frozen=True, slots=True)
class ReinstatementUnclear:
    """What is open, and the customer as typed."""

    gaps: tuple[Gap, ...]
    typed: str


def parse_reinstatement(
    text: str, customers: NameIndex[CustomerId]
) -> ReinstatementFound | ReinstatementUnclear:
    """Understand a customer, first in the text, and the grounds after it."""
    clean = normalise(text)
    full = locate_full(clean, customers)
    if full.end and not full.start:
        typed, rest, decision = clean[: full.end], clean[full.end :], full.decision
    else:
        typed, _, rest = clean.partition(" ")
        decision = decide(customers.rank(typed))
    match decision:
        case One(match):
            return ReinstatementFound(match.named.id, rest.strip(_PUNCTUATION))
        case Several(matches):
            gap = Gap(Part.CUSTOMER, Why.AMBIGUOUS, choices=tuple(matches))
            return ReinstatementUnclear((gap,), typed)
        case _:
            return ReinstatementUnclear((Gap(Part.CUSTOMER, Why.MISSING),), typed)

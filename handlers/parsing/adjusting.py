"""An adjustment in words: 滨江置业 +200 渗水补偿."""

import re
from dataclasses import dataclass

from domain.ids import CustomerId
from handlers.parsing.amounts import parse_points
from handlers.parsing.gaps import Gap, Part, Why
from handlers.parsing.names import NameIndex, One, Several, decide
from handlers.parsing.normalise import normalise
from handlers.parsing.problems import ParseProblem

# A minus glued to a name is part of it: 滨江-3 期.
_SIGNED = re.compile(
    r"(?P<sign>(?<![^\s,])[\-\u2010-\u2015\u2212]|[+加减減扣])\s*"
    r"(?P<amount>[0-9零〇一二三四五六七八九十两百千万亿][0-9零〇一二三四五六七八九十两百千万亿,.wWkK]*)"
    r"\s*(?:积?分)?(?=[\s,。:;、]|$)"
)
_PUNCTUATION = " ,。.:;、"


@dataclass(frozen=True, slots=True)
class AdjustmentFound:
    """A customer's points to be changed, signed, and why; the reason may be empty."""

    customer_id: CustomerId
    points: int
    reason: str


@dataclass(frozen=True, slots=True)
class AdjustmentUnclear:
    """What is open, and the customer as typed."""

    gaps: tuple[Gap, ...]
    typed: str


def parse_adjustment(
    text: str, customers: NameIndex[CustomerId]
) -> AdjustmentFound | AdjustmentUnclear:
    """Understand customer, signed points and reason; the sign must be said, nothing is guessed."""
    clean = normalise(text)
    amount = _SIGNED.search(clean)
    if amount is None:
        return AdjustmentUnclear((Gap(Part.POINTS, Why.MISSING),), clean)
    typed = clean[: amount.start()].strip(_PUNCTUATION)
    try:
        points = parse_points(amount["amount"])
    except ParseProblem as problem:
        return AdjustmentUnclear((Gap(Part.POINTS, Why.REFUSED, problem=problem),), typed)
    signed = points if amount["sign"] in "+加" else -points
    match decide(customers.rank(typed)):
        case One(match):
            reason = clean[amount.end() :].strip(_PUNCTUATION)
            return AdjustmentFound(match.named.id, signed, reason)
        case Several(matches):
            gap = Gap(Part.CUSTOMER, Why.AMBIGUOUS, choices=tuple(matches))
            return AdjustmentUnclear((gap,), typed)
        case _:
            return AdjustmentUnclear((Gap(Part.CUSTOMER, Why.MISSING),), typed)

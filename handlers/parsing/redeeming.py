"""What a customer wants in words: 3, 3 两份, 空调保养 x2, 两份空调保养."""

import re
from dataclasses import dataclass

from domain.ids import RewardId
from domain.rewards import QUANTITY_MAX
from handlers.parsing.amounts import parse_points
from handlers.parsing.gaps import Gap, Part, Why
from handlers.parsing.names import NameIndex, One, Reason, Several, decide
from handlers.parsing.normalise import normalise, same_length_fold
from handlers.parsing.numbers import parse_number
from handlers.parsing.problems import ParseProblem

_DIGIT = "[0-9零〇一二三四五六七八九十两百千万亿]"
_AMOUNT = rf"[-\u2010-\u2015\u2212负]?{_DIGIT}(?:{_DIGIT}|[.,](?={_DIGIT}))*"
_UNIT = "[份個个張张件次套位台盒瓶]"
QUANTITY = re.compile(rf"(?P<amount>{_AMOUNT}){_UNIT}?")
"""How many, said in one word: 2, 两份."""
_COUNTED = re.compile(
    rf"\s*[x×*]\s*(?P<times>{_AMOUNT})\s*{_UNIT}?$"
    rf"|\s*(?P<count>{_AMOUNT})\s*{_UNIT}$"
    rf"|\s+(?P<bare>{_AMOUNT})$",
    re.IGNORECASE,
)
_PAGE = re.compile(r"(?:更多|下一页|第)\s*(?P<page>[0-9]{1,3})?\s*页?")
_COUNTED_FIRST = re.compile(rf"^(?P<count>{_AMOUNT})\s*{_UNIT}\s*(?=\S)")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A reward by the number people type, or by the name they mean, and how many."""

    number: int | None
    reward: RewardId | None
    quantity: int


@dataclass(frozen=True, slots=True)
class WantUnclear:
    """What is open, and the reward as typed."""

    gaps: tuple[Gap, ...]
    typed: str


def parse_wanted(text: str, rewards: NameIndex[RewardId]) -> Wanted | WantUnclear:
    """Understand what is wanted and how many; without a number it is one.

    A number at the end of a reward's own name is part of the name.
    """
    clean = normalise(text)
    best = rewards.rank(clean, limit=1)
    is_name = parse_number(clean) is not None or (best and best[0].reason is Reason.EXACT)
    folded = same_length_fold(clean)
    counted = None if is_name else _COUNTED.search(folded) or _COUNTED_FIRST.search(folded)
    typed = (clean[: counted.start()] + clean[counted.end() :]).strip() if counted else clean
    if counted is None or not typed:
        return _reward(clean, rewards, 1)
    amount = next(filter(None, counted.groups()))
    try:
        quantity = parse_points(amount, limit=QUANTITY_MAX)
    except ParseProblem as problem:
        return WantUnclear((Gap(Part.QUANTITY, Why.REFUSED, problem=problem),), typed)
    return _reward(typed, rewards, quantity)


def parse_page(text: str) -> int | None:
    """Read which page of the list is wanted; None when the words are about something else."""
    found = _PAGE.fullmatch(text)
    if found is None:
        return 1 if not text else None
    return int(found["page"] or 2)


def _reward(typed: str, rewards: NameIndex[RewardId], quantity: int) -> Wanted | WantUnclear:
    number = parse_number(typed)
    if number is not None:
        return Wanted(number, None, quantity)
    match decide(rewards.rank(typed)):
        case One(match):
            return Wanted(None, match.named.id, quantity)
        case Several(matches):
            return WantUnclear((Gap(Part.REWARD, Why.AMBIGUOUS, choices=tuple(matches)),), typed)
        case _:
            return WantUnclear((Gap(Part.REWARD, Why.MISSING),), typed)

"""A gift in words: 赠送 城南建设 800, 800 分给城南建设, 送给城南建设八百分."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from handlers.parsing.amounts import parse_points
from handlers.parsing.normalise import normalise, same_length_fold
from handlers.parsing.problems import NotANumber

_UNIT: Final = re.compile(r"\s+(积?分)$")
_LONELY_SIGN: Final = re.compile(r"([-+\u2010-\u2015\u2212])\s+(?=[0-9])")
_AMOUNT: Final = r"[0-9零〇一二三四五六七八九十两百千万亿,.wWkK]+\s*(?:积?分)?"
_AMOUNT_FIRST: Final = re.compile(rf"({_AMOUNT})\s*送?[给給]\s*(.+)")
_GLUED: Final = re.compile(
    r"(.+?)([0-9零〇一二三四五六七八九十两百千万亿][0-9零〇一二三四五六七八九十两百千万亿,.wWkK]*积?分)"
)
_TO: Final = re.compile(r"^(?:送?[给給])\s*")
_PUNCTUATION: Final = " ,。.:;、!"


@dataclass(frozen=True, slots=True)
class GiftSaid:
    """The receiver as typed, and how many points."""

    receiver: str
    points: int


def parse_gift(text: str) -> GiftSaid:
    """Understand receiver and points, in either order; who is meant is looked up elsewhere.

    Raises:
        ParseProblem: there is no amount, or one that can't be given.
    """
    clean = _UNIT.sub(r"\1", normalise(text).strip(_PUNCTUATION))
    clean = _LONELY_SIGN.sub(r"\1", clean)
    for receiver, amount in _splits(clean):
        try:
            points = parse_points(amount)
        except NotANumber:
            continue
        return GiftSaid(_TO.sub("", receiver).strip(_PUNCTUATION), points)
    raise NotANumber


def _splits(clean: str) -> Iterator[tuple[str, str]]:
    """Give the ways to cut a sentence into receiver and amount, the likeliest first."""
    folded = same_length_fold(clean)
    if amount_first := _AMOUNT_FIRST.fullmatch(folded):
        yield clean[amount_first.start(2) :], amount_first[1]
    before, blank, last = clean.rpartition(" ")
    if blank:
        yield before, last
        first, _, after = clean.partition(" ")
        yield after, first
    if glued := _GLUED.fullmatch(folded):
        yield clean[: glued.end(1)], glued[2]

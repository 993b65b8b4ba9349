"""Stars given in a review: 5, 五星, 1分, ★★★★☆."""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from handlers.parsing.problems import NotWhole, ParseProblem, StarsOutOfRange

LOWEST: Final = 1
HIGHEST: Final = 5

_CHINESE: Final = {digit: value for value, digit in enumerate("零一二三四五六七八九十")} | {
    "〇": 0,
    "两": 2,
}
_MINUS: Final = r"[\-\u2212负]"
_ARABIC: Final = rf"{_MINUS}?[0-9]{{1,12}}(?:\.[0-9]{{1,4}})?"
_MARKED: Final = re.compile(
    # 十分 is an adverb; 一分钟, 三分之一, 一分货 are no stars either.
    rf"(?<![0-9.第])(?P<number>{_ARABIC}|负?[零〇一二两三四五六七八九]|十(?!分))\s?"
    r"(?:颗星|个星|星级|星(?!期)|分(?![0-9期部包钟公之管户析店钱货]))(?P<half>半?)"
)
_GLYPHS: Final = re.compile("(?:[★⭐🌟☆]\ufe0f?){1,20}")
_LEAD: Final = re.compile(r"[\s,。:;、]{0,3}(?:打分?|给|评分?|得分)?[\s:]{0,2}")
# 3次渗水 and 3 次渗水 count something else; 1渗水 and 1 天花板漏水 do not.
_COUNTED: Final = r"\s(?:次|遍|回|处|户|个(?!人)|[天年月][没不无后了内])"
_BARE: Final = re.compile(
    rf"(?P<number>{_ARABIC})"
    rf"(?![0-9.次个天年月号日楼栋层间处户人位期周小点米平万元%:/\-a-zA-Z]|{_COUNTED})"
    rf"|(?P<word>[零〇一二两三四五六七八九十])(?=[\s,。;:!、]|$)(?!{_COUNTED}|\s个)"
)
_LAST: Final = re.compile(rf"[\s,。;:!、]({_ARABIC})$")


@dataclass(frozen=True, slots=True)
class StarsFound:
    """Stars typed at text[start:end]; either a value or the reason why it is none."""

    start: int
    end: int
    stars: int | None
    problem: ParseProblem | None = None


def find_stars(text: str, after: int) -> StarsFound | None:
    """Find the stars right `after` a position, else marked ones anywhere, else a number at the end.

    What leads up to the stars (打, 给, a colon) belongs to the place found.
    """
    lead = _LEAD.match(text, after)
    here = lead.end() if lead else after
    found = _MARKED.match(text, here) or _BARE.match(text, here) or _MARKED.search(text)
    if not found:
        return _find_unmarked(text)
    groups = found.groupdict()
    place = (after if found.start() == here else found.start()), found.end()
    return _judge(place, groups["number"] or groups["word"], half=bool(groups.get("half")))


def has_stars_at(text: str, position: int) -> bool:
    """Tell whether stars begin right at a position."""
    found = find_stars(text, position)
    return found is not None and found.start == position


def _find_unmarked(text: str) -> StarsFound | None:
    if found := _GLYPHS.search(text):
        filled = sum(found[0].count(glyph) for glyph in "★⭐🌟")
        return _judge(found.span(), str(filled))
    if found := _LAST.search(text):
        return _judge(found.span(), found[1])
    return None


def _judge(place: tuple[int, int], number: str, *, half: bool = False) -> StarsFound:
    value = _value(number)
    if half or value.denominator != 1:
        return StarsFound(*place, None, NotWhole())
    if not LOWEST <= value <= HIGHEST:
        return StarsFound(*place, None, StarsOutOfRange(LOWEST, HIGHEST))
    return StarsFound(*place, int(value))


def _value(number: str) -> Fraction:
    if number[0] in "-\u2212负":
        return -_value(number[1:])
    return Fraction(_CHINESE.get(number, number))

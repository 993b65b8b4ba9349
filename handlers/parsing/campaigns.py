"""A campaign in words: 双倍积分 12月1日到12月31日 地产."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Final

from handlers.parsing.dates import DateFound, DateRefused, locate_date
from handlers.parsing.gaps import Gap, Part, Why
from handlers.parsing.names import fold
from handlers.parsing.normalise import normalise, same_length_fold

NAME_MAX: Final = 40

_TIMES: Final = re.compile(
    r"(?:(?P<word>双倍|翻倍|翻番|加倍)"
    r"|(?P<whole>[0-9]{1,2}|[一二两三四五六七八九十])(?:[.点](?P<part>[0-9零一二三四五六七八九]{1,2}))?\s?倍)"
    r"(?:积分|得分)?"
)
_DIGITS: Final = {digit: str(value) for value, digit in enumerate("零一二三四五六七八九十")} | {
    "两": "2"
}
_BETWEEN_DAYS: Final = re.compile(
    r"(?:(?<=[日号])|(?<=[./][0-9])|(?<=[./][0-9]{2}))\s*[-~—–]+\s*(?=[0-9])"
)
"""12月1日-12月31日 and 12.1-12.31; the dashes of 2026-12-01 stay."""
_UNTIL: Final = re.compile(r"(?:到|至|截至|截止到?)\s*$")
_ONE_DAY: Final = re.compile(r"\s*(?:当天|这天|这一天|一天|全天)")
_SEPARATORS: Final = re.compile(r"[\s,。:;、]+")
_BEFORE: Final = re.compile(
    r"^(?:从|自|到|至|起|止|期间|活动|积分|对|给|向|只限|仅限|限|只|仅|适用|规则|客户类型|项目类型)+"
)
_AFTER: Final = re.compile(r"(?:起|止|期间|活动|积分|的|客户|项目|规则|类)+$")
_EVERYBODY: Final = frozenset({"", "全部", "所有", "全体", "大家"})


class TargetKind(StrEnum):
    """What a word of a campaign can narrow it to."""

    CUSTOMER_TYPE = "customer.type"
    SEGMENT = "customer.segments"
    TIER = "customer.tier"
    PROJECT_TYPE = "project.type"
    RULE = "rule"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Target:
    """Whom or what a campaign can be for."""

    kind: TargetKind
    value: str
    """The type, segment, code of the tier or rule, or event."""
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CampaignFound:
    """Points raised to a percentage on the days from `first` to `last`, for these targets."""

    percent: int
    first: date
    last: date
    targets: tuple[Target, ...]
    name: str
    """Its own words without the days."""


@dataclass(frozen=True, slots=True)
class CampaignUnclear:
    """What is open, and how it was typed."""

    gaps: tuple[Gap, ...]
    typed: str


def parse_campaign(
    text: str, today: date, targets: Iterable[Target]
) -> CampaignFound | CampaignUnclear:
    """Understand a factor, two days (or 12月12日当天, 到12月31日) and targets.

    Nothing is guessed.
    """
    clean = _BETWEEN_DAYS.sub(" 到 ", same_length_fold(normalise(text)))
    times = _TIMES.search(clean)
    if times is None:
        return CampaignUnclear((Gap(Part.PERCENT, Why.MISSING),), clean)
    percent = _percent(times)
    rest = clean[: times.start()] + " " + clean[times.end() :]
    window = _window(rest, today)
    if isinstance(window, CampaignUnclear):
        return window
    first, last, left = window
    found: list[Target] = []
    typed = []
    known = list(targets)
    for word in _words(left):
        meant = _meant(word, known)
        if len(meant) != 1:
            why = Why.AMBIGUOUS if meant else Why.REFUSED
            return CampaignUnclear((Gap(Part.TARGET, why),), word)
        found += meant
        typed.append(word)
    name = " ".join([times[0].strip(), *typed])[:NAME_MAX]
    return CampaignFound(percent, first, last, tuple(found), name)


def _percent(times: re.Match[str]) -> int:
    """Give the percentage; 12.34 倍 is one, finer is not read."""
    if times["word"]:
        return 200
    whole = times["whole"] if times["whole"].isdigit() else _DIGITS[times["whole"]]
    part = "".join(_DIGITS.get(digit, digit) for digit in times["part"] or "")
    return int(Fraction(f"{whole}.{part or 0}") * 100)


def _window(text: str, today: date) -> tuple[date, date, str] | CampaignUnclear:
    """Find both days; give them with the text around them."""
    one = locate_date(text, today, "future")
    if one is None:
        return CampaignUnclear((Gap(Part.DATE, Why.MISSING),), text.strip())
    if isinstance(one, DateRefused):
        return _refused(one, text)
    before, after = text[: one.start], text[one.end :]
    other = locate_date(after, one.date, "future")
    if isinstance(other, DateRefused):
        return _refused(other, after)
    if isinstance(other, DateFound):
        left = f"{before} {after[: other.start]} {after[other.end :]}"
        return _in_order(one.date, other.date, left)
    if until := _UNTIL.search(before):
        return _in_order(today, one.date, f"{before[: until.start()]} {after}")
    if day := _ONE_DAY.match(after):
        return one.date, one.date, f"{before} {after[day.end() :]}"
    return CampaignUnclear((Gap(Part.END, Why.MISSING),), text.strip())


def _in_order(first: date, last: date, left: str) -> tuple[date, date, str] | CampaignUnclear:
    if last < first:
        return CampaignUnclear((Gap(Part.END, Why.REFUSED),), last.isoformat())
    return first, last, left


def _refused(refused: DateRefused, text: str) -> CampaignUnclear:
    gap = Gap(Part.DATE, Why.REFUSED, problem=refused.problem)
    return CampaignUnclear((gap,), text[refused.start : refused.end])


def _words(text: str) -> list[str]:
    """List the words that narrow the campaign, in order, each once."""
    bare = (_BEFORE.sub("", word) for word in _SEPARATORS.split(text))
    return list(dict.fromkeys(word for word in bare if _AFTER.sub("", word) not in _EVERYBODY))


def _meant(word: str, known: list[Target]) -> list[Target]:
    """Give what a word names as it stands, or else without what may follow a name (地产客户)."""
    for typed in (word, _AFTER.sub("", word)):
        found = [one for one in known if fold(typed) in {fold(name) for name in one.words}]
        if found:
            return found
    return []

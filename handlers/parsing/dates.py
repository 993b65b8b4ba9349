"""Day phrases as people type them, alone or inside a sentence.

Everything is counted from the business date passed in; a time of day is recognised and dropped.
Vague words (月中, 最近, 上周) are no dates.
"""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from handlers.parsing.normalise import MAX_CHARACTERS, normalise, same_length_fold
from handlers.parsing.problems import DateOutOfRange, ImpossibleDate, NotADate

Prefer = Literal["past", "future"]
"""Which way an incomplete date (6月30日, 周五, 15号) is completed."""

EARLIEST: Final = date(2000, 1, 1)
YEARS_AHEAD: Final = 10

# The other direction wins when it is this near: on 28 June "6月30日" is the day after tomorrow,
# not a day of last year, even where past days are expected.
_NEAR_IN_YEAR: Final = 31
_NEAR_IN_MONTH: Final = 5
_MONTHS: Final = 12
_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class DateFound:
    """A date phrase at text[start:end]."""

    date: date
    start: int
    end: int
    is_clear: bool = True
    """False for 6.30 and the like, which may be something else."""


@dataclass(frozen=True, slots=True)
class DateRefused:
    """A clear date phrase at text[start:end] that names no usable day."""

    start: int
    end: int
    problem: ImpossibleDate | DateOutOfRange


@dataclass(frozen=True, slots=True)
class _Frame:
    """What an incomplete phrase is completed with."""

    today: date
    prefer: Prefer

    def nearest(self, candidates: list[date], near: int) -> date:
        """Pick the closest day in the preferred direction, or one just across today."""
        past = [day for day in candidates if day <= self.today]
        future = [day for day in candidates if day >= self.today]
        wanted, other = (past, future) if self.prefer == "past" else (future, past)
        chosen = min(wanted or other, key=self._distance)
        across = min(other or wanted, key=self._distance)
        return across if self._distance(across) <= near < self._distance(chosen) else chosen

    def _distance(self, day: date) -> int:
        return abs((day - self.today).days)


_NUMBER: Final = (
    r"(?:[0-9]{1,3}|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])"
)
_DAY: Final = r"(?:[0-9]{1,2}|[一二三]?十[一二三四五六七八九]?|[一二两三四五六七八九])"
_YEAR: Final = r"(?:[0-9]{4}年|[0-9]{2}年|[零〇一二三四五六七八九]{4}年|[今去前明后]年)"
_MONTH_WORD: Final = r"(?:上上个?|上个?|本|这个?|当|下下个?|下个?)"
_ORDER: Final = {"上上": -2, "上": -1, "本": 0, "这": 0, "当": 0, "下": 1, "下下": 2}
_DAY_WORDS: Final = {"大前": -3, "前": -2, "昨": -1, "今": 0, "明": 1, "后": 2, "大后": 3}
_YEAR_WORDS: Final = {"前": -2, "去": -1, "今": 0, "明": 1, "后": 2}
_WEEKDAYS: Final = {digit: index for index, digit in enumerate("一二三四五六日")} | {"天": 6}
_CHINESE: Final = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
}


def _number(text: str) -> int:
    """Read a number below 1000 that one of the patterns has let through."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    return (_CHINESE.get(tens, 1) * 10 if ten else 0) + _CHINESE.get(ones, 0)


def _year(text: str, today: date) -> int:
    word = text.removesuffix("年")
    if word in _YEAR_WORDS:
        return today.year + _YEAR_WORDS[word]
    year = int("".join(str(_CHINESE.get(digit, digit)) for digit in word))
    return year if len(word) > len("26") else 2000 + year


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise ImpossibleDate(year, month, day) from None


def _shift_months(today: date, months: int) -> tuple[int, int]:
    year, index = divmod(today.year * _MONTHS + today.month - 1 + months, _MONTHS)
    return year, index + 1


def _last_day(year: int, month: int) -> date:
    return _day(year, month, calendar.monthrange(year, month)[1])


def _relative_day(found: re.Match[str], frame: _Frame) -> date:
    return frame.today + timedelta(days=_DAY_WORDS[found["word"]])


def _just_now(_found: re.Match[str], frame: _Frame) -> date:
    return frame.today


def _ago(found: re.Match[str], frame: _Frame) -> date:
    count = _number(found["count"]) * (1 if found["side"] == "后" else -1)
    match found["unit"].removeprefix("个"):
        case "天" | "日":
            return frame.today + timedelta(days=count)
        case "月":
            last = _last_day(*_shift_months(frame.today, count))
            return last.replace(day=min(last.day, frame.today.day))
        case _:
            return frame.today + timedelta(days=count * _WEEK)


def _weekday(found: re.Match[str], frame: _Frame) -> date:
    digit = found["day"]
    index = int(digit) - 1 if digit.isdigit() else _WEEKDAYS[digit]
    monday = frame.today - timedelta(days=frame.today.weekday())
    if found["week"]:
        weeks = _ORDER[found["week"].removesuffix("个")]
        return monday + timedelta(days=index + weeks * _WEEK)
    day = monday + timedelta(days=index)
    if frame.prefer == "past" and day > frame.today:
        return day - timedelta(days=_WEEK)
    if frame.prefer == "future" and day < frame.today:
        return day + timedelta(days=_WEEK)
    return day


def _of_year(month: int, day: int, frame: _Frame) -> date:
    """Complete a day of a month with the year that fits."""
    candidates = []
    for year in range(frame.today.year - 1, frame.today.year + 2):
        try:
            candidates.append(date(year, month, day))
        except ValueError:
            continue
    if not candidates:
        raise ImpossibleDate(None, month, day)
    return frame.nearest(candidates, _NEAR_IN_YEAR)


def _month_day(found: re.Match[str], frame: _Frame) -> date:
    month, day = _number(found["month"]), _number(found["day"])
    if found["year"]:
        return _day(_year(found["year"], frame.today), month, day)
    return _of_year(month, day, frame)


def _numeric(found: re.Match[str], frame: _Frame) -> date:
    month, day = int(found["month"]), int(found["day"])
    year = found.groupdict().get("year")
    return _day(int(year), month, day) if year else _of_year(month, day, frame)


def _day_of_month(found: re.Match[str], frame: _Frame) -> date:
    day = _number(found["day"])
    if found["word"]:
        year, month = _shift_months(frame.today, _ORDER[found["word"].removesuffix("个")])
        return _day(year, month, day)
    candidates = []
    for shift in (-2, -1, 0, 1, 2):
        year, month = _shift_months(frame.today, shift)
        if 1 <= day <= _last_day(year, month).day:
            candidates.append(date(year, month, day))
    if not candidates:
        raise ImpossibleDate(None, frame.today.month, day)
    return frame.nearest(candidates, _NEAR_IN_MONTH)


def _month_edge(found: re.Match[str], frame: _Frame) -> date:
    year, month = frame.today.year, frame.today.month
    if found["word"]:
        year, month = _shift_months(frame.today, _ORDER[found["word"].removesuffix("个")])
    elif found["month"]:
        month = _number(found["month"])
        first = _of_year(month, 1, frame)
        year = _year(found["year"], frame.today) if found["year"] else first.year
    return _day(year, month, 1) if found["edge"] == "初" else _last_day(year, month)


def _year_edge(found: re.Match[str], frame: _Frame) -> date:
    year = _year(found["year"] or "今年", frame.today)
    return _day(year, 1, 1) if found["edge"] == "初" else _day(year, _MONTHS, 31)


_BLANK_NOT_IN_NUMBER: Final = re.compile(r"(?<![0-9]) | (?![0-9])")

_Resolver = Callable[[re.Match[str], _Frame], date]
_Family = tuple[re.Pattern[str], _Resolver]

# What may follow a time of day glued to the date: 昨天下午3点, 6月30日 8:30.
_TIME: Final = (
    r"(?:\s?(?:一大早|早上|上午|中午|下午|晚上|傍晚|凌晨|早|晚))?"
    r"(?:[0-9]{1,2}点(?:半|[0-9]{1,2}分?)?|\s?[0-9]{1,2}:[0-9]{2})?"
)
# 3号楼, 15号线, 3日内 are no days of a month.
_NOT_A_THING: Final = r"(?![楼线门机地块院栋塔桥井仓店厂库房标馆车梁柱墙坑基段区铺内岗井炉仪文令])"
_NOT_A_QUANTITY: Final = (
    r"(?![0-9.:\-/a-zA-Z%万亿千百元米吨方平级分星倍块公层版期度个次人号天毫厘年月栋楼])"
)


def _family(pattern: str, resolver: _Resolver, *, with_time: bool = True) -> _Family:
    return re.compile(pattern + (_TIME if with_time else "")), resolver


_STRONG: Final[tuple[_Family, ...]] = (
    _family(
        r"(?<![0-9])(?P<year>[0-9]{4})[-/.](?P<month>[0-9]{1,2})[-/.](?P<day>[0-9]{1,2})(?![0-9])",
        _numeric,
    ),
    _family(
        rf"(?P<year>{_YEAR})?(?<![0-9十])(?P<month>{_DAY})月(?P<day>{_DAY})(?:[日号]|(?![0-9万亿元千%个]))",
        _month_day,
    ),
    _family(
        rf"(?P<year>{_YEAR})?(?:(?P<word>{_MONTH_WORD})月|(?<![0-9十])(?P<month>{_DAY})月份?|月)"
        r"(?P<edge>[底末初])",
        _month_edge,
    ),
    _family(rf"(?:(?P<year>{_YEAR})年?|年)(?P<edge>[底末初])", _year_edge),
    _family(
        rf"(?<![0-9a-zA-Z#\-一二三四五六七八九十第])(?:(?P<word>{_MONTH_WORD})月)?(?P<day>{_DAY})[日号]"
        + _NOT_A_THING,
        _day_of_month,
    ),
    _family(
        rf"(?<![0-9一二三四五六七八九十第])(?P<count>{_NUMBER})"
        r"(?P<unit>[天日周]|个?星期|个?礼拜|个月)(?:之|以)?(?P<side>[前后])",
        _ago,
    ),
    _family(
        r"(?<![0-9一二三四五六七八九十每两几])(?P<week>上上个?|上个?|下下个?|下个?|本|这个?)?"
        r"(?:周|星期|礼拜)(?P<day>[一二三四五六日天1-6])",
        _weekday,
    ),
    _family(
        r"(?P<word>大前|大后|昨|今|明|(?<![目以之])前|(?<![以今之然最])后)"
        r"(?:[天日]|(?<=[昨今明])[早晚晨夜儿])",
        _relative_day,
    ),
    _family("刚[才刚]", _just_now),
)
_WEAK: Final[tuple[_Family, ...]] = (
    _family(
        r"(?<![0-9])(?P<year>20[0-9]{2})(?P<month>[0-9]{2})(?P<day>[0-9]{2})(?![0-9])", _numeric
    ),
    _family(
        r"(?<![0-9a-zA-Z.\-/第])(?P<month>[0-9]{1,2})\.(?P<day>[0-9]{1,2})" + _NOT_A_QUANTITY,
        _numeric,
    ),
    _family(
        r"(?<![0-9a-zA-Z.\-/第])(?P<month>[0-9]{2})-(?P<day>[0-9]{2})" + _NOT_A_QUANTITY, _numeric
    ),
    _family(
        r"(?<![0-9a-zA-Z.\-/第])(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})" + _NOT_A_QUANTITY,
        _numeric,
    ),
)
_ALONE: Final[tuple[_Family, ...]] = (
    _family(r"(?P<month>[0-9]{1,2})[-/.](?P<day>[0-9]{1,2})", _numeric),
)


def _in_range(day: date, today: date) -> date:
    latest = date(today.year + YEARS_AHEAD, _MONTHS, 31)
    if not EARLIEST <= day <= latest:
        raise DateOutOfRange(EARLIEST, latest)
    return day


def _resolve(found: re.Match[str], resolver: _Resolver, frame: _Frame) -> date:
    return _in_range(resolver(found, frame), frame.today)


def parse_date(text: str, *, today: date, prefer: Prefer = "past") -> date:
    """Read a text that is a date and nothing else.

    Raises NotADate, ImpossibleDate or DateOutOfRange.
    """
    clean = _BLANK_NOT_IN_NUMBER.sub("", same_length_fold(normalise(text)))
    for pattern, resolver in _STRONG + _ALONE + _WEAK:
        if found := pattern.fullmatch(clean):
            return _resolve(found, resolver, _Frame(today, prefer))
    raise NotADate


def find_date(text: str, today: date, prefer: Prefer = "past") -> DateFound | None:
    """Find the first date phrase in a sentence; 6.30 counts only when nothing clearer does.

    Looks at the first MAX_CHARACTERS. Raises ImpossibleDate or DateOutOfRange for a clear phrase
    that names no usable day.
    """
    found = locate_date(text, today, prefer)
    if isinstance(found, DateRefused):
        raise found.problem
    return found


def locate_date(text: str, today: date, prefer: Prefer = "past") -> DateFound | DateRefused | None:
    """Do what `find_date` does, but give the place of a refused phrase as well."""
    folded = same_length_fold(text[:MAX_CHARACTERS])
    frame = _Frame(today, prefer)
    hits = [
        (found.start(), -found.end(), order, found)
        for order, (pattern, _) in enumerate(_STRONG)
        if (found := pattern.search(folded))
    ]
    if not hits:
        return _find_weak(folded, frame)
    start, _, order, clear = min(hits)
    try:
        day = _resolve(clear, _STRONG[order][1], frame)
    except (ImpossibleDate, DateOutOfRange) as problem:
        return DateRefused(start, clear.end(), problem)
    return DateFound(day, start, clear.end())


def _find_weak(folded: str, frame: _Frame) -> DateFound | None:
    for pattern, resolver in _WEAK:
        for found in pattern.finditer(folded):
            try:
                day = _resolve(found, resolver, frame)
            except (ImpossibleDate, DateOutOfRange):
                continue
            return DateFound(day, found.start(), found.end(), is_clear=False)
    return None

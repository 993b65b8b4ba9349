"""One cell to one value: dates in any usual form, money, stars, yes and no, words."""

import re
from datetime import date, datetime, timedelta
from typing import Final

from bot.imports.problems import Bad, Fault
from bot.imports.words import first_words, listed, value_of, word_for
from bot.sheets.problems import ProblemCode, Wrong
from bot.sheets.reading import CellError, CellValue
from bot.sheets.values import read_amount, read_number
from domain.events import EventType
from handlers.parsing.dates import EARLIEST, parse_date
from handlers.parsing.normalise import normalise
from handlers.parsing.problems import DateOutOfRange, ImpossibleDate, NotADate
from handlers.parsing.stars import HIGHEST, LOWEST, find_stars

TEXT_MAX: Final = 200
_ISO: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T]\d{1,2}:\d{2}.*)?", re.ASCII)
_TEN_THOUSAND: Final = 10_000
_PLAIN: Final = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?")
_EXCEL_DAY_0: Final = date(1899, 12, 30)
_EXCEL_DAYS: Final = range(36_526, 73_051)
"""The days of 2000 to 2099 as Excel counts them: what is left of a date without its format."""
_DAY_NUMBERS: Final = range(20_000_101, 21_000_101)
"""The same years as 20260630."""


def read_date(value: CellValue, today: date) -> date:
    """Read a day that has been: 2026-06-30, 2026/6/30, 6月30日, Excel's own.

    Raises:
        Bad: it is none, or lies ahead.
    """
    day = _day(value, today)
    if day < EARLIEST:
        raise Bad(Fault.TOO_EARLY, day.isoformat())
    if day > today:
        raise Bad(Fault.FUTURE, day.isoformat())
    return day


def read_planned(value: CellValue, today: date) -> date:
    """Read a planned day; it may lie ahead.

    Raises:
        Bad: it is none.
    """
    day = _day(value, today)
    if day < EARLIEST:
        raise Bad(Fault.TOO_EARLY, day.isoformat())
    return day


def _day(value: CellValue, today: date) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, CellError):
        raise Wrong(ProblemCode.FORMULA_ERROR, found=value.shown)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value in _EXCEL_DAYS:
        return _EXCEL_DAY_0 + timedelta(days=value)
    if not isinstance(value, str) and not (isinstance(value, int) and value in _DAY_NUMBERS):
        raise Bad(Fault.NOT_A_DATE, value)
    text = normalise(str(value))
    try:
        if found := _ISO.fullmatch(text):
            return date(*map(int, found.groups()))
        if text.isdecimal() and int(text) in _EXCEL_DAYS:
            return _EXCEL_DAY_0 + timedelta(days=int(text))
        return parse_date(text, today=today, prefer="past")
    except (NotADate, ImpossibleDate, DateOutOfRange, ValueError):
        raise Bad(Fault.NOT_A_DATE, value) from None


def read_money(value: CellValue, *, is_in_ten_thousands: bool) -> int:
    """Read a positive amount and give it in fen; plain numbers are yuan, or 万元 by the heading.

    Raises:
        Bad, Wrong: it is none.
    """
    amount = read_amount(_scaled(value) if is_in_ten_thousands else value)
    if amount <= 0:
        raise Bad(Fault.NOT_POSITIVE, value)
    return amount


def _scaled(value: CellValue) -> CellValue:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value * _TEN_THOUSAND
    if isinstance(value, str) and _PLAIN.fullmatch(text := normalise(value)):
        return text + word_for("unit", "ten_thousand")
    return value


def read_count(value: CellValue) -> int:
    """Read a whole number that is not negative.

    Raises:
        Bad, Wrong: it is none.
    """
    number = read_number(value)
    if number < 0:
        raise Bad(Fault.NOT_POSITIVE, value)
    return number


def read_stars(value: CellValue) -> int:
    """Read 1 to 5 stars: 5, 五星, ★★★★☆.

    Raises:
        Bad: they are none.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value not in range(LOWEST, HIGHEST + 1):
            raise Bad(Fault.NOT_STARS, value)
        return int(value)
    text = normalise(str(value))
    found = find_stars(text, 0)
    if found is None or found.stars is None or (found.start, found.end) != (0, len(text)):
        raise Bad(Fault.NOT_STARS, value)
    return found.stars


def read_flag(value: CellValue) -> bool:
    """Read yes or no: 是, 不满意, √, a ticked box.

    Raises:
        Bad: it is neither.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    found = value_of("flag", str(value))
    if found is None:
        raise Bad(Fault.NOT_A_FLAG, value)
    return found == "yes"


def read_type(value: CellValue) -> EventType:
    """Read the kind of event by its word or its code.

    Raises:
        Bad: it is none.
    """
    found = value_of("type", str(value))
    if found is None and value in set(EventType):
        found = str(value)
    if found is None:
        raise Bad(Fault.UNKNOWN_TYPE, value, choices=listed(first_words("type")))
    return EventType(found)


def read_words(value: CellValue) -> str:
    """Read a text on one line; a whole number counts as its digits, a day as its date.

    Raises:
        Bad, Wrong: a formula has failed, or it is too long.
    """
    if isinstance(value, CellError):
        raise Wrong(ProblemCode.FORMULA_ERROR, found=value.shown)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = normalise("" if value is None else str(value))
    if len(text) > TEXT_MAX:
        raise Bad(Fault.TOO_LONG, limit=TEXT_MAX)
    return text

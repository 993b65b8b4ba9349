"""One cell to one value of a reward, and back: limits, days, flags, words, money, texts."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from bot.catalogue.problems import Bad, RowFault
from bot.catalogue.words import (
    first_words,
    folded,
    listed,
    value_of,
    values_of,
    word_for,
    words_for,
)
from bot.sheets.problems import Wrong
from bot.sheets.reading import CellValue
from bot.sheets.values import (
    not_negative,
    read_amount,
    read_number,
    read_text,
    read_texts,
    read_time,
    refuse_strange,
    show_member,
    show_time,
)
from domain.calendar import BUSINESS_ZONE, end_of_business_day
from domain.reward_checks import PICTURE_MAX
from domain.rewards import Limit, LimitPeriod, RewardKind
from handlers.parsing.dates import parse_date
from handlers.parsing.normalise import normalise
from handlers.parsing.problems import DateOutOfRange, ImpossibleDate, NotADate

_PLAIN: Final = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?")
_TEN_THOUSAND: Final = 10_000
_EXCEL_DAY_0: Final = date(1899, 12, 30)
_EXCEL_DAYS: Final = range(36_526, 73_051)
"""The days of 2000 to 2099 as Excel counts them: what is left of a date without its format."""

read_count: Final = not_negative(read_number)
read_points: Final = read_number
"""A price below zero is for the check of rewards to refuse."""


def is_none_word(value: CellValue) -> bool:
    """Tell whether a cell says that there is no bound: 不限, 长期, 无."""
    return isinstance(value, str) and value_of("none", value) is not None


def or_none(read: Callable[[CellValue], Any]) -> Callable[[CellValue], Any]:
    """Make a reader that gives None for a word for no bound."""
    return lambda value: None if is_none_word(value) else read(value)


def read_money(value: CellValue, *, is_in_ten_thousands: bool) -> int:
    """Read an amount and give it in fen; plain numbers are yuan, or 万元 by the heading.

    Raises:
        Wrong: it is none.
    """
    if not is_in_ten_thousands:
        return read_amount(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return read_amount(value * _TEN_THOUSAND)
    if isinstance(value, str) and _PLAIN.fullmatch(text := normalise(value)):
        return read_amount(text + word_for("unit", "ten_thousand")[0])
    return read_amount(value)


def read_word(table: str) -> Callable[[CellValue], str]:
    """Make a reader of one table's words that gives their values.

    Raises:
        Bad: it is no word of these.
    """

    def read(value: CellValue) -> str:
        refuse_strange(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        found = value_of(table, str(value))
        if found is None:
            raise Bad(RowFault.UNKNOWN_WORD, value, choices=first_words(table))
        return found

    return read


def read_kind(value: CellValue) -> RewardKind:
    """Read what a reward is.

    Raises:
        Bad: it is nothing we know.
    """
    return RewardKind(read_word("kind")(value))


def read_flag(value: CellValue) -> bool:
    """Read yes or no: 是, √, 上架, a ticked box.

    Raises:
        Bad: it is neither.
    """
    return value if isinstance(value, bool) else read_word("flag")(value) == "yes"


def read_limit(value: CellValue) -> Limit | None:
    """Read a limit per customer: 2, 每年 2 份, 1次/季度; words for no bound give None.

    Raises:
        Bad: it is none.
    """
    refuse_strange(value)
    if is_none_word(value):
        return None
    text = folded(str(value))
    period, text = _without_period(text)
    for word in words_for("around", "words"):
        text = text.replace(word, "")
    try:
        quantity = read_number(value if isinstance(value, int | float) else text)
    except Wrong:
        raise Bad(RowFault.NOT_A_LIMIT, value) from None
    return Limit(quantity, period)


def _without_period(text: str) -> tuple[LimitPeriod, str]:
    words = [
        (word, period) for period in values_of("period") for word in words_for("period", period)
    ]
    for word, period in sorted(words, key=lambda one: -len(one[0])):
        if word in text:
            return LimitPeriod(period), text.replace(word, "", 1)
    return LimitPeriod.EVER, text


def show_limit(limit: Limit | None) -> str:
    """Write a limit so that it is read as the same."""
    if limit is None:
        return word_for("none", "none")
    return word_for("limit", limit.period).format(quantity=limit.quantity)


def read_start(value: CellValue, today: date) -> datetime:
    """Read the day or instant from which on a reward is on offer.

    Raises:
        Bad, Wrong: it is none.
    """
    if isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool)):
        return _typed_time(value, today)
    return read_time(value)


def read_end(value: CellValue, today: date) -> datetime:
    """Read the last day of a reward, or the instant from which on it is not on offer.

    Raises:
        Bad, Wrong: it is none.
    """
    at = read_start(value, today)
    local = at.astimezone(BUSINESS_ZONE)
    return end_of_business_day(local.date()) if local.time() == time.min else at


def _typed_time(value: str | float, today: date) -> datetime:
    """Read a time as it is typed, or what is left of Excel's date without its format."""
    text = normalise(str(value))
    number = float(value) if isinstance(value, int | float) or text.isdecimal() else 0
    if number in _EXCEL_DAYS:
        return _begin(_EXCEL_DAY_0 + timedelta(days=int(number)))
    if isinstance(value, str):
        try:
            return read_time(value)
        except Wrong:
            pass
    try:
        return _begin(parse_date(text, today=today, prefer="future"))
    except (NotADate, ImpossibleDate, DateOutOfRange, ValueError):
        raise Bad(RowFault.NOT_A_DATE, value) from None


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, BUSINESS_ZONE).astimezone(UTC)


def show_end(at: datetime) -> str:
    """Write the last day of a reward, or the instant at which it ends within a day."""
    local = at.astimezone(BUSINESS_ZONE)
    if local.time() == time.min:
        return f"{local.date() - timedelta(days=1):%Y-%m-%d}"
    return show_time(at)


def read_line(value: CellValue) -> str:
    """Read a text that may stand on several lines in its cell, on one.

    Raises:
        Wrong: it is no text, too long, or has characters nobody sees.
    """
    if isinstance(value, str):
        value = " ".join(value.splitlines())
    return read_text(value)


def read_address(value: CellValue) -> str:
    """Read the address of a picture.

    Raises:
        Bad, Wrong: it is no text or too long.
    """
    refuse_strange(value)
    text = str(value).strip()
    if len(text) > PICTURE_MAX:
        raise Bad(RowFault.TOO_LONG, found=len(text), limit=PICTURE_MAX)
    return text


def read_segments(value: CellValue) -> frozenset[str]:
    """Read a list of segments.

    Raises:
        Wrong: it is none.
    """
    refuse_strange(value)
    if is_none_word(value):
        return frozenset()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return frozenset(filter(None, read_texts(str(value))))


def show_segments(segments: frozenset[str]) -> str:
    """Write a list of segments so that it is read as the same."""
    return listed(map(show_called, sorted(segments)))


def show_called(text: str) -> str:
    """Write what a segment or tier is called, even where it is called like no bound."""
    return f'"{text}"' if is_none_word(text) else show_member(text)


def read_tier(value: CellValue) -> str:
    """Read what a tier is called; which it is the programme says.

    Raises:
        Wrong: it is no text.
    """
    return "" if is_none_word(value) else read_text(value)

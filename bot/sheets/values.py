"""Single values as people write them in a cell, and back: numbers, amounts, texts, flags, times.

What is written is read as the same. Reading accepts more: units, commas, Chinese numerals, number
cells. What could be read in two ways is refused.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from bot.sheets.problems import ProblemCode, Wrong
from bot.sheets.reading import CellError, CellValue
from bot.sheets.words import WORDS, word_lists
from domain.calendar import BUSINESS_ZONE
from domain.rules.codec import NUMBER_MAX, TEXT_MAX
from handlers.parsing.amounts import parse_money_fen, parse_points
from handlers.parsing.normalise import normalise
from handlers.parsing.problems import NotANumber, NotPositive, NotWhole, TooLarge

_FEN: Final = 100
_TEN_THOUSAND_YUAN: Final = 1_000_000
_SIGN: Final = re.compile(r"[-\u2010-\u2015\u2212]\s*")
_ZERO: Final = re.compile(
    rf"¥?0[0,]*(?:\.0*)?(?:{'|'.join(word_lists('number')['sizes'])})?"
    rf"{WORDS.word('piece', 'yuan')}?"
)
_TEXT_SEPARATORS: Final = "".join(word_lists("separator")["texts"])
_TOKEN: Final = re.compile(
    # Nothing is tried twice, whatever stands there: an empty text, one in quotes, one without.
    rf'\s*+(?:(""(?!"))|"((?:[^"]|"")++)"|([^"{_TEXT_SEPARATORS}][^{_TEXT_SEPARATORS}]*+))?+'
    rf"\s*+(?:[{_TEXT_SEPARATORS}]|\Z)"
)
_NUMBER_SEPARATORS: Final = re.compile(f"[{''.join(word_lists('separator')['numbers'])}]")
_QUOTE: Final = '"'
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_DATE: Final = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?)?",
    re.ASCII,
)
_YEARS: Final = range(2000, 2101)


def show_amount(fen: int) -> str:
    """Write an amount: 10万, 3.55万, 1,234.50; yuan where no unit stands."""
    if fen and fen % (_TEN_THOUSAND_YUAN // _FEN) == 0 and abs(fen) >= _TEN_THOUSAND_YUAN:
        number = Decimal(fen) / _TEN_THOUSAND_YUAN
        return f"{number:f}{WORDS.word('piece', 'ten_thousand')}"
    whole = fen % _FEN == 0
    return f"{Decimal(fen) / _FEN:,.0f}" if whole else f"{Decimal(fen) / _FEN:,.2f}"


def read_amount(value: CellValue) -> int:
    """Read an amount in yuan or with its unit, and give it in fen; it may be negative.

    Raises:
        Wrong: it isn't one.
    """
    return _read_number(value, parse_money_fen, _FEN)


def read_number(value: CellValue) -> int:
    """Read a whole number, with or without a unit such as 分 or 天; it may be negative.

    Raises:
        Wrong: it isn't one.
    """
    return _read_number(value, parse_points, 1)


def _read_number(value: CellValue, parse: Callable[..., int], share: int) -> int:
    finer = ProblemCode.NOT_WHOLE if share == 1 else ProblemCode.FINER_THAN_A_FEN
    refuse_strange(value)
    if isinstance(value, bool):
        raise Wrong(ProblemCode.NOT_A_NUMBER)
    if isinstance(value, int | float):
        return _from_number_cell(value, share, finer)
    text = normalise(str(value))
    sign = _SIGN.match(text)
    text = text[sign.end() :] if sign else text
    if share == 1:
        text = _without_unit(text)
    if _ZERO.fullmatch(text):
        return 0
    try:
        number_read = parse(text, limit=NUMBER_MAX)
    except NotWhole:
        raise Wrong(finer) from None
    except TooLarge:
        raise Wrong(ProblemCode.TOO_GREAT) from None
    except (NotANumber, NotPositive):
        raise Wrong(ProblemCode.NOT_A_NUMBER) from None
    return -number_read if sign else number_read


def _from_number_cell(value: float, share: int, finer: ProblemCode) -> int:
    # Fifteen digits are what Excel itself shows: 0.1 + 0.2 is 0.3 there.
    number = Decimal(f"{value:.15g}") * share
    if not number.is_finite():
        raise Wrong(ProblemCode.NOT_A_NUMBER)
    if abs(number) > NUMBER_MAX:
        raise Wrong(ProblemCode.TOO_GREAT)
    if number != number.to_integral_value():
        raise Wrong(finer)
    return int(number)


def _without_unit(text: str) -> str:
    for unit in word_lists("number")["units"]:
        if text.endswith(unit):
            return text.removesuffix(unit).rstrip()
    return text


def not_negative(read: Callable[[CellValue], int]) -> Callable[[CellValue], int]:
    """Make a reader refuse negative numbers."""

    def reading(value: CellValue) -> int:
        number = read(value)
        if number < 0:
            raise Wrong(ProblemCode.NEGATIVE)
        return number

    return reading


def refuse_strange(value: CellValue) -> None:
    """Refuse failed formulas, dates that Excel made of what was typed, and control characters.

    Raises:
        Wrong: it is such a cell.
    """
    if isinstance(value, CellError):
        raise Wrong(ProblemCode.FORMULA_ERROR, found=value.shown)
    if isinstance(value, date | time | timedelta):
        raise Wrong(ProblemCode.DATE_FOUND)
    if isinstance(value, str) and _CONTROL.search(value):
        raise Wrong(ProblemCode.HIDDEN_CHARACTERS)


def read_text(value: CellValue) -> str:
    """Read one text, quoted or not; a whole number counts as its digits.

    Raises:
        Wrong: it is no text, too long, or has characters nobody sees.
    """
    refuse_strange(value)
    if isinstance(value, float) and value.is_integer() and abs(value) <= NUMBER_MAX:
        value = str(int(value))
    if not isinstance(value, str):
        raise Wrong(ProblemCode.NOT_A_TEXT)
    text = value.strip()
    if text.startswith(_QUOTE):
        tokens = read_texts(text)
        if len(tokens) != 1:
            raise Wrong(ProblemCode.NOT_A_LIST)
        return tokens[0]
    return checked_text(text)


def show_text(text: str) -> str:
    """Write one text so that it reads as itself, in quotes where it must be."""
    needs_quotes = not text or text != text.strip() or text.startswith((_QUOTE, "#"))
    return _quoted(text) if needs_quotes else text


def show_member(text: str) -> str:
    """Write one text of a list."""
    is_word = WORDS.value("cell", text) is not None
    is_several = any(one in text for one in _TEXT_SEPARATORS + _QUOTE)
    return _quoted(text) if is_word or is_several else show_text(text)


def read_texts(text: str) -> tuple[str, ...]:
    """Read a list of texts, separated by commas or semicolons of any kind.

    Raises:
        Wrong: its quotes don't match, or a text can't be used.
    """
    found, at = list[str](), 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise Wrong(ProblemCode.NOT_A_LIST)
        empty, quoted, plain = token.groups()
        if empty is not None:
            found.append("")
        elif quoted is not None:
            found.append(checked_text(quoted.replace(_QUOTE * 2, _QUOTE)))
        elif plain is not None and (stripped := plain.strip()):
            found.append(checked_text(stripped))
        at = token.end()
    return tuple(found)


def _quoted(text: str) -> str:
    return _QUOTE + text.replace(_QUOTE, _QUOTE * 2) + _QUOTE


def checked_text(text: str) -> str:
    """Give a text that a rule can hold.

    Raises:
        Wrong: it is too long or has characters nobody sees.
    """
    if len(text) > TEXT_MAX:
        raise Wrong(ProblemCode.TOO_LONG, found=len(text), limit=TEXT_MAX)
    if not text.isprintable():
        raise Wrong(ProblemCode.HIDDEN_CHARACTERS)
    return text


def read_word(table: str) -> Callable[[CellValue], str]:
    """Make a reader of one table's words that gives their values."""

    def reading(value: CellValue) -> str:
        refuse_strange(value)
        found = WORDS.value(table, str(value))
        if found is None:
            raise Wrong(ProblemCode.UNKNOWN_WORD, choices=WORDS.words(table))
        return found

    return reading


def show_flag(*, flag: bool) -> str:
    """Write yes or no."""
    return WORDS.word("flag", "yes" if flag else "no")


def read_flag(value: CellValue) -> bool:
    """Read yes or no.

    Raises:
        Wrong: it is neither.
    """
    if isinstance(value, bool):
        return value
    return read_word("flag")(value) == "yes"


def separated(text: str) -> list[str]:
    """Split a list of numbers or flags; commas may belong to numbers."""
    return [one for part in _NUMBER_SEPARATORS.split(text) if (one := part.strip())]


def show_time(at: datetime) -> str:
    """Write an instant in the firm's zone: 2026-12-01, with the time where it isn't midnight."""
    local = at.astimezone(BUSINESS_ZONE).replace(tzinfo=None)
    if local.time() == time.min:
        return f"{local:%Y-%m-%d}"
    if not local.second and not local.microsecond:
        return f"{local:%Y-%m-%d %H:%M}"
    return local.isoformat(" ")


def read_time(value: CellValue) -> datetime:
    """Read a day or an instant in the firm's zone.

    Raises:
        Wrong: there is no such day, or it is far from now.
    """
    local = _local_time(value)
    if local.year not in _YEARS:
        raise Wrong(ProblemCode.NOT_A_DATE)
    return local.replace(tzinfo=BUSINESS_ZONE).astimezone(UTC)


def _local_time(value: CellValue) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time.min)
    if isinstance(value, CellError):
        raise Wrong(ProblemCode.FORMULA_ERROR, found=value.shown)
    found = _DATE.fullmatch(normalise(value)) if isinstance(value, str) else None
    if found is None:
        raise Wrong(ProblemCode.NOT_A_DATE)
    year, month, day, hour, minute, second, fraction = (part or "0" for part in found.groups())
    try:
        return datetime.combine(
            date(int(year), int(month), int(day)),
            time(int(hour), int(minute), int(second), int(fraction.ljust(6, "0"))),
        )
    except ValueError:
        raise Wrong(ProblemCode.NOT_A_DATE) from None

"""Ranges as people write them in a cell, and back: 10万至50万, ≥50万, 50万以上, 5, 任意数.

Both ends belong to a range. Numbers are written by the kind of the field they are about.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final

from bot.sheets.problems import ProblemCode, Wrong
from bot.sheets.reading import CellValue
from bot.sheets.values import (
    read_amount,
    read_number,
    refuse_strange,
    show_amount,
)
from bot.sheets.words import WORDS, word_lists
from domain.rules.fields import FieldKind
from domain.rules.model import Range
from handlers.parsing.normalise import normalise

_WORDS: Final = {
    name: tuple(normalise(word) for word in words)
    for name, words in word_lists("range_word").items()
}
_LENGTH_MAX: Final = 80
_SIZES: Final = word_lists("number")["sizes"]


def number_reader(kind: FieldKind) -> Callable[[CellValue], int]:
    """Give the reader for numbers of a field."""
    return read_amount if kind is FieldKind.AMOUNT else read_number


def show_number(kind: FieldKind, number: int) -> str:
    """Write a number of a field."""
    return show_amount(number) if kind is FieldKind.AMOUNT else str(number)


def show_range(kind: FieldKind, wanted: Range) -> str:
    """Write a range so that it reads as itself."""
    low, high = wanted.low, wanted.high
    if low is not None and high is not None:
        lower, higher = show_number(kind, low), show_number(kind, high)
        if low == high:
            return lower
        if _is_unclear(low, lower, higher):
            lower += _YUAN
        return f"{lower}{_TO}{higher}"
    if low is not None:
        return f"{_AT_LEAST}{show_number(kind, low)}"
    if high is not None:
        return f"{_AT_MOST}{show_number(kind, high)}"
    return WORDS.word("cell", "any_number")


def read_range(kind: FieldKind, value: CellValue) -> Range:
    """Read a range, or a single number as the range of it alone.

    Raises:
        Wrong: it is none, or may be meant in two ways.
    """
    refuse_strange(value)
    read = number_reader(kind)
    if not isinstance(value, str):
        number = read(value)
        return Range(number, number)
    text = normalise(value)
    if len(text) > _LENGTH_MAX:
        raise Wrong(ProblemCode.NOT_A_RANGE)
    if WORDS.value("cell", text) == "any_number":
        return Range()
    open_ended = _open_ended(text, read)
    if open_ended is not None:
        return open_ended
    cuts = set(_between(text, read))
    if len(cuts) != 1:
        return _alone(text, read)
    ((low, high, low_text, high_text),) = cuts
    if _is_unclear(low, low_text, high_text):
        raise Wrong(ProblemCode.UNIT_UNCLEAR)
    if low > high:
        raise Wrong(ProblemCode.RANGE_REVERSED)
    return Range(low, high)


def _alone(text: str, read: Callable[[CellValue], int]) -> Range:
    try:
        number = read(text)
    except Wrong as wrong:
        is_number = wrong.code is not ProblemCode.NOT_A_NUMBER
        raise (wrong if is_number else Wrong(ProblemCode.NOT_A_RANGE)) from None
    return Range(number, number)


def _open_ended(text: str, read: Callable[[CellValue], int]) -> Range | None:
    for name, words in _WORDS.items():
        for word in words if name != "between" else ():
            is_after = name.endswith("_after")
            if text.endswith(word) if is_after else text.startswith(word):
                rest = text.removesuffix(word) if is_after else text.removeprefix(word)
                number = read(rest.strip())
                return _ENDS[name.removesuffix("_after")](number)
    return None


def _between(text: str, read: Callable[[CellValue], int]) -> Iterator[tuple[int, int, str, str]]:
    """Give every way to cut a text into two numbers."""
    for word in _WORDS["between"]:
        start = text.find(word, 1)
        while start > 0:
            before, after = text[:start].strip(), text[start + len(word) :].strip()
            with suppress(Wrong):
                yield read(before), read(after), before, after
            start = text.find(word, start + 1)


def _is_unclear(low: int, low_text: str, high_text: str) -> bool:
    """Tell whether the unit of the higher end may be meant for the lower one too: 10至50万."""
    is_plain = _YUAN not in low_text and not any(size in low_text for size in _SIZES)
    return bool(low) and is_plain and any(size in high_text for size in _SIZES)


_ENDS: Final[dict[str, Callable[[int], Range]]] = {
    "from": lambda number: Range(low=number),
    "up_to": lambda number: Range(high=number),
    "above": lambda number: Range(low=number + 1),
    "below": lambda number: Range(high=number - 1),
}
_YUAN: Final = WORDS.word("piece", "yuan")
_TO: Final = WORDS.word("piece", "to")
_AT_LEAST: Final = WORDS.word("piece", "at_least")
_AT_MOST: Final = WORDS.word("piece", "at_most")

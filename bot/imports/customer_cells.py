"""Cells of a sheet of customers: lists, payment days, people with their phones."""

import re
from dataclasses import dataclass
from typing import Final

from bot.imports.cells import read_words
from bot.imports.problems import Bad, Fault, FileFault
from bot.imports.words import CUSTOMERS
from bot.sheets.reading import CellValue
from domain.customer_files import NAME_MAX, PAYMENT_DAYS_MAX
from handlers.parsing.normalise import normalise
from handlers.parsing.people import find_phone

_DAYS_PER_MONTH: Final = 30
_CODE: Final = re.compile(r"[\w.-]{1,40}")
_DAYS: Final = re.compile(
    r"([0-9]{1,4})\s*"
    rf"(?:({'|'.join(CUSTOMERS.words_for('piece', 'month'))})"
    rf"|(?:{'|'.join(CUSTOMERS.words_for('piece', 'day'))}))?",
    re.ASCII,
)
_SEPARATORS: Final = "".join(CUSTOMERS.words_for("separator", "separator"))
_PIECES: Final = re.compile(f"[{re.escape(_SEPARATORS)}]")
_PHONES: Final = re.compile(f"[{re.escape(_SEPARATORS)}/]")
_AROUND_NAMES: Final = " :-/"
_EMPTY_BRACKETS: Final = re.compile(r"\(\s*\)")
Person = tuple[str, str | None]
"""A name and a phone."""


@dataclass(frozen=True, slots=True)
class Lost:
    """What stands in a cell of people and is not kept."""

    code: FileFault
    found: str
    is_phone: bool
    """It stands among the phones, not among the names."""


def read_text(value: CellValue) -> str:
    """Read a text on one line; what people write for nothing is empty.

    Raises:
        Bad, Wrong: a formula has failed, or it is too long.
    """
    text = read_words(value)
    return "" if CUSTOMERS.value_of("nothing", text) else text


def read_name(value: CellValue) -> str:
    """Read a name.

    Raises:
        Bad, Wrong: a formula has failed, or it is too long.
    """
    text = read_text(value)
    if len(text) > NAME_MAX:
        raise Bad(Fault.TOO_LONG, limit=NAME_MAX)
    return text


def read_code(value: CellValue) -> str:
    """Read what a customer or contract is called by.

    Raises:
        Bad, Wrong: it is none.
    """
    text = read_text(value)
    if text and not _CODE.fullmatch(text):
        raise Bad(FileFault.BAD_CODE, text)
    return text


def read_list(value: CellValue) -> tuple[str, ...]:
    """Read several things in one cell, parted as people part them.

    Raises:
        Bad, Wrong: a formula has failed, or one is too long.
    """
    # Lines part things, and reading a text makes one line of them.
    pieces = _PIECES.split(value) if isinstance(value, str) else [value]
    return tuple(dict.fromkeys(filter(None, map(read_name, pieces))))


def read_payment_days(value: CellValue) -> int:
    """Read how long a unit has for paying: 30, 45天, 3个月, 现结.

    Raises:
        Bad, Wrong: it is none.
    """
    text = read_words(value)
    if text in CUSTOMERS.words_for("piece", "cash"):
        return 0
    found = _DAYS.fullmatch(text)
    days = int(found[1]) * (_DAYS_PER_MONTH if found[2] else 1) if found else -1
    if not 0 <= days <= PAYMENT_DAYS_MAX:
        raise Bad(FileFault.BAD_PAYMENT_DAYS, value)
    return days


def read_people(names: CellValue, phones: CellValue) -> tuple[list[Person], list[Lost]]:
    """Read the people of one or two cells: names with phones among them, or side by side.

    Raises:
        Bad: which phone is whose can't be told.
        Wrong: a formula has failed.
    """
    people: list[Person] = []
    lost: list[Lost] = []
    for piece in _texts(_PIECES, names):
        name, phone, wrong = _person(piece)
        if wrong:
            lost.append(Lost(FileFault.NOT_A_PHONE, wrong, is_phone=False))
        if name:
            people.append((name, phone))
        elif phone:
            lost.append(Lost(FileFault.PHONE_ALONE, phone, is_phone=False))
    numbers: list[str] = []
    for piece in _texts(_PHONES, phones):
        found = find_phone(piece)
        if found is not None and found.number is not None:
            numbers.append(found.number)
        else:
            lost.append(Lost(FileFault.NOT_A_PHONE, piece, is_phone=True))
    return _paired(people, numbers, lost), lost


def _paired(people: list[Person], numbers: list[str], lost: list[Lost]) -> list[Person]:
    if not numbers:
        return people
    if not people:
        lost += [Lost(FileFault.PHONE_ALONE, number, is_phone=True) for number in numbers]
        return people
    bare = [name for name, phone in people if phone is None]
    if len(bare) != len(numbers):
        raise Bad(FileFault.MANY_PHONES, CUSTOMERS.listed([*bare, *numbers]))
    left = iter(numbers)
    return [(name, phone or next(left)) for name, phone in people]


def _person(piece: str) -> tuple[str, str | None, str]:
    """Part a name from its phone; what looks like a phone and is none comes last."""
    found = find_phone(piece)
    if found is None:
        return piece.strip(_AROUND_NAMES), None, ""
    name = _EMPTY_BRACKETS.sub("", piece[: found.start] + piece[found.end :])
    wrong = "" if found.number else piece[found.start : found.end]
    return name.strip(_AROUND_NAMES), found.number, wrong


def _texts(parting: re.Pattern[str], value: CellValue) -> list[str]:
    if isinstance(value, str):
        pieces = [normalise(piece) for piece in parting.split(value)]
    else:
        pieces = [read_words(value)]
    return [piece for piece in pieces if piece and not CUSTOMERS.value_of("nothing", piece)]

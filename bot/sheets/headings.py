"""The first row of a sheet: which column is which."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.sheets.problems import Problem, ProblemCode, shown
from bot.sheets.reading import Row, Sheet
from bot.sheets.words import WORDS
from handlers.parsing.normalise import normalise

_REMARK: Final = re.compile(r"\s*\([^()]*\)$")
"""What stands in brackets behind a heading, such as a unit."""


@dataclass(frozen=True, slots=True)
class Headings:
    """The place of each column by the name of what it holds."""

    places: Mapping[str, int]
    last: str = ""


def read_headings(
    sheet: Sheet, table: str, needed: Sequence[str], last: str
) -> tuple[Headings, list[Problem]]:
    """Read a sheet's headings as words of a table; remarks in brackets don't count.

    `needed` must all be there; `last` is a heading besides the table's that must be there too.
    """
    if not sheet.rows:
        return Headings({}), [Problem(sheet.name, "A1", ProblemCode.HEADINGS_MISSING)]
    row, problems = sheet.rows[0], list[Problem]()
    places: dict[str, int] = {}
    for column, value in enumerate(row.cells):
        if value is None:
            continue
        word = _REMARK.sub("", normalise(str(value)))
        name = last if last and word == normalise(last) else _named(table, word)
        if name is None or name in places:
            code = ProblemCode.HEADING_UNKNOWN if name is None else ProblemCode.HEADING_TWICE
            problems.append(_problem(sheet, row, column, code, value))
        else:
            places[name] = column
    for name in (*needed, last):
        if name and name not in places:
            found = {"found": last if name == last else WORDS.word(table, name)}
            at = row.address(len(row.cells))
            problems.append(Problem(sheet.name, at, ProblemCode.HEADING_MISSING, found))
    return Headings(places, last), problems


def _named(table: str, word: str) -> str | None:
    for name in WORDS.values(table):
        if _REMARK.sub("", normalise(WORDS.word(table, name))) == word:
            return name
    return None


def _problem(sheet: Sheet, row: Row, column: int, code: ProblemCode, value: object) -> Problem:
    return Problem(sheet.name, row.address(column), code, {"found": shown(value)})

"""Which column is which: the row of headings below titles and notes, and merged cells."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.imports.problems import Fault, Place, RowProblem
from bot.imports.words import value_of, word_for
from bot.sheets.problems import shown
from bot.sheets.reading import CellValue, Row, Sheet
from handlers.parsing.normalise import normalise

HEADINGS_WITHIN: Final = 20
"""Rows in which the headings are looked for; titles and notes may stand above them."""
NEEDED: Final = ("type", "date")
_SUBJECTS: Final = frozenset({"customer", "project"})
_FILLED: Final = frozenset({"type", "customer", "project", "date", "contact"})
"""What a merged cell says for all its rows; an amount merged over rows is not one for each."""
_REMARK: Final = re.compile(r"\s*\(([^()]*)\)$")
_RANGE: Final = re.compile(r"([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)")


@dataclass(frozen=True, slots=True)
class Columns:
    """The place of each column by the name of what it holds, and the rows below the headings."""

    places: Mapping[str, int]
    words: Mapping[str, str]
    """The headings as they stand there."""
    rows: Sequence[Row]
    unused: tuple[str, ...] = ()
    """Headings nobody knows."""
    is_in_ten_thousands: bool = False
    """The heading says that plain amounts are in 万元."""

    def at(self, sheet: str, row: int, name: str) -> Place:
        """Give the place of a row's cell by the name of its column."""
        if name in self.places:
            return Place(sheet, row, self.places[name], self.words[name])
        return Place(sheet, row, None, word_for("heading", name))


def find_columns(sheet: Sheet) -> tuple[Columns | None, list[RowProblem]]:
    """Find the headings of a sheet; None where it has none, which a sheet of notes may."""
    for at, row in enumerate(sheet.rows[:HEADINGS_WITHIN]):
        columns, problems = _columns(sheet, row, at)
        found = columns.places.keys()
        if "type" in found and ("date" in found or not found.isdisjoint(_SUBJECTS)):
            return _filled(sheet, columns, problems)
    return None, []


def _columns(sheet: Sheet, row: Row, at: int) -> tuple[Columns, list[RowProblem]]:
    places: dict[str, int] = {}
    words: dict[str, str] = {}
    unused: list[str] = []
    problems: list[RowProblem] = []
    is_in_ten_thousands = False
    for column, value in enumerate(row.cells):
        if value is None:
            continue
        word = normalise(str(value))
        remark = _REMARK.search(word)
        name = value_of("heading", _REMARK.sub("", word))
        if name is None:
            unused.append(shown(value))
        elif name in places:
            place = Place(sheet.name, row.number, column, shown(value))
            problems.append(RowProblem(place, Fault.HEADING_TWICE, {"found": shown(value)}))
        else:
            places[name], words[name] = column, shown(value)
            if name == "amount" and remark is not None:
                is_in_ten_thousands = value_of("unit", remark[1]) == "ten_thousand"
    for name in NEEDED:
        if name not in places:
            found = {"found": word_for("heading", name)}
            problems.append(RowProblem(Place(sheet.name, row.number), Fault.HEADING_MISSING, found))
    rows = sheet.rows[at + 1 :]
    return Columns(places, words, rows, tuple(unused), is_in_ten_thousands), problems


def _filled(
    sheet: Sheet, columns: Columns, problems: list[RowProblem]
) -> tuple[Columns, list[RowProblem]]:
    """Give merged cells their value in all their rows, where that is what they say."""
    names = {column: name for name, column in columns.places.items()}
    rows = {row.number: list(row.cells) for row in columns.rows}
    first = min(rows, default=0)
    for merged in sheet.merged:
        left, top, right, bottom = _corners(merged)
        if bottom < first or top == bottom:
            continue
        for column in range(left, right + 1):
            name = names.get(column)
            if name in _FILLED:
                _fill(rows, column, range(max(top, first), bottom + 1))
            elif name is not None:
                place = columns.at(sheet.name, top, name)
                problems.append(RowProblem(place, Fault.NOT_MERGEABLE, {"found": merged}))
    filled = [Row(number, cells) for number, cells in rows.items()]
    return (
        Columns(columns.places, columns.words, filled, columns.unused, columns.is_in_ten_thousands),
        problems,
    )


def _fill(rows: dict[int, list[CellValue]], column: int, numbers: range) -> None:
    top = rows.get(numbers[0], [])
    value = top[column] if column < len(top) else None
    for number in numbers:
        cells = rows.get(number)
        # A row of which only merged cells say something has nothing of its own.
        if cells is not None:
            cells.extend([None] * (column + 1 - len(cells)))
            cells[column] = value


def _corners(merged: str) -> tuple[int, int, int, int]:
    found = _RANGE.fullmatch(merged)
    if found is None:
        raise ValueError(merged)
    left, top, right, bottom = found.groups()
    return _column(left), int(top), _column(right), int(bottom)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1

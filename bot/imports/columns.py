"""Which column is which: the row of headings below titles and notes, and merged cells."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from bot.imports.problems import Fault, FileFault, Place, RowProblem
from bot.imports.words import EVENTS, WordFile
from bot.sheets.problems import shown
from bot.sheets.reading import CellValue, Row, Sheet
from handlers.parsing.normalise import normalise

HEADINGS_WITHIN: Final = 20
"""Rows in which the headings are looked for; titles and notes may stand above them."""
_REMARK: Final = re.compile(r"\s*\(([^()]*)\)$")
_RANGE: Final = re.compile(r"([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)")


@dataclass(frozen=True, slots=True)
class Shape:
    """What sheets of one kind have."""

    words: WordFile
    headings: str
    """The table of headings."""
    marks: Sequence[frozenset[str]]
    """A row is the headings when it has one column of each of these."""
    needed: Sequence[str]
    filled: frozenset[str]
    """What a merged cell says for all its rows; an amount merged over rows is not one for each."""
    missing: Fault | FileFault
    """What is wrong with a file in which no sheet has the headings."""


EVENT_SHEETS: Final = Shape(
    words=EVENTS,
    headings="heading",
    marks=(frozenset({"type"}), frozenset({"date", "customer", "project"})),
    needed=("type", "date"),
    filled=frozenset({"type", "customer", "project", "date", "contact"}),
    missing=Fault.NO_HEADINGS,
)


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
    shape: Shape = EVENT_SHEETS

    def at(self, sheet: str, row: int, name: str) -> Place:
        """Give the place of a row's cell by the name of its column."""
        if name in self.places:
            return Place(sheet, row, self.places[name], self.words[name])
        return Place(sheet, row, None, self.shape.words.word_for(self.shape.headings, name))


@dataclass(slots=True)
class Tables:
    """The sheets of a file that have the headings, with what is wrong with the headings."""

    tables: list[tuple[Sheet, Columns]] = field(default_factory=list)
    """Only those of which the rows can be read."""
    problems: list[RowProblem] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    """Headings and sheets that are not read."""


def find_tables(
    sheets: Sequence[Sheet], shape: Shape = EVENT_SHEETS, further: Collection[str] = ()
) -> Tables:
    """Find the headings of every sheet that has some.

    `further` are headings besides the shape's that stand for themselves.
    """
    found, without = Tables(), list[Sheet]()
    filled = [sheet for sheet in sheets if sheet.rows]
    for sheet in filled:
        columns, problems = find_columns(sheet, shape, further)
        if columns is None:
            without.append(sheet)
            continue
        found.problems += problems
        found.unused += columns.unused
        if not columns.rows:
            found.problems.append(RowProblem(Place(sheet.name, 1), Fault.NO_ROWS))
        if not problems:
            found.tables.append((sheet, columns))
    if len(without) == len(filled):
        name = sheets[0].name if sheets else ""
        found.problems.append(RowProblem(Place(name, 1), shape.missing))
    else:
        found.unused += [sheet.name for sheet in without]
    return found


def find_columns(
    sheet: Sheet, shape: Shape = EVENT_SHEETS, further: Collection[str] = ()
) -> tuple[Columns | None, list[RowProblem]]:
    """Find the headings of a sheet; None where it has none, which a sheet of notes may."""
    for at, row in enumerate(sheet.rows[:HEADINGS_WITHIN]):
        columns, problems = _columns(sheet, row, at, shape, further)
        if all(not mark.isdisjoint(columns.places) for mark in shape.marks):
            return _filled(sheet, columns, problems)
    return None, []


def _columns(
    sheet: Sheet, row: Row, at: int, shape: Shape, further: Collection[str]
) -> tuple[Columns, list[RowProblem]]:
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
        bare = _REMARK.sub("", word)
        name = shape.words.value_of(shape.headings, bare)
        if name is None and bare in further:
            name = bare
        if name is None:
            unused.append(shown(value))
        elif name in places:
            place = Place(sheet.name, row.number, column, shown(value))
            problems.append(RowProblem(place, Fault.HEADING_TWICE, {"found": shown(value)}))
        else:
            places[name], words[name] = column, shown(value)
            if name == "amount" and remark is not None:
                is_in_ten_thousands = shape.words.value_of("unit", remark[1]) == "ten_thousand"
    for name in shape.needed:
        if name not in places:
            found = {"found": shape.words.word_for(shape.headings, name)}
            problems.append(RowProblem(Place(sheet.name, row.number), Fault.HEADING_MISSING, found))
    rows = sheet.rows[at + 1 :]
    return Columns(places, words, rows, tuple(unused), is_in_ten_thousands, shape), problems


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
            if name in columns.shape.filled:
                _fill(rows, column, range(max(top, first), bottom + 1))
            elif name is not None:
                place = columns.at(sheet.name, top, name)
                problems.append(RowProblem(place, Fault.NOT_MERGEABLE, {"found": merged}))
    filled = [Row(number, cells) for number, cells in rows.items()]
    return replace(columns, rows=filled), problems


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

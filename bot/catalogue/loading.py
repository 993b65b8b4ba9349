"""A file of rewards to rows, and all problems of its cells; planning looks at what there is.

Only cells that stand there say something: a column that is missing, or an empty stock, leaves what
there is.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, Final

from bot.catalogue.cells import (
    or_none,
    read_address,
    read_count,
    read_end,
    read_flag,
    read_kind,
    read_limit,
    read_line,
    read_money,
    read_points,
    read_segments,
    read_start,
    read_tier,
)
from bot.catalogue.problems import Bad, Place, RowFault, RowProblem
from bot.catalogue.words import first_words, value_of, values_of, word_for
from bot.sheets.problems import Wrong, shown
from bot.sheets.reading import CellValue, Row, Sheet, read_sheets
from domain.rewards import Reward
from handlers.parsing.normalise import normalise

ROWS_MAX: Final = 2_000
HEADINGS_WITHIN: Final = 20
"""Rows in which the headings are looked for; titles and notes may stand above them."""
_NEEDED: Final = frozenset({"name", "points"})
_REMARK: Final = re.compile(r"\s*\(([^()]*)\)$")
_RANGE_END: Final = re.compile(r"[A-Z]+([0-9]+)$")
_MONEY: Final = frozenset({"cost", "value"})
_KEPT: Final = frozenset({"number", "version", "used", "stock", "kind"})
"""Where an empty cell leaves what there is instead of emptying it."""

Reader = Callable[[CellValue], Any]


@dataclass(slots=True)
class ListedReward:
    """One row of a file."""

    sheet: str
    row: int
    columns: "Columns"
    number: int | None = None
    version: int | None = None
    stock: int | None = None
    """How many are to be free; None where the row does not say."""
    used: int | None = None
    """How many were not free any more when the file was written."""
    terms: dict[str, Any] = field(default_factory=dict)
    """By the names of domain/rewards; a tier as it is called. `has_stock` where stock is said."""

    def place(self, name: str) -> Place:
        """Give where something of the row stands, by the name of its column."""
        column = self.columns.places.get(name)
        heading = self.columns.words.get(name, "") or word_for("heading", name)
        return Place(self.sheet, self.row, column, heading)


@dataclass(frozen=True, slots=True)
class Columns:
    """The place of each column by the name of what it holds."""

    places: Mapping[str, int]
    words: Mapping[str, str]
    """The headings as they stand there."""
    in_ten_thousands: frozenset[str] = frozenset()


@dataclass(slots=True)
class Listing:
    """What a file says of rewards."""

    rows: list[ListedReward] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    """Headings nobody knows."""


def read_listing(data: bytes, today: date) -> Listing:
    """Read a file of rewards.

    Raises:
        Unreadable: it is no table, or beyond the limits.
    """
    listing = Listing()
    for sheet in read_sheets(data):
        for at, row in enumerate(sheet.rows[:HEADINGS_WITHIN]):
            if {_named(value) for value in row.cells} >= _NEEDED:
                columns = _columns(sheet, row, listing)
                _read_rows(sheet, sheet.rows[at + 1 :], columns, listing, today)
                return listing
    listing.problems.append(RowProblem(Place(""), RowFault.NO_HEADINGS))
    return listing


def read_pairs(pairs: Mapping[str, str], today: date) -> Listing:
    """Read one reward from texts by what their columns are called, or by the fields' names."""
    listing = Listing()
    columns = Columns({}, {})
    listed = ListedReward("", 0, columns)
    cells: dict[str, str] = {}
    for word, text in pairs.items():
        name = word if word in values_of("heading") else _named(word)
        if name is None:
            data = {"found": shown(word), "choices": first_words("heading")}
            listing.problems.append(RowProblem(Place(""), RowFault.UNKNOWN_WORD, data))
        else:
            cells[name] = text
    readers = _readers(columns, today)
    for name, text in cells.items():
        listing.problems += _read_cell(listed, name, text or None, readers[name])
    if not listing.problems:
        listing.rows.append(listed)
    return listing


def _named(value: CellValue) -> str | None:
    return None if value is None else value_of("heading", _REMARK.sub("", normalise(str(value))))


def _columns(sheet: Sheet, row: Row, listing: Listing) -> Columns:
    places: dict[str, int] = {}
    words: dict[str, str] = {}
    scaled = set[str]()
    for column, value in enumerate(row.cells):
        if value is None:
            continue
        name = _named(value)
        if name is None:
            listing.unused.append(shown(value))
        elif name in places:
            place = Place(sheet.name, row.number, column, shown(value))
            problem = RowProblem(place, RowFault.HEADING_TWICE, {"found": shown(value)})
            listing.problems.append(problem)
        else:
            places[name], words[name] = column, shown(value)
            remark = _REMARK.search(normalise(str(value)))
            if remark is not None and value_of("unit", remark[1]) == "ten_thousand":
                scaled.add(name)
    for merged in sheet.merged:
        found = _RANGE_END.search(merged)
        if found is not None and int(found[1]) >= row.number:
            problem = RowProblem(Place(sheet.name), RowFault.MERGED, {"found": merged})
            listing.problems.append(problem)
    return Columns(places, words, frozenset(scaled & _MONEY))


def _read_rows(
    sheet: Sheet, rows: Sequence[Row], columns: Columns, listing: Listing, today: date
) -> None:
    if not rows:
        listing.problems.append(RowProblem(Place(sheet.name), RowFault.NO_ROWS))
    if len(rows) > ROWS_MAX:
        data = {"found": len(rows), "limit": ROWS_MAX}
        listing.problems.append(RowProblem(Place(sheet.name), RowFault.TOO_MANY_ROWS, data))
        return
    readers = _readers(columns, today)
    for row in rows:
        listed = ListedReward(sheet.name, row.number, columns)
        problems = list(_read_row(row, listed, readers))
        listing.problems += problems
        if not problems:
            listing.rows.append(listed)


def _readers(columns: Columns, today: date) -> dict[str, Reader]:
    def money(name: str) -> Reader:
        return partial(read_money, is_in_ten_thousands=name in columns.in_ten_thousands)

    return {
        "number": read_count,
        "version": read_count,
        "used": read_count,
        "stock": or_none(read_count),
        "name": read_line,
        "kind": read_kind,
        "points": read_points,
        "cost": money("cost"),
        "value": money("value"),
        "limit": read_limit,
        "tier": read_tier,
        "segments": read_segments,
        "opens_at": or_none(partial(read_start, today=today)),
        "closes_at": or_none(partial(read_end, today=today)),
        "valid_days": or_none(read_count),
        "is_partly_usable": read_flag,
        "description": read_line,
        "picture": read_address,
        "needs_contact": read_flag,
        "needs_approver": read_flag,
        "is_active": read_flag,
    }


def _read_row(
    row: Row, listed: ListedReward, readers: Mapping[str, Reader]
) -> Iterator[RowProblem]:
    for name, column in listed.columns.places.items():
        yield from _read_cell(listed, name, row.cell(column), readers[name])


def _read_cell(
    listed: ListedReward, name: str, value: CellValue, read: Reader
) -> Iterator[RowProblem]:
    if value is None:
        if name in _NEEDED:
            yield RowProblem(listed.place(name), RowFault.MISSING)
        elif name not in _KEPT:
            listed.terms[name] = _DEFAULTS[name]
        return
    try:
        _keep(listed, name, read(value))
    except Wrong as wrong:
        data = {"found": shown(value)} | wrong.data
        yield RowProblem(listed.place(name), wrong.code, data)
    except Bad as bad:
        yield RowProblem(listed.place(name), bad.code, bad.data)


def _keep(listed: ListedReward, name: str, value: Any) -> None:
    if name == "stock":
        listed.stock = value
        listed.terms["has_stock"] = value is not None
    elif name in {"number", "version", "used"}:
        setattr(listed, name, value)
    else:
        listed.terms[name] = value


_DEFAULTS: Final[Mapping[str, Any]] = {
    name: Reward.__dataclass_fields__[name].default
    for name in (
        *("cost", "value", "limit", "tier", "segments", "opens_at", "closes_at", "valid_days"),
        *("is_partly_usable", "description", "picture", "needs_contact", "needs_approver"),
        "is_active",
    )
}
"""What an empty cell means."""

"""Tables for people: headings, columns of one kind each, a frozen header, widths that fit Chinese.

Texts stay texts: nothing that begins with =, +, - or @ becomes a formula, here or when edited.
"""

import io
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

CELL_TEXT_MAX: Final = 32_767
"""What Excel holds in one cell."""
_WIDTH_MIN, _WIDTH_MAX = 8, 48
_WIDTH_ROWS: Final = 200
"""Rows that a column's width is measured by."""
_FEN_PER_YUAN: Final = 100
_UNDATED: Final = datetime(2000, 1, 1, tzinfo=UTC)
_FORMULA_STARTS: Final = ("=", "+", "-", "@")


class ColumnKind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    """Fen, shown in yuan."""
    DATE = "date"


@dataclass(frozen=True, slots=True)
class ColumnOut:
    """One column of a written sheet."""

    heading: str
    kind: ColumnKind = ColumnKind.TEXT
    width: int | None = None
    """In digits; measured when not given."""


CellOut = str | int | date | None


@dataclass(frozen=True, slots=True)
class SheetOut:
    """One sheet to write; every row has at most a cell per column."""

    name: str
    columns: Sequence[ColumnOut]
    rows: Iterable[Sequence[CellOut]]


@dataclass(eq=False)
class TextTooLong(Exception):
    """A text does not fit into a cell; names the sheet, row and column, not the text."""

    sheet: str
    row: int
    column: int


def write_workbook(sheets: Iterable[SheetOut]) -> bytes:
    """Write sheets as an .xlsx.

    Raises:
        TextTooLong: a text is longer than a cell can hold.
    """
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        # The same rows give the same bytes: no clock is asked when they were written.
        book.set_properties({"created": _UNDATED})
        styles = _Styles(book)
        for sheet in sheets:
            _write(book.add_worksheet(sheet.name), sheet, styles)
    return written.getvalue()


class _Styles:
    """The few formats a workbook has."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        plain = {"valign": "top"}
        self.heading = book.add_format({"bold": True, "bg_color": "#E8EEF7", "bottom": 1})
        # A text format keeps Excel from making dates of 3-5; the prefix, from making formulas.
        text = {**plain, "num_format": "@", "text_wrap": True}
        self.text = book.add_format(text)
        self.guarded = book.add_format({**text, "quote_prefix": True})
        self.by_kind: dict[ColumnKind, Format] = {
            ColumnKind.TEXT: self.text,
            ColumnKind.NUMBER: book.add_format({**plain, "num_format": "#,##0"}),
            ColumnKind.MONEY: book.add_format({**plain, "num_format": "#,##0.00"}),
            ColumnKind.DATE: book.add_format({**plain, "num_format": "yyyy-mm-dd"}),
        }


def _write(sheet: Worksheet, out: SheetOut, styles: _Styles) -> None:
    widths = [_width(column.heading) for column in out.columns]
    for n, column in enumerate(out.columns):
        sheet.write_string(0, n, column.heading, styles.heading)
    for number, row in enumerate(out.rows, 1):
        for n, (column, value) in enumerate(zip(out.columns, row, strict=False)):
            if value is None:
                continue
            if isinstance(value, str) and len(value) > CELL_TEXT_MAX:
                raise TextTooLong(out.name, number + 1, n)
            _write_cell(sheet, (number, n), value, (column.kind, styles))
            if number <= _WIDTH_ROWS:
                widths[n] = max(widths[n], _width(str(value)))
    for n, column in enumerate(out.columns):
        fitting = min(max(widths[n] + 2, _WIDTH_MIN), _WIDTH_MAX)
        sheet.set_column(n, n, column.width or fitting, styles.by_kind[column.kind])
    sheet.freeze_panes(1, 0)


def _write_cell(
    sheet: Worksheet, at: tuple[int, int], value: str | int | date, how: tuple[ColumnKind, _Styles]
) -> None:
    kind, styles = how
    if isinstance(value, str):
        style = styles.guarded if value.startswith(_FORMULA_STARTS) else styles.text
        sheet.write_string(*at, value, style)
    elif isinstance(value, date):
        sheet.write_datetime(*at, value, styles.by_kind[ColumnKind.DATE])
    elif kind is ColumnKind.MONEY:
        sheet.write_number(*at, value / _FEN_PER_YUAN, styles.by_kind[kind])
    else:
        sheet.write_number(*at, value, styles.by_kind[ColumnKind.NUMBER])


def _width(text: str) -> int:
    """Measure the longest line in digits; Chinese characters are two wide."""
    return max(
        sum(1 + (unicodedata.east_asian_width(one) in "WF") for one in line)
        for line in text.split("\n")
    )

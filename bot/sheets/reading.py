"""Any .xlsx or .csv as sheets of rows, each cell with its address.

What a cell holds is given as it is, or as the error it shows; what it means is the caller's.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from bot.sheets.limits import Fault, Limits, Unreadable
from bot.sheets.unpacking import repacked

PROGRESS_ROWS: Final = 1000
Progress = Callable[[int, int], None]
"""Told the rows done and the rows there are."""


@dataclass(frozen=True, slots=True)
class CellError:
    """A formula that failed, such as #REF!."""

    shown: str


CellValue = str | int | float | bool | date | datetime | time | timedelta | CellError | None
"""What a cell holds; None when nothing."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row; cells beyond the last one filled are left out."""

    number: int
    """As the program shows it: 1 is the first."""
    cells: Sequence[CellValue]

    def cell(self, column: int) -> CellValue:
        """Give a cell by its place from 0; None beyond the end."""
        return self.cells[column] if column < len(self.cells) else None

    def address(self, column: int) -> str:
        """Give a cell's address: C7."""
        return address(self.number, column)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One visible sheet, without its blank rows."""

    name: str
    rows: Sequence[Row]
    merged: Sequence[str] = ()
    """Ranges of merged cells: A1:B2. Only the first cell of each has a value."""


_SHOWN_ERRORS: Final = frozenset(
    {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!"}
    | {"#GETTING_DATA", "#FIELD!", "#BLOCKED!", "#UNKNOWN!", "#CONNECT!", "#BUSY!"}
)
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0"
_ENCODINGS: Final = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_DELIMITERS: Final = (",", "\t", ";")


def read_sheets(
    data: bytes, *, limits: Limits | None = None, progress: Progress | None = None
) -> list[Sheet]:
    """Read every visible sheet of an .xlsx, or a .csv as one sheet without a name.

    CSV may be UTF-8, UTF-16 with its mark, or GBK; separated by comma, tab or semicolon.

    Raises:
        Unreadable: it is neither, or beyond the limits.
    """
    limits = limits or Limits()
    if not data:
        raise Unreadable(Fault.EMPTY)
    if len(data) > limits.file_bytes:
        raise Unreadable(Fault.TOO_LARGE, {"limit": limits.file_bytes})
    if data.startswith(_OLE):
        raise Unreadable(Fault.OLD_OR_LOCKED)
    if data.startswith(_ZIP):
        return _read_workbook(repacked(data, limits), progress)
    return [_read_csv(data, limits, progress)]


def address(row: int, column: int) -> str:
    """Give the address of a cell by its row from 1 and its column from 0: C7."""
    letters = ""
    left = column + 1
    while left:
        left, letter = divmod(left - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row}"


def _read_workbook(data: bytes, progress: Progress | None) -> list[Sheet]:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            sheets = [
                book.get_sheet_by_name(one.name)
                for one in book.sheets_metadata
                if one.visible is SheetVisibleEnum.Visible and one.typ is SheetTypeEnum.WorkSheet
            ]
            tell = _counting(progress, sum(sheet.end[0] + 1 for sheet in sheets if sheet.end))
            return [
                Sheet(
                    sheet.name,
                    _filled(tell(sheet.to_python(skip_empty_area=False))),
                    tuple(
                        f"{address(top + 1, left)}:{address(bottom + 1, right)}"
                        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
                    ),
                )
                for sheet in sheets
            ]
    except CalamineError:
        raise Unreadable(Fault.NOT_A_WORKBOOK) from None


def _read_csv(data: bytes, limits: Limits, progress: Progress | None) -> Sheet:
    text = _decoded(data)
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            if len(rows) == limits.rows:
                raise Unreadable(Fault.TOO_MANY_ROWS, {"limit": limits.rows})
            if len(row) > limits.columns:
                raise Unreadable(Fault.TOO_MANY_COLUMNS, {"limit": limits.columns})
            rows.append(row)
    except csv.Error:
        raise Unreadable(Fault.NOT_A_TEXT) from None
    return Sheet("", _filled(_counting(progress, len(rows))(rows)))


def _decoded(data: bytes) -> str:
    marked = next((name for mark, name in _ENCODINGS if data.startswith(mark)), None)
    for encoding in (marked,) if marked else ("utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(Fault.NOT_A_TEXT)


Rows = Iterable[Sequence[CellValue]]


def _counting(progress: Progress | None, total: int) -> Callable[[Rows], Rows]:
    done = 0

    def tell(rows: Rows) -> Iterator[Sequence[CellValue]]:
        nonlocal done
        for row in rows:
            yield row
            done += 1
            if progress is not None and (done % PROGRESS_ROWS == 0 or done == total):
                progress(done, total)

    return tell


def _filled(rows: Rows) -> list[Row]:
    found = []
    for number, raw in enumerate(rows, 1):
        cells = [_cleaned(value) for value in raw]
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            found.append(Row(number, cells))
    return found


def _cleaned(value: CellValue) -> CellValue:
    if isinstance(value, str):
        if not value.strip():
            return None
        if value in _SHOWN_ERRORS:
            return CellError(value)
    return value

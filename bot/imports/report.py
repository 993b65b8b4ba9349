"""What became of every row of a file, as a file beside it: .xlsx or .csv."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.imports.problems import Place, word_place
from bot.imports.words import listed, word_for
from bot.sheets.writing import CellOut, ColumnKind, ColumnOut, SheetOut, write_workbook

_COLUMNS: Final = (
    ("place", ColumnKind.TEXT),
    ("state", ColumnKind.TEXT),
    ("customer", ColumnKind.TEXT),
    ("points", ColumnKind.NUMBER),
    ("entries", ColumnKind.TEXT),
    ("detail", ColumnKind.TEXT),
)
_FORMULA_STARTS: Final = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class ReportRow:
    """What became of one row."""

    place: Place
    state: str
    customer: str = ""
    points: int | None = None
    entries: tuple[int, ...] = ()
    detail: str = ""
    """What was wrong with it, in words."""


class UnknownFormat(ValueError):
    """A report is .xlsx or .csv."""


EVENT_COLUMNS: Final = tuple(name for name, _ in _COLUMNS)
CUSTOMER_COLUMNS: Final = ("place", "state", "customer", "detail")


def write_report(
    file: Path, rows: Iterable[ReportRow], columns: Sequence[str] = EVENT_COLUMNS
) -> None:
    """Write some columns of a report in the format that the file's name asks for.

    Raises:
        UnknownFormat: neither .xlsx nor .csv.
    """
    check_format(file)
    cells = ([value for name, value in _cells(row) if name in columns] for row in rows)
    headings = [word_for("report", name) for name in columns]
    if file.suffix.lower() == ".csv":
        file.write_bytes(_csv(headings, cells))
        return
    kinds = [kind for name, kind in _COLUMNS if name in columns]
    sheet = SheetOut(word_for("report", "sheet"), list(map(ColumnOut, headings, kinds)), cells)
    file.write_bytes(write_workbook([sheet]))


def check_format(file: Path) -> None:
    """Refuse a report's name before anything is done for it.

    Raises:
        UnknownFormat: neither .xlsx nor .csv.
    """
    if file.suffix.lower() not in {".xlsx", ".csv"}:
        raise UnknownFormat("a report is .xlsx or .csv")


def _csv(headings: Sequence[str], rows: Iterable[list[CellOut]]) -> bytes:
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(headings)
    writer.writerows([_guarded(cell) for cell in row] for row in rows)
    # The mark lets Excel see that it is UTF-8.
    return written.getvalue().encode("utf-8-sig")


def _cells(row: ReportRow) -> list[tuple[str, CellOut]]:
    return [
        ("place", word_place(row.place)),
        ("state", row.state),
        ("customer", row.customer),
        ("points", row.points),
        ("entries", listed(map(str, row.entries))),
        ("detail", row.detail),
    ]


def _guarded(cell: CellOut) -> CellOut:
    """Keep a text from becoming a formula when the file is opened in Excel."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell

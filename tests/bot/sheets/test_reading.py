"""Files from outside: what is read, and what a hostile one does, which is nothing."""

import io
import re
import struct
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given, strategies as st
from xlsxwriter.worksheet import Worksheet

from bot.sheets.limits import Fault, Limits, Unreadable
from bot.sheets.reading import CellError, Row, Sheet, address, read_sheets
from bot.sheets.unpacking import column_number
from bot.sheets.writing import ColumnKind, ColumnOut, SheetOut, write_workbook
from tests.bot.sheets.making import workbook

COLUMNS = (ColumnOut("名称"), ColumnOut("积分", ColumnKind.NUMBER))


def filled(*rows: tuple[Any, ...]) -> Callable[[Worksheet, Any], None]:
    def fill(sheet: Worksheet, _: Any) -> None:
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write(number, column, value)

    return fill


def cells(sheet: Sheet) -> dict[str, Any]:
    return {
        row.address(n): value
        for row in sheet.rows
        for n, value in enumerate(row.cells)
        if value is not None
    }


def refused(data: bytes, **limits: int) -> Fault:
    with pytest.raises(Unreadable) as unreadable:
        read_sheets(data, limits=Limits(**limits))
    return unreadable.value.fault


def rebuilt(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """Change the parts of a workbook."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(written, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return written.getvalue()


def test_every_kind_of_cell_is_given_as_it_is() -> None:
    def fill(sheet: Worksheet, book: Any) -> None:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_string(0, 0, "=cmd|' /C calc'!A0")
        sheet.write_formula(0, 1, "=1+1", None, 2)
        sheet.write_formula(0, 2, "=1/0", None, "#DIV/0!")
        sheet.write_datetime(1, 0, date(2026, 12, 1), day)
        sheet.write_boolean(1, 1, True)
        sheet.write_number(1, 2, 1e18)
        sheet.write_string(3, 1, "  ")
        sheet.write_string(4, 1, "x\0\ny")
        sheet.merge_range(6, 0, 7, 1, "合并")

    (sheet,) = read_sheets(workbook(("甲", fill)))
    assert cells(sheet) == {
        "A1": "=cmd|' /C calc'!A0",
        "B1": 2.0,
        "C1": CellError("#DIV/0!"),
        "A2": date(2026, 12, 1),
        "B2": True,
        "C2": 1e18,
        "B5": "x\0\ny",
        "A7": "合并",
    }
    assert [row.number for row in sheet.rows] == [1, 2, 5, 7]
    assert sheet.merged == ("A7:B8",)
    assert sheet.rows[0].cell(99) is None


@pytest.mark.parametrize("error", ["#REF!", "#N/A", "#NAME?", "#VALUE!", "#NUM!", "#NULL!"])
def test_a_failed_formula_is_an_error_not_an_empty_cell(error: str) -> None:
    def fill(sheet: Worksheet, _: Any) -> None:
        sheet.write_formula(0, 0, "=A9", None, error)

    (sheet,) = read_sheets(workbook(("甲", fill)))
    assert cells(sheet) == {"A1": CellError(error)}


def test_hidden_sheets_are_not_read() -> None:
    def hide(sheet: Worksheet, _: Any) -> None:
        sheet.write(0, 0, "geheim")
        sheet.very_hidden()

    found = read_sheets(workbook(("甲", filled(("a",))), ("乙", hide), ("丙", filled())))
    assert [(sheet.name, len(sheet.rows)) for sheet in found] == [("甲", 1), ("丙", 0)]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", Fault.EMPTY),
        (b"PK\x03\x04 no zip", Fault.NOT_A_WORKBOOK),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, Fault.OLD_OR_LOCKED),
        (b"\xff\xff\x00\xff", Fault.NOT_A_TEXT),
        (b'a,"b\nc', Fault.NOT_A_TEXT),
        (b"%PDF-1.7 \xe2\xe3\xcf\xd3\xff", Fault.NOT_A_TEXT),
    ],
)
def test_what_is_no_table_is_refused(data: bytes, fault: Fault) -> None:
    assert refused(data) is fault


def test_a_damaged_workbook_is_refused() -> None:
    data = workbook(("甲", filled(("a",))))
    assert refused(data[:2000]) is Fault.NOT_A_WORKBOOK
    broken = rebuilt(data, lambda name, part: b"<" if name.startswith("xl/work") else part)
    assert refused(broken) is Fault.NOT_A_WORKBOOK
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as container:
        container.writestr("word/document.xml", "<w/>")
    assert refused(other.getvalue()) is Fault.NOT_A_WORKBOOK
    with zipfile.ZipFile(other, "w", zipfile.ZIP_LZMA) as container:
        container.writestr("xl/workbook.xml", "<w/>")
    assert refused(other.getvalue()) is Fault.NOT_A_WORKBOOK


def test_a_locked_container_is_refused() -> None:
    data = bytearray(workbook(("甲", filled(("a",)))))
    for found in re.finditer(b"PK\x01\x02", bytes(data)):
        struct.pack_into("<H", data, found.start() + 8, 1)
    assert refused(bytes(data)) is Fault.NOT_A_WORKBOOK


def test_a_bomb_is_refused_before_it_unpacks() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as container:
        container.writestr("xl/workbook.xml", "<w/>")
        container.writestr("xl/worksheets/sheet1.xml", b"0" * 2_000_000)
    assert len(bomb.getvalue()) < 10_000
    assert refused(bomb.getvalue(), unpacked_bytes=1_000_000) is Fault.UNPACKS_TOO_LARGE
    with zipfile.ZipFile(bomb, "w") as container:
        for n in range(1001):
            container.writestr(f"{n}.xml", "")
    assert refused(bomb.getvalue()) is Fault.UNPACKS_TOO_LARGE


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as container:
        container.writestr("xl/workbook.xml", b"0" * 2_000_000)
    data = bytearray(bomb.getvalue())
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, 10)
    struct.pack_into("<I", data, data.index(b"PK\x03\x04") + 22, 10)
    assert refused(bytes(data), unpacked_bytes=1_000_000) is Fault.NOT_A_WORKBOOK


@pytest.mark.parametrize(
    ("far", "fault"),
    [
        (b'r="XFD1"', Fault.TOO_MANY_COLUMNS),
        (b'r="xfd1"', Fault.TOO_MANY_COLUMNS),
        (b"r='A1048576'", Fault.TOO_MANY_ROWS),
        (b'r = "A00000000001048576"', Fault.TOO_MANY_ROWS),
        (b's="0" r="ZZZZ1"', Fault.TOO_MANY_COLUMNS),
    ],
)
def test_a_cell_far_out_is_refused_before_the_parser_reserves_memory(
    far: bytes, fault: Fault
) -> None:
    data = workbook(("甲", filled(("a",))))
    moved = rebuilt(data, lambda _, part: part.replace(b'<c r="A1"', b"<c " + far))
    assert moved != data
    assert refused(moved) is fault
    row = rebuilt(data, lambda _, part: part.replace(b'<row r="1"', b'<row r="1048576"'))
    assert refused(row) is Fault.TOO_MANY_ROWS


@pytest.mark.parametrize("piece", [b"<c ", b"<row ", b"<c" + b" r" * 99, b" ", b"t ", b"<c t = "])
def test_parts_made_to_be_searched_for_ever_are_not(piece: bytes) -> None:
    data = workbook(("甲", filled(("a",))))
    flood = b"<c " + piece * (3_000_000 // len(piece))
    hostile = rebuilt(data, lambda name, part: flood if "sheet1" in name else part)
    assert refused(hostile) is Fault.NOT_A_WORKBOOK


def test_a_file_has_a_limited_size_and_shape() -> None:
    data = workbook(("甲", filled(*(("a",) for _ in range(50)))))
    assert refused(data, file_bytes=100) is Fault.TOO_LARGE
    assert refused(data, rows=49) is Fault.TOO_MANY_ROWS
    assert refused(b"a\n" * 50, rows=49) is Fault.TOO_MANY_ROWS
    assert refused(b"a,b,c", columns=2) is Fault.TOO_MANY_COLUMNS
    assert len(read_sheets(data, limits=Limits(rows=50))[0].rows) == 50


@pytest.mark.parametrize(
    "data",
    [
        "名称,金额\n王,5\n".encode(),
        "名称,金额\r\n王,5\r\n".encode("utf-8-sig"),
        "名称,金额\n王,5\n".encode("gbk"),
        "名称\t金额\n王\t5\n".encode("utf-16"),
        "名称;金额\n王;5\n".encode(),
        '"名称","金额"\n\n王,5'.encode(),
    ],
)
def test_csv_is_read_in_the_encodings_of_excel(data: bytes) -> None:
    (sheet,) = read_sheets(data)
    assert [list(row.cells) for row in sheet.rows] == [["名称", "金额"], ["王", "5"]]
    assert sheet.name == ""


def test_progress_is_told_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    read_sheets(b"a\n" * 2500, progress=lambda done, total: told.append((done, total)))
    assert told == [(1000, 2500), (2000, 2500), (2500, 2500)]
    told.clear()
    data = workbook(("甲", filled(("a",))), ("乙", filled(("a",), ("b",))))
    read_sheets(data, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (3, 3)


def test_addresses_are_those_of_excel() -> None:
    assert [address(1, n) for n in (0, 25, 26, 701, 702)] == ["A1", "Z1", "AA1", "ZZ1", "AAA1"]
    assert Row(7, ("x",)).address(2) == "C7"


@given(st.integers(0, 20_000))
def test_letters_of_columns_count_as_they_are_written(column: int) -> None:
    assert column_number(address(1, column)[:-1]) == column + 1


def read_or_refused(data: bytes) -> bool:
    try:
        read_sheets(data)
    except Unreadable:
        return True
    return True


@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"\xef\xbb\xbf", b"\xff\xfe"]))
def test_any_bytes_are_read_or_refused(data: bytes, start: bytes) -> None:
    assert read_or_refused(start + data)


@given(st.data())
def test_a_workbook_with_changed_bytes_is_read_or_refused(data: st.DataObject) -> None:
    original = bytearray(write_workbook([SheetOut("甲", COLUMNS, [("a", 1), ("b", 2)])]))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(4, len(original) - 1))
        original[place] = data.draw(st.integers(0, 255))
    assert read_or_refused(bytes(original))

"""Workbooks we write: kinds of columns, texts that stay texts, a header that stays in sight."""

import io
import re
import zipfile
from datetime import date

import pytest

from bot.sheets.reading import read_sheets
from bot.sheets.writing import (
    CELL_TEXT_MAX,
    ColumnKind,
    ColumnOut,
    SheetOut,
    TextTooLong,
    write_workbook,
)

COLUMNS = (
    ColumnOut("客户"),
    ColumnOut("积分", ColumnKind.NUMBER),
    ColumnOut("金额（元）", ColumnKind.MONEY),
    ColumnOut("日期", ColumnKind.DATE, 12),
)


def part(data: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as container:
        return container.read(name).decode()


def test_what_is_written_is_read_again() -> None:
    rows = [
        ("滨江置业", -20, 123_456, date(2026, 12, 1)),
        ("=1+1", None, None, None),
        ("+86", 5, 100),
        (),
    ]
    data = write_workbook([SheetOut("明细", COLUMNS, rows), SheetOut("空", COLUMNS, ())])
    detail, empty = read_sheets(data)
    assert [list(row.cells) for row in detail.rows] == [
        ["客户", "积分", "金额（元）", "日期"],
        ["滨江置业", -20.0, 1234.56, date(2026, 12, 1)],
        ["=1+1"],
        ["+86", 5.0, 1.0],
    ]
    assert [list(row.cells) for row in empty.rows] == [["客户", "积分", "金额（元）", "日期"]]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0"])
def test_a_text_never_becomes_a_formula(text: str) -> None:
    data = write_workbook([SheetOut("甲", COLUMNS[:1], [(text,), ("plain",)])])
    sheet = part(data, "xl/worksheets/sheet1.xml")
    assert "<f>" not in sheet
    styles = dict(re.findall(r'<c r="(A\d)" s="(\d+)"', sheet))
    assert styles["A2"] != styles["A3"]
    assert 'quotePrefix="1"' in part(data, "xl/styles.xml")


def test_addresses_and_numbers_in_texts_stay_texts() -> None:
    data = write_workbook([SheetOut("甲", COLUMNS[:1], [("https://example.com",), ("0012",)])])
    assert "hyperlink" not in part(data, "xl/worksheets/sheet1.xml")
    assert [row.cells[0] for row in read_sheets(data)[0].rows[1:]] == [
        "https://example.com",
        "0012",
    ]


def test_the_header_is_frozen_and_columns_fit_chinese() -> None:
    columns = (ColumnOut("名"), ColumnOut("名"), ColumnOut("名"))
    rows = [("四个汉字好", "abcde", "长" * 99)]
    sheet = part(write_workbook([SheetOut("甲", columns, rows)]), "xl/worksheets/sheet1.xml")
    assert 'state="frozen"' in sheet
    widths = [float(width) for width in re.findall(r'<col [^>]*width="([\d.]+)"', sheet)]
    assert [round(width) for width in widths] == [13, 9, 49]


def test_a_text_too_long_for_a_cell_is_named_by_its_place() -> None:
    with pytest.raises(TextTooLong) as refused:
        write_workbook([SheetOut("甲", COLUMNS[:1], [("ok",), ("x" * (CELL_TEXT_MAX + 1),)])])
    assert (refused.value.sheet, refused.value.row, refused.value.column) == ("甲", 3, 0)

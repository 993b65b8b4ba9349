"""Single cells: what people write, what Excel makes of it, and what is refused by name."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from bot.sheets.problems import Wrong
from bot.sheets.ranges import read_range, show_range
from bot.sheets.reading import CellError, CellValue
from bot.sheets.rule_cells import read_cell
from bot.sheets.values import (
    read_amount,
    read_flag,
    read_number,
    read_text,
    read_texts,
    read_time,
    show_amount,
    show_time,
)
from domain.rules.codec import NUMBER_MAX
from domain.rules.fields import FieldKind
from domain.rules.model import Members, Range

AMOUNT, NUMBER, TEXT, FLAG = FieldKind.AMOUNT, FieldKind.NUMBER, FieldKind.TEXT, FieldKind.FLAG
ROUND = 1_000_000
"""Ten thousand yuan in fen."""


def refused(read: Callable[[Any], object], value: CellValue) -> str:
    with pytest.raises(Wrong) as wrong:
        read(value)
    return wrong.value.code.value


@pytest.mark.parametrize(
    ("value", "fen"),
    [
        ("10万", 10 * ROUND),
        ("3.5万", 3_500_000),
        ("3.5 万元", 3_500_000),
        ("1,200,000.00", 120 * ROUND),
        ("１，２００", 120_000),
        ("¥1,234.56", 123_456),
        ("三万五", 3_500_000),
        ("2亿", 20_000 * ROUND),
        ("10W", 10 * ROUND),
        ("0", 0),
        ("0.00", 0),
        ("0万元", 0),
        ("-5", -500),
        ("－3.5万", -3_500_000),
        ("−1", -100),
        (0.0, 0),
        (120000.0, 12 * ROUND),
        (3.5, 350),
        (0.1 + 0.2, 30),
        (-2.25, -225),
        (7, 700),
    ],
)
def test_amounts_are_read_as_fen(value: CellValue, fen: int) -> None:
    assert read_amount(value) == fen


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("10²", "not_a_number"),
        ("½", "not_a_number"),
        ("NaN", "not_a_number"),
        ("1e5", "not_a_number"),
        ("十来万", "not_a_number"),
        ("05五", "not_a_number"),
        ("--5", "not_a_number"),
        ("-¥-5", "not_a_number"),
        ("=1+1", "not_a_number"),
        ("=cmd|' /C calc'!A0", "not_a_number"),
        ("1\x002", "hidden_characters"),
        ("", "not_a_number"),
        ("9" * 10_000, "too_great"),
        ("9" * 30, "too_great"),
        ("1,000,000,000,000,000", "too_great"),
        (1e18, "too_great"),
        (-1e18, "too_great"),
        (float("inf"), "not_a_number"),
        (float("nan"), "not_a_number"),
        ("1.005", "finer_than_a_fen"),
        (1.005, "finer_than_a_fen"),
        (True, "not_a_number"),
        (CellError("#REF!"), "formula_error"),
        (date(2026, 3, 5), "date_found"),
        (datetime(2026, 3, 5, tzinfo=UTC), "date_found"),
        (time(3, 5), "date_found"),
        (timedelta(hours=30), "date_found"),
    ],
)
def test_what_is_no_amount_is_refused_by_name(value: CellValue, code: str) -> None:
    assert refused(read_amount, value) == code


@given(st.integers(-NUMBER_MAX, NUMBER_MAX))
def test_amounts_are_read_as_they_are_written(fen: int) -> None:
    assert read_amount(show_amount(fen)) == fen


@pytest.mark.parametrize(
    ("fen", "written"),
    [
        (0, "0"),
        (10 * ROUND, "10万"),
        (3_550_000, "3.55万"),
        (1_000_100, "10,001"),
        (123_456, "1,234.56"),
        (-ROUND, "-1万"),
        (500_000, "5,000"),
    ],
)
def test_amounts_are_written_short(fen: int, written: str) -> None:
    assert show_amount(fen) == written


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("50", 50),
        ("50分", 50),
        ("50 积分", 50),
        ("-3天", -3),
        ("1,000", 1000),
        ("５", 5),
        ("五", 5),
        ("0次", 0),
        (5.0, 5),
        (-3.0, -3),
    ],
)
def test_numbers_are_read_with_their_units(value: CellValue, number: int) -> None:
    assert read_number(value) == number


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("2.5", "not_whole"),
        (2.5, "not_whole"),
        ("五十分之一", "not_a_number"),
        ("50%", "not_a_number"),
        ("5²", "not_a_number"),
        (1e18, "too_great"),
        ("天", "not_a_number"),
    ],
)
def test_what_is_no_whole_number_is_refused_by_name(value: CellValue, code: str) -> None:
    assert refused(read_number, value) == code


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("10万-50万", Range(10 * ROUND, 50 * ROUND)),
        ("10万～50万元", Range(10 * ROUND, 50 * ROUND)),
        ("10万 至 50万", Range(10 * ROUND, 50 * ROUND)),
        ("1000到2000", Range(100_000, 200_000)),
        ("0-50万", Range(0, 50 * ROUND)),
        ("10元-50万", Range(1000, 50 * ROUND)),
        ("-5万至-1万", Range(-5 * ROUND, -ROUND)),
        ("-5万--1万", Range(-5 * ROUND, -ROUND)),
        (">=50万", Range(low=50 * ROUND)),
        ("≥ 50万", Range(low=50 * ROUND)),
        ("＞＝50万", Range(low=50 * ROUND)),
        ("50万以上", Range(low=50 * ROUND)),
        ("50万及以上", Range(low=50 * ROUND)),
        ("不低于50万", Range(low=50 * ROUND)),
        (">50万", Range(low=50 * ROUND + 1)),
        ("超过50万", Range(low=50 * ROUND + 1)),
        ("<=50万", Range(high=50 * ROUND)),
        ("50万以下", Range(high=50 * ROUND)),
        ("不超过50万", Range(high=50 * ROUND)),
        ("<50万", Range(high=50 * ROUND - 1)),
        ("不足50万", Range(high=50 * ROUND - 1)),
        ("50万", Range(50 * ROUND, 50 * ROUND)),
        (5.0, Range(500, 500)),
        ("任意数", Range()),
    ],
)
def test_ranges_are_read_as_they_are_said(value: CellValue, wanted: Range) -> None:
    assert read_range(AMOUNT, value) == wanted


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("10-50万", "unit_unclear"),
        ("50万-10万", "range_reversed"),
        ("很多", "not_a_range"),
        ("10万以上50万以下", "not_a_number"),
        ("以上", "not_a_number"),
        ("1-2-3", "not_a_range"),
        ("-" * 32_000, "not_a_range"),
        ("2026-12-01", "not_a_range"),
        ("1.005", "finer_than_a_fen"),
        (date(2026, 3, 5), "date_found"),
        (CellError("#N/A"), "formula_error"),
        (float("nan"), "not_a_number"),
    ],
)
def test_what_is_no_range_is_refused_by_name(value: CellValue, code: str) -> None:
    assert refused(lambda one: read_range(AMOUNT, one), value) == code


NUMBERS = st.integers(-NUMBER_MAX, NUMBER_MAX)


@given(st.sampled_from([AMOUNT, NUMBER]), st.none() | NUMBERS, st.none() | NUMBERS)
def test_ranges_are_read_as_they_are_written(
    kind: FieldKind, low: int | None, high: int | None
) -> None:
    if low is not None and high is not None and low > high:
        low, high = high, low
    assert read_range(kind, show_range(kind, Range(low, high))) == Range(low, high)


@pytest.mark.parametrize(
    ("kind", "value", "cell"),
    [
        (AMOUNT, "不限", None),
        (FLAG, "不限", None),
        (FLAG, "是", Members((True,))),
        (FLAG, "是、否", Members((True, False))),
        (FLAG, True, Members((True,))),
        (TEXT, "政府、能源", Members(("政府", "能源"))),
        (TEXT, "政府，能源; 其他", Members(("政府", "能源", "其他"))),
        (TEXT, '"不限"', Members(("不限",))),
        (TEXT, '"a、b" 、 c', Members(("a、b", "c"))),
        (TEXT, 5.0, Members(("5",))),
        (NUMBER, "1-3", Range(1, 3)),
    ],
)
def test_cells_of_a_table_are_read_by_their_field(
    kind: FieldKind, value: CellValue, cell: object
) -> None:
    assert read_cell(kind, value) == cell


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        (FLAG, "对", "unknown_word"),
        (TEXT, '"a', "not_a_list"),
        (TEXT, '"a"b', "not_a_list"),
        (TEXT, "x" * 201, "too_long"),
        (TEXT, "a\0b", "hidden_characters"),
        (TEXT, "a\u202eb", "hidden_characters"),
        (TEXT, True, "not_a_text"),
        (TEXT, 2.5, "not_a_text"),
        (TEXT, CellError("#NAME?"), "formula_error"),
    ],
)
def test_what_a_field_can_not_be_asked_is_refused(
    kind: FieldKind, value: CellValue, code: str
) -> None:
    assert refused(lambda one: read_cell(kind, one), value) == code


@pytest.mark.parametrize("piece", ["、", '"" 、', '"', '""', 'a"、', '"a"" ', " "])
def test_lists_made_to_be_read_for_ever_are_not(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    try:
        found = read_texts(text)
    except Wrong:
        found = ()
    assert all(len(one) <= 200 for one in found)


def test_texts_are_quoted_where_they_must_be() -> None:
    assert read_texts(' 甲 、"乙、""丙""" ；； 丁 ') == ("甲", '乙、"丙"', "丁")
    assert read_texts('""、""""、"""a"') == ("", '"', '"a')
    assert read_text('"甲、乙"') == "甲、乙"
    assert refused(read_text, '"甲" "乙"') == "not_a_list"
    assert refused(read_text, '"甲"、"乙"') == "not_a_list"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-12-01", datetime(2026, 11, 30, 16, tzinfo=UTC)),
        ("2026/12/1", datetime(2026, 11, 30, 16, tzinfo=UTC)),
        ("２０２６-12-01 08:30", datetime(2026, 12, 1, 0, 30, tzinfo=UTC)),
        ("2026-12-01T08:30:01.5", datetime(2026, 12, 1, 0, 30, 1, 500_000, tzinfo=UTC)),
        (date(2026, 12, 1), datetime(2026, 11, 30, 16, tzinfo=UTC)),
    ],
)
def test_times_are_those_of_the_firm(value: CellValue, expected: datetime) -> None:
    assert read_time(value) == expected


@pytest.mark.parametrize(
    "value",
    ["2026-02-30", "2026-12-01 25:00", "1999-12-31", "9999-12-31", "soon", 46_000.0, True, time(3)],
)
def test_what_is_no_time_is_refused(value: CellValue) -> None:
    assert refused(read_time, value) == "not_a_date"
    assert refused(read_time, CellError("#N/A")) == "formula_error"


@pytest.mark.parametrize(
    "written",
    ["2026-12-01", "2026-12-01 08:30", "2026-12-01 08:30:07", "2026-12-01 00:00:00.000001"],
)
def test_times_are_written_short_and_read_as_written(written: str) -> None:
    assert show_time(read_time(written)) == written


@pytest.mark.parametrize(
    ("wanted", "written"),
    [
        (Range(ROUND, ROUND), "1万"),
        (Range(1000, ROUND), "10元至1万"),
        (Range(0, ROUND), "0至1万"),
        (Range(ROUND, None), "≥1万"),
        (Range(None, 100), "≤1"),
        (Range(), "任意数"),
    ],
)
def test_ranges_are_written_as_they_are_said(wanted: Range, written: str) -> None:
    assert show_range(AMOUNT, wanted) == written


def test_a_time_cell_of_excel_is_local() -> None:
    local = datetime(2026, 12, 1, 8, 30, tzinfo=UTC).replace(tzinfo=None)
    assert read_time(local) == datetime(2026, 12, 1, 0, 30, tzinfo=UTC)


def test_flags_are_words_or_true_and_false() -> None:
    assert [read_flag(one) for one in ("是", "否", True, False)] == [True, False, True, False]
    assert refused(read_flag, 1.0) == "unknown_word"

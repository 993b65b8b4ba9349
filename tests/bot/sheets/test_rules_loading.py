"""Rule workbooks with mistakes: every one is named by its cell, all at once, and nothing loaded."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from xlsxwriter.worksheet import Worksheet

from bot.sheets.limits import Unreadable
from bot.sheets.problems import Problem, ProblemCode, word_problem
from bot.sheets.reading import address
from bot.sheets.rules_loading import LoadedRules, load_rules
from bot.sheets.rules_saving import save_rules
from bot.sheets.words import WORDS
from bot.sheets.writing import TextTooLong
from domain.events import EventType
from domain.rules.model import Fixed, Members, Multiplier, PerUnit, Range, Step, Steps
from tests.bot.sheets.making import workbook
from tests.domain.rules.making import a_rule, a_table, where

HEADINGS = WORDS.values("heading")
LINE: dict[str, Any] = {
    "code": "contract-amount",
    "version": 1,
    "trigger": "合同签订",
    "direction": "给",
    "formula": "固定",
    "points": 50,
    "effective_from": "2026-12-01",
}
TABLE_LINE = LINE | {"formula": "查表", "points": None, "table": "表-甲"}
TABLE = (("金额（元）", "客户类型", "积分"), ("10万-50万", "政府、能源", 50), (">50万", "不限", 90))
Rows = tuple[tuple[Any, ...], ...]
Fill = Callable[[Worksheet, Any], None]


def fill(*rows: tuple[Any, ...]) -> Fill:
    def filling(sheet: Worksheet, book: Any) -> None:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(number, column, value, day)
                elif isinstance(value, str) and value.startswith("#"):
                    sheet.write_formula(number, column, "=A9", None, value)
                elif isinstance(value, str):
                    sheet.write_string(number, column, value)
                elif value is not None:
                    sheet.write(number, column, value)

    return filling


def rules_sheet(*lines: dict[str, Any]) -> tuple[str, Fill]:
    headings = tuple(WORDS.word("heading", name) for name in HEADINGS)
    return "规则", fill(headings, *(tuple(line.get(name) for name in HEADINGS) for line in lines))


def load(*sheets: tuple[str, Fill]) -> LoadedRules:
    return load_rules(workbook(*sheets))


def at(name: str, row: int = 2) -> str:
    return address(row, HEADINGS.index(name))


def problems(*sheets: tuple[str, Fill]) -> list[tuple[str, str, str]]:
    """Give the problems of a workbook, which loads nothing then and is worded in full."""
    loaded = load(*sheets)
    assert loaded.rules == ()
    assert all(word_problem(problem) for problem in loaded.problems)
    return [(problem.sheet, problem.cell, problem.code.value) for problem in loaded.problems]


def test_a_line_needs_only_what_has_no_default() -> None:
    loaded = load(rules_sheet(LINE))
    assert loaded.problems == ()
    assert [rule.code for rule in loaded.rules] == ["contract-amount"]
    assert loaded.rules[0].formula == Fixed(50)


def test_a_table_is_read_from_its_sheet() -> None:
    loaded = load(rules_sheet(TABLE_LINE), ("表-甲", fill(*TABLE)), ("备注", fill(("x",))))
    assert loaded.problems == ()
    assert loaded.rules[0].formula == a_table(
        "amount customer.type",
        (Range(10_000_000, 50_000_000), Members(("政府", "能源")), 50),
        (Range(low=50_000_001), None, 90),
    )


@pytest.mark.parametrize(
    ("changes", "name", "code"),
    [
        ({"code": None}, "code", "missing"),
        ({"code": "x" * 201}, "code", "too_long"),
        ({"code": True}, "code", "not_a_text"),
        ({"name": "a\u202eb"}, "name", "hidden_characters"),
        ({"version": None}, "version", "missing"),
        ({"version": -1}, "version", "negative"),
        ({"version": 1.5}, "version", "not_whole"),
        ({"version": date(2026, 1, 1)}, "version", "date_found"),
        ({"trigger": "下雨"}, "trigger", "unknown_word"),
        ({"trigger": None}, "trigger", "missing"),
        ({"direction": "送"}, "direction", "unknown_word"),
        ({"formula": "随便"}, "formula", "unknown_word"),
        ({"formula": None}, "formula", "missing"),
        ({"points": None}, "points", "missing"),
        ({"points": "2.5"}, "points", "not_whole"),
        ({"points": "10²"}, "points", "not_a_number"),
        ({"points": 1e18}, "points", "too_great"),
        ({"points": "#REF!"}, "points", "formula_error"),
        ({"points": "=cmd|' /C calc'!A0"}, "points", "not_a_number"),
        ({"unit": "1万"}, "unit", "not_applicable"),
        ({"conditions": "金额 大于"}, "conditions", "not_a_condition"),
        ({"conditions": "#N/A"}, "conditions", "formula_error"),
        ({"caps": "每天"}, "caps", "not_a_cap"),
        ({"effective_from": None}, "effective_from", "missing"),
        ({"effective_from": "月底"}, "effective_from", "not_a_date"),
        ({"effective_to": "2026-02-30"}, "effective_to", "not_a_date"),
        ({"qualifies": "也许"}, "qualifies", "unknown_word"),
        ({"formula": "按量", "field": "高度", "unit": "1万"}, "field", "unknown_word"),
        ({"formula": "按量", "field": "金额", "unit": "-1万"}, "unit", "negative"),
        ({"formula": "按量", "field": "金额"}, "unit", "missing"),
        (
            {"formula": "阶梯", "field": "金额", "steps": "很多", "points": None},
            "steps",
            "not_a_step",
        ),
        ({"formula": "查表", "points": None, "table": "没有"}, "table", "sheet_missing"),
        ({"formula": "加倍", "points": None}, "percent", "missing"),
        ({"formula": "加倍", "points": None, "percent": 200, "of": '"a'}, "of", "not_a_list"),
    ],
)
def test_every_problem_names_its_cell(changes: dict[str, Any], name: str, code: str) -> None:
    assert problems(rules_sheet(LINE | changes)) == [("规则", at(name), code)]


def test_all_problems_are_told_at_once() -> None:
    found = problems(
        rules_sheet(
            LINE | {"version": "x", "direction": "送"},
            LINE | {"code": "fine"},
            TABLE_LINE | {"code": "b"},
        ),
        ("表-甲", fill(TABLE[0], ("10-50万", None, -5), (date(2026, 3, 5), '"x', 9))),
    )
    assert found == [
        ("规则", at("version"), "not_a_number"),
        ("规则", at("direction"), "unknown_word"),
        ("表-甲", "A2", "unit_unclear"),
        ("表-甲", "B2", "missing"),
        ("表-甲", "C2", "negative"),
        ("表-甲", "A3", "date_found"),
        ("表-甲", "B3", "not_a_list"),
    ]


def test_a_problem_tells_what_stood_there() -> None:
    (problem,) = load(rules_sheet(LINE | {"direction": "送\n" + "给" * 99})).problems
    assert problem == Problem(
        "规则",
        at("direction"),
        ProblemCode.UNKNOWN_WORD,
        {"found": "送 " + "给" * 37 + "…", "choices": ("给", "扣")},
    )
    assert word_problem(problem).startswith("不认识「送 给")


@pytest.mark.parametrize(
    ("table", "found"),
    [
        (((None,),), [("表-甲", "A1", "heading_missing_all")]),
        ((("金额", "客户类型"),), [("表-甲", "C1", "heading_missing")]),
        ((("金额", "金额", "积分"),), [("表-甲", "B1", "heading_twice")]),
        ((("金额", "高度", "积分"),), [("表-甲", "B1", "heading_unknown")]),
        ((("金额", None, "积分"), ("不限", "x", 5)), [("表-甲", "B2", "beyond")]),
        ((("金额", "积分"), ("不限", 5, "备注")), [("表-甲", "C2", "beyond")]),
    ],
)
def test_a_table_with_wrong_headings_is_refused(table: Rows, found: list[Any]) -> None:
    assert problems(rules_sheet(TABLE_LINE), ("表-甲", fill(*table))) == found


def test_headings_of_the_rules_must_all_be_there_once() -> None:
    found = problems(("规则", fill(("编号", "编号", "高度"))))
    assert found[:2] == [("规则", "B1", "heading_twice"), ("规则", "C1", "heading_unknown")]
    assert {code for _, _, code in found[2:]} == {"heading_missing"}
    assert len(found) == 2 + len(HEADINGS) - 1


def test_a_workbook_without_rules_is_refused() -> None:
    assert problems(("甲", fill(("a",)))) == [("", "", "sheet_missing")]
    assert problems(rules_sheet()) == [("规则", "", "no_rules")]
    assert problems(("规则", fill())) == [("规则", "A1", "heading_missing_all")]


def test_hidden_sheets_are_not_there() -> None:
    def hidden(sheet: Worksheet, book: Any) -> None:
        fill(*TABLE)(sheet, book)
        sheet.hide()

    found = problems(rules_sheet(TABLE_LINE), ("表-甲", hidden))
    assert found == [("规则", at("table"), "sheet_missing")]


def test_a_table_nobody_uses_is_a_mistake() -> None:
    assert problems(rules_sheet(LINE), ("表-甲", fill(*TABLE))) == [("表-甲", "", "sheet_unused")]


def test_merged_cells_are_refused() -> None:
    def merged(sheet: Worksheet, book: Any) -> None:
        fill(*TABLE)(sheet, book)
        sheet.merge_range("A2:A3", "10万-50万")

    assert problems(rules_sheet(TABLE_LINE), ("表-甲", merged)) == [("表-甲", "A2", "merged")]


def test_blank_rows_between_are_left_out() -> None:
    spaced = (TABLE[0], (), TABLE[1], (None, "  "), TABLE[2])
    loaded = load(rules_sheet(TABLE_LINE), ("表-甲", fill(*spaced)))
    assert len(loaded.rules[0].formula.rows) == 2  # type: ignore[union-attr]


@pytest.mark.parametrize("rows", [1001, 10_000, 100_000])
def test_a_table_that_is_too_large_is_named_and_not_loaded(rows: int) -> None:
    many: Iterator[tuple[Any, ...]] = (("不限", "不限", 1) for _ in range(rows))
    (problem,) = load(rules_sheet(TABLE_LINE), ("表-甲", fill(TABLE[0], *many))).problems
    assert (problem.code, problem.data) == (
        ProblemCode.TABLE_TOO_LARGE,
        {"found": rows, "limit": 1000},
    )


def test_the_same_version_twice_is_refused() -> None:
    found = problems(rules_sheet(LINE, LINE | {"version": 2}, LINE | {"points": 60}))
    assert found == [("规则", at("code", 4), "rule_twice")]


def test_what_is_no_workbook_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        load_rules(b"PK\x03\x04")


def test_two_tables_of_one_rule_have_sheets_of_their_own() -> None:
    table = a_table("amount", (Range(), 5))
    rule = a_rule("x" * 40, trigger=EventType.CONTRACT_SIGNED, formula=table)
    rules = [rule, replace(rule, version=2), replace(rule, code="x" * 39)]
    loaded = load_rules(save_rules(rules))
    assert loaded.problems == ()
    assert list(loaded.rules) == rules


def test_the_same_rules_make_the_same_file() -> None:
    rules = [a_rule(formula=Multiplier(200, ("a", "b"))), a_rule("b")]
    assert save_rules(rules) == save_rules(rules)


def test_what_does_not_fit_into_a_cell_is_not_saved() -> None:
    values = tuple(f"{n:0200}" for n in range(200))
    with pytest.raises(TextTooLong):
        save_rules([a_rule(conditions=(where("milestone", "in", values),))])


def test_rules_that_make_no_sense_are_saved_and_named_when_loaded() -> None:
    """The checker says what is wrong with them; a workbook must not hide it."""
    rules = [
        a_rule("a", formula=PerUnit("height", 5, 1)),
        a_rule("b", formula=Steps("days_late", (Step(1, -5),))),
        a_rule("c", conditions=(where("milestone", "in", ()),)),
    ]
    loaded = load_rules(save_rules(rules))
    assert [(problem.cell, problem.code.value) for problem in loaded.problems] == [
        (at("field", 2), "unknown_word"),
        (at("steps", 3), "not_a_step"),
        (at("conditions", 4), "not_a_condition"),
    ]

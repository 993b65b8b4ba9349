"""Sheets of customers as firms keep them: read, filed once, and everything else said."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.customer_desk import give_starter_fields
from bot.imports.columns import find_tables
from bot.imports.customers import CUSTOMER_SHEETS
from bot.imports.filing import PART, Filer, FileSummary
from bot.imports.problems import FileFault, RowProblem, word_place, word_row_problem
from bot.imports.words import CUSTOMERS
from bot.sheets.reading import read_sheets
from domain.customer_files import Details, FieldKind
from domain.errors import InvalidCreditCode
from domain.members import Role
from handlers.usecases import setup
from handlers.usecases.customer_files import save_field
from handlers.usecases.directory import CustomerFile, read_customer
from tests.bot.imports.conftest import Firm, ignore
from tests.bot.imports.test_facts import workbook
from tests.support.stores import MAIN

CODE = "91350100M000100Y43"
MESSY = """2026 年客户台账（内部）,,,,,,,,,,
,,,,,,,,,,
序号,单位名称,统一社会信用代码,行业,标签,客户经理,联系人,联系电话,账期（天）,预算年度,曾用名
1,江北实业有限公司,91350100m000100y43,地产,重点、老客户,李强,王工、陈工,13800138000、13900139001,45天,,江北;北方
2,城东区住建局,,政府,,李 强,周工 13700137000（主任）,,3个月,２０２６,-
,,,,,,吴工,0571-88886666,,,
3,云栖科技园,无,,,,,,现结,,
"""


def ready(ctx: Any) -> None:
    """Give the firm a member and the usual fields."""
    setup.add_member(ctx, "李强", [Role.SALES])
    give_starter_fields(ctx)
    save_field(ctx, "政府", "立项", FieldKind.DATE)


@pytest.fixture
def office(firm: Firm) -> Firm:
    """Give the firm on each store, with a member and the usual fields."""
    firm.runtime.act(MAIN, ready)
    return firm


@pytest.fixture
def desk(small_firm: Firm) -> Firm:
    """Give the firm in memory, with a member and the usual fields."""
    small_firm.runtime.act(MAIN, ready)
    return small_firm


def brings(firm: Firm, text: str | bytes, **options: bool) -> FileSummary:
    data = text.encode() if isinstance(text, str) else text
    return Filer(firm.runtime, MAIN).customers(data, ignore, **options)


def said(problems: list[RowProblem]) -> list[tuple[str, str]]:
    return [(word_place(one.place), str(one.code)) for one in problems]


def files(firm: Firm) -> dict[str, CustomerFile]:
    """Give all files by the customers' names."""

    def look(ctx: Any) -> dict[str, CustomerFile]:
        found = [read_customer(ctx, one.code) for one in ctx.work.customers.all()]
        return {f"{file.customer.name} {file.customer.code}": file for file in found}

    return firm.runtime.look(MAIN, look)


def test_a_messy_sheet_is_read_whole_and_again_changes_nothing(office: Firm) -> None:
    checked = brings(office, MESSY, checks=True)
    before = files(office)
    done = brings(office, MESSY)
    after = files(office)
    again = brings(office, MESSY)

    assert (checked.problems, checked.states) == ([], {"added": 3})
    assert len(before) == 3
    assert said(done.remarks) == [("H6", "not_a_phone")]
    assert (done.states, again.states) == ({"added": 3}, {"known": 3})
    assert [row.state for row in done.rows] == ["新建", "新建", "并入上面", "新建"]
    assert checked.rows[0].state == "将新建"
    assert files(office) == after

    river = after["江北实业有限公司 KH0001"]
    assert river.details == Details("", CODE, "", 45, ("北方", "江北"))
    assert (river.customer.type, river.segments) == ("地产", ("老客户", "重点"))
    assert river.manager is not None
    assert river.manager.name == "李强"
    assert [
        (one.name, one.phone) for one in sorted(river.contacts, key=lambda c: str(c.phone))
    ] == [
        ("王工", "13800138000"),
        ("陈工", "13900139001"),
    ]
    bureau = after["城东区住建局 KH0002"]
    assert bureau.details == Details(payment_days=90, fields={"预算年度": "2026"})
    assert {(one.name, one.phone) for one in bureau.contacts} == {
        ("周工 (主任)", "13700137000"),
        ("吴工", None),
    }
    assert after["云栖科技园 KH0003"].details == Details(payment_days=0)


def test_a_customer_that_is_there_gets_what_it_lacks_and_keeps_what_it_has(office: Firm) -> None:
    first = "编号,客户名称,地址,账期,联系人\nC001,滨江置业,江南路 1 号,30,赵工\n"
    second = "编号,客户名称,地址,账期,联系人\nC001,滨江置业有限公司,别处,60,赵工\n"
    filled = brings(office, first)
    known = brings(office, second)

    assert (filled.states, known.states) == ({"filled": 1}, {"known": 1})
    assert said(known.remarks) == [("2", "differs"), ("2", "differs")]
    assert "C001" in word_row_problem(known.remarks[0])
    file = files(office)["滨江置业有限公司 C001"]
    assert (file.details.address, file.details.payment_days) == ("江南路 1 号", 30)
    assert [one.name for one in file.contacts] == sorted(["王建国", "赵工"])
    assert [row.state for row in filled.rows] == ["补了资料"]


def test_where_anything_is_wrong_nothing_is_imported_unless_bad_rows_are_skipped(
    office: Firm,
) -> None:
    text = "单位名称,信用代码\n江北实业,123\n云栖科技园,\n"
    before = files(office)
    refused = brings(office, text)

    assert said(refused.problems) == [("B2", "bad_credit_code")]
    assert refused.is_done is False
    assert files(office) == before

    skipped = brings(office, text, skip_bad=True)
    assert skipped.states == {"skipped": 1, "added": 1}
    assert [row.detail for row in skipped.rows] == [
        "信用代码 「123」不是统一社会信用代码：应是 18 位",
        "",
    ]
    assert set(files(office)) - set(before) == {"云栖科技园 KH0001"}


@pytest.mark.parametrize(
    ("row", "place", "code"),
    [
        *((",,,,,,,", "2", ""), ("C 9,江北,,,,,,", "A2", "bad_code")),
        ("C009,,,,,,,", "B2", "missing"),
        ("C009," + "长" * 101 + ",,,,,,", "B2", "too_long"),
        ("C009,江北,无名,,,,,", "C2", "unknown_manager"),
        ("C009,江北,,地产,,2026,,", "F2", "field_elsewhere"),
        ("C009,江北,,,,2026,,", "F2", "type_missing"),
        ("C009,江北,,政府,,明年,,", "F2", "bad_field"),
        ("C009,江北,,政府,,,煤,", "G2", "bad_choice"),
        ("C009,江北,,政府,,,,明年", "H2", "not_a_date"),
        ("C009,江北,,,很久,,,", "E2", "bad_payment_days"),
        ("C009,江北,,,9999,,,", "E2", "bad_payment_days"),
        ("C001,云栖科技园,,,,,,", "2", "code_of_other"),
        ("C009,滨江置业有限公司,,,,,,", "2", "twin_same"),
        ("C009,滨江置业股份有限公司,,,,,,", "2", "twin_likely"),
        (",滨江置业股份有限公司,,,,,,", "2", "twin_likely"),
    ],
)
def test_every_problem_is_said_with_row_and_column(
    desk: Firm, row: str, place: str, code: str
) -> None:
    text = f"编号,客户名称,客户经理,类型,账期,预算年度,资金来源,立项\n{row}\nC100,别家,,,,,,\n"
    before = files(desk)
    found = brings(desk, text)

    if not code:
        # A row of nothing is no row.
        assert found.states == {"added": 1}
        return
    assert said(found.problems) == [(place, code)]
    assert all(word_row_problem(one) for one in found.problems)
    assert files(desk) == before


@pytest.mark.parametrize(
    ("rows", "problems"),
    [
        ("C9,江北实业,地产\nC9,江北实业,政府", [("C3", "differs_above")]),
        ("C9,江北实业,地产\nC9,云栖科技园,", [("A3", "code_twice")]),
        ("C9,江北实业,\nC8,江北 实业,", [("3", "twin_same")]),
        (",江北实业,\n,江北实业公司,", [("3", "twin_likely")]),
        (",江北实业,\n,江北实业,", []),
        ("C9,江北实业,地产\nC9,江北实业,", []),
    ],
)
def test_rows_of_one_file_are_held_against_each_other(
    desk: Firm, rows: str, problems: list[tuple[str, str]]
) -> None:
    found = brings(desk, f"编号,客户名称,类型\n{rows}\n")

    assert said(found.problems) == problems
    is_whole = "differs_above" in str(problems)
    wrong = {"skipped": 2} if is_whole else {"skipped": 1, "added": 1}
    assert found.states == (wrong if problems else {"added": 1})
    if problems:
        assert word_place(found.rows[0].place) in word_row_problem(found.problems[0])


def add_wang(ctx: Any) -> None:
    setup.add_member(ctx, "王芳", [Role.SALES])


@pytest.mark.parametrize(
    ("column", "above", "here"),
    [
        *(("客户经理", "李强", "王芳"), ("分群", "重点", "老客户"), ("全称", "甲公司", "乙公司")),
        *(("地址", "甲路", "乙路"), ("账期", "30", "60"), ("简称", "甲", "乙")),
        ("预算年度", "2026", "2027"),
    ],
)
def test_what_two_rows_say_otherwise_of_one_customer_is_said(
    desk: Firm, column: str, above: str, here: str
) -> None:
    desk.runtime.act(MAIN, add_wang)
    text = f"客户名称,类型,{column}\n江北实业,政府,{above}\n江北实业,政府,{here}\n江北实业,政府,\n"
    found = brings(desk, text)

    assert said(found.problems) == [("C3", "differs_above")]
    assert above in word_row_problem(found.problems[0])
    assert here in word_row_problem(found.problems[0])


def test_likely_twins_are_taken_when_somebody_has_looked_and_possible_ones_named(
    desk: Firm,
) -> None:
    text = (
        "客户名称,联系人,手机\n滨江置业股份公司,,\n杭州市江北实业,,\n江北实业,钱工,13800138000\n"
        "云栖,孙工,13800138000\n"
    )
    done = brings(desk, text, is_anyway=True)
    again = brings(desk, text)

    assert done.problems == []
    assert said(done.remarks) == [("2", "twin_anyway"), ("4", "twin_maybe"), ("5", "twin_maybe")]
    assert done.states == {"added": 4}
    assert again.states == {"known": 4}


def test_codes_go_on_where_they_stood(desk: Firm) -> None:
    brings(desk, "客户名称\n江北实业\n")
    brings(desk, "客户编号,客户名称\nKH0041,云栖科技园\n")
    brings(desk, "客户名称\n城东置地\n东海港务\n")

    names = set(files(desk))
    assert {"江北实业 KH0001", "城东置地 KH0042", "东海港务 KH0043"} <= names


def test_merged_cells_say_it_for_all_their_rows(desk: Firm) -> None:
    rows: list[list[Any]] = [
        ["客户编号", "客户名称", "联系人", "手机"],
        ["C009", "江北实业", "王工", 13800138000],
        ["C009", None, "陈工", 13900139001],
    ]
    done = brings(desk, workbook(*rows, merge=("B2:B3", "江北实业")))

    assert done.problems == []
    assert {one.phone for one in files(desk)["江北实业 C009"].contacts} == {
        "13800138000",
        "13900139001",
    }


def test_merged_phones_are_no_phone_for_each(desk: Firm) -> None:
    rows: list[list[Any]] = [["客户名称", "手机"], ["江北实业", 13800138000], ["云栖科技园", None]]
    found = brings(desk, workbook(*rows, merge=("B2:B3", 13800138000)))

    assert said(found.problems) == [("台账!B2", "not_mergeable")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("电话,地址\n1,2\n", "no_customer_headings"),
        ("客户名称\n", "no_rows"),
        ("客户名称,名称\n甲,乙\n", "heading_twice"),
    ],
)
def test_a_file_without_customers_is_said(desk: Firm, text: str, code: str) -> None:
    assert [str(one.code) for one in brings(desk, text).problems] == [code]


def test_fields_are_kept_in_their_form(desk: Firm) -> None:
    rows: list[list[Any]] = [
        ["客户名称", "类型", "主管部门", "资金来源", "立项"],
        ["城东住建局", "政府", "建管处", "专项债", date(2026, 5, 1)],
        ["城西住建局", "政府", "无", None, "2026/6/1"],
    ]
    brings(desk, workbook(*rows))
    found = files(desk)

    assert found["城东住建局 KH0001"].details.fields == {
        "主管部门": "建管处",
        "资金来源": "专项债",
        "立项": "2026-05-01",
    }
    assert found["城西住建局 KH0002"].details.fields == {"立项": "2026-06-01"}


def test_a_failed_formula_is_said_where_it_stands(desk: Firm) -> None:
    rows: list[list[Any]] = [
        ["客户名称", "联系人", "预算年度", "类型"],
        ["江北实业", "=1/0", "=1/0", "政府"],
    ]
    found = brings(desk, workbook(*rows))

    assert {code for _, code in said(found.problems)} == {"formula_error"}


def test_more_than_one_part_is_brought_in(desk: Firm) -> None:
    names = "\n".join(f"客户{number}号" for number in range(PART + 3))
    done = brings(desk, f"客户名称\n{names}\n")

    assert done.states == {"added": PART + 3}
    assert len(files(desk)) == PART + 6


def test_every_fault_and_value_has_words() -> None:
    assert set(CUSTOMERS.values_of("problem")) == set(FileFault)
    assert set(CUSTOMERS.values_of("kind")) == set(FieldKind) - {FieldKind.CHOICE}
    problems = {"length", "letters", "check"}
    assert set(CUSTOMERS.values_of("credit_code")) == problems
    assert {InvalidCreditCode("", one).problem for one in problems} == problems


def test_every_word_of_a_heading_stands_for_one_thing() -> None:
    for table in ("customer_heading", "contract_heading"):
        for name in CUSTOMERS.values_of(table):
            for word in CUSTOMERS.words_for(table, name):
                assert CUSTOMERS.value_of(table, word) == name, word


def test_headings_are_found_below_titles_with_remarks_in_brackets() -> None:
    [sheet] = read_sheets("客户台账\n客户名称（必填）,账期（天）,心情\n甲,1,2\n".encode())
    found = find_tables([sheet], CUSTOMER_SHEETS)

    assert found.tables[0][1].places == {"name": 0, "payment_days": 1}
    assert found.unused == ["心情"]
    assert find_tables([replace(sheet, rows=[])], CUSTOMER_SHEETS).problems

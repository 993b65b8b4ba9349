"""Files as people really make them: what is understood, and what is said about the rest."""

import io
from datetime import date
from typing import Any

import pytest
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from bot.imports.facts import ReadFile
from bot.imports.problems import Fault, word_place, word_row_problem
from bot.imports.words import first_words, value_of, values_of, word_for
from bot.sheets.problems import ProblemCode
from domain.events import EventType
from tests.bot.imports.conftest import Firm

HEADINGS = (
    "来源编号,类型,客户,项目,日期,金额,里程碑,计划日期,满意,星级,被推荐单位,联系人,字数,备注\n"
)


def workbook(*rows: list[Any], merge: tuple[str, Any] | None = None) -> bytes:
    """Make a workbook of one sheet."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        sheet = book.add_worksheet("台账")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for at, row in enumerate(rows):
            fill(sheet, at, row, day)
        if merge is not None:
            sheet.merge_range(merge[0], merge[1], day)
    return written.getvalue()


def fill(sheet: Worksheet, at: int, row: list[Any], day: Any) -> None:
    for column, value in enumerate(row):
        if isinstance(value, date):
            sheet.write_datetime(at, column, value, day)
        elif isinstance(value, str) and value.startswith("="):
            sheet.write_formula(at, column, value, None, "#DIV/0!")
        elif value is not None:
            sheet.write(at, column, value)


def faults(found: ReadFile) -> list[tuple[str, str]]:
    """Give place and code of every problem."""
    return [(word_place(one.place), str(one.code)) for one in found.problems]


def only_row(firm: Firm, row: str) -> ReadFile:
    return firm.reads(HEADINGS + row + "\n")


@pytest.mark.parametrize(
    ("heading", "value", "fen"),
    [
        *(("金额", "50万元", 50_000_000), ("金额", "1,234.5", 123_450), ("金额", "￥８８", 8_800)),
        *(("金额", "五十万", 50_000_000), ("金额（万元）", "50", 50_000_000)),
        *(("金额(万)", "1,200.5", 1_200_500_000), ("金额（万元）", "300元", 30_000)),
        *(("合同金额（元）", 1234.5, 123_450), ("金额（万元）", 0.1 + 0.2, 300_000)),
        ("金额", 100, 10_000),
    ],
)
def test_money_is_read_with_its_unit(
    small_firm: Firm, heading: str, value: object, fen: int
) -> None:
    rows = ["类型", "客户", "日期", heading], ["签约", "C001", "2026-01-02", value]
    found = small_firm.reads(workbook(*rows))

    assert found.problems == []
    assert found.facts[0].data == {"amount": fen}


@pytest.mark.parametrize(
    ("value", "code"),
    [
        *((0, Fault.NOT_POSITIVE), (-5, Fault.NOT_POSITIVE), ("-3万", Fault.NOT_POSITIVE)),
        *(("十八多", ProblemCode.NOT_A_NUMBER), ("10²", ProblemCode.NOT_A_NUMBER)),
        *((0.001, ProblemCode.FINER_THAN_A_FEN), (1e18, ProblemCode.TOO_GREAT)),
        *((True, ProblemCode.NOT_A_NUMBER), ("=1/0", ProblemCode.FORMULA_ERROR)),
        *((date(2026, 1, 1), ProblemCode.DATE_FOUND), ("NaN", ProblemCode.NOT_A_NUMBER)),
        (None, Fault.MISSING),
    ],
)
@pytest.mark.parametrize("heading", ["金额", "金额(万元)"])
def test_money_that_is_none_is_named(
    small_firm: Firm, heading: str, value: object, code: str
) -> None:
    if value == 0.001 and heading != "金额":
        value = 1e-9
    rows = ["类型", "客户", "日期", heading], ["签约", "C001", "2026-01-02", value]
    found = small_firm.reads(workbook(*rows))

    assert faults(found) == [("台账!D2", code)]


def test_every_type_is_known_by_all_its_words_and_has_one() -> None:
    assert values_of("type") == list(EventType)
    assert all(word_for("problem", fault) for fault in Fault)
    assert len(first_words("type")) == len(EventType)
    assert value_of("type", " 节点 验收 ") == "milestone_accepted"


@pytest.mark.parametrize(
    ("row", "type_", "data"),
    [
        (",回款,C001,,2026-01-05,1万,,2026-01-01", "payment_received",
         {"amount": 1_000_000, "due_on": "2026-01-01", "paid_on": "2026-01-05"}),
        (",payment_received,C001,,2026-01-05,1万,,2026-12-31", "payment_received",
         {"amount": 1_000_000, "due_on": "2026-12-31", "paid_on": "2026-01-05"}),
        (",投诉,C001,,2026-01-05,,,,×", "complaint_closed", {"satisfied": False}),
        (",投诉,C001,,2026-01-05,,,,非常满意", "complaint_closed", {"satisfied": True}),
        (",评价,C001,P001,2026-01-05,,,,,★★★★☆,,,12", "review_submitted",
         {"stars": 4, "length": 12}),
        (",评价,C001,P001,2026-01-05,,,,,五星", "review_submitted", {"stars": 5}),
        (",推荐,C001,,2026-01-05,,,,,,江北 集团", "referral_signed", {"referred": "江北 集团"}),
        (",签到,C001,,2026-01-05", "check_in", {}),
        (",验收,,滨江一期,2026-01-05,,主体验收", "milestone_accepted",
         {"milestone": "主体验收", "planned_on": "2026-06-30", "accepted_on": "2026-01-05"}),
        (",验收,,滨江一期,2026-01-05,,别的,2026-01-01", "milestone_accepted",
         {"milestone": "别的", "planned_on": "2026-01-01", "accepted_on": "2026-01-05"}),
    ],
)  # fmt: skip
def test_a_row_becomes_the_fact_it_says(
    small_firm: Firm, row: str, type_: str, data: dict[str, object]
) -> None:
    found = only_row(small_firm, row)

    assert found.problems == []
    assert (found.facts[0].type, found.facts[0].data) == (type_, data)
    assert found.facts[0].source_id.startswith("row:")


@pytest.mark.parametrize(
    ("row", "places"),
    [
        (",跳舞,C001,,2026-01-05", [("B2", Fault.UNKNOWN_TYPE)]),
        (",,,,", []),
        (",签到,,,2026-01-05", [("C2", Fault.NOBODY)]),
        (",签到,滨江,,2026-01-05", [("C2", Fault.UNKNOWN_CUSTOMER)]),
        (",签到,城南建设,,2026-01-05", [("C2", Fault.AMBIGUOUS)]),
        (",签到,,没有,2026-01-05", [("D2", Fault.UNKNOWN_PROJECT)]),
        (",签到,,滨江,2026-01-05", [("D2", Fault.UNKNOWN_PROJECT)]),
        (",签到,C002,P001,2026-01-05", [("D2", Fault.MISMATCH)]),
        (",签到,C001,,2026-01-05,,,,,,,无名氏", [("L2", Fault.UNKNOWN_CONTACT)]),
        (",签到,没有,P001,2026-01-05,,,,,,,无名氏", [("C2", Fault.UNKNOWN_CUSTOMER)]),
        (",验收,C001,,2026-01-05,,主体", [("D2", Fault.NO_PROJECT)]),
        (",验收,,P001,2026-01-05,,不在计划里", [("H2", Fault.NO_PLAN)]),
        (",验收,,P001,2026-01-05,,主体,1999-01-01", [("H2", Fault.TOO_EARLY)]),
        (",投诉,C001,,2026-01-05,,,,也许", [("I2", Fault.NOT_A_FLAG)]),
        (",评价,C001,,2026-01-05,,,,,9", [("J2", Fault.NOT_STARS)]),
        (",评价,C001,,2026-01-05,,,,,四星半", [("J2", Fault.NOT_STARS)]),
        (",评价,C001,,2026-01-05,,,,,5,,,-3", [("M2", Fault.NOT_POSITIVE)]),
        (f",推荐,C001,,2026-01-05,,,,,,{'长' * 201}", [("K2", Fault.TOO_LONG)]),
        (
            ",回款,没有,,明天,x",
            [
                ("C2", Fault.UNKNOWN_CUSTOMER),
                ("E2", Fault.FUTURE),
                ("F2", ProblemCode.NOT_A_NUMBER),
                ("H2", Fault.MISSING),
            ],
        ),
    ],
)
def test_everything_wrong_with_a_row_is_named_with_its_place(
    small_firm: Firm, row: str, places: list[tuple[str, str]]
) -> None:
    found = only_row(small_firm, row)

    assert faults(found) == places or (not row.strip(",") and faults(found) == [("1", "no_rows")])
    assert found.facts == []
    assert all("{" not in word_row_problem(one) for one in found.problems)


@pytest.mark.parametrize(
    ("value", "code"), [(4.5, Fault.NOT_STARS), (0, Fault.NOT_STARS), (True, Fault.NOT_STARS)]
)
def test_stars_in_a_number_cell(small_firm: Firm, value: object, code: Fault) -> None:
    rows = ["类型", "客户", "日期", "星级"], ["评价", "C001", "2026-01-02", value]

    assert faults(small_firm.reads(workbook(*rows))) == [("台账!D2", code)]
    good = ["类型", "客户", "日期", "星级"], ["评价", "C001", "2026-01-02", 4.0]
    assert small_firm.reads(workbook(*good)).facts[0].data == {"stars": 4}


@pytest.mark.parametrize("value", [True, 1, "是", "√"])
def test_yes_in_any_cell(small_firm: Firm, value: object) -> None:
    rows = ["类型", "客户", "日期", "满意"], ["投诉", "C001", "2026-01-02", value]

    assert small_firm.reads(workbook(*rows)).facts[0].data == {"satisfied": True}


def test_a_contact_is_found_by_name(small_firm: Firm) -> None:
    found = only_row(small_firm, ",签到,C001,,2026-01-05,,,,,,,王建国,,上午来的")

    assert found.facts[0].contact is not None
    assert found.facts[0].evidence == "2 上午来的"


def test_headings_stand_below_titles_and_in_any_order_and_width(small_firm: Firm) -> None:
    found = small_firm.reads(
        workbook(
            ["2026 年积分台账"],
            [],
            ["制表：", "张三"],
            ["　日　期　", "经办人", "客 户 名 称", "业务类型", None, "合同额(万元)"],
            ["2026/6/30", "李四", "滨江置业", "合同", None, 12],
        )
    )

    assert found.problems == []
    assert found.unused == ["经办人"]
    assert found.facts[0].data == {"amount": 12_000_000}


def test_merged_cells_say_the_same_for_all_their_rows(small_firm: Firm) -> None:
    rows = (
        ["类型", "客户", "日期", "金额"],
        ["签约", "C001", "2026-01-02", 1],
        ["签约", None, "2026-01-03", 2],
        ["签约", None, "2026-01-04", 3],
        [None, None, None, None],
    )
    found = small_firm.reads(workbook(*rows, merge=("B2:B5", "C001")))

    assert found.problems == []
    assert [fact.data["amount"] for fact in found.facts] == [100, 200, 300]
    assert len({fact.customer for fact in found.facts}) == 1


def test_an_amount_merged_over_rows_is_not_taken_for_each(small_firm: Firm) -> None:
    rows = (
        ["类型", "客户", "日期", "金额"],
        ["签约", "C001", "2026-01-02", 1],
        ["签约", "C001", "2026-01-03", None],
    )
    found = small_firm.reads(workbook(*rows, merge=("D2:D3", 1)))

    assert faults(found) == [("台账!D2", Fault.NOT_MERGEABLE)]
    assert found.facts == []


def test_merged_titles_and_unknown_columns_do_no_harm(small_firm: Firm) -> None:
    title = (["台账"], ["类型", "客户", "日期"], ["签到", "C001", "2026-01-02"])
    wide = (
        ["类型", "客户", "日期", "别的"],
        ["签到", "C001", "2026-01-02", 1],
        ["签到", "C002", "2026-01-02"],
    )

    assert len(small_firm.reads(workbook(*title, merge=("A1:C1", "台账"))).facts) == 1
    assert len(small_firm.reads(workbook(*wide, merge=("D2:D3", 1))).facts) == 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", None),
        ("随便,写写\n1,2\n", Fault.NO_HEADINGS),
        (HEADINGS, Fault.NO_ROWS),
        ("类型,客户,客户\n签到,C001,C001\n", Fault.HEADING_TWICE),
        ("类型,客户\n签到,C001\n", Fault.HEADING_MISSING),
    ],
)
def test_a_sheet_that_is_none_is_named(small_firm: Firm, text: str, code: Fault | None) -> None:
    if code is None:
        text = " , \n"
        code = Fault.NO_HEADINGS
    found = small_firm.reads(text)

    assert code in [one.code for one in found.problems]
    assert found.facts == []
    assert all("{" not in word_row_problem(one) for one in found.problems)


def test_sheets_without_headings_are_left_and_named(small_firm: Firm) -> None:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        book.add_worksheet("空的")
        notes = book.add_worksheet("说明")
        notes.write(0, 0, "先看这里")
        sheet = book.add_worksheet("数据")
        for at, row in enumerate((["类型", "客户", "日期"], ["签到", "C001", "2026-01-02"])):
            sheet.write_row(at, 0, row)

    found = small_firm.reads(written.getvalue())

    assert (len(found.facts), found.problems, found.unused) == (1, [], ["说明"])
    assert found.facts[0].evidence == "数据!2"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_csv_is_read_in_any_usual_encoding(small_firm: Firm, encoding: str) -> None:
    text = HEADINGS + ",建议采纳,滨江置业,,2026-01-02\n"

    assert len(small_firm.reads(text.encode(encoding)).facts) == 1


def test_the_same_row_twice_needs_a_number_each(small_firm: Firm) -> None:
    row = "{n},建议采纳,C001,,2026-01-02\n"
    twice = small_firm.reads(HEADINGS + row.format(n="") * 2)
    named = small_firm.reads(HEADINGS + row.format(n="A") + row.format(n="B"))
    same = small_firm.reads(HEADINGS + row.format(n="A") * 2)

    assert faults(twice) == [("3", Fault.ROW_TWICE)]
    assert "2" in word_row_problem(twice.problems[0])
    assert len(named.facts) == 2
    assert len(same.facts) == 2


def test_the_name_of_a_row_is_what_it_says_in_whatever_words(small_firm: Firm) -> None:
    one = only_row(small_firm, ",验收,,P001,2026-01-05,,主体验收")
    other = only_row(small_firm, ",节点验收,滨江置业有限公司,滨江1期,2026年1月5日,,主体验收")

    assert one.facts[0].source_id == other.facts[0].source_id


def test_a_total_below_the_rows_is_named(small_firm: Firm) -> None:
    found = small_firm.reads(HEADINGS + ",建议采纳,C001,,2026-01-02\n合计,,,,,100\n")

    assert {place for place, _ in faults(found)} == {"B3", "C3", "E3"}
    assert len(found.facts) == 1


def test_formulas_in_texts_and_hostile_texts(small_firm: Firm) -> None:
    failed = small_firm.reads(workbook(["类型", "客户", "日期"], ["签到", "=1/0", "=1/0"]))
    hostile = only_row(small_firm, ",签到,'; DROP TABLE customers;--,,<script>")

    assert faults(failed) == [
        ("台账!B2", ProblemCode.FORMULA_ERROR),
        ("台账!C2", ProblemCode.FORMULA_ERROR),
    ]
    assert faults(hostile) == [("C2", Fault.UNKNOWN_CUSTOMER), ("E2", Fault.NOT_A_DATE)]


def test_a_numeric_code_is_asked_for_by_its_digits(small_firm: Firm) -> None:
    found = small_firm.reads(workbook(["类型", "客户", "日期"], ["签到", 1001.0, "2026-01-02"]))

    assert word_row_problem(found.problems[0]).startswith("没有客户「1001")


def test_many_different_cells_are_forgotten_again(
    small_firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.imports.facts._KEPT_MAX", 4)
    rows = "".join(f"N{n},建议采纳,C001,,2026-01-{n:02d}\n" for n in range(1, 20))

    assert len(small_firm.reads(HEADINGS + rows).facts) == 19

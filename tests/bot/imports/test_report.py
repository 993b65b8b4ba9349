"""The report of every row, and the words for machines and people."""

import csv
import io
from pathlib import Path

import pytest

from bot.imports.problems import Place
from bot.imports.report import ReportRow, UnknownFormat, write_report
from bot.imports.wording import CUSTOMERS_SHOWN, problem_lines, summary_json, summary_lines
from bot.sheets.reading import read_sheets
from tests.bot.imports.conftest import Firm

ROWS = [
    ReportRow(Place("台账", 3), "已计分", "=滨江", -50, (7, 8)),
    ReportRow(Place("", 4), "跳过", "城南", detail="日期 没有填"),
]
HEADINGS = ["位置", "状态", "客户", "积分", "分录", "说明"]


def test_a_report_as_a_workbook(tmp_path: Path) -> None:
    write_report(tmp_path / "结果.xlsx", ROWS)

    [sheet] = read_sheets((tmp_path / "结果.xlsx").read_bytes())
    assert [list(row.cells) for row in sheet.rows] == [
        HEADINGS,
        ["台账!3", "已计分", "=滨江", -50.0, "7、8"],
        ["4", "跳过", "城南", None, None, "日期 没有填"],
    ]


def test_a_report_as_csv_that_excel_opens_without_harm(tmp_path: Path) -> None:
    write_report(tmp_path / "结果.CSV", ROWS)

    written = (tmp_path / "结果.CSV").read_bytes().decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(written))) == [
        HEADINGS,
        ["台账!3", "已计分", "'=滨江", "-50", "7、8", ""],
        ["4", "跳过", "城南", "", "", "日期 没有填"],
    ]


def test_a_report_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat):
        write_report(tmp_path / "结果.pdf", ROWS)

    assert list(tmp_path.iterdir()) == []


FILE = "类型,客户,日期,经办人\n建议采纳,C001,2026-01-02,张三\n"


def test_a_check_in_words(small_firm: Firm) -> None:
    lines = dict(summary_lines(small_firm.checks(FILE)))

    assert lines == {
        "将计分": "1",
        "积分合计": "+30",
        "按规则 suggestion-adopted": "+30",
        "按客户 滨江置业有限公司": "+30",
        "没有读的列和表": "经办人",
    }


def test_an_import_in_words(small_firm: Firm) -> None:
    done = small_firm.imports(FILE)

    assert dict(summary_lines(done)) == {
        "批次": done.batch,
        "已计分": "1",
        "积分合计": "+30",
        "没有读的列和表": "经办人",
    }
    assert list(problem_lines(done)) == []


def test_a_refused_import_in_words(small_firm: Firm) -> None:
    wrong = "".join(f"建议采纳,没有{n},2026-01-02,\n" for n in range(60))
    done = small_firm.imports(FILE + wrong)

    lines = list(problem_lines(done))
    assert lines[0].startswith("B3 客户：没有客户「没有0」")
    assert len(lines) == 52
    assert "10 个问题" in lines[50]
    assert "--skip-bad" in lines[51]
    assert dict(summary_lines(done))["将计分"] == "1"
    assert "--skip-bad" not in list(problem_lines(small_firm.checks(FILE + wrong)))[-1]


def test_a_summary_for_machines(small_firm: Firm) -> None:
    found = summary_json(small_firm.checks(FILE + "建议采纳,没有,明天,\n"))

    assert found["rows"] == 2
    assert found["states"] == {"counted": 1, "skipped": 1}
    assert found["problems"][1] == {
        "place": "C3",
        "sheet": "",
        "row": 3,
        "column": "日期",
        "code": "future",
        "found": "2026-11-23",
        "text": "「2026-11-23」还没有到",
    }


def test_only_the_customers_with_most_points_are_shown(small_firm: Firm) -> None:
    summary = small_firm.checks(FILE)
    summary.by_customer.update({f"客户{n}": n for n in range(40)})

    shown = [name for name, _ in summary_lines(summary) if name.startswith("按客户")]
    assert len(shown) == CUSTOMERS_SHOWN
    assert shown[0] == "按客户 客户39"

"""Days as people really write them."""

from datetime import date, datetime

import pytest

from bot.imports.problems import Fault
from tests.bot.imports.conftest import Firm
from tests.bot.imports.test_facts import faults, only_row, workbook


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        *(("2026-06-30", "2026-06-30"), ("2026/6/30", "2026-06-30"), ("2026.6.30", "2026-06-30")),
        *(("２０２６年６月３０日", "2026-06-30"), ("6月30日", "2026-06-30")),
        *(("20260630", "2026-06-30"), ("46203", "2026-06-30"), ("昨天", "2026-11-21")),
        *(("2026-06-30 08:15:00", "2026-06-30"), ("二〇二六年六月三十日", "2026-06-30")),
    ],
)
def test_a_day_is_read_in_any_usual_form(small_firm: Firm, typed: str, day: str) -> None:
    found = only_row(small_firm, f",建议采纳,C001,,{typed}")

    assert found.problems == []
    assert found.facts[0].on == date.fromisoformat(day)


@pytest.mark.parametrize(
    "value",
    [date(2026, 6, 30), datetime(2026, 6, 30, 8, 15), 46203, 46203.0, 20260630, "2026/6/30"],  # noqa: DTZ001  Excel has no zones
)
def test_a_day_is_read_from_any_cell_of_excel(small_firm: Firm, value: object) -> None:
    found = small_firm.reads(workbook(["类型", "客户", "日期"], ["建议", "C001", value]))

    assert found.problems == []
    assert found.facts[0].on == date(2026, 6, 30)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        *(("13月45日", Fault.NOT_A_DATE), ("2026-02-30", Fault.NOT_A_DATE)),
        *(("明天", Fault.FUTURE), ("2026-11-23", Fault.FUTURE), ("1999-12-31", Fault.TOO_EARLY)),
        *(("最近", Fault.NOT_A_DATE), ("3", Fault.NOT_A_DATE), ("²", Fault.NOT_A_DATE)),
        *(("9999999999999999", Fault.NOT_A_DATE), ("", Fault.MISSING)),
    ],
)
def test_a_day_that_cannot_be_is_named(small_firm: Firm, typed: str, code: Fault) -> None:
    found = only_row(small_firm, f",建议采纳,C001,,{typed}")

    assert faults(found) == [("E2", code)]
    assert found.facts == []


@pytest.mark.parametrize("value", [True, 0.5, -1, 10**9])
def test_a_cell_of_excel_that_is_no_day_is_named(small_firm: Firm, value: object) -> None:
    found = small_firm.reads(workbook(["类型", "客户", "日期"], ["建议", "C001", value]))

    assert faults(found) == [("台账!C2", Fault.NOT_A_DATE)]

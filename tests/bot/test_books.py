"""The monthly exports as finance opens them: totals that tie out, texts that stay texts."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from bot.books import (
    entry_rows,
    ledger_csv,
    ledger_workbook,
    liability_csv,
    liability_workbook,
    yuan,
)
from bot.sheets.words import read_toml
from domain.ledger import Account, Reason
from domain.liability import Balance, Spent, liability
from domain.months import number_of
from handlers.usecases.months import read_month
from tests.handlers.expiring import at
from tests.support.fakes import FakeClock, FakeStore, SequenceIds
from tests.support.firm import Firm
from tests.support.make import a_customer
from tests.support.stores import MAIN, clock, fake_store, ids

__all__ = ["clock", "fake_store", "ids"]
NOV = number_of("2026-11")


@pytest.fixture
def firm(fake_store: FakeStore, clock: FakeClock, ids: SequenceIds) -> Firm:
    made = Firm(fake_store, clock, ids)
    made.opens()
    with fake_store.work(MAIN) as work:
        work.customers.add(a_customer("C003", "=HYPERLINK(1)"))
        work.commit()
    made.signs(100)
    made.complains("C002")
    made.signs(30, "C003")
    made.acts(lambda ctx: ctx.work.months.close("2026-10", ctx.now, None))
    made.signs(10, on=at("2026-10-20"))
    return made


def sheets(content: bytes) -> dict[str, Any]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def exported(firm: Firm) -> bytes:
    with firm.store.reading(MAIN) as work:
        month = read_month(work, "2026-11")
        return ledger_workbook(month, entry_rows(work, work.books.lines("2026-11")))


def test_a_month_has_totals_accounts_reasons_and_every_entry(firm: Firm) -> None:
    found = sheets(exported(firm))
    assert list(found) == ["合计", "账户", "按原因", "分录"]
    assert found["合计"][1:] == [
        ["月份", "2026-11"],
        ["结账", "未结账"],
        ["分录笔数", 4.0],
        ["借贷核对", "平"],
    ]
    accounts = {row[0]: row[1:] for row in found["账户"][1:]}
    assert accounts["客户可用"] == [0, 0, 140, 140]
    assert accounts["合计"] == [0, 190, 190, 0]
    assert set(accounts) - {"合计"} >= {"公司发放", "公司扣分", "客户欠分"}
    assert ["奖励", "公司发放", "客户可用", "是", 10, 1] in found["按原因"]
    assert len(found["分录"]) == 5
    assert found["分录"][1][:9] == [
        *("C001", "滨江置业", 1, date(2026, 11, 22), date(2026, 11, 22), "奖励"),
        *("公司发放", "客户可用", 100),
    ]
    assert [row[12] for row in found["分录"][1:]] == ["", "2026-10", "", ""]


def test_the_csv_opens_in_chinese_and_has_no_formulas(firm: Firm) -> None:
    with firm.store.reading(MAIN) as work:
        content = ledger_csv(entry_rows(work, work.books.lines("2026-11")))
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[0][:3] == ["客户编号", "客户", "序号"]
    assert [row[1] for row in rows[1:]] == ["滨江置业", "滨江置业", "城南建设", "'=HYPERLINK(1)"]
    assert rows[1][3] == "2026-11-22"


def test_what_is_owed_is_shown_in_points_and_yuan() -> None:
    spent = [Spent(NOV - 30, NOV - 10, 600, 600)]
    found = liability(
        NOV,
        [Balance(NOV, NOV + 24, 100), Balance(NOV - 26, NOV, 30)],
        spent,
        held=5,
        point_fen=150,
    )
    books = sheets(liability_workbook(found))
    assert dict(books["合计"][1:]) == {
        "月份": "2026-11",
        "负债积分": 135,
        "其中兑换占用": 5,
        "预计兑换积分": 85,
        "一分折合（元）": "1.50",
        "负债金额（元）": "202.50",
        "预计兑换金额（元）": "127.50",
    }
    assert books["按账龄"][1] == ["0–2", 100, 50, 150, 75, 1200, ""]
    assert books["按账龄"][6] == ["24–", 30, 30, 45, 45, 0, "没有已到期的样本，按全部兑换计"]
    assert books["按剩余期限"][1] == ["0–0", 30, 30, 45, 45]
    rows = list(csv.reader(io.StringIO(liability_csv(found).decode("utf-8-sig"))))
    assert rows[1] == ["0–2", "100", "50", "150.00", "75.00", "1200", ""]


def test_a_small_sample_is_said_where_there_are_points() -> None:
    found = liability(NOV, [Balance(NOV, NOV, 1)], [Spent(NOV - 1, NOV, 1, 1)], held=0, point_fen=1)
    remarks = [row[6] for row in sheets(liability_workbook(found))["按账龄"][1:]]
    assert remarks == ["样本少，比例仅供参考", "", "", "", "", ""]


def test_fen_are_shown_as_yuan() -> None:
    assert [yuan(fen) for fen in (0, 5, 150, 123_456)] == ["0.00", "0.05", "1.50", "1234.56"]


def test_every_account_and_reason_has_a_word() -> None:
    words = read_toml("books")
    assert set(words["account"]) == set(Account)
    assert set(words["reason"]) == set(Reason)

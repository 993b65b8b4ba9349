"""`zhufen reconcile`, `close-month` and `export`, as finance and scripts see them."""

import sqlite3

from python_calamine import CalamineWorkbook

from tests.support.desk import Desk


def plant(desk: Desk) -> None:
    """Put a counter there that no event has moved."""
    with sqlite3.connect(desk.folder / "data" / "zhufen.db") as database:
        database.execute(
            "INSERT INTO cap_counters (tenant_id, key, points, times) VALUES ('main', 'x', 1, 1)"
        )
    database.close()


def test_records_that_agree_end_with_nothing_and_zero(desk: Desk) -> None:
    assert desk.run("reconcile", "--json").json() == []
    told = desk.run("reconcile")
    assert (told.code, told.out.strip()) == (0, "0 findings")


def test_drift_is_listed_and_ends_with_one_and_changes_nothing(desk: Desk) -> None:
    plant(desk)
    before = desk.everything()
    ended = desk.run("reconcile", "--json")
    assert ended.code == 1
    assert '"kind": "cap_counter"' in ended.out
    assert '"expected": "0/0", "found": "1/1"' in ended.out
    assert "cap_counter" in desk.run("reconcile").out
    assert desk.everything() == before


def test_a_month_is_closed_by_finance_only(desk: Desk) -> None:
    desk.run("member", "add", "周财", "--role", "finance")
    assert "李强" not in desk.is_refused("close-month", "2026-01", "--as", "李强")
    desk.is_refused("close-month", "2026-01", "--as", "无此人")
    assert desk.run("close-month", "2026-01", "--as", "周财", "--json").json() == {
        "closed": "2026-01"
    }
    assert "2026-02" in desk.is_refused("close-month", "2026-03")
    assert desk.rows("SELECT month FROM closed_months") == [("2026-01",)]


def test_drift_keeps_a_month_open(desk: Desk) -> None:
    plant(desk)
    assert "reconcile" in desk.is_refused("close-month", "2026-01")


def test_exports_are_files(desk: Desk) -> None:
    for name in ("ledger", "liability"):
        made = desk.run("export", name, "--month", "2026-01", "--json").json()
        assert made == {"file": f"{name}-2026-01.xlsx"}
        book = CalamineWorkbook.from_path(str(desk.folder / made["file"]))
        assert book.sheet_names[0] == "合计"
        out = ("--format", "csv", "--out", "out.csv")
        assert desk.run("export", name, "--month", "2026-01", *out).code == 0
        assert (desk.folder / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_what_is_no_month_is_refused(desk: Desk) -> None:
    assert "2026-13" in desk.is_refused("export", "ledger", "--month", "2026-13")
    assert not (desk.folder / "ledger-2026-13.xlsx").exists()

"""`zhufen import` as a person or a script sees it, and as it is killed."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.support.desk import Desk
from tests.support.program import ROOT

HEADINGS = "来源编号,类型,客户,日期,金额\n"
GOOD = HEADINGS + "A-1,合同签订,C101,2026-03-01,20万\nA-2,建议采纳,C101,2026-03-02,\n"


@pytest.fixture
def counter(desk: Desk) -> Desk:
    """Add the customer the files are about."""
    desk.run("customer", "add", "C101", "江北集团")
    return desk


def save(desk: Desk, text: str, name: str = "台账.csv") -> str:
    (desk.folder / name).write_text(text, encoding="utf-8")
    return name


def test_a_file_is_checked_imported_listed_and_undone(counter: Desk) -> None:
    file = save(counter, GOOD)

    checked = counter.run("import", "events", file, "--check", "--json").json()
    before = counter.rows("SELECT count(*) FROM events WHERE source = 'import'")
    done = counter.run("import", "events", file, "--report", "结果.xlsx", "--json").json()
    listed = counter.run("import", "list", "--json").json()["batches"]
    foreseen = counter.run("import", "undo", done["batch"], "--check", "--json").json()
    undone = counter.run("import", "undo", done["batch"], "--json").json()
    again = counter.run("import", "undo", done["batch"], "--json").json()

    assert checked["points"] == done["points"] == 230
    assert before == [(0,)]
    assert done["states"] == {"counted": 2}
    assert (counter.folder / "结果.xlsx").exists()
    assert [one["batch"] for one in listed] == [done["batch"]]
    assert foreseen == undone == {"batch": done["batch"], "events": 2, "points": -230}
    assert again == {"batch": done["batch"], "events": 0, "points": 0}


def test_people_see_tables_and_problems(counter: Desk) -> None:
    file = save(counter, GOOD + "A-3,跳舞,C101,2026-03-03,\n")

    checked = counter.run("import", "events", file, "--check")
    refused = counter.run("import", "events", file)
    skipped = counter.run("import", "events", file, "--skip-bad")
    listed = counter.run("import", "list")

    assert [checked.code, refused.code, skipped.code, listed.code] == [1, 1, 1, 0]
    assert "+230" in checked.out
    assert "B4 类型：不认识类型「跳舞」" in checked.err
    assert "什么都没有导入" in refused.err
    assert "已计分" in skipped.out
    assert "台账.csv" in listed.out


def test_a_wrong_file_leaves_nothing(counter: Desk) -> None:
    save(counter, GOOD + "A-3,跳舞,C101,2026-03-03,\n")
    (counter.folder / "图.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    (counter.folder / "旧.xls").write_bytes(b"\xd0\xcf\x11\xe0 old")

    assert ".xlsx" in counter.is_refused("import", "events", "图.xlsx")
    assert ".xlsx" in counter.is_refused("import", "events", "旧.xls")
    assert ".csv" in counter.is_refused("import", "events", "台账.csv", "--report", "x.pdf")
    assert "nope" in counter.is_refused("import", "undo", "nope")
    assert "nobody" in counter.is_refused("import", "list", "--tenant", "nobody")


def test_no_customer_is_told(counter: Desk) -> None:
    counter.run("import", "events", save(counter, GOOD))

    assert counter.rows("SELECT count(*) FROM deliveries") == [(0,)]


@pytest.mark.long
def test_an_import_that_was_killed_is_finished_by_the_next(counter: Desk) -> None:
    rows = [f"K-{n},建议采纳,C101,2026-03-{1 + n % 28:02d},\n" for n in range(6000)]
    file = save(counter, HEADINGS + "".join(rows), "大.csv")
    command = [sys.executable, "-m", "bot", "import", "events", file]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    counted = "SELECT count(*) FROM events WHERE source = 'import'"

    importing = subprocess.Popen(command, cwd=counter.folder, env=environment)
    until = time.monotonic() + 60
    while time.monotonic() < until and counter.rows(counted) < [(500,)]:
        time.sleep(0.01)
    importing.send_signal(signal.SIGKILL)
    importing.wait(10)
    [(left,)] = counter.rows(counted)
    done = counter.run("import", "events", file, "--json").json()

    assert 500 <= left < 6000
    assert left % 500 == 0
    assert done["states"] == {"repeated": left, "counted": 6000 - left}
    assert counter.rows(counted) == [(6000,)]
    assert counter.rows("SELECT count(*) FROM import_batches") == [(1,)]
    assert counter.rows("SELECT available, seq FROM wallets") == [(180_000, 6000)]
    assert json.loads(counter.run("verify", "--json").out)["findings"] == []


CUSTOMERS = "客户名称,联系人,手机\n云栖科技园,陈工,13900139001\n滨江置业,赵工,\n"


def test_customers_are_checked_brought_in_and_reported(desk: Desk) -> None:
    file = save(desk, CUSTOMERS, "客户.csv")

    checked = desk.run("import", "customers", file, "--check", "--json").json()
    before = desk.rows("SELECT count(*) FROM customers")
    done = desk.run("import", "customers", file, "--report", "结果.csv", "--json").json()
    again = desk.run("import", "customers", file)
    after = desk.rows("SELECT count(*) FROM customers")

    assert checked["states"] == done["states"] == {"added": 1, "filled": 1}
    assert (done["rows"], done["problems"], done["remarks"]) == (2, [], [])
    assert after[0][0] == before[0][0] + 1
    assert "已有" in again.out
    report = (desk.folder / "结果.csv").read_text(encoding="utf-8-sig")
    assert report.splitlines()[0] == "位置,状态,客户,说明"


def test_a_likely_twin_keeps_a_file_out_until_somebody_has_looked(desk: Desk) -> None:
    file = save(desk, "客户名称,手机\n滨江置业有限公司,0571\n", "客户.csv")

    refused = desk.run("import", "customers", file)
    taken = desk.run("import", "customers", file, "--anyway")
    listed = desk.run("customer", "duplicates", "--json").json()["pairs"]

    assert (refused.code, taken.code) == (1, 0)
    assert "C001" in refused.err
    assert "--anyway" in refused.err
    assert "没有记" in taken.err
    assert len(listed) == 1


def test_contracts_are_brought_in_once(desk: Desk) -> None:
    text = "合同编号,客户,合同金额,签订日期\nHT-1,滨江置业,120万,2026-03-01\n"
    file = save(desk, text, "合同.csv")

    done = desk.run("import", "contracts", file, "--json").json()
    again = desk.run("import", "contracts", file, "--json").json()
    wrong = desk.run("import", "contracts", save(desk, text.replace("120", "130")), "--check")

    assert (done["states"], again["states"]) == ({"added": 1}, {"known": 1})
    assert wrong.code == 1
    assert "HT-1" in wrong.err
    assert desk.rows("SELECT number, amount FROM contracts") == [("HT-1", 120_000_000)]
    assert ".xlsx" in desk.is_refused("import", "contracts", file, "--report", "x.pdf")

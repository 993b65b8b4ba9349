"""`zhufen backtest` as a person or a script sees it."""

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from bot.backtest_report import differences_table, overview, rules_table, workbook
from bot.clock import SystemClock, SystemIds
from bot.sheets.rules_saving import save_rules
from domain.customers import Customer
from domain.events import EventType
from domain.ids import CustomerId
from domain.rules.codec import rule_from_json
from storage.work import open_store
from tests.support.desk import Desk
from tests.support.fakes import FakeClock
from tests.support.history import History
from tests.support.stores import CIPHER

DOUBLE = {
    "rules": [
        {
            "code": "contract-amount",
            "version": 2,
            "trigger": "contract_signed",
            "conditions": [],
            "formula": {"kind": "per_unit", "field": "amount", "unit": 1_000_000, "points": 20},
            "direction": "earn",
            "effective_from": "2000-01-01T00:00:00+00:00",
        }
    ]
}


@pytest.fixture
def past(desk: Desk) -> Desk:
    """Give a desk whose firm has a past of three customers."""
    url = f"sqlite:///{desk.folder / 'data' / 'zhufen.db'}"
    ids = SystemIds()
    store = open_store(url, clock=SystemClock(), ids=ids, cipher=CIPHER)
    clock = FakeClock()
    clock.at = datetime.now(UTC)
    history = History(store, clock, ids)
    for code in ("K1", "K2", "K3"):
        history.customer(code)
        history.happens(code, EventType.CONTRACT_SIGNED, amount=5_000_000)
    store.close()
    (desk.folder / "double.json").write_text(json.dumps(DOUBLE), encoding="utf-8")
    return desk


def asked(desk: Desk, *args: str) -> Any:
    return desk.run("backtest", *args, "--json").json()


def test_a_draft_is_tested_shown_written_and_kept(past: Desk) -> None:
    ended = past.run("backtest", "double.json", "--excel", "out.xlsx")
    assert ended.code == 0
    assert "一致" in ended.out
    assert "contract" in ended.out
    assert ZipFile(past.folder / "out.xlsx").testzip() is None
    ((hash_, is_exact, result),) = past.rows("SELECT content_hash, is_exact, result FROM backtests")
    found = json.loads(result)
    assert (len(hash_), is_exact) == (64, 1)
    assert (
        found["total"]["difference"] | {"net": 150, "cost_fen": 15_000}
        == (found["total"]["difference"])
    )
    assert past.rows("SELECT action FROM audit WHERE action = 'backtest_run'") == [
        ("backtest_run",)
    ]


def test_json_and_several_processes_give_the_same(past: Desk) -> None:
    one = asked(past, "double.json", "--from", "2020-01-01", "--to", "2099-12-31")
    two = asked(past, "double.json", "--from", "2020-01-01", "--to", "2099-12-31", "--jobs", "2")
    assert one | {"as_of": ""} == two | {"as_of": ""}
    assert (one["first"], one["last"], one["exact"]) == ("2020-01-01", "2099-12-31", True)


def test_a_workbook_of_rules_is_tested_as_their_json_is(past: Desk) -> None:
    rule = rule_from_json(DOUBLE["rules"][0])
    (past.folder / "double.xlsx").write_bytes(save_rules([rule]))
    by_json, by_excel = asked(past, "double.json"), asked(past, "double.xlsx")
    assert by_json | {"as_of": ""} == by_excel | {"as_of": ""}


def test_a_workbook_with_wrong_cells_is_refused_by_them(past: Desk) -> None:
    (past.folder / "none.xlsx").write_bytes(save_rules([]))
    assert "规则" in past.is_refused("backtest", "none.xlsx")


def test_a_stored_draft_keeps_its_result_and_may_then_be_submitted(past: Desk) -> None:
    for name, role in (("周涛", "finance"), ("张敏", "supervisor")):
        assert past.run("member", "add", name, "--role", role, "--json").code == 0
    (past.folder / "rule.json").write_text(json.dumps(DOUBLE["rules"]), encoding="utf-8")
    drafted = past.run("rules", "draft", "rule.json", "--as", "周涛", "--json")
    assert drafted.json()["drafts"] == [1]
    assert "试算" in past.is_refused("rules", "submit", "1", "--as", "周涛")

    assert past.run("backtest", "--number", "1", "--no-check").code == 1
    assert past.rows("SELECT backtest_id FROM rule_drafts") == [(None,)]
    found = asked(past, "--number", "1")
    assert (found["exact"], found["total"]["difference"]["net"]) == (True, 150)
    kept = past.rows(
        "SELECT b.is_exact FROM rule_drafts d JOIN backtests b ON b.id = d.backtest_id"
    )
    assert kept == [(1,)]

    submitted = past.run("rules", "submit", "1", "--as", "周涛", "--json")
    assert submitted.json() == {"draft": 1, "approval": 1}
    assert past.is_refused("backtest", "--number", "1")


def test_the_past_alone_can_be_replayed(past: Desk) -> None:
    found = asked(past, "--reproduce")
    assert (found["exact"], found["entries"]) == (True, 3)
    assert "draft" not in found["total"]
    ended = past.run("backtest", "--reproduce", "--excel", "out.xlsx")
    assert (ended.code, "一致" in ended.out) == (0, True)


def test_what_does_not_come_out_is_named_and_ends_with_one(past: Desk) -> None:
    with sqlite3.connect(past.folder / "data" / "zhufen.db") as raw:
        raw.execute("DROP TRIGGER lots_no_update")
        raw.execute("UPDATE lots SET points = 51 WHERE customer_id = 'K2'")
    raw.close()
    ended = past.run("backtest", "--reproduce")
    assert ended.code == 1
    assert "不一致" in ended.out
    assert "lot.points" in ended.out
    as_json = past.run("backtest", "--reproduce", "--json")
    assert as_json.code == 1
    (one,) = json.loads(as_json.out)["differences"]["first"]
    assert (one["customer"], one["recorded"], one["replayed"]) == ("K2", "51", "50")


def test_without_comparing_nothing_is_called_exact(past: Desk) -> None:
    ended = past.run("backtest", "double.json", "--no-check")
    assert ended.code == 1
    assert "没有核对" in ended.out
    assert past.rows("SELECT is_exact FROM backtests") == [(0,)]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((), "a draft, its --number, or --reproduce"),
        (("double.json", "--reproduce"), "a draft, its --number, or --reproduce"),
        (("double.json", "--number", "1"), "a draft, its --number, or --reproduce"),
        (("--number", "1"), "1"),
        (("empty.json",), "rules: missing"),
        (("wrong.json",), "rules[0].code: wrong_type"),
        (("text.json",), "JSONDecodeError"),
        (("list.json",), "not_an_object"),
        (("book.xlsx",), "ValueError: 缺少工作表「规则」"),
        (("double.json", "--tenant", "nobody"), "no tenant: nobody"),
        (("double.json", "--from", "2026-02-01", "--to", "2026-01-01"), "--from is after --to"),
    ],
)
def test_what_can_t_be_run_is_refused_with_a_word(
    past: Desk, args: tuple[str, ...], said: str
) -> None:
    (past.folder / "book.xlsx").write_bytes(b"PK no workbook")
    for name, content in (
        ("empty", "{}"),
        ("wrong", '{"rules":[{"code":1}]}'),
        ("text", "rules"),
        ("list", "[]"),
    ):
        (past.folder / f"{name}.json").write_text(content, encoding="utf-8")
    assert said in past.is_refused("backtest", *args)


def test_a_database_that_was_not_migrated_is_refused(past: Desk, tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    ended = past.program.run(tmp_path / "bare", "backtest", "--reproduce")
    assert (ended.code, "NotMigrated" in ended.err) == (1, True)


REPORT: dict[str, Any] = {
    "exact": False,
    "checked": True,
    "first": "2026-01-01",
    "last": None,
    "content_hash": "",
    "entries": 1,
    "differences": {
        "customers": 2,
        "steps": 3,
        "first": [
            {
                "customer": "K1",
                "seq": None,
                "event": "E1",
                "field": "points",
                "recorded": "1",
                "replayed": "2",
            }
        ],
    },
    "rules": [],
    "months": [],
    "customers": [],
    "winners": {"count": 0, "points": 0, "top": []},
    "losers": {"count": 1, "points": -5, "top": [{"customer": "K1", "points": -5}]},
}
SUMS = dict.fromkeys(
    ("events", "given", "taken", "capped", "waived", "expired", "redeemed", "net", "cost_fen"), 0
)


def test_the_overview_words_what_matters() -> None:
    total = {"past": SUMS, "draft": SUMS, "difference": SUMS | {"net": -5, "cost_fen": -505}}
    unpaid = {"count": 1, "points": 9, "missing": 4}
    tiers = [{"past": "gold", "draft": "", "customers": 2}]
    found = dict(overview(REPORT | {"total": total, "unpaid": unpaid, "tiers": tiers}))
    assert found["时段"] == "2026-01-01 – 不限"
    assert found["差(元)"] == "-5.05"
    assert found["对不上的客户"] == "2 家"
    assert found["等级变动的客户"] == "2 家"
    assert found["草案下付不起的兑换与扣分"] == "1 笔,缺 4 分"


def test_the_workbook_names_customers_and_leaves_open_what_is_not_known() -> None:
    month = {"month": "2026-01", "past": SUMS}
    report = REPORT | {"total": {"past": SUMS}, "months": [month]}
    customers = [Customer(CustomerId("K1"), "K001", "滨江置业", None)]
    assert workbook(report, customers).startswith(b"PK")
    assert rules_table(report).row_count == 0
    assert differences_table(report).row_count == 1

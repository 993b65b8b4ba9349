"""`zhufen rules`: the whole life of a rule from the command line, with Excel in the middle."""

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.sheets.rules_loading import load_rules
from bot.sheets.rules_saving import save_rules
from domain.rules.codec import to_json
from tests.support.desk import Desk

RULE: dict[str, Any] = {
    "code": "contract-amount",
    "trigger": "contract_signed",
    "conditions": [],
    "formula": {"kind": "per_unit", "field": "amount", "unit": 1_000_000, "points": 12},
    "direction": "earn",
}


@pytest.fixture
def firm(desk: Desk) -> Desk:
    """Add who makes and who checks."""
    for name, role in (("周涛", "finance"), ("张敏", "supervisor")):
        assert desk.run("member", "add", name, "--role", role, "--json").code == 0
    return desk


def write(desk: Desk, name: str, content: Any) -> str:
    path = desk.folder / name
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return str(path)


def run(desk: Desk, *args: str) -> dict[str, Any]:
    ended = desk.run("rules", *args, "--json")
    assert ended.code == 0, ended.err
    found: dict[str, Any] = ended.json()
    return found


def test_a_rule_lives_from_a_file_to_a_rollback(firm: Desk) -> None:
    file = write(firm, "rule.json", RULE | {"valid_months": 0})
    assert run(firm, "draft", file, "--as", "周涛") == {"drafts": [1], "problems": []}
    checked = firm.run("rules", "check", "1", "--json")
    assert checked.code == 1
    assert json.loads(checked.out)["findings"][0]["code"] == "number_out_of_range"
    assert "数字超出范围" in firm.run("rules", "check", "1").out
    assert "数字超出范围" in firm.is_refused("rules", "submit", "1", "--as", "周涛")

    run(firm, "draft", write(firm, "rule.json", RULE), "--as", "周涛", "--number", "1")
    assert run(firm, "check", "1") == {"errors": 0, "findings": []}
    assert firm.run("rules", "check", "1").out.strip() == "0 findings"
    assert run(firm, "submit", "1", "--as", "周涛") == {"draft": 1, "approval": 1}
    firm.is_refused("rules", "approve", "1", "--as", "周涛")
    done = run(firm, "approve", "1", "--as", "张敏", "--why", "已核对")
    assert done == {"draft": 1, "state": "published", "code": "contract-amount", "version": 2}

    shown = run(firm, "show", "contract-amount")
    assert [one["version"] for one in shown["versions"]] == [2, 1]
    assert "得 12 分" in firm.run("rules", "show", "contract-amount").out
    assert run(firm, "rollback", "contract-amount", "--as", "张敏")["version"] == 3
    listed = run(firm, "list")
    [own] = [one for one in listed["in_force"] if one["code"] == "contract-amount"]
    assert own["version"] == 3
    assert "contract-amount" in firm.run("rules", "list").out


def test_rules_can_be_drafted_from_what_a_backtest_takes(firm: Desk) -> None:
    file = write(firm, "draft.json", {"rules": [RULE, RULE | {"code": "another"}]})
    assert run(firm, "draft", file, "--as", "周涛")["drafts"] == [1, 2]


def test_a_file_that_is_no_json_is_named_and_changes_nothing(firm: Desk) -> None:
    file = firm.folder / "torn.json"
    file.write_text('{"rules": [', encoding="utf-8")
    assert "torn.json: Expecting value" in firm.is_refused(
        "rules", "draft", str(file), "--as", "周涛"
    )
    assert run(firm, "list")["drafts"] == []


def test_excel_goes_out_is_changed_and_comes_back(firm: Desk) -> None:
    path = firm.folder / "rules.xlsx"
    assert run(firm, "export", str(path))["rules"] == 6
    rules = load_rules(path.read_bytes()).rules
    assert run(firm, "draft", str(path), "--as", "周涛") == {"drafts": [], "problems": []}
    changed = [rule if rule.code != "referral-signed" else _named(rule) for rule in rules]
    path.write_bytes(save_rules(changed))
    assert run(firm, "draft", str(path), "--as", "周涛")["drafts"] == [1]
    assert firm.rows("SELECT code, state FROM rule_drafts") == [("referral-signed", "draft")]


def _named(rule: Any) -> Any:
    return replace(rule, name="推荐有礼")


def test_a_broken_workbook_is_refused_as_a_whole(firm: Desk) -> None:
    path = firm.folder / "rules.xlsx"
    path.write_bytes(b"PK\x03\x04 no workbook")
    assert "xlsx" in firm.is_refused("rules", "draft", str(path), "--as", "周涛")
    path.write_bytes(save_rules([]))
    before = firm.everything()
    ended = firm.run("rules", "draft", str(path), "--as", "周涛", "--json")
    found = json.loads(ended.out)
    assert (ended.code, found["drafts"], len(found["problems"])) == (1, [], 1)
    assert firm.everything() == before


def test_a_rule_is_declined_dropped_ended_and_withdrawn(firm: Desk) -> None:
    file = write(firm, "rule.json", [RULE])
    run(firm, "draft", file, "--as", "周涛")
    run(firm, "submit", "1", "--as", "周涛")
    assert run(firm, "decline", "1", "--as", "张敏", "--why", "太多")["state"] == "declined"
    assert run(firm, "drop", "1", "--as", "周涛")["state"] == "dropped"

    off = ("off", "contract-amount", "--as", "周涛", "--at", "2099-01-01")
    assert run(firm, *off) == {"drafts": [2]}
    run(firm, "submit", "2", "--as", "周涛")
    run(firm, "approve", "2", "--as", "张敏")
    assert run(firm, "list")["scheduled"][0]["says"] == "停用，不再计分"
    gone = run(firm, "withdraw", "contract-amount", "2", "--as", "张敏")
    assert gone == {"withdrawn": "contract-amount", "version": 2}
    assert run(firm, "off", "contract-amount", "--as", "周涛") == {"drafts": [3]}
    assert [one["version"] for one in run(firm, "list")["drafts"]] == ["#3"]


def test_the_programme_is_shown_and_drafted(firm: Desk) -> None:
    shown = firm.run("rules", "programme", "show").json()
    assert shown["version"] == 0
    file = write(firm, "programme.json", shown | {"point_fen": 80})
    assert run(firm, "programme", "draft", file, "--as", "周涛") == {"drafts": [1]}
    run(firm, "submit", "1", "--as", "周涛")
    run(firm, "approve", "1", "--as", "张敏")
    assert firm.run("rules", "programme", "show").json()["point_fen"] == 80


@pytest.mark.parametrize(
    "args",
    [
        ("show", "nothing"),
        ("check", "9"),
        ("submit", "9", "--as", "周涛"),
        ("submit", "9", "--as", "无名"),
        ("rollback", "contract-amount", "--as", "张敏"),
        ("withdraw", "contract-amount", "1", "--as", "张敏"),
        ("off", "contract-amount", "--as", "周涛", "--at", "soon"),
        ("draft", "no-such-file.json", "--as", "周涛"),
        ("export", "no/such/folder.xlsx"),
    ],
    ids=lambda args: args[0],
)
def test_what_cannot_be_done_changes_nothing(firm: Desk, args: tuple[str, ...]) -> None:
    firm.is_refused("rules", *args)


@pytest.mark.parametrize("content", [[], [RULE, RULE], {"code": "x"}])
def test_a_file_that_does_not_fit_changes_nothing(firm: Desk, content: Any) -> None:
    file = write(firm, "rule.json", content)
    firm.is_refused("rules", "draft", file, "--as", "周涛", "--number", "1")


def test_rules_are_told_by_what_is_stored(firm: Desk) -> None:
    [one] = [r for r in run(firm, "list")["in_force"] if r["code"] == "contract-amount"]
    stored = firm.rows("SELECT content FROM rule_versions WHERE code = 'contract-amount'")
    assert json.loads(stored[0][0]) == to_json(one["content"])

"""`zhufen rewards`: the catalogue from the command line, with Excel in the middle."""

import json
from typing import Any

import pytest

from tests.support.desk import Desk


@pytest.fixture
def firm(desk: Desk) -> Desk:
    """Add who keeps the catalogue, who checks, and who does neither."""
    for name, role in (("周涛", "finance"), ("张敏", "supervisor"), ("孙丽", "sales")):
        assert desk.run("member", "add", name, "--role", role, "--json").code == 0
    return desk


def run(desk: Desk, *args: str) -> dict[str, Any]:
    ended = desk.run("rewards", *args, "--json")
    assert ended.code == 0, ended.err
    found: dict[str, Any] = ended.json()
    return found


def test_a_reward_is_added_changed_counted_and_taken_off(firm: Desk) -> None:
    assert firm.run("rewards", "list").out.strip() == "0 rewards"
    by = ("--as", "周涛")
    done = run(firm, "add", "空调保养", "积分=800", "成本=600", "库存=5", "限兑=每年2份", *by)
    [change] = done["changes"]
    assert (change["state"], change["stock"], done["approval"]) == ("added", 5, None)
    done = run(firm, "change", "1", "points=900", "结束=2026-12-31", *by)
    assert done["changes"][0]["terms"] == {
        "points": [800, 900],
        "closes_at": [None, "2026-12-31T16:00:00+00:00"],
    }
    assert run(firm, "change", "1", "points=900", *by)["unchanged"] == 1
    moved = run(firm, "stock", "1", "20", "--note", "到货", *by)
    assert moved == {"number": 1, "available": 25, "held": 0}
    assert firm.run("rewards", "stock", "1", *by, "--json", "--", "-3").json()["available"] == 22
    assert run(firm, "off", "1", *by) == {"number": 1, "is_active": False}
    assert run(firm, "on", "1", *by) == {"number": 1, "is_active": True}

    shown = run(firm, "show", "空调保养")
    assert (shown["points"], shown["state"], shown["version"]) == (900, "on", 4)
    assert [(one["move"], one["quantity"]) for one in shown["moves"]] == [
        ("remove", 3),
        ("receive", 20),
        ("receive", 5),
    ]
    assert "到货" in firm.run("rewards", "show", "1").out
    [line] = run(firm, "list")["rewards"]
    assert (line["number"], line["available"], line["gone"]) == (1, 22, 0)
    assert "空调保养" in firm.run("rewards", "list").out
    refusal = firm.is_refused("rewards", "stock", "1", *by, "--", "-23")
    assert "22" in refusal


def test_what_gives_more_waits_for_the_other_person(firm: Desk) -> None:
    done = run(firm, "add", "抵用券", "积分=500", "面值=5000", "--as", "周涛")
    assert done["approval"] == 1
    assert [one["code"] for one in done["warnings"]] == ["worth_more"]
    assert run(firm, "list") == {"rewards": []}
    said = firm.run("rewards", "add", "礼品", "积分=500", "--as", "周涛")
    assert "#2" in said.out


def test_wrong_terms_are_named_and_change_nothing(firm: Desk) -> None:
    by = ("--as", "周涛")
    run(firm, "add", "空调保养", "积分=800", "成本=600", *by)
    before = firm.everything()
    for args, said in (
        (("add", "席位"), "没有填"),
        (("add", "席位", "积分=0"), "积分要在 1 到"),
        (("add", "席位", "积分=800", "颜色=红"), "没有看懂「颜色」"),
        (("add", "空调 保养", "积分=900"), "和另一个兑换品重复（编号 1）"),
        (("change", "9", "积分=900"), "没有编号 9 的兑换品"),
        (("change", "1", "结束=某天"), "不是日期：「某天」"),
    ):
        ended = firm.run("rewards", *args, *by)
        assert (ended.code, said in ended.err) == (1, True), ended.err
    assert firm.everything() == before
    assert "name=value" in firm.is_refused("rewards", "change", "1", "积分", *by)
    assert "没有找到「9」" in firm.is_refused("rewards", "show", "9")
    for who in ("孙丽", "某人"):
        firm.is_refused("rewards", "off", "1", "--as", who)
        firm.is_refused("rewards", "change", "1", "积分=900", "--as", who)


def test_a_file_goes_out_is_changed_comes_in_once_and_says_what_it_does(firm: Desk) -> None:
    by = ("--as", "周涛")
    file = firm.folder / "兑换品.csv"
    file.write_text(
        "礼品,所需积分,成本(元),库存,负责人\n空调保养,800,600,5,小王\n席位,300,200,,\n",
        encoding="gb18030",
    )
    checked = run(firm, "import", file.name, "--check")
    assert run(firm, "list") == {"rewards": []}
    done = run(firm, "import", file.name, *by)
    assert done == checked
    assert [one["name"] for one in done["changes"]] == ["空调保养", "席位"]
    assert done["unused"] == ["负责人"]
    again = run(firm, "import", file.name, *by)
    assert (again["changes"], again["unchanged"]) == ([], 2)

    assert run(firm, "export", "全部.xlsx") == {"file": "全部.xlsx", "rewards": 2}
    same = run(firm, "import", "全部.xlsx", *by)
    assert (same["changes"], same["unchanged"], same["unused"]) == ([], 2, [])
    file.write_text("编号,名称,积分,库存\n1,空调清洗,850,8\n", encoding="utf-8")
    said = firm.run("rewards", "import", file.name, "--check").out
    for part in ("改动", "名称 空调保养 → 空调清洗", "积分 800 分 → 850 分", "库存 +3", "没有变化"):
        assert part in said.replace("\n", ""), said
    run(firm, "import", file.name, *by)
    moves = run(firm, "show", "1")["moves"]
    assert (moves[0]["move"], moves[0]["quantity"], moves[0]["note"]) == (
        "receive",
        3,
        "兑换品.csv",
    )


def test_a_wrong_file_names_every_cell_and_changes_nothing(firm: Desk) -> None:
    file = firm.folder / "坏.csv"
    file.write_text(
        "名称,积分,成本,图片\n空调保养,很多,600,\n席位,300,200,ftp://x\n" + "礼品,?,1,\n" * 60,
        encoding="utf-8",
    )
    before = firm.everything()
    ended = firm.run("rewards", "import", file.name, "--as", "周涛")
    assert ended.code == 1
    assert "B2 积分：「很多」不是数" in ended.err
    assert "还有" in ended.err
    assert "什么都没有改" in ended.err
    assert firm.everything() == before
    report = firm.run("rewards", "import", file.name, "--as", "周涛", "--json")
    assert report.code == 1
    problems = json.loads(report.out)["problems"]
    assert (len(problems), problems[0]["row"]) == (62, 2)
    (firm.folder / "空.xlsx").write_bytes(b"PK\x03\x04")
    assert "不是 .xlsx" in firm.is_refused("rewards", "import", "空.xlsx", "--as", "周涛")
    firm.is_refused("rewards", "export", "no/such/folder.xlsx")


def test_a_file_that_gives_more_waits_as_a_whole(firm: Desk) -> None:
    file = firm.folder / "大.csv"
    file.write_text("名称,积分,成本\n空调保养,800,600\n平板,10,3000\n", encoding="utf-8")
    done = run(firm, "import", file.name, "--as", "周涛")
    assert done["approval"] == 1
    assert run(firm, "list") == {"rewards": []}
    assert "#1" in firm.is_refused("rewards", "import", file.name, "--as", "周涛")
    file.write_text("名称,积分,成本\n平板,11,3000\n", encoding="utf-8")
    said = firm.run("rewards", "import", file.name, "--as", "周涛").out
    assert "等另一位审批" in said
    assert "#2" in said


def test_the_report_says_how_rewards_sell_and_which_prices_to_think_about(firm: Desk) -> None:
    assert firm.run("rewards", "report").out.strip() == "0 rewards"
    run(firm, "add", "空调保养", "积分=800", "成本=600", "--as", "周涛")
    run(firm, "add", "抵用券", "积分=500", "面值=800", "--as", "周涛")
    [line] = run(firm, "report")["rewards"]
    assert (line["sold_30_days"], line["able"], line["customers"], line["hint"]) == (0, 0, 1, None)
    assert line["fen_per_point"] == 75.0
    run(firm, "change", "1", "积分=500", "--as", "周涛")
    assert "空调保养" in firm.run("rewards", "report").out

"""`zhufen lottery`: the whole life of a lottery from the command line."""

import json
from typing import Any

import pytest

from domain.draws import commitment_of
from tests.support.desk import Desk

LOTTERY: dict[str, Any] = {
    "name": "新年答谢抽奖",
    "price": 50,
    "opens_at": "2026-01-01T00:00:00+08:00",
    "closes_at": "2099-01-01T00:00:00+08:00",
    "prizes": [
        {"kind": "points", "name": "100 分", "points": 100, "months": 12, "count": 5},
        {"kind": "nothing", "name": "谢谢参与", "count": 95, "worth": "0.01"},
    ],
}
POINTS, NOTHING = LOTTERY["prizes"]


@pytest.fixture
def firm(desk: Desk) -> Desk:
    """Add who makes and who checks."""
    for name, role in (("周涛", "finance"), ("张敏", "supervisor")):
        assert desk.run("member", "add", name, "--role", role, "--json").code == 0
    return desk


def write(desk: Desk, content: Any) -> str:
    path = desk.folder / "lottery.json"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return str(path)


def run(desk: Desk, *args: str) -> dict[str, Any]:
    ended = desk.run("lottery", *args)
    assert ended.code == 0, ended.err
    found: dict[str, Any] = ended.json()
    return found


def test_a_lottery_lives_from_a_file_to_its_seed(firm: Desk) -> None:
    made = run(firm, "add", write(firm, LOTTERY), "--as", "周涛", "--json")
    assert (made["number"], made["state"], made["left"]) == (1, "draft", 100)
    assert "没有开始" in firm.is_refused("lottery", "close", "1", "--as", "周涛")
    asked = run(firm, "publish", "1", "--as", "周涛", "--json")
    assert asked == {"lottery": 1, "approval": 1}
    firm.is_refused("lottery", "approve", "1", "--as", "周涛")
    opened = run(firm, "approve", "1", "--as", "张敏", "--json")
    assert (opened["state"], len(opened["commitment"])) == ("open", 64)

    record = run(firm, "show", "1")
    assert (record["seed"], record["commitment"]) == (None, opened["commitment"])
    verified = {"lottery": 1, "draws": 0, "faults": []}
    assert run(firm, "verify", "1", "--json") == verified
    assert firm.run("lottery", "verify", "1").out.strip() == "0 faults in 0 draws"

    assert run(firm, "close", "1", "--as", "周涛", "--json")["state"] == "closed"
    record = run(firm, "show", "1")
    assert commitment_of(record["seed"], record["terms"]) == opened["commitment"]
    assert run(firm, "list", "--json")["lotteries"][0]["state"] == "closed"
    assert "新年答谢抽奖" in firm.run("lottery", "list").out


def test_what_was_changed_is_told_with_exit_one(firm: Desk) -> None:
    run(firm, "add", write(firm, LOTTERY), "--as", "周涛", "--json")
    run(firm, "publish", "1", "--as", "周涛", "--json")
    run(firm, "approve", "1", "--as", "张敏", "--json")
    firm.rows("UPDATE lottery_prizes SET remaining = 4 WHERE place = 1")
    ended = firm.run("lottery", "verify", "1", "--json")
    assert ended.code == 1
    assert json.loads(ended.out)["faults"] == [{"fault": "left", "draw": 0}]
    shown = firm.run("lottery", "verify", "1")
    assert (shown.code, "left" in shown.out) == (1, True)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"price": 0}, "price"),
        ({"price": "50"}, "price"),
        ({"name": ""}, "name"),
        ({"name": "长" * 21}, "name"),
        ({"per_day": 0}, "per_day"),
        ({"prizes": []}, "prizes"),
        ({"prizes": [POINTS] * 9}, "prizes"),
        ({"prizes": [POINTS, POINTS]}, "two prizes"),
        ({"prizes": [NOTHING | {"count": 20_001}]}, "prizes.0.count"),
        ({"prizes": [NOTHING | {"count": 19_000}, POINTS | {"count": 1_001}]}, "20000 tickets"),
        ({"prizes": [POINTS | {"months": 0}]}, "prizes.0"),
        ({"prizes": [NOTHING | {"points": 1}]}, "prizes.0"),
        ({"prizes": [NOTHING | {"kind": "reward"}]}, "prizes.0"),
        ({"prizes": [NOTHING | {"kind": "car"}]}, "prizes.0.kind"),
        ({"prizes": [NOTHING | {"worth": 3}]}, "prizes.0.worth"),
        ({"closes_at": LOTTERY["opens_at"]}, "closes_at"),
        ({"opens_at": "2026-01-01"}, "opens_at"),
        ({"odds": 1}, "odds"),
    ],
)
def test_a_file_that_says_nonsense_is_refused_with_the_place(
    firm: Desk, changes: dict[str, Any], place: str
) -> None:
    said = firm.is_refused("lottery", "add", write(firm, LOTTERY | changes), "--as", "周涛")
    assert place in said


def test_a_file_that_is_no_json_or_not_there_is_refused(firm: Desk) -> None:
    path = firm.folder / "lottery.json"
    path.write_text("{", encoding="utf-8")
    assert "lottery.json" in firm.is_refused("lottery", "add", str(path), "--as", "周涛")
    firm.is_refused("lottery", "add", str(firm.folder / "none.json"), "--as", "周涛")


def test_a_prize_that_is_too_dear_is_refused(firm: Desk) -> None:
    dear = LOTTERY | {"prizes": [NOTHING | {"worth": "50000.01"}]}
    assert "50,000 元" in firm.is_refused("lottery", "add", write(firm, dear), "--as", "周涛")


def test_a_number_that_is_not_there_is_refused(firm: Desk) -> None:
    for command in ("show", "verify"):
        assert "9" in firm.is_refused("lottery", command, "9")

"""`zhufen customer` and `zhufen contract` as a person types them."""

from typing import Any

import pytest

from tests.support.desk import Desk

CODE = "91350100M000100Y43"
ADD = ("customer", "add", "C009", "江北实业", "--type", "政府")


def pick(found: dict[str, Any], *names: str) -> list[Any]:
    return [found[name] for name in names]


def test_a_file_is_typed_shown_and_changed(desk: Desk) -> None:
    assert desk.run("customer", "field", "starter", "--json").json()["added"] > 0
    made = desk.run(
        *(*ADD, "--credit-code", "9135 0100 M000 100Y 43", "--payment-days", "45"),
        *("--full-name", "江北实业有限公司", "--alias", "江北", "--segment", "重点"),
        *("--field", "预算年度=２０２６", "--field", "主管部门=", "--manager", "李强", "--json"),
    ).json()
    found = desk.run("customer", "show", "C009", "--json").json()
    changed = desk.run(
        *("customer", "set", "C009", "--name", "江北集团", "--address", "江北路 1 号"),
        *("--field", "主管部门=住建局", "--field", "预算年度=", "--alias", "北方", "--json"),
    ).json()

    assert made == {"customer": "C009", "alike": []}
    assert pick(found, "name", "type", "segments", "manager") == [
        *("江北实业", "政府", ["重点"], "李强")
    ]
    assert pick(found, "full_name", "credit_code", "payment_days", "aliases", "fields") == [
        *("江北实业有限公司", CODE, 45, ["江北"], {"预算年度": "2026"})
    ]
    assert changed == found | {
        "name": "江北集团",
        "address": "江北路 1 号",
        "aliases": ["北方"],
        "fields": {"主管部门": "住建局"},
    }
    assert desk.run("customer", "show", "C009", "--json").json() == changed
    assert "江北集团" in desk.run("customer", "show", "C009").out


def test_a_unit_that_is_there_is_refused_with_who_it_is(desk: Desk) -> None:
    before = desk.rows("SELECT code FROM customers")
    same = desk.run("customer", "add", "C009", "滨江 置业")
    likely = desk.run("customer", "add", "C009", "滨江置业有限公司")
    never = desk.run("customer", "add", "C009", "滨江 置业", "--anyway")

    assert [ended.code for ended in (same, likely, never)] == [1, 1, 1]
    assert all("C001" in ended.err for ended in (same, likely, never))
    assert "--anyway" in likely.err
    assert desk.rows("SELECT code FROM customers") == before

    taken = desk.run("customer", "add", "C009", "滨江置业有限公司", "--anyway", "--json").json()
    assert [pick(one, "code", "level", "hints") for one in taken["alike"]] == [
        ["C001", "likely", ["short_name"]]
    ]


def test_the_whole_file_is_listed_by_how_sure_it_is(desk: Desk) -> None:
    assert desk.run("customer", "duplicates").out.strip() == "0 duplicates"
    desk.run("customer", "add", "C009", "滨江置业有限公司", "--anyway")
    desk.run("customer", "add", "C010", "杭州滨江置业")

    likely = desk.run("customer", "duplicates", "--json").json()["pairs"]
    everything = desk.run("customer", "duplicates", "--level", "maybe", "--json").json()["pairs"]
    shown = desk.run("customer", "duplicates").out

    assert likely == [
        {
            "level": "likely",
            "hints": ["short_name"],
            "codes": ["C001", "C009"],
            "names": ["滨江置业", "滨江置业有限公司"],
        }
    ]
    assert everything[0] == likely[0]
    assert {tuple(pair["codes"]) for pair in everything[1:]} == {("C001", "C010"), ("C009", "C010")}
    assert "C009" in shown
    assert "很可能" in shown


def test_the_catalogue_is_the_firms_own(desk: Desk) -> None:
    assert desk.run("customer", "field", "list").out.strip() == "0 fields"
    saved = desk.run(
        *("customer", "field", "save", "能源", "类别", "--kind", "choice"),
        *("--choice", "电网", "--choice", "油气", "--json"),
    ).json()
    listed = desk.run("customer", "field", "list", "--json").json()
    first = desk.run("customer", "field", "starter", "--json").json()
    again = desk.run("customer", "field", "starter", "--json").json()

    assert saved == {"type": "能源", "name": "类别", "kind": "choice"}
    assert listed == {
        "fields": [{"type": "能源", "name": "类别", "kind": "choice", "choices": ["电网", "油气"]}]
    }
    assert first["added"] > 3
    assert again == {"added": 0}
    # What the firm has changed stays as it is.
    assert "电网 油气" in desk.run("customer", "field", "list").out
    assert desk.run("customer", "field", "remove", "能源", "类别", "--json").json() == {
        "removed": "类别"
    }
    assert "类别" in desk.is_refused("customer", "field", "remove", "能源", "类别")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("--field", "预算年度"), "name=value"),
        (("--field", "预算年度=2026"), "预算年度"),
        (("--credit-code", "91350100M000100Y44"), "校验码"),
        (("--manager", "无名"), "无名"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(
    desk: Desk, typed: tuple[str, ...], said: str
) -> None:
    assert said in desk.is_refused(*ADD, *typed)
    assert desk.rows("SELECT 1 FROM customers WHERE code = 'C009'") == []


@pytest.mark.parametrize("typed", [("--kind", "choice"), ("--kind", "text", "--choice", "电网")])
def test_a_choice_has_choices_and_nothing_else_has(desk: Desk, typed: tuple[str, ...]) -> None:
    assert "--choice" in desk.is_refused("customer", "field", "save", "能源", "类别", *typed)


def test_a_contract_is_added_once_and_stands_in_the_file(desk: Desk) -> None:
    desk.run("project", "add", "P101", "滨江一期", "--customer", "C001")
    add = ("contract", "add", "HT-1", "一期总包", "--customer", "C001", "--signed-on", "2026-06-30")
    made = desk.run(*add, "--amount", "120万", "--project", "P101", "--json").json()

    assert made == {"contract": "HT-1", "amount": "1200000.00"}
    assert "HT-1" in desk.is_refused(*add, "--amount", "1")
    assert desk.run("customer", "show", "C001", "--json").json()["contracts"] == [
        {"number": "HT-1", "name": "一期总包", "amount": "1200000.00", "signed_on": "2026-06-30"}
    ]


@pytest.mark.parametrize("amount", ["很多", "-5"])
def test_an_amount_that_is_none_is_refused(desk: Desk, amount: str) -> None:
    add = ("contract", "add", "HT-1", "一期", "--customer", "C001", "--signed-on", "2026-06-30")
    assert "amount" in desk.is_refused(*add, f"--amount={amount}")
    assert desk.rows("SELECT 1 FROM contracts") == []


def test_a_merge_is_asked_for_and_the_double_is_named_by_its_own_code(desk: Desk) -> None:
    desk.run("member", "add", "吴敏", "--role", "supervisor")
    desk.run("customer", "add", "C009", "滨江置业有限公司", "--anyway")
    asked = desk.run("customer", "merge", "C009", "C001", "--json").json()
    again = desk.run("customer", "merge", "C009", "C001")
    itself = desk.run("customer", "merge", "C001", "C001")
    nobody = desk.run("customer", "merge", "C404", "C001")
    not_yet = desk.run("customer", "unmerge", "C009")

    assert asked == {"approval": 1, "kind": "merge"}
    assert [ended.code for ended in (again, itself, nobody, not_yet)] == [1, 1, 1, 1]
    assert "滨江置业" in itself.err
    assert desk.rows("SELECT kind, state FROM approvals") == [("merge", "pending")]
    assert desk.rows("SELECT id FROM customer_merges") == []

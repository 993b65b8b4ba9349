"""The checker's findings in words, as business staff read them."""

from datetime import timedelta
from typing import Any

import pytest

from bot.sheets.findings import word_finding, word_place
from bot.sheets.words import read_toml
from domain.events import EventType
from domain.rules.checks import check_rule
from domain.rules.findings import Finding, FindingCode, error
from domain.rules.model import (
    Cap,
    DebtPolicy,
    Direction,
    Fixed,
    Members,
    Multiplier,
    PerDay,
    PerUnit,
    Range,
    Rounding,
    RuleVersion,
    Scope,
    Stacking,
    Step,
    Steps,
    Window,
)
from tests.domain.rules.making import DAY, START, a_rule, a_table, where

SIGNED, REVIEWED = EventType.CONTRACT_SIGNED, EventType.REVIEW_SUBMITTED
ROUND = 1_000_000
OTHERS = [
    a_rule("b", group="g", stacking=Stacking.FIRST),
    a_rule("c", name="丙"),
    a_rule(effective_from=START - DAY),
    a_rule(version=2, effective_from=START + 9 * DAY),
]
TANGLED = a_table(
    "stars photos",
    *((Range(n % 5, n % 5 + 1), Range(n * 7 % 60, n * 7 % 60 + n), n + 1) for n in range(60)),
)


def draft(**changes: Any) -> RuleVersion:
    return a_rule(**({"version": 3} | changes))


def signed(**changes: Any) -> RuleVersion:
    return draft(trigger=SIGNED, **changes)


@pytest.mark.parametrize(
    ("rule", "code", "place", "words"),
    [
        (draft(name="x" * 41), "text_too_long", "名称", "太长（41 字，最多 40 字）"),
        (draft(version=7), "version_not_next", "版本", "版本是 7，下一个应是 3"),
        (
            draft(effective_from=START - DAY),
            "starts_in_the_past",
            "开始",
            "开始时间 2026-11-30 08:00 已经过了：规则只能从现在往后开始",
        ),
        (
            draft(valid_months=0),
            "number_out_of_range",
            "有效月数",
            "0 超出范围：可以是 1 到 120",
        ),
        (
            draft(caps=(Cap(Scope.CONTACT, Window.DAY, 1),) * 2),
            "cap_twice",
            "第 2 个封顶",
            "「每个联系人 每天」的封顶写了两次",
        ),
        (
            draft(debt_policy=DebtPolicy.REFUSE, debt_floor=5),
            "floor_without_policy",
            "最多欠",
            "写了最多欠多少，可积分不够时是「不扣」，用不到",
        ),
        (
            signed(conditions=(where("amount", "ge", 10 * ROUND), where("amount", "lt", ROUND))),
            "contradiction",
            "第 2 个条件",
            "关于「金额」的条件互相矛盾（第 1 个和这个），永远不会成立",
        ),
        (
            signed(conditions=(where("amount", "in", (1, "x")),)),
            "wrong_value",
            "第 1 个条件",
            "「金额」的值种类不对：应是金额",
        ),
        (
            signed(formula=Steps("amount", (Step(2 * ROUND, 1), Step(ROUND, 2)))),
            "steps_not_rising",
            "第 2 级",
            "阶梯要从小到大：2万 后面是 1万",
        ),
        (
            signed(formula=PerUnit("amount", ROUND, 10), rounding=Rounding.UP),
            "splitting_earns_more",
            "零头",
            "零头「进一」，按「金额」每 1万 给 10 分：一笔拆成几笔会得更多",
        ),
        (
            signed(formula=a_table("amount", (Range(5 * ROUND, 2 * ROUND), 1))),
            "range_reversed",
            "表的第 1 行第 1 格",
            "「金额」的范围反了：5万 到 2万",
        ),
        (
            signed(formula=a_table("amount", (Range(), 1), (Range(), 2))),
            "row_unreachable",
            "表的第 2 行",
            "这行永远用不到：上面第 1 行已经全包括了",
        ),
        (
            signed(
                formula=a_table("amount", (Range(1, 5), 1), (Range(6, 9), 2)),
                conditions=(where("amount", "le", 5),),
            ),
            "row_unreachable",
            "表的第 2 行",
            "这行永远用不到：与规则的条件矛盾",
        ),
        (
            signed(formula=a_table("amount", (Range(10 * ROUND, 50 * ROUND), 1))),
            "table_gap",
            "表",
            "有空缺：金额是0.01 至 99,999.99、500,000.01 及以上 时没有一行适用，得 0 分",
        ),
        (
            signed(formula=a_table("amount", (Range(1, 5), 1), (Range(5, None), 2))),
            "rows_overlap",
            "表的第 2 行",
            "与上面第 1 行有重叠，积分不同：重叠处按上面的算",
        ),
        (
            draft(group="g", stacking=Stacking.HIGHEST),
            "mixed_stacking",
            "同组怎么算",
            "分组「g」里规则「b」是「只算最先」，这条是「只算最高」：同组要一样",
        ),
        (
            draft(),
            "both_count",
            "条件",
            "与规则「b」（第 1 版）可能同时成立，两条都会算；不想这样就放进同一分组",
        ),
        (
            draft(),
            "version_shadowed",
            "开始",
            "已定于 2026-12-10 08:00 开始的第 2 版将永远用不到",
        ),
    ],
)
def test_a_finding_reads_as_a_sentence(
    rule: RuleVersion, code: str, place: str, words: str
) -> None:
    found = check_rule(rule, OTHERS, now=START)
    finding = next(one for one in found if one.code == code)
    assert (word_place(finding.place), word_finding(finding)) == (place, words)


GAPS = [
    (
        signed(formula=a_table("customer.type", (Members(("政府",)), 1))),
        "有空缺：客户类型是其他 时没有一行适用，得 0 分",
    ),
    (
        draft(
            trigger=EventType.COMPLAINT_CLOSED,
            formula=a_table("satisfied", (Members((True,)), 1)),
        ),
        "有空缺：满意是否 时没有一行适用，得 0 分",
    ),
    (
        signed(
            formula=a_table("customer.segments", (Members(("甲",)), 1)),
            conditions=(where("customer.segments", "in", ("乙",)),),
        ),
        "有空缺：客户分群是乙 时没有一行适用，得 0 分",
    ),
    (
        draft(trigger=REVIEWED, formula=a_table("stars", (Range(1, 2), 1), (Range(4, 5), 1))),
        "有空缺：星级是3 时没有一行适用，得 0 分",
    ),
    (
        draft(trigger=REVIEWED, formula=a_table("length", (Range(0, 2), 1), (Range(9), 1))),
        "有空缺：字数是3 至 8 时没有一行适用，得 0 分",
    ),
    (
        signed(formula=a_table("customer.segments", (Members(("甲",)), 1))),
        "有空缺：任何情况 时没有一行适用，得 0 分",
    ),
]


@pytest.mark.parametrize(("rule", "words"), GAPS)
def test_a_gap_names_the_case_that_is_missing(rule: RuleVersion, words: str) -> None:
    found = check_rule(rule, OTHERS, now=START)
    gaps = [one for one in found if one.code is FindingCode.TABLE_GAP]
    assert [word_finding(gap) for gap in gaps] == [words]


WRONG = [
    draft(code="规则", conditions=(where("height", "eq", 1), where("milestone", "lt", "a"))),
    draft(effective_to=START, valid_months=1, matures_after_days=30, event_points_max=0),
    draft(caps=(Cap(Scope.PROJECT, Window.DAY), Cap(Scope.RULE, Window.DAY, 0, -1))),
    draft(trigger=EventType.CHECK_IN, caps=(Cap(Scope.MANAGER, Window.DAY, 1),)),
    draft(debt_policy=DebtPolicy.OWE_TO_FLOOR, formula=PerUnit("milestone", 0, -1)),
    draft(debt_policy=DebtPolicy.OWE_TO_FLOOR, debt_floor=-1, formula=Fixed(10**10)),
    draft(conditions=(where("milestone", "in", ()), where("days_late", "eq", "x"))),
    draft(formula=Steps("days_late", ()), group="x" * 41),
    draft(formula=Steps("days_late", (Step(1, 0),))),
    draft(formula=PerDay(0, free=-1, most=0), trigger=SIGNED),
    draft(formula=Multiplier(5, ("nobody", "b")), direction=Direction.DEDUCT, trigger=SIGNED),
    draft(formula=a_table("", (1,))),
    draft(formula=a_table("days_late " * 9, (1, 2, -1))),
    draft(formula=a_table("days_late")),
    draft(formula=a_table("days_late", *((None, 1),) * 1001)),
    draft(formula=a_table("days_late milestone", (Members(("a",)), Members(()), 0))),
    draft(formula=Fixed(5_000_000), conditions=(where("customer.segments", "ne", "a"),)),
    draft(trigger=REVIEWED, conditions=(where("stars", "gt", 5),)),
    signed(conditions=(where("amount", "lt", 1), where("amount", "gt", 5))),
    draft(trigger=REVIEWED, formula=TANGLED),
    *(rule for rule, _ in GAPS),
]
ALONE = [
    error(FindingCode.CONTRADICTION, "conditions[0]", field="amount", with_conditions=()),
    error(FindingCode.NOT_FULLY_CHECKED, "formula.rows"),
    error(
        FindingCode.TABLE_GAP,
        "formula.rows",
        case=({"field": "days_late", "ranges": ((None, None),)},),
    ),
]


def test_whatever_is_found_has_words_for_what_and_where() -> None:
    found: list[Finding] = list(ALONE)
    for rule in WRONG:
        found += check_rule(rule, OTHERS, now=START + timedelta(seconds=1))
    for rule in (draft(), signed(formula=PerUnit("amount", 9, 1), rounding=Rounding.UP)):
        found += check_rule(rule, OTHERS, now=START)
    found += check_rule(draft(group="g"), OTHERS, now=START)
    found += check_rule(
        signed(formula=Steps("amount", (Step(2, 1), Step(2, 1)))), OTHERS, now=START
    )
    found += check_rule(
        signed(formula=a_table("amount amount", (Range(2, 1), None, 1))), OTHERS, now=START
    )
    found += check_rule(draft(version=9, name="x" * 41), OTHERS, now=START)
    found += check_rule(
        draft(caps=(Cap(Scope.RULE, Window.DAY, 1),) * 2, debt_floor=5), OTHERS, now=START
    )
    for finding in found:
        assert "{" not in word_finding(finding)
        assert word_place(finding.place)
    assert {finding.code for finding in found} == set(FindingCode)
    assert all(read_toml("findings")["severity"][finding.severity] for finding in found)

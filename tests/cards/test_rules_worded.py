"""Whatever a rule can say is worded: every kind of formula, condition, cap, field and finding."""

import json
from dataclasses import asdict, fields, replace
from typing import Any

import pytest

from domain.events import EventType
from domain.programme import Programme
from domain.rules.codec import _KINDS
from domain.rules.fields import COMMON, COMPARISONS, OF_EVENT, FieldKind, fields_of
from domain.rules.findings import FindingCode, Severity
from domain.rules.model import (
    Cap,
    Comparison,
    Condition,
    DebtPolicy,
    DecisionTable,
    Direction,
    Fixed,
    Formula,
    Multiplier,
    PerDay,
    PerUnit,
    RuleVersion,
    Scope,
    Stacking,
    Step,
    Steps,
    TableRow,
    Window,
)
from handlers.rule_views import NOT_COMPARED, rule_said
from tests.cards.examples import PRESENTER
from tests.cards.test_catalogue import WORDS
from tests.domain.rules.making import a_rule

FORMULAS: list[tuple[Formula, str]] = [
    (Fixed(50), "每次得 50 分"),
    (PerUnit("amount", 1_000_000, 10), "金额每满 10,000 元得 10 分"),
    (Steps("stars", (Step(4, 20), Step(5, 50))), "星数到 4得 20 分、到 5得 50 分"),
    (
        Steps("stars", tuple(Step(stars, stars * 10) for stars in range(6))),
        "星数到 0得 0 分、到 1得 10 分、到 2得 20 分、到 3得 30 分、到 4得 40 分，共 6 档",
    ),
    (PerDay(2, free=3, most=40), "每晚 1 天得 2 分（前 3 天不算），最多 40 分"),
    (PerDay(2, is_early=True), "每提前 1 天得 2 分"),
    (Multiplier(200), "其他规则给的积分提到 200%"),
    (
        Multiplier(150, ("contract-amount", "own-rule")),
        "「签约」、「own-rule」给的积分提到 150%",
    ),
    (
        DecisionTable(("stars", "customer.type"), (TableRow((None, None), 5),)),
        "按星数、客户类型查表得 5 到 5 分（1 行）",
    ),
]
OF_FIELD: dict[FieldKind, Any] = {
    FieldKind.AMOUNT: 1_000_050,
    FieldKind.NUMBER: 12,
    FieldKind.TEXT: "地产",
    FieldKind.FLAG: True,
    FieldKind.TEXTS: "老客户",
}
SHOWN: dict[FieldKind, str] = {
    FieldKind.AMOUNT: "10,000.50 元",
    FieldKind.NUMBER: "12",
    FieldKind.TEXT: "「地产」",
    FieldKind.FLAG: "是",
    FieldKind.TEXTS: "「老客户」",
}


def said(rule: RuleVersion) -> str:
    data = json.loads(json.dumps(asdict(rule_said(rule))))
    return PRESENTER.word("parts/rule_said.txt.j2", {"rule": data})


def event_with(field: str) -> EventType:
    return next(event for event in EventType if field in fields_of(event))


def test_every_field_rules_ask_for_has_words() -> None:
    known = set(COMMON).union(*OF_EVENT.values())
    assert set(WORDS["field"]) == known


@pytest.mark.parametrize(("formula", "shown"), FORMULAS, ids=lambda one: type(one).__name__)
def test_every_formula_is_worded(formula: Formula, shown: str) -> None:
    trigger = EventType.REVIEW_SUBMITTED
    if isinstance(formula, PerUnit):
        trigger = EventType.CONTRACT_SIGNED
    if isinstance(formula, PerDay):
        trigger = EventType.MILESTONE_ACCEPTED
    assert shown in said(a_rule(trigger=trigger, formula=formula))


def test_the_examples_have_every_kind_of_formula() -> None:
    parts = {"range", "members"}
    kinds = {rule_said(a_rule(formula=one)).formula.kind for one, _ in FORMULAS if _plain(one)}
    assert kinds | {"per_unit", "steps"} == set(_KINDS) - parts


def _plain(formula: Formula) -> bool:
    return not isinstance(formula, PerUnit | Steps)


@pytest.mark.parametrize("field", sorted(set(COMMON).union(*OF_EVENT.values())))
def test_every_condition_is_worded(field: str) -> None:
    trigger = event_with(field)
    kind = fields_of(trigger)[field]
    for comparison in COMPARISONS[kind]:
        several = comparison in {Comparison.ONE_OF, Comparison.NONE_OF}
        value = (OF_FIELD[kind],) * 2 if several else OF_FIELD[kind]
        text = said(a_rule(trigger=trigger, conditions=(Condition(field, comparison, value),)))
        assert f"{WORDS['field'][field]}{WORDS['comparison'][comparison]}" in text
        assert SHOWN[kind] in text


@pytest.mark.parametrize(
    ("comparison", "shown"),
    [(Comparison.AT_MOST, "不晚于计划"), (Comparison.MORE_THAN, "晚于计划")],
)
def test_on_time_and_late_are_said_as_people_say_it(comparison: Comparison, shown: str) -> None:
    text = said(a_rule(conditions=(Condition("days_late", comparison, 0),)))
    assert text.startswith(f"验收，{shown}：")


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("window", Window)
def test_every_cap_is_worded(scope: Scope, window: Window) -> None:
    text = said(a_rule(caps=(Cap(scope, window, 100, 3),)))
    assert f"{WORDS['scope'][scope]}{WORDS['window'][window]}最多 100 分 3 次" in text


@pytest.mark.parametrize("policy", DebtPolicy)
def test_every_way_to_be_in_debt_is_worded(policy: DebtPolicy) -> None:
    rule = a_rule(direction=Direction.DEDUCT, debt_policy=policy, debt_floor=30)
    text = said(rule)
    assert f"可用的不够就{WORDS['debt_policy'][policy]}（最多欠 30 分）" in text
    assert "有效" not in text


def test_everything_else_a_rule_says_is_worded() -> None:
    rule = a_rule(valid_months=6, matures_after_days=7, event_points_max=99, qualifies=False)
    text = said(replace(rule, group="新客", stacking=Stacking.HIGHEST))
    for part in (
        "单次最多 99 分",
        "6 个月内有效",
        "7 天后可用",
        "不算入等级",
        "「新客」同组只算最高的",
    ):
        assert part in text
    assert said(replace(rule, is_off=True)) == "停用，不再计分"


def test_every_field_of_a_rule_and_of_the_programme_can_be_shown_alone() -> None:
    assert set(WORDS["rule_field"]) == {f.name for f in fields(RuleVersion)} - NOT_COMPARED
    assert set(WORDS["programme_field"]) == {f.name for f in fields(Programme)} - NOT_COMPARED
    assert all(len(word) <= 5 for table in ("rule_field",) for word in WORDS[table].values())
    data = json.loads(json.dumps(asdict(rule_said(a_rule(name="甲", group="乙")))))
    for field in WORDS["rule_field"]:
        shown = {"rule": data, "field": field}
        assert PRESENTER.word("parts/rule_field.txt.j2", shown), field


@pytest.mark.parametrize("code", FindingCode)
def test_every_finding_is_worded(code: FindingCode) -> None:
    assert set(WORDS["finding"]) == {code.value for code in FindingCode}
    assert WORDS["finding"][code]
    assert set(WORDS["finding_severity"]) == {severity.value for severity in Severity}

"""The checker of drafts: one case for each thing it can find, and none where all is well."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from domain.events import EventType
from domain.rules.checks import check_rule, has_errors
from domain.rules.checks_conditions import can_hold, can_hold_together
from domain.rules.checks_limits import shortest_life
from domain.rules.evaluation import holds
from domain.rules.fields import FieldKind
from domain.rules.findings import Finding, FindingCode, Severity
from domain.rules.model import (
    POINTS_MAX,
    Cap,
    Comparison,
    Condition,
    DebtPolicy,
    Direction,
    Fixed,
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
from tests.domain.rules.making import DAY, START, a_rule, a_table, found_in, only_finding, where

SIGNED = EventType.CONTRACT_SIGNED
REVIEWED = EventType.REVIEW_SUBMITTED
CLOSED = EventType.COMPLAINT_CLOSED
CHECKED_IN = EventType.CHECK_IN
DEDUCT = Direction.DEDUCT
FLOOR = DebtPolicy.OWE_TO_FLOOR


@pytest.mark.parametrize(
    "rule",
    [
        a_rule(),
        a_rule("a" * 40, name="双倍积分", group="g", stacking=Stacking.FIRST),
        a_rule(effective_to=START + DAY),
        a_rule(valid_months=120, matures_after_days=365),
        a_rule(valid_months=1, matures_after_days=27),
        a_rule(debt_policy=FLOOR, debt_floor=0, direction=DEDUCT),
        a_rule(event_points_max=1, caps=(Cap(Scope.PROJECT, Window.DAY, times=1),)),
        a_rule(caps=(Cap(Scope.RULE, Window.DAY, 1), Cap(Scope.RULE, Window.EVER, 1, 1))),
        a_rule(formula=PerDay(1, free=0, most=1), direction=DEDUCT),
        a_rule(formula=PerUnit("amount", 1_000_000, 10), trigger=SIGNED),
        a_rule(formula=PerUnit("amount", 100, 10), trigger=SIGNED, event_points_max=10**6),
        a_rule(
            formula=PerUnit("amount", 1_000_000, 10),
            trigger=SIGNED,
            rounding=Rounding.UP,
            direction=DEDUCT,
        ),
        a_rule(formula=PerUnit("stars", 1, 1), trigger=REVIEWED, rounding=Rounding.UP),
        a_rule(formula=Steps("stars", (Step(1, 0), Step(5, 9))), trigger=REVIEWED),
        a_rule(formula=Multiplier(101)),
        a_rule(conditions=(where("customer.segments", "eq", "a"),) * 2),
    ],
)
def test_nothing_is_found_where_all_is_well(rule: RuleVersion) -> None:
    assert check_rule(rule, [], now=START) == []


@pytest.mark.parametrize(
    ("changes", "code", "place"),
    [
        ({"name": "x" * 41}, "text_too_long", "name"),
        ({"group": "x" * 41}, "text_too_long", "group"),
        ({"version": 2}, "version_not_next", "version"),
        ({"version": 0}, "version_not_next", "version"),
        ({"effective_from": START - DAY}, "starts_in_the_past", "effective_from"),
        ({"effective_to": START}, "ends_before_start", "effective_to"),
        ({"effective_to": START - DAY}, "ends_before_start", "effective_to"),
        ({"valid_months": 0}, "number_out_of_range", "valid_months"),
        ({"valid_months": 121}, "number_out_of_range", "valid_months"),
        ({"matures_after_days": -1}, "number_out_of_range", "matures_after_days"),
        ({"matures_after_days": 366}, "number_out_of_range", "matures_after_days"),
        (
            {"matures_after_days": 28, "valid_months": 1},
            "matures_after_expiry",
            "matures_after_days",
        ),
        ({"event_points_max": 0}, "not_positive", "event_points_max"),
        ({"event_points_max": POINTS_MAX + 1}, "too_many_points", "event_points_max"),
        ({"caps": (Cap(Scope.RULE, Window.DAY),)}, "cap_without_limit", "caps[0]"),
        ({"caps": (Cap(Scope.RULE, Window.DAY, 0),)}, "not_positive", "caps[0].points"),
        ({"caps": (Cap(Scope.RULE, Window.DAY, 1, -1),)}, "not_positive", "caps[0].times"),
        ({"caps": (Cap(Scope.RULE, Window.DAY, 1),) * 2}, "cap_twice", "caps[1]"),
        ({"debt_policy": FLOOR}, "floor_missing", "debt_floor"),
        ({"debt_policy": FLOOR, "debt_floor": -1}, "negative", "debt_floor"),
        (
            {"debt_policy": FLOOR, "debt_floor": POINTS_MAX + 1},
            "too_many_points",
            "debt_floor",
        ),
        ({"debt_floor": 5}, "floor_without_policy", "debt_floor"),
        ({"formula": Fixed(0)}, "not_positive", "formula.points"),
        ({"formula": Fixed(POINTS_MAX + 1)}, "too_many_points", "formula.points"),
        ({"formula": PerDay(0)}, "not_positive", "formula.points"),
        ({"formula": PerDay(1, free=-1)}, "negative", "formula.free"),
        ({"formula": PerDay(1, most=0)}, "not_positive", "formula.most"),
        ({"formula": PerDay(1), "trigger": SIGNED}, "no_days_late", "formula"),
        ({"formula": PerUnit("amount", 1, 1)}, "unknown_field", "formula.field"),
        ({"formula": PerUnit("milestone", 1, 1)}, "not_a_number_field", "formula.field"),
        ({"formula": PerUnit("days_late", 0, 1)}, "not_positive", "formula.unit"),
        ({"formula": PerUnit("days_late", 1, -1)}, "not_positive", "formula.points"),
        ({"formula": Steps("days_late", ())}, "no_steps", "formula.steps"),
        (
            {"formula": Steps("days_late", (Step(1, -1), Step(2, 1)))},
            "negative",
            "formula.steps[0].points",
        ),
        (
            {"formula": Steps("days_late", (Step(2, 1), Step(2, 1)))},
            "steps_not_rising",
            "formula.steps[1].at_least",
        ),
        ({"formula": Steps("days_late", (Step(1, 0),))}, "gives_nothing", "formula.steps"),
        ({"formula": Multiplier(100)}, "number_out_of_range", "formula.percent"),
        ({"formula": Multiplier(10_001)}, "number_out_of_range", "formula.percent"),
        ({"formula": Multiplier(200), "direction": DEDUCT}, "multiplier_deducts", "direction"),
        ({"formula": Multiplier(200, ("b",))}, "unknown_rule", "formula.of[0]"),
        ({"conditions": (where("amount", "eq", 1),)}, "unknown_field", "conditions[0]"),
        (
            {"conditions": (where("milestone", "lt", "a"),)},
            "comparison_not_allowed",
            "conditions[0]",
        ),
        ({"conditions": (where("milestone", "in", ()),)}, "no_values", "conditions[0]"),
        ({"conditions": (where("milestone", "eq", 5),)}, "wrong_value", "conditions[0]"),
        ({"conditions": (where("milestone", "eq", ("a",)),)}, "wrong_value", "conditions[0]"),
        ({"conditions": (where("milestone", "in", "a"),)}, "wrong_value", "conditions[0]"),
        ({"conditions": (where("days_late", "ge", True),)}, "wrong_value", "conditions[0]"),
        ({"conditions": (where("days_late", "in", (1, "2")),)}, "wrong_value", "conditions[0]"),
    ],
)
def test_every_error_is_found_with_its_place(
    changes: dict[str, Any], code: str, place: str
) -> None:
    finding = only_finding(a_rule(**changes))
    assert (finding.severity, finding.code, finding.place) == (Severity.ERROR, code, place)


@pytest.mark.parametrize("code", ["", "A", "a_b", "a b", "规则", "a" * 41, "a\n"])
def test_a_code_is_small_letters_digits_and_dashes(code: str) -> None:
    assert found_in(a_rule(code)) == [("bad_code", "code")]


def test_points_beyond_the_limit_of_a_step_or_a_row_are_found() -> None:
    steps = a_rule(formula=Steps("days_late", (Step(1, POINTS_MAX + 1),)))
    table = a_rule(formula=a_table("days_late", (Range(), POINTS_MAX + 1)))
    assert ("too_many_points", "formula.steps[0].points") in found_in(steps)
    assert ("too_many_points", "formula.rows[0].points") in found_in(table)


@pytest.mark.parametrize(
    ("trigger", "conditions", "place", "others"),
    [
        (SIGNED, [("amount", "ge", 10), ("amount", "lt", 10)], 1, (1,)),
        (SIGNED, [("amount", "gt", 9), ("amount", "lt", 10)], 1, (1,)),
        (SIGNED, [("amount", "eq", 1), ("contact", "eq", "a"), ("amount", "ne", 1)], 2, (1,)),
        (SIGNED, [("amount", "in", (1, 2)), ("amount", "not_in", (1, 2, 3))], 1, (1,)),
        (
            SIGNED,
            [("amount", "ge", 1), ("amount", "le", 2), ("amount", "not_in", (1, 2))],
            2,
            (1, 2),
        ),
        (SIGNED, [("contact", "eq", "a"), ("contact", "eq", "b")], 1, (1,)),
        (SIGNED, [("contact", "in", ("a", "b")), ("contact", "not_in", ("a", "b"))], 1, (1,)),
        (CLOSED, [("satisfied", "ne", True), ("satisfied", "ne", False)], 1, (1,)),
        (CLOSED, [("satisfied", "eq", True), ("satisfied", "eq", False)], 1, (1,)),
        (
            SIGNED,
            [("customer.segments", "eq", "a"), ("customer.segments", "ne", "a")],
            1,
            (1,),
        ),
        (
            SIGNED,
            [("customer.segments", "in", ("a", "b")), ("customer.segments", "not_in", ("a", "b"))],
            1,
            (1,),
        ),
    ],
)
def test_conditions_that_can_never_hold_together_are_found(
    trigger: EventType, conditions: list[Any], place: int, others: tuple[int, ...]
) -> None:
    made = tuple(where(*one) for one in conditions)
    finding = only_finding(a_rule(trigger=trigger, conditions=made))
    assert (finding.code, finding.place) == ("contradiction", f"conditions[{place}]")
    assert finding.data == {"field": made[place].field, "with_conditions": others}


def test_conditions_on_numbers_that_never_come_are_pointed_out() -> None:
    finding = only_finding(a_rule(trigger=REVIEWED, conditions=(where("stars", "gt", 5),)))
    assert finding == Finding(
        Severity.WARNING,
        FindingCode.IMPLAUSIBLE,
        "conditions[0]",
        {"field": "stars", "low": 1, "high": 5},
    )


VALUES: dict[FieldKind, Any] = {
    FieldKind.NUMBER: st.integers(-3, 3),
    FieldKind.TEXT: st.sampled_from("ab"),
    FieldKind.FLAG: st.booleans(),
    FieldKind.TEXTS: st.sampled_from("ab"),
}
WORLDS: dict[FieldKind, Any] = {
    FieldKind.NUMBER: range(-6, 7),
    FieldKind.TEXT: ("a", "b", "c"),
    FieldKind.FLAG: (True, False),
    FieldKind.TEXTS: ((), ("a",), ("b",), ("a", "b")),
}


@given(st.sampled_from(sorted(WORLDS)), st.data())
def test_contradictions_are_those_that_trying_everything_finds(
    kind: FieldKind, data: st.DataObject
) -> None:
    value = VALUES[kind]
    several = st.lists(value, min_size=1, max_size=3).map(tuple)
    plain = [Comparison.EQUALS, Comparison.DIFFERS]
    if kind is FieldKind.NUMBER:
        plain = [c for c in Comparison if c.value not in {"in", "not_in"}]
    one = st.builds(Condition, st.just("x"), st.sampled_from(plain), value)
    many = st.builds(
        Condition, st.just("x"), st.sampled_from([Comparison.ONE_OF, Comparison.NONE_OF]), several
    )
    asked = data.draw(st.lists(one if kind is FieldKind.FLAG else one | many, max_size=4))
    possible = any(all(holds(c, actual) for c in asked) for actual in WORLDS[kind])
    assert can_hold(kind, asked) is possible


def test_conditions_on_a_field_that_is_not_there_never_hold() -> None:
    assert not can_hold_together(CHECKED_IN, [where("amount", "eq", 1)])
    assert can_hold_together(CHECKED_IN, [])


@pytest.mark.parametrize(
    ("rule", "code", "place"),
    [
        (
            a_rule(trigger=CHECKED_IN, caps=(Cap(Scope.PROJECT, Window.DAY, 5),)),
            "cap_seldom_applies",
            "caps[0]",
        ),
        (
            a_rule(trigger=CHECKED_IN, caps=(Cap(Scope.MANAGER, Window.DAY, 5),)),
            "cap_seldom_applies",
            "caps[0]",
        ),
        (
            a_rule(
                trigger=SIGNED,
                formula=PerUnit("amount", 100, 1),
                rounding=Rounding.HALF_UP,
                event_points_max=500,
            ),
            "splitting_earns_more",
            "rounding",
        ),
        (a_rule(formula=Fixed(1_000_001)), "much_for_one_event", "formula"),
        (
            a_rule(trigger=SIGNED, formula=PerUnit("amount", 100, 1)),
            "much_for_one_event",
            "formula",
        ),
        (a_rule(formula=PerUnit("days_late", 1, 10_000)), "much_for_one_event", "formula"),
        (a_rule(formula=PerDay(10_000)), "much_for_one_event", "formula"),
        (a_rule(formula=PerDay(1, most=10**7)), "much_for_one_event", "formula"),
        (
            a_rule(formula=Steps("days_late", (Step(1, 10**7),))),
            "much_for_one_event",
            "formula",
        ),
        (
            a_rule(formula=a_table("days_late", (Range(), 10**7))),
            "much_for_one_event",
            "formula",
        ),
    ],
)
def test_every_surprise_is_pointed_out(rule: RuleVersion, code: str, place: str) -> None:
    finding = only_finding(rule)
    assert (finding.severity, finding.code, finding.place) == (Severity.WARNING, code, place)
    assert not has_errors([finding])


def test_what_rounding_up_gives_to_a_split_contract_is_real() -> None:
    """The warning about splitting claims nothing false."""
    formula = PerUnit("amount", 100, 1)
    rule = a_rule(trigger=SIGNED, formula=formula, rounding=Rounding.UP, event_points_max=500)
    assert found_in(rule) == [("splitting_earns_more", "rounding")]


def test_errors_come_first_and_nothing_is_changed() -> None:
    rule = a_rule(formula=Fixed(0))
    found = check_rule(rule, [a_rule("b")], now=START)
    assert [f.severity for f in found] == [Severity.ERROR, Severity.WARNING]
    assert has_errors(found)
    assert rule == a_rule(formula=Fixed(0))


def test_points_live_at_least_as_many_days_as_their_months() -> None:
    assert [shortest_life(months) for months in (1, 2, 12, 13)] == [28, 59, 365, 393]


def test_a_rule_checked_late_starts_in_the_past() -> None:
    finding = check_rule(a_rule(), [], now=START + timedelta(microseconds=1))[0]
    assert finding.code is FindingCode.STARTS_IN_THE_PAST

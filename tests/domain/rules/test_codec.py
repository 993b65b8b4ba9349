"""Rules as JSON: strict reading, the same rule back, hashes that stay."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, strategies as st

from domain.events import EventType
from domain.rules.codec import (
    NUMBER_MAX,
    TEXT_MAX,
    Malformed,
    canonical,
    content_hash,
    read_as,
    rule_from_json,
    to_json,
)
from domain.rules.model import (
    Cap,
    DebtPolicy,
    Direction,
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
from tests.domain.rules.making import START, a_rule, a_table, where

PLAIN: dict[str, Any] = {
    "code": "a-rule",
    "version": 1,
    "trigger": "milestone_accepted",
    "conditions": [],
    "formula": {"kind": "fixed", "points": 50},
    "direction": "earn",
    "effective_from": "2026-12-01T00:00:00+00:00",
}
FULL = a_rule(
    conditions=(
        where("amount", "ge", 1_000_000),
        where("project.type", "in", ("政府", "能源")),
        where("satisfied", "eq", value=False),
    ),
    effective_to=START + timedelta(days=31),
    name="双倍",
    rounding=Rounding.HALF_UP,
    event_points_max=500,
    caps=(Cap(Scope.CONTACT, Window.DAY, times=1), Cap(Scope.TENANT, Window.YEAR, points=10**6)),
    valid_months=12,
    matures_after_days=7,
    debt_policy=DebtPolicy.OWE_TO_FLOOR,
    debt_floor=100,
    group="contracts",
    stacking=Stacking.FIRST,
    priority=5,
    qualifies=False,
    is_off=True,
)

PLAIN_HASH = "b7c5326980b5ec94710e044e9cee0bc8312a27b6e46c55868f07fea7246a10d6"
FULL_HASH = "6b3ac126bbf8f0d41a2226e16e3fcb88484222865d2b7d2b6bc09620ede1e9e0"


def test_what_stands_at_its_default_is_left_out() -> None:
    assert to_json(a_rule()) == PLAIN
    assert rule_from_json(PLAIN) == a_rule()


@pytest.mark.parametrize(
    "rule",
    [
        FULL,
        a_rule(formula=PerUnit("amount", 1_000_000, 10)),
        a_rule(formula=Steps("amount", (Step(0, 1), Step(5, 2)))),
        a_rule(formula=Steps("amount", ())),
        a_rule(formula=PerDay(5, is_early=True, free=2, most=50)),
        a_rule(formula=PerDay(5)),
        a_rule(formula=Multiplier(200, ("a", "b"))),
        a_rule(
            formula=a_table(
                "amount project.type satisfied",
                (Range(1, 2), Members(("政府",)), Members((True, False)), 5),
                (Range(), None, None, 0),
            )
        ),
    ],
    ids=lambda rule: type(rule.formula).__name__,
)
def test_a_rule_is_read_as_it_was_written(rule: RuleVersion) -> None:
    assert rule_from_json(to_json(rule)) == rule


def test_an_instant_is_kept_whatever_its_offset() -> None:
    shanghai = timezone(timedelta(hours=8))
    written = PLAIN | {"effective_from": "2026-12-01T08:00:00+08:00"}
    assert rule_from_json(written) == a_rule()
    assert to_json(a_rule(effective_from=START.astimezone(shanghai))) == PLAIN


def test_hashes_stay_the_same_for_ever() -> None:
    """Stored versions are sealed by them: a change here makes every old rule look forged."""
    assert canonical(a_rule()) == (
        '{"code":"a-rule","conditions":[],"direction":"earn",'
        '"effective_from":"2026-12-01T00:00:00+00:00","formula":{"kind":"fixed","points":50},'
        '"trigger":"milestone_accepted","version":1}'
    )
    assert content_hash(canonical(a_rule())) == PLAIN_HASH
    assert content_hash(canonical(FULL)) == FULL_HASH


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in PLAIN.items() if key != name}


def formula(**fields: Any) -> dict[str, Any]:
    return PLAIN | {"formula": fields}


def condition(**changes: Any) -> dict[str, Any]:
    fields = {"field": "amount", "comparison": "eq", "value": 1} | changes
    return PLAIN | {"conditions": [fields]}


TABLE = {"kind": "table", "columns": ["amount"]}


@pytest.mark.parametrize(
    ("written", "place", "problem"),
    [
        (None, "", "not_an_object"),
        ([PLAIN], "", "not_an_object"),
        ("rule", "", "not_an_object"),
        (PLAIN | {"zzz": 1, "extra": 2}, "extra", "unknown_field"),
        (PLAIN | {"kind": "rule"}, "kind", "unknown_field"),
        (PLAIN | {"y" * 99: 1}, "y" * 40, "unknown_field"),
        *((without(name), name, "missing") for name in PLAIN),
        (PLAIN | {"code": 7}, "code", "wrong_type"),
        (PLAIN | {"code": None}, "code", "wrong_type"),
        (PLAIN | {"code": "x" * (TEXT_MAX + 1)}, "code", "not_a_plain_text"),
        (PLAIN | {"name": "a\nb"}, "name", "not_a_plain_text"),
        (PLAIN | {"name": "a\0b"}, "name", "not_a_plain_text"),
        (PLAIN | {"name": "\ud800"}, "name", "not_a_plain_text"),
        (PLAIN | {"name": "\u202eb"}, "name", "not_a_plain_text"),
        (PLAIN | {"version": True}, "version", "wrong_type"),
        (PLAIN | {"version": 1.0}, "version", "wrong_type"),
        (PLAIN | {"version": "1"}, "version", "wrong_type"),
        (PLAIN | {"version": float("nan")}, "version", "wrong_type"),
        (PLAIN | {"version": 10**18}, "version", "too_great"),
        (PLAIN | {"version": -(10**18)}, "version", "too_great"),
        (PLAIN | {"event_points_max": "5"}, "event_points_max", "wrong_type"),
        (PLAIN | {"qualifies": 1}, "qualifies", "wrong_type"),
        (PLAIN | {"trigger": "rain"}, "trigger", "unknown_value"),
        (PLAIN | {"trigger": 5}, "trigger", "unknown_value"),
        (PLAIN | {"direction": ["earn"]}, "direction", "unknown_value"),
        (PLAIN | {"effective_from": "soon"}, "effective_from", "not_a_time"),
        (PLAIN | {"effective_from": 5}, "effective_from", "not_a_time"),
        (PLAIN | {"effective_from": "2026-12-01T00:00:00"}, "effective_from", "no_offset"),
        (PLAIN | {"effective_from": "2026-12-01"}, "effective_from", "no_offset"),
        (
            PLAIN | {"effective_from": "0001-01-01T00:00:00+14:00"},
            "effective_from",
            "not_a_time",
        ),
        (PLAIN | {"effective_to": "2026-13-01"}, "effective_to", "not_a_time"),
        (PLAIN | {"conditions": {}}, "conditions", "not_a_list"),
        (PLAIN | {"conditions": [1]}, "conditions[0]", "not_an_object"),
        (condition(comparison="like"), "conditions[0].comparison", "unknown_value"),
        (condition(value=None), "conditions[0].value", "wrong_type"),
        (condition(value=1.5), "conditions[0].value", "wrong_type"),
        (condition(value={"a": 1}), "conditions[0].value", "wrong_type"),
        (condition(value={"kind": "fixed"}), "conditions[0].value.kind", "unknown_kind"),
        (condition(value=10**18), "conditions[0].value", "too_great"),
        (condition(value=["a", None]), "conditions[0].value[1]", "wrong_type"),
        (condition(value=[["a"]]), "conditions[0].value[0]", "wrong_type"),
        (condition(value=["x" * 999]), "conditions[0].value[0]", "not_a_plain_text"),
        (PLAIN | {"formula": None}, "formula", "wrong_type"),
        (PLAIN | {"formula": {"points": 5}}, "formula", "wrong_type"),
        (formula(kind="eval", code="1"), "formula.kind", "unknown_kind"),
        (formula(kind=["fixed"]), "formula.kind", "unknown_kind"),
        (formula(kind="range", low=1), "formula.kind", "unknown_kind"),
        (formula(kind="fixed"), "formula.points", "missing"),
        (formula(kind="fixed", points=1, unit=2), "formula.unit", "unknown_field"),
        (formula(kind="steps", field="a", steps=[5]), "formula.steps[0]", "not_an_object"),
        (
            formula(kind="steps", field="a", steps=[{"at_least": 1}]),
            "formula.steps[0].points",
            "missing",
        ),
        (
            formula(kind="steps", field="a", steps=[{"kind": "x", "at_least": 1, "points": 1}]),
            "formula.steps[0].kind",
            "unknown_field",
        ),
        (
            formula(**TABLE, rows=[{"cells": [5], "points": 1}]),
            "formula.rows[0].cells[0]",
            "wrong_type",
        ),
        (
            formula(**TABLE, rows=[{"cells": [{"kind": "steps"}], "points": 1}]),
            "formula.rows[0].cells[0].kind",
            "unknown_kind",
        ),
        (
            formula(**TABLE, rows=[{"cells": [{"kind": "members", "values": [1]}], "points": 1}]),
            "formula.rows[0].cells[0].values[0]",
            "wrong_type",
        ),
        (PLAIN | {"caps": [{"scope": "moon"}]}, "caps[0].scope", "unknown_value"),
    ],
)
def test_what_is_no_rule_is_refused_with_its_place(
    written: object, place: str, problem: str
) -> None:
    with pytest.raises(Malformed) as refused:
        rule_from_json(written)
    assert (refused.value.place, refused.value.problem) == (place, problem)
    assert str(refused.value) == f"{place}: {problem}"


def test_numbers_up_to_the_limit_are_read() -> None:
    assert rule_from_json(condition(value=-NUMBER_MAX)).conditions[0].value == -NUMBER_MAX


@dataclass(frozen=True)
class Programme:
    """Something else made of the same parts."""

    caps: tuple[Cap, ...]
    since: datetime
    direction: Direction | None = None


def test_other_things_of_the_same_parts_are_read_too() -> None:
    programme = Programme((Cap(Scope.RULE, Window.EVER, 5),), START)
    assert read_as(Programme, to_json(programme)) == programme
    with pytest.raises(Malformed):
        read_as(Programme, {"caps": []})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*PLAIN, "kind", "points", "value"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*PLAIN, "caps", "name", "group"]), JSON))
def test_any_json_is_read_or_refused_by_name(changes: dict[str, Any]) -> None:
    try:
        rule = rule_from_json(PLAIN | changes)
    except Malformed:
        return
    assert rule_from_json(to_json(rule)) == rule
    assert rule.effective_from.tzinfo is UTC
    assert rule.trigger in EventType

"""What rules make of events: pure, total, the same for every order and every use."""

from datetime import timedelta, timezone
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, strategies as st

from domain.events import EventType, EventValue, FactValue
from domain.rules.evaluation import (
    Fired,
    RuleSet,
    fits,
    points_for,
    stacked,
)
from domain.rules.model import (
    POINTS_MAX,
    Cell,
    Comparison,
    Condition,
    DecisionTable,
    Direction,
    Fixed,
    Formula,
    Members,
    Multiplier,
    PerDay,
    PerUnit,
    Range,
    Rounding,
    RuleVersion,
    Stacking,
    Step,
    Steps,
    TableRow,
)
from tests.domain.rules.making import DAY, START, a_rule, where

ACCEPTED = EventType.MILESTONE_ACCEPTED
UP, DOWN, HALF_UP = Rounding.UP, Rounding.DOWN, Rounding.HALF_UP


def fired(*rules: RuleVersion, at: Any = START, **facts: Any) -> dict[str, int]:
    """Give the points of each rule that fires for an accepted milestone."""
    found = RuleSet(rules).fired(ACCEPTED, facts, at)
    assert all(one.points > 0 for one in found)
    return {one.rule.code: one.points for one in found}


@pytest.mark.parametrize(
    ("at", "versions"),
    [
        (START - timedelta(microseconds=1), []),
        (START, [1]),
        (START + DAY - timedelta(microseconds=1), [1]),
        (START + DAY, [2]),
        (START + 2 * DAY, [3]),
        (START + 3 * DAY, [2]),
        (START + 4 * DAY, []),
        (START + 5 * DAY, [2]),
        (START + 6 * DAY, []),
        (START + 60 * DAY, []),
    ],
)
def test_at_any_instant_the_newest_valid_version_counts_alone(at: Any, versions: list[int]) -> None:
    rules = RuleSet(
        [
            a_rule(version=3, effective_from=START + 2 * DAY, effective_to=START + 3 * DAY),
            a_rule(version=1),
            a_rule(version=2, effective_from=START + DAY),
            a_rule(
                version=4,
                effective_from=START + 4 * DAY,
                effective_to=START + 5 * DAY,
                is_off=True,
            ),
            a_rule(version=5, effective_from=START + 6 * DAY, trigger=EventType.CHECK_IN),
        ]
    )
    assert [rule.version for rule in rules.in_force(ACCEPTED, at)] == versions
    assert [one.rule.version for one in rules.fired(ACCEPTED, {}, at)] == versions
    assert rules.in_force(EventType.SURVEY_COMPLETED, at) == []


def test_one_rule_set_answers_for_any_time_and_back_again() -> None:
    rules = RuleSet([a_rule(formula=Fixed(1)), a_rule(version=2, effective_from=START + DAY)])
    late = (START + DAY).astimezone(timezone(timedelta(hours=8)))
    for _ in range(2):
        assert [one.points for one in rules.fired(ACCEPTED, {}, START)] == [1]
        assert [one.points for one in rules.fired(ACCEPTED, {}, late - DAY / 2)] == [1]
        assert [one.points for one in rules.fired(ACCEPTED, {}, late)] == [50]
        assert rules.fired(ACCEPTED, {}, START - DAY) == []


def test_all_conditions_must_hold() -> None:
    rule = a_rule(conditions=(where("x", "eq", 1), where("y", "gt", 1)))
    assert fired(rule, x=1, y=2) == {"a-rule": 50}
    assert fired(rule, x=1, y=1) == fired(rule, x=0, y=2) == fired(rule, x=1) == {}


@pytest.mark.parametrize(
    ("most", "points"),
    [(None, POINTS_MAX), (70, 70), (10**12, POINTS_MAX), (0, None), (-5, None)],
)
def test_one_event_never_gives_more_than_the_rule_and_the_engine_allow(
    most: int | None, points: int | None
) -> None:
    rule = a_rule(formula=Fixed(10**14), event_points_max=most)
    assert fired(rule) == ({} if points is None else {"a-rule": points})


def test_rules_count_side_by_side_in_the_order_of_codes() -> None:
    made = [a_rule("b", formula=Fixed(2)), a_rule("a", formula=Fixed(1)), a_rule("c", group="g")]
    for order in permutations(made):
        assert list(fired(*order).items()) == [("a", 1), ("b", 2), ("c", 50)]


def grouped(code: str, points: int, **changes: Any) -> RuleVersion:
    fields: dict[str, Any] = {"group": "g", "stacking": Stacking.HIGHEST}
    return a_rule(code, formula=Fixed(points), **(fields | changes))


@pytest.mark.parametrize(
    ("rules", "counted"),
    [
        ([grouped("a", 5), grouped("b", 9), grouped("c", 9)], {"b": 9}),
        ([grouped("a", 5), grouped("b", 9, group="h")], {"a": 5, "b": 9}),
        (
            [grouped("a", 5), grouped("b", 9, direction=Direction.DEDUCT)],
            {"a": 5, "b": 9},
        ),
        ([grouped("a", 5), grouped("b", 9, stacking=Stacking.ADD)], {"a": 5, "b": 9}),
        ([grouped("a", 5), a_rule("b"), grouped("c", 9)], {"b": 50, "c": 9}),
        (
            [
                grouped("a", 9, stacking=Stacking.FIRST, priority=2),
                grouped("b", 5, stacking=Stacking.FIRST, priority=1),
                grouped("c", 7, stacking=Stacking.FIRST, priority=1),
            ],
            {"b": 5},
        ),
    ],
)
def test_rules_of_a_group_settle_which_of_them_count(
    rules: list[RuleVersion], counted: dict[str, int]
) -> None:
    for order in permutations(rules):
        assert fired(*order) == counted


def test_stacking_nothing_gives_nothing() -> None:
    assert stacked([]) == []


def doubling(code: str = "x2", percent: int = 200, **changes: Any) -> RuleVersion:
    return a_rule(code, formula=Multiplier(percent, changes.pop("of", ())), **changes)


def test_a_multiplier_raises_what_the_others_give() -> None:
    base = [a_rule("a", formula=Fixed(30)), a_rule("z", formula=Fixed(5))]
    rules = RuleSet([*base, doubling(percent=150)])
    found = rules.fired(ACCEPTED, {}, START)
    assert found == [
        Fired(base[0], 30),
        Fired(doubling(percent=150), 17, 35),
        Fired(base[1], 5),
    ]


@pytest.mark.parametrize(
    ("rules", "raised"),
    [
        ([], {}),
        ([doubling(of=("a",))], {"x2": 30}),
        ([doubling(of=("nobody",))], {}),
        ([doubling(), doubling("x3", 300)], {"x2": 35, "x3": 70}),
        ([doubling(event_points_max=7)], {"x2": 7}),
        ([doubling(percent=100)], {}),
        ([doubling(percent=50)], {}),
        ([doubling(percent=101, rounding=UP)], {"x2": 1}),
        ([doubling(percent=101)], {}),
        ([doubling(conditions=(where("x", "eq", 1),))], {}),
        (
            [
                doubling(group="g", stacking=Stacking.HIGHEST),
                doubling("x3", 300, group="g", stacking=Stacking.HIGHEST),
            ],
            {"x3": 70},
        ),
    ],
)
def test_multipliers_raise_the_base_and_never_each_other(
    rules: list[RuleVersion], raised: dict[str, int]
) -> None:
    base = [
        a_rule("a", formula=Fixed(30)),
        a_rule("b", formula=Fixed(5)),
        a_rule("d", formula=Fixed(900), direction=Direction.DEDUCT),
    ]
    assert fired(*base, *rules) == {"a": 30, "b": 5, "d": 900} | raised


def test_a_multiplier_raises_what_counts_after_stacking() -> None:
    assert fired(grouped("a", 5), grouped("b", 9), doubling()) == {"b": 9, "x2": 9}


VALUES: st.SearchStrategy[EventValue] = st.one_of(st.integers(), st.text(max_size=3), st.booleans())
FACTS: st.SearchStrategy[FactValue] = VALUES | st.lists(st.text(max_size=2)).map(tuple)
FIELDS = st.sampled_from(["x", "y", "days_late"])
CONDITIONS = st.builds(
    Condition, FIELDS, st.sampled_from(Comparison), VALUES | st.lists(VALUES).map(tuple)
)
CELLS: st.SearchStrategy[Cell] = st.one_of(
    st.none(),
    st.builds(Range, st.none() | st.integers(-9, 9), st.none() | st.integers(-9, 9)),
    st.builds(Members, st.lists(st.text(max_size=2) | st.booleans(), max_size=3).map(tuple)),
)
POINTS = st.integers(-5, 10**10)
TABLES = st.builds(
    DecisionTable,
    st.just(("x", "y")),
    st.lists(st.builds(TableRow, st.lists(CELLS, max_size=3).map(tuple), POINTS), max_size=6).map(
        tuple
    ),
)
FORMULAS: st.SearchStrategy[Formula] = st.one_of(
    st.builds(Fixed, POINTS),
    st.builds(PerUnit, FIELDS, st.integers(-3, 100), POINTS),
    st.builds(Steps, FIELDS, st.lists(st.builds(Step, st.integers(), POINTS)).map(tuple)),
    st.builds(PerDay, POINTS, st.booleans(), st.integers(-5, 5), st.none() | POINTS),
    st.builds(Multiplier, st.integers(-100, 10_000), st.just(("r0",))),
    TABLES,
)


@given(
    st.lists(st.tuples(st.lists(CONDITIONS, max_size=2), FORMULAS), max_size=4),
    st.dictionaries(FIELDS, FACTS),
    st.sampled_from(EventType),
    st.data(),
)
def test_evaluation_never_fails_and_what_fires_is_positive(
    made: list[tuple[list[Condition], Formula]],
    facts: dict[str, FactValue],
    trigger: EventType,
    data: st.DataObject,
) -> None:
    rules = [
        a_rule(
            f"r{n}",
            conditions=tuple(conditions),
            formula=formula,
            direction=Direction.EARN if n % 2 else Direction.DEDUCT,
            trigger=data.draw(st.sampled_from([trigger, ACCEPTED])),
            rounding=data.draw(st.sampled_from(Rounding)),
            stacking=data.draw(st.sampled_from(Stacking)),
            group=data.draw(st.sampled_from(["", "g"])),
        )
        for n, (conditions, formula) in enumerate(made)
    ]
    found = RuleSet(rules).fired(trigger, facts, START)
    assert all(0 < one.points <= POINTS_MAX and one.rule in rules for one in found)
    assert RuleSet(reversed(rules)).fired(trigger, facts, START) == found


@given(TABLES, st.none() | FACTS | st.integers(-9, 9), st.none() | FACTS)
def test_a_table_decides_as_reading_its_rows_one_by_one(
    table: DecisionTable, x: FactValue | None, y: FactValue | None
) -> None:
    facts = {name: value for name, value in (("x", x), ("y", y)) if value is not None}
    for row in table.rows:
        if all(map(fits, row.cells, (x, y))):
            expected = row.points
            break
    else:
        expected = 0
    assert points_for(table, DOWN, facts) == expected

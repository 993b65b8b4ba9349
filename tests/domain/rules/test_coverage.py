"""What the checker says of a table, beside trying every case of a small world."""

from collections.abc import Iterator
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import given, strategies as st

from domain.events import EventType, FactValue
from domain.rules.checks_conditions import ANYTHING_ELSE
from domain.rules.checks_tables import check_table
from domain.rules.coverage import Class, TooMuchWork, Values, Walk
from domain.rules.evaluation import fits, holds
from domain.rules.findings import Finding, FindingCode
from domain.rules.model import Comparison, Condition, DecisionTable, Members, Range, TableRow

Fact = FactValue | None
TEXTS = ("x", "y", "z")
SETS = tuple(chosen for size in range(4) for chosen in combinations(TEXTS, size))
WORLD: dict[str, tuple[Fact, ...]] = {
    "stars": (*range(-2, 8), None),
    "photos": (*range(-2, 9), None),
    "customer.type": ("a", "b", "c", ANYTHING_ELSE, None),
    "customer.segments": (*SETS, None),
    "satisfied": (True, False, None),
}
PLAUSIBLE: dict[str, tuple[Fact, ...]] = {
    "stars": tuple(range(1, 6)),
    "photos": tuple(range(9)),
    "customer.type": ("a", "b", "c", ANYTHING_ELSE),
    "customer.segments": SETS,
    "satisfied": (True, False),
}
NUMBERS = st.integers(-1, 6)
RANGES = st.builds(
    lambda low, high: (
        Range(min(low, high), max(low, high))
        if low is not None and high is not None
        else Range(low, high)
    ),
    st.none() | NUMBERS,
    st.none() | NUMBERS,
)
CELLS: dict[str, st.SearchStrategy[Any]] = {
    "stars": RANGES,
    "photos": RANGES,
    "customer.type": st.builds(Members, st.sampled_from((("a",), ("b",), ("a", "b"), ("b", "c")))),
    "customer.segments": st.builds(Members, st.sampled_from([chosen for chosen in SETS if chosen])),
    "satisfied": st.builds(Members, st.sampled_from(((True,), (False,), (True, False)))),
}
ORDERED = [c for c in Comparison if c not in {Comparison.ONE_OF, Comparison.NONE_OF}]
NAMED = [Comparison.EQUALS, Comparison.DIFFERS]
SEVERAL = [Comparison.ONE_OF, Comparison.NONE_OF]
VALUES: dict[str, list[Any]] = {
    "stars": list(range(7)),
    "photos": list(range(5)),
    "customer.type": ["a", "b"],
    "customer.segments": list(TEXTS),
    "satisfied": [True, False],
}


@st.composite
def conditions(draw: st.DrawFn, fields: list[str]) -> tuple[Condition, ...]:
    made = []
    for field in draw(st.lists(st.sampled_from(fields), max_size=3)):
        values = VALUES[field]
        if field != "satisfied" and draw(st.booleans()):
            several = draw(st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True))
            made.append(Condition(field, draw(st.sampled_from(SEVERAL)), tuple(several)))
        else:
            comparisons = ORDERED if isinstance(values[0], int) and len(values) > 2 else NAMED
            comparison = draw(st.sampled_from(comparisons))
            made.append(Condition(field, comparison, draw(st.sampled_from(values))))
    return tuple(made)


@st.composite
def tables(
    draw: st.DrawFn, fields: list[str], most: int = 7
) -> tuple[DecisionTable, tuple[Condition, ...]]:
    columns = draw(st.permutations(fields))[: draw(st.integers(1, len(fields)))]
    cells = st.tuples(*(st.none() | CELLS[column] for column in columns))
    rows = draw(st.lists(st.builds(TableRow, cells, st.integers(1, 2)), min_size=1, max_size=most))
    asked = draw(conditions(fields))
    return DecisionTable(tuple(columns), tuple(rows)), asked


def cases(
    table: DecisionTable, asked: tuple[Condition, ...], world: dict[str, tuple[Fact, ...]]
) -> Iterator[tuple[Fact, ...]]:
    """Give every combination of values that the conditions on the columns leave."""
    left = [
        [
            value
            for value in world[column]
            if all(holds(c, value) for c in asked if c.field == column)
        ]
        for column in table.columns
    ]
    yield from product(*left)


def rows_that_fit(table: DecisionTable, case: tuple[Fact, ...]) -> list[int]:
    return [n for n, row in enumerate(table.rows) if all(map(fits, row.cells, case))]


def by_code(found: list[Finding], code: FindingCode) -> list[Finding]:
    return [finding for finding in found if finding.code is code]


def in_description(table: DecisionTable, case: tuple[Fact, ...], shown: Any) -> bool:
    """Tell whether a case is one of those that a gap's description names."""
    facts = dict(zip(table.columns, case, strict=True))
    for part in shown:
        value = facts[part["field"]]
        if "ranges" in part:
            if not any(fits(Range(low, high), value) for low, high in part["ranges"]):
                return False
        elif "has" in part:
            if not set(part["has"]) <= set(value):  # type: ignore[arg-type]
                return False
        elif not (value in part["values"] or (part["or_others"] and value == ANYTHING_ELSE)):
            return False
    return True


def compare(trigger: EventType, table: DecisionTable, asked: tuple[Condition, ...]) -> None:
    """Check everything that is said of a table against the whole small world."""
    found = list(check_table(table, trigger, asked))
    assert by_code(found, FindingCode.NOT_FULLY_CHECKED) == []
    world = list(cases(table, asked, WORLD))
    fitting = [rows_that_fit(table, case) for case in world]
    every = range(len(table.rows))
    decisive = {fit[0] for fit in fitting if fit}
    dead = set(every) - decisive if world else set()
    unreachable = by_code(found, FindingCode.ROW_UNREACHABLE)
    assert {finding.data["row"] - 1 for finding in unreachable} == dead

    together = {(a, b) for fit in fitting for a in fit for b in fit if a < b}
    only = {(a, b) for fit in fitting for a in fit for b in every if b not in fit}
    disagreeing: dict[int, tuple[int, ...]] = {}
    for a, b in sorted(together):
        differs = table.rows[a].points != table.rows[b].points
        if differs and (a, b) in only and not {a, b} & dead:
            disagreeing[b + 1] = (*disagreeing.get(b + 1, ()), a + 1)
    overlaps = by_code(found, FindingCode.ROWS_OVERLAP)
    assert {f.data["row"]: f.data["with_rows"] for f in overlaps} == disagreeing

    plausible = list(cases(table, asked, PLAUSIBLE))
    gaps = [case for case in plausible if not rows_that_fit(table, case)]
    described = [finding.data["case"] for finding in by_code(found, FindingCode.TABLE_GAP)]
    assert bool(described) is bool(gaps)
    for shown in described:
        named = [case for case in plausible if in_description(table, case, shown)]
        assert any(case in gaps for case in named)
        if not any("has" in part for part in shown) and "customer.segments" not in table.columns:
            assert all(case in gaps for case in named)


@given(tables(["stars", "customer.type", "customer.segments"]))
def test_reviews_are_covered_as_said(made: tuple[DecisionTable, tuple[Condition, ...]]) -> None:
    compare(EventType.REVIEW_SUBMITTED, *made)


@given(tables(["stars", "photos"], most=9))
def test_numbers_are_covered_as_said(made: tuple[DecisionTable, tuple[Condition, ...]]) -> None:
    compare(EventType.REVIEW_SUBMITTED, *made)


@given(tables(["satisfied", "customer.segments", "customer.type"]))
def test_flags_and_sets_are_covered_as_said(
    made: tuple[DecisionTable, tuple[Condition, ...]],
) -> None:
    compare(EventType.COMPLAINT_CLOSED, *made)


@given(made=tables(["stars", "customer.type", "customer.segments"]), budget=st.integers(0, 40))
def test_whatever_the_budget_nothing_false_is_said(
    made: tuple[DecisionTable, tuple[Condition, ...]], budget: int
) -> None:
    table, asked = made
    trigger = EventType.REVIEW_SUBMITTED
    little = list(check_table(table, trigger, asked, budget=budget))
    everything = list(check_table(table, trigger, asked))
    unsure = by_code(little, FindingCode.NOT_FULLY_CHECKED)
    overlaps = by_code(little, FindingCode.ROWS_OVERLAP)
    claims = [finding for finding in little if finding not in unsure + overlaps]
    assert all(finding in everything for finding in claims)
    fitting = [rows_that_fit(table, case) for case in cases(table, asked, WORLD)]
    for finding in overlaps:
        row = finding.data["row"] - 1
        for other in finding.data["with_rows"]:
            assert any({row, other - 1} <= set(fit) for fit in fitting)
    assert unsure or little == everything


def test_a_walk_stops_when_its_budget_is_spent() -> None:
    walk = Walk([Values([Class(1, 1), Class(0, 2)])], 1, budget=1)
    with pytest.raises(TooMuchWork):
        walk.find_decisive()
    assert walk.decisive == 0


def test_a_thousand_rows_of_a_plain_table_are_checked_in_full() -> None:
    cells = product(range(1, 6), range(20), range(10))
    rows = tuple(
        TableRow(
            (
                Range(stars, stars),
                Range(10 * length, 10 * length + 9 if length < 19 else None),
                Range(photos, photos if photos < 9 else None),
            ),
            n + 1,
        )
        for n, (stars, length, photos) in enumerate(cells)
    )
    assert len(rows) == 1000
    columns = "stars", "length", "photos"
    trigger = EventType.REVIEW_SUBMITTED
    assert list(check_table(DecisionTable(columns, rows), trigger, ())) == []
    found = list(check_table(DecisionTable(columns, (*rows[:500], *rows[501:])), trigger, ()))
    assert [(one.code, one.data["case"]) for one in found] == [
        (
            FindingCode.TABLE_GAP,
            (
                {"field": "stars", "ranges": ((3, 3),)},
                {"field": "length", "ranges": ((100, 109),)},
                {"field": "photos", "ranges": ((0, 0),)},
            ),
        )
    ]


@pytest.mark.untraced
def test_a_thousand_tangled_rows_are_checked_as_far_as_it_goes() -> None:
    """Deterministic: the budget counts work, not time."""
    rows = tuple(
        TableRow(
            (
                Range(n * 7919 % 1000, n * 7919 % 1000 + n),
                Range(n * 104_729 % 997, n * 104_729 % 997 + n),
                Range(n * 1_299_709 % 991, n * 1_299_709 % 991 + n),
            ),
            n + 1,
        )
        for n in range(1000)
    )
    table = DecisionTable(("stars", "length", "photos"), rows)
    first, again = (list(check_table(table, EventType.REVIEW_SUBMITTED, ())) for _ in range(2))
    assert by_code(first, FindingCode.NOT_FULLY_CHECKED) == [first[-1]]
    assert first == again


def test_more_segments_than_a_walk_goes_into_are_checked_as_far_as_it_goes() -> None:
    rows = tuple(TableRow((Members((f"s{n}",)),), n + 1) for n in range(300))
    table = DecisionTable(("customer.segments",), (*rows, rows[0]))
    found = list(check_table(table, EventType.CHECK_IN, ()))
    assert found[-1].code is FindingCode.NOT_FULLY_CHECKED
    dead = by_code(found, FindingCode.ROW_UNREACHABLE)
    assert [(one.data["row"], 1 in one.data["by"]) for one in dead] == [(301, True)]

"""Checks of decision tables: their shape, and how gaps are told."""

from typing import Any

import pytest

from domain.events import EventType
from domain.rules.checks import check_rule, has_errors
from domain.rules.findings import FindingCode
from domain.rules.model import (
    Direction,
    Members,
    Range,
)
from tests.domain.rules.making import START, a_rule, a_table, found_in, only_finding, where

REVIEWED = EventType.REVIEW_SUBMITTED
DEDUCT = Direction.DEDUCT


@pytest.mark.parametrize(
    ("code", "formula"),
    [
        ("no_columns", a_table("", (1,))),
        ("too_many_columns", a_table("days_late " * 9, (*(None,) * 9, 1))),
        ("column_twice", a_table("days_late days_late", (None, None, 1))),
        ("unknown_field", a_table("amount", (None, 1))),
        ("no_rows", a_table("days_late")),
        ("cell_count", a_table("days_late", (None, None, 1))),
        ("negative", a_table("days_late", (None, -1))),
        ("gives_nothing", a_table("days_late", (None, 0))),
        ("wrong_cell", a_table("days_late", (Members(("a",)), 1))),
        ("wrong_cell", a_table("milestone", (Range(1, 2), 1))),
        ("wrong_cell", a_table("milestone", (Members((True,)), 1))),
        ("range_reversed", a_table("days_late", (Range(2, 1), 1))),
        ("no_values", a_table("milestone", (Members(()), 1))),
    ],
)
def test_a_table_of_the_wrong_shape_is_refused(code: str, formula: Any) -> None:
    found = check_rule(a_rule(formula=formula), [], now=START)
    assert code in {finding.code for finding in found}
    assert has_errors(found)


def test_a_table_has_at_most_a_thousand_rows() -> None:
    rows = [(Range(n, n), 1) for n in range(10_000)]
    finding = only_finding(a_rule(formula=a_table("days_late", *rows)))
    assert finding.code is FindingCode.TABLE_TOO_LARGE
    assert finding.data == {"found": 10_000, "limit": 1000}


def test_conditions_that_leave_a_column_nothing_are_found_once() -> None:
    rule = a_rule(
        formula=a_table("customer.segments days_late", (Members(("a",)), None, 1)),
        conditions=(where("customer.segments", "eq", "b"), where("customer.segments", "ne", "b")),
    )
    assert found_in(rule) == [("contradiction", "conditions[1]")]


def test_conditions_that_leave_nothing_plausible_leave_no_gap() -> None:
    rule = a_rule(
        trigger=REVIEWED,
        formula=a_table("stars", (Range(9, 9), 1), (Range(7, 8), 2)),
        conditions=(where("stars", "gt", 6),),
    )
    assert found_in(rule) == [("implausible", "conditions[0]")]


def test_rows_that_a_gap_surrounds_are_described() -> None:
    table = a_table(
        "stars customer.type customer.segments",
        (Range(5, 5), Members(("政府",)), None, 9),
        (Range(1, 3), None, Members(("a",)), 5),
        (Range(4, 5), Members(("能源",)), None, 7),
    )
    found = check_rule(a_rule(trigger=REVIEWED, formula=table), [], now=START)
    assert [finding.data["case"] for finding in found] == [
        ({"field": "stars", "ranges": ((1, 3),)},),
        (
            {"field": "stars", "ranges": ((4, 4),)},
            {"field": "customer.type", "values": ("政府",), "or_others": True},
        ),
        (
            {"field": "stars", "ranges": ((5, 5),)},
            {"field": "customer.type", "values": (), "or_others": True},
        ),
    ]


def test_ranges_of_a_gap_that_touch_are_told_as_one() -> None:
    rule = a_rule(
        trigger=REVIEWED,
        formula=a_table("stars", (Range(3, 3), 1)),
        conditions=(where("stars", "ge", 1),),
    )
    ranges = ((1, 2), (4, 5))
    assert only_finding(rule).data == {"case": ({"field": "stars", "ranges": ranges},)}

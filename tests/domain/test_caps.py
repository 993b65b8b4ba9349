"""Caps: whose points, which window, points and times, several at once."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given, strategies as st

from domain.caps import Meter, Used, allow, meters_for, subject_of, window_of
from domain.rules.model import Cap, Scope, Window
from tests.support.make import a_rule

FACTS: dict[str, Any] = {
    "contact": "wang",
    "project.code": "P001",
    "project.manager": "li",
    "amount": 5,
}
ON = date(2026, 11, 22)
DAILY = Cap(Scope.CUSTOMER, Window.DAY, points=10)


def meter(points: int | None = None, times: int | None = None, key: str = "k") -> Meter:
    return Meter(Cap(Scope.CUSTOMER, Window.DAY, points=points, times=times), key)


@pytest.mark.parametrize(
    ("scope", "subject"),
    [
        (Scope.CONTACT, "wang"),
        (Scope.CUSTOMER, "C001"),
        (Scope.PROJECT, "P001"),
        (Scope.MANAGER, "li"),
        (Scope.RULE, ""),
        (Scope.TENANT, ""),
    ],
)
def test_a_scope_names_whose_points_count_together(scope: Scope, subject: str) -> None:
    assert subject_of(scope, FACTS, "C001") == subject


@pytest.mark.parametrize("scope", [Scope.CONTACT, Scope.PROJECT, Scope.MANAGER])
@pytest.mark.parametrize("value", [None, "", 5, True, ("wang",)])
def test_a_cap_whose_subject_is_missing_or_no_name_is_not_met(scope: Scope, value: Any) -> None:
    names = {Scope.CONTACT: "contact", Scope.PROJECT: "project.code"}
    facts = {names.get(scope, "project.manager"): value}
    if value is None:
        facts = {}
    assert subject_of(scope, facts, "C001") is None
    caps = (Cap(scope, Window.DAY, points=1), DAILY)
    assert [m.cap for m in meters_for(a_rule(caps=caps), (), facts, "C001", ON)] == [DAILY]


@pytest.mark.parametrize(
    ("on", "windows"),
    [
        (ON, ["2026-11-22", "2026-W47", "2026-11", "2026-Q4", "2026", "ever"]),
        # The week belongs to the year of its Thursday.
        (date(2027, 1, 1), ["2027-01-01", "2026-W53", "2027-01", "2027-Q1", "2027", "ever"]),
        (date(2027, 3, 31), ["2027-03-31", "2027-W13", "2027-03", "2027-Q1", "2027", "ever"]),
        (date(2027, 4, 1), ["2027-04-01", "2027-W13", "2027-04", "2027-Q2", "2027", "ever"]),
    ],
)
def test_a_window_is_a_stretch_of_the_calendar(on: date, windows: list[str]) -> None:
    assert [window_of(window, on) for window in Window] == windows


def test_a_rules_own_caps_count_it_alone_and_the_programmes_count_all_rules() -> None:
    rule = a_rule("check-in", caps=(Cap(Scope.CONTACT, Window.WEEK, times=3),))
    general = [Cap(Scope.TENANT, Window.YEAR, points=1000)]
    assert [m.key for m in meters_for(rule, general, FACTS, "C001", ON)] == [
        "check-in|contact:wang|2026-W47",
        "*|tenant:|2026",
    ]


@pytest.mark.parametrize(
    ("meters", "used", "allowed", "bites"),
    [
        ([], Used(), 5, []),
        ([meter(points=5)], Used(), 5, []),
        ([meter(points=4)], Used(), 4, [4]),
        ([meter(points=5)], Used(3, 1), 2, [2]),
        ([meter(points=5)], Used(5, 1), 0, [0]),
        # The cap was lowered after it had been used.
        ([meter(points=5)], Used(9, 1), 0, [0]),
        ([meter(points=0)], Used(), 0, [0]),
        ([meter(times=2)], Used(100, 1), 5, []),
        ([meter(times=2)], Used(0, 2), 0, [0]),
        ([meter(points=9, times=2)], Used(6, 1), 3, [3]),
        ([meter(points=9, times=2)], Used(6, 2), 0, [0]),
        # Two caps on one counter: both hold.
        ([meter(points=9), meter(times=2)], Used(6, 1), 3, [3]),
        ([meter(points=9), meter(times=2)], Used(6, 2), 0, [3, 0]),
        # A cap that leaves room for what others have left does not bite.
        ([meter(points=3), meter(points=4)], Used(), 3, [3]),
        ([meter(points=4), meter(points=3)], Used(), 3, [4, 3]),
    ],
)
def test_the_narrowest_cap_decides(
    meters: Sequence[Meter], used: Used, allowed: int, bites: list[int]
) -> None:
    points, found = allow(5, meters, {"k": used}, set())
    assert points == allowed
    assert [bite.allowed for bite in found] == bites
    assert all(bite.used == used for bite in found)


def test_the_times_of_one_event_count_once() -> None:
    meters = [meter(times=1)]
    used: Mapping[str, Used] = {"k": Used(5, 1)}
    assert allow(5, meters, used, {"k"}) == (5, [])
    assert allow(5, meters, used, set())[0] == 0


CAPS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=4)


@given(st.integers(1, 20), CAPS)
def test_whatever_was_used_no_cap_is_ever_passed(points: int, made: list[tuple[int, int]]) -> None:
    meters = [meter(points=most, key=str(n)) for n, (most, _) in enumerate(made)]
    used = {str(n): Used(spent, 1) for n, (_, spent) in enumerate(made)}
    allowed, bites = allow(points, meters, used, set())
    assert 0 <= allowed <= points
    assert all(allowed <= max(0, most - spent) for most, spent in made)
    assert bool(bites) is (allowed < points)

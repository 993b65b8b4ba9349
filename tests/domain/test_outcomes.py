"""Outcomes come back from their text as they were."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.outcomes import Ending, Limit, Meterage, Outcome, outcomes_of, outcomes_text
from domain.rules.model import Direction, Scope, Window
from tests.support.fakes import START


def an_outcome(**changes: Any) -> Outcome:
    fields: dict[str, Any] = {
        "rule": "milestone-on-time",
        "version": 1,
        "name": "按期验收",
        "direction": Direction.EARN,
        "requested": 50,
        "applied": 50,
        "ending": Ending.APPLIED,
        "inputs": {"days_late": 0},
    }
    return Outcome(**(fields | changes))


FULL = an_outcome(
    applied=20,
    ending=Ending.CAPPED,
    inputs={"customer.segments": ("国企", "vip"), "satisfied": False},
    percent=150,
    base=40,
    owed=3,
    qualifies=True,
    matures_at=START + timedelta(microseconds=7),
    limits=(Limit(Scope.TENANT, Window.YEAR, 100, None, 80, 3),),
    meters=(Meterage("*|tenant:|2026", 20, 1),),
)


@pytest.mark.parametrize("outcomes", [[], [an_outcome()], [an_outcome(), FULL]])
def test_outcomes_come_back_as_they_were(outcomes: list[Outcome]) -> None:
    assert outcomes_of(outcomes_text(outcomes)) == outcomes


def test_what_stands_at_its_default_is_left_out_and_nothing_is_escaped() -> None:
    assert outcomes_text([]) == "[]"
    [written] = json.loads(outcomes_text([an_outcome()]))
    assert set(written) == {
        "rule",
        "version",
        "name",
        "direction",
        "requested",
        "applied",
        "ending",
        "inputs",
    }
    assert "按期验收" in outcomes_text([an_outcome()])


@pytest.mark.parametrize(("direction", "net"), [(Direction.EARN, 20), (Direction.DEDUCT, -20)])
def test_what_was_not_booked_is_a_shortfall_that_can_be_seen(
    direction: Direction, net: int
) -> None:
    outcome = an_outcome(applied=20, direction=direction)
    assert (outcome.shortfall, outcome.net) == (30, net)


TEXTS = st.text(max_size=5)
VALUES = st.one_of(TEXTS, st.integers(), st.booleans(), st.lists(TEXTS, max_size=2).map(tuple))


@given(
    st.dictionaries(TEXTS, VALUES, max_size=3),
    st.sampled_from(Ending),
    st.integers(0, 9),
    st.booleans(),
)
def test_any_inputs_come_back(
    inputs: dict[str, Any], ending: Ending, owed: int, qualifies: bool
) -> None:
    made = [an_outcome(inputs=inputs, ending=ending, owed=owed, qualifies=qualifies)]
    assert outcomes_of(outcomes_text(made)) == made

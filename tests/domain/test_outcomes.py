"""Outcomes come back from their text as they were."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

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


def as_json(one: Outcome) -> dict[str, Any]:
    """Say what the text of an outcome is to say, for a general encoder."""
    written: dict[str, Any] = {
        "rule": one.rule,
        "version": one.version,
        "name": one.name,
        "direction": one.direction,
        "requested": one.requested,
        "applied": one.applied,
        "ending": one.ending,
        "inputs": one.inputs,
    }
    for name in ("percent", "base", "owed", "qualifies"):
        if value := getattr(one, name):
            written[name] = value
    if one.matures_at is not None:
        written["matures_at"] = f"{one.matures_at:%Y-%m-%d %H:%M:%S.%f}"
    if one.limits:
        written["limits"] = [
            [s.scope, s.window, s.points, s.times, s.used_points, s.used_times] for s in one.limits
        ]
    if one.meters:
        written["meters"] = [[m.key, m.points, m.times] for m in one.meters]
    return written


COUNTS = st.integers(0, 10**9)
LIMITS = st.builds(
    Limit,
    st.sampled_from(Scope),
    st.sampled_from(Window),
    st.none() | COUNTS,
    st.none() | COUNTS,
    COUNTS,
    COUNTS,
)
OUTCOMES = st.builds(
    Outcome,
    rule=TEXTS,
    version=COUNTS,
    name=TEXTS,
    direction=st.sampled_from(Direction),
    requested=COUNTS,
    applied=COUNTS,
    ending=st.sampled_from(Ending),
    inputs=st.dictionaries(TEXTS, VALUES, max_size=3),
    percent=st.integers(0, 2),
    base=st.integers(0, 2),
    owed=st.integers(0, 2),
    qualifies=st.booleans(),
    matures_at=st.none() | st.datetimes(datetime(1000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  the strategy adds the zone
    limits=st.lists(LIMITS, max_size=2).map(tuple),
    meters=st.lists(st.builds(Meterage, TEXTS, COUNTS, COUNTS), max_size=2).map(tuple),
)


@given(st.lists(OUTCOMES, max_size=3))
def test_the_text_is_what_a_general_encoder_writes(outcomes: list[Outcome]) -> None:
    expected = json.dumps(
        [as_json(one) for one in outcomes],
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    assert outcomes_text(outcomes) == expected

"""What rules can ask about an event, and when two events say the same."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from domain.events import EventType, content_hash, facts_of, twin_key
from domain.ids import BatchId, ContactId, CustomerId, EventId, MemberId, ProjectId
from tests.support.fakes import START
from tests.support.make import an_event


@pytest.mark.parametrize(
    ("data", "late"),
    [
        ({"planned_on": "2026-11-20", "accepted_on": "2026-11-22"}, 2),
        ({"planned_on": "2026-11-22", "accepted_on": "2026-11-22"}, 0),
        ({"planned_on": "2026-11-25", "accepted_on": "2026-11-22"}, -3),
        ({"planned_on": "2026-02-27", "accepted_on": "2026-03-01"}, 2),
        ({"due_on": "2026-11-20", "paid_on": "2026-11-25"}, 5),
    ],
)
def test_days_late_follow_from_plan_and_acceptance(data: dict[str, Any], late: int) -> None:
    assert facts_of(an_event(data=data)) == data | {"days_late": late}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"planned_on": "2026-11-20"},
        {"accepted_on": "2026-11-20"},
        {"planned_on": "2026-11-20", "paid_on": "2026-11-22"},
        {"planned_on": 20261120, "accepted_on": "2026-11-20"},
        {"planned_on": "2026-11-20", "accepted_on": True},
    ],
)
def test_without_both_days_nothing_is_said_about_lateness(data: dict[str, Any]) -> None:
    event = an_event(data=data)
    assert facts_of(event) == data
    assert facts_of(event) is not event.data


def test_who_recorded_it_when_and_from_what_is_not_part_of_what_an_event_says() -> None:
    event = an_event()
    again = replace(
        event,
        id=EventId("other"),
        source="chat",
        source_id="other",
        recorded_at=START + timedelta(days=1),
        recorded_by=MemberId("li"),
        evidence="inbox-1",
        batch=BatchId("batch-1"),
        data=dict(reversed(event.data.items())),
    )
    assert content_hash(again) == content_hash(event)


@pytest.mark.parametrize(
    "change",
    [
        {"type": EventType.CHECK_IN},
        {"customer": CustomerId("C002")},
        {"project": None},
        {"occurred_at": START + timedelta(microseconds=1)},
        {"contact": ContactId("wang")},
        {"data": {}},
        {"data": {"milestone": "主体", "planned_on": "2026-11-22", "accepted_on": 20261122}},
    ],
)
def test_any_other_content_hashes_differently(change: dict[str, Any]) -> None:
    assert content_hash(an_event(**change)) != content_hash(an_event())


VALUES = st.one_of(st.text(max_size=6), st.integers(-5, 5), st.booleans())
DATA = st.dictionaries(st.text(max_size=4), VALUES, max_size=3)


def typed(data: dict[str, Any]) -> dict[str, tuple[str, Any]]:
    return {name: (type(value).__name__, value) for name, value in data.items()}


@given(DATA, DATA)
def test_only_equal_data_hash_equally(one: dict[str, Any], other: dict[str, Any]) -> None:
    is_same = content_hash(an_event(data=one)) == content_hash(an_event(data=other))
    assert is_same is (typed(one) == typed(other))


@pytest.mark.parametrize(
    "change",
    [
        {"id": EventId("other"), "source": "chat", "source_id": "other"},
        {"occurred_at": START + timedelta(hours=13)},
        {"data": {"milestone": "主体", "accepted_on": "2026-11-23"}},
        # Each system has its own words for milestones.
        {"data": {"milestone": "主体结构"}},
        {"data": {}},
        {"recorded_at": START + timedelta(days=9), "recorded_by": MemberId("li")},
    ],
)
def test_the_same_fact_told_in_other_words_is_a_twin(change: dict[str, Any]) -> None:
    assert twin_key(an_event(**change)) == twin_key(an_event())


@pytest.mark.parametrize(
    "change",
    [
        {"type": EventType.CHECK_IN},
        {"customer": CustomerId("C002")},
        {"project": ProjectId("P002")},
        {"contact": ContactId("wang")},
        # Midnight in Shanghai is between them.
        {"occurred_at": START + timedelta(hours=14)},
        {"data": {"amount": 5}},
        {"data": {"referred": "城南建设"}},
    ],
)
def test_another_fact_is_no_twin(change: dict[str, Any]) -> None:
    assert twin_key(an_event(**change)) != twin_key(an_event())

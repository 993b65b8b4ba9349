"""Events other systems tell: looked up by code, counted once, milestones marked as accepted."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from domain.errors import (
    CustomerMismatch,
    DomainError,
    EventConflict,
    FutureDate,
    MilestoneRecorded,
    TimeOutOfRange,
    UnknownCustomer,
    UnknownProject,
)
from domain.events import EventType
from domain.ids import ApiKeyId, MemberId
from handlers.contract import Actor, ApiClient, MemberActor
from handlers.usecases.api_events import EARLIEST, Taken, Told, take_event
from handlers.views import PointsNotice
from tests.support.chat import Chat
from tests.support.fakes import START
from tests.support.stores import MAIN

KEY = ApiClient(ApiKeyId("k-1"))
ACCEPTED = Told(
    source="erp",
    source_id="YS-1",
    type=EventType.MILESTONE_ACCEPTED,
    customer=None,
    project="P001",
    occurred_at=START,
    data={"milestone": "主体验收", "planned_on": "2026-11-25", "accepted_on": "2026-11-21"},
)
SIGNED = Told(
    source="erp",
    source_id="HT-1",
    type=EventType.CONTRACT_SIGNED,
    customer="C001",
    project=None,
    occurred_at=START,
    data={"amount": 1_200_000_00},
)


def told(chat: Chat, event: Told, actor: Actor = KEY) -> Taken:
    def act(ctx: Any) -> Taken:
        return take_event(replace(ctx, actor=actor, sender="apikey:k-1"), event)

    taken = chat.acts(act)
    assert isinstance(taken, Taken)
    return taken


def refused(chat: Chat, event: Told) -> DomainError:
    """Tell what is refused; nothing may have changed."""
    before = chat.state()
    with pytest.raises(DomainError) as refusal:
        told(chat, event)
    assert chat.state() == before
    return refusal.value


def accepted_on(chat: Chat, milestone: str = "P001/主体验收") -> date | None:
    return chat.store.committed(MAIN).milestones[milestone].accepted_on


def test_a_contract_is_counted_for_the_customer_of_its_code(chat: Chat) -> None:
    taken = told(chat, SIGNED)

    assert (taken.customer.code, taken.project) == ("C001", None)
    assert taken.booked.points == 1200
    event = taken.booked.event
    assert (event.recorded_by, event.evidence) == (None, "apikey:k-1")
    assert [entry.cause.actor for entry in taken.booked.entries] == ["apikey:k-1"]
    [note] = chat.store.committed(MAIN).audit.values()
    assert note.actor == "apikey:k-1"


def test_a_key_of_a_member_records_in_the_members_name(chat: Chat) -> None:
    li = chat.store.committed(MAIN).members["li"]
    taken = told(chat, SIGNED, MemberActor(li))

    assert taken.booked.event.recorded_by == MemberId("li")
    assert taken.booked.entries[0].cause.actor == "member:li"
    assert taken.booked.event.evidence == "apikey:k-1"


def test_the_time_is_kept_in_utc_whatever_offset_it_came_with(chat: Chat) -> None:
    shanghai = START.astimezone(timezone(timedelta(hours=8)))
    first = told(chat, replace(SIGNED, occurred_at=shanghai))

    assert first.booked.event.occurred_at.tzinfo is UTC
    assert told(chat, SIGNED).booked == first.booked


def test_a_project_gives_its_customer_and_agrees_with_it(chat: Chat) -> None:
    alone = told(chat, replace(ACCEPTED, source_id="a"))
    both = told(chat, replace(SIGNED, project="P002"))

    assert (alone.customer.code, alone.booked.event.project) == ("C001", "P001")
    assert (both.customer.code, both.booked.event.project) == ("C001", "P002")


def test_a_project_of_another_customer_is_refused(chat: Chat) -> None:
    error = refused(chat, replace(SIGNED, project="P003"))

    assert isinstance(error, CustomerMismatch)
    assert error.details() == {"customer": "C001", "project": "P003"}


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"customer": "C009"}, UnknownCustomer),
        ({"project": "P009"}, UnknownProject),
        ({"customer": "C009", "project": "P009"}, UnknownProject),
        ({"customer": "C009", "project": "P001"}, UnknownCustomer),
    ],
)
def test_unknown_codes_are_refused(
    chat: Chat, changes: dict[str, Any], kind: type[DomainError]
) -> None:
    assert isinstance(refused(chat, replace(SIGNED, **changes)), kind)


def test_an_event_about_nobody_is_a_bug(chat: Chat) -> None:
    before = chat.state()
    with pytest.raises(ValueError, match="about"):
        told(chat, replace(SIGNED, customer=None))
    assert chat.state() == before


@pytest.mark.parametrize(
    "at",
    [
        EARLIEST - timedelta(microseconds=1),
        START + timedelta(days=1, microseconds=1),
        datetime(9999, 12, 31, tzinfo=UTC),
    ],
)
def test_what_cannot_have_happened_then_is_refused(chat: Chat, at: datetime) -> None:
    error = refused(chat, replace(SIGNED, occurred_at=at))

    assert isinstance(error, TimeOutOfRange)
    assert error.details() == {
        "at": at,
        "earliest": EARLIEST,
        "latest": START + timedelta(days=1),
    }


@pytest.mark.parametrize("at", [EARLIEST, START + timedelta(days=1)])
def test_what_just_can_have_happened_is_counted(chat: Chat, at: datetime) -> None:
    assert told(chat, replace(SIGNED, occurred_at=at)).booked.event.occurred_at == at


def test_an_accepted_milestone_is_marked_and_counted(chat: Chat) -> None:
    taken = told(chat, ACCEPTED)

    assert taken.booked.points == 50
    assert accepted_on(chat) == date(2026, 11, 21)
    assert accepted_on(chat, "P001/竣工验收") is None


def test_the_customer_reads_the_day_of_acceptance_not_of_the_message(chat: Chat) -> None:
    chat.says("wang", "你好")
    told(chat, ACCEPTED)

    notice = chat.last("wang")
    assert isinstance(notice, PointsNotice)
    assert (notice.milestone, notice.accepted_on) == ("主体验收", "2026-11-21")


def test_the_same_event_again_gives_what_it_made_then(chat: Chat) -> None:
    first = told(chat, ACCEPTED)
    chat.pass_time(hours=1)
    before = chat.state()

    assert told(chat, ACCEPTED) == first
    assert chat.state() == before


def test_other_content_under_the_same_id_is_refused(chat: Chat) -> None:
    told(chat, ACCEPTED)

    other = replace(ACCEPTED, data={**ACCEPTED.data, "accepted_on": "2026-11-20"})
    assert isinstance(refused(chat, other), EventConflict)
    assert accepted_on(chat) == date(2026, 11, 21)


def test_a_milestone_is_accepted_once_whoever_says_so(chat: Chat) -> None:
    told(chat, ACCEPTED)

    error = refused(chat, replace(ACCEPTED, source_id="YS-2"))
    assert isinstance(error, MilestoneRecorded)
    assert error.details() == {
        "project": "滨江一期",
        "milestone": "主体验收",
        "accepted_on": date(2026, 11, 21),
    }


def test_acceptance_lies_not_ahead(chat: Chat) -> None:
    ahead = replace(ACCEPTED, data={**ACCEPTED.data, "accepted_on": "2026-11-23"})

    assert isinstance(refused(chat, ahead), FutureDate)


def test_a_milestone_the_project_does_not_have_is_only_counted(chat: Chat) -> None:
    unknown = replace(ACCEPTED, data={**ACCEPTED.data, "milestone": "封顶"})

    assert told(chat, unknown).booked.points == 50
    assert accepted_on(chat) is None


def test_an_acceptance_without_a_project_is_only_counted(chat: Chat) -> None:
    assert told(chat, replace(ACCEPTED, project=None, customer="C001")).booked.points == 50
    assert accepted_on(chat) is None

"""Counting an event once and undoing it once, whoever brings it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.errors import AlreadyUndone, EventConflict
from domain.events import BusinessEvent, EventType
from domain.facts import PointsMoved
from domain.ids import CustomerId, EventId
from domain.ledger import Account, Reason, entry_hash
from domain.repositories import Publication
from domain.rules.model import Direction, Fixed
from handlers.usecases.points import Booked, book, preview, preview_undo, undo
from handlers.views import PointsNotice
from tests.support.chat import Chat
from tests.support.fakes import START
from tests.support.make import a_rule, an_event
from tests.support.stores import MAIN


def signed(number: int, amount: int, customer: str = "C001", **changes: Any) -> BusinessEvent:
    return an_event(
        id=EventId(f"event-{number}"),
        source_id=f"HT-{number}",
        type=EventType.CONTRACT_SIGNED,
        customer=CustomerId(customer),
        data={"amount": amount},
        **changes,
    )


def booked(chat: Chat, event: BusinessEvent) -> Booked:
    found = chat.acts(lambda ctx: book(ctx, event))
    assert isinstance(found, Booked)
    return found


def undone(chat: Chat, event: BusinessEvent) -> Booked:
    found = chat.acts(lambda ctx: undo(ctx, event))
    assert isinstance(found, Booked)
    return found


def wallet(chat: Chat) -> tuple[int, int]:
    found = chat.store.committed(MAIN).wallets["C001"]
    return found.available, found.debt


def test_an_event_is_worth_what_the_rules_of_its_day_say(chat: Chat) -> None:
    event = signed(1, 3_500_000)
    assert chat.acts(lambda ctx: preview(ctx, event)).points == 30
    done = booked(chat, event)
    assert (done.points, done.wallet.available) == (30, 30)
    [entry] = done.entries
    cause = entry.cause
    assert (cause.event, cause.rule, cause.rule_version, cause.actor) == (
        "event-1",
        "contract-amount",
        1,
        "system",
    )
    assert (cause.effective_at, cause.recorded_at) == (START, chat.clock.now())
    assert entry.key == "event:event-1:contract-amount#0"
    [written] = chat.store.committed(MAIN).booked.values()
    assert entry_hash(written) == entry.hash
    assert entry.event_seal == chat.store.committed(MAIN).events["event-1"].seal
    [note] = chat.store.committed(MAIN).audit.values()
    assert (note.action, note.subject, note.after) == (
        "event_recorded",
        "event:event-1",
        {
            "type": "contract_signed",
            "occurred_at": "2026-11-22T02:00:00+00:00",
            "entries": [1],
        },
    )


def test_the_same_event_again_gives_the_same_answer_and_no_entry(chat: Chat) -> None:
    first = booked(chat, signed(1, 3_500_000))
    booked(chat, signed(2, 1_000_000))
    before = chat.state()
    again = booked(chat, replace(signed(1, 3_500_000), id=EventId("another")))
    assert again == first
    assert chat.state() == before
    assert chat.facts == []


def test_the_same_source_id_with_other_content_is_refused(chat: Chat) -> None:
    booked(chat, signed(1, 3_500_000))
    before = chat.state()
    with pytest.raises(EventConflict) as refused:
        booked(chat, replace(signed(1, 9_900_000), id=EventId("another")))
    assert refused.value.details() == {"source": "erp", "source_id": "HT-1"}
    assert chat.state() == before


def test_the_same_id_from_another_source_is_another_event(chat: Chat) -> None:
    booked(chat, signed(1, 1_000_000))
    booked(chat, replace(signed(1, 1_000_000), id=EventId("another"), source="crm"))
    assert wallet(chat) == (20, 0)


def test_an_event_no_rule_is_for_is_kept_and_moves_nothing(chat: Chat) -> None:
    done = booked(chat, replace(signed(1, 5), type=EventType.CHECK_IN))
    assert (done.points, done.entries) == (0, ())
    assert "event-1" in chat.store.committed(MAIN).events
    assert chat.store.committed(MAIN).booked == {}


def test_the_customer_hears_of_an_event_without_a_milestone(chat: Chat) -> None:
    chat.says("wang", "你好")
    booked(chat, signed(1, 3_500_000, project=None))
    assert chat.last("wang") == PointsNotice(
        customer="滨江置业",
        event="contract_signed",
        project="",
        milestone="",
        accepted_on="2026-11-22",
        planned_on="",
        days_late=0,
        points=30,
        available_after=30,
        debt_after=0,
        is_undo=False,
    )


def test_a_statement_line_of_an_event_without_a_project_has_no_subject(chat: Chat) -> None:
    booked(chat, signed(1, 3_500_000, project=None))
    view: Any = chat.says("wang", "明细")
    assert [(line.subject, line.days_late) for line in view.lines] == [("", None)]


def test_what_has_lapsed_is_booked_before_anything_is_spent(chat: Chat) -> None:
    booked(chat, signed(1, 3_000_000))
    chat.pass_time(days=800)
    complaint = replace(signed(2, 0), type=EventType.COMPLAINT_CLOSED, data={"satisfied": False})
    done = booked(chat, replace(complaint, occurred_at=chat.clock.now()))
    assert (done.points, done.wallet.available, done.wallet.debt) == (-50, 0, 50)
    entries = sorted(
        (b.entry for b in chat.store.committed(MAIN).booked.values()), key=lambda e: e.seq
    )
    assert [(e.reason, e.points) for e in entries] == [
        (Reason.AWARD, 30),
        (Reason.EXPIRY, 30),
        (Reason.PENALTY, 50),
    ]
    # The expiry is no entry of the event.
    assert [entry.seq for entry in done.entries] == [3]


def test_undo_reverses_every_entry_and_tells_the_customer(chat: Chat) -> None:
    event = signed(1, 3_000_000)
    booked(chat, event)
    assert chat.acts(lambda ctx: preview_undo(ctx, event)) == -30
    done = undone(chat, event)
    assert (done.points, wallet(chat)) == (-30, (0, 0))
    assert [entry.cause.key for entry in done.entries] == [
        f"undo:{next(iter(chat.store.committed(MAIN).booked))}"
    ]
    [moved] = [fact for fact in chat.facts if isinstance(fact, PointsMoved)]
    assert moved.is_undo


def test_undo_happens_once(chat: Chat) -> None:
    event = signed(1, 3_000_000)
    booked(chat, event)
    undone(chat, event)
    before = chat.state()
    with pytest.raises(AlreadyUndone) as refused:
        undone(chat, event)
    assert refused.value.seq == 1
    assert chat.state() == before


def test_previewing_an_undo_writes_nothing(chat: Chat) -> None:
    event = signed(1, 3_000_000)
    booked(chat, event)
    before = chat.state()
    chat.acts(lambda ctx: preview_undo(ctx, event))
    assert chat.state() == before


def two_way_event(chat: Chat) -> BusinessEvent:
    """Store rules by which one event earns 50 and costs 80, and give the event."""
    with chat.store.work(MAIN) as work:
        survey = EventType.SURVEY_COMPLETED
        work.rules.add(a_rule("a-earn", trigger=survey), Publication(START))
        deduct = Direction.DEDUCT
        work.rules.add(
            a_rule("b-take", trigger=survey, formula=Fixed(80), direction=deduct),
            Publication(START),
        )
        work.commit()
    return replace(signed(9, 0), type=EventType.SURVEY_COMPLETED, data={})


def test_an_event_may_earn_and_take_and_is_undone_as_a_whole(chat: Chat) -> None:
    booked(chat, signed(1, 2_000_000))
    event = two_way_event(chat)
    done = booked(chat, event)
    assert (done.points, wallet(chat)) == (-30, (0, 10))
    assert [(e.debit, e.credit, e.points) for e in done.entries] == [
        (Account.ISSUED, Account.AVAILABLE, 50),
        (Account.AVAILABLE, Account.PENALTIES, 70),
        (Account.DEBT, Account.PENALTIES, 10),
    ]
    assert undone(chat, event).points == 30
    assert wallet(chat) == (20, 0)
    lots = chat.store.committed(MAIN).lots.values()
    assert sorted(lot.remaining for lot in lots) == [0, 20]


def test_undoing_what_was_earned_and_has_lapsed_leaves_no_debt(chat: Chat) -> None:
    event = signed(1, 3_000_000)
    booked(chat, event)
    chat.pass_time(days=800)
    assert chat.acts(lambda ctx: preview_undo(ctx, event)) == 0
    assert undone(chat, event).points == 0
    assert wallet(chat) == (0, 0)
    reasons = [b.entry.reason for b in chat.store.committed(MAIN).booked.values()]
    assert reasons == [Reason.AWARD, Reason.EXPIRY, Reason.REVERSAL]


def test_undoing_a_penalty_gives_back_to_a_lot_it_had_emptied(chat: Chat) -> None:
    booked(chat, signed(1, 5_000_000))
    [lot] = chat.store.committed(MAIN).lots.values()
    complaint = replace(signed(2, 0), type=EventType.COMPLAINT_CLOSED, data={"satisfied": False})
    booked(chat, complaint)
    assert wallet(chat) == (0, 0)
    undone(chat, complaint)
    assert chat.store.committed(MAIN).lots[lot.id] == lot
    chat.clock.forward(timedelta(days=1))
    # And the points can be spent again.
    booked(chat, replace(complaint, id=EventId("event-3"), source_id="HT-3"))
    assert wallet(chat) == (0, 0)

"""撤销: the last record of the last 24 hours goes back once, as if it had not been."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.errors import ErrorCode
from domain.facts import PointsMoved
from domain.ids import EventId, MemberId, MilestoneId
from domain.ledger import Reason
from handlers.contract import View
from handlers.usecases.points import book
from handlers.views import (
    RecordCancelled,
    RecordDone,
    RecordPreview,
    Refusal,
    UndoDone,
    UndoPreview,
)
from tests.support.chat import Chat
from tests.support.make import an_event
from tests.support.stores import MAIN

ON_TIME = "滨江一期 主体昨天验收通过"
LATE = "滨江二期 主体昨天验收通过"
LAPSED = "滨江一期 主体2020年6月30日验收通过"
WORTH_NOTHING = "滨江一期 主体2000年1月1日验收通过"


def record(chat: Chat, text: str, who: str = "li") -> RecordDone:
    shown = chat.says(who, text)
    assert isinstance(shown, RecordPreview), shown
    done = chat.presses(who, shown, "confirm")
    assert isinstance(done, RecordDone), done
    return done


def ask(chat: Chat, who: str = "li") -> UndoPreview:
    view = chat.says(who, "撤销")
    assert isinstance(view, UndoPreview), view
    return view


def nothing_to_undo(chat: Chat, who: str = "li") -> bool:
    return chat.refused(who, lambda: chat.says(who, "撤销")) == Refusal(
        ErrorCode.NOTHING_TO_UNDO, {}
    )


def test_undo_shows_first_what_it_would_change(chat: Chat) -> None:
    record(chat, ON_TIME)
    before = chat.state()
    shown = ask(chat)
    assert shown == UndoPreview(
        ticket=shown.ticket,
        project="滨江一期",
        customer="滨江置业",
        milestone="主体验收",
        accepted_on="2026-11-21",
        points=-50,
    )
    after = chat.state()
    del after.tickets[shown.ticket]
    assert replace(after, cards=before.cards) == before


def test_undo_gives_everything_back_and_tells_the_customer(chat: Chat) -> None:
    chat.says("wang", "你好")
    record(chat, ON_TIME)
    done = chat.presses("li", ask(chat), "confirm")
    assert done == UndoDone(
        project="滨江一期",
        customer="滨江置业",
        milestone="主体验收",
        points=-50,
        available_after=0,
        debt_after=0,
    )
    rows = chat.store.committed(MAIN)
    assert rows.milestones["P001/主体验收"].accepted_on is None
    assert [lot.remaining for lot in rows.lots.values()] == [0]
    told = chat.last("wang")
    assert (told.points, told.available_after, told.is_undo) == (-50, 0, True)
    assert chat.actions() == ["event_recorded", "event_undone"]
    [moved] = [fact for fact in chat.facts if isinstance(fact, PointsMoved)]
    assert [entry.reason for entry in moved.entries] == [Reason.REVERSAL]


def test_undoing_a_penalty_clears_its_debt(chat: Chat) -> None:
    record(chat, LATE)
    shown = ask(chat)
    done = chat.presses("li", shown, "confirm")
    assert isinstance(done, UndoDone)
    assert (shown.points, done.points, done.debt_after) == (20, 20, 0)


def test_after_an_undo_the_milestone_can_be_recorded_anew(chat: Chat) -> None:
    record(chat, ON_TIME)
    chat.presses("li", ask(chat), "confirm")
    assert record(chat, "滨江一期 主体今天验收通过").available_after == 50


def test_undo_goes_back_one_record_at_a_time(chat: Chat) -> None:
    record(chat, ON_TIME)
    chat.pass_time(minutes=1)
    record(chat, LATE)
    first = ask(chat)
    chat.presses("li", first, "confirm")
    second = ask(chat)
    chat.presses("li", second, "confirm")
    assert (first.project, second.project) == ("滨江二期", "滨江一期")
    assert nothing_to_undo(chat)
    wallet = chat.store.committed(MAIN).wallets["C001"]
    assert (wallet.available, wallet.debt) == (0, 0)


def test_only_ones_own_records_can_be_undone(chat: Chat) -> None:
    record(chat, ON_TIME)
    assert nothing_to_undo(chat, "qian")
    assert nothing_to_undo(chat, "ma")


def test_a_record_can_be_undone_for_24_hours(chat: Chat) -> None:
    record(chat, ON_TIME)
    chat.pass_time(hours=24)
    assert ask(chat).project == "滨江一期"
    chat.pass_time(seconds=1)
    assert nothing_to_undo(chat)


def test_an_undo_can_be_left(chat: Chat) -> None:
    record(chat, ON_TIME)
    shown = ask(chat)
    before = chat.state()
    left = chat.presses("li", shown, "cancel")
    assert left == RecordCancelled("滨江一期", "主体验收", is_undo=True)
    after = chat.state()
    after.tickets[shown.ticket] = before.tickets[shown.ticket]
    assert after == before
    used = chat.refused("li", lambda: chat.presses("li", shown, "confirm"))
    assert used.code == ErrorCode.TICKET_USED
    assert ask(chat).points == -50


def test_an_undo_card_works_once_and_for_ten_minutes(chat: Chat) -> None:
    record(chat, ON_TIME)
    old = ask(chat)
    chat.pass_time(minutes=10)
    expired = chat.refused("li", lambda: chat.presses("li", old, "confirm"))
    assert expired.code == ErrorCode.TICKET_EXPIRED
    new = ask(chat)
    chat.presses("li", new, "confirm")
    used = chat.refused("li", lambda: chat.presses("li", new, "confirm"))
    assert used.code == ErrorCode.TICKET_USED


def test_of_two_undo_cards_for_one_record_the_second_is_refused(chat: Chat) -> None:
    record(chat, ON_TIME)
    one, other = ask(chat), ask(chat)
    chat.presses("li", one, "confirm")
    record(chat, "滨江一期 主体今天验收通过")
    refused = chat.refused("li", lambda: chat.presses("li", other, "confirm"))
    assert refused == Refusal(ErrorCode.ALREADY_UNDONE, {"seq": 1})


def test_a_record_that_was_worth_nothing_is_undone_once_too(chat: Chat) -> None:
    record(chat, WORTH_NOTHING)
    one, other = ask(chat), ask(chat)
    assert one.points == 0
    done = chat.presses("li", one, "confirm")
    assert isinstance(done, UndoDone)
    assert done.points == 0
    assert nothing_to_undo(chat)
    chat.pass_time(minutes=1)
    record(chat, "滨江一期 主体今天验收通过", who="qian")
    # The milestone is somebody else's record by now.
    refused = chat.refused("li", lambda: chat.presses("li", other, "confirm"))
    assert refused == Refusal(ErrorCode.ALREADY_UNDONE, {"seq": 0})
    assert nothing_to_undo(chat)
    assert ask(chat, "qian").points == -50


def test_a_record_whose_milestone_was_changed_since_is_left_alone(chat: Chat) -> None:
    record(chat, ON_TIME)
    shown = ask(chat)
    with chat.store.work(MAIN) as work:
        [event] = [kept.event for kept in chat.store.committed(MAIN).events.values()]
        milestone = MilestoneId(str(event.data["milestone_id"]))
        work.projects.set_accepted(milestone, date(2026, 11, 1))
        work.commit()
    refused = chat.refused("li", lambda: chat.presses("li", shown, "confirm"))
    assert refused == Refusal(ErrorCode.NOTHING_TO_UNDO, {})
    assert nothing_to_undo(chat)
    assert chat.store.committed(MAIN).undone == {}


def test_a_record_from_long_ago_earns_points_that_have_ended_and_leaves_no_debt(chat: Chat) -> None:
    done = record(chat, LAPSED)
    assert (done.points, done.available_after) == (50, 0)
    shown = ask(chat)
    undone = chat.presses("li", shown, "confirm")
    assert isinstance(undone, UndoDone)
    assert (shown.points, undone.points) == (0, 0)
    assert (undone.available_after, undone.debt_after) == (0, 0)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_undoing_the_earning_that_paid_a_debt_and_the_penalty_in_either_order(
    chat: Chat, order: tuple[int, int]
) -> None:
    record(chat, LATE)
    cards: list[View] = [ask(chat)]
    chat.clock.forward(timedelta(minutes=1))
    assert record(chat, ON_TIME).available_after == 30
    cards.append(ask(chat))
    for place in order:
        chat.presses("li", cards[place], "confirm")
    wallet = chat.store.committed(MAIN).wallets["C001"]
    assert (wallet.available, wallet.debt) == (0, 0)
    assert {lot.remaining for lot in chat.store.committed(MAIN).lots.values()} == {0}


def test_what_another_system_told_in_the_members_name_is_not_the_members_to_undo(
    chat: Chat,
) -> None:
    li = MemberId("li")
    chat.acts(lambda ctx: book(ctx, an_event(recorded_by=li, recorded_at=ctx.now)))
    assert nothing_to_undo(chat)

    record(chat, LATE)
    chat.pass_time(minutes=1)
    later = an_event(id=EventId("event-2"), source_id="HT-2", recorded_by=li)
    chat.acts(lambda ctx: book(ctx, replace(later, recorded_at=ctx.now)))
    assert ask(chat).project == "滨江二期"

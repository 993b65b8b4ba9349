"""After an alert is closed the customer is asked whether it helped; "no" opens it again."""

import pytest

from domain.alerts import AlertState
from domain.errors import ErrorCode
from domain.ids import AlertId
from handlers.usecases.alerts import answer_follow_up
from handlers.views import FollowUp, FollowUpThanks, ReviewReceived
from tests.handlers.alert_steps import NOON, card_of, complain, resolve, the_alert
from tests.support.chat import Chat
from tests.support.stores import MAIN


def test_after_closing_the_customer_is_asked_whether_it_helped(chat: Chat) -> None:
    complain(chat)
    resolve(chat)
    asked = chat.last("wang")
    assert asked == FollowUp(
        ticket=asked.ticket,
        project="滨江一期",
        measure="rework",
        note="防水已重做",
        resolved_by="zhang",
    )


def test_solved_confirms_the_alert_and_everybodys_card_shows_it(chat: Chat) -> None:
    complain(chat)
    resolve(chat)
    thanks = chat.presses("wang", chat.last("wang"), "solved")
    assert thanks == FollowUpThanks("滨江一期", is_solved=True)
    [alert] = chat.store.committed(MAIN).alerts.values()
    assert (alert.state, alert.confirmed_at) == (AlertState.RESOLVED, chat.clock.now())
    assert card_of(chat, "zhao").confirmed_at == NOON
    assert len(chat.deliveries("wang")) == 1
    assert chat.actions()[-1] == "alert_confirmed"


def test_not_solved_opens_the_alert_again_for_everybody(chat: Chat) -> None:
    complain(chat)
    resolve(chat)
    chat.pass_time(hours=1)
    thanks = chat.presses("wang", chat.last("wang"), "unsolved")
    assert thanks == FollowUpThanks("滨江一期", is_solved=False)
    assert the_alert(chat) == {"state": AlertState.NEW, "taken_by": None, "occurrences": 1}
    card = card_of(chat, "zhao")
    assert (card.state, card.reopened, card.opened_at, card.ticket != "") == (
        "new",
        1,
        "2026-11-22T03:00:00+00:00",
        True,
    )
    assert chat.actions()[-1] == "alert_reopened"


def test_a_reopened_alert_goes_the_same_way_again(chat: Chat) -> None:
    complain(chat)
    resolve(chat)
    first = chat.last("wang")
    chat.presses("wang", first, "unsolved")
    chat.presses("zhao", card_of(chat, "zhao"), "take")
    chat.says("zhao", "解决 1 材料 上门")
    second = chat.last("wang")
    assert second.ticket != first.ticket
    assert second.resolved_by == "zhao"
    chat.presses("wang", second, "solved")
    assert the_alert(chat)["state"] is AlertState.RESOLVED


@pytest.mark.parametrize("choice", ["solved", "unsolved"])
def test_the_customer_answers_once(chat: Chat, choice: str) -> None:
    complain(chat)
    resolve(chat)
    asked = chat.last("wang")
    chat.presses("wang", asked, "unsolved")
    refused = chat.refused("wang", lambda: chat.presses("wang", asked, choice))
    assert refused.code == ErrorCode.TICKET_USED


def test_somebody_elses_question_cannot_be_answered(chat: Chat) -> None:
    complain(chat)
    resolve(chat)
    asked = chat.last("wang")
    for who in ("chen", "zhang"):
        refused = chat.refused(who, lambda who=who: chat.presses(who, asked, "solved"))  # type: ignore[misc]
        assert refused.code == ErrorCode.TICKET_NOT_YOURS


def test_an_answer_about_an_alert_that_is_open_again_is_only_noted(chat: Chat) -> None:
    complain(chat)
    resolve(chat)
    chat.presses("wang", chat.last("wang"), "unsolved")
    before = chat.state()
    alert_id = AlertId(next(iter(before.alerts)))
    for is_solved in (True, False):
        chat.acts(lambda ctx, s=is_solved: answer_follow_up(ctx, alert_id, is_solved=s))  # type: ignore[misc]
    assert chat.state().alerts == before.alerts
    assert chat.actions()[-2:] == ["follow_up_answered"] * 2


def test_not_solved_counts_on_a_newer_open_alert_of_the_same_project(chat: Chat) -> None:
    complain(chat)
    resolve(chat)
    asked = chat.last("wang")
    complain(chat, "评价 滨江一期 2 又渗水")
    thanks = chat.presses("wang", asked, "unsolved")
    assert thanks == FollowUpThanks("滨江一期", is_solved=False)
    assert the_alert(chat, 1)["state"] is AlertState.RESOLVED
    assert the_alert(chat, 2) == {"state": AlertState.NEW, "taken_by": None, "occurrences": 2}
    # One star had raised the first alert.
    card = card_of(chat, "zhao")
    assert (card.number, card.severity, card.text) == (2, "red", "又渗水")


def test_solved_confirms_the_old_alert_while_a_newer_one_is_open(chat: Chat) -> None:
    complain(chat)
    resolve(chat)
    asked = chat.last("wang")
    complain(chat, "评价 滨江一期 2 又渗水")
    chat.presses("wang", asked, "solved")
    [old, new] = chat.store.committed(MAIN).alerts.values()
    assert (old.confirmed_at is not None, new.occurrences) == (True, 1)


def test_the_question_waits_for_a_customer_who_cannot_be_reached(chat: Chat) -> None:
    complain(chat)
    chat.pass_time(hours=49)
    resolve(chat)
    assert chat.phone("wang") == [ReviewReceived("滨江一期", 1, True)]
    told = chat.last("sun")
    assert (told.about_view, told.obstacle) == ("follow_up", "window_closed")

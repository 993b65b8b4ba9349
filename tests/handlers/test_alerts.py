"""An alert among several supervisors: taken, closed, asked about, opened again."""

import pytest

from domain.alerts import AlertState, Cause, Measure
from domain.errors import ErrorCode
from domain.ids import AlertId
from handlers.usecases.alerts import answer_follow_up
from handlers.views import (
    AlertCard,
    AlertForm,
    AlertLine,
    AlertList,
    FollowUp,
    FollowUpThanks,
    Refusal,
    ReviewReceived,
)
from tests.support.chat import Chat
from tests.support.make import a_project, an_alert
from tests.support.stores import MAIN

NOON = "2026-11-22T02:00:00+00:00"
TAKEN_BY_ZHANG = Refusal(
    ErrorCode.ALERT_TAKEN, {"number": 1, "taken_by": "zhang", "taken_at": NOON}
)


def complain(chat: Chat, text: str = "评价 滨江一期 1 渗水三次没人管") -> None:
    assert isinstance(chat.says("wang", text), ReviewReceived)


def card_of(chat: Chat, who: str) -> AlertCard:
    card = chat.last(who)
    assert isinstance(card, AlertCard), card
    return card


def resolve(chat: Chat, words: str = "解决 1 施工质量 返工 防水已重做") -> AlertCard:
    chat.says("zhang", "接手 1")
    view = chat.says("zhang", words)
    assert isinstance(view, AlertCard), view
    return view


def the_alert(chat: Chat, number: int = 1) -> dict[str, object]:
    [alert] = [a for a in chat.store.committed(MAIN).alerts.values() if a.number == number]
    return {"state": alert.state, "taken_by": alert.taken_by, "occurrences": alert.occurrences}


def test_the_first_click_takes_the_alert_and_everybodys_card_shows_it(chat: Chat) -> None:
    complain(chat)
    mine = chat.presses("zhang@app", card_of(chat, "zhang@app"), "take")
    assert isinstance(mine, AlertCard)
    assert (mine.state, mine.taken_by, mine.taken_at, mine.is_mine) == (
        "taken",
        "zhang",
        NOON,
        True,
    )
    [theirs] = chat.phone("zhao")
    assert isinstance(theirs, AlertCard)
    assert (theirs.state, theirs.taken_by, theirs.is_mine, theirs.ticket) == (
        "taken",
        "zhang",
        False,
        "",
    )
    assert chat.phone("zhang@app") == [mine]
    assert chat.actions() == ["review_given", "alert_taken"]


def test_the_second_click_names_who_was_first(chat: Chat) -> None:
    complain(chat)
    card = card_of(chat, "zhao")
    chat.presses("zhang@app", card_of(chat, "zhang@app"), "take")
    assert chat.refused("zhao", lambda: chat.presses("zhao", card, "take")) == TAKEN_BY_ZHANG
    assert chat.refused("zhao", lambda: chat.presses("zhao", card, "resolve")) == TAKEN_BY_ZHANG
    assert chat.refused("zhao", lambda: chat.says("zhao", "接手 1")) == TAKEN_BY_ZHANG


def test_taking_ones_own_alert_again_shows_it_and_changes_nothing_else(chat: Chat) -> None:
    complain(chat)
    card = card_of(chat, "zhang@app")
    chat.presses("zhang@app", card, "take")
    before = chat.state()
    again = chat.presses("zhang@app", card, "take")
    assert isinstance(again, AlertCard)
    assert again.is_mine
    after = chat.state()
    assert after.alerts == before.alerts
    assert after.audit == before.audit
    assert chat.facts == []


def test_closing_asks_for_cause_and_measure_on_the_same_card(chat: Chat) -> None:
    complain(chat)
    chat.presses("zhang@app", card_of(chat, "zhang@app"), "take")
    form = chat.presses("zhang@app", card_of(chat, "zhang@app"), "resolve")
    assert isinstance(form, AlertForm)
    assert form == AlertForm(
        ticket=form.ticket,
        number=1,
        customer="滨江置业",
        project="滨江一期",
        causes=tuple(Cause),
        measures=tuple(Measure),
    )
    assert chat.phone("zhang@app") == [form]
    done = chat.presses("zhang@app", form, "submit", cause="workmanship", measure="rework")
    assert isinstance(done, AlertCard)
    assert (done.state, done.cause, done.measure, done.note, done.ticket) == (
        "resolved",
        "workmanship",
        "rework",
        "",
        "",
    )
    [theirs] = chat.phone("zhao")
    assert isinstance(theirs, AlertCard)
    assert (theirs.state, theirs.resolved_at) == ("resolved", NOON)


def test_closing_a_new_alert_by_its_button_takes_it_first(chat: Chat) -> None:
    complain(chat)
    assert isinstance(chat.presses("zhang@app", card_of(chat, "zhang@app"), "resolve"), AlertForm)
    assert the_alert(chat)["taken_by"] == "zhang"


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"cause": "workmanship"},
        {"measure": "rework"},
        {"cause": "x", "measure": "rework"},
        {"cause": "workmanship", "measure": ""},
    ],
)
def test_a_form_without_cause_and_measure_is_refused(chat: Chat, form: dict[str, str]) -> None:
    complain(chat)
    asked = chat.presses("zhang@app", card_of(chat, "zhang@app"), "resolve")
    refused = chat.refused("zhang@app", lambda: chat.presses("zhang@app", asked, "submit", **form))
    expected = {"command": "resolve_alert", "problem": "cause_missing"}
    assert (refused.code, refused.details) == (ErrorCode.USAGE, expected)


def test_a_form_is_submitted_once(chat: Chat) -> None:
    complain(chat)
    form = chat.presses("zhang@app", card_of(chat, "zhang@app"), "resolve")
    chosen = {"cause": "material", "measure": "visit", "note": "下周复查"}
    chat.presses("zhang@app", form, "submit", **chosen)
    refused = chat.refused("zhang@app", lambda: chat.presses("zhang@app", form, "submit", **chosen))
    assert refused == Refusal(ErrorCode.ALERT_CLOSED, {"number": 1, "resolved_at": NOON})


@pytest.mark.parametrize("choice", ["take", "resolve"])
def test_a_card_is_too_old_after_thirty_days(chat: Chat, choice: str) -> None:
    complain(chat)
    card = card_of(chat, "zhao")
    chat.pass_time(days=30)
    refused = chat.refused("zhao", lambda: chat.presses("zhao", card, choice))
    assert refused.code == ErrorCode.TICKET_EXPIRED


def test_a_form_is_too_old_after_thirty_days(chat: Chat) -> None:
    complain(chat)
    form = chat.presses("zhao", card_of(chat, "zhao"), "resolve")
    chat.pass_time(days=30)
    refused = chat.refused(
        "zhao",
        lambda: chat.presses("zhao", form, "submit", cause="other", measure="other"),
    )
    assert refused.code == ErrorCode.TICKET_EXPIRED


def test_open_alerts_are_listed_oldest_first(chat: Chat) -> None:
    complain(chat)
    chat.pass_time(minutes=1)
    complain(chat, "评价 滨江二期 2 一般")
    chat.says("zhang", "接手 1")
    assert chat.says("zhao", "预警") == AlertList(
        (
            AlertLine(1, "taken", "red", "滨江置业", "滨江一期", 1, NOON, "zhang"),
            AlertLine(
                2, "new", "amber", "滨江置业", "滨江二期", 2, "2026-11-22T02:01:00+00:00", ""
            ),
        )
    )


def test_resolved_alerts_are_not_listed(chat: Chat) -> None:
    complain(chat)
    resolve(chat)
    assert chat.says("zhao", "预警") == AlertList(())


def test_an_alert_without_project_and_review_is_listed_shown_and_closed(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.alerts.add(an_alert(project=None, review=None))
        work.commit()
    listed = chat.says("zhang", "预警")
    assert listed == AlertList((AlertLine(1, "new", "amber", "滨江置业", "", 0, NOON, ""),))
    card = chat.says("zhang", "接手 1")
    assert isinstance(card, AlertCard)
    assert (card.project, card.contact, card.phone, card.stars, card.manager) == ("", "", "", 0, "")
    form = chat.presses("zhang", card, "resolve")
    assert isinstance(form, AlertForm)
    assert form.project == ""
    chat.presses("zhang", form, "submit", cause="other", measure="other")
    assert the_alert(chat)["state"] is AlertState.RESOLVED
    assert chat.phone("wang") == []


def test_a_project_without_a_manager_and_a_contact_without_a_phone_leave_blanks(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.projects.add(a_project("P004", "城南公园", "C002"))
        work.commit()
    chat.says("chen", "评价 城南公园 1 噪音")
    card = card_of(chat, "zhao")
    assert (card.manager, card.contact, card.phone) == ("", "chen", "")


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("接手", ""),
        ("接手 99", "99"),
        ("接手 一", "一"),
        ("接手 ²", "²"),
        ("接手 -1", "1"),
        ("接手 1234567890", "1234567890"),
        ("解决", ""),
        ("解决 99 施工质量 返工", "99"),
    ],
)
def test_a_number_that_is_no_alert_is_refused(chat: Chat, typed: str, asked: str) -> None:
    refused = chat.refused("zhang", lambda: chat.says("zhang", typed))
    assert refused == Refusal(ErrorCode.UNKNOWN_ALERT, {"asked": asked})


@pytest.mark.parametrize(
    "typed", ["接手 1", "接手 #1", "接手1", "接手　\uff11", "处理 1", "/接手 1"]
)
def test_the_number_can_be_typed_in_many_ways(chat: Chat, typed: str) -> None:
    complain(chat)
    view = chat.says("zhao", typed)
    assert isinstance(view, AlertCard)
    assert view.taken_by == "zhao"


def test_closing_by_words_keeps_cause_measure_and_note(chat: Chat) -> None:
    complain(chat)
    done = resolve(chat)
    assert (done.state, done.cause, done.measure, done.note) == (
        "resolved",
        "workmanship",
        "rework",
        "防水已重做",
    )
    assert chat.actions() == ["review_given", "alert_taken", "alert_resolved"]


@pytest.mark.parametrize(
    "typed", ["解决 1", "解决 1 施工质量", "解决 1 返工 施工质量", "解决 1 防水已重做"]
)
def test_closing_by_words_needs_cause_and_measure(chat: Chat, typed: str) -> None:
    complain(chat)
    chat.says("zhang", "接手 1")
    refused = chat.refused("zhang", lambda: chat.says("zhang", typed))
    expected = {"command": "resolve_alert", "problem": "cause_missing"}
    assert (refused.code, refused.details) == (ErrorCode.USAGE, expected)


def test_only_who_took_an_alert_can_close_it(chat: Chat) -> None:
    complain(chat)
    words = "解决 1 施工质量 返工"
    refused = Refusal(ErrorCode.ALERT_NOT_TAKEN, {"number": 1})
    assert chat.refused("zhao", lambda: chat.says("zhao", words)) == refused
    chat.says("zhang", "接手 1")
    assert chat.refused("zhao", lambda: chat.says("zhao", words)) == refused


def test_a_closed_alert_cannot_be_taken(chat: Chat) -> None:
    complain(chat)
    resolve(chat)
    closed = Refusal(ErrorCode.ALERT_CLOSED, {"number": 1, "resolved_at": NOON})
    assert chat.refused("zhao", lambda: chat.says("zhao", "接手 1")) == closed


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
    for who in ("chen", "zhang", "mo"):
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

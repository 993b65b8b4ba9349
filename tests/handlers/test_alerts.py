"""An alert among several supervisors: taken, closed, asked about, opened again."""

import pytest

from domain.alerts import AlertState, Cause, Measure
from domain.errors import ErrorCode
from handlers.views import (
    AlertCard,
    AlertForm,
    AlertLine,
    AlertList,
    Refusal,
)
from tests.handlers.alert_steps import NOON, card_of, complain, resolve, the_alert
from tests.support.chat import Chat
from tests.support.make import a_project, an_alert
from tests.support.stores import MAIN

TAKEN_BY_ZHANG = Refusal(
    ErrorCode.ALERT_TAKEN, {"number": 1, "taken_by": "zhang", "taken_at": NOON}
)


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

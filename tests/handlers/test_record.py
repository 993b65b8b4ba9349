"""One sentence and one tap log a delivery event: preview, confirm, cancel."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.errors import ErrorCode
from domain.events import EventType
from domain.facts import PointsMoved
from handlers.contract import View
from handlers.incoming import Said
from handlers.views import (
    ChooseCard,
    PointsNotice,
    RecordCancelled,
    RecordDone,
    RecordPreview,
    Refusal,
)
from tests.support.chat import Chat
from tests.support.make import a_customer, a_milestone, a_project
from tests.support.stores import MAIN

ON_TIME = "滨江一期 主体昨天验收通过"
LATE = "滨江二期 主体昨天验收通过"


def preview(chat: Chat, text: str = ON_TIME, who: str = "li") -> RecordPreview:
    view = chat.says(who, text)
    assert isinstance(view, RecordPreview), view
    return view


def accepted_on(chat: Chat, milestone: str) -> date | None:
    return chat.store.committed(MAIN).milestones[milestone].accepted_on


def test_a_sentence_is_shown_back_with_what_it_is_worth(chat: Chat) -> None:
    shown = preview(chat, "滨江一期 主体昨天验收通过,监理已签字")
    assert shown == RecordPreview(
        ticket=shown.ticket,
        project="滨江一期",
        customer="滨江置业",
        milestone="主体验收",
        planned_on="2026-11-25",
        accepted_on="2026-11-21",
        days_late=-4,
        points=50,
        note="监理已签字",
    )


def test_a_preview_writes_nothing_but_its_ticket_and_where_it_stands(chat: Chat) -> None:
    before = chat.state()
    preview(chat)
    after = chat.state()
    assert len(after.tickets) == len(after.cards) == 1
    after.tickets.clear()
    after.cards.clear()
    assert after == before


def test_the_word_for_it_may_come_first(chat: Chat) -> None:
    assert preview(chat, "记录 滨江二期 主体 11月1日 验收通过").days_late == 0


def test_a_late_acceptance_shows_what_it_costs(chat: Chat) -> None:
    shown = preview(chat, LATE)
    assert (shown.days_late, shown.points) == (20, -20)


def test_confirming_books_points_and_accepts_the_milestone(chat: Chat) -> None:
    done = chat.presses("li", preview(chat, "滨江一期 主体昨天验收通过,监理已签字"), "confirm")
    assert done == RecordDone(
        project="滨江一期",
        customer="滨江置业",
        milestone="主体验收",
        accepted_on="2026-11-21",
        days_late=-4,
        points=50,
        available_after=50,
        debt_after=0,
        notice="by_hand",
        recorded_by="li",
        recorded_at="2026-11-22T02:00:00+00:00",
    )
    assert accepted_on(chat, "P001/主体验收") == date(2026, 11, 21)
    assert chat.actions() == ["event_recorded"]
    [moved] = [fact for fact in chat.facts if isinstance(fact, PointsMoved)]
    event = moved.event
    assert (event.type, event.source, event.recorded_by) == (
        EventType.MILESTONE_ACCEPTED,
        "chat",
        "li",
    )
    assert event.occurred_at == datetime(2026, 11, 21, 4, tzinfo=UTC)
    assert event.data == {
        "milestone": "主体验收",
        "milestone_id": "P001/主体验收",
        "planned_on": "2026-11-25",
        "accepted_on": "2026-11-21",
        "note": "监理已签字",
    }


def test_the_message_the_record_was_read_from_is_kept_as_evidence(chat: Chat) -> None:
    shown = preview(chat)
    chat.presses("li", shown, "confirm")
    [event] = [kept.event for kept in chat.store.committed(MAIN).events.values()]
    ticket = chat.store.committed(MAIN).tickets[shown.ticket]
    assert event.evidence == ticket.payload["inbox"]
    assert len(str(event.evidence)) == 26


def test_the_customer_is_told_when_they_can_be_reached(chat: Chat) -> None:
    chat.says("wang", "你好")
    done = chat.presses("li", preview(chat), "confirm")
    assert isinstance(done, RecordDone)
    assert done.notice == "pushed"
    assert chat.last("wang") == PointsNotice(
        customer="滨江置业",
        event="milestone_accepted",
        project="滨江一期",
        milestone="主体验收",
        accepted_on="2026-11-21",
        planned_on="2026-11-25",
        days_late=-4,
        points=50,
        available_after=50,
        debt_after=0,
        is_undo=False,
    )


def test_a_customer_without_contacts_is_told_by_nobody(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.customers.add(a_customer("C003", "望江集团"))
        work.projects.add(a_project("P009", "望江中心", "C003", "li"))
        work.projects.add_milestone(a_milestone("P009", "封顶", date(2026, 11, 20)))
        work.commit()
    done = chat.presses("li", preview(chat, "望江中心 封顶 11月20日 验收通过"), "confirm")
    assert isinstance(done, RecordDone)
    assert (done.notice, done.points) == ("nobody", 50)


def test_a_late_acceptance_of_an_empty_wallet_becomes_debt(chat: Chat) -> None:
    done = chat.presses("li", preview(chat, LATE), "confirm")
    assert isinstance(done, RecordDone)
    assert (done.points, done.available_after, done.debt_after) == (-20, 0, 20)


def test_confirming_twice_gives_the_same_receipt_and_books_once(chat: Chat) -> None:
    shown = preview(chat)
    first = chat.presses("li", shown, "confirm")
    before = chat.state()
    assert chat.presses("li", shown, "confirm") == first
    assert chat.state() == before


def test_the_receipt_stays_the_same_after_other_movements_and_the_tickets_end(chat: Chat) -> None:
    shown = preview(chat)
    first = chat.presses("li", shown, "confirm")
    chat.presses("li", preview(chat, LATE), "confirm")
    chat.pass_time(days=2)
    assert chat.presses("li", shown, "confirm") == first


def test_confirming_a_preview_that_is_a_day_old_is_refused(chat: Chat) -> None:
    shown = preview(chat)
    chat.pass_time(hours=24)
    refused = chat.refused("li", lambda: chat.presses("li", shown, "confirm"))
    assert refused == Refusal(ErrorCode.TICKET_EXPIRED, {"expired_at": "2026-11-23T02:00:00+00:00"})


def test_cancelling_drops_the_preview(chat: Chat) -> None:
    shown = preview(chat)
    assert chat.presses("li", shown, "cancel") == RecordCancelled("滨江一期", "主体验收")
    used = chat.refused("li", lambda: chat.presses("li", shown, "confirm"))
    assert used == Refusal(ErrorCode.TICKET_USED, {"used_at": "2026-11-22T02:00:00+00:00"})
    assert accepted_on(chat, "P001/主体验收") is None


def test_cancelling_what_has_been_confirmed_is_refused(chat: Chat) -> None:
    shown = preview(chat)
    chat.presses("li", shown, "confirm")
    refused = chat.refused("li", lambda: chat.presses("li", shown, "cancel"))
    assert refused.code == ErrorCode.TICKET_USED


RECORDED = Refusal(
    ErrorCode.MILESTONE_RECORDED,
    {"project": "滨江一期", "milestone": "主体验收", "accepted_on": "2026-11-21"},
)


def test_a_milestone_is_recorded_once(chat: Chat) -> None:
    chat.presses("li", preview(chat), "confirm")
    again = chat.refused("li", lambda: chat.says("li", "滨江一期 主体今天验收通过"))
    assert again == RECORDED


def test_of_two_previews_the_first_confirmed_counts(chat: Chat) -> None:
    one, other = preview(chat), preview(chat, "滨江一期 主体今天验收通过", who="qian")
    chat.presses("li", one, "confirm")
    assert chat.refused("qian", lambda: chat.presses("qian", other, "confirm")) == RECORDED


@pytest.mark.parametrize(
    ("text", "code", "details"),
    [
        (
            "滨江一期 主体11月30日验收通过",
            ErrorCode.FUTURE_DATE,
            {"asked": "11月30日", "today": "2026-11-22"},
        ),
        ("滨江一期 主体2月30日验收通过", ErrorCode.IMPOSSIBLE_DATE, {"asked": "2月30日"}),
        ("滨江一期 主体2099年1月1日验收通过", ErrorCode.IMPOSSIBLE_DATE, {"asked": "2099年1月1日"}),
        (
            "滨江一期 主体昨天验收没通过",
            ErrorCode.NOT_PASSED,
            {"project": "滨江一期", "milestone": "主体验收"},
        ),
        (
            "记录 滨江一期 昨天通过",
            ErrorCode.UNKNOWN_MILESTONE,
            {"project": "滨江一期", "milestones": ["主体验收", "竣工验收"]},
        ),
        (
            "记录 滨江一期 主体 昨天",
            ErrorCode.USAGE,
            {"command": "记录", "problem": "outcome_missing"},
        ),
        (
            "记录 滨江一期 主体 昨天 今天 验收通过",
            ErrorCode.USAGE,
            {"command": "记录", "problem": "date_ambiguous"},
        ),
        (
            "记录 滨江一期 主体 昨天 验收通过了吗",
            ErrorCode.USAGE,
            {"command": "记录", "problem": "outcome_ambiguous"},
        ),
        ("记录", ErrorCode.UNKNOWN_PROJECT, {"asked": "", "guesses": []}),
        (
            "记录 望江中心 昨天验收通过",
            ErrorCode.UNKNOWN_PROJECT,
            {"asked": "望江中心 昨天验收通过", "guesses": []},
        ),
        (
            "记录 滨江 主体 2月30日 验收通过",
            ErrorCode.AMBIGUOUS,
            {"what": "project", "candidates": ["滨江一期", "滨江二期"]},
        ),
    ],
)
def test_what_cannot_be_recorded_is_refused_with_what_is_wrong(
    chat: Chat, text: str, code: ErrorCode, details: dict[str, object]
) -> None:
    refused = chat.refused("li", lambda: chat.says("li", text))
    assert (refused.code, refused.details) == (code, details)


def test_a_project_of_another_manager_is_as_unknown_as_one_that_does_not_exist(chat: Chat) -> None:
    foreign = chat.refused("li", lambda: chat.says("li", "记录 城南广场 主体昨天验收通过"))
    assert foreign.code == ErrorCode.UNKNOWN_PROJECT
    assert foreign.details["guesses"] == []
    assert isinstance(chat.says("ma", "记录 城南广场 主体昨天验收通过"), RecordPreview)
    assert isinstance(chat.says("qian", "记录 城南广场 主体昨天验收通过"), RecordPreview)


def test_several_milestones_are_a_choice(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        for name in ("基础一段", "基础二段"):
            work.projects.add_milestone(a_milestone("P001", name, date(2026, 11, 20)))
        work.commit()
    card = chat.says("li", "滨江一期 基础昨天验收通过")
    assert isinstance(card, ChooseCard)
    assert (card.what, [c.label for c in card.choices]) == ("milestone", ["基础一段", "基础二段"])
    ticket, _, choice = card.choices[0].action.partition(":")
    chosen: View = chat.presses("li", ticket, choice)
    assert isinstance(chosen, RecordPreview)
    assert chosen.milestone == "基础一段"


def test_at_most_five_choices_are_offered(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        for number in "一二三四五六七":
            work.projects.add_milestone(a_milestone("P001", f"基础{number}段", date(2026, 11, 20)))
        work.commit()
    card = chat.says("li", "滨江一期 基础昨天验收通过")
    assert isinstance(card, ChooseCard)
    assert len(card.choices) == 5


def test_a_record_without_a_rule_in_force_moves_nothing_and_still_accepts(chat: Chat) -> None:
    # Before the first rule.
    done = chat.presses("li", preview(chat, "滨江一期 主体2000年1月1日验收通过"), "confirm")
    assert isinstance(done, RecordDone)
    assert (done.points, done.available_after, done.debt_after) == (0, 0, 0)
    assert accepted_on(chat, "P001/主体验收") == date(2000, 1, 1)
    assert chat.store.committed(MAIN).booked == {}


def test_a_day_that_has_not_begun_here_is_refused_whatever_the_platforms_clock_says(
    chat: Chat,
) -> None:
    ahead = Said("滨江一期 主体今天验收通过")
    sent_at = chat.clock.now() + timedelta(days=1)
    refused = chat.refused("li", lambda: chat.gives("li", ahead, sent_at=sent_at))
    expected = {"asked": "2026-11-23", "today": "2026-11-22"}
    assert (refused.code, refused.details) == (ErrorCode.FUTURE_DATE, expected)

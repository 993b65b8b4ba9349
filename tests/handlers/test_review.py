"""评价: stars and words for one of one's own projects; a bad one reaches the supervisors."""

import pytest

from domain.alerts import AlertState, Severity
from domain.errors import ErrorCode
from domain.facts import AlertChanged, ReviewGiven
from domain.reviews import REVIEW_TEXT_MAX
from handlers.views import AlertCard, ChooseCard, Refusal, ReviewReceived
from tests.support.chat import Chat
from tests.support.stores import MAIN

BAD = "评价 滨江一期 1 渗水三次没人管"


def test_a_good_review_is_kept_and_warns_nobody(chat: Chat) -> None:
    assert chat.says("wang", "评价 滨江一期 5 很满意") == ReviewReceived("滨江一期", 5, False)
    [review] = chat.store.committed(MAIN).reviews.values()
    assert (review.project, review.contact, review.stars, review.text) == (
        "P001",
        "wang",
        5,
        "很满意",
    )
    assert [type(fact) for fact in chat.facts] == [ReviewGiven]
    assert chat.phone("zhang@app") == chat.phone("zhao") == []
    assert chat.actions() == ["review_given"]


@pytest.mark.parametrize(("stars", "bad"), [(1, True), (2, True), (3, False)])
def test_up_to_two_stars_are_followed_up(chat: Chat, stars: int, *, bad: bool) -> None:
    view = chat.says("wang", f"评价 滨江一期 {stars} 还行")
    assert view == ReviewReceived("滨江一期", stars, bad)
    assert len(chat.phone("zhao")) == int(bad)


def test_a_bad_review_reaches_every_supervisor_with_evidence(chat: Chat) -> None:
    chat.says("wang", BAD)
    card = chat.last("zhang@app")
    assert card == AlertCard(
        ticket=card.ticket,
        number=1,
        state="new",
        severity="red",
        customer="滨江置业",
        contact="wang",
        phone="13800138000",
        project="滨江一期",
        manager="li",
        stars=1,
        stars_limit=2,
        text="渗水三次没人管",
        opened_at="2026-11-22T02:00:00+00:00",
        occurrences=1,
        reopened=0,
        taken_by="",
        taken_at="",
        is_mine=False,
        resolved_at="",
        confirmed_at="",
        cause="",
        measure="",
        note="",
    )
    assert chat.last("zhao").text == card.text
    assert chat.last("zhao").ticket not in ("", card.ticket)


def test_alerts_go_to_the_account_they_are_wanted_on_and_only_there(chat: Chat) -> None:
    chat.says("wang", BAD)
    assert len(chat.phone("zhang@app")) == 1
    assert chat.phone("zhang") == []


def test_two_stars_are_amber(chat: Chat) -> None:
    chat.says("wang", "评价 滨江一期 2 一般")
    assert chat.last("zhao").severity == Severity.AMBER


def test_another_bad_review_counts_on_the_open_alert_of_the_project(chat: Chat) -> None:
    chat.says("wang", "评价 滨江一期 2 一般")
    first = chat.last("zhao")
    chat.says("wang", "评价 滨江一期 2 还是一般")
    [alert] = chat.store.committed(MAIN).alerts.values()
    assert (alert.occurrences, alert.severity, alert.state) == (2, Severity.AMBER, AlertState.NEW)
    # The card on the phone has changed; no second one came.
    [card] = chat.phone("zhao")
    assert (card.occurrences, card.text) == (2, "还是一般")  # type: ignore[attr-defined]
    assert card != first
    [fact] = [fact for fact in chat.facts if isinstance(fact, AlertChanged)]
    assert fact.before is not None


def test_a_worse_review_is_news(chat: Chat) -> None:
    chat.says("wang", "评价 滨江一期 2 一般")
    chat.says("wang", BAD)
    assert [(c.severity, c.occurrences) for c in chat.phone("zhao")] == [  # type: ignore[attr-defined]
        ("red", 2),
        ("red", 2),
    ]


def test_projects_have_alerts_of_their_own(chat: Chat) -> None:
    chat.says("wang", BAD)
    chat.says("wang", "评价 滨江二期 1 噪音")
    alerts = chat.store.committed(MAIN).alerts.values()
    assert [(alert.number, alert.project) for alert in alerts] == [(1, "P001"), (2, "P002")]


def test_a_very_long_text_is_cut(chat: Chat) -> None:
    chat.says("wang", "评价 滨江一期 5 " + "好" * 1500)
    [review] = chat.store.committed(MAIN).reviews.values()
    assert review.text == "好" * REVIEW_TEXT_MAX


@pytest.mark.parametrize(
    ("text", "code", "details"),
    [
        ("评价", ErrorCode.UNKNOWN_PROJECT, {"asked": "", "guesses": []}),
        ("评价 滨江一期", ErrorCode.USAGE, {"command": "评价", "problem": "stars_missing"}),
        ("评价 滨江一期 6 好", ErrorCode.INVALID_STARS, {"asked": "6"}),
        ("评价 滨江一期 0 差", ErrorCode.INVALID_STARS, {"asked": "0"}),
        ("评价 滨江一期 -1 差", ErrorCode.INVALID_STARS, {"asked": "-1"}),
        ("评价 滨江一期 4.5星 好", ErrorCode.INVALID_STARS, {"asked": "4.5星"}),
    ],
)
def test_what_is_no_review_is_refused(
    chat: Chat, text: str, code: ErrorCode, details: dict[str, object]
) -> None:
    refused = chat.refused("wang", lambda: chat.says("wang", text))
    assert refused == Refusal(code, details)  # type: ignore[arg-type]


def test_a_project_of_another_customer_is_as_unknown_as_none(chat: Chat) -> None:
    foreign = chat.refused("chen", lambda: chat.says("chen", "评价 滨江一期 5 好"))
    unknown = chat.refused("chen", lambda: chat.says("chen", "评价 望江中心 5 好"))
    assert foreign.code == unknown.code == ErrorCode.UNKNOWN_PROJECT
    assert foreign.details["guesses"] == unknown.details["guesses"] == []


def test_several_projects_are_a_choice_that_goes_on_as_a_review(chat: Chat) -> None:
    card = chat.says("wang", "评价 滨江 2星 一般")
    assert isinstance(card, ChooseCard)
    assert chat.store.committed(MAIN).reviews == {}
    ticket, _, choice = card.choices[1].action.partition(":")
    assert chat.presses("wang", ticket, choice) == ReviewReceived("滨江二期", 2, True)

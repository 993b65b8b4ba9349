"""What happens around an alert in several tests: a complaint, a card, closing by words."""

from typing import Any

from handlers.views import AlertCard, ReviewReceived
from tests.support.chat import Chat
from tests.support.stores import MAIN

NOON = "2026-11-22T02:00:00+00:00"
"""When the tests begin, as views show it."""


def complain(chat: Chat, text: str = "评价 滨江一期 1 渗水三次没人管") -> None:
    """Let wang give a bad review."""
    assert isinstance(chat.says("wang", text), ReviewReceived)


def card_of(chat: Chat, who: str) -> AlertCard:
    """Give the alert card on somebody's phone."""
    card = chat.last(who)
    assert isinstance(card, AlertCard), card
    return card


def resolve(chat: Chat, words: str = "解决 1 施工质量 返工 防水已重做") -> AlertCard:
    """Let zhang take the first alert and close it."""
    chat.says("zhang", "接手 1")
    view = chat.says("zhang", words)
    assert isinstance(view, AlertCard), view
    return view


def the_alert(chat: Chat, number: int = 1) -> dict[str, Any]:
    """Give what changes about a stored alert."""
    [alert] = [a for a in chat.store.committed(MAIN).alerts.values() if a.number == number]
    return {"state": alert.state, "taken_by": alert.taken_by, "occurrences": alert.occurrences}

"""What happens around an approval in several tests: asking, looking, what is stored."""

from dataclasses import replace
from typing import Any

from domain.approvals import Approval
from domain.events import EventType
from domain.ids import EventId, MemberId
from handlers.contract import Context, MemberActor
from handlers.usecases.decisions import expire_overdue
from handlers.usecases.points import book
from handlers.views import ApprovalCard
from tests.support.chat import Chat
from tests.support.make import an_event
from tests.support.stores import MAIN

NOON = "2026-11-22T02:00:00+00:00"
"""When the tests begin, as views show it."""
ENDS = "2026-11-29T02:00:00+00:00"
ASKED = "调整 滨江置业 +200 渗水补偿"


def ask(chat: Chat, words: str = ASKED, who: str = "zhou") -> ApprovalCard:
    """Let finance ask for points; give the card they see."""
    card = chat.says(who, words)
    assert isinstance(card, ApprovalCard), card
    return card


def card_of(chat: Chat, who: str) -> ApprovalCard:
    """Give the approval card on somebody's phone."""
    [card] = [view for view in chat.phone(who) if isinstance(view, ApprovalCard)]
    return card


def expire_old(ctx: Context) -> None:
    """End all that nobody has decided in time."""
    for lapsed in ctx.work.approvals.lapsed(ctx.now):
        expire_overdue(ctx, lapsed.id)


def earn(chat: Chat, points: int) -> None:
    """Let C001 earn points by a contract; 10 points per 10,000 yuan."""
    number = len(chat.store.committed(MAIN).events) + 1
    event = an_event(
        id=EventId(f"event-{number}"),
        source_id=f"HT-{number}",
        type=EventType.CONTRACT_SIGNED,
        data={"amount": points * 100_000},
    )
    chat.acts(lambda ctx: book(ctx, event))


def stored(chat: Chat, number: int = 1) -> Approval:
    """Give a stored approval."""
    [found] = [a for a in chat.store.committed(MAIN).approvals.values() if a.number == number]
    return found


def wallet(chat: Chat) -> tuple[int, int]:
    """Give what C001 can spend and owes."""
    found: Any = chat.store.committed(MAIN).wallets.get("C001")
    return (found.available, found.debt) if found else (0, 0)


def acting_as(ctx: Context, who: str) -> Context:
    """Let a member act another way than by chat."""
    return replace(ctx, actor=MemberActor(ctx.work.members.get(MemberId(who))))

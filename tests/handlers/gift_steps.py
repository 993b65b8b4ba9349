"""What happens around a gift in several tests: looking, confirming, what is stored."""

from domain.events import EventType
from domain.ids import CustomerId, EventId
from domain.ledger import Account, Reason
from handlers.usecases.points import book
from handlers.views import (
    GiftDone,
    GiftNotice,
    GiftPreview,
    Refusal,
)
from tests.handlers.expiring import entries
from tests.support.chat import Chat
from tests.support.make import an_event
from tests.support.stores import MAIN


def preview(chat: Chat, words: str = "赠送 城南建设 80", who: str = "wang") -> GiftPreview:
    view = chat.says(who, words)
    assert isinstance(view, GiftPreview), view
    return view


def gives(chat: Chat, words: str = "赠送 城南建设 80") -> GiftDone:
    done = chat.presses("wang", preview(chat, words), "confirm")
    assert isinstance(done, GiftDone), done
    return done


def notices(chat: Chat, who: str) -> list[GiftNotice]:
    return [view for view in chat.phone(who) if isinstance(view, GiftNotice)]


def refused(chat: Chat, words: str, who: str = "wang") -> Refusal:
    """Let somebody be refused; nothing may have changed."""
    before = chat.state()
    view = chat.says(who, words)
    assert isinstance(view, Refusal), view
    assert chat.state() == before
    return view


def moved(chat: Chat, customer: str) -> list[tuple[Account, Account, int, Reason]]:
    return [(e.debit, e.credit, e.points, e.reason) for e in entries(chat, customer)]


def ends(chat: Chat, customer: str) -> dict[str, int]:
    """Add up what is left of a customer's points, by their end."""
    state = chat.store.committed(MAIN)
    left: dict[str, int] = {}
    for lot in state.lots.values():
        if lot.remaining and state.lot_owners[lot.id] == customer:
            end = lot.expires_at.isoformat()
            left[end] = left.get(end, 0) + lot.remaining
    return left


def is_empty(chat: Chat) -> bool:
    """Tell whether the firm's account for gifts is empty."""
    found = [b.entry for b in chat.store.committed(MAIN).booked.values()]
    into = sum(e.points for e in found if e.credit is Account.GIFTS)
    return into == sum(e.points for e in found if e.debit is Account.GIFTS)


def owe(chat: Chat, customer: str) -> None:
    """Let a customer owe 50 points by a complaint."""
    complaint = an_event(
        id=EventId(f"complaint-{customer}"),
        source_id=f"T-{customer}",
        type=EventType.COMPLAINT_CLOSED,
        customer=CustomerId(customer),
        project=None,
        data={"satisfied": False},
    )
    chat.acts(lambda ctx: book(ctx, complaint))

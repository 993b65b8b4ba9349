"""Points that end, in several tests: earning them, moving the clock, acting as somebody."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any, TypeVar

from domain.calendar import BUSINESS_ZONE
from domain.events import EventType
from domain.ids import CustomerId, EventId
from domain.ledger import Entry, Wallet
from domain.ports import Work
from handlers.contract import Context
from handlers.usecases.points import book
from tests.support.chat import Chat
from tests.support.make import an_event
from tests.support.stores import MAIN

T = TypeVar("T")


def at(day: str, clock: str = "10:00") -> datetime:
    """Give an instant by the firm's day and clock."""
    local = datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), BUSINESS_ZONE)
    return local.astimezone(UTC)


def sign(chat: Chat, points: int, on: str | None = None, customer: str = "C001") -> EventId:
    """Let a customer earn points by a contract, at the clock's time or on a day."""
    number = len(chat.store.committed(MAIN).events) + 1
    occurred_at = chat.clock.now() if on is None else at(on)
    event = an_event(
        id=EventId(f"event-{number}"),
        source_id=f"HT-{number}",
        type=EventType.CONTRACT_SIGNED,
        customer=CustomerId(customer),
        project=None,
        occurred_at=occurred_at,
        recorded_at=chat.clock.now(),
        data={"amount": points * 100_000},
    )
    chat.acts(lambda ctx: book(ctx, event))
    return event.id


def entries(chat: Chat, customer: str = "C001") -> list[Entry]:
    """Give a customer's entries in order."""
    booked = chat.store.committed(MAIN).booked.values()
    found = [one.entry for one in booked if one.entry.customer == customer]
    return sorted(found, key=lambda entry: entry.seq)


def purse(chat: Chat, customer: str = "C001") -> Wallet:
    """Give a customer's wallet as it is booked."""
    return chat.store.committed(MAIN).wallets.get(customer, Wallet(CustomerId(customer)))


def sees(chat: Chat, look: Callable[[Work], T]) -> T:
    """Read something."""
    with chat.store.reading(MAIN) as work:
        return look(work)


def does(chat: Chat, act: Callable[[Context], Any]) -> Any:
    """Let the machine act; give what it gives."""
    return chat.acts(act)

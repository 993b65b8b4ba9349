"""Writing into the ledger of a store as the use cases do: through an open book, sealed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from domain.chaining import seal
from domain.events import BusinessEvent, Counted, content_hash
from domain.ids import CustomerId, EventId
from domain.ledger import Account, Cause, Entry, Reason, Written
from domain.ports import UnitOfWork
from domain.posting import Book, month_text
from domain.undoing import Reversible, reverse
from tests.contracts.rows import ACME, LI, an_event
from tests.support.fakes import START

END = START + timedelta(days=700)


def counted(event: BusinessEvent | int = 1, *, facts: str = "{}", outcomes: str = "[]") -> Counted:
    """Make an event (or the one of a number) as it is kept."""
    one = an_event(event) if isinstance(event, int) else event
    return Counted(one, content_hash(one), facts, outcomes)


def tell(work: UnitOfWork, *events: BusinessEvent | int) -> None:
    """Store events that no rule made anything of."""
    made = [counted(event) for event in events]
    assert work.events.add(made) == {one.event.id for one in made}


def cause(key: str, event: int | None = None, **changes: Any) -> Cause:
    """Make a cause; with an event, the one of that number."""
    at: datetime = changes.get("recorded_at", START + timedelta(microseconds=1))
    fields: dict[str, Any] = {
        "event": None if event is None else an_event(event).id,
        "rule": "milestone-on-time",
        "rule_version": 1,
        "actor": f"member:{LI.id}",
        "effective_at": START,
        "recorded_at": at,
        "key": key,
        "period": month_text(at),
    }
    return Cause(**(fields | changes))


def named(prefix: str) -> Callable[[], str]:
    """Give ids that tell where they were made: "0001-1"."""
    numbers = count(1)
    return lambda: f"{prefix}-{next(numbers)}"


def opened(work: UnitOfWork, customer: CustomerId = ACME.id) -> Book:
    """Open a locked wallet."""
    wallet = work.wallets.lock(customer)
    who = "" if customer == ACME.id else f"{customer}:"
    name = f"{who}{wallet.seq + 1:04d}"
    return Book(wallet, work.wallets.open_lots(customer), named(name))


def store(work: UnitOfWork, *books: Book) -> list[Written]:
    """Seal what has been written and append it."""
    seals: dict[EventId, str] = {
        move.cause.event: work.events.get(move.cause.event).seal
        for book in books
        for move in book.moves
        if move.cause.event is not None
    }
    postings = [seal(book, seals) for book in books]
    work.wallets.append(postings)
    return [one for _, written in postings for one in written]


def entries(written: list[Written]) -> list[Entry]:
    """Give the entries alone."""
    return [one.entry for one in written]


def award(
    work: UnitOfWork,
    points: int,
    key: str,
    event: int | None = None,
    customer: CustomerId = ACME.id,
    **terms: Any,
) -> list[Entry]:
    """Award points; `terms` are those of the award or of its cause."""
    of_award = {"expires_at", "matures_at", "qualifies", "reason"}
    given = {name: terms.pop(name) for name in of_award & set(terms)}
    book = opened(work, customer)
    book.award(points, cause(key, event, **terms), **({"expires_at": END} | given))
    return entries(store(work, book))


def penalise(work: UnitOfWork, points: int, key: str, event: int | None = None) -> list[Entry]:
    """Take points from the customer."""
    book = opened(work)
    book.deduct(points, cause(key, event))
    return entries(store(work, book))


def lapse(work: UnitOfWork, at: datetime) -> list[Entry]:
    """Book what has expired by then."""
    book = opened(work)
    book.lapse(cause("expiry", recorded_at=at))
    return entries(store(work, book))


def undo(work: UnitOfWork, entry: Entry, key: str, at: datetime = START) -> list[Entry]:
    """Take an entry back."""
    book, wallets = opened(work), work.wallets
    lot, taken = wallets.opened_by(entry.id), tuple(wallets.uses(entry.id))
    for known in [use.lot for use in taken] + ([lot] if lot else []):
        book.shelf.learn(wallets.lot(known))
    original = Reversible(entry, lot, taken, wallets.lapsed(lot) if lot else 0)
    undone = cause(key, recorded_at=at, event=None)
    reverse(book, original, undone, expires_at=END)
    return entries(store(work, book))


def reinstate(work: UnitOfWork, expiry: Entry, key: str) -> list[Entry]:
    """Give back what an expiry took."""
    book, again = opened(work), cause(key)
    lot = book.open_lot(expiry.points, START, END, None)
    legs = (Account.EXPIRED, Account.AVAILABLE)
    reason = Reason.REINSTATEMENT
    book.write(legs, expiry.points, reason, again, opens=lot, reverses=expiry.id)
    return entries(store(work, book))

"""Taking back: what an undo does to accounts and lots, entry by entry."""

from dataclasses import dataclass
from datetime import datetime

from domain.ids import LotId
from domain.ledger import Account, Cause, Entry, Reason
from domain.lots import Lot, LotUse
from domain.posting import Book, Move

UNDOABLE = frozenset(
    {Reason.AWARD, Reason.DEBT_PAID, Reason.PENALTY, Reason.ADJUSTMENT, Reason.REINSTATEMENT}
)
"""What an undo can reverse: what gave points and what took them as a penalty."""


@dataclass(frozen=True, slots=True)
class Reversible:
    """An entry as an undo needs it: a stored one, or one that a replay has written."""

    entry: Entry | Move
    opened: LotId | None
    """The lot it opened."""
    taken: tuple[LotUse, ...]
    lapsed: int
    """Points of the lot it opened whose expiry has been booked."""


def reverse(book: Book, original: Reversible, cause: Cause, *, expires_at: datetime) -> None:
    """Undo one entry that gave or took points.

    What it took goes back to the same lots; what it gave is taken back, from its own lot first.
    What has lapsed of that lot is no longer the customer's, so it goes from the firm's expired
    points; what has been spent becomes debt. Points given back while a debt stands pay the
    debt, so that a wallet never has both. A debt that later earnings have paid comes back as a
    new lot that ends at `expires_at`. The lots must have been learned.

    Raises:
        ValueError: it is nothing that can be undone; that is a bug, not a refusal.
    """
    entry = original.entry
    if entry.reason not in UNDOABLE:
        raise ValueError(entry.reason)
    if entry.credit.startswith("firm."):
        _give_back_taken(book, original, cause, expires_at)
    else:
        _take_back_given(book, original, cause)
    book.lapse(cause)


def _give_back_taken(book: Book, original: Reversible, cause: Cause, expires_at: datetime) -> None:
    entry = original.entry
    if original.taken:
        book.give_back(entry.credit, original.taken, Reason.REVERSAL, cause, entry.id)
        return
    paid = min(book.debt, entry.points)
    if paid:
        _reversal(book, entry, (entry.credit, Account.DEBT), paid, cause)
    if entry.points > paid:
        lot = book.open_lot(entry.points - paid, cause.effective_at, expires_at, None)
        legs = (entry.credit, Account.AVAILABLE)
        _reversal(book, entry, legs, entry.points - paid, cause, opens=lot)


def _take_back_given(book: Book, original: Reversible, cause: Cause) -> None:
    entry, missing = original.entry, original.entry.points - original.lapsed
    own = _take_own(book, original.opened, missing)
    own_points = sum(use.points for use in own)
    if own and book.shelf[own[0].lot].is_pending:
        _reversal(book, entry, (Account.PENDING, entry.debit), own_points, cause, takes=own)
        missing, own, own_points = missing - own_points, (), 0
    takes = own + book.take(missing - own_points)
    taken = sum(use.points for use in takes)
    if taken:
        _reversal(book, entry, (Account.AVAILABLE, entry.debit), taken, cause, takes=takes)
    if original.lapsed:
        _reversal(book, entry, (Account.EXPIRED, entry.debit), original.lapsed, cause)
    if missing > taken:
        _reversal(book, entry, (Account.DEBT, entry.debit), missing - taken, cause)


def _reversal(
    book: Book,
    entry: Entry | Move,
    legs: tuple[Account, Account],
    points: int,
    cause: Cause,
    *,
    opens: Lot | None = None,
    takes: tuple[LotUse, ...] = (),
) -> None:
    book.write(
        legs,
        points,
        Reason.REVERSAL,
        cause,
        opens=opens,
        takes=takes,
        reverses=entry.id,
        qualifying=points if entry.qualifying else 0,
    )


def _take_own(book: Book, lot: LotId | None, points: int) -> tuple[LotUse, ...]:
    part = 0 if lot is None else min(book.shelf.left[lot], points)
    if lot is None or not part:
        return ()
    book.shelf.move(lot, -part)
    return (LotUse(lot, part),)

"""What a gift does to the two wallets: out of the giver's, through the firm, into the receiver's.

Each wallet has an entry of its own against the firm's account for gifts, so that both chains stay
their own; what went in there has come out of it, and it is empty again. Points keep their end: they
neither live longer with the receiver nor count for a tier.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from domain.errors import ShortOfPoints
from domain.ledger import Account, Cause, Reason
from domain.lots import LotUse
from domain.posting import Book
from domain.values import value_type


@value_type
class Part:
    """Points of a gift that end at the same time."""

    expires_at: datetime
    points: int


def give(book: Book, points: int, cause: Cause) -> tuple[Part, ...]:
    """Take a gift out of the giver's wallet, soonest end first; give what the receiver gets.

    Raises:
        ShortOfPoints: there are not as many; a gift never makes a debt.
    """
    if points > book.available:
        raise ShortOfPoints(book.available, points)
    takes = book.take(points)
    book.write((Account.AVAILABLE, Account.GIFTS), points, Reason.GIVEN, cause, takes=takes)
    return parts_of(book, takes)


def give_held(book: Book, points: int, cause: Cause) -> None:
    """Take a gift out of what was held for it; its lots were taken when it was."""
    book.write((Account.HELD, Account.GIFTS), points, Reason.GIVEN, cause)


def receive(book: Book, parts: Iterable[Part], cause: Cause) -> None:
    """Put a gift into the receiver's wallet: its soonest-ending points pay a debt, the rest stay.

    Each end makes a lot of its own. What has ended by now expires at once.
    """
    for part in parts:
        paid = min(book.debt, part.points)
        if paid:
            book.write((Account.GIFTS, Account.DEBT), paid, Reason.RECEIVED, cause)
        if part.points > paid:
            lot = book.open_lot(part.points - paid, cause.effective_at, part.expires_at, None)
            legs = (Account.GIFTS, Account.AVAILABLE)
            book.write(legs, part.points - paid, Reason.RECEIVED, cause, opens=lot)
    book.lapse(cause)


def parts_of(book: Book, uses: Sequence[LotUse]) -> tuple[Part, ...]:
    """Add up what was taken from lots by their ends, soonest first; the lots must be known."""
    by_end: dict[datetime, int] = {}
    for use in uses:
        end = book.shelf[use.lot].expires_at
        by_end[end] = by_end.get(end, 0) + use.points
    return tuple(Part(end, points) for end, points in sorted(by_end.items()))

"""Moving points by hand: what an adjustment does to a wallet and its lots."""

from datetime import datetime

from domain.errors import ShortOfPoints
from domain.ledger import Account, Cause, Reason
from domain.posting import Book


def move_by_hand(book: Book, points: int, cause: Cause, *, expires_at: datetime) -> None:
    """Give points (a debt is paid first, the rest opens a lot) or take them, soonest expiry first.

    `points` are signed. Taking never makes a debt: by hand nobody owes.

    Raises:
        ShortOfPoints: fewer can be spent than are to be taken.
    """
    if points > 0:
        book.award(points, cause, expires_at=expires_at, reason=Reason.ADJUSTMENT)
        return
    if book.available < -points:
        raise ShortOfPoints(book.available, -points)
    book.deduct(-points, cause, reason=Reason.ADJUSTMENT, to=Account.ISSUED)

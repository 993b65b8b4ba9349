"""Giving back points that have expired: what it does to a wallet and its lots."""

from datetime import datetime

from domain.ledger import Account, Cause, Entry, Reason
from domain.posting import Book


def reinstate(
    book: Book, expiry: Entry, points: int, cause: Cause, *, expires_at: datetime
) -> None:
    """Give back points of an expiry entry: a debt is paid first, the rest opens a new lot.

    The entries name the expiry as what they take back; the database lets that be done once.
    """
    paid = min(book.debt, points)
    if paid:
        legs = (Account.EXPIRED, Account.DEBT)
        book.write(legs, paid, Reason.REINSTATEMENT, cause, reverses=expiry.id)
    if points > paid:
        lot = book.open_lot(points - paid, cause.effective_at, expires_at, None)
        book.write(
            (Account.EXPIRED, Account.AVAILABLE),
            points - paid,
            Reason.REINSTATEMENT,
            cause,
            opens=lot,
            reverses=expiry.id,
        )

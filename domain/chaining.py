"""From movements to entries: numbered, and chained by hashes to all that came before."""

from collections.abc import Mapping

from domain.ids import EventId
from domain.ledger import Entry, Wallet, Written, entry_hash
from domain.posting import Book, Move


def seal(book: Book, seals: Mapping[EventId, str]) -> tuple[Wallet, list[Written]]:
    """Give the wallet after what has been written, and the entries in order.

    `seals` are those of the events that were booked or undone.
    """
    head, seq = book.opened.head, book.opened.seq
    written = []
    for move in book.moves:
        seq += 1
        event = move.cause.event
        event_seal = None if event is None else seals[event]
        previous, head = head, entry_hash(_written(book, move, seq, event_seal, previous=head))
        written.append(_written(book, move, seq, event_seal, previous=previous, own=head))
    wallet = Wallet(book.customer, book.available, book.held, book.pending, book.debt, seq, head)
    return wallet, written


def _written(
    book: Book, move: Move, seq: int, event_seal: str | None, *, previous: str, own: str = ""
) -> Written:
    # Made anew with its hash: twice as fast as changing a copy, and every posting comes by here.
    entry = Entry(
        id=move.id,
        customer=book.customer,
        seq=seq,
        debit=move.debit,
        credit=move.credit,
        points=move.points,
        reason=move.reason,
        cause=move.cause,
        key=f"{move.cause.key}#{move.place}",
        event_seal=event_seal,
        reverses=move.reverses,
        reversal_part=move.reversal_part,
        qualifying=move.qualifying,
        available_after=move.available,
        held_after=move.held,
        pending_after=move.pending,
        debt_after=move.debt,
        previous=previous,
        hash=own,
    )
    return Written(entry, move.opens, move.takes, move.gives_back, move.matures)

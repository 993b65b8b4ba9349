"""A wallet written by lines such as "issued -> C001 50", for ledger tests.

    issued -> C001 50 until 2026-12-31     an award (24 months' life unless said otherwise)
    C001 -> penalties 70                   a penalty
    undo 2                                 undoes what the second award or penalty wrote
    now 2027-01-01                         moves the clock to the begin of a business day

`post` writes several into one posting. As in the use case a posting opens the book with the lots
that have something left, books what has lapsed, and learns emptied lots before an undo.
"""

from datetime import UTC, date, datetime, time, timedelta

from domain.calendar import BUSINESS_ZONE, business_date, end_of_business_day
from domain.ids import CustomerId, LotId
from domain.ledger import (
    Account,
    Cause,
    Entry,
    Reason,
    Wallet,
    plan_award,
    plan_penalty,
    plan_reversal,
)
from domain.lots import Lot
from domain.posting import Book, Written, lot_end
from tests.support.fakes import START, SequenceIds

LIFE_MONTHS = 24


class Ledger:
    """One customer's wallet as storage would keep it: lots by id, entries in order."""

    def __init__(self, *lines: str) -> None:
        self.now = START
        self.wallet = Wallet(CustomerId("C001"))
        self.lots: dict[LotId, Lot] = {}
        self.written: list[Written] = []
        self.postings: list[list[Written]] = []
        self._ids = SequenceIds()
        self.write(*lines)

    def write(self, *lines: str) -> None:
        """Write lines in order."""
        for line in lines:
            match line.split():
                case ["issued", "->", _, points]:
                    self.post(int(points))
                case ["issued", "->", _, points, "until", day]:
                    self.post(int(points), ends_at=end_of_business_day(date.fromisoformat(day)))
                case [_, "->", "penalties", points]:
                    self.post(-int(points))
                case ["undo", number]:
                    self.undo(int(number))
                case ["now", day]:
                    begin = datetime.combine(date.fromisoformat(day), time.min, BUSINESS_ZONE)
                    self.now = begin.astimezone(UTC)
                case _:
                    raise ValueError(line)

    def post(self, *moves: int, ends_at: datetime | None = None) -> None:
        """Post one event: awards as positive numbers, penalties as negative ones, in order."""
        book = self._open()
        for points in moves:
            if points > 0:
                end = ends_at or lot_end(self.now, LIFE_MONTHS)
                book.write(plan_award(book.wallet, points, end), self._cause())
            else:
                book.write(plan_penalty(book.open_lots(), -points, self.now), self._cause())
        self.postings.append([w for w in book.written if w.entry.reason is not Reason.EXPIRY])
        self._store(book)

    def undo(self, number: int) -> None:
        """Post the undo of the award or penalty that was posted as this number, from 1."""
        book = self._open()
        for written in reversed(self.postings[number - 1]):
            self.reverse(book, written)
        self._store(book)

    def reverse(self, book: Book, written: Written) -> None:
        """Write the undo of one entry into an open book."""
        book.learn(self.lots[use.lot] for use in written.takes)
        drafts = plan_reversal(
            written.entry,
            opened=written.opens.id if written.opens else None,
            taken=written.takes,
            lots=book.open_lots(),
            wallet=book.wallet,
            now=self.now,
            lot_expires_at=lot_end(self.now, LIFE_MONTHS),
            lapsed=self.lapsed(written.opens.id, book) if written.opens else 0,
        )
        book.write(drafts, self._cause())

    def lapsed(self, lot: LotId, book: Book) -> int:
        """Count what has lapsed of a lot, in store and in an open book."""
        stored = Book(self.wallet, {}, self._ids.new, self.written)
        return stored.lapsed(lot) + book.lapsed(lot)

    def sweep(self) -> None:
        """Post what has lapsed and nothing else."""
        self._store(self._open())

    @property
    def entries(self) -> list[Entry]:
        """All entries in order."""
        return [written.entry for written in self.written]

    def lines(self) -> list[str]:
        """Show all entries: "issued -> available 50 award"."""
        return [
            f"{_short(e.debit)} -> {_short(e.credit)} {e.points} {e.reason}" for e in self.entries
        ]

    def left(self) -> dict[str, int]:
        """Show what is left in lots, by the last day they can be spent."""
        left: dict[str, int] = {}
        for lot in sorted(self.lots.values(), key=lambda lot: (lot.expires_at, lot.id)):
            if lot.remaining:
                last = business_date(lot.expires_at - timedelta(microseconds=1)).isoformat()
                left[last] = left.get(last, 0) + lot.remaining
        return left

    def points(self) -> tuple[int, int]:
        """Show available points and debt."""
        return self.wallet.available, self.wallet.debt

    def _open(self) -> Book:
        lots = {lot.id: lot for lot in self.lots.values() if lot.remaining}
        book = Book(self.wallet, lots, self._ids.new)
        book.book_expiry("system", self.now)
        return book

    def _store(self, book: Book) -> None:
        """Store by uses, as the repository does, so that a book that forgot a lot is found out."""
        for written in book.written:
            if written.opens is not None:
                self.lots[written.opens.id] = written.opens
            for use in written.takes:
                self._change(use.lot, -use.points)
            for use in written.gives_back:
                self._change(use.lot, use.points)
        self.written += book.written
        self.wallet = book.wallet
        for lot in book.lots.values():
            if self.lots[lot.id] != lot:
                raise AssertionError(lot)

    def _change(self, lot_id: LotId, points: int) -> None:
        lot = self.lots[lot_id]
        remaining = lot.remaining + points
        if not 0 <= remaining <= lot.points:
            raise AssertionError(lot)
        self.lots[lot_id] = Lot(
            lot.id, lot.entry, lot.points, remaining, lot.earned_at, lot.expires_at
        )

    def _cause(self) -> Cause:
        return Cause(
            event=None,
            rule=None,
            rule_version=None,
            actor="member:li",
            effective_at=self.now,
            recorded_at=self.now,
            key=f"posting:{self._ids.new()}",
        )


def _short(account: Account) -> str:
    return account.partition(".")[2]


def fold(entries: list[Entry]) -> dict[Account, int]:
    """Add up every account from its entries alone."""
    totals = dict.fromkeys(Account, 0)
    for entry in entries:
        totals[entry.debit] -= entry.points
        totals[entry.credit] += entry.points
    return totals

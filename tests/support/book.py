"""A wallet written by lines such as "issued -> C001 50", for ledger tests.

    issued -> C001 50 until 2026-12-31     an award (24 months' life unless said otherwise)
    issued -> C001 50 from 2026-12-01      an award that is pending until the begin of a day
    C001 -> penalties 70                   a penalty
    C001 -> penalties 70 floor 20          one that leads to a debt of 20 at most
    hold 30                                sets points aside
    settle 1 / release 1                   spends the first hold or gives it back
    refund 1 20                            gives back of what the settled hold spent
    undo 2                                 undoes what the second award or penalty wrote
    reinstate 5                            gives back what entry 5, an expiry, took
    now 2027-01-01                         moves the clock to the begin of a business day
    open                                   books what has matured and lapsed, and nothing else

`post` writes several into one posting. As in the use case a posting opens the book with the lots
that have something left, books what has matured and lapsed, and learns other lots before an undo.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from domain.calendar import BUSINESS_ZONE, business_date, end_of_business_day
from domain.chaining import seal
from domain.ids import CustomerId, EntryId, EventId, LotId
from domain.ledger import Account, Cause, Entry, Reason, Wallet, Written
from domain.lots import Lot, LotUse
from domain.posting import Book, lot_end, month_text
from domain.refunding import Spent
from domain.undoing import Reversible, reverse
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
        self.holds: list[Written] = []
        self.settled: dict[int, EntryId] = {}
        """Which entry settled a hold, by the hold's number."""
        self.ids = SequenceIds()
        self.write(*lines)

    def write(self, *lines: str) -> None:
        """Write lines in order."""
        for line in lines:
            match line.split():
                case ["issued", "->", _, points]:
                    self.post(int(points))
                case ["issued", "->", _, points, "until", day]:
                    self.post(int(points), ends_at=end_of_business_day(date.fromisoformat(day)))
                case ["issued", "->", _, points, "from", day]:
                    self.post(int(points), from_at=_begin(day))
                case [_, "->", "penalties", points]:
                    self.post(-int(points))
                case [_, "->", "penalties", points, "floor", floor]:
                    self.post(-int(points), floor=int(floor))
                case ["now", day]:
                    self.now = _begin(day)
                case ["open"]:
                    self.sweep()
                case [
                    ("hold" | "settle" | "release" | "undo" | "reinstate" | "refund") as deed,
                    *numbers,
                ]:
                    getattr(self, deed)(*map(int, numbers))
                case _:
                    raise ValueError(line)

    def post(
        self,
        *moves: int,
        ends_at: datetime | None = None,
        from_at: datetime | None = None,
        floor: int | None = None,
    ) -> None:
        """Post one event: awards as positive numbers, penalties as negative ones, in order."""
        book = self.open()
        cause = self.cause("posting")
        for points in moves:
            if points > 0:
                end = ends_at or lot_end(self.now, LIFE_MONTHS)
                book.award(points, cause, expires_at=end, matures_at=from_at, qualifies=True)
            else:
                book.deduct(-points, cause, debt_max=floor)
        written = self.store(book)
        self.postings.append([one for one in written if one.entry.cause.key == cause.key])

    def undo(self, number: int) -> None:
        """Post the undo of the award or penalty that was posted as this number, from 1."""
        book = self.open()
        for written in reversed(self.postings[number - 1]):
            self.reverse(book, written)
        self.store(book)

    def reverse(self, book: Book, written: Written, cause: Cause | None = None) -> None:
        """Write the undo of one entry into an open book."""
        opened = written.opens.id if written.opens else None
        for lot in [use.lot for use in written.takes] + ([opened] if opened else []):
            book.shelf.learn(self.lots[lot])
        original = Reversible(
            written.entry, opened, written.takes, self.lapsed(opened, book) if opened else 0
        )
        cause = cause or self.cause("undo")
        reverse(book, original, cause, expires_at=lot_end(self.now, LIFE_MONTHS))

    def lapsed(self, lot: LotId, book: Book) -> int:
        """Count what has lapsed of a lot, in store and in an open book."""
        stored = [w.takes for w in self.written if w.entry in self.expiries()]
        moves = [move.takes for move in book.moves if move.reason is Reason.EXPIRY]
        return sum(use.points for takes in stored + moves for use in takes if use.lot == lot)

    def expiries(self) -> list[Entry]:
        """List the expiries that nobody has reinstated."""
        reinstated = {entry.reverses for entry in self.entries}
        return [
            entry
            for entry in self.entries
            if entry.reason is Reason.EXPIRY and entry.id not in reinstated
        ]

    def hold(self, points: int) -> None:
        """Set points aside."""
        book = self.open()
        book.hold(points, self.cause("hold"))
        self.holds.append(self.store(book)[-1])

    def settle(self, number: int) -> None:
        """Spend the hold of this number, from 1."""
        book = self.open()
        book.settle(self.holds[number - 1].entry.points, self.cause("settle"))
        self.settled[number] = self.store(book)[-1].entry.id

    def refund(self, number: int, points: int) -> None:
        """Give back of what the hold of this number has spent."""
        hold, entry, book = self.holds[number - 1], self.settled[number], self.open()
        spent = Spent(entry, hold.entry.points, hold.takes)
        for written in self.written:
            if written.entry.reverses == entry:
                spent = spent.after(written.entry.points, written.gives_back)
        for use in spent.missing:
            book.shelf.learn(self.lots[use.lot])
        book.refund(spent, points, self.cause("refund"))
        self.store(book)

    def release(self, number: int) -> None:
        """Give the hold of this number back."""
        book, taken = self.open(), self.holds[number - 1].takes
        for use in taken:
            book.shelf.learn(self.lots[use.lot])
        book.release(taken, self.cause("release"))
        self.store(book)

    def reinstate(self, seq: int) -> None:
        """Give back what an expiry took, for half a year; a debt is paid first."""
        book, entry, cause = self.open(), self.entries[seq - 1], self.cause("reinstate")
        if entry not in self.expiries():
            raise ValueError(seq)
        paid = min(book.debt, entry.points)
        if paid:
            self._reinstate(book, Account.DEBT, paid, cause, entry.id)
        if entry.points > paid:
            rest = entry.points - paid
            lot = book.open_lot(rest, self.now, lot_end(self.now, 6), None)
            self._reinstate(book, Account.AVAILABLE, rest, cause, entry.id, lot)
        self.store(book)

    def sweep(self) -> None:
        """Post what has matured and lapsed and nothing else."""
        self.store(self.open())

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

    def aside(self) -> tuple[int, int]:
        """Show held and pending points."""
        return self.wallet.held, self.wallet.pending

    def open(self) -> Book:
        """Open the book as the use case does."""
        found = [lot for lot in self.lots.values() if lot.remaining]
        spendable = [lot for lot in found if not lot.is_pending]
        spendable.sort(key=lambda lot: (lot.expires_at, lot.id))
        book = Book(self.wallet, spendable, self.ids.new)
        ripe = [(lot.matures_at, lot.id, lot) for lot in found if lot.is_pending]
        for matures_at, name, lot in sorted(r for r in ripe if r[0] and r[0] <= self.now):
            cause = self.cause("maturity", key=f"maturity:{name}")
            book.mature(lot, replace(cause, effective_at=matures_at or self.now))
        book.lapse(self.cause("expiry"))
        return book

    def store(self, book: Book) -> list[Written]:
        """Store by uses, as the repository does, so that a book that forgot a lot is found out."""
        wallet, written = seal(book, self.seals())
        for one in written:
            if one.opens is not None:
                self.lots[one.opens.id] = one.opens
            self._change(one.takes, -1)
            self._change(one.gives_back, 1)
            if one.matures is not None:
                lot = self.lots[one.matures.lot]
                if not lot.is_pending or lot.remaining != one.matures.points:
                    raise AssertionError(lot)
                self.lots[lot.id] = replace(lot, is_pending=False)
        self.written += written
        self.wallet = wallet
        for known, left in book.shelf.left.items():
            if self.lots[known].remaining != left:
                raise AssertionError(known)
        return written

    def seals(self) -> dict[EventId, str]:
        """Give the seals of events; this ledger has none."""
        return {}

    def cause(self, what: str, *, key: str = "") -> Cause:
        """Make a cause without an event."""
        return Cause(
            actor="member:li",
            effective_at=self.now,
            recorded_at=self.now,
            key=key or f"{what}:{self.ids.new()}",
            period=month_text(self.now),
        )

    def _reinstate(
        self,
        book: Book,
        to: Account,
        points: int,
        cause: Cause,
        expiry: EntryId,
        *lots: Lot,
    ) -> None:
        legs = (Account.EXPIRED, to)
        opens = lots[0] if lots else None
        book.write(legs, points, Reason.REINSTATEMENT, cause, opens=opens, reverses=expiry)

    def _change(self, uses: Sequence[LotUse], sign: int) -> None:
        for use in uses:
            lot = self.lots[use.lot]
            remaining = lot.remaining + sign * use.points
            if not 0 <= remaining <= lot.points:
                raise AssertionError(lot)
            self.lots[use.lot] = replace(lot, remaining=remaining)


def _begin(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time.min, BUSINESS_ZONE).astimezone(UTC)


def _short(account: Account) -> str:
    return account.partition(".")[2]


def fold(entries: list[Entry]) -> dict[Account, int]:
    """Add up every account from its entries alone."""
    totals = dict.fromkeys(Account, 0)
    for entry in entries:
        totals[entry.debit] -= entry.points
        totals[entry.credit] += entry.points
    return totals

"""One posting into one wallet: what may happen to points, and what it does to accounts and lots.

A book is a wallet that is being written to. Every method applies one kind of movement at once and
keeps it in order; nothing is stored. domain/chaining numbers and chains the movements into entries,
which a back-test never needs; domain/undoing takes movements back.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache, lru_cache

from domain.calendar import business_date, end_of_business_day, months_later_end
from domain.errors import ShortOfPoints
from domain.ids import CustomerId, EntryId, LotId
from domain.ledger import Account, Cause, Reason, Wallet
from domain.lots import Lot, LotUse, Shelf
from domain.refunding import Spent

# Reading a member of an enumeration takes longer than calling a function.
_AVAILABLE, _HELD, _PENDING, _DEBT = (
    Account.AVAILABLE,
    Account.HELD,
    Account.PENDING,
    Account.DEBT,
)


@dataclass(slots=True)
class Move:
    """One movement that has been applied and not yet numbered."""

    id: EntryId
    debit: Account
    credit: Account
    points: int
    reason: Reason
    cause: Cause
    place: int
    """Its place in the posting."""
    opens: Lot | None = None
    takes: tuple[LotUse, ...] = ()
    gives_back: tuple[LotUse, ...] = ()
    matures: LotUse | None = None
    reverses: EntryId | None = None
    reversal_part: int | None = None
    qualifying: int = 0
    available: int = 0
    held: int = 0
    pending: int = 0
    debt: int = 0

    @property
    def net(self) -> int:
        """What the movement does to the customer's points, debt included."""
        into = self.credit.startswith("wallet.")
        return self.points * (into - self.debit.startswith("wallet."))


def lot_end(earned_at: datetime, valid_months: int) -> datetime:
    """Give the instant at which points earned then end: after the last day of the month."""
    return lot_end_on(business_date(earned_at), valid_months)


def lot_end_on(day: date, valid_months: int) -> datetime:
    """Give the instant at which points earned on a business day end."""
    return end_of_month(day.year * 12 + day.month - 1 + valid_months)


@cache
def end_of_month(month: int) -> datetime:
    """Give the end of a month, counted from year 0; kept, because every award asks."""
    return end_of_business_day(months_later_end(date(month // 12, month % 12 + 1, 1), 0))


class Book:
    """A wallet that is being written to."""

    __slots__ = (
        "_drained",
        "_parts",
        "_places",
        "available",
        "customer",
        "debt",
        "held",
        "moves",
        "new_id",
        "opened",
        "pending",
        "shelf",
    )

    def __init__(self, wallet: Wallet, lots: Iterable[Lot], new_id: Callable[[], str]) -> None:
        """Open a wallet with its spendable lots, soonest expiry first (they are read lazily)."""
        self.opened = wallet
        self.customer: CustomerId = wallet.customer
        self.available = wallet.available
        self.held = wallet.held
        self.pending = wallet.pending
        self.debt = wallet.debt
        self.shelf = Shelf(lots)
        self.new_id = new_id
        self.moves: list[Move] = []
        self._places: dict[str, int] = {}
        self._parts: dict[EntryId, int] = {}
        self._drained = 0

    @property
    def seq(self) -> int:
        """Count the wallet's entries, with what has been written here."""
        return self.opened.seq + self._drained + len(self.moves)

    def drain(self) -> list[Move]:
        """Give what has been written since the last time; a replay keeps a book over postings."""
        moves, self.moves = self.moves, []
        self._drained += len(moves)
        self._places.clear()
        self._parts.clear()
        return moves

    def award(
        self,
        points: int,
        cause: Cause,
        *,
        expires_at: datetime,
        matures_at: datetime | None = None,
        reason: Reason = Reason.AWARD,
        source: Account = Account.ISSUED,
        qualifies: bool = False,
    ) -> None:
        """Credit points: a debt is paid first, the rest opens a lot; pending ones wait in a lot."""
        earned_at = cause.effective_at
        if matures_at is not None and matures_at > cause.recorded_at:
            lot = self.open_lot(points, earned_at, expires_at, matures_at)
            counts = points if qualifies else 0
            legs = (source, Account.PENDING)
            self.write(legs, points, reason, cause, opens=lot, qualifying=counts)
            return
        paid = min(self.debt, points)
        if paid:
            counts = paid if qualifies else 0
            legs = (source, Account.DEBT)
            self.write(legs, paid, Reason.DEBT_PAID, cause, qualifying=counts)
        rest = points - paid
        if rest:
            lot = self.open_lot(rest, earned_at, expires_at, None)
            counts = rest if qualifies else 0
            legs = (source, _AVAILABLE)
            self.write(legs, rest, reason, cause, opens=lot, qualifying=counts)
            self.lapse(cause)

    def deduct(
        self,
        points: int,
        cause: Cause,
        *,
        debt_max: int | None = None,
        reason: Reason = Reason.PENALTY,
        to: Account = Account.PENALTIES,
    ) -> int:
        """Take what is there, soonest expiry first; owe the rest up to a debt of `debt_max`.

        Gives how many points were taken or are owed; what is beyond is the caller's to record.
        """
        takes = self.take(points)
        taken = sum(use.points for use in takes)
        missing = points - taken
        owed = missing if debt_max is None else min(missing, max(0, debt_max - self.debt))
        if taken:
            self.write((Account.AVAILABLE, to), taken, reason, cause, takes=takes)
        if owed:
            self.write((Account.DEBT, to), owed, reason, cause)
        return taken + owed

    def hold(self, points: int, cause: Cause) -> None:
        """Set points aside, soonest expiry first; holding never makes a debt.

        Raises:
            ShortOfPoints: there are not as many.
        """
        if points > self.available:
            raise ShortOfPoints(self.available, points)
        takes = self.take(points)
        self.write((Account.AVAILABLE, Account.HELD), points, Reason.HOLD, cause, takes=takes)

    def settle(self, points: int, cause: Cause) -> None:
        """Spend held points."""
        self.write((Account.HELD, Account.REDEEMED), points, Reason.REDEMPTION, cause)

    def release(self, taken: Sequence[LotUse], cause: Cause) -> None:
        """Give held points back to the lots they were taken from; a debt is paid first."""
        self.give_back(Account.HELD, taken, Reason.RELEASE, cause)

    def refund(self, spent: Spent, points: int, cause: Cause) -> Spent:
        """Give settled points back to the lots that miss them; a debt is paid first.

        Gives what is still spent then. The lots must have been learned.

        Raises:
            ValueError: fewer are still spent; that is a bug, not a refusal.
        """
        if points > spent.points:
            raise ValueError(points)
        self._parts[spent.entry] = spent.parts
        first, legs = len(self.moves), (Account.REDEEMED, spent.missing)
        self.give_back(*legs, Reason.REFUND, cause, spent.entry, points=points)
        for move in self.moves[first:]:
            if move.reason is Reason.REFUND:
                spent = spent.after(move.points, move.gives_back)
        return spent

    def mature(self, lot: Lot, cause: Cause) -> None:
        """Let pending points of a lot be spent; a debt is paid first."""
        self.shelf.learn(lot)
        left = self.shelf.left[lot.id]
        paid = min(self.debt, left)
        if paid:
            self.shelf.move(lot.id, -paid)
            use = (LotUse(lot.id, paid),)
            legs = (Account.PENDING, Account.DEBT)
            self.write(legs, paid, Reason.DEBT_PAID, cause, takes=use)
        self.shelf.mature(replace(self.shelf[lot.id], is_pending=False))
        if left > paid:
            use_left = LotUse(lot.id, left - paid)
            legs = (Account.PENDING, Account.AVAILABLE)
            self.write(legs, left - paid, Reason.MATURITY, cause, matures=use_left)
            self.lapse(cause)

    def lapse(self, cause: Cause) -> None:
        """Book what has expired when the cause is recorded, so that nothing expired is ever spent.

        The entry has a cause of its own: it is nothing the cause has done.
        """
        now = cause.recorded_at
        if not self.shelf.has_ended(now):
            return
        uses: list[LotUse] = []
        while (lot := self.shelf.soonest()) is not None and lot.expires_at <= now:
            left = self.shelf.left[lot.id]
            self.shelf.move(lot.id, -left)
            uses.append(LotUse(lot.id, left))
        own = Cause(
            actor=cause.actor,
            effective_at=now,
            recorded_at=now,
            key=f"expiry:{self.customer}:{self.seq}",
            period=month_text(now),
        )
        points = sum(use.points for use in uses)
        legs = (Account.AVAILABLE, Account.EXPIRED)
        self.write(legs, points, Reason.EXPIRY, own, takes=tuple(uses))

    def give_back(
        self,
        source: Account,
        taken: Sequence[LotUse],
        reason: Reason,
        cause: Cause,
        reverses: EntryId | None = None,
        *,
        points: int | None = None,
    ) -> None:
        """Give back to the lots taken last, so that the soonest-expiring stay spent.

        All that was taken, unless fewer `points` are named. A debt is paid first: a wallet never
        has both points and a debt.
        """
        if points is None:
            points = sum(use.points for use in taken)
        paid = min(self.debt, points)
        if paid:
            self.write((source, Account.DEBT), paid, reason, cause, reverses=reverses)
        if points > paid:
            uses = _latest_first(taken, points - paid)
            for use in uses:
                self.shelf.move(use.lot, use.points)
            legs = (source, Account.AVAILABLE)
            self.write(legs, points - paid, reason, cause, gives_back=uses, reverses=reverses)
        self.lapse(cause)

    def take(self, points: int) -> tuple[LotUse, ...]:
        """Take up to so many points from the lots, soonest expiry first."""
        uses = []
        while points and (lot := self.shelf.soonest()) is not None:
            part = min(self.shelf.left[lot.id], points)
            self.shelf.move(lot.id, -part)
            uses.append(LotUse(lot.id, part))
            points -= part
        return tuple(uses)

    def open_lot(
        self, points: int, earned_at: datetime, expires_at: datetime, matures_at: datetime | None
    ) -> Lot:
        """Put a new lot on the shelf."""
        id_, entry = LotId(self.new_id()), EntryId(self.new_id())
        remaining, is_pending = points, matures_at is not None
        lot = Lot(id_, entry, points, remaining, earned_at, expires_at, matures_at, is_pending)
        self.shelf.learn(lot)
        return lot

    def write(
        self,
        legs: tuple[Account, Account],
        points: int,
        reason: Reason,
        cause: Cause,
        *,
        opens: Lot | None = None,
        takes: tuple[LotUse, ...] = (),
        gives_back: tuple[LotUse, ...] = (),
        matures: LotUse | None = None,
        reverses: EntryId | None = None,
        qualifying: int = 0,
    ) -> None:
        """Apply one movement from the first leg to the second and keep it.

        Raises:
            ValueError: an account would be overdrawn or a debt overpaid; that is a bug.
        """
        self._apply(legs, points)
        place = self._places[cause.key] = self._places.get(cause.key, -1) + 1
        part = None
        if reverses is not None:
            part = self._parts[reverses] = self._parts.get(reverses, 0) + 1
        self.moves.append(
            # By place: names take twice the time, and every posting comes by here.
            Move(
                EntryId(self.new_id()) if opens is None else opens.entry,
                *legs,
                points,
                reason,
                cause,
                place,
                opens,
                takes,
                gives_back,
                matures,
                reverses,
                part,
                qualifying,
                self.available,
                self.held,
                self.pending,
                self.debt,
            )
        )

    def _apply(self, legs: tuple[Account, Account], points: int) -> None:
        for account, change in ((legs[0], -points), (legs[1], points)):
            # The firm's accounts are added up from the entries.
            if account is _AVAILABLE:
                self.available += change
            elif account is _HELD:
                self.held += change
            elif account is _PENDING:
                self.pending += change
            elif account is _DEBT:
                self.debt -= change
        if points <= 0 or min(self.available, self.held, self.pending, self.debt) < 0:
            raise ValueError(legs)


def month_text(at: datetime) -> str:
    """Name the month an instant belongs to for the firm: "2026-11"."""
    return month_text_on(business_date(at))


# Every entry asks, and most ask for the same few days.
@lru_cache(maxsize=4096)
def month_text_on(day: date) -> str:
    """Name the month of a business day."""
    return f"{day.year:04d}-{day.month:02d}"


def _latest_first(taken: Sequence[LotUse], points: int) -> tuple[LotUse, ...]:
    uses: list[LotUse] = []
    for use in reversed(taken):
        part = min(use.points, points)
        if part:
            uses.append(LotUse(use.lot, part))
            points -= part
    return tuple(reversed(uses))

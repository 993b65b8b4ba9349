"""One posting into one wallet: drafts in, numbered and chained entries out, lots kept in step."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.calendar import business_date, end_of_business_day, months_later_end
from domain.ids import EntryId, LotId
from domain.ledger import Cause, Draft, Entry, Reason, Wallet, plan_expiry, seal
from domain.lots import Lot, LotUse


@dataclass(frozen=True, slots=True)
class Written:
    """One entry with what it does to lots."""

    entry: Entry
    opens: Lot | None
    takes: tuple[LotUse, ...]
    gives_back: tuple[LotUse, ...]


def lot_end(earned_at: datetime, valid_months: int) -> datetime:
    """Give the instant at which points earned then end: after the last day of the month."""
    return end_of_business_day(months_later_end(business_date(earned_at), valid_months))


@dataclass
class Book:
    """A wallet that is being written to, with its lots; nothing is stored until the caller does.

    `lots` are those with something left, and emptied ones that are to be given back to (`learn`).
    """

    wallet: Wallet
    lots: dict[LotId, Lot]
    new_id: Callable[[], str]
    written: list[Written] = field(default_factory=list)

    def learn(self, lots: Iterable[Lot]) -> None:
        """Add lots as they are stored; those known already stay as they are here."""
        for lot in lots:
            self.lots.setdefault(lot.id, lot)

    def open_lots(self) -> list[Lot]:
        """List lots with something left, as they are after what has been written."""
        return [lot for lot in self.lots.values() if lot.remaining > 0]

    def lapsed(self, lot: LotId) -> int:
        """Count the points of a lot whose expiry is among what has been written."""
        return sum(
            use.points
            for written in self.written
            if written.entry.reason is Reason.EXPIRY
            for use in written.takes
            if use.lot == lot
        )

    def write(self, drafts: Sequence[Draft], cause: Cause) -> None:
        """Seal drafts in order and apply them to wallet and lots.

        What lapsed while or before it was earned or given back is booked as expired at once, so
        that nothing that follows sees points that can't be spent.
        """
        self._seal(drafts, cause)
        self.book_expiry(cause.actor, cause.recorded_at)

    def book_expiry(self, actor: str, now: datetime) -> None:
        """Book what has lapsed by now, so that nothing lapsed is ever spent."""
        key = f"expiry:{self.wallet.customer}:{self.wallet.seq}"
        cause = Cause(None, None, None, actor, effective_at=now, recorded_at=now, key=key)
        self._seal(plan_expiry(self.open_lots(), now), cause)

    def _seal(self, drafts: Sequence[Draft], cause: Cause) -> None:
        for place, draft in enumerate(drafts):
            # The key names the entry's place in its posting, so that the same posting made twice
            # meets its own keys in the database.
            numbered = replace(cause, key=f"{cause.key}#{place}")
            self.wallet, entry = seal(self.wallet, draft, numbered, EntryId(self.new_id()))
            opens = self._opened(draft, entry)
            for use in draft.takes:
                self._move(use.lot, -use.points)
            for use in draft.gives_back:
                self._move(use.lot, use.points)
            self.written.append(Written(entry, opens, draft.takes, draft.gives_back))

    def _opened(self, draft: Draft, entry: Entry) -> Lot | None:
        if draft.lot_expires_at is None:
            return None
        lot = Lot(
            id=LotId(self.new_id()),
            entry=entry.id,
            points=draft.points,
            remaining=draft.points,
            earned_at=entry.cause.effective_at,
            expires_at=draft.lot_expires_at,
        )
        self.lots[lot.id] = lot
        return lot

    def _move(self, lot_id: LotId, points: int) -> None:
        lot = self.lots[lot_id]
        self.lots[lot_id] = replace(lot, remaining=lot.remaining + points)

"""One posting into one wallet: drafts in, numbered and chained entries out, lots kept in step."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.calendar import business_date, end_of_business_day, months_later_end
from domain.ids import EntryId, LotId
from domain.ledger import Cause, Draft, Entry, Wallet, plan_expiry, seal
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
    """A wallet that is being written to, with its lots; nothing is stored until the caller does."""

    wallet: Wallet
    lots: dict[LotId, Lot]
    new_id: Callable[[], str]
    written: list[Written] = field(default_factory=list)

    def open_lots(self) -> list[Lot]:
        """List lots with something left, as they are after what has been written."""
        return [lot for lot in self.lots.values() if lot.remaining > 0]

    def write(self, drafts: Sequence[Draft], cause: Cause) -> None:
        """Seal drafts in order and apply them to wallet and lots."""
        for draft in drafts:
            self.wallet, entry = seal(self.wallet, draft, cause, EntryId(self.new_id()))
            opens = self._opened(draft, entry)
            for use in draft.takes:
                self._move(use.lot, -use.points)
            for use in draft.gives_back:
                self._move(use.lot, use.points)
            self.written.append(Written(entry, opens, draft.takes, draft.gives_back))

    def book_expiry(self, actor: str, now: datetime) -> None:
        """Book what has lapsed by now, so that nothing lapsed is ever spent."""
        key = f"expiry:{self.wallet.customer}:{self.wallet.seq}"
        cause = Cause(None, None, None, actor, effective_at=now, recorded_at=now, key=key)
        self.write(plan_expiry(self.open_lots(), now), cause)

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
        # A lot emptied before this posting is not loaded; the database holds its bounds.
        lot = self.lots.get(lot_id)
        if lot is not None:
            self.lots[lot_id] = replace(lot, remaining=lot.remaining + points)

"""Fake repositories of the ledger: wallets, entries, lots and holds."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from typing_extensions import override

from domain.holds import Hold, HoldState
from domain.ids import CustomerId, EntryId, EventId, HoldId, LotId
from domain.ledger import Entry, Reason, Wallet, Written
from domain.lots import Lot, LotUse
from domain.repositories import Holds, Wallets
from storage.db import StatementFailed
from tests.support.fake_people import FakeRepository
from tests.support.fake_state import first, get


class FakeWallets(FakeRepository, Wallets):
    @override
    def lock(self, customer: CustomerId) -> Wallet:
        return self._state.wallets.setdefault(customer, Wallet(customer))

    @override
    def read(self, customer: CustomerId) -> Wallet:
        return self._state.wallets.get(customer, Wallet(customer))

    @override
    def lock_all(self, customers: Sequence[CustomerId]) -> list[Wallet]:
        return [self.lock(one) for one in sorted(customers) if one in self._state.wallets]

    @override
    def ended(self, customers: Sequence[CustomerId], now: datetime) -> dict[CustomerId, list[Lot]]:
        found = {
            customer: [lot for lot in self.open_lots(customer) if lot.expires_at <= now]
            for customer in customers
        }
        return {customer: lots for customer, lots in found.items() if lots}

    @override
    def open_lots(self, customer: CustomerId) -> Iterator[Lot]:
        found = [lot for lot in self._lots(customer) if lot.remaining > 0 and not lot.is_pending]
        return iter(sorted(found, key=lambda lot: (lot.expires_at, lot.id)))

    @override
    def endings(
        self, customer: CustomerId, now: datetime, limit: int
    ) -> list[tuple[datetime, int]]:
        ends: dict[datetime, int] = {}
        for lot in self.open_lots(customer):
            if lot.expires_at > now:
                ends[lot.expires_at] = ends.get(lot.expires_at, 0) + lot.remaining
        return sorted(ends.items())[:limit]

    @override
    def unbooked(self, customer: CustomerId, now: datetime) -> int:
        return sum(lot.remaining for lot in self.open_lots(customer) if lot.expires_at <= now)

    @override
    def maturing(self, customer: CustomerId, now: datetime) -> list[Lot]:
        found = [lot for lot in self._lots(customer) if _is_ripe(lot, now)]
        return sorted(found, key=lambda lot: (lot.matures_at or now, lot.id))

    @override
    def lot(self, lot: LotId) -> Lot:
        return get(self._state.lots, lot)

    @override
    def lapsed(self, lot: LotId) -> int:
        return sum(
            use.points
            for booked in self._state.booked.values()
            if booked.entry.reason is Reason.EXPIRY and not self._is_reinstated(booked.entry.id)
            for use in booked.takes
            if use.lot == lot
        )

    @override
    def append(self, postings: Sequence[tuple[Wallet, Sequence[Written]]]) -> None:
        for wallet, written in postings:
            self._move(wallet, len(written))
        for _, written in postings:
            for one in written:
                self._book(one)

    @override
    def latest(self, customer: CustomerId, limit: int, before: int | None = None) -> list[Entry]:
        found = [
            booked.entry
            for booked in self._state.booked.values()
            if booked.entry.customer == customer and (before is None or booked.entry.seq < before)
        ]
        return sorted(found, key=lambda entry: entry.seq, reverse=True)[:limit]

    @override
    def entry(self, customer: CustomerId, seq: int) -> Entry | None:
        return first(entry for entry in self.latest(customer, seq + 1) if entry.seq == seq)

    @override
    def get(self, entry: EntryId) -> Entry:
        return get(self._state.booked, entry).entry

    @override
    def of_event(self, event: EventId) -> list[Entry]:
        found = [
            booked.entry
            for booked in self._state.booked.values()
            if booked.entry.cause.event == event and booked.entry.reverses is None
        ]
        return sorted(found, key=lambda entry: entry.seq)

    @override
    def of_key(self, key: str) -> Entry | None:
        return first(b.entry for b in self._state.booked.values() if b.entry.key == key)

    @override
    def reversals(self, entry: EntryId) -> list[Entry]:
        found = [b.entry for b in self._state.booked.values() if b.entry.reverses == entry]
        return sorted(found, key=lambda one: one.seq)

    @override
    def is_reversed(self, entry: EntryId) -> bool:
        return any(booked.entry.reverses == entry for booked in self._state.booked.values())

    @override
    def has_gift(self, customer: CustomerId, rule: str) -> bool:
        return any(
            entry.customer == customer
            and entry.cause.rule == rule
            and entry.cause.key.startswith("gift:")
            and entry.reverses is None
            and not self.is_reversed(entry.id)
            for entry in (booked.entry for booked in self._state.booked.values())
        )

    @override
    def uses(self, entry: EntryId) -> list[LotUse]:
        booked = self._state.booked.get(entry)
        return [] if booked is None else list(booked.takes)

    @override
    def given_back(self, entry: EntryId) -> list[LotUse]:
        booked = self._state.booked.get(entry)
        return [] if booked is None else list(booked.gives_back)

    @override
    def opened_by(self, entry: EntryId) -> LotId | None:
        booked = self._state.booked.get(entry)
        return None if booked is None or booked.opens is None else booked.opens.id

    @override
    def opened_by_entries(self, customer: CustomerId, first: int, last: int) -> list[Lot]:
        found = sorted(self._state.booked.values(), key=lambda booked: booked.entry.seq)
        return [
            self._state.lots[booked.opens.id]
            for booked in found
            if booked.opens is not None
            and booked.entry.customer == customer
            and first <= booked.entry.seq <= last
        ]

    @override
    def lapsing(self, now: datetime, limit: int) -> list[CustomerId]:
        ends = {
            customer: min(lot.expires_at for lot in self.open_lots(customer))
            for customer in map(CustomerId, self._state.wallets)
            if self.unbooked(customer, now)
        }
        return sorted(ends, key=lambda customer: (ends[customer], customer))[:limit]

    @override
    def ripe(self, now: datetime, limit: int) -> list[CustomerId]:
        times = {
            customer: self.maturing(customer, now)[0].matures_at or now
            for customer in map(CustomerId, self._state.wallets)
            if self.maturing(customer, now)
        }
        return sorted(times, key=lambda customer: (times[customer], customer))[:limit]

    def _is_reinstated(self, expiry: EntryId) -> bool:
        return any(
            booked.entry.reverses == expiry and not self.is_reversed(booked.entry.id)
            for booked in self._state.booked.values()
        )

    def _lots(self, customer: CustomerId) -> list[Lot]:
        state = self._state
        return [lot for lot in state.lots.values() if state.lot_owners[lot.id] == customer]

    def _move(self, wallet: Wallet, count: int) -> None:
        stored = self._state.wallets.get(wallet.customer)
        if stored is None or stored.seq != wallet.seq - count:
            raise self._transaction.conflict("wallet")
        if wallet.available and wallet.debt:
            self._refuse("points_or_debt")
        self._state.wallets[wallet.customer] = wallet

    def _book(self, one: Written) -> None:
        entry, state = one.entry, self._state
        part = (entry.reverses, entry.reversal_part)
        taken = any(
            other.key == entry.key
            or (entry.reverses and (other.reverses, other.reversal_part) == part)
            for other in (booked.entry for booked in state.booked.values())
        )
        self._transaction.insert(state.booked, entry.id, one, taken)
        if one.opens is not None:
            self._transaction.insert(state.lots, one.opens.id, one.opens)
            state.lot_owners[one.opens.id] = entry.customer
        for use in one.takes:
            self._change_lot(entry, use.lot, -use.points)
        for use in one.gives_back:
            self._change_lot(entry, use.lot, use.points)
        if one.matures is not None:
            lot = self._own(entry, one.matures.lot)
            if not lot.is_pending:
                raise self._transaction.conflict("lot")
            state.lots[lot.id] = replace(lot, is_pending=False)

    def _change_lot(self, entry: Entry, lot_id: LotId, points: int) -> None:
        lot = self._own(entry, lot_id)
        if not 0 <= lot.remaining + points <= lot.points:
            self._refuse("remaining")
        self._state.lots[lot_id] = replace(lot, remaining=lot.remaining + points)

    def _own(self, entry: Entry, lot_id: LotId) -> Lot:
        if self._state.lot_owners.get(lot_id) != entry.customer:
            raise self._transaction.conflict("lot")
        return self._state.lots[lot_id]

    def _refuse(self, constraint: str) -> None:
        self._transaction.has_failed = True
        raise StatementFailed(constraint)


def _is_ripe(lot: Lot, now: datetime) -> bool:
    return lot.is_pending and lot.remaining > 0 and (lot.matures_at or now) <= now


class FakeHolds(FakeRepository, Holds):
    @override
    def add(self, hold: Hold) -> None:
        taken = any(other.entry == hold.entry for other in self._state.holds.values())
        self._transaction.insert(self._state.holds, hold.id, hold, taken)

    @override
    def get(self, hold: HoldId) -> Hold:
        return get(self._state.holds, hold)

    @override
    def find(self, hold: HoldId) -> Hold | None:
        return self._state.holds.get(hold)

    @override
    def close(self, hold: HoldId, state: HoldState, at: datetime) -> bool:
        found = self._state.holds.get(hold)
        if found is None or found.state is not HoldState.OPEN:
            return False
        self._state.holds[hold] = replace(found, state=state, closed_at=at)
        return True

    @override
    def overdue(self, now: datetime, limit: int) -> list[HoldId]:
        found = [
            hold
            for hold in self._state.holds.values()
            if hold.state is HoldState.OPEN and hold.expires_at <= now
        ]
        return [hold.id for hold in sorted(found, key=lambda h: (h.expires_at, h.id))][:limit]

"""Fake repositories of events, rules, the ledger, reviews and alerts."""

from collections.abc import Sequence
from dataclasses import replace

from typing_extensions import override

from domain.alerts import Alert, AlertState
from domain.events import BusinessEvent, EventType
from domain.ids import AlertId, CustomerId, EntryId, EventId, LotId, MemberId, ReviewId
from domain.ledger import Entry, Reason, Wallet
from domain.lots import Lot, LotUse
from domain.repositories import Alerts, Events, Reviews, Rules, Wallets
from domain.reviews import Review
from domain.rules import RuleVersion
from storage.db import StatementFailed
from storage.events import LATEST_MAX
from tests.support.fake_people import FakeRepository
from tests.support.fake_state import Booked, as_json, first, get


class FakeEvents(FakeRepository, Events):
    @override
    def add(self, event: BusinessEvent, content_hash: str) -> bool:
        if self.find(event.source, event.source_id) is not None:
            return False
        stored = (replace(event, data=as_json(event.data)), content_hash)
        self._transaction.insert(self._state.events, event.id, stored)
        return True

    @override
    def get(self, event: EventId) -> BusinessEvent:
        return get(self._state.events, event)[0]

    @override
    def find(self, source: str, source_id: str) -> tuple[BusinessEvent, str] | None:
        return first(
            stored
            for stored in self._state.events.values()
            if (stored[0].source, stored[0].source_id) == (source, source_id)
        )

    @override
    def latest_by(self, member: MemberId, event_type: EventType) -> list[BusinessEvent]:
        found = [
            event
            for event, _ in self._state.events.values()
            if event.recorded_by == member and event.type is event_type
        ]
        found.sort(key=lambda event: (event.recorded_at, event.id), reverse=True)
        return found[:LATEST_MAX]


class FakeRules(FakeRepository, Rules):
    @override
    def published(self) -> list[RuleVersion]:
        return [rule for _, rule in sorted(self._state.rules.items())]

    @override
    def add(self, rule: RuleVersion) -> None:
        self._transaction.insert(self._state.rules, (rule.code, rule.version), rule)


class FakeWallets(FakeRepository, Wallets):
    @override
    def lock(self, customer: CustomerId) -> Wallet:
        return self._state.wallets.setdefault(customer, Wallet(customer))

    @override
    def read(self, customer: CustomerId) -> Wallet:
        return self._state.wallets.get(customer, Wallet(customer))

    @override
    def lots(self, customer: CustomerId) -> list[Lot]:
        state = self._state
        found = [
            lot
            for lot in state.lots.values()
            if lot.remaining > 0 and state.lot_owners[lot.id] == customer
        ]
        return sorted(found, key=lambda lot: (lot.expires_at, lot.id))

    @override
    def lot(self, lot: LotId) -> Lot:
        return get(self._state.lots, lot)

    @override
    def lapsed(self, lot: LotId) -> int:
        return sum(
            use.points
            for booked in self._state.booked.values()
            if booked.entry.reason is Reason.EXPIRY
            for use in booked.takes
            if use.lot == lot
        )

    @override
    def append(
        self,
        wallet: Wallet,
        entries: Sequence[tuple[Entry, Lot | None, Sequence[LotUse], Sequence[LotUse]]],
    ) -> None:
        state = self._state
        stored = state.wallets.get(wallet.customer)
        if stored is None or stored.seq != wallet.seq - len(entries):
            raise self._transaction.conflict("wallet")
        if wallet.available and wallet.debt:
            self._refuse("points_or_debt")
        reversed_before = {b.entry.reverses for b in state.booked.values()} - {None}
        state.wallets[wallet.customer] = wallet
        for entry, lot, takes, gives_back in entries:
            taken = entry.reverses in reversed_before or any(
                booked.entry.key == entry.key for booked in state.booked.values()
            )
            booked = Booked(entry, None if lot is None else lot.id, tuple(takes), tuple(gives_back))
            self._transaction.insert(state.booked, entry.id, booked, taken)
            if lot is not None:
                self._transaction.insert(state.lots, lot.id, lot)
                state.lot_owners[lot.id] = entry.customer
            for use in takes:
                self._change_lot(entry, use.lot, -use.points)
            for use in gives_back:
                self._change_lot(entry, use.lot, use.points)

    @override
    def latest(self, customer: CustomerId, limit: int) -> list[Entry]:
        found = [b.entry for b in self._state.booked.values() if b.entry.customer == customer]
        return sorted(found, key=lambda entry: entry.seq, reverse=True)[:limit]

    @override
    def of_event(self, event: EventId) -> list[Entry]:
        found = [
            booked.entry
            for booked in self._state.booked.values()
            if booked.entry.cause.event == event and booked.entry.reverses is None
        ]
        return sorted(found, key=lambda entry: entry.seq)

    @override
    def is_reversed(self, entry: EntryId) -> bool:
        return any(booked.entry.reverses == entry for booked in self._state.booked.values())

    @override
    def uses(self, entry: EntryId) -> list[LotUse]:
        booked = self._state.booked.get(entry)
        return [] if booked is None else list(booked.takes)

    @override
    def opened_by(self, entry: EntryId) -> LotId | None:
        booked = self._state.booked.get(entry)
        return None if booked is None or booked.lot is None else LotId(booked.lot)

    def _change_lot(self, entry: Entry, lot_id: LotId, points: int) -> None:
        state = self._state
        if state.lot_owners.get(lot_id) != entry.customer:
            raise self._transaction.conflict("lot")
        lot = state.lots[lot_id]
        if not 0 <= lot.remaining + points <= lot.points:
            self._refuse("remaining")
        state.lots[lot_id] = replace(lot, remaining=lot.remaining + points)

    def _refuse(self, constraint: str) -> None:
        self._transaction.has_failed = True
        raise StatementFailed(constraint)


class FakeReviews(FakeRepository, Reviews):
    @override
    def add(self, review: Review) -> None:
        self._transaction.insert(self._state.reviews, review.id, review)

    @override
    def get(self, review: ReviewId) -> Review:
        return get(self._state.reviews, review)


class FakeAlerts(FakeRepository, Alerts):
    @override
    def next_number(self) -> int:
        number = self._state.counters.get("alert", 0) + 1
        self._state.counters["alert"] = number
        return number

    @override
    def add(self, alert: Alert) -> None:
        taken = self.find_number(alert.number) is not None
        self._transaction.insert(
            self._state.alerts, alert.id, alert, taken, self._is_open_elsewhere(alert)
        )

    @override
    def get(self, alert: AlertId) -> Alert:
        return get(self._state.alerts, alert)

    @override
    def find_number(self, number: int) -> Alert | None:
        return first(a for a in self._state.alerts.values() if a.number == number)

    @override
    def find_open(self, dedupe_key: str) -> Alert | None:
        return first(alert for alert in self.open() if alert.dedupe_key == dedupe_key)

    @override
    def open(self) -> list[Alert]:
        found = [a for a in self._state.alerts.values() if a.state is not AlertState.RESOLVED]
        return sorted(found, key=lambda alert: (alert.opened_at, alert.number))

    @override
    def save(self, alert: Alert) -> None:
        stored = self._state.alerts.get(alert.id)
        if stored is None or stored.version != alert.version - 1 or self._is_open_elsewhere(alert):
            raise self._transaction.conflict("alert")
        self._state.alerts[alert.id] = alert

    def _is_open_elsewhere(self, alert: Alert) -> bool:
        if alert.state is AlertState.RESOLVED:
            return False
        other = first(
            o for o in self.open() if o.dedupe_key == alert.dedupe_key and o.id != alert.id
        )
        return other is not None

"""Fake repositories of what runs by itself and of a month's books."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from typing_extensions import override

from domain.calendar import business_date
from domain.expiry import Window
from domain.ids import CustomerId, EntryId
from domain.ledger import Account, Entry, Reason
from domain.liability import Balance, Spent
from domain.lots import Lot
from domain.months import Total, end_of_month, number_of
from domain.reconciling import DriftKind, Finding
from domain.repositories import Endings, MonthBooks, Reconciliation, Runs, Source
from domain.repositories.books import BookLine
from domain.tiers import month_of
from tests.support.fake_people import FakeRepository


class FakeRuns(FakeRepository, Runs):
    @override
    def place(self, name: str) -> str:
        return self._state.runs.get(name, "")

    @override
    def reach(self, name: str, place: str, at: datetime) -> None:
        self._state.runs[name] = place


class FakeEndings(FakeRepository, Endings):
    @override
    def due(self, window: Window, after: str, limit: int) -> list[CustomerId]:
        owners = {CustomerId(owner) for owner in self._state.lot_owners.values() if owner > after}
        return sorted(owner for owner in owners if self.unnoticed(owner, window))[:limit]

    @override
    def unnoticed(self, customer: CustomerId, window: Window) -> list[tuple[datetime, int]]:
        ends: Counter[datetime] = Counter()
        for lot in self._left(customer, window.after, window.until):
            if not self._is_told(customer, lot.expires_at, window.level):
                ends[lot.expires_at] += lot.remaining
        return sorted(ends.items())

    @override
    def sources(
        self, customer: CustomerId, after: datetime, until: datetime, limit: int
    ) -> list[Source]:
        points: Counter[str] = Counter()
        known: dict[str, Entry] = {}
        for lot in self._left(customer, after, until):
            entry = self._state.booked[lot.entry].entry
            key = entry.cause.event or entry.id
            points[key] += lot.remaining
            known[key] = min(known.get(key, entry), entry, key=lambda one: one.reason)
        keys = sorted(points, key=lambda key: (-points[key], key))[:limit]
        return [Source(points[k], known[k].cause.event, known[k].reason) for k in keys]

    @override
    def note(
        self, customer: CustomerId, level: int, ends: Sequence[tuple[datetime, int]], at: datetime
    ) -> None:
        for expires_at, points in ends:
            key = (customer, expires_at, level)
            self._transaction.insert(self._state.expiry_notices, key, points)

    @override
    def last_expiry(self, customer: CustomerId) -> EntryId | None:
        reversed_ = {booked.entry.reverses for booked in self._state.booked.values()}
        found = [
            booked.entry
            for booked in self._state.booked.values()
            if booked.entry.customer == customer
            and booked.entry.reason is Reason.EXPIRY
            and booked.entry.id not in reversed_
        ]
        return max(found, key=lambda entry: entry.seq).id if found else None

    def _left(self, customer: CustomerId, after: datetime, until: datetime) -> list[Lot]:
        state = self._state
        return [
            lot
            for lot in state.lots.values()
            if state.lot_owners[lot.id] == customer
            and lot.remaining > 0
            and not lot.is_pending
            and after < lot.expires_at <= until
        ]

    def _is_told(self, customer: CustomerId, expires_at: datetime, level: int) -> bool:
        return any(
            (owner, end) == (customer, expires_at) and told <= level
            for owner, end, told in self._state.expiry_notices
        )


class FakeReconciliation(FakeRepository, Reconciliation):
    """Compares wallets with their lots only; the whole comparison is the database's."""

    @override
    def findings(self, limit: int) -> list[Finding]:
        found = []
        for customer, wallet in sorted(self._state.wallets.items()):
            left = sum(
                lot.remaining
                for lot in self._state.lots.values()
                if self._state.lot_owners[lot.id] == customer and not lot.is_pending
            )
            if left != wallet.available:
                kind, stands = DriftKind.WALLET_LOTS, str(wallet.available)
                found.append(Finding(kind, customer, "available", str(left), stands))
        return found[:limit]


class FakeMonthBooks(FakeRepository, MonthBooks):
    @override
    def lines(self, month: str) -> Iterator[BookLine]:
        entries = [one for one in self._entries() if one.cause.period == month]
        for one in sorted(entries, key=lambda entry: (entry.customer, entry.seq)):
            cause = one.cause
            yield BookLine(
                customer=one.customer,
                seq=one.seq,
                recorded_at=cause.recorded_at,
                effective_at=cause.effective_at,
                debit=one.debit,
                credit=one.credit,
                points=one.points,
                reason=one.reason,
                event=cause.event,
                rule=cause.rule,
                rule_version=cause.rule_version,
                actor=cause.actor,
                corrects=cause.corrects,
                note=cause.note,
            )

    @override
    def totals(self, month: str) -> list[Total]:
        points: Counter[tuple[str, str, str, bool]] = Counter()
        count: Counter[tuple[str, str, str, bool]] = Counter()
        for line in self.lines(month):
            key = (line.reason.value, line.debit.value, line.credit.value, bool(line.corrects))
            points[key] += line.points
            count[key] += 1
        return [
            Total(Reason(key[0]), Account(key[1]), Account(key[2]), key[3], points[key], count[key])
            for key in sorted(points)
        ]

    @override
    def openings(self, month: str) -> dict[Account, int]:
        sums: Counter[Account] = Counter()
        for one in self._entries():
            if one.cause.period < month:
                sums[one.credit] += one.points
                sums[one.debit] -= one.points
        return {account: points for account, points in sums.items() if points}

    @override
    def balances(self, month: str) -> list[Balance]:
        sums: Counter[tuple[int, int]] = Counter()
        for written in self._state.booked.values():
            if written.entry.cause.period > month:
                continue
            if written.opens is not None:
                sums[self._months(written.opens)] += written.opens.points
            for use in written.takes:
                sums[self._months(self._state.lots[use.lot])] -= use.points
            for use in written.gives_back:
                sums[self._months(self._state.lots[use.lot])] += use.points
        return [Balance(*key, points) for key, points in sorted(sums.items()) if points]

    @override
    def spent(self, month: str) -> list[Spent]:
        redeemed: Counter[tuple[int, int]] = Counter()
        expired: Counter[tuple[int, int]] = Counter()
        for written in self._state.booked.values():
            entry = written.entry
            moved = [(use, use.points) for use in written.takes]
            moved += [(use, -use.points) for use in written.gives_back]
            for use, points in moved:
                lot = self._state.lots[use.lot]
                if entry.cause.period > month or lot.expires_at > end_of_month(month):
                    continue
                key = (self._months(lot)[0], number_of(entry.cause.period))
                if (entry.cause.note or "").startswith("gift:"):
                    continue
                if entry.reason in (Reason.HOLD, Reason.RELEASE, Reason.REFUND):
                    redeemed[key] += points
                    expired[key] += 0
                elif entry.reason is Reason.EXPIRY:
                    redeemed[key] += 0
                    expired[key] += points
        return [Spent(*key, redeemed[key], expired[key]) for key in sorted(redeemed)]

    def _entries(self) -> list[Entry]:
        return [written.entry for written in self._state.booked.values()]

    def _months(self, lot: Lot) -> tuple[int, int]:
        earned = number_of(self._state.booked[lot.entry].entry.cause.period)
        return earned, month_of(business_date(lot.expires_at - timedelta(microseconds=1)))

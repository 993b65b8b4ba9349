"""The ledger against the auditor, whatever happens: events, undos, holds, days, closed months."""

from collections import Counter
from datetime import datetime

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import precondition, rule
from typing_extensions import override

from domain.calendar import business_date
from domain.caps import Used
from domain.errors import ShortOfPoints
from domain.ids import EntryId
from domain.ledger import GENESIS, Account, Entry, Reason, entry_hash
from domain.posting import lot_end
from domain.rules.model import Direction
from domain.tiers import month_of
from tests.domain.auditor import Told
from tests.domain.steps import Picture, Steps, lots_left
from tests.support.book import fold
from tests.support.counted import CountedLedger
from tests.support.make import an_event
from tests.support.small_firm import KINDS, PROGRAMME, RULES

CUSTOMERS = {Account.AVAILABLE, Account.HELD, Account.PENDING, Account.DEBT}


class PlainSystem(CountedLedger):
    """The engine on plain values."""

    def __init__(self) -> None:
        super().__init__(*RULES, programme=PROGRAMME)
        self.closed: list[tuple[int, str]] = []
        """How many entries there were when a month was closed."""

    def picture(self) -> Picture:
        wallet = self.wallet
        lots = lots_left((lot.remaining, lot.is_pending) for lot in self.lots.values())
        return Picture(wallet.available, wallet.held, wallet.pending, wallet.debt, lots)

    def opens(self) -> None:
        self.sweep()

    @override
    def tells(self, kind: str, amount: int, at: datetime) -> Told:  # type: ignore[override]
        event = an_event(
            type=KINDS[kind], data={"amount": amount}, occurred_at=at, source_id=f"{len(self.told)}"
        )
        outcomes = super().tells(event)
        return [(o.rule, o.requested, o.applied, str(o.ending)) for o in outcomes]

    @override
    def takes_back(self, number: int) -> None:
        super().takes_back(number + 1)

    @override
    def hold(self, points: int) -> bool:  # type: ignore[override]
        before = (self.wallet, len(self.written))
        try:
            super().hold(points)
        except ShortOfPoints:
            assert (self.wallet, len(self.written)) == before
            return False
        return True

    @override
    def settle(self, number: int) -> None:
        super().settle(number + 1)

    @override
    def release(self, number: int) -> None:
        super().release(number + 1)

    @override
    def refund(self, number: int, points: int) -> None:
        super().refund(number + 1, points)

    def close_month(self, month: str) -> None:
        year, number = divmod(int(month[:4]) * 12 + int(month[5:]), 12)
        first_open = f"{year:04d}-{number + 1:02d}"
        if first_open > self.first_open_month:
            self.first_open_month = first_open
            self.closed.append((len(self.written), month))

    def check(self) -> None:
        for hold in (
            self._sums,
            self._every_point_is_somewhere,
            self._lots_are_named,
            self._chain,
            self._undone_once,
            self._refunded_at_most,
            self._asked_is_booked_or_recorded,
            self._counters_and_months,
            self._caps,
            self._closed_months,
        ):
            hold()

    def _sums(self) -> None:
        wallet, totals = self.wallet, fold(self.entries)
        assert sum(totals.values()) == 0
        assert wallet.available == totals[Account.AVAILABLE]
        assert wallet.held == totals[Account.HELD]
        assert wallet.pending == totals[Account.PENDING]
        assert wallet.debt == -totals[Account.DEBT]
        assert min(wallet.available, wallet.held, wallet.pending, wallet.debt) >= 0
        assert not (wallet.available and wallet.debt)
        lots = self.lots.values()
        assert wallet.available == sum(lot.remaining for lot in lots if not lot.is_pending)
        assert wallet.pending == sum(lot.remaining for lot in lots if lot.is_pending)

    def _every_point_is_somewhere(self) -> None:
        totals = fold(self.entries)
        firm = {account: points for account, points in totals.items() if account not in CUSTOMERS}
        assert -firm.pop(Account.ISSUED) == sum(firm.values()) + sum(
            totals[account] for account in CUSTOMERS
        )
        assert all(points >= 0 for points in firm.values())

    def _lots_are_named(self) -> None:
        for written in self.written:
            entry = written.entry
            taken = sum(use.points for use in written.takes)
            matured = written.matures.points if written.matures else 0
            given = sum(use.points for use in written.gives_back)
            opened = written.opens.points if written.opens else 0
            out_of_lots = entry.debit in {Account.AVAILABLE, Account.PENDING}
            into_lots = entry.credit in {Account.AVAILABLE, Account.PENDING}
            assert taken + matured == (entry.points if out_of_lots else 0)
            assert given + opened + matured == (entry.points if into_lots else 0)
            if entry.debit is Account.AVAILABLE and entry.reason is not Reason.EXPIRY:
                at = entry.cause.recorded_at
                assert all(self.lots[use.lot].expires_at > at for use in written.takes)

    def _chain(self) -> None:
        previous = GENESIS
        for seq, written in enumerate(self.written, 1):
            entry = written.entry
            assert (entry.seq, entry.previous) == (seq, previous)
            assert entry.hash == entry_hash(written)
            previous = entry.hash
        assert (self.wallet.seq, self.wallet.head) == (len(self.written), previous)
        keys = [entry.key for entry in self.entries]
        assert len(set(keys)) == len(keys)

    def _undone_once(self) -> None:
        undone: Counter[str] = Counter()
        for entry in self.entries:
            if entry.reverses and entry.reason is Reason.REVERSAL:
                undone[entry.reverses] += entry.points
        assert undone == {
            written.entry.id: written.entry.points
            for kept in self.told
            if kept.is_undone
            for written in kept.entries
        }

    def _refunded_at_most(self) -> None:
        refunded: Counter[EntryId] = Counter()
        for entry in self.entries:
            if entry.reason is Reason.REFUND:
                assert entry.reverses is not None
                refunded[entry.reverses] += entry.points
        spent = {e.id: e.points for e in self.entries if e.reason is Reason.REDEMPTION}
        assert all(points <= spent[entry] for entry, points in refunded.items())

    def _asked_is_booked_or_recorded(self) -> None:
        for kept in self.told:
            booked: Counter[tuple[str | None, bool]] = Counter()
            for written in kept.entries:
                entry: Entry = written.entry
                booked[entry.cause.rule, entry.net > 0] += entry.points
                assert entry.event_seal == kept.counted.seal
            recorded: Counter[tuple[str | None, bool]] = Counter()
            for outcome in kept.outcomes:
                assert 0 <= outcome.applied <= outcome.requested
                assert bool(outcome.shortfall) is (outcome.ending != "applied")
                is_earned = outcome.direction is Direction.EARN
                recorded[outcome.rule, is_earned] += outcome.applied
            assert +booked == +recorded

    def _counters_and_months(self) -> None:
        used: dict[str, Used] = dict.fromkeys(self.counters.used, Used())
        earned = dict.fromkeys(self.earned, 0)
        for kept in self.told:
            if kept.is_undone:
                continue
            for outcome in kept.outcomes:
                for meter in outcome.meters:
                    now = used[meter.key]
                    used[meter.key] = Used(now.points + meter.points, now.times + meter.times)
            month = month_of(business_date(kept.counted.event.occurred_at))
            earned[month] += sum(o.applied for o in kept.outcomes if o.qualifies)
        assert used == self.counters.used
        assert earned == self.earned

    def _caps(self) -> None:
        for key, used in self.counters.used.items():
            assert used.points <= 60
            assert "amount|" not in key or used.points <= 30
            assert "check-in|" not in key or used.times <= 2

    def _closed_months(self) -> None:
        for count, month in self.closed:
            for entry in self.entries[count:]:
                assert entry.cause.period > month
                assert (entry.cause.corrects or "") < entry.cause.period


class LedgerMachine(Steps):
    """The engine on plain values, with what has no use case yet: reinstatement."""

    system: PlainSystem

    @override
    def start(self) -> PlainSystem:
        return PlainSystem()

    @precondition(lambda self: self._reinstatable())
    @rule(data=st.data())
    def reinstate(self, data: st.DataObject) -> None:
        seq = data.draw(st.sampled_from(self._reinstatable()), "expiry")
        numbers = {lot: number for number, lot in enumerate(self.system.lots, 1)}
        lots = {numbers[use.lot]: use.points for use in self.system.written[seq - 1].takes}
        self.auditor.opens(self.system.now)
        self.auditor.reinstate(lots, lot_end(self.system.now, 6))
        self.system.reinstate(seq)

    def _reinstatable(self) -> list[int]:
        """List expiries of points that no undo has taken from the firm's expired ones."""
        undone = {
            written.opens.id
            for kept in self.system.told
            if kept.is_undone
            for written in kept.entries
            if written.opens
        }
        return [
            entry.seq
            for entry in self.system.expiries()
            if not undone & {use.lot for use in self.system.written[entry.seq - 1].takes}
        ]


TestLedgerMachine = pytest.mark.untraced(LedgerMachine.TestCase)
TestLedgerMachine.settings = settings(max_examples=200, stateful_step_count=30)

"""Fake repositories of what a back-test reads and of its results."""

from collections.abc import Iterator
from datetime import UTC, datetime

from typing_extensions import override

from domain.calendar import business_date
from domain.events import facts_of
from domain.ids import BacktestId, CustomerId
from domain.ledger import Written
from domain.merging import Merge
from domain.replay.assembling import Rows
from domain.replay.drafts import Closing, Laws, ProgrammeIssue
from domain.replay.recorded import (
    RecordedEvent,
    RecordedHold,
    RecordedJoin,
    RecordedLot,
    RecordedMove,
)
from domain.repositories import Backtest, Backtests, Recordings
from handlers.usecases.surroundings import facts_read
from tests.support.fake_people import FakeRepository

END = datetime(9999, 1, 1, tzinfo=UTC)


class FakeRecordings(FakeRepository, Recordings):
    @override
    def laws(self) -> Laws:
        state = self._state
        return Laws(
            rules=tuple(one for _, one in sorted(state.rules.items())),
            programmes=tuple(
                ProgrammeIssue(one, state.programme_issues[number])
                for number, one in sorted(state.programmes.items())
            ),
            closings=tuple(Closing(month, at) for month, at in sorted(state.months.items())),
        )

    @override
    def customers(self) -> list[tuple[CustomerId, int]]:
        return [
            (CustomerId(customer), wallet.seq)
            for customer, wallet in sorted(self._state.wallets.items())
        ]

    @override
    def of_customers(self, first: CustomerId, last: CustomerId) -> Rows:
        state = self._state
        return Rows(
            [
                self._event(event)
                for event, one in state.events.items()
                if first <= one.event.customer <= last
            ],
            [_move(one) for one in state.booked.values() if first <= one.entry.customer <= last],
            [
                RecordedHold(hold.entry, hold.customer, hold.points, hold.closed_at)
                for hold in state.holds.values()
                if hold.closed_at is not None and first <= hold.customer <= last
            ],
            [
                join
                for merge in state.merges.values()
                for join in _joins(merge)
                if first <= join.customer <= last
            ],
        )

    @override
    def in_time(self) -> Iterator[tuple[Rows, datetime]]:
        yield self.of_customers(CustomerId(""), CustomerId("\U0010ffff")), END

    def _event(self, event: str) -> RecordedEvent:
        counted = self._state.events[event]
        undone = self._state.undone.get(event)
        return RecordedEvent(
            event=counted.event,
            on=business_date(counted.event.occurred_at),
            facts=facts_of(counted.event) | facts_read(counted.facts),
            outcomes=counted.outcomes,
            is_sealed=True,
            undone_at=undone[0] if undone else None,
        )


def _joins(merge: Merge) -> Iterator[RecordedJoin]:
    away = {month: -points for month, points in merge.months.items()}
    yield RecordedJoin(merge.kept, merge.at, merge.key, dict(merge.months))
    yield RecordedJoin(merge.merged, merge.at, merge.key, away)
    if merge.parted is not None:
        yield RecordedJoin(merge.merged, merge.parted.at, merge.parted.key, dict(merge.months))
        yield RecordedJoin(merge.kept, merge.parted.at, merge.parted.key, away)


def _move(one: Written) -> RecordedMove:
    entry, cause, lot = one.entry, one.entry.cause, one.opens
    return RecordedMove(
        id=entry.id,
        customer=entry.customer,
        seq=entry.seq,
        debit=entry.debit,
        credit=entry.credit,
        points=entry.points,
        reason=entry.reason,
        event=cause.event,
        rule=cause.rule,
        rule_version=cause.rule_version,
        effective_at=cause.effective_at,
        recorded_at=cause.recorded_at,
        key=cause.key,
        reverses=entry.reverses,
        reversal_part=entry.reversal_part,
        available=entry.available_after,
        held=entry.held_after,
        pending=entry.pending_after,
        debt=entry.debt_after,
        qualifying=entry.qualifying,
        period=cause.period,
        corrects=cause.corrects,
        note=cause.note,
        form=entry.form,
        opens=None
        if lot is None
        else RecordedLot(lot.id, lot.points, lot.earned_at, lot.expires_at, lot.matures_at),
        takes=one.takes,
        gives_back=one.gives_back,
        matures=one.matures,
    )


class FakeBacktests(FakeRepository, Backtests):
    @override
    def add(self, backtest: Backtest) -> None:
        self._transaction.insert(self._state.backtests, backtest.id, backtest)

    @override
    def get(self, backtest: BacktestId) -> Backtest | None:
        return self._state.backtests.get(backtest)

    @override
    def latest(self, content_hash: str) -> Backtest | None:
        found = [one for one in self._state.backtests.values() if one.content_hash == content_hash]
        return max(found, key=lambda one: (one.finished_at, one.id), default=None)

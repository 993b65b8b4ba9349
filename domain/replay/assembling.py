"""Recorded rows to steps: which entries one posting has written, and which hold one ends."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.ids import CustomerId, EntryId, EventId
from domain.ledger import Account, Reason
from domain.replay.recorded import (
    Happened,
    Joined,
    Own,
    RecordedEvent,
    RecordedHold,
    RecordedJoin,
    RecordedMove,
    Step,
    Undone,
)


@dataclass(slots=True)
class Rows:
    """What was read of some customers or some time, in any order."""

    events: Sequence[RecordedEvent] = ()
    moves: Sequence[RecordedMove] = ()
    """Those of the events, their undos' too, and those without event."""
    holds: Sequence[RecordedHold] = ()
    """Those that ended in this time."""
    joins: Sequence[RecordedJoin] = ()


@dataclass(slots=True)
class Assembly:
    """Steps that have been assembled, and undos whose time has not come."""

    later: list[Undone] = field(default_factory=list)

    def steps(self, rows: Rows, until: datetime | None = None) -> list[Step]:
        """Give the steps of what was read, in the order of time.

        Undos after `until` are kept for the call that reaches them.
        """
        happened = {one.event.id: _happened(one) for one in rows.events}
        undone = {step.recorded.event.id: step for step in self.later}
        for one in rows.events:
            if one.undone_at is not None:
                undone[one.event.id] = _undone(one, one.undone_at)
        moves = [move for move in rows.moves if move.reverses is None or move.event is None]
        for move in rows.moves:
            if move.reverses is not None and move.event is not None:
                undone[move.event].moves.append(move)
        due = {event: step for event, step in undone.items() if until is None or step.at <= until}
        self.later = [step for event, step in undone.items() if event not in due]
        for step in due.values():
            moves += step.moves
            step.moves = []
        moves.sort(key=_place)
        own = _attach(moves, happened, due, _Holds(rows.holds))
        joined = [Joined(one.at, one.key, one.customer, months=one.months) for one in rows.joins]
        found: list[Step] = [*happened.values(), *due.values(), *own, *joined]
        found.sort(key=_time)
        return found


def is_tick(move: RecordedMove) -> bool:
    """Tell whether an entry only books that time has passed: points have expired or matured."""
    if move.reason == Reason.DEBT_PAID:
        return move.debit == Account.PENDING
    return move.reason in {Reason.EXPIRY, Reason.MATURITY}


def _attach(
    moves: Iterable[RecordedMove],
    happened: dict[EventId, Happened],
    undone: dict[EventId, Undone],
    holds: "_Holds",
) -> list[Own]:
    own: list[Own] = []
    last: Step | None = None
    for move in moves:
        step: Step | None
        if move.event is not None:
            step = happened[move.event] if move.reverses is None else undone[move.event]
        elif last is not None and _goes_with(last, move):
            step = last
        else:
            own.append(Own(move.recorded_at, move.id, move.customer))
            step = own[-1]
        step.moves.append(move)
        last = step
    for one in own:
        one.held_by = holds.ended_by(one)
    return own


def _goes_with(step: Step, move: RecordedMove) -> bool:
    """Tell whether an entry without event was written by the step before it.

    What has expired by then was booked when the wallet was opened; so what is booked as expired
    right after a step and at its instant is what the step itself has brought.
    """
    if step.customer != move.customer or step.at != move.recorded_at:
        return False
    return is_tick(move) or (isinstance(step, Own) and step.moves[0].key == move.key)


class _Holds:
    """Finds the hold that a step ends: settling and releasing always end a whole one."""

    def __init__(self, holds: Iterable[RecordedHold]) -> None:
        self._ended: dict[tuple[CustomerId, datetime, int], list[EntryId]] = {}
        for hold in sorted(holds, key=lambda one: one.entry, reverse=True):
            key = (hold.customer, hold.closed_at, hold.points)
            self._ended.setdefault(key, []).append(hold.entry)

    def ended_by(self, step: Own) -> EntryId | None:
        points = sum(move.points for move in step.moves if move.debit == Account.HELD)
        found = self._ended.get((step.customer, step.at, points)) if points else None
        return found.pop() if found else None


def _happened(one: RecordedEvent) -> Happened:
    return Happened(one.event.recorded_at, one.event.id, one.event.customer, recorded=one)


def _undone(one: RecordedEvent, at: datetime) -> Undone:
    # Nothing is undone before it has happened, not even at the same instant.
    return Undone(at, f"{one.event.id}~", one.event.customer, recorded=one)


def _place(move: RecordedMove) -> tuple[str, int]:
    return move.customer, move.seq


def _time(step: Step) -> tuple[datetime, str]:
    return step.at, step.key

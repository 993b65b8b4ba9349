"""Where a replay differs from what was recorded, field by field."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from operator import attrgetter
from typing import Any

from domain.ids import CustomerId, EventId
from domain.lots import Lot, LotUse
from domain.outcomes import outcomes_text
from domain.posting import Move
from domain.replay.recorded import Happened, RecordedLot, RecordedMove, Step
from domain.replay.worlds import Played
from domain.sealing import instant

FORM_OF_FIRST = 1

_SHARED = (
    "id",
    "debit",
    "credit",
    "points",
    "reason",
    "reverses",
    "reversal_part",
    "available",
    "held",
    "pending",
    "debt",
    "takes",
    "gives_back",
    "matures",
)
_OF_CAUSE = ("key", "effective_at", "recorded_at", "period", "corrects", "rule", "rule_version")
FIELDS = (*_SHARED, *_OF_CAUSE, "event", "note")
"""What is compared of every entry, beside its lot and what counts for the tier."""
_LOT = ("id", "points", "earned_at", "expires_at", "matures_at")

_recorded = attrgetter(*FIELDS)
_replayed = attrgetter(
    *_SHARED, *(f"cause.{name}" for name in _OF_CAUSE), "cause.event", "cause.note"
)
_lot = attrgetter(*_LOT)


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one entry, or of an event's outcomes, that came out otherwise."""

    customer: CustomerId
    seq: int | None
    """None for what was recorded of an event without an entry."""
    event: EventId | None
    field: str
    recorded: str | None
    replayed: str | None


def is_same(step: Step, played: Played) -> bool:
    """Tell whether a step did exactly what was recorded of it."""
    return (
        len(played.moves) == len(step.moves)
        and all(map(_is_same, step.moves, played.moves))
        and not (
            isinstance(step, Happened)
            and step.recorded.is_sealed
            and step.recorded.outcomes != outcomes_text(played.outcomes or ())
        )
    )


def differences(step: Step, played: Played) -> Iterator[Difference]:
    """Name what a step did otherwise than was recorded of it."""
    event = step.recorded.event.id if isinstance(step, Happened) else None
    if isinstance(step, Happened) and step.recorded.is_sealed:
        recorded, replayed = step.recorded.outcomes, outcomes_text(played.outcomes or ())
        if replayed != recorded:
            seq = step.moves[0].seq if step.moves else None
            yield Difference(step.customer, seq, event, "outcomes", recorded, replayed)
    for recorded_move, move in zip_longest(step.moves, played.moves):
        for field, was, now in _of_entry(recorded_move, move):
            seq = None if recorded_move is None else recorded_move.seq
            of = event if recorded_move is None else recorded_move.event
            yield Difference(step.customer, seq, of, field, _shown(was), _shown(now))


def _is_same(recorded: RecordedMove, move: Move) -> bool:
    """Tell whether no field differs; spelled out, because every entry comes by here."""
    cause, opens, opened = move.cause, recorded.opens, move.opens
    return (
        recorded.id == move.id
        and recorded.points == move.points
        and recorded.debit == move.debit
        and recorded.credit == move.credit
        and recorded.reason == move.reason
        and recorded.available == move.available
        and recorded.held == move.held
        and recorded.pending == move.pending
        and recorded.debt == move.debt
        and recorded.key == cause.key
        and recorded.effective_at == cause.effective_at
        and recorded.recorded_at == cause.recorded_at
        and recorded.period == cause.period
        and recorded.corrects == cause.corrects
        and recorded.event == cause.event
        and recorded.rule == cause.rule
        and recorded.rule_version == cause.rule_version
        and recorded.note == cause.note
        and recorded.reverses == move.reverses
        and recorded.reversal_part == move.reversal_part
        and recorded.takes == move.takes
        and recorded.gives_back == move.gives_back
        and recorded.matures == move.matures
        and (
            opened is None if opens is None else opened is not None and _lot_is_same(opens, opened)
        )
        and (recorded.qualifying == move.qualifying or recorded.form == FORM_OF_FIRST)
    )


def _lot_is_same(recorded: RecordedLot, lot: Lot) -> bool:
    return (
        recorded.id == lot.id
        and recorded.points == lot.points
        and recorded.earned_at == lot.earned_at
        and recorded.expires_at == lot.expires_at
        and recorded.matures_at == lot.matures_at
    )


def _of_entry(recorded: RecordedMove | None, move: Move | None) -> Iterator[tuple[str, Any, Any]]:
    if recorded is None or move is None:
        yield "entry", recorded and recorded.points, move and move.points
        return
    for field, was, now in zip(FIELDS, _recorded(recorded), _replayed(move), strict=True):
        if was != now:
            yield field, was, now
    if recorded.qualifying != move.qualifying and recorded.form != FORM_OF_FIRST:
        yield "qualifying", recorded.qualifying, move.qualifying
    was_lot, lot = _lot_values(recorded.opens), _lot_values(move.opens)
    for field, was, now in zip(_LOT, was_lot, lot, strict=True):
        if was != now:
            yield f"lot.{field}", was, now


def _lot_values(lot: RecordedLot | Any | None) -> Sequence[Any]:
    return [None] * len(_LOT) if lot is None else _lot(lot)


def _shown(value: Any) -> str | None:
    match value:
        case None:
            return None
        case datetime():
            return instant(value)
        case LotUse(lot, points):
            return f"{lot}:{points}"
        case tuple():
            return " ".join(f"{use.lot}:{use.points}" for use in value)
        case _:
            return str(value)

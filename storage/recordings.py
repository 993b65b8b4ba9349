"""Everything that was recorded, read in bulk for a back-test: raw rows, no hashes.

Either whole customers, which the ledger's own indexes give, or everybody by time, for which the
entries without event have an index of their own.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from typing_extensions import override

from domain.calendar import business_date
from domain.events import BusinessEvent, EventType, EventValue, FactValue, facts_in
from domain.ids import CustomerId
from domain.lots import LotUse
from domain.programme import Programme
from domain.replay.assembling import Rows
from domain.replay.drafts import Closing, Laws, ProgrammeIssue
from domain.replay.recorded import (
    RecordedEvent,
    RecordedHold,
    RecordedJoin,
    RecordedLot,
    RecordedMove,
)
from domain.repositories import Recordings
from domain.rules.codec import read_as
from storage.db import Db, Row
from storage.rules import SqlRules
from storage.values import json_of, time_of, time_or_none

PART = 20_000
"""About so many events are read at once."""
_BEGIN = datetime(1, 1, 2, tzinfo=UTC)
_END = datetime(9999, 1, 1, tzinfo=UTC)

_SELECT_EVENT = """
    SELECT e.id, e.type, e.customer_id, e.occurred_at, e.recorded_at, e.data, e.facts, e.outcomes,
        e.seal IS NOT NULL, u.undone_at
    FROM events e
    LEFT JOIN event_undos u ON u.tenant_id = e.tenant_id AND u.event_id = e.id
    WHERE e.tenant_id = :tenant
"""
_SELECT_MOVE = """
    SELECT n.id, n.customer_id, n.seq, n.debit, n.credit, n.points, n.reason, n.event_id, n.rule,
        n.rule_version, n.effective_at, n.recorded_at, n.cause_key, n.reverses, n.reversal_part,
        n.available_after, n.held_after, n.pending_after, n.debt_after, n.qualifying, n.period,
        n.corrects, n.note, n.form,
        l.id, l.points, l.earned_at, l.expires_at, l.matures_at
"""
_SELECT_USE = "SELECT u.entry_id, u.direction, u.lot_id, u.points"
_LOT = " LEFT JOIN lots l ON l.tenant_id = n.tenant_id AND l.entry_id = n.id"
# A cross join keeps SQLite from beginning with all entries or all uses for each part.
_USE = " CROSS JOIN lot_uses u"
_OF_ENTRY = " AND u.tenant_id = n.tenant_id AND u.entry_id = n.id"
_ENTRIES = " FROM entries n"
_OF_EVENTS = " FROM events e CROSS JOIN entries n"
_WHERE_ENTRY = " WHERE n.tenant_id = :tenant"
_IN_CUSTOMERS = " AND n.customer_id >= :first AND n.customer_id <= :last"
_IN_TIME = """
    WHERE e.tenant_id = :tenant AND e.recorded_at > :since AND e.recorded_at <= :until
      AND n.tenant_id = e.tenant_id AND n.event_id = e.id
"""
_OWN_IN_TIME = """
    WHERE n.tenant_id = :tenant AND n.event_id IS NULL
      AND n.recorded_at > :since AND n.recorded_at <= :until
"""
_BY_PLACE = " ORDER BY u.entry_id, u.place"
_SELECT_HOLD = """
    SELECT entry_id, customer_id, points, closed_at FROM holds
    WHERE tenant_id = :tenant AND closed_at IS NOT NULL
"""

_EVENTS_OF = _SELECT_EVENT + " AND e.customer_id >= :first AND e.customer_id <= :last"
_MOVES_OF = _SELECT_MOVE + _ENTRIES + _LOT + _WHERE_ENTRY + _IN_CUSTOMERS
_USES_OF = _SELECT_USE + _ENTRIES + _USE + _WHERE_ENTRY + _IN_CUSTOMERS + _OF_ENTRY + _BY_PLACE
_HOLDS_OF = """
    SELECT h.entry_id, h.customer_id, h.points, h.closed_at FROM entries n CROSS JOIN holds h
    WHERE n.tenant_id = :tenant AND n.customer_id >= :first AND n.customer_id <= :last
      AND n.reason = 'hold' AND h.tenant_id = n.tenant_id AND h.entry_id = n.id
      AND h.closed_at IS NOT NULL
"""

_EVENTS_IN = _SELECT_EVENT + " AND e.recorded_at > :since AND e.recorded_at <= :until"
_MOVES_IN = _SELECT_MOVE + _OF_EVENTS + _LOT + _IN_TIME
_USES_IN = _SELECT_USE + _OF_EVENTS + _USE + _IN_TIME + _OF_ENTRY + _BY_PLACE
_OWN_MOVES_IN = _SELECT_MOVE + _ENTRIES + _LOT + _OWN_IN_TIME
_OWN_USES_IN = _SELECT_USE + _ENTRIES + _USE + _OWN_IN_TIME + _OF_ENTRY + _BY_PLACE
_HOLDS_IN = _SELECT_HOLD + " AND closed_at > :since AND closed_at <= :until"
_JOINS = """
    SELECT customer_id, at, key, sign, moved FROM (
        SELECT tenant_id, kept_id AS customer_id, merged_at AS at, joined_key AS key, 1 AS sign,
            moved FROM customer_merges
        UNION ALL SELECT tenant_id, merged_id, merged_at, joined_key, -1, moved
        FROM customer_merges
        UNION ALL SELECT tenant_id, merged_id, undone_at, parted_key, 1, moved
        FROM customer_merges WHERE undone_at IS NOT NULL
        UNION ALL SELECT tenant_id, kept_id, undone_at, parted_key, -1, moved
        FROM customer_merges WHERE undone_at IS NOT NULL
    ) sides WHERE tenant_id = :tenant
"""
_JOINS_OF = _JOINS + " AND customer_id >= :first AND customer_id <= :last"
_JOINS_IN = _JOINS + " AND at > :since AND at <= :until"
_PART_ENDS = """
    SELECT recorded_at FROM events WHERE tenant_id = :tenant AND recorded_at > :since
    ORDER BY recorded_at LIMIT 1 OFFSET :part
"""
_CUSTOMERS = "SELECT customer_id, seq FROM wallets WHERE tenant_id = :tenant ORDER BY customer_id"
_PROGRAMMES = """
    SELECT content, published_at FROM programme_versions WHERE tenant_id = :tenant ORDER BY version
"""
_CLOSINGS = "SELECT month, closed_at FROM closed_months WHERE tenant_id = :tenant ORDER BY month"


class SqlRecordings(Recordings):
    """What was recorded, in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db
        self._reader = _Reader()

    @override
    def laws(self) -> Laws:
        programmes = self._db.all(_PROGRAMMES)
        return Laws(
            rules=tuple(SqlRules(self._db).published()),
            programmes=tuple(
                ProgrammeIssue(read_as(Programme, json.loads(content)), time_of(at))
                for content, at in programmes
            ),
            closings=tuple(Closing(month, time_of(at)) for month, at in self._db.all(_CLOSINGS)),
        )

    @override
    def customers(self) -> list[tuple[CustomerId, int]]:
        return [(customer, int(seq)) for customer, seq in self._db.all(_CUSTOMERS)]

    @override
    def of_customers(self, first: CustomerId, last: CustomerId) -> Rows:
        asked = {"first": first, "last": last}
        return self._reader.rows(
            self._db.all(_EVENTS_OF, **asked),
            self._db.all(_MOVES_OF, **asked),
            self._db.all(_USES_OF, **asked),
            self._db.all(_HOLDS_OF, **asked),
            self._db.all(_JOINS_OF, **asked),
        )

    @override
    def in_time(self) -> Iterator[tuple[Rows, datetime]]:
        since = _BEGIN
        while since < _END:
            ends = self._db.one(_PART_ENDS, since=since, part=PART)
            until = _END if ends is None else time_of(ends[0])
            asked = {"since": since, "until": until}
            yield (
                self._reader.rows(
                    self._db.all(_EVENTS_IN, **asked),
                    self._db.all(_MOVES_IN, **asked) + self._db.all(_OWN_MOVES_IN, **asked),
                    self._db.all(_USES_IN, **asked) + self._db.all(_OWN_USES_IN, **asked),
                    self._db.all(_HOLDS_IN, **asked),
                    self._db.all(_JOINS_IN, **asked),
                ),
                until,
            )
            since = until


class _Reader:
    """Makes records of rows; what many rows say in the same words is read once."""

    def __init__(self) -> None:
        self._times = _Read(time_of)
        self._data = _Read(_data_of)
        self._around = _Read(_facts_around)

    def rows(
        self,
        events: list[Row],
        moves: list[Row],
        uses: list[Row],
        holds: list[Row],
        joins: list[Row],
    ) -> Rows:
        """Make records of what was read together."""
        found = [self._move(row) for row in moves]
        if uses:
            _add_uses({move.id: move for move in found}, uses)
        return Rows(
            [self._event(row) for row in events],
            found,
            [RecordedHold(entry, of, points, time_of(at)) for entry, of, points, at in holds],
            [_join(row) for row in joins],
        )

    def _event(self, row: Row) -> RecordedEvent:
        (id_, type_, customer, occurred_at, recorded_at, data, facts, outcomes, *rest) = row
        is_sealed, undone_at = rest
        said, facts_said = self._data[data]
        occurred = self._times[occurred_at]
        recorded, source, project, by = self._times[recorded_at], "", None, None
        event = BusinessEvent(
            id_, source, source, _TYPES[type_], customer, project, occurred, recorded, by, said
        )
        return RecordedEvent(
            event,
            business_date(occurred),
            facts_said | self._around[facts],
            outcomes,
            bool(is_sealed),
            time_or_none(undone_at),
        )

    def _move(self, row: Row) -> RecordedMove:
        values: list[Any] = list(row[:_LOT_BEGINS])
        times, lot = self._times, None
        values[_EFFECTIVE_AT] = times[values[_EFFECTIVE_AT]]
        values[_RECORDED_AT] = times[values[_RECORDED_AT]]
        if row[_LOT_BEGINS] is not None:
            id_, points, earned_at, expires_at, matures_at = row[_LOT_BEGINS:]
            lot = RecordedLot(
                id_, points, times[earned_at], times[expires_at], time_or_none(matures_at)
            )
        values.append(lot)
        return RecordedMove(*values)


_EFFECTIVE_AT, _RECORDED_AT, _LOT_BEGINS = 10, 11, 24
_TYPES = {str(kind): kind for kind in EventType}
_KEPT_MAX = 10_000


class _Read(dict[Any, Any]):
    """Values of columns, each read when it is met for the first time."""

    def __init__(self, read: Callable[[Any], Any]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, column: Any) -> Any:
        """Read a value, and forget the others when there are too many."""
        if len(self) >= _KEPT_MAX:
            self.clear()
        found = self[column] = self._read(column)
        return found


def _data_of(text: str) -> tuple[dict[str, EventValue], dict[str, FactValue]]:
    """Read an event's data, with the facts that are in them."""
    data: dict[str, EventValue] = json.loads(text)
    return data, facts_in(data)


def _join(row: Row) -> RecordedJoin:
    customer, at, key, sign, moved = row
    months = {month: sign * points for month, points in json_of(moved)["months"]}
    return RecordedJoin(customer, time_of(at), key, months)


def _facts_around(text: str) -> dict[str, FactValue]:
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in json.loads(text).items()
    }


def _add_uses(moves: dict[str, RecordedMove], uses: list[Row]) -> None:
    for entry, direction, lot, points in uses:
        move, use = moves[entry], LotUse(lot, points)
        if direction == "take":
            move.takes += (use,)
        elif direction == "give_back":
            move.gives_back += (use,)
        else:
            move.matures = use

"""Orders of back-tests as rows: added by whoever wants one, worked off through a queue of leases.

The queue's methods are short transactions of their own, never part of a unit of work.
"""

from datetime import datetime
from typing import Any

from typing_extensions import override

from domain.backtest_orders import BacktestOrder, OrderState
from domain.ids import BacktestId, TenantId
from domain.ports import BacktestQueue
from domain.replay.drafts import Period
from domain.repositories import BacktestOrders
from storage.db import Db, Row, reading, writing
from storage.engine import Database
from storage.values import date_or_none, time_of, time_or_none

_ADD = """
    INSERT INTO backtest_orders (tenant_id, id, draft_number, says, first_day, last_day, ordered_by,
        key_id, ordered_at, state, due_at, tries, played)
    VALUES (:tenant, :id, :draft, :says, :first, :last, :by, :key, :ordered_at, 'waiting',
        :ordered_at, 0, 0)
"""
_GET = """
    SELECT id, draft_number, says, first_day, last_day, ordered_by, key_id, ordered_at, state,
        tries, started_at, entries, played, finished_at, reason
    FROM backtest_orders WHERE tenant_id = :tenant AND id = :id
"""
# The states stand apart from the time so that both engines see that the small index of what is
# still to be done holds everything these statements look for.
_OLDEST_DUE = """
    SELECT tenant_id, id FROM backtest_orders
    WHERE state IN ('waiting', 'running') AND due_at <= :now
    ORDER BY ordered_at, id LIMIT 1
"""
_CLAIM = """
    UPDATE backtest_orders SET state = 'running', due_at = :lease_until, tries = tries + 1,
        started_at = :now, entries = NULL, played = 0
    WHERE tenant_id = :tenant AND id = :id AND state IN ('waiting', 'running') AND due_at <= :now
    RETURNING id, draft_number, says, first_day, last_day, ordered_by, key_id, ordered_at, state,
        tries, started_at, entries, played, finished_at, reason
"""
# Only who still holds the order may say where it stands: a late loser of its lease must not end
# what another process has begun anew.
_PROLONG = """
    UPDATE backtest_orders SET due_at = :lease_until, entries = :entries, played = :played
    WHERE tenant_id = :tenant AND id = :id AND state = 'running' AND tries = :tries
"""
_PUT_BACK = """
    UPDATE backtest_orders SET state = 'waiting', due_at = :due_at, started_at = NULL,
        entries = NULL, played = 0, tries = CASE WHEN :is_counted THEN tries ELSE tries - 1 END
    WHERE tenant_id = :tenant AND id = :id AND state = 'running' AND tries = :tries
"""
_END = """
    UPDATE backtest_orders SET state = :state, finished_at = :at, reason = :reason
    WHERE tenant_id = :tenant AND id = :id AND state = 'running' AND tries = :tries
"""
_IDLE_SINCE = """
    SELECT MIN(due_at) FROM backtest_orders
    WHERE state IN ('waiting', 'running') AND due_at <= :now AND NOT EXISTS (
        SELECT 1 FROM backtest_orders r
        WHERE r.state IN ('waiting', 'running') AND r.state = 'running' AND r.due_at > :now
    )
"""


class SqlBacktestOrders(BacktestOrders):
    """Orders of back-tests in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def add(self, order: BacktestOrder) -> None:
        self._db.run(
            _ADD,
            id=order.id,
            draft=order.draft,
            says=order.says,
            first=order.period.first,
            last=order.period.last,
            by=order.by,
            key=order.api_key,
            ordered_at=order.ordered_at,
        )

    @override
    def get(self, backtest: BacktestId) -> BacktestOrder | None:
        row = self._db.one(_GET, id=backtest)
        return None if row is None else _order(row)

    @override
    def finish(self, claimed: BacktestOrder, at: datetime) -> bool:
        return self._db.run(_END, **_held(claimed), state=OrderState.DONE, at=at, reason=None) == 1


class SqlBacktestQueue(BacktestQueue):
    """The queue of ordered back-tests in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    def claim(self, now: datetime, lease_until: datetime) -> tuple[TenantId, BacktestOrder] | None:
        # Looking takes no writer's place; nearly always there is nothing.
        with reading(self._database, None) as db:
            found = db.one(_OLDEST_DUE, now=now)
        if found is None:
            return None
        tenant, id_ = found
        with writing(self._database, tenant) as db:
            row = db.one(_CLAIM, id=id_, now=now, lease_until=lease_until)
        return None if row is None else (tenant, _order(row))

    @override
    def prolong(self, tenant: TenantId, claimed: BacktestOrder, lease_until: datetime) -> bool:
        progress = {"entries": claimed.entries, "played": claimed.played}
        with writing(self._database, tenant) as db:
            return db.run(_PROLONG, **_held(claimed), **progress, lease_until=lease_until) == 1

    @override
    def put_back(
        self, tenant: TenantId, claimed: BacktestOrder, due_at: datetime, *, is_counted: bool
    ) -> None:
        with writing(self._database, tenant) as db:
            db.run(_PUT_BACK, **_held(claimed), due_at=due_at, is_counted=is_counted)

    @override
    def fail(self, tenant: TenantId, claimed: BacktestOrder, reason: str, at: datetime) -> None:
        with writing(self._database, tenant) as db:
            db.run(_END, **_held(claimed), state=OrderState.FAILED, at=at, reason=reason)

    @override
    def oldest_due_seconds(self, now: datetime) -> float:
        with reading(self._database, None) as db:
            row = db.one(_IDLE_SINCE, now=now)
        since = time_or_none(row[0]) if row is not None else None
        return 0.0 if since is None else (now - since).total_seconds()


def _held(claimed: BacktestOrder) -> dict[str, Any]:
    return {"id": claimed.id, "tries": claimed.tries}


def _order(row: Row) -> BacktestOrder:
    id_, draft, says, first, last, by, key, ordered_at, state, tries, started_at, *rest = row
    entries, played, finished_at, reason = rest
    return BacktestOrder(
        id=id_,
        draft=draft,
        says=says,
        period=Period(date_or_none(first), date_or_none(last)),
        by=by,
        api_key=key,
        ordered_at=time_of(ordered_at),
        state=OrderState(state),
        tries=tries,
        started_at=time_or_none(started_at),
        entries=entries,
        played=played,
        finished_at=time_or_none(finished_at),
        reason=reason,
    )

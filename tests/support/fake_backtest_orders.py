"""Fake orders of back-tests: the repository, and the queue whose every call is at once kept."""

from dataclasses import replace
from datetime import datetime

from typing_extensions import override

from domain.backtest_orders import BacktestOrder, OrderState
from domain.ids import BacktestId, TenantId
from domain.ports import BacktestQueue
from domain.repositories import BacktestOrders
from tests.support.fake_people import FakeRepository
from tests.support.fake_state import Ordered, TenantState

_OPEN = (OrderState.WAITING, OrderState.RUNNING)


class FakeBacktestOrders(FakeRepository, BacktestOrders):
    @override
    def add(self, order: BacktestOrder) -> None:
        row = Ordered(order, order.ordered_at)
        self._transaction.insert(self._state.backtest_orders, order.id, row)

    @override
    def get(self, backtest: BacktestId) -> BacktestOrder | None:
        found = self._state.backtest_orders.get(backtest)
        return None if found is None else found.order

    @override
    def finish(self, claimed: BacktestOrder, at: datetime) -> bool:
        held = _held(self._state, claimed)
        if held is not None:
            done = replace(held.order, state=OrderState.DONE, finished_at=at)
            self._state.backtest_orders[claimed.id] = replace(held, order=done)
        return held is not None


class FakeBacktestQueue(BacktestQueue):
    """Works on the committed state of the fake store."""

    def __init__(self, tenants: dict[TenantId, TenantState]) -> None:
        self._tenants = tenants

    @override
    def claim(self, now: datetime, lease_until: datetime) -> tuple[TenantId, BacktestOrder] | None:
        due = [
            (row.order.ordered_at, row.order.id, tenant)
            for tenant, row in self._open()
            if row.due_at <= now
        ]
        if not due:
            return None
        _, id_, tenant = min(due)
        order = self._tenants[tenant].backtest_orders[id_].order
        claimed = replace(
            order,
            state=OrderState.RUNNING,
            tries=order.tries + 1,
            started_at=now,
            entries=None,
            played=0,
        )
        self._put(tenant, Ordered(claimed, lease_until))
        return tenant, claimed

    @override
    def prolong(self, tenant: TenantId, claimed: BacktestOrder, lease_until: datetime) -> bool:
        held = _held(self._tenants[tenant], claimed)
        if held is not None:
            order = replace(held.order, entries=claimed.entries, played=claimed.played)
            self._put(tenant, Ordered(order, lease_until))
        return held is not None

    @override
    def put_back(
        self, tenant: TenantId, claimed: BacktestOrder, due_at: datetime, *, is_counted: bool
    ) -> None:
        held = _held(self._tenants[tenant], claimed)
        if held is not None:
            order = replace(
                held.order,
                state=OrderState.WAITING,
                tries=held.order.tries - (not is_counted),
                started_at=None,
                entries=None,
                played=0,
            )
            self._put(tenant, Ordered(order, due_at))

    @override
    def fail(self, tenant: TenantId, claimed: BacktestOrder, reason: str, at: datetime) -> None:
        held = _held(self._tenants[tenant], claimed)
        if held is not None:
            order = replace(held.order, state=OrderState.FAILED, reason=reason, finished_at=at)
            self._put(tenant, replace(held, order=order))

    @override
    def oldest_due_seconds(self, now: datetime) -> float:
        rows = [row for _, row in self._open()]
        due = [row.due_at for row in rows if row.due_at <= now]
        is_worked = any(row.order.state is OrderState.RUNNING and row.due_at > now for row in rows)
        return 0.0 if is_worked or not due else (now - min(due)).total_seconds()

    def _open(self) -> list[tuple[TenantId, Ordered]]:
        return [
            (tenant, row)
            for tenant, state in self._tenants.items()
            for row in state.backtest_orders.values()
            if row.order.state in _OPEN
        ]

    def _put(self, tenant: TenantId, row: Ordered) -> None:
        state = self._tenants[tenant]
        state.changes += 1
        state.backtest_orders[row.order.id] = row


def _held(state: TenantState, claimed: BacktestOrder) -> Ordered | None:
    row = state.backtest_orders.get(claimed.id)
    is_held = (
        row is not None
        and row.order.state is OrderState.RUNNING
        and row.order.tries == claimed.tries
    )
    return row if is_held else None

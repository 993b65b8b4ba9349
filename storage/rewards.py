"""Rewards and their stock as rows."""

from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from domain.ids import RewardId
from domain.ports import Conflict
from domain.repositories import Moved, Rewards, Stocks
from domain.rewards import Limit, LimitPeriod, Reward, RewardKind, Stock, StockMove, stock_legs
from storage.counters import next_number
from storage.db import Db, Missing, Row
from storage.values import Json, json_of, time_of, time_or_none

_SELECT = """
    SELECT id, number, name, kind, points, cost, value, description, picture, is_active,
           limit_quantity, limit_period, tier, segments, opens_at, closes_at, valid_days,
           is_partly_usable, needs_contact, needs_approver, has_stock, version
    FROM rewards WHERE tenant_id = :tenant
"""
_GET = _SELECT + " AND id = :id"
_FIND_NUMBER = _SELECT + " AND number = :number"
_ALL = _SELECT + " ORDER BY number"
_ADD = """
    INSERT INTO rewards (tenant_id, id, number, name, kind, points, cost, value, description,
        picture, is_active, limit_quantity, limit_period, tier, segments, opens_at, closes_at,
        valid_days, is_partly_usable, needs_contact, needs_approver, has_stock, version)
    VALUES (:tenant, :id, :number, :name, :kind, :points, :cost, :value, :description,
        :picture, :is_active, :limit_quantity, :limit_period, :tier, :segments, :opens_at,
        :closes_at, :valid_days, :is_partly_usable, :needs_contact, :needs_approver, :has_stock,
        :version)
"""
_SAVE = """
    UPDATE rewards SET number = :number, name = :name, kind = :kind, points = :points,
        cost = :cost, value = :value, description = :description, picture = :picture,
        is_active = :is_active, limit_quantity = :limit_quantity, limit_period = :limit_period,
        tier = :tier, segments = :segments, opens_at = :opens_at, closes_at = :closes_at,
        valid_days = :valid_days, is_partly_usable = :is_partly_usable,
        needs_contact = :needs_contact, needs_approver = :needs_approver,
        has_stock = :has_stock, version = :version
    WHERE tenant_id = :tenant AND id = :id AND version = :version - 1
"""
_STOCKS = "SELECT reward_id, available, held, gone FROM stocks WHERE tenant_id = :tenant"
_STOCK = _STOCKS + " AND reward_id = :reward"
_OPEN_STOCK = """
    INSERT INTO stocks (tenant_id, reward_id, available, held, gone)
    VALUES (:tenant, :reward, 0, 0, 0)
    ON CONFLICT (tenant_id, reward_id) DO NOTHING
"""
_MOVE = """
    UPDATE stocks SET available = available + :available, held = held + :held, gone = gone + :gone
    WHERE tenant_id = :tenant AND reward_id = :reward
        AND available + :available >= 0 AND held + :held >= 0 AND gone + :gone >= 0
"""
_KEEP = """
    INSERT INTO stock_moves (tenant_id, id, reward_id, move, quantity, redemption_id, actor, at,
        note)
    VALUES (:tenant, :id, :reward, :move, :quantity, :redemption, :actor, :at, :note)
"""
_MOVES = """
    SELECT id, reward_id, move, quantity, redemption_id, actor, at, note FROM stock_moves
    WHERE tenant_id = :tenant AND reward_id = :reward ORDER BY at DESC, id DESC LIMIT :limit
"""
_COUNTER = "reward"


class SqlRewards(Rewards):
    """Rewards in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def next_number(self) -> int:
        return next_number(self._db, _COUNTER)

    @override
    def add(self, reward: Reward) -> None:
        self._db.run(_ADD, **_values(reward))

    @override
    def get(self, reward: RewardId) -> Reward:
        row = self._db.one(_GET, id=reward)
        if row is None:
            raise Missing("reward", reward)
        return _reward(row)

    @override
    def find_number(self, number: int) -> Reward | None:
        row = self._db.one(_FIND_NUMBER, number=number)
        return None if row is None else _reward(row)

    @override
    def all(self) -> list[Reward]:
        return [_reward(row) for row in self._db.all(_ALL)]

    @override
    def save(self, reward: Reward) -> None:
        if self._db.run(_SAVE, **_values(reward)) != 1:
            raise Conflict("reward")


class SqlStocks(Stocks):
    """Stock and its moves in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def all(self) -> Mapping[RewardId, Stock]:
        return {reward: Stock(*places) for reward, *places in self._db.all(_STOCKS)}

    @override
    def of(self, reward: RewardId) -> Stock:
        row = self._db.one(_STOCK, reward=reward)
        return Stock() if row is None else Stock(*row[1:])

    @override
    def move(self, moved: Moved) -> bool:
        if moved.move is StockMove.RECEIVE:
            self._db.run(_OPEN_STOCK, reward=moved.reward)
        legs = stock_legs(moved.move, moved.quantity)
        changed = self._db.run(
            _MOVE,
            reward=moved.reward,
            available=legs.available,
            held=legs.held,
            gone=legs.gone,
        )
        if changed == 0:
            return False
        self._db.run(
            _KEEP,
            id=moved.id,
            reward=moved.reward,
            move=moved.move,
            quantity=moved.quantity,
            redemption=moved.redemption,
            actor=moved.actor,
            at=moved.at,
            note=moved.note,
        )
        return True

    @override
    def moves(self, reward: RewardId, limit: int) -> list[Moved]:
        return [_moved(row) for row in self._db.all(_MOVES, reward=reward, limit=limit)]


def _values(reward: Reward) -> dict[str, Any]:
    limit = reward.limit
    return {
        "id": reward.id,
        "number": reward.number,
        "name": reward.name,
        "kind": reward.kind,
        "points": reward.points,
        "cost": reward.cost,
        "value": reward.value,
        "description": reward.description,
        "picture": reward.picture,
        "is_active": reward.is_active,
        "limit_quantity": limit.quantity if limit else None,
        "limit_period": limit.period if limit else None,
        "tier": reward.tier,
        "segments": Json(sorted(reward.segments)),
        "opens_at": reward.opens_at,
        "closes_at": reward.closes_at,
        "valid_days": reward.valid_days,
        "is_partly_usable": reward.is_partly_usable,
        "needs_contact": reward.needs_contact,
        "needs_approver": reward.needs_approver,
        "has_stock": reward.has_stock,
        "version": reward.version,
    }


def _reward(row: Row) -> Reward:
    (id_, number, name, kind, points, cost, value, description, picture, is_active, *rest) = row
    (limit_quantity, limit_period, tier, segments, opens_at, closes_at, valid_days, *flags) = rest
    (is_partly_usable, needs_contact, needs_approver, has_stock, version) = flags
    return Reward(
        id=id_,
        number=number,
        name=name,
        kind=RewardKind(kind),
        points=points,
        cost=cost,
        value=value,
        description=description,
        picture=picture,
        is_active=bool(is_active),
        limit=Limit(limit_quantity, LimitPeriod(limit_period)) if limit_quantity else None,
        tier=tier,
        segments=frozenset(json_of(segments)),
        opens_at=time_or_none(opens_at),
        closes_at=time_or_none(closes_at),
        valid_days=valid_days,
        is_partly_usable=bool(is_partly_usable),
        needs_contact=bool(needs_contact),
        needs_approver=bool(needs_approver),
        has_stock=bool(has_stock),
        version=version,
    )


def _moved(row: Row) -> Moved:
    id_, reward, move, quantity, redemption, actor, at, note = row
    return Moved(id_, reward, StockMove(move), quantity, redemption, actor, time_of(at), note)

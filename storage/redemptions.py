"""What was bought, as rows; what it was bought on is written once, a new version moves it on."""

from datetime import datetime
from typing import Any

from typing_extensions import override

from domain.ids import CustomerId, RedemptionId, RewardId
from domain.ports import Conflict
from domain.redemptions import Redemption, RedemptionState
from domain.repositories import Redemptions
from domain.rewards import RewardKind
from storage.counters import next_number
from storage.db import Db, Row
from storage.values import time_of, time_or_none

_SELECT = """
    SELECT id, number, source, customer_id, contact_id, member_id, reward_id, reward_version, name,
           kind, quantity, points_each, cost_each, value_each, valid_days, is_partly_usable,
           has_stock, waits_for_contact, waits_for_approver, waits_for_confirmation, held_at,
           expires_at, state, agreed_by, approved_by, placed_at, ended_at, fulfilled, refunded,
           note, version
    FROM redemptions WHERE tenant_id = :tenant
"""
_FIND = _SELECT + " AND id = :id FOR UPDATE"
_FIND_NUMBER = _SELECT + " AND number = :number"
_FIND_SOURCE = _SELECT + " AND source = :source"
_OF_CUSTOMER = _SELECT + " AND customer_id = :customer ORDER BY number DESC LIMIT :limit"
_TO_HAND_OVER = (
    _SELECT + " AND state = 'placed' AND kind <> 'voucher' ORDER BY placed_at, number LIMIT :limit"
)
_TAKEN = """
    SELECT COALESCE(SUM(quantity - refunded), 0) FROM redemptions
    WHERE tenant_id = :tenant AND customer_id = :customer AND reward_id = :reward
        AND points_each > 0 AND state IN ('held', 'placed', 'fulfilled', 'refunded')
"""
_TAKEN_SINCE = _TAKEN + " AND held_at >= :since"
_OVERDUE = """
    SELECT id FROM redemptions WHERE tenant_id = :tenant AND state = 'held' AND expires_at <= :now
    ORDER BY expires_at, id LIMIT :limit
"""
_ADD = """
    INSERT INTO redemptions (tenant_id, id, number, source, customer_id, contact_id, member_id,
        reward_id, reward_version, name, kind, quantity, points_each, cost_each, value_each,
        valid_days, is_partly_usable, has_stock, waits_for_contact, waits_for_approver,
        waits_for_confirmation, held_at, expires_at, state, agreed_by, approved_by, placed_at,
        ended_at, fulfilled, refunded, note, version)
    VALUES (:tenant, :id, :number, :source, :customer, :contact, :member,
        :reward, :reward_version, :name, :kind, :quantity, :points_each, :cost_each, :value_each,
        :valid_days, :is_partly_usable, :has_stock, :waits_for_contact, :waits_for_approver,
        :waits_for_confirmation, :held_at, :expires_at, :state, :agreed_by, :approved_by,
        :placed_at, :ended_at, :fulfilled, :refunded, :note, :version)
"""
_SAVE = """
    UPDATE redemptions SET expires_at = :expires_at, waits_for_contact = :waits_for_contact,
        waits_for_approver = :waits_for_approver, waits_for_confirmation = :waits_for_confirmation,
        state = :state, agreed_by = :agreed_by, approved_by = :approved_by,
        placed_at = :placed_at, ended_at = :ended_at, fulfilled = :fulfilled,
        refunded = :refunded, note = :note, version = :version
    WHERE tenant_id = :tenant AND id = :id AND version = :version - 1
"""
_COUNTER = "redemption"


class SqlRedemptions(Redemptions):
    """Redemptions in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def next_number(self) -> int:
        return next_number(self._db, _COUNTER)

    @override
    def add(self, redemption: Redemption) -> None:
        self._db.run(
            _ADD,
            number=redemption.number,
            source=redemption.source,
            customer=redemption.customer,
            contact=redemption.contact,
            member=redemption.member,
            reward=redemption.reward,
            reward_version=redemption.reward_version,
            name=redemption.name,
            kind=redemption.kind,
            quantity=redemption.quantity,
            points_each=redemption.points_each,
            cost_each=redemption.cost_each,
            value_each=redemption.value_each,
            valid_days=redemption.valid_days,
            is_partly_usable=redemption.is_partly_usable,
            has_stock=redemption.has_stock,
            held_at=redemption.held_at,
            **_life(redemption),
        )

    @override
    def find(self, redemption: RedemptionId) -> Redemption | None:
        return self._one(_FIND, id=redemption)

    @override
    def find_number(self, number: int) -> Redemption | None:
        return self._one(_FIND_NUMBER, number=number)

    @override
    def find_source(self, source: str) -> Redemption | None:
        return self._one(_FIND_SOURCE, source=source)

    @override
    def of_customer(self, customer: CustomerId, limit: int) -> list[Redemption]:
        rows = self._db.all(_OF_CUSTOMER, customer=customer, limit=limit)
        return [_redemption(row) for row in rows]

    @override
    def taken(self, customer: CustomerId, reward: RewardId, since: datetime | None) -> int:
        if since is None:
            row = self._db.one(_TAKEN, customer=customer, reward=reward)
        else:
            row = self._db.one(_TAKEN_SINCE, customer=customer, reward=reward, since=since)
        if row is None:
            raise AssertionError(reward)
        return int(row[0])

    @override
    def overdue(self, now: datetime, limit: int) -> list[RedemptionId]:
        return [id_ for (id_,) in self._db.all(_OVERDUE, now=now, limit=limit)]

    @override
    def to_hand_over(self, limit: int) -> list[Redemption]:
        return [_redemption(row) for row in self._db.all(_TO_HAND_OVER, limit=limit)]

    @override
    def save(self, redemption: Redemption) -> None:
        if self._db.run(_SAVE, **_life(redemption)) != 1:
            raise Conflict("redemption")

    def _one(self, statement: str, **values: Any) -> Redemption | None:
        row = self._db.one(statement, **values)
        return None if row is None else _redemption(row)


def _life(redemption: Redemption) -> dict[str, Any]:
    """Give what changes in a redemption's life."""
    return {
        "id": redemption.id,
        "expires_at": redemption.expires_at,
        "waits_for_contact": redemption.waits_for_contact,
        "waits_for_approver": redemption.waits_for_approver,
        "waits_for_confirmation": redemption.waits_for_confirmation,
        "state": redemption.state,
        "agreed_by": redemption.agreed_by,
        "approved_by": redemption.approved_by,
        "placed_at": redemption.placed_at,
        "ended_at": redemption.ended_at,
        "fulfilled": redemption.fulfilled,
        "refunded": redemption.refunded,
        "note": redemption.note,
        "version": redemption.version,
    }


def _redemption(row: Row) -> Redemption:
    (id_, number, source, customer, contact, member, reward, reward_version, name, *terms) = row
    (kind, quantity, points_each, cost_each, value_each, valid_days, *flags) = terms
    (is_partly_usable, has_stock, for_contact, for_approver, for_confirmation, *life) = flags
    (held_at, expires_at, state, agreed_by, approved_by, placed_at, ended_at, *ends) = life
    (fulfilled, refunded, note, version) = ends
    return Redemption(
        id=id_,
        number=number,
        source=source,
        customer=customer,
        contact=contact,
        member=member,
        reward=reward,
        reward_version=reward_version,
        name=name,
        kind=RewardKind(kind),
        quantity=quantity,
        points_each=points_each,
        cost_each=cost_each,
        value_each=value_each,
        valid_days=valid_days,
        is_partly_usable=bool(is_partly_usable),
        has_stock=bool(has_stock),
        waits_for_contact=bool(for_contact),
        waits_for_approver=bool(for_approver),
        waits_for_confirmation=bool(for_confirmation),
        held_at=time_of(held_at),
        expires_at=time_of(expires_at),
        state=RedemptionState(state),
        agreed_by=agreed_by,
        approved_by=approved_by,
        placed_at=time_or_none(placed_at),
        ended_at=time_or_none(ended_at),
        fulfilled=fulfilled,
        refunded=refunded,
        note=note,
        version=version,
    )

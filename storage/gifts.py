"""Gifts between customers, as rows; what was asked for is written once, and ended once."""

from typing_extensions import override

from domain.gifts import Gift, GiftState
from domain.ids import CustomerId, GiftId
from domain.ports import Conflict
from domain.repositories import Gifts
from storage.counters import next_number
from storage.db import Db, Missing
from storage.values import time_of, time_or_none

_FIND = """
    SELECT id, number, giver_id, contact_id, receiver_id, points, month, asked_at, state,
        approval_id, ended_at
    FROM gifts WHERE tenant_id = :tenant AND id = :id
"""
_ADD = """
    INSERT INTO gifts (tenant_id, id, number, giver_id, contact_id, receiver_id, points, month,
        asked_at, state, approval_id, ended_at)
    VALUES (:tenant, :id, :number, :giver, :contact, :receiver, :points, :month,
        :asked_at, :state, :approval, :ended_at)
"""
_GIVEN_IN = """
    SELECT COALESCE(SUM(points), 0) FROM gifts
    WHERE tenant_id = :tenant AND giver_id = :giver AND month = :month
      AND state IN ('pending', 'given')
"""
_SAVE = """
    UPDATE gifts SET state = :state, ended_at = :ended_at
    WHERE tenant_id = :tenant AND id = :id AND state = 'pending'
"""
_COUNTER = "gift"


class SqlGifts(Gifts):
    """Gifts in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def next_number(self) -> int:
        return next_number(self._db, _COUNTER)

    @override
    def add(self, gift: Gift) -> None:
        self._db.run(
            _ADD,
            id=gift.id,
            number=gift.number,
            giver=gift.giver,
            contact=gift.contact,
            receiver=gift.receiver,
            points=gift.points,
            month=gift.month,
            asked_at=gift.asked_at,
            state=gift.state,
            approval=gift.approval,
            ended_at=gift.ended_at,
        )

    @override
    def find(self, gift: GiftId) -> Gift | None:
        row = self._db.one(_FIND, id=gift)
        if row is None:
            return None
        id_, number, giver, contact, receiver, points, month, asked_at, *end = row
        state, approval, ended_at = end
        return Gift(
            id=id_,
            number=number,
            giver=giver,
            contact=contact,
            receiver=receiver,
            points=points,
            month=month,
            asked_at=time_of(asked_at),
            state=GiftState(state),
            approval=approval,
            ended_at=time_or_none(ended_at),
        )

    @override
    def get(self, gift: GiftId) -> Gift:
        found = self.find(gift)
        if found is None:
            raise Missing("gift", gift)
        return found

    @override
    def given_in(self, giver: CustomerId, month: str) -> int:
        row = self._db.one(_GIVEN_IN, giver=giver, month=month)
        return 0 if row is None else int(row[0])

    @override
    def save(self, gift: Gift) -> None:
        if self._db.run(_SAVE, id=gift.id, state=gift.state, ended_at=gift.ended_at) != 1:
            raise Conflict("gift")

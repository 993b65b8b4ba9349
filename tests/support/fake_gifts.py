"""The fake repository of gifts between customers."""

from dataclasses import replace

from typing_extensions import override

from domain.gifts import Gift, GiftState
from domain.ids import CustomerId, GiftId
from domain.repositories import Gifts
from tests.support.fake_people import FakeRepository
from tests.support.fake_state import get

COUNTED = (GiftState.PENDING, GiftState.GIVEN)


class FakeGifts(FakeRepository, Gifts):
    @override
    def next_number(self) -> int:
        number = self._state.counters.get("gift", 0) + 1
        self._state.counters["gift"] = number
        return number

    @override
    def add(self, gift: Gift) -> None:
        taken = any(other.number == gift.number for other in self._state.gifts.values())
        self._transaction.insert(self._state.gifts, gift.id, gift, taken)

    @override
    def find(self, gift: GiftId) -> Gift | None:
        return self._state.gifts.get(gift)

    @override
    def get(self, gift: GiftId) -> Gift:
        return get(self._state.gifts, gift)

    @override
    def given_in(self, giver: CustomerId, month: str) -> int:
        return sum(
            gift.points
            for gift in self._state.gifts.values()
            if (gift.giver, gift.month) == (giver, month) and gift.state in COUNTED
        )

    @override
    def save(self, gift: Gift) -> None:
        found = self._state.gifts.get(gift.id)
        if found is None or found.state is not GiftState.PENDING:
            raise self._transaction.conflict("gift")
        self._state.gifts[gift.id] = replace(found, state=gift.state, ended_at=gift.ended_at)

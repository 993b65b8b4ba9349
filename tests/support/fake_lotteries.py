"""The fake repository of lotteries and draws."""

from datetime import datetime

from typing_extensions import override

from domain.draws import Draw
from domain.ids import CustomerId, LotteryId
from domain.lotteries import Lottery, LotteryState
from domain.repositories import Lotteries
from storage.db import Missing
from tests.support.fake_people import FakeRepository
from tests.support.fake_state import first, get


class FakeLotteries(FakeRepository, Lotteries):
    @override
    def next_number(self) -> int:
        number = self._state.counters.get("lottery", 0) + 1
        self._state.counters["lottery"] = number
        return number

    @override
    def add(self, lottery: Lottery) -> None:
        taken = self.find_number(lottery.number) is not None
        self._transaction.insert(self._state.lotteries, lottery.id, lottery, taken)

    @override
    def get(self, lottery: LotteryId) -> Lottery:
        return get(self._state.lotteries, lottery)

    @override
    def lock(self, lottery: LotteryId) -> Lottery:
        return self.get(lottery)

    @override
    def find_number(self, number: int) -> Lottery | None:
        return first(one for one in self._state.lotteries.values() if one.number == number)

    @override
    def all(self) -> list[Lottery]:
        return sorted(self._state.lotteries.values(), key=lambda one: one.number)

    @override
    def overdue(self, now: datetime) -> list[LotteryId]:
        return [
            one.id for one in self.all() if one.state is LotteryState.OPEN and one.closes_at <= now
        ]

    @override
    def publish(self, lottery: Lottery, seed: str) -> None:
        self._replace(lottery)
        self._state.seeds[lottery.id] = seed

    @override
    def secret(self, lottery: LotteryId) -> str:
        if lottery not in self._state.seeds:
            raise Missing("seed", lottery)
        return self._state.seeds[lottery]

    @override
    def save(self, lottery: Lottery) -> None:
        self._replace(lottery)

    @override
    def add_draw(self, draw: Draw) -> None:
        taken = any(
            (one.lottery, one.number) == (draw.lottery, draw.number)
            for one in self._state.draws.values()
        )
        again = self.find_draw(draw.source) is not None
        self._transaction.insert(self._state.draws, draw.id, draw, taken, again)

    @override
    def find_draw(self, source: str) -> Draw | None:
        return first(one for one in self._state.draws.values() if one.source == source)

    @override
    def draws(self, lottery: LotteryId) -> list[Draw]:
        found = [one for one in self._state.draws.values() if one.lottery == lottery]
        return sorted(found, key=lambda one: one.number)

    @override
    def count(self, lottery: LotteryId, customer: CustomerId, since: datetime) -> tuple[int, int]:
        found = [one for one in self.draws(lottery) if one.customer == customer]
        return sum(one.drawn_at >= since for one in found), len(found)

    def _replace(self, lottery: Lottery) -> None:
        stored = self._state.lotteries.get(lottery.id)
        if stored is None or stored.version != lottery.version - 1:
            raise self._transaction.conflict("lottery")
        self._state.lotteries[lottery.id] = lottery

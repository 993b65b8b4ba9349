"""The fake repositories of rewards, stock and what was bought."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from typing_extensions import override

from domain.ids import CustomerId, RedemptionId, RewardId
from domain.redemptions import COUNTED, Redemption, RedemptionState
from domain.repositories import Moved, Redemptions, Rewards, Sold, Stocks, Turnovers
from domain.rewards import Reward, RewardKind, Stock, StockMove, stock_legs
from tests.support.fake_people import FakeRepository
from tests.support.fake_state import first, get


class FakeRewards(FakeRepository, Rewards):
    @override
    def next_number(self) -> int:
        number = self._state.counters.get("reward", 0) + 1
        self._state.counters["reward"] = number
        return number

    @override
    def add(self, reward: Reward) -> None:
        taken = self.find_number(reward.number) is not None
        self._transaction.insert(self._state.rewards, reward.id, reward, taken)

    @override
    def get(self, reward: RewardId) -> Reward:
        return get(self._state.rewards, reward)

    @override
    def find_number(self, number: int) -> Reward | None:
        return first(reward for reward in self._state.rewards.values() if reward.number == number)

    @override
    def all(self) -> list[Reward]:
        return sorted(self._state.rewards.values(), key=lambda reward: reward.number)

    @override
    def save(self, reward: Reward) -> None:
        stored = self._state.rewards.get(reward.id)
        if stored is None or stored.version != reward.version - 1:
            raise self._transaction.conflict("reward")
        self._state.rewards[reward.id] = reward


class FakeStocks(FakeRepository, Stocks):
    @override
    def all(self) -> Mapping[RewardId, Stock]:
        return {RewardId(reward): stock for reward, stock in self._state.stocks.items()}

    @override
    def of(self, reward: RewardId) -> Stock:
        return self._state.stocks.get(reward, Stock())

    @override
    def move(self, moved: Moved) -> bool:
        before = self._state.stocks.get(moved.reward)
        if before is None and moved.move is not StockMove.RECEIVE:
            return False
        before = before or Stock()
        legs = stock_legs(moved.move, moved.quantity)
        after = Stock(
            before.available + legs.available, before.held + legs.held, before.gone + legs.gone
        )
        if min(after.available, after.held, after.gone) < 0:
            return False
        self._state.stocks[moved.reward] = after
        self._transaction.insert(self._state.stock_moves, moved.id, moved)
        return True

    @override
    def moves(self, reward: RewardId, limit: int) -> list[Moved]:
        found = [moved for moved in self._state.stock_moves.values() if moved.reward == reward]
        return sorted(found, key=lambda moved: (moved.at, moved.id), reverse=True)[:limit]


class FakeRedemptions(FakeRepository, Redemptions):
    @override
    def next_number(self) -> int:
        number = self._state.counters.get("redemption", 0) + 1
        self._state.counters["redemption"] = number
        return number

    @override
    def add(self, redemption: Redemption) -> None:
        self._transaction.insert(
            self._state.redemptions,
            redemption.id,
            redemption,
            self.find_source(redemption.source) is not None,
            self.find_number(redemption.number) is not None,
        )

    @override
    def find(self, redemption: RedemptionId) -> Redemption | None:
        return self._state.redemptions.get(redemption)

    @override
    def find_number(self, number: int) -> Redemption | None:
        return first(one for one in self._state.redemptions.values() if one.number == number)

    @override
    def find_source(self, source: str) -> Redemption | None:
        return first(one for one in self._state.redemptions.values() if one.source == source)

    @override
    def of_customer(self, customer: CustomerId, limit: int) -> list[Redemption]:
        found = [one for one in self._state.redemptions.values() if one.customer == customer]
        return sorted(found, key=lambda one: -one.number)[:limit]

    @override
    def taken(self, customer: CustomerId, reward: RewardId, since: datetime | None) -> int:
        return sum(
            one.quantity - one.refunded
            for one in self._state.redemptions.values()
            if (one.customer, one.reward) == (customer, reward)
            and one.points_each
            and one.state in COUNTED
            and (since is None or one.held_at >= since)
        )

    @override
    def overdue(self, now: datetime, limit: int) -> list[RedemptionId]:
        found = [
            one
            for one in self._state.redemptions.values()
            if one.state is RedemptionState.HELD and one.expires_at <= now
        ]
        return [one.id for one in sorted(found, key=lambda one: (one.expires_at, one.id))][:limit]

    @override
    def to_hand_over(self, limit: int) -> list[Redemption]:
        found = [
            one
            for one in self._state.redemptions.values()
            if one.state is RedemptionState.PLACED and one.kind is not RewardKind.VOUCHER
        ]
        return sorted(found, key=lambda one: (one.placed_at or one.held_at, one.number))[:limit]

    @override
    def save(self, redemption: Redemption) -> None:
        stored = self._state.redemptions.get(redemption.id)
        if stored is None or stored.version != redemption.version - 1:
            raise self._transaction.conflict("redemption")
        self._state.redemptions[redemption.id] = replace(
            stored,
            expires_at=redemption.expires_at,
            waits_for_contact=redemption.waits_for_contact,
            waits_for_approver=redemption.waits_for_approver,
            waits_for_confirmation=redemption.waits_for_confirmation,
            state=redemption.state,
            agreed_by=redemption.agreed_by,
            approved_by=redemption.approved_by,
            placed_at=redemption.placed_at,
            ended_at=redemption.ended_at,
            fulfilled=redemption.fulfilled,
            refunded=redemption.refunded,
            note=redemption.note,
            version=redemption.version,
        )


class FakeTurnovers(FakeRepository, Turnovers):
    @override
    def sold(self, since: datetime, recent: datetime) -> Mapping[RewardId, Sold]:
        states = COUNTED - {RedemptionState.HELD}
        bought = [
            one
            for one in self._state.redemptions.values()
            if one.held_at >= since and one.points_each and one.state in states
        ]
        return {
            reward: self._sold([one for one in bought if one.reward == reward], recent)
            for reward in {one.reward for one in bought}
        }

    @staticmethod
    def _sold(bought: list[Redemption], recent: datetime) -> Sold:
        pieces = [(one, one.quantity - one.refunded) for one in bought]
        return Sold(
            recent=sum(left for one, left in pieces if one.held_at >= recent),
            quantity=sum(left for _, left in pieces),
            points=sum(left * one.points_each for one, left in pieces),
            customers=len({one.customer for one, left in pieces if left}),
        )

    @override
    def balances(self) -> list[int]:
        wallets = self._state.wallets
        return sorted(
            wallets[customer].available if customer in wallets else 0
            for customer in self._state.customers
        )

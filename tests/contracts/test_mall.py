"""Rewards, their stock and what was bought, on the fake store and both engines."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.ids import ContactId, CustomerId, RedemptionId, RewardId
from domain.ports import Conflict, UnitOfWork
from domain.redemptions import Redemption, RedemptionState
from domain.repositories import Moved, Sold
from domain.rewards import Limit, LimitPeriod, Reward, RewardKind, Stock, StockMove
from storage.db import Missing
from tests.contracts.booking import award, tell
from tests.contracts.rows import ACME, BETA, CHEN, LI, WANG, people
from tests.support.fakes import START
from tests.support.make import a_redemption, a_reward
from tests.support.stores import MAIN, OTHER, AnyStore

DAY = timedelta(days=1)
SUN = ContactId("k-sun")
PLAIN = a_reward(id=RewardId("w-1"))
FULL = a_reward(
    id=RewardId("w-2"),
    number=2,
    name="5,000 元抵用券",
    kind=RewardKind.VOUCHER,
    points=5_000_000_000,
    cost=400_000,
    value=500_000,
    description="下一笔工程款直接抵扣",
    picture="https://example.cn/voucher.png",
    is_active=False,
    limit=Limit(2, LimitPeriod.QUARTER),
    tier="gold",
    segments=frozenset({"vip", "2026"}),
    opens_at=START,
    closes_at=START + DAY,
    valid_days=365,
    is_partly_usable=True,
    needs_contact=True,
    needs_approver=True,
    has_stock=True,
)


def moved(number: int, move: StockMove, quantity: int, **changes: Any) -> Moved:
    at = START + timedelta(minutes=number)
    return replace(
        Moved(f"s-{number}", PLAIN.id, move, quantity, None, "member:m-li", at), **changes
    )


def bought(number: int = 1, **changes: Any) -> Redemption:
    fields: dict[str, Any] = {
        "id": RedemptionId(f"d-{number}"),
        "number": number,
        "source": f"ticket:t-{number}",
        "customer": ACME.id,
        "contact": CHEN.id,
        "reward": PLAIN.id,
        "held_at": START + number * DAY,
        "expires_at": START + (number + 1) * DAY,
    }
    return a_redemption(**(fields | changes))


def placed(number: int, **changes: Any) -> Redemption:
    fields: dict[str, Any] = {
        "state": RedemptionState.PLACED,
        "placed_at": START + number * DAY,
    }
    return bought(number, **(fields | changes))


def begin(work: UnitOfWork, *rewards: Reward) -> None:
    people(work)
    for reward in rewards or (PLAIN,):
        work.rewards.add(reward)


def test_a_reward_keeps_everything(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        assert [work.rewards.next_number(), work.rewards.next_number()] == [1, 2]
        begin(work, FULL, PLAIN)
        work.commit()
    with any_store.reading(MAIN) as work:
        assert work.rewards.get(FULL.id) == FULL
        assert work.rewards.all() == [PLAIN, FULL]
        assert work.rewards.find_number(2) == FULL
        assert work.rewards.find_number(3) is None
    with any_store.work(OTHER) as work:
        assert work.rewards.all() == []
        assert work.rewards.find_number(2) is None
        assert work.rewards.next_number() == 1
        with pytest.raises(Missing):
            work.rewards.get(FULL.id)


def test_a_new_version_replaces_the_one_before(any_store: AnyStore) -> None:
    dearer = replace(PLAIN, points=900, version=2)
    with any_store.work(MAIN) as work:
        begin(work)
        work.rewards.save(dearer)
        work.commit()
        with pytest.raises(Conflict):
            work.rewards.save(replace(PLAIN, points=700, version=2))
        work.rollback()
        with pytest.raises(Conflict):
            work.rewards.save(replace(FULL, version=2))
        work.rollback()
        with pytest.raises(Conflict):
            work.rewards.add(replace(FULL, number=1))
        work.rollback()
        assert work.rewards.all() == [dearer]


def test_stock_moves_between_its_places(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        begin(work)
        assert work.stocks.of(PLAIN.id) == Stock()
        assert work.stocks.all() == {}
        assert work.stocks.move(moved(1, StockMove.RECEIVE, 10, note="到货")) is True
        assert work.stocks.move(moved(2, StockMove.HOLD, 3)) is True
        assert work.stocks.of(PLAIN.id) == Stock(7, 3, 0)
        assert work.stocks.move(moved(3, StockMove.HAND_OVER, 1)) is True
        assert work.stocks.move(moved(4, StockMove.RELEASE, 2)) is True
        assert work.stocks.move(moved(5, StockMove.REMOVE, 4)) is True
        assert work.stocks.move(moved(6, StockMove.RECEIVE, 1)) is True
        work.commit()
    with any_store.reading(MAIN) as work:
        assert work.stocks.of(PLAIN.id) == Stock(6, 0, 1)
        assert work.stocks.all() == {PLAIN.id: Stock(6, 0, 1)}
        kept = work.stocks.moves(PLAIN.id, 99)
        assert [one.id for one in kept] == ["s-6", "s-5", "s-4", "s-3", "s-2", "s-1"]
        assert kept[5] == moved(1, StockMove.RECEIVE, 10, note="到货")
        assert work.stocks.moves(PLAIN.id, 1) == kept[:1]
    with any_store.work(OTHER) as work:
        assert work.stocks.all() == {}
        assert work.stocks.move(moved(7, StockMove.HOLD, 1)) is False
        assert work.stocks.moves(PLAIN.id, 9) == []


def test_what_was_handed_over_comes_back(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        begin(work)
        assert work.stocks.move(moved(1, StockMove.RECEIVE, 2)) is True
        assert work.stocks.move(moved(2, StockMove.HOLD, 2)) is True
        assert work.stocks.move(moved(3, StockMove.HAND_OVER, 1)) is True
        assert work.stocks.move(moved(4, StockMove.TAKE_BACK, 1)) is True
        assert work.stocks.of(PLAIN.id) == Stock(0, 2, 0)
        assert work.stocks.move(moved(5, StockMove.TAKE_BACK, 1)) is False
        assert work.stocks.of(PLAIN.id) == Stock(0, 2, 0)
        assert len(work.stocks.moves(PLAIN.id, 9)) == 4


@pytest.mark.parametrize("move", [StockMove.HOLD, StockMove.REMOVE])
def test_what_is_not_there_cannot_be_taken(any_store: AnyStore, move: StockMove) -> None:
    with any_store.work(MAIN) as work:
        begin(work)
        assert work.stocks.move(moved(1, move, 1)) is False
        work.stocks.move(moved(2, StockMove.RECEIVE, 2))
        assert work.stocks.move(moved(3, move, 3)) is False
        assert work.stocks.move(moved(4, StockMove.RELEASE, 1)) is False
        assert work.stocks.move(moved(5, StockMove.HAND_OVER, 1)) is False
        work.commit()
    with any_store.reading(MAIN) as work:
        assert work.stocks.of(PLAIN.id) == Stock(2)
        assert [one.id for one in work.stocks.moves(PLAIN.id, 9)] == ["s-2"]


def test_a_redemption_keeps_everything(any_store: AnyStore) -> None:
    one = bought(
        1,
        member=LI.id,
        points_each=5_000_000_000,
        cost_each=5_000_000_000,
        value_each=5_000_000_000,
        valid_days=30,
        is_partly_usable=True,
        has_stock=True,
        waits_for_contact=True,
        waits_for_approver=True,
        waits_for_confirmation=True,
    )
    with any_store.work(MAIN) as work:
        assert [work.redemptions.next_number(), work.redemptions.next_number()] == [1, 2]
        begin(work)
        work.redemptions.add(one)
        work.commit()
    with any_store.reading(MAIN) as work:
        assert work.redemptions.find(one.id) == one
        assert work.redemptions.find_number(1) == one
        assert work.redemptions.find_source("ticket:t-1") == one
        assert work.redemptions.find_number(2) is None
        assert work.redemptions.find_source("ticket:t-2") is None
    with any_store.reading(OTHER) as work:
        assert work.redemptions.find(one.id) is None
        assert work.redemptions.find_number(1) is None
        assert work.redemptions.find_source("ticket:t-1") is None


def test_a_source_buys_once(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        begin(work)
        work.redemptions.add(bought(1))
        work.commit()
        with pytest.raises(Conflict):
            work.redemptions.add(bought(2, source="ticket:t-1"))
        work.rollback()
        with pytest.raises(Conflict):
            work.redemptions.add(replace(bought(2), number=1))
        work.rollback()
        assert work.redemptions.of_customer(ACME.id, 9) == [bought(1)]


def test_a_redemption_moves_on_and_keeps_its_terms(any_store: AnyStore) -> None:
    one = bought(1, quantity=3, waits_for_contact=True, waits_for_approver=True)
    with any_store.work(MAIN) as work:
        begin(work)
        work.customers.add_contact(replace(CHEN, id=SUN, name="孙工"))
        work.redemptions.add(one)
        after = replace(
            one,
            waits_for_contact=False,
            waits_for_approver=False,
            state=RedemptionState.REFUNDED,
            agreed_by=SUN,
            approved_by=WANG.id,
            placed_at=START + DAY,
            ended_at=START + 2 * DAY,
            fulfilled=1,
            refunded=2,
            note="少来一次",
            version=2,
        )
        work.redemptions.save(replace(after, points_each=1, name="别的"))
        work.commit()
        assert work.redemptions.find(one.id) == after
        with pytest.raises(Conflict):
            work.redemptions.save(after)
        work.rollback()
        with pytest.raises(Conflict):
            work.redemptions.save(replace(bought(9), version=2))
        work.rollback()
        assert work.redemptions.of_customer(ACME.id, 9) == [after]


def test_a_customers_redemptions_come_newest_first(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        begin(work)
        for number in (2, 1, 3):
            work.redemptions.add(bought(number))
        work.redemptions.add(bought(4, customer=BETA.id, contact=None))
        found = work.redemptions.of_customer(ACME.id, 2)
        assert [one.number for one in found] == [3, 2]
        assert work.redemptions.of_customer(CustomerId("c-none"), 2) == []
        work.commit()


def test_a_limit_counts_what_is_kept(any_store: AnyStore) -> None:
    gone = {"ended_at": START + DAY}
    with any_store.work(MAIN) as work:
        begin(work, PLAIN, FULL)
        work.redemptions.add(bought(1, quantity=2))
        work.redemptions.add(placed(2, quantity=4))
        work.redemptions.add(bought(3, state=RedemptionState.CANCELLED, **gone))
        work.redemptions.add(bought(4, state=RedemptionState.EXPIRED, **gone))
        work.redemptions.add(bought(5, state=RedemptionState.DECLINED, **gone))
        work.redemptions.add(
            replace(
                placed(6, quantity=9),
                state=RedemptionState.REFUNDED,
                refunded=8,
                fulfilled=1,
                ended_at=START + DAY,
            )
        )
        work.redemptions.add(bought(7, reward=FULL.id))
        work.redemptions.add(bought(8, customer=BETA.id))
        # A prize is nothing that was bought.
        work.redemptions.add(placed(9, points_each=0))
        assert work.redemptions.taken(ACME.id, PLAIN.id, None) == 2 + 4 + 1
        assert work.redemptions.taken(ACME.id, PLAIN.id, START + 2 * DAY) == 4 + 1
        after = START + 2 * DAY + timedelta(microseconds=1)
        assert work.redemptions.taken(ACME.id, PLAIN.id, after) == 1
        assert work.redemptions.taken(ACME.id, FULL.id, None) == 1
        assert work.redemptions.taken(BETA.id, FULL.id, None) == 0
        work.commit()


def test_what_is_held_for_too_long_comes_oldest_first(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        begin(work)
        for number in (3, 1, 2):
            work.redemptions.add(bought(number))
        work.redemptions.add(placed(4, expires_at=START))
        assert work.redemptions.overdue(START + 2 * DAY - timedelta(microseconds=1), 9) == []
        assert work.redemptions.overdue(START + 3 * DAY, 9) == ["d-1", "d-2"]
        assert work.redemptions.overdue(START + 9 * DAY, 1) == ["d-1"]
        work.commit()
    with any_store.reading(OTHER) as work:
        assert work.redemptions.overdue(START + 9 * DAY, 9) == []


def test_what_waits_for_the_firm_comes_oldest_first(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        begin(work)
        for number in (2, 1):
            work.redemptions.add(placed(number))
        work.redemptions.add(bought(3))
        work.redemptions.add(placed(4, kind=RewardKind.VOUCHER, placed_at=START))
        assert [one.number for one in work.redemptions.to_hand_over(9)] == [1, 2]
        assert [one.number for one in work.redemptions.to_hand_over(1)] == [1]
        work.commit()


def test_what_was_bought_is_counted_less_what_was_given_back(any_store: AnyStore) -> None:
    def bought(number: int, **changes: Any) -> Redemption:
        kept = {"state": RedemptionState.PLACED, "placed_at": START}
        return a_redemption(
            id=RedemptionId(f"d-{number}"),
            number=number,
            source=f"s-{number}",
            contact=None,
            **({"customer": ACME.id, "reward": PLAIN.id} | kept | changes),
        )

    ended = {"ended_at": START, "placed_at": None}
    with any_store.work(MAIN) as work:
        people(work)
        work.rewards.add(PLAIN)
        work.rewards.add(FULL)
        for one in (
            bought(1, quantity=3),
            bought(2, quantity=2, held_at=START - DAY, customer=BETA.id),
            bought(3, held_at=START - 3 * DAY),
            bought(4, points_each=0),
            bought(5, state=RedemptionState.HELD, placed_at=None),
            bought(6, state=RedemptionState.CANCELLED, **ended),
            bought(7, quantity=2, refunded=2, state=RedemptionState.REFUNDED, ended_at=START),
            bought(8, reward=FULL.id, points_each=5_000_000_000, quantity=2),
        ):
            work.redemptions.add(one)
            if one.refunded:
                work.redemptions.save(replace(one, version=2))
        work.commit()
    with any_store.reading(MAIN) as work:
        assert work.turnovers.sold(START - 2 * DAY, START) == {
            PLAIN.id: Sold(recent=3, quantity=5, points=4_000, customers=2),
            FULL.id: Sold(recent=2, quantity=2, points=10_000_000_000, customers=1),
        }
        assert work.turnovers.sold(START + DAY, START + DAY) == {}
    with any_store.reading(OTHER) as work:
        assert work.turnovers.sold(START - 9 * DAY, START) == {}


def test_what_customers_can_spend_is_listed_rising(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        tell(work, 1)
        award(work, 50, "one", event=1)
        work.commit()
    with any_store.reading(MAIN) as work:
        others = len(work.customers.all()) - 1
        assert work.turnovers.balances() == [*[0] * others, 50]
    with any_store.reading(OTHER) as work:
        assert work.turnovers.balances() == []

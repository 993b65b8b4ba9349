"""Lotteries and what was drawn, on the fake store and both engines."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.draws import Draw, commitment_of, draw_hash, taken
from domain.ids import DrawId, LotteryId, RewardId
from domain.lotteries import Lottery, LotteryState, Prize, PrizeKind, closed, opened
from domain.ports import Conflict, UnitOfWork
from storage.db import Missing
from tests.contracts.rows import ACME, BETA, CHEN, people
from tests.support.fakes import START
from tests.support.make import a_reward
from tests.support.stores import MAIN, OTHER, AnyStore

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
SEED = "s" * 43
PRIZES = (
    Prize(
        1, PrizeKind.REWARD, "空调保养", 1, 1, reward=RewardId("reward-1"), has_stock=True, worth=9
    ),
    Prize(2, PrizeKind.POINTS, "500 分", 2, 2, points=5_000_000_000, months=12),
    Prize(3, PrizeKind.NOTHING, "谢谢参与 😀", 3, 3),
)


def a_lottery(number: int = 1, **changes: Any) -> Lottery:
    """Make a draft."""
    fields: dict[str, Any] = {
        "id": LotteryId(f"l-{number}"),
        "number": number,
        "name": "新年抽奖 😀",
        "price": 5_000_000_000,
        "opens_at": START,
        "closes_at": START + number * DAY,
        "per_day": 3,
        "per_customer": 9,
        "prizes": PRIZES,
    }
    return Lottery(**(fields | changes))


def publish(work: UnitOfWork, lottery: Lottery) -> Lottery:
    """Store a draft and open it."""
    work.lotteries.add(lottery)
    made = opened(lottery, commitment_of(SEED, lottery.terms()), START)
    work.lotteries.publish(made, SEED)
    return made


def a_draw(lottery: Lottery, number: int, **changes: Any) -> Draw:
    """Make a draw of a blank."""
    fields: dict[str, Any] = {
        "id": DrawId(f"{lottery.id}-d-{number}"),
        "lottery": lottery.id,
        "number": number,
        "source": f"ticket:{lottery.id}-{number}",
        "customer": ACME.id,
        "contact": CHEN.id,
        "prize": 3,
        "price": lottery.price,
        "drawn_at": START + number * SECOND,
        "previous": lottery.head,
    }
    draw = Draw(**(fields | changes))
    return replace(draw, hash=draw_hash(draw))


def furnish(work: UnitOfWork) -> None:
    people(work)
    work.rewards.add(a_reward())


def test_a_draft_comes_back_as_it_was_written(any_store: AnyStore) -> None:
    bare = a_lottery(2, per_day=None, per_customer=None, prizes=PRIZES[2:])
    with any_store.work(MAIN) as work:
        furnish(work)
        work.lotteries.add(a_lottery())
        work.lotteries.add(bare)
        work.commit()
    with any_store.reading(MAIN) as work:
        assert work.lotteries.get(LotteryId("l-1")) == a_lottery()
        assert work.lotteries.find_number(2) == bare
        assert work.lotteries.find_number(3) is None
        assert work.lotteries.all() == [a_lottery(), bare]
        assert work.lotteries.draws(bare.id) == []
        assert work.lotteries.overdue(START + 9 * DAY) == []
        for ask in (work.lotteries.secret, work.lotteries.get):
            with pytest.raises(Missing):
                ask(LotteryId("l-3"))
        with pytest.raises(Missing):
            work.lotteries.secret(bare.id)
    with any_store.reading(OTHER) as work:
        assert work.lotteries.all() == []
        assert work.lotteries.find_number(1) is None


def test_numbers_count_up_and_are_taken_once(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        furnish(work)
        assert [work.lotteries.next_number() for _ in range(2)] == [1, 2]
        work.lotteries.add(a_lottery())
        work.commit()
    with any_store.work(MAIN) as work, pytest.raises(Conflict):
        work.lotteries.add(a_lottery(1, id=LotteryId("l-2")))


def test_a_seed_is_kept_and_told_only_when_the_lottery_is_closed(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        furnish(work)
        made = publish(work, a_lottery())
        work.commit()
    with any_store.work(MAIN) as work:
        found = work.lotteries.lock(made.id)
        assert found == made
        assert (found.state, found.seed) == (LotteryState.OPEN, None)
        assert work.lotteries.secret(made.id) == SEED
        ended = replace(closed(found, START + DAY), seed=SEED)
        work.lotteries.save(ended)
        work.commit()
    with any_store.reading(MAIN) as work:
        assert work.lotteries.get(made.id) == ended
        assert work.lotteries.secret(made.id) == SEED


def test_a_lottery_moves_on_from_the_version_before(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        furnish(work)
        draft = a_lottery()
        made = publish(work, draft)
        work.commit()
    drawn = taken(made, 2, "h" * 64)
    with any_store.work(MAIN) as work:
        work.lotteries.save(drawn)
        assert work.lotteries.get(made.id) == drawn
        work.commit()
    late: tuple[Callable[[UnitOfWork], None], ...] = (
        lambda work: work.lotteries.save(taken(made, 2, "i" * 64)),
        lambda work: work.lotteries.save(replace(closed(made, START), seed=SEED)),
        lambda work: work.lotteries.publish(opened(draft, "c", START), "t" * 43),
    )
    for act in late:
        with any_store.work(MAIN) as work, pytest.raises(Conflict):
            act(work)
    with any_store.reading(MAIN) as work:
        assert work.lotteries.get(made.id) == drawn
        assert work.lotteries.secret(made.id) == SEED


def test_what_is_open_too_long_is_found(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        furnish(work)
        first = publish(work, a_lottery(1))
        publish(work, a_lottery(2))
        work.lotteries.add(a_lottery(3))
        assert work.lotteries.overdue(START + DAY - SECOND) == []
        assert work.lotteries.overdue(START + DAY) == ["l-1"]
        assert work.lotteries.overdue(START + 5 * DAY) == ["l-1", "l-2"]
        work.lotteries.save(replace(closed(first, START + DAY), seed=SEED))
        assert work.lotteries.overdue(START + 5 * DAY) == ["l-2"]


def test_draws_come_back_in_order_and_are_counted(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        furnish(work)
        one, two = publish(work, a_lottery(1)), publish(work, a_lottery(2))
        draws = [a_draw(one, number) for number in (1, 2, 3)]
        for draw in (draws[1], draws[0], draws[2], a_draw(two, 1)):
            work.lotteries.add_draw(draw)
        work.lotteries.add_draw(a_draw(one, 4, customer=BETA.id, prize=1))
        work.commit()
    with any_store.reading(MAIN) as work:
        assert work.lotteries.draws(one.id)[:3] == draws
        assert work.lotteries.find_draw("ticket:l-1-2") == draws[1]
        assert work.lotteries.find_draw("ticket:l-1-9") is None
        assert work.lotteries.count(one.id, ACME.id, START) == (3, 3)
        assert work.lotteries.count(one.id, ACME.id, START + 2 * SECOND) == (2, 3)
        assert work.lotteries.count(one.id, BETA.id, START + DAY) == (0, 1)
        assert work.lotteries.count(two.id, BETA.id, START) == (0, 0)
    with any_store.reading(OTHER) as work:
        assert work.lotteries.find_draw("ticket:l-1-2") is None
        assert work.lotteries.count(one.id, ACME.id, START) == (0, 0)


@pytest.mark.parametrize(
    "changes", [{"number": 1, "source": "else"}, {"number": 2, "source": "ticket:l-1-1"}]
)
def test_a_number_and_a_source_are_drawn_once(any_store: AnyStore, changes: dict[str, Any]) -> None:
    with any_store.work(MAIN) as work:
        furnish(work)
        one = publish(work, a_lottery(1))
        work.lotteries.add_draw(a_draw(one, 1))
        work.commit()
    with any_store.work(MAIN) as work, pytest.raises(Conflict):
        work.lotteries.add_draw(replace(a_draw(one, 2), **changes))

"""Many who redeem at once, on both engines: nothing twice, nothing lost, nothing kept back."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import TypeVar

from bot.clock import SystemIds
from domain.errors import DomainError
from domain.ledger import Reason
from domain.ports import Conflict
from domain.redemptions import Redemption, RedemptionState
from domain.rewards import Stock
from domain.tickets import Ticket
from handlers.usecases.agreeing import agree_to
from handlers.usecases.redemption_ends import cancel, decline, undo
from storage.work import SqlStore
from tests.support.mall import Mall

T = TypeVar("T")
WORKERS = 10
TRIES = 500


def at_once(jobs: Sequence[Callable[[], T]]) -> list[T]:
    """Do jobs in as many threads as there are, which begin together."""
    barrier = Barrier(min(len(jobs), WORKERS))

    def run(job: Callable[[], T], *, waits: bool) -> T:
        if waits:
            barrier.wait()
        return job()

    with ThreadPoolExecutor(WORKERS) as pool:
        begun = [
            pool.submit(run, job, waits=number < barrier.parties) for number, job in enumerate(jobs)
        ]
        return [future.result() for future in begun]


def outcome(job: Callable[[], object]) -> str:
    """Do a job as the runtime does, again while others are in the way; say how it ended."""
    for _ in range(TRIES):
        try:
            done = job()
        except Conflict:
            continue
        except DomainError as refused:
            return refused.code
        assert isinstance(done, Redemption)
        return str(done.state)
    raise AssertionError


def confirming(mall: Mall, ticket: Ticket) -> Callable[[], str]:
    return lambda: outcome(lambda: mall.confirms(ticket))


def test_t31_two_workers_and_a_double_tap_give_one_receipt(store: SqlStore) -> None:
    mall = Mall(store, SystemIds())
    reward = mall.offers(stock=5)
    mall.earns(100)
    ticket = mall.previews(reward, 2)
    assert at_once([confirming(mall, ticket)] * 4) == ["placed"] * 4
    [bought] = mall.bought()
    assert (bought.number, bought.quantity) == (1, 2)
    assert (mall.wallet().available, mall.wallet().held) == (80, 0)
    assert mall.stock() == Stock(3, 2)


def test_t32_of_fifty_with_points_for_one_one_buys(store: SqlStore) -> None:
    mall = Mall(store, SystemIds())
    reward = mall.offers(stock=99)
    mall.earns(15)
    tickets = [mall.previews(reward) for _ in range(50)]
    found = Counter(at_once([confirming(mall, ticket) for ticket in tickets]))
    assert found == {"placed": 1, "short_for_reward": 49}
    assert (mall.wallet().available, mall.wallet().held) == (5, 0)
    assert mall.stock() == Stock(98, 1)
    assert len(mall.bought()) == 1


def test_t33_the_last_one_has_one_winner_among_twenty_customers(store: SqlStore) -> None:
    mall = Mall(store, SystemIds(), customers=20)
    reward = mall.offers(stock=1)
    customers = [f"C{number:03d}" for number in range(1, 21)]
    for customer in customers:
        mall.earns(10, customer)
    tickets = [mall.previews(reward, who=f"of-{customer}") for customer in customers]
    found = at_once([confirming(mall, ticket) for ticket in tickets])
    assert Counter(found) == {"placed": 1, "sold_out": 19}
    assert mall.stock() == Stock(0, 1)
    kept = [mall.wallet(customer).available for customer in customers]
    assert sorted(kept) == [0] + [10] * 19
    assert [mall.wallet(customer).held for customer in customers] == [0] * 20
    winner = customers[found.index("placed")]
    assert [len(mall.bought(customer)) for customer in customers] == [
        1 if customer == winner else 0 for customer in customers
    ]


def test_numbers_are_given_once_and_without_gaps(store: SqlStore) -> None:
    mall = Mall(store, SystemIds(), customers=8)
    reward = mall.offers(stock=40)
    customers = [f"C{number:03d}" for number in range(1, 9)]
    for customer in customers:
        mall.earns(50, customer)
    tickets = [mall.previews(reward, who=f"of-{customer}") for customer in customers * 5]
    assert set(at_once([confirming(mall, ticket) for ticket in tickets])) == {"placed"}
    numbers = [one.number for customer in customers for one in mall.bought(customer)]
    assert sorted(numbers) == list(range(1, 41))
    assert mall.stock() == Stock(0, 40)


def test_t38_undone_from_two_phones_gives_back_once(store: SqlStore) -> None:
    mall = Mall(store, SystemIds())
    reward = mall.offers(stock=1)
    mall.earns(10)
    mall.confirms(mall.previews(reward))
    [bought] = mall.bought()
    act = partial(undo, redemption=bought.id)
    phones = ("of-C001", "second", "of-C001", "second")
    jobs = [partial(outcome, partial(mall.acts, act, contact=who)) for who in phones]
    assert at_once(jobs) == ["refunded"] * 4
    assert (mall.wallet().available, mall.stock()) == (10, Stock(1))
    entries = mall.looks(lambda work: work.wallets.latest(bought.customer, 99))
    assert [entry.reason for entry in entries].count(Reason.REFUND) == 1


def test_agreed_cancelled_and_declined_at_once_ends_in_one_way(store: SqlStore) -> None:
    mall = Mall(store, SystemIds())
    reward = mall.offers(stock=20, needs_contact=True)
    mall.earns(200)
    for turn in range(5):
        mall.confirms(mall.previews(reward))
        bought = mall.bought()[turn]
        acts = ((agree_to, "second"), (cancel, "of-C001"), (decline, "second"))
        jobs = [
            partial(outcome, partial(mall.acts, partial(act, redemption=bought.id), contact=who))
            for act, who in acts
        ]
        found = at_once(jobs)
        ended = mall.bought()[turn].state
        assert found.count(str(ended)) == 1
        assert sorted(found, key=lambda one: one == ended) == ["redemption_closed"] * 2 + [ended]
        placed = [one for one in mall.bought() if one.state is RedemptionState.PLACED]
        assert mall.wallet().available == 200 - 10 * len(placed)
        assert (mall.wallet().held, mall.stock().held) == (0, len(placed))

"""Redeeming: 兑换 and its confirmation as a contact types and taps them, preview to receipt.

Sixteen clients at once on one reward, whose stock everybody shares, and on many; then a thousand
customers race for ten items. Both engines; ends with the invariants of ledger and stock.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import Lock

from benchmarks import invariants, million
from benchmarks.figures import Results
from benchmarks.invariants import Broken
from benchmarks.load import Generator
from benchmarks.million import EVER, TENANT
from benchmarks.postgres import postgres
from benchmarks.posting_clients import Pace, Post, middle, pace
from benchmarks.posting_rungs import add_customers, give_contacts, parts
from bot.wiring import Parts
from domain.errors import SoldOut
from domain.ids import ContactId, CustomerId, RewardId
from domain.ports import Work
from domain.posting import lot_end
from domain.repositories import Moved
from domain.rewards import Reward, RewardKind, StockMove
from handlers.contract import Actor, ContactActor, Context, View
from handlers.dispatch import answer
from handlers.incoming import Content, Pressed, Said
from handlers.usecases.books import machine_cause, open_book, store_books
from handlers.views import RedeemPreview, RedemptionCard
from storage.db import reading
from storage.work import SqlStore

CLIENTS = 16
ROUNDS, SECONDS = 3, 1.5
SHOPPERS = 128
"""Customers who buy, eight for each client, so that no two clients share a wallet."""
MANY = 64
STOCK = 1_000_000
POINTS_PER_LOT, LOTS = 1_000, 24
"""A lot for each of the next months; every sixth purchase or so takes from two."""
RACERS, ITEMS = 1_000, 10
HOW = (
    f"{CLIENTS} clients, threads of one process, {ROUNDS} rounds of {SECONDS:g} s; each in turn"
    " types 兑换 and taps the button: two commits with everybody told, no platform; medians of the"
    f" rounds; {SHOPPERS} customers with {LOTS} lots; one reward with stock or {MANY} in turn;"
    f" then {RACERS:,} customers race for {ITEMS} items, every preview before the first tap"
)
_OPEN_HOLDS = "SELECT count(*) FROM holds WHERE tenant_id = :tenant AND state = 'open'"
_REDEEMED = """
    SELECT COALESCE(SUM(points), 0) FROM entries
    WHERE tenant_id = :tenant AND credit = 'firm.redeemed'
"""
_BOUGHT = """
    SELECT COALESCE(SUM(points_each * quantity), 0), COALESCE(SUM(quantity), 0) FROM redemptions
    WHERE tenant_id = :tenant AND state = 'placed'
"""


class NotExactly(Exception):
    """The race for the last items was not won by as many as there were items."""


@dataclass(frozen=True, slots=True)
class Paces:
    """How fast one engine was."""

    one: Pace
    many: Pace


def measure(folder: Path, load: Generator) -> Results:
    """Measure on both engines; the races must end with as many winners as items."""
    del load
    sqlite = _measured(f"sqlite:///{folder / 'redeeming.db'}", folder)
    with postgres("redeeming") as url:
        other = _measured(url, folder)
    return {
        "redeem_per_s_sqlite": min(sqlite.one.per_second, sqlite.many.per_second),
        "redeem_p99_ms_sqlite": max(sqlite.one.p99_ms, sqlite.many.p99_ms),
        "redeem_one_reward_per_s_postgres": other.one.per_second,
        "redeem_one_reward_p99_ms_postgres": other.one.p99_ms,
        "redeem_many_rewards_per_s_postgres": other.many.per_second,
        "redeem_many_rewards_p99_ms_postgres": other.many.p99_ms,
    }


def _measured(url: str, folder: Path) -> Paces:
    million.found(url, 0)
    with closing(parts(url, folder)) as known:
        mall = _Mall(known)
        one, many = [], []
        for _ in range(ROUNDS):
            one.append(pace(mall.clients([1]), SECONDS))
            many.append(pace(mall.clients(range(2, MANY + 2)), SECONDS))
        mall.race()
        mall.check()
    invariants.check(url)
    return Paces(middle(one), middle(many))


class _Mall:
    """A firm with rewards, and customers who have points enough for all of them."""

    def __init__(self, known: Parts) -> None:
        self._known = known
        self._store: SqlStore = known.store
        with self._store.work(TENANT) as work:
            self.shoppers = add_customers(work, "shopper", SHOPPERS)
            self.racers = add_customers(work, "racer", RACERS)
            for number in range(1, MANY + 2):
                _offer(work, number, stock=STOCK)
            _offer(work, MANY + 2, stock=ITEMS)
            work.commit()
        give_contacts(self._store, self.shoppers)
        give_contacts(self._store, self.racers)
        known.runtime.act(TENANT, lambda ctx: _enrich(ctx, [*self.shoppers, *self.racers]))

    def clients(self, rewards: Sequence[int]) -> list[Post]:
        """Make the clients, each with customers of its own."""
        return [self._client(self.shoppers[one::CLIENTS], rewards) for one in range(CLIENTS)]

    def _client(self, customers: Sequence[CustomerId], rewards: Sequence[int]) -> Post:
        turn = count()

        def buy() -> bool:
            number = next(turn)
            customer = customers[number % len(customers)]
            ticket = self._preview(customer, rewards[number % len(rewards)])
            receipt = self._says(customer, Pressed(f"{ticket}:confirm"))
            assert isinstance(receipt, RedemptionCard), receipt
            assert receipt.state == "placed", receipt.state
            return True

        return buy

    def race(self) -> None:
        """Let everybody who has seen the preview tap at once.

        Raises:
            NotExactly: not exactly as many have won as there were items.
        """
        waiting = [(one, self._preview(one, MANY + 2)) for one in self.racers]
        won: list[CustomerId] = []
        lost: list[CustomerId] = []
        turn = Lock()

        def tap() -> bool:
            with turn:
                if not waiting:
                    return False
                customer, ticket = waiting.pop()
            try:
                self._says(customer, Pressed(f"{ticket}:confirm"))
            except SoldOut:
                lost.append(customer)
            else:
                won.append(customer)
            return True

        pace([tap] * CLIENTS, 600)
        if (len(won), len(lost)) != (ITEMS, RACERS - ITEMS):
            raise NotExactly(f"{len(won)} won and {len(lost)} were told that nothing is left")

    def check(self) -> None:
        """Look for points or stock that are set aside for nobody.

        Raises:
            Broken: there are some, or what was spent is not what was bought.
        """
        with self._store.reading(TENANT) as work:
            held = sum(stock.held for stock in work.stocks.all().values())
            findings = work.reconciliation.findings(3)
        with reading(self._store.database, TENANT) as db:
            [(holds,)], [(spent,)] = db.all(_OPEN_HOLDS), db.all(_REDEEMED)
            [(price, quantity)] = db.all(_BOUGHT)
        if findings or holds or (spent, held) != (price, quantity):
            raise Broken(
                f"{findings}; {holds} holds; {spent} spent of {price}; {held} of {quantity}"
            )

    def _preview(self, customer: CustomerId, number: int) -> str:
        shown = self._says(customer, Said(f"兑换 {number}"))
        assert isinstance(shown, RedeemPreview), shown
        return shown.ticket

    def _says(self, customer: CustomerId, content: Content) -> View:
        said: list[View] = []

        def speak(ctx: Context) -> None:
            said.append(answer(ctx, content).view)

        self._known.runtime.act(TENANT, speak, actor=_contact_of(customer))
        return said[-1]


def _contact_of(customer: CustomerId) -> Callable[[Work], Actor]:
    def find(work: Work) -> Actor:
        contact = work.customers.contact(ContactId(f"contact-{customer}"))
        return ContactActor(contact, work.customers.get(customer))

    return find


def _offer(work: Work, number: int, *, stock: int) -> None:
    reward = Reward(
        id=RewardId(f"reward-{number}"),
        number=number,
        name=f"空调保养{number}",
        kind=RewardKind.SERVICE,
        points=100 + number,
        cost=10_000,
        has_stock=True,
    )
    work.rewards.add(reward)
    moved = Moved(f"in-{number}", reward.id, StockMove.RECEIVE, stock, None, "system", EVER)
    assert work.stocks.move(moved)


def _enrich(ctx: Context, customers: Sequence[CustomerId]) -> None:
    """Give everybody points that end in months to come."""
    books = []
    for customer in customers:
        book = open_book(ctx, customer)
        for months in range(1, LOTS + 1):
            cause = machine_cause(ctx, f"benchmark:{customer}:{months}", ctx.now)
            book.award(POINTS_PER_LOT, cause, expires_at=lot_end(ctx.now, months))
        books.append(book)
    store_books(ctx, books, {})

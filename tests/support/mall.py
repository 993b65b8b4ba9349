"""A mall on any store: contacts who redeem, staff who hand over, through the use cases."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from domain.approvals import Approval
from domain.calendar import business_date
from domain.channels import Channel, Identity
from domain.ids import ChannelId, ContactId, CustomerId, MemberId, RewardId, TicketId
from domain.ledger import Wallet
from domain.members import Role
from domain.ports import Ids, Work
from domain.posting import lot_end
from domain.redemptions import Redemption
from domain.repositories import Moved
from domain.rewards import Reward, Stock, StockMove
from domain.tickets import Ticket
from handlers.contract import Actor, ContactActor, Context, Machine, MemberActor
from handlers.usecases.books import machine_cause, open_book, store_books
from handlers.usecases.redeeming import Changed, Order, offer_redemption, redeem
from storage.channels import ChannelConfig
from storage.work import SqlStore
from tests.support.fakes import FakeClock
from tests.support.make import a_contact, a_customer, a_member, a_reward
from tests.support.stores import KF, KINDS, MAIN, AnyStore

T = TypeVar("T")


class Mall:
    """C001, C002 and so on, a contact each, C001 with a second one; supervisors and service."""

    def __init__(self, store: AnyStore, ids: Ids, *, customers: int = 2) -> None:
        """Set it up."""
        self.store, self.ids, self.clock = store, ids, FakeClock()
        store.save_channel(MAIN, ChannelConfig(Channel(KF, KINDS[KF]), f"account-{KF}"))
        with store.work(MAIN) as work:
            work.members.add(a_member("zhang", Role.SUPERVISOR))
            work.members.add(a_member("zhao", Role.SUPERVISOR))
            work.members.add(a_member("fang", Role.SERVICE))
            for number in range(1, customers + 1):
                work.customers.add(a_customer(f"C{number:03d}", f"客户{number}"))
                self._joins(work, f"of-C{number:03d}", number, f"138{number:08d}")
            self._joins(work, "second", 1, "13900000000")
            work.commit()

    def _joins(self, work: Work, name: str, customer: int, phone: str) -> None:
        contact = a_contact(name, f"C{customer:03d}", phone=phone)
        work.customers.add_contact(contact)
        identity = Identity(KF, KINDS[KF], f"wm-{name}", contact=contact.id)
        work.identities.save(identity)

    def offers(self, number: int = 1, *, stock: int = 0, **changes: Any) -> Reward:
        """Put a reward on offer, of which there are so many."""
        fields = {"points": 10, "has_stock": True, "name": f"礼品{number}"} | changes
        reward = a_reward(id=RewardId(f"reward-{number}"), number=number, **fields)
        self.acts(lambda ctx: ctx.work.rewards.add(reward))
        if stock:
            self.receives(reward.id, stock)
        return reward

    def receives(self, reward: RewardId, quantity: int) -> None:
        """Let more of a reward come in."""
        self.acts(
            lambda ctx: ctx.work.stocks.move(
                Moved(ctx.ids.new(), reward, StockMove.RECEIVE, quantity, None, "system", ctx.now)
            )
        )

    def earns(self, points: int, customer: str = "C001") -> None:
        """Give a customer points that live for two years."""

        def act(ctx: Context) -> None:
            opened = open_book(ctx, CustomerId(customer))
            cause = machine_cause(ctx, f"gift:{ctx.ids.new()}", ctx.now)
            opened.award(points, cause, expires_at=lot_end(ctx.now, 24))
            store_books(ctx, [opened], {})

        self.acts(act)

    def previews(self, reward: Reward, quantity: int = 1, who: str = "of-C001") -> Ticket:
        """Make the ticket behind a preview's button."""
        customer = self.contact(who)[1]
        order = Order(reward, quantity, customer)
        ticket = self.acts(lambda ctx: offer_redemption(ctx, order), contact=who)
        return self.looks(lambda work: _ticket(work, ticket))

    def confirms(self, ticket: Ticket) -> Redemption | Changed:
        """Press the button."""
        who = str(ticket.contact)
        customer = self.contact(who)[1]
        return self.acts(lambda ctx: redeem(ctx, ticket, customer), contact=who)

    def acts(self, act: Callable[[Context], T], *, contact: str = "", member: str = "") -> T:
        """Do something in one transaction."""
        with self.store.work(MAIN) as work:
            ctx = self._context(work, _actor(work, contact, member), self.clock.now())
            made = act(ctx)
            work.take_facts()
            work.commit()
        return made

    def _context(self, work: Work, actor: Actor, now: datetime) -> Context:
        return Context(
            work=work,
            now=now,
            today=business_date(now),
            ids=self.ids,
            actor=actor,
            channel=ChannelId(""),
            sender="",
            inbox=None,
            sent_at=now,
        )

    def looks(self, look: Callable[[Work], T]) -> T:
        """Read something."""
        with self.store.reading(MAIN) as work:
            return look(work)

    def contact(self, name: str) -> tuple[ContactId, CustomerId]:
        """Give a contact and whose it is."""
        found = self.looks(lambda work: work.customers.contact(ContactId(name)))
        return found.id, found.customer

    def wallet(self, customer: str = "C001") -> Wallet:
        """Give a customer's wallet as it is booked."""
        return self.looks(lambda work: work.wallets.read(CustomerId(customer)))

    def stock(self, number: int = 1) -> Stock:
        """Give what there is of a reward."""
        return self.looks(lambda work: work.stocks.of(RewardId(f"reward-{number}")))

    def bought(self, customer: str = "C001") -> list[Redemption]:
        """Give what a customer has bought, oldest first."""
        found = self.looks(lambda work: work.redemptions.of_customer(CustomerId(customer), 999))
        return found[::-1]

    def pending(self, subject: str) -> Approval | None:
        """Give what waits for a decision about a subject."""
        return self.looks(lambda work: work.approvals.find_pending(subject))

    def closes(self) -> None:
        """Let the store go, where it is a database's."""
        if isinstance(self.store, SqlStore):
            self.store.close()


def _ticket(work: Work, ticket: str) -> Ticket:
    found = work.tickets.find(TicketId(ticket))
    assert found is not None
    return found


def _actor(work: Work, contact: str, member: str) -> Actor:
    if contact:
        found = work.customers.contact(ContactId(contact))
        return ContactActor(found, work.customers.get(found.customer))
    return MemberActor(work.members.get(MemberId(member))) if member else Machine()

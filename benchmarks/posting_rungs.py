"""What is posted on each rung, through the program: bare, with lots, and a whole business event."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path

from benchmarks.million import TENANT
from benchmarks.posting_clients import Post
from bot.channel_configs import WECOM
from bot.clock import SystemClock, SystemIds
from bot.settings import Settings
from bot.wiring import Parts
from domain.chaining import seal
from domain.channels import Channel, ChannelKind, Identity
from domain.customers import Contact, Customer
from domain.events import BusinessEvent, EventType
from domain.ids import ContactId, CustomerId, EventId
from domain.ledger import Cause
from domain.ports import UnitOfWork
from domain.posting import Book, lot_end, month_text
from domain.repositories import Wallets
from handlers.contract import Context
from handlers.usecases.points import book
from storage.channels import ChannelConfig
from storage.work import SqlStore

POINTS = 30
VALID_MONTHS = 24


def parts(url: str, folder: Path) -> Parts:
    """Give the program's own parts on a database of the measurements, whatever is set outside."""
    return Parts(Settings.model_construct(database_url=url, data_dir=folder / "data"))


@dataclass(frozen=True, slots=True)
class Rung:
    """A kind of posting by hand: in turn, points are put into a wallet and taken out of it."""

    name: str
    is_bare: bool
    """A debt and its payment: one entry each and no lot."""
    ids: SystemIds = field(default_factory=SystemIds)
    clock: SystemClock = field(default_factory=SystemClock)

    def write(self, wallets: Wallets, customer: CustomerId) -> None:
        """Lock the wallet, let the program decide, seal the entry and store it."""
        wallet = wallets.lock(customer)
        opened = Book(wallet, wallets.open_lots(customer), self.ids.new)
        at = self.clock.now()
        cause = Cause("system", at, at, f"benchmark:{self.ids.new()}", month_text(at))
        opened.lapse(cause)
        if wallet.debt == 0 if self.is_bare else wallet.seq % 2:
            opened.deduct(POINTS, cause)
        else:
            opened.award(POINTS, cause, expires_at=lot_end(at, VALID_MONTHS))
        wallets.append([seal(opened, {})])


BARE = Rung("bare", is_bare=True)
LOTS = Rung("lots", is_bare=False)


def posts_of(
    store: SqlStore, rung: Rung, customers: Sequence[CustomerId], share: int
) -> list[Post]:
    """Make clients of which each posts to its own customers in turn, or all to the only one."""
    return [_post_of(store, rung, customers[client::share] or customers) for client in range(share)]


def _post_of(store: SqlStore, rung: Rung, customers: Sequence[CustomerId]) -> Post:
    turn = count()

    def post() -> bool:
        with store.work(TENANT) as work:
            rung.write(work.wallets, customers[next(turn) % len(customers)])
            work.commit()
        return True

    return post


def events_of(known: Parts, customers: Sequence[CustomerId], share: int) -> list[Post]:
    """Make clients that have the program count a business event, told to the customer's contact."""
    return [_event_of(known, customers[client::share] or customers) for client in range(share)]


def _event_of(known: Parts, customers: Sequence[CustomerId]) -> Post:
    turn = count()

    def post() -> bool:
        customer = customers[next(turn) % len(customers)]
        done = known.runtime.act(TENANT, lambda ctx: _happens(ctx, customer))
        assert len(done.deliveries) == 1, "the contact is not told"
        return True

    return post


def _happens(ctx: Context, customer: CustomerId) -> None:
    event = BusinessEvent(
        id=EventId(ctx.ids.new()),
        source="benchmark",
        source_id=ctx.ids.new(),
        type=EventType.SUGGESTION_ADOPTED,
        customer=customer,
        project=None,
        occurred_at=ctx.now - timedelta(minutes=1),
        recorded_at=ctx.now,
        recorded_by=None,
        data={"title": "地下室增加导视标识"},
    )
    booked = book(ctx, event)
    assert booked.points == POINTS, booked.points


def add_customers(work: UnitOfWork, prefix: str, number: int) -> list[CustomerId]:
    """Add customers without a past."""
    made = [CustomerId(f"{prefix}-{one:04d}") for one in range(number)]
    for one in made:
        work.customers.add(Customer(one, one, one, None))
    return made


def give_contacts(store: SqlStore, customers: Sequence[CustomerId]) -> None:
    """Give every customer a contact with an account, so that there is somebody to tell."""
    store.save_channel(TENANT, ChannelConfig(Channel(WECOM, ChannelKind.WECOM_APP), "benchmark/1"))
    with store.work(TENANT) as work:
        for one in customers:
            contact = Contact(ContactId(f"contact-{one}"), one, f"客人{one}", None, may_redeem=True)
            work.customers.add_contact(contact)
            work.identities.save(
                Identity(WECOM, ChannelKind.WECOM_APP, f"guest-{one}", contact=contact.id)
            )
        work.commit()

"""How a customer's contacts can be reached right now, and what has really reached them."""

from dataclasses import dataclass

from domain.channels import ChannelKind, reach
from domain.customers import Contact
from domain.deliveries import Notice
from domain.ids import ContactId, CustomerId
from domain.reachability import Road, best_road
from handlers.contract import Context


@dataclass(frozen=True, slots=True)
class ContactReach:
    """A contact with the accounts there are; without any, everything is told by hand."""

    contact: Contact
    roads: tuple[Road, ...]

    @property
    def is_open(self) -> bool:
        """Tell whether a notice could go out now."""
        return best_road(self.roads) is not None


@dataclass(frozen=True, slots=True)
class ToldTo:
    """A notice and whom it was for."""

    contact: Contact
    notice: Notice


def roads_of(ctx: Context, contact: ContactId) -> list[Road]:
    """Weigh a contact's accounts; what waits to be answered keeps its messages."""
    roads = []
    for identity in ctx.work.identities.of_contact(contact):
        promised = 0
        if identity.kind is ChannelKind.WECOM_KF:
            promised = ctx.work.deliveries.answers_waiting(*identity.account)
        roads.append(Road(identity, reach(identity, ctx.now, promised=promised)))
    return roads


def read_reach(ctx: Context, customer: CustomerId) -> list[ContactReach]:
    """Say of each active contact, by name, how it can be reached on which account."""
    return [
        ContactReach(contact, tuple(roads_of(ctx, contact.id)))
        for contact in ctx.work.customers.contacts(customer)
    ]


def read_notices(ctx: Context, customer: CustomerId, limit: int) -> list[ToldTo]:
    """List the last notices for a customer's active contacts, newest first."""
    told = [
        ToldTo(contact, notice)
        for contact in ctx.work.customers.contacts(customer)
        for notice in ctx.work.deliveries.notices_of(contact.id, limit)
    ]
    told.sort(key=lambda told: (told.notice.delivery.created_at, told.notice.delivery.id))
    return told[: -limit - 1 : -1]

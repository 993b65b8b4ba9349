"""Who learns of a gift: the receiver's contacts, and the giver's own who have not just done it."""

from collections.abc import Iterable

from domain.customers import Contact
from domain.facts import GiftChanged
from domain.gifts import Gift, GiftState
from domain.ids import CustomerId
from handlers.actors import seeing
from handlers.addressing import Push, ToContact
from handlers.contract import ContactActor, Context
from handlers.usecases.statement import read_balance
from handlers.usecases.why import last_day
from handlers.views import GiftNotice


def gift_changed(ctx: Context, fact: GiftChanged) -> Iterable[Push]:
    """Tell the giver's side whatever happens, and the receiver's when the points are there."""
    gift = fact.gift
    sides = [gift.giver, gift.receiver] if gift.state is GiftState.GIVEN else [gift.giver]
    for customer in sides:
        notice = _notice(ctx, gift, customer)
        for contact in seeing(ctx, customer):
            if not _has_done_it(ctx, contact):
                yield ToContact(contact, notice, f"gift:{gift.id}:{gift.state}")


def _has_done_it(ctx: Context, contact: Contact) -> bool:
    return isinstance(ctx.actor, ContactActor) and ctx.actor.contact.id == contact.id


def _notice(ctx: Context, gift: Gift, customer: CustomerId) -> GiftNotice:
    is_receiver = customer == gift.receiver
    wallet, _ = read_balance(ctx, customer)
    return GiftNotice(
        is_receiver=is_receiver,
        number=gift.number,
        state=gift.state,
        customer=ctx.work.customers.get(customer).name,
        other=ctx.work.customers.get(gift.giver if is_receiver else gift.receiver).name,
        points=gift.points,
        given_by=ctx.work.customers.contact(gift.contact).name,
        available_after=wallet.available,
        debt_after=wallet.debt,
        first_end=_first_end(ctx, gift) if is_receiver else "",
    )


def _first_end(ctx: Context, gift: Gift) -> str:
    """Name the last day of the first lot a gift has opened: every further one ends later."""
    wallets, place = ctx.work.wallets, 0
    while (entry := wallets.of_key(f"receive:{gift.id}#{place}")) is not None:
        lot = wallets.opened_by(entry.id)
        if lot is not None:
            return last_day(wallets.lot(lot)).isoformat()
        place += 1
    return ""

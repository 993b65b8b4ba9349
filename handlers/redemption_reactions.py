"""Who learns of what becomes of a redemption: who has to agree, who has bought, who hands over."""

from collections.abc import Iterable

from domain.customers import Contact
from domain.facts import RedemptionChanged
from domain.ids import ContactId
from domain.redemptions import Redemption, RedemptionState
from domain.rewards import RewardKind
from handlers.actors import account_managers, seeing
from handlers.addressing import Push, ToCards, ToContact, ToMember
from handlers.contract import ContactActor, Context
from handlers.redemption_views import hand_over_card, redemption_card
from handlers.usecases.agreeing import other_contacts


def redemption_changed(ctx: Context, fact: RedemptionChanged) -> Iterable[Push]:
    """Ask who has to agree, tell the customer's people how it stands, and the firm what to do."""
    after, before = fact.redemption, fact.before
    for contact in _told(ctx, after, before):
        card = redemption_card(ctx, after, contact)
        yield ToContact(contact, card, f"{after.purpose}:v{after.version}")
    if after.kind is RewardKind.VOUCHER:
        return
    if after.state is RedemptionState.PLACED and _was_held(before):
        task = hand_over_card(ctx, after)
        for member in account_managers(ctx, after.customer):
            yield ToMember(member, lambda _: task, f"{after.purpose}:task", subject=after.purpose)
    elif before is not None:
        now = hand_over_card(ctx, after)
        yield ToCards(after.purpose, lambda _: now, f"{after.purpose}:v{after.version}")


def _told(ctx: Context, after: Redemption, before: Redemption | None) -> list[Contact]:
    """Give who of the customer is told: nobody of what they have just done themselves."""
    contacts = seeing(ctx, after.customer)
    asker = next((one for one in contacts if one.id == after.contact), None)
    wanted: dict[ContactId, Contact] = {}
    if asker is not None:
        wanted[asker.id] = asker
    elif after.contact is None:
        # Another system has bought it: everybody who could have done it hears of it.
        wanted |= {one.id: one for one in contacts if one.may_redeem}
    if _asks_contacts(after, before) or _is_over_for_contacts(after, before):
        wanted |= {one.id: one for one in other_contacts(ctx, after.customer, asker)}
    actor = ctx.actor.contact.id if isinstance(ctx.actor, ContactActor) else None
    return [contact for contact in wanted.values() if contact.id != actor]


def _asks_contacts(after: Redemption, before: Redemption | None) -> bool:
    is_asking = after.waits_for_contact and not after.waits_for_confirmation
    is_new = before is None or before.waits_for_confirmation
    return is_asking and is_new and after.state is RedemptionState.HELD


def _is_over_for_contacts(after: Redemption, before: Redemption | None) -> bool:
    """Tell whether nobody needs to answer any more who was asked."""
    was_asking = before is not None and before.waits_for_contact
    was_asked = was_asking and before is not None and not before.waits_for_confirmation
    return was_asked and (after.state is not RedemptionState.HELD or not after.waits_for_contact)


def _was_held(before: Redemption | None) -> bool:
    return before is None or before.state is RedemptionState.HELD

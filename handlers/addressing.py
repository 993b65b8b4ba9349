"""From "this person should learn of it" to deliveries: which accounts, now or held.

For whom cannot be reached, somebody else is asked to tell (`NoticeHeld`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from domain.channels import ChannelKind, Identity, Unreachable
from domain.customers import Contact
from domain.deliveries import NOWHERE, Delivery, DeliveryKind, DeliveryState
from domain.facts import NoticeHeld
from domain.ids import CardKey, ChannelId, ContactId, DeliveryId, MemberId
from domain.members import Member
from domain.reachability import best_road, nearest_road
from handlers.actors import owner_of
from handlers.audit import write_note
from handlers.contract import Context, Reply, View
from handlers.covering import why_withheld
from handlers.usecases.reachability import roads_of

GROUP_ACCOUNT = "group"
"""A robot speaks to its one group; the delivery needs a name for it."""
Encode = Callable[[View], dict[str, Any]]
"""Turns a view into JSON; given by the outside."""


@dataclass(frozen=True, slots=True)
class ToMember:
    """A message for a member; `make` gives the member's own view (tickets are personal)."""

    member: MemberId
    make: Callable[[Member], View]
    dedupe_key: str
    subject: str | None = None
    is_alert: bool = False
    """Only to the accounts the member wants alerts on, if there are any."""


@dataclass(frozen=True, slots=True)
class ToContact:
    """A notice for a customer's contact: by one of the accounts, or held and told by hand."""

    contact: Contact
    view: View
    dedupe_key: str


@dataclass(frozen=True, slots=True)
class ToCards:
    """A change of the newest card each account has of a subject."""

    subject: str
    make: Callable[[Member], View]
    dedupe_key: str


@dataclass(frozen=True, slots=True)
class ToOwnCards:
    """A change of the cards of a subject on the speaker's own accounts."""

    subject: str
    view: View
    dedupe_key: str


@dataclass(frozen=True, slots=True)
class ToGroups:
    """A warning for the groups whose robots are configured, beside the people's own accounts."""

    view: View
    dedupe_key: str


Push = ToMember | ToContact | ToCards | ToOwnCards | ToGroups


def changes_of(reply: Reply) -> Iterable[Push]:
    """Say what a reply changes on the speaker's cards."""
    if reply.on_cards is not None and reply.subject is not None:
        yield ToOwnCards(reply.subject, reply.on_cards, f"{reply.subject}:changed")


def address(ctx: Context, pushes: Iterable[Push], encode: Encode) -> list[Delivery]:
    """Store the deliveries a list of pushes means; give those that can go out now."""
    deliveries: list[Delivery] = []
    for push in pushes:
        match push:
            case ToMember():
                deliveries += _for_member(ctx, push, encode)
            case ToContact():
                deliveries += _for_contact(ctx, push, encode)
            case ToCards() | ToOwnCards():
                deliveries += _for_cards(ctx, push, encode)
            case _:
                deliveries += _for_groups(ctx, push, encode)
    return deliveries


def _for_member(ctx: Context, push: ToMember, encode: Encode) -> list[Delivery]:
    member = ctx.work.members.get(push.member)
    accounts = ctx.work.identities.of_member(member.id)
    identities = [i for i in accounts if i.blocked_reason is None]
    if push.is_alert and not identities:
        # A warning tries accounts the platform has refused: what was wrong may have been mended,
        # and if not, the admins hear of it.
        identities = accounts
    if push.is_alert and any(i.is_alerted for i in identities):
        identities = [i for i in identities if i.is_alerted]
    if not identities:
        return []
    view = push.make(member)
    data = encode(view)
    stored = [
        _delivery(ctx, i.account, view.view_name, data, push.dedupe_key, subject=push.subject)
        for i in identities
    ]
    return [d for d in stored if ctx.work.deliveries.add(d)]


def _for_contact(ctx: Context, push: ToContact, encode: Encode) -> list[Delivery]:
    contact, name = push.contact.id, push.view.view_name
    reason = why_withheld(push.contact, name)
    if reason is not None:
        after = {"view": name, "reason": reason}
        write_note(ctx, "notice_withheld", f"contact:{contact}", after=after)
        return []
    roads = roads_of(ctx, contact)
    road = best_road(roads)
    nearest = road or nearest_road(roads)
    obstacle = None
    if road is None:
        obstacle = nearest.reach.obstacle if nearest is not None else Unreachable.NO_ACCOUNT
    delivery = _delivery(
        ctx,
        nearest.identity.account if nearest is not None else (NOWHERE, contact),
        name,
        encode(push.view),
        push.dedupe_key,
        state=DeliveryState.QUEUED if obstacle is None else DeliveryState.HELD,
        reason=obstacle,
        contact=contact,
    )
    if not ctx.work.deliveries.add(delivery):
        return []
    if obstacle is None:
        return [delivery]
    ctx.work.emit(NoticeHeld(delivery.id, contact))
    return []


def _for_cards(ctx: Context, push: ToCards | ToOwnCards, encode: Encode) -> list[Delivery]:
    deliveries = []
    for (channel, external_id), key in _newest_cards(ctx, push.subject).items():
        if key == ctx.pressed_card:
            continue
        identity = ctx.work.identities.find(channel, external_id)
        view = None if identity is None else _on_card(ctx, push, identity)
        if identity is None or view is None:
            continue
        delivery = _delivery(
            ctx,
            identity.account,
            view.view_name,
            encode(view),
            f"{push.dedupe_key}:{key}",
            subject=push.subject,
            kind=DeliveryKind.UPDATE,
            card=key,
        )
        if ctx.work.deliveries.add(delivery):
            deliveries.append(delivery)
    return deliveries


def _on_card(ctx: Context, push: ToCards | ToOwnCards, identity: Identity) -> View | None:
    """Give what a card shows from now on to whose account it stands on, or None."""
    if isinstance(push, ToOwnCards):
        # The account may have become somebody else's since.
        return push.view if (identity.member, identity.contact) == owner_of(ctx) else None
    if identity.member is None:
        return None
    return push.make(ctx.work.members.get(identity.member))


def _newest_cards(ctx: Context, subject: str) -> dict[tuple[ChannelId, str], CardKey]:
    """Give each account's newest card of a subject: older ones above it in the chat stay behind."""
    # A card that is just being sent will be named after its delivery; its change follows it. Looked
    # at first: what arrives meanwhile is found among the cards.
    coming = [
        ((d.channel, d.external_id), CardKey(d.id))
        for d in ctx.work.deliveries.on_the_way(subject)
        if not _is_own_reply(ctx, d)
    ]
    standing = [((c.channel, c.external_id), c.key) for c in ctx.work.cards.of_subject(subject)]
    return dict([*standing, *coming])


def _is_own_reply(ctx: Context, delivery: Delivery) -> bool:
    """Tell whether it answers the very message that is handled: it says the change itself."""
    is_reply = delivery.kind is DeliveryKind.REPLY
    return is_reply and ctx.inbox is not None and delivery.inbox == ctx.inbox


def _for_groups(ctx: Context, push: ToGroups, encode: Encode) -> list[Delivery]:
    data = encode(push.view)
    groups = [c for c in ctx.work.channels.all() if c.kind is ChannelKind.WECOM_GROUP]
    identities = [Identity(group.id, group.kind, GROUP_ACCOUNT) for group in groups]
    stored = [
        _delivery(ctx, i.account, push.view.view_name, data, push.dedupe_key) for i in identities
    ]
    return [d for d in stored if ctx.work.deliveries.add(d)]


def _delivery(
    ctx: Context,
    account: tuple[ChannelId, str],
    view_name: str,
    data: dict[str, Any],
    dedupe_key: str,
    *,
    kind: DeliveryKind = DeliveryKind.PUSH,
    state: DeliveryState = DeliveryState.QUEUED,
    subject: str | None = None,
    card: CardKey | None = None,
    reason: str | None = None,
    contact: ContactId | None = None,
) -> Delivery:
    return Delivery(
        id=DeliveryId(ctx.ids.new()),
        channel=account[0],
        external_id=account[1],
        kind=kind,
        view=view_name,
        data=data,
        dedupe_key=dedupe_key,
        created_at=ctx.now,
        state=state,
        subject=subject,
        card=card,
        inbox=ctx.inbox,
        reason=reason,
        contact=contact,
    )

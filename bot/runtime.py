"""One inbox item: actor → handler → reactions → deliveries → commit. Errors become replies here.

One incoming message is one transaction, committed in this module and nowhere deeper: effects,
audit, replies and pushes land together or not at all.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

import structlog

from bot.codec import incoming_from_json, view_to_json
from bot.in_band import InBand
from bot.platform import DeliveryError, HttpAnswer, Rendered
from bot.presenter import TextFault
from bot.pulls import Puller
from bot.replies import failure_of, late_notice, reply_to
from domain.calendar import business_date
from domain.channels import ChannelKind, Identity
from domain.deliveries import Delivery, DeliveryKind, DeliveryState, retry_delay
from domain.errors import DomainError
from domain.ids import ChannelId, DeliveryId, InboxId, TenantId
from domain.inbox import INBOX_ATTEMPTS_MAX, InboxItem, InboxState
from domain.ports import Clock, Conflict, Ids, Store, UnitOfWork, Work
from handlers import dispatch, system
from handlers.addressing import address, changes_of
from handlers.contract import (
    Actor,
    ContactActor,
    Context,
    Machine,
    MemberActor,
    Reply,
    Stranger,
)
from handlers.incoming import Incoming, Pressed, PullWanted, Said, SentMedia, Unsupported
from handlers.reactions import react
from handlers.refusals import refused
from handlers.usecases.notices import release
from handlers.views import Silence

log = structlog.get_logger(__name__)

CONFLICTS_MAX = 3
RETRY_AFTER = timedelta(seconds=3)
PULL_FOR = timedelta(days=3)
"""So long 微信客服 keeps messages. Source: WeCom doc 94670."""
RenderFor = Callable[[str, dict[str, Any], ChannelKind], Rendered]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Done:
    """What one item led to: the in-band answer, if that is how it goes, and what is to be sent."""

    answer: HttpAnswer | None = None
    deliveries: tuple[DeliveryId, ...] = ()
    wake: tuple[InboxId, ...] = ()


class Runtime:
    """Handles inbox items; used from many threads."""

    def __init__(
        self, *, store: Store, clock: Clock, ids: Ids, render: RenderFor, pullers: Puller
    ) -> None:
        """Keep what every item needs."""
        self._kinds: dict[tuple[TenantId, ChannelId], ChannelKind] = {}
        self._store = store
        self._clock = clock
        self._ids = ids
        self._render = render
        self._pullers = pullers

    def handle(self, tenant: TenantId, item: InboxId, in_band: InBand | None = None) -> Done:
        """Handle one item if it is still new; a repeat gets the stored answer.

        Never raises for what people or handlers do: a refusal is a reply, a conflict is tried
        again, a bug is logged with a reference and tried later, at most three times in all.
        """
        with structlog.contextvars.bound_contextvars(inbox=item, tenant=tenant):
            try:
                for _ in range(CONFLICTS_MAX):
                    try:
                        return self._once(tenant, item, in_band)
                    except Conflict:
                        log.warning("conflict")
                return self._later(tenant, item, None)
            except Exception as error:  # noqa: BLE001  the edge of a message's life: log and decide
                return self._later(tenant, item, error)

    def on(self, store: Store) -> "Runtime":
        """Give the same on another store, such as one whose units of work share a commit."""
        other = Runtime(
            store=store,
            clock=self._clock,
            ids=self._ids,
            render=self._render,
            pullers=self._pullers,
        )
        other._kinds = self._kinds
        return other

    def act(
        self,
        tenant: TenantId,
        act: Callable[[Context], None],
        *,
        actor: Callable[[Work], Actor] | None = None,
        sender: str = "",
    ) -> Done:
        """Let the machine itself do something in one transaction, reactions included.

        `actor` and `sender` say who does it instead: another system, by the open API.

        Raises:
            Conflict: after three tries.
        """
        for attempt in range(CONFLICTS_MAX):
            try:
                with self._store.work(tenant) as work:
                    ctx = self._outside_chat(work, actor, sender)
                    act(ctx)
                    sent = self._react(ctx)
                    work.commit()
                    return Done(deliveries=tuple(d.id for d in sent))
            except Conflict:
                if attempt == CONFLICTS_MAX - 1:
                    raise
        raise AssertionError

    def look(
        self,
        tenant: TenantId,
        look: Callable[[Context], T],
        *,
        actor: Callable[[Work], Actor] | None = None,
        sender: str = "",
    ) -> T:
        """Let the machine, or another system, read in one transaction."""
        with self._store.reading(tenant) as work:
            return look(self._outside_chat(work, actor, sender))

    def send_after_all(self, tenant: TenantId, item: InboxId) -> Done:
        """Queue a reply that was meant to go in-band but missed its request."""
        with self._store.work(tenant) as work:
            found = work.deliveries.in_band_of(item)
            if found is None:
                return Done()
            now = self._clock.now()
            work.deliveries.set_state(found, DeliveryState.QUEUED, reason=None, now=now)
            answered = work.inbox.lock(item)
            if answered is not None:
                # A repeat must not bring the same answer a second time.
                work.inbox.finish(item, answered.state, now=now)
            work.commit()
        return Done(deliveries=(found,))

    def _once(self, tenant: TenantId, item_id: InboxId, in_band: InBand | None) -> Done:
        with self._store.work(tenant) as work:
            item = work.inbox.lock(item_id)
            if item is None:
                return Done()
            if item.state is not InboxState.NEW:
                return self._repeat(work, item, in_band)
            incoming = incoming_from_json(item.payload)
            if not isinstance(incoming.content, PullWanted):
                return self._answer(work, item, incoming, in_band)
        return self._pull(tenant, item, incoming.content)

    def _answer(
        self, work: UnitOfWork, item: InboxItem, incoming: Incoming, in_band: InBand | None
    ) -> Done:
        ctx, released = self._meet(work, item, incoming)
        # What a platform reports holds however late it is read; what people said then does not.
        if system.note(ctx, incoming.content):
            reply = Reply(Silence())
        elif incoming.is_stale:
            done = self._leave_alone(ctx, item, incoming)
            work.commit()
            return done
        else:
            try:
                reply = dispatch.answer(ctx, incoming.content)
            except DomainError as refusal:
                log.info("refused", code=refusal.code)
                work.rollback()
                again = work.inbox.lock(item.id)
                if again is None or again.state is not InboxState.NEW:
                    # A repeat came in between and has been answered.
                    return Done()
                ctx, released = self._meet(work, item, incoming)
                reply = Reply(refused(ctx, refusal))
        delivery = reply_to(ctx, item, incoming, reply)
        done = self._settle(ctx, item, reply, delivery, in_band)
        work.commit()
        return replace(done, deliveries=(*released, *done.deliveries), wake=tuple(ctx.wake))

    def _leave_alone(self, ctx: Context, item: InboxItem, incoming: Incoming) -> Done:
        """Do nothing about what was read too late but ask for it again."""
        notice = late_notice(ctx, item, incoming)
        ctx.work.inbox.finish(item.id, InboxState.STALE, now=ctx.now)
        age = int((ctx.now - incoming.sent_at).total_seconds())
        log.warning("item_stale", age_seconds=age, is_told=notice is not None)
        return Done(deliveries=(notice.id,) if notice is not None else ())

    def _settle(
        self,
        ctx: Context,
        item: InboxItem,
        reply: Reply,
        delivery: Delivery | None,
        in_band: InBand | None,
    ) -> Done:
        """Store the reply and everything the facts lead to, and close the item."""
        work = ctx.work
        answer = None
        stored = None
        if delivery is not None:
            answer = self._in_band(ctx, delivery, in_band)
            if answer is not None:
                delivery = replace(delivery, state=DeliveryState.IN_BAND)
                stored = {
                    "view": delivery.view,
                    "data": delivery.data,
                    "replaces": reply.replaces_card,
                }
            work.deliveries.add(delivery)
        pushed = [*address(ctx, changes_of(reply), view_to_json), *self._react(ctx)]
        state = InboxState.PARKED if reply.parks else InboxState.DONE
        work.inbox.finish(item.id, state, now=ctx.now, answer=stored)
        queued = [delivery] if delivery is not None and answer is None else []
        return Done(answer, tuple(d.id for d in (*queued, *pushed)))

    def _meet(
        self, work: UnitOfWork, item: InboxItem, incoming: Incoming
    ) -> tuple[Context, list[DeliveryId]]:
        """Find out who speaks, note that they have, and send what waited for it."""
        identity = work.identities.find(incoming.channel, incoming.sender)
        is_message = isinstance(incoming.content, Said | SentMedia | Pressed) or (
            isinstance(incoming.content, Unsupported) and incoming.content.is_message
        )
        kind = identity.kind if identity else self._kind(work, incoming.channel)
        if is_message and (kind is ChannelKind.WECOM_KF or _is_blocked(identity)):
            work.identities.heard_from(incoming.channel, incoming.sender, incoming.sent_at)
        actor = self._actor(work, identity)
        ctx = self._context(work, actor, item, incoming)
        if isinstance(incoming.content, Pressed) and incoming.content.card is not None:
            ctx = replace(ctx, pressed_card=incoming.content.card)
            work.cards.set_response_code(
                incoming.content.card, incoming.content.response_code, ctx.now
            )
        released: list[DeliveryId] = []
        if is_message and isinstance(actor, ContactActor) and not incoming.is_stale:
            released = release(ctx, actor.contact)
        return ctx, released

    def _actor(self, work: UnitOfWork, identity: Identity | None) -> Actor:
        if identity is None:
            return Stranger()
        if identity.member is not None:
            member = work.members.get(identity.member)
            return MemberActor(member) if member.is_active else Stranger()
        if identity.contact is not None:
            contact = work.customers.contact(identity.contact)
            if contact.is_active:
                return ContactActor(contact, work.customers.get(contact.customer))
        return Stranger()

    def _context(
        self, work: UnitOfWork, actor: Actor, item: InboxItem, incoming: Incoming
    ) -> Context:
        now = self._clock.now()
        return Context(
            work=work,
            now=now,
            today=business_date(now),
            ids=self._ids,
            actor=actor,
            channel=incoming.channel,
            sender=incoming.sender,
            inbox=item.id,
            sent_at=incoming.sent_at,
            in_group=incoming.in_group,
            is_mentioned=incoming.is_mentioned,
        )

    def _outside_chat(
        self, work: Work, actor: Callable[[Work], Actor] | None, sender: str
    ) -> Context:
        now = self._clock.now()
        return Context(
            work=work,
            now=now,
            today=business_date(now),
            ids=self._ids,
            actor=actor(work) if actor else Machine(),
            channel=ChannelId(""),
            sender=sender,
            inbox=None,
            sent_at=now,
        )

    def _kind(self, work: Work, channel: ChannelId) -> ChannelKind:
        """Tell what a channel is; asked once, for that never changes."""
        key = (work.tenant, channel)
        kind = self._kinds.get(key)
        if kind is None:
            kind = self._kinds[key] = work.channels.get(channel).kind
        return kind

    def _react(self, ctx: Context) -> list[Delivery]:
        """Turn facts into deliveries, and the facts that arise on the way, until there are none."""
        deliveries: list[Delivery] = []
        while facts := ctx.work.take_facts():
            for fact in facts:
                deliveries += address(ctx, react(ctx, fact), view_to_json)
        return deliveries

    def _in_band(
        self, ctx: Context, delivery: Delivery, in_band: InBand | None
    ) -> HttpAnswer | None:
        if in_band is None:
            return None
        kind = self._kind(ctx.work, delivery.channel)
        try:
            message = self._render(delivery.view, delivery.data, kind)
        except TextFault:
            # A wrong template must not undo what has been done; the sender tries again later.
            log.error("template_failed", view=delivery.view)  # noqa: TRY400  the name says it all
            return None
        answer = in_band.carry(message, replaces_card=delivery.kind is DeliveryKind.UPDATE)
        return answer if answer is not None and in_band.take() else None

    def _repeat(self, work: UnitOfWork, item: InboxItem, in_band: InBand | None) -> Done:
        """Give a repeat of a handled callback the same answer, if it went in-band."""
        if item.answer is None or in_band is None:
            return Done()
        kind = self._kind(work, item.channel)
        message = self._render(item.answer["view"], item.answer["data"], kind)
        return Done(in_band.carry(message, replaces_card=item.answer["replaces"]))

    def _pull(self, tenant: TenantId, item: InboxItem, wanted: PullWanted) -> Done:
        deliveries: list[DeliveryId] = []
        wake: list[InboxId] = []
        try:
            for found in self._pullers.pull(tenant, item.channel, wanted.token):
                done = self.handle(tenant, found)
                deliveries += done.deliveries
                wake += done.wake
        except DeliveryError as error:
            log.warning("pull_failed", code=error.code)
            self._pull_again(tenant, item, wanted)
            return Done(deliveries=tuple(deliveries), wake=tuple(wake))
        with self._store.work(tenant) as work:
            work.inbox.finish(item.id, InboxState.DONE, now=self._clock.now())
            work.commit()
        return Done(deliveries=tuple(deliveries), wake=tuple(wake))

    def _pull_again(self, tenant: TenantId, item: InboxItem, wanted: PullWanted) -> None:
        """Put a failed pull off: the messages wait there, and nobody rings for them twice.

        One that nobody rang for is not tried again: the next of its kind comes soon.
        """
        now = self._clock.now()
        with self._store.work(tenant) as work:
            if not wanted.token or now - item.received_at > PULL_FOR:
                work.inbox.finish(item.id, InboxState.FAILED, now=now)
            else:
                pause = retry_delay(item.attempts + 1, self._ids.jitter())
                work.inbox.count_attempt(item.id, next_at=now + pause)
            work.commit()

    def _later(self, tenant: TenantId, item_id: InboxId, error: Exception | None) -> Done:
        """Note a failed try; after the last one tell the person with a reference number."""
        reference = self._ids.new()[-8:]
        if error is not None:
            log.error("handling_failed", reference=reference, exc=error)
        now = self._clock.now()
        with self._store.work(tenant) as work:
            item = work.inbox.lock(item_id)
            if item is None or item.state is not InboxState.NEW:
                return Done()
            attempts = work.inbox.count_attempt(item_id, next_at=now + RETRY_AFTER)
            if attempts < INBOX_ATTEMPTS_MAX:
                work.commit()
                return Done()
            work.inbox.finish(item_id, InboxState.FAILED, now=now, reference=reference)
            delivery = failure_of(item, reference, DeliveryId(self._ids.new()), now)
            if item.sender:
                work.deliveries.add(delivery)
            work.commit()
        return Done(deliveries=(delivery.id,) if item.sender else ())


def _is_blocked(identity: Identity | None) -> bool:
    return identity is not None and identity.blocked_reason is not None

"""A small language for handler tests.

    chat.says("wang", "余额")
    chat.presses("zhang", card, "take")

Does with one message what bot/runtime does, without deadlines, rendering and sending: who speaks,
what waits for them, the handler, the reactions, one commit. What would have been sent stands on a
phone at once; what was said and answered is kept as the inbox and deliveries keep it.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.codec import incoming_from_json, incoming_to_json
from domain.calendar import business_date
from domain.channels import ChannelKind, Identity
from domain.deliveries import Delivery, DeliveryKind, DeliveryState
from domain.errors import DomainError
from domain.facts import Fact
from domain.ids import CardKey, ChannelId, ContactId, DeliveryId, InboxId, MemberId
from domain.inbox import InboxItem, InboxState, ReplyPart, reply_key
from domain.ports import Work
from domain.repositories import Card
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
    View,
)
from handlers.incoming import Content, Incoming, Pressed, Said, SentMedia
from handlers.reactions import react
from handlers.refusals import refused
from handlers.usecases.notices import release
from handlers.views import VIEWS, Refusal, Silence
from tests.support.fake_state import TenantState
from tests.support.fakes import FakeClock, FakeStore, SequenceIds
from tests.support.stores import KF, KINDS, MAIN

VIEW_TYPES: dict[str, Any] = {str(view.view_name): view for view in (*VIEWS, Silence)}  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Account:
    """Where somebody writes from."""

    channel: ChannelId
    external_id: str


@dataclass
class Chat:
    """A firm on the fake store, and what stands on everybody's phones."""

    store: FakeStore
    clock: FakeClock
    ids: SequenceIds
    accounts: dict[str, Account] = field(default_factory=dict)
    phones: dict[Account, dict[str, View]] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    """What the last message has led to."""
    _card_of: dict[str, CardKey] = field(default_factory=dict)

    def joins(
        self,
        name: str,
        channel: ChannelId,
        external_id: str,
        *,
        member: str | None = None,
        contact: str | None = None,
        is_alerted: bool = False,
    ) -> None:
        """Give somebody an account that has never written."""
        self.accounts[name] = Account(channel, external_id)
        identity = Identity(
            channel,
            KINDS[channel],
            external_id,
            member=MemberId(member) if member else None,
            contact=ContactId(contact) if contact else None,
            is_alerted=is_alerted,
        )
        with self.store.work(MAIN) as work:
            work.identities.save(identity)
            work.commit()

    def says(self, who: str, text: str, *, group: bool = False, mentioned: bool = True) -> View:
        """Let somebody type; give the answer."""
        return self.gives(who, Said(text), group=group, mentioned=mentioned)

    def taps(self, who: str, menu_id: str) -> View:
        """Let somebody tap an item of a menu message."""
        return self.gives(who, Said("(caption)", menu_id))

    def presses(self, who: str, card: View | str, choice: str, **form: str) -> View:
        """Let somebody press a button of a card (or of a ticket's text link)."""
        ticket: str = card if isinstance(card, str) else card.ticket  # type: ignore[attr-defined]
        key = self._card_of.get(ticket)
        return self.gives(who, Pressed(f"{ticket}:{choice}", card=key, form=form))

    def gives(
        self,
        who: str,
        content: Content,
        *,
        group: bool = False,
        mentioned: bool = True,
        sent_at: datetime | None = None,
    ) -> View:
        """Let any content come in from an account; give the answer."""
        account = self.account(who)
        incoming = Incoming(
            channel=account.channel,
            source_id=self.ids.new(),
            sender=account.external_id,
            sent_at=sent_at or self.clock.now(),
            content=content,
            in_group=group,
            is_mentioned=mentioned,
        )
        return self._handle(who, self._receive(incoming), incoming)

    def _handle(self, who: str, item: InboxId, incoming: Incoming) -> View:
        account, content = self.account(who), incoming.content
        with self.store.work(MAIN) as work:
            ctx = self._meet(work, incoming, item)
            if system.note(ctx, content):
                reply = Reply(Silence())
            else:
                try:
                    reply = dispatch.answer(ctx, content)
                except DomainError as refusal:
                    work.rollback()
                    ctx = self._meet(work, incoming, item)
                    reply = Reply(refused(ctx, refusal))
            answer = DeliveryId(self.ids.new())
            if not isinstance(reply.view, Silence):
                work.deliveries.add(_answer(ctx, item, answer, reply))
            address(ctx, changes_of(reply), _encode)
            self._react(ctx)
            state = InboxState.PARKED if reply.parks else InboxState.DONE
            work.inbox.finish(item, state, now=ctx.now)
            work.commit()
        self.send()
        self._show_reply(ctx, account, reply, answer)
        for parked in ctx.wake:
            self._again(who, parked)
        return reply.view

    def acts(self, act: Callable[[Context], Any]) -> Any:
        """Let the machine itself do something, reactions included."""
        with self.store.work(MAIN) as work:
            ctx = self._context(work, Machine(), Account(ChannelId(""), ""))
            result = act(ctx)
            self._react(ctx)
            work.commit()
        self.send()
        return result

    def refused(self, who: str, act: Callable[[], View]) -> Refusal:
        """Let something be refused: the answer is a refusal, and nothing has changed.

        That a card of somebody else was pressed may have been written down.
        """
        before, seen = self.state(), {name: self.phone(name) for name in self.accounts}
        view = act()
        assert isinstance(view, Refusal), view
        assert without_presses(self.state()) == without_presses(before)
        others = [name for name in self.accounts if name != who]
        assert {name: self.phone(name) for name in others} == {name: seen[name] for name in others}
        return view

    def state(self) -> TenantState:
        """Give all rows, without what was merely said and answered, and without commits."""
        rows = self.store.committed(MAIN).copy()
        waiting = {
            key: row for key, row in rows.inbox.items() if row.item.state is InboxState.PARKED
        }
        told = {
            key: row
            for key, row in rows.deliveries.items()
            if row.delivery.kind is not DeliveryKind.REPLY
        }
        heard = {
            key: replace(identity, last_inbound_at=None, sends_since_inbound=0)
            for key, identity in rows.identities.items()
            if identity.is_bound
        }
        return replace(rows, identities=heard, inbox=waiting, deliveries=told, changes=0)

    def account(self, who: str) -> Account:
        """Give somebody's account; a name never heard is a stranger on 微信客服."""
        return self.accounts.setdefault(who, Account(KF, f"wm-{who}"))

    def phone(self, who: str) -> list[View]:
        """Give what stands on somebody's phone, oldest first; changed cards as they are now."""
        return list(self.phones.get(self.account(who), {}).values())

    def last(self, who: str) -> Any:
        """Give the newest thing on somebody's phone."""
        return self.phone(who)[-1]

    def deliveries(self, who: str, state: DeliveryState | None = None) -> list[Delivery]:
        """Give what was addressed to an account besides answers, oldest first."""
        account = self.account(who)
        rows = self.store.committed(MAIN).deliveries.values()
        found = [row.delivery for row in rows]
        return [
            d
            for d in found
            if (d.channel, d.external_id) == (account.channel, account.external_id)
            and state in (None, d.state)
            and d.kind is not DeliveryKind.REPLY
        ]

    def actions(self) -> list[str]:
        """Give what the audit record says has been done, in order."""
        return [note.action for note in self.store.committed(MAIN).audit.values()]

    def pass_time(self, **by: float) -> None:
        """Move the clock on."""
        self.clock.forward(timedelta(**by))

    def _receive(self, incoming: Incoming) -> InboxId:
        item = InboxItem(
            id=InboxId(self.ids.new()),
            channel=incoming.channel,
            source_id=incoming.source_id,
            sender=incoming.sender,
            payload=incoming_to_json(incoming),
            received_at=self.clock.now(),
        )
        with self.store.work(MAIN) as work:
            work.inbox.receive(item)
            work.commit()
        return item.id

    def _meet(self, work: Work, incoming: Incoming, item: InboxId) -> Context:
        content = incoming.content
        identity = work.identities.find(incoming.channel, incoming.sender)
        is_message = isinstance(content, Said | SentMedia | Pressed)
        if is_message and work.channels.get(incoming.channel).kind is ChannelKind.WECOM_KF:
            work.identities.heard_from(incoming.channel, incoming.sender, incoming.sent_at)
        account = Account(incoming.channel, incoming.sender)
        ctx = self._context(work, _actor(work, identity), account, item)
        ctx = replace(
            ctx,
            sent_at=incoming.sent_at,
            in_group=incoming.in_group,
            is_mentioned=incoming.is_mentioned,
            pressed_card=content.card if isinstance(content, Pressed) else None,
        )
        if is_message and isinstance(ctx.actor, ContactActor):
            release(ctx, ctx.actor.contact)
        return ctx

    def _context(
        self, work: Work, actor: Actor, account: Account, inbox: InboxId | None = None
    ) -> Context:
        now = self.clock.now()
        return Context(
            work=work,
            now=now,
            today=business_date(now),
            ids=self.ids,
            actor=actor,
            channel=account.channel,
            sender=account.external_id,
            inbox=inbox,
            sent_at=now,
        )

    def _react(self, ctx: Context) -> None:
        self.facts = []
        while facts := ctx.work.take_facts():
            self.facts += facts
            for fact in facts:
                address(ctx, react(ctx, fact), _encode)

    def send(self) -> None:
        """Put everything that is queued on the phones."""
        with self.store.work(MAIN) as work:
            rows = sorted(
                self.store.committed(MAIN).deliveries.values(), key=lambda r: r.delivery.id
            )
            for row in rows:
                if row.delivery.state is DeliveryState.QUEUED:
                    self._deliver(work, row.delivery)
            work.commit()

    def _deliver(self, work: Work, delivery: Delivery) -> None:
        work.deliveries.set_state(
            delivery.id, DeliveryState.SENT, reason=None, now=self.clock.now()
        )
        key = delivery.card if delivery.kind is DeliveryKind.UPDATE else CardKey(delivery.id)
        account = Account(delivery.channel, delivery.external_id)
        view = VIEW_TYPES[delivery.view](**delivery.data)
        self._stands(work, account, key or CardKey(delivery.id), view, delivery.subject)

    def _show_reply(self, ctx: Context, account: Account, reply: Reply, answer: DeliveryId) -> None:
        if isinstance(reply.view, Silence):
            return
        key = ctx.pressed_card if reply.replaces_card else None
        with self.store.work(MAIN) as work:
            self._stands(work, account, key or CardKey(answer), reply.view, reply.subject)
            work.commit()

    def _stands(
        self, work: Work, account: Account, key: CardKey, view: View, subject: str | None
    ) -> None:
        self.phones.setdefault(account, {})[key] = view
        ticket = getattr(view, "ticket", None)
        if ticket:
            self._card_of[ticket] = key
        if subject is not None:
            now = self.clock.now()
            work.cards.save(
                Card(key, account.channel, account.external_id, subject, view.view_name, now)
            )

    def _again(self, who: str, item_id: InboxId) -> None:
        with self.store.reading(MAIN) as work:
            item = work.inbox.lock(item_id)
        assert item is not None
        assert item.state is InboxState.NEW
        self._handle(who, item_id, incoming_from_json(item.payload))


def without_presses(state: TenantState) -> TenantState:
    """Leave out what was written down of presses of other people's cards."""
    kept = {key: note for key, note in state.audit.items() if note.action != "press_refused"}
    return replace(state, audit=kept)


def _actor(work: Work, identity: Identity | None) -> Actor:
    if identity is not None and identity.member is not None:
        member = work.members.get(identity.member)
        return MemberActor(member) if member.is_active else Stranger()
    if identity is not None and identity.contact is not None:
        contact = work.customers.contact(identity.contact)
        if contact.is_active:
            return ContactActor(contact, work.customers.get(contact.customer))
    return Stranger()


def _answer(ctx: Context, item: InboxId, answer: DeliveryId, reply: Reply) -> Delivery:
    part = ReplyPart.PARKED if reply.parks else ReplyPart.ANSWER
    return Delivery(
        id=answer,
        channel=ctx.channel,
        external_id=ctx.sender,
        kind=DeliveryKind.REPLY,
        view=reply.view.view_name,
        data=_encode(reply.view),
        dedupe_key=reply_key(item, part),
        created_at=ctx.now,
        state=DeliveryState.SENT,
        inbox=item,
    )


def _encode(view: View) -> dict[str, Any]:
    return asdict(view)  # type: ignore[call-overload,no-any-return]

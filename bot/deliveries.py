"""One due delivery: claim → render → send → record. The only place that sends.

At-least-once with the platform's own dedupe key where there is one. A failure decides: later, held
for a person to tell, or dead and visible to the admins.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import structlog

from bot.codec import view_to_json
from bot.platform import (
    CardNotUpdatable,
    CardUpdate,
    DeliveryError,
    Limits,
    Outbound,
    Outgoing,
    Rendered,
    Sent,
)
from bot.presenter import TextFault
from bot.runtime import Done, RenderFor, Runtime
from domain.channels import ChannelKind, Unreachable, reach
from domain.deliveries import (
    Delivery,
    DeliveryKind,
    DeliveryState,
    is_exhausted,
    retry_delay,
)
from domain.ids import CardKey, ChannelId, DeliveryId, TenantId
from domain.ports import Attempt, Clock, DeliveryQueue, Ids, Store
from domain.repositories import Card
from handlers.contract import Context
from handlers.incoming import ReplyHandle
from handlers.system import keep_back
from handlers.trouble import report_trouble
from handlers.views import Digest

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=30)
"""Longer than all time-outs of a send together: a lease only lapses when the sender died."""
MINUTE = timedelta(minutes=1)
MERGE_PAUSE = timedelta(seconds=6)
"""How long pushes are gathered before they go out as one message."""
CARD_PAUSE = timedelta(seconds=2)
"""How long the change of a card waits when the card itself could not be sent yet."""
RATE_PAUSE = timedelta(seconds=10)
"""How long a message waits when the account has had as many as it may get."""
DIGEST_LINES = 12


@dataclass(frozen=True, slots=True)
class Line:
    """A configured way out: the adapter, what the platform is, and how much it takes."""

    kind: ChannelKind
    outbound: Outbound
    limits: Limits


Lines = Callable[[TenantId, ChannelId], Line | None]


class Sender:
    """Sends deliveries; used from several workers at once."""

    def __init__(
        self,
        *,
        store: Store,
        queue: DeliveryQueue,
        clock: Clock,
        ids: Ids,
        render: RenderFor,
        lines: Lines,
        runtime: Runtime,
    ) -> None:
        """Keep what every send needs."""
        self._store = store
        self._queue = queue
        self._clock = clock
        self._ids = ids
        self._render = render
        self._lines = lines
        self._runtime = runtime

    def deliver(self, tenant: TenantId, delivery_id: DeliveryId) -> list[DeliveryId]:
        """Send one delivery if it is due and nobody else has it, then what waits behind it.

        Gives ids that were queued on the way (task cards, notices to admins), to be hinted at.
        """
        queued: list[DeliveryId] = []
        following: DeliveryId | None = delivery_id
        while following is not None:
            now = self._clock.now()
            delivery = self._queue.claim(tenant, following, now, now + LEASE)
            if delivery is None:
                break
            with structlog.contextvars.bound_contextvars(
                delivery=delivery.id, inbox=delivery.inbox
            ):
                queued += self._one_guarded(tenant, delivery)
            following = self._queue.next_of(
                tenant, delivery.channel, delivery.external_id, self._clock.now()
            )
        return queued

    def _one_guarded(self, tenant: TenantId, delivery: Delivery) -> tuple[DeliveryId, ...]:
        try:
            return self._one(tenant, delivery)
        except Exception as error:  # noqa: BLE001  the edge of a delivery: log and decide
            log.error("delivery_broke", exc=error)  # noqa: TRY400  our own filter logs frames, not texts
            return self._failed(tenant, delivery, DeliveryError("broke", permanent=False))

    def _one(self, tenant: TenantId, delivery: Delivery) -> tuple[DeliveryId, ...]:
        line = self._lines(tenant, delivery.channel)
        if line is None:
            self._finish(tenant, delivery, DeliveryState.DEAD, "dead", "no_channel")
            return ()
        if delivery.kind is DeliveryKind.UPDATE:
            if self._is_ahead_of_its_card(tenant, delivery):
                return self._put_off(tenant, delivery, "card_coming", CARD_PAUSE)
        else:
            sent = self._sent_lately(tenant, delivery)
            if line.limits.per_minute is not None and sent >= line.limits.per_minute:
                return self._put_off(tenant, delivery, "rate", RATE_PAUSE)
            is_much = line.limits.merge_above is not None and sent >= line.limits.merge_above
            if is_much and delivery.kind is DeliveryKind.PUSH:
                return self._merge(tenant, delivery, line)
        obstacle = self._obstacle(tenant, delivery)
        if obstacle is not None:
            return self._hold(tenant, delivery, obstacle, "reach")
        return self._send(tenant, delivery, line)

    def _send(self, tenant: TenantId, delivery: Delivery, line: Line) -> tuple[DeliveryId, ...]:
        try:
            message = self._render(delivery.view, delivery.data, line.kind)
            sent = self._hand_over(tenant, delivery, message, line)
        except DeliveryError as error:
            return self._failed(tenant, delivery, error)
        except Exception as error:  # noqa: BLE001  the edge of a send: log and decide
            log.error("send_broke", exc=error)  # noqa: TRY400  our own filter logs frames, not texts
            return self._failed(tenant, delivery, DeliveryError("broke", permanent=False))
        self._finish(tenant, delivery, DeliveryState.SENT, "sent", sent=sent)
        log.info("sent", view=delivery.view, attempts=delivery.attempts)
        return ()

    def _hand_over(
        self, tenant: TenantId, delivery: Delivery, message: Rendered, line: Line
    ) -> Sent:
        if delivery.kind is DeliveryKind.UPDATE and delivery.card is not None:
            try:
                return line.outbound.update(self._change(tenant, delivery, message))
            except CardNotUpdatable:
                # The card is over 72 h old or its code is used up: say it in a new message.
                log.info("card_not_updatable")
        return line.outbound.send(
            Outgoing(
                delivery=delivery.id,
                channel=delivery.channel,
                external_id=delivery.external_id,
                message=message,
                attempt=delivery.attempts,
                reply_handle=self._handle(delivery),
            )
        )

    def _is_ahead_of_its_card(self, tenant: TenantId, delivery: Delivery) -> bool:
        """Tell whether the card to change is still to be sent, which may take several tries."""
        key = delivery.card or CardKey("")
        with self._store.reading(tenant) as work:
            if work.cards.find(key) is not None:
                return False
            # A card is named after the delivery that brings it.
            bringer = work.deliveries.find(DeliveryId(key))
        return bringer is not None and bringer.state in {
            DeliveryState.QUEUED,
            DeliveryState.SENDING,
        }

    def _change(self, tenant: TenantId, delivery: Delivery, message: Rendered) -> CardUpdate:
        card_key = delivery.card or CardKey("")
        with self._store.reading(tenant) as work:
            card = work.cards.find(card_key)
        return CardUpdate(
            card=card_key,
            channel=delivery.channel,
            external_id=delivery.external_id,
            message=message,
            response_code=card.response_code if card else None,
        )

    def _handle(self, delivery: Delivery) -> ReplyHandle | None:
        if delivery.reply_handle is None:
            return None
        expires_at = datetime.fromisoformat(delivery.reply_handle["expires_at"])
        if expires_at <= self._clock.now():
            return None
        return ReplyHandle(delivery.reply_handle["url"], expires_at)

    def _finish(
        self,
        tenant: TenantId,
        delivery: Delivery,
        state: DeliveryState,
        outcome: str,
        code: str | None = None,
        *,
        sent: Sent | None = None,
        next_at: datetime | None = None,
    ) -> None:
        now = self._clock.now()
        self._queue.finish(
            tenant,
            delivery.id,
            state,
            Attempt(delivery.id, now, outcome, code),
            next_at=next_at,
            card=self._card(delivery, sent, now),
            counts=sent is not None and delivery.kind is not DeliveryKind.UPDATE,
            platform_ref=sent.platform_ref if sent else None,
        )

    @staticmethod
    def _card(delivery: Delivery, sent: Sent | None, now: datetime) -> Card | None:
        if sent is None:
            return None
        key = sent.card or (delivery.card if delivery.kind is DeliveryKind.UPDATE else None)
        if key is None:
            return None
        return Card(
            key=key,
            channel=delivery.channel,
            external_id=delivery.external_id,
            subject=delivery.subject,
            view=delivery.view,
            sent_at=now,
            response_code=sent.response_code,
            response_code_at=now if sent.response_code else None,
        )

    def _failed(
        self, tenant: TenantId, delivery: Delivery, error: DeliveryError
    ) -> tuple[DeliveryId, ...]:
        log.warning("send_failed", code=error.code, permanent=error.permanent)
        if error.obstacle is not None:
            return self._hold(tenant, delivery, Unreachable(error.obstacle), error.code)
        if not error.permanent and not is_exhausted(delivery.attempts):
            pause = error.retry_after or retry_delay(max(delivery.attempts, 1), self._ids.jitter())
            self._finish(
                tenant,
                delivery,
                DeliveryState.QUEUED,
                "retry",
                error.code,
                next_at=self._clock.now() + pause,
            )
            return ()
        queued = self._report(tenant, delivery, error)
        self._finish(tenant, delivery, DeliveryState.DEAD, "dead", error.code)
        return queued

    def _report(
        self, tenant: TenantId, delivery: Delivery, error: DeliveryError
    ) -> tuple[DeliveryId, ...]:
        """Make a lost message visible: block the account if it is gone, tell the admins.

        Comes before the message is given up, so a crash in between reports it twice, not never.
        """

        def act(ctx: Context) -> None:
            if error.blocks_account:
                ctx.work.identities.block(delivery.channel, delivery.external_id, error.code)
            report_trouble(ctx, delivery, error.code)

        return self._act(tenant, act)

    def _hold(
        self, tenant: TenantId, delivery: Delivery, obstacle: Unreachable, code: str
    ) -> tuple[DeliveryId, ...]:
        # State, obstacle and task card in one commit: a crash leaves a lapsed lease, never a
        # notice that is held and that nobody has been asked to pass on.
        return self._act(tenant, lambda ctx: keep_back(ctx, delivery.id, obstacle, code))

    def _act(self, tenant: TenantId, act: Callable[[Context], None]) -> tuple[DeliveryId, ...]:
        done: Done = self._runtime.act(tenant, act)
        return done.deliveries

    def _obstacle(self, tenant: TenantId, delivery: Delivery) -> Unreachable | None:
        if self._handle(delivery) is not None or delivery.kind is DeliveryKind.UPDATE:
            return None
        with self._store.reading(tenant) as work:
            identity = work.identities.find(delivery.channel, delivery.external_id)
        if identity is None:
            return None
        return reach(identity, self._clock.now()).obstacle

    def _merge(self, tenant: TenantId, delivery: Delivery, line: Line) -> tuple[DeliveryId, ...]:
        """Gather pushes for some seconds, then send them as one message: none is silently lost.

        The platform drops what passes its limit without an error (WeCom doc 90236), so we never get
        there.
        """
        if delivery.attempts <= 1:
            return self._put_off(tenant, delivery, "gathering", MERGE_PAUSE)
        now = self._clock.now()
        others = self._queue.claim_queued_of(
            tenant, delivery.channel, delivery.external_id, now, now + LEASE
        )
        said = [(each, self._first_line(tenant, each, line)) for each in (delivery, *others)]
        batch = [(each, words) for each, words in said if words is not None]
        if not batch:
            return ()
        first, *rest = (each for each, _ in batch)
        if not rest:
            return self._send(tenant, first, line)
        lines = tuple(words for _, words in batch)
        digest = Digest(lines[:DIGEST_LINES], more=max(0, len(lines) - DIGEST_LINES))
        merged = replace(first, view=digest.view_name, data=view_to_json(digest), card=None)
        queued = self._send(tenant, merged, line)
        with self._store.reading(tenant) as work:
            is_sent = work.deliveries.get(first.id).state is DeliveryState.SENT
        for other in rest:
            if is_sent:
                self._finish(tenant, other, DeliveryState.MERGED, "merged")
            else:
                self._put_off(tenant, other, "gathering", MERGE_PAUSE)
        return queued

    def _first_line(self, tenant: TenantId, delivery: Delivery, line: Line) -> str | None:
        """Give what a message says first; one that can't be rendered is put off by itself."""
        try:
            text = self._render(delivery.view, delivery.data, line.kind).text
        except TextFault:
            self._failed(tenant, delivery, DeliveryError("template", permanent=False))
            return None
        return text.strip().splitlines()[0]

    def _put_off(
        self, tenant: TenantId, delivery: Delivery, why: str, pause: timedelta
    ) -> tuple[DeliveryId, ...]:
        """Leave a delivery for later, all of an account for one instant, so that order is kept."""
        step = int(pause.total_seconds())
        tick = (int(self._clock.now().timestamp()) // step + 1) * step
        until = datetime.fromtimestamp(tick, UTC)
        self._finish(tenant, delivery, DeliveryState.QUEUED, "retry", why, next_at=until)
        return ()

    def _sent_lately(self, tenant: TenantId, delivery: Delivery) -> int:
        since = self._clock.now() - MINUTE
        return self._queue.sent_since(tenant, delivery.channel, delivery.external_id, since)

"""One due delivery: claim → render → send → record. The only place that sends.

At-least-once with the platform's own dedupe key where there is one. A failure decides: later, held
for a person to tell, or dead and visible to the admins. How ends are recorded is in
delivery_ends.py, what fits into one message in merging.py, what carries what in carrying.py.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from rq.timeouts import BaseTimeoutException

from bot.carrying import Carrier
from bot.codec import view_to_json
from bot.delivery_ends import AT_ONCE, LEASE, DeliveryEnds
from bot.merging import LINES_MAX, count_fitting, is_mergeable, line_of
from bot.platform import (
    CardNotUpdatable,
    CardUpdate,
    DeliveryError,
    Limits,
    Outbound,
    Outgoing,
)
from bot.presenter import TextFault
from bot.runtime import Done, RenderFor, Runtime
from domain.channels import ChannelKind, Unreachable, reach
from domain.deliveries import (
    Delivery,
    DeliveryKind,
    DeliveryState,
    Withheld,
    is_exhausted,
    retry_delay,
)
from domain.ids import CardKey, ChannelId, DeliveryId, TenantId
from domain.ports import Clock, DeliveryQueue, Ids, Store
from handlers.contract import Context
from handlers.covering import why_not_sent
from handlers.incoming import ReplyHandle
from handlers.system import keep_back, take_refusal
from handlers.trouble import report_trouble
from handlers.views import Digest

log = structlog.get_logger(__name__)

MINUTE = timedelta(minutes=1)
GATHERING = "gathering"
MERGE_PAUSE = timedelta(seconds=6)
"""How long pushes are gathered before they go out as one message."""
CARD_PAUSE = timedelta(seconds=2)
"""How long the change of a card waits when the card itself could not be sent yet."""
RATE_PAUSE = timedelta(seconds=10)
"""How long a message waits when the account has had as many as it may get."""


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
        self._ends = DeliveryEnds(queue, clock)
        self._carrier = Carrier(store, queue, clock, render, self._ends)

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
        """Deal with a claimed delivery; what goes wrong before the platform has it is a failure."""
        try:
            return self._one(tenant, delivery)
        except BaseTimeoutException:
            # RQ ends the job; nobody knows how far the try came, so the lease decides.
            raise
        except DeliveryError as error:
            return self._failed(tenant, delivery, error)
        except Exception as error:  # noqa: BLE001  the edge of a delivery: log and decide
            log.error("delivery_broke", exc=error)  # noqa: TRY400  our own filter logs frames, not texts
            return self._failed(tenant, delivery, DeliveryError("broke", permanent=False))

    def _one(self, tenant: TenantId, delivery: Delivery) -> tuple[DeliveryId, ...]:
        line = self._lines(tenant, delivery.channel)
        if line is None:
            if delivery.contact is not None:
                return self._refused(tenant, delivery, "no_channel")
            self._ends.dead(tenant, delivery, "no_channel")
            return ()
        if delivery.kind is DeliveryKind.UPDATE:
            self._change(tenant, delivery, line)
            return ()
        sent = self._sent_lately(tenant, delivery)
        if _reaches(sent, line.limits.per_minute):
            self._ends.put_off(tenant, delivery, "rate", RATE_PAUSE)
            return ()
        # What has been gathered goes out together even when the minute has room again.
        is_crowded = delivery.reason == GATHERING or _reaches(sent, line.limits.merge_above)
        if delivery.kind is DeliveryKind.PUSH and is_crowded:
            return self._merge(tenant, delivery, line)
        obstacle = self._obstacle(tenant, delivery)
        if obstacle is not None:
            # State, obstacle and task card in one commit: a crash leaves a lapsed lease, never a
            # notice that is held and that nobody has been asked to pass on.
            return self._act_on(
                tenant, delivery, lambda ctx: keep_back(ctx, delivery.id, obstacle, "reach")
            )
        if line.kind is ChannelKind.WECOM_KF and is_mergeable(delivery):
            delivery = self._carrier.gather(tenant, delivery, line.kind)
        self._send(tenant, delivery, line)
        return ()

    def _send(
        self, tenant: TenantId, delivery: Delivery, line: Line, replaces: CardKey | None = None
    ) -> None:
        """Send a message of its own and record that; a failure is raised."""
        message = self._render(delivery.view, delivery.data, line.kind)
        outgoing = Outgoing(
            delivery=delivery.message_key,
            channel=delivery.channel,
            external_id=delivery.external_id,
            message=message,
            attempt=delivery.attempts,
            reply_handle=self._handle(delivery),
        )
        begun = self._clock.now()
        sent = line.outbound.send(outgoing)
        self._ends.sent(tenant, delivery, sent, begun=begun, replaces=replaces)

    def _change(self, tenant: TenantId, delivery: Delivery, line: Line) -> None:
        """Change a card in place; when that is not possible any more, say it in a new message."""
        key = delivery.card or CardKey("")
        if self._is_ahead_of_its_card(tenant, key):
            self._ends.put_off(tenant, delivery, "card_coming", CARD_PAUSE)
            return
        message = self._render(delivery.view, delivery.data, line.kind)
        begun = self._clock.now()
        with self._store.reading(tenant) as work:
            card = work.cards.find(key)
        code = card.response_code if card else None
        change = CardUpdate(key, delivery.channel, delivery.external_id, message, code)
        try:
            sent = line.outbound.update(change)
        except CardNotUpdatable:
            # The card is over 72 h old or its code is used up.
            log.info("card_not_updatable")
        else:
            self._ends.sent(tenant, delivery, sent, begun=begun)
            return
        if self._queue.is_told(tenant, delivery):
            self._ends.merged(tenant, delivery, "told")
        elif _reaches(self._sent_lately(tenant, delivery), line.limits.per_minute):
            self._ends.put_off(tenant, delivery, "rate", RATE_PAUSE)
        else:
            self._send(tenant, delivery, line, replaces=key)

    def _is_ahead_of_its_card(self, tenant: TenantId, key: CardKey) -> bool:
        """Tell whether the card to change is still to be sent, which may take several tries."""
        with self._store.reading(tenant) as work:
            if work.cards.find(key) is not None:
                return False
            # A card is named after the delivery that brings it.
            bringer = work.deliveries.find(DeliveryId(key))
        return bringer is not None and bringer.state in {
            DeliveryState.QUEUED,
            DeliveryState.SENDING,
        }

    def _handle(self, delivery: Delivery) -> ReplyHandle | None:
        if delivery.reply_handle is None:
            return None
        expires_at = datetime.fromisoformat(delivery.reply_handle["expires_at"])
        if expires_at <= self._clock.now():
            return None
        return ReplyHandle(delivery.reply_handle["url"], expires_at)

    def _failed(
        self, tenant: TenantId, delivery: Delivery, error: DeliveryError
    ) -> tuple[DeliveryId, ...]:
        log.warning("send_failed", code=error.code, permanent=error.permanent)
        if error.obstacle is not None:
            refusal = Unreachable(error.obstacle)
            return self._act_on(
                tenant,
                delivery,
                lambda ctx: take_refusal(ctx, delivery.id, refusal, error.code),
            )
        if not error.permanent and not is_exhausted(delivery.attempts):
            pause = error.retry_after or retry_delay(max(delivery.attempts, 1), self._ids.jitter())
            self._ends.retry(tenant, delivery, error.code, pause)
            return ()
        queued = self._report(tenant, delivery, error)
        if delivery.contact is None:
            self._ends.dead(tenant, delivery, error.code)
        return queued

    def _report(
        self, tenant: TenantId, delivery: Delivery, error: DeliveryError
    ) -> tuple[DeliveryId, ...]:
        """Make a lost message visible: block the account if it is gone, tell the admins.

        A customer's notice is not lost with it: it goes another way or is told by hand. Any other
        message is given up after this, so a crash in between reports it twice, not never.
        """

        def act(ctx: Context) -> None:
            if error.blocks_account:
                ctx.work.identities.block(delivery.channel, delivery.external_id, error.code)
            report_trouble(ctx, delivery, error.code)
            if delivery.contact is not None:
                reason = Unreachable.BLOCKED if error.blocks_account else Unreachable.REFUSED
                keep_back(ctx, delivery.id, reason, error.code)

        return self._act_on(tenant, delivery, act)

    def _refused(self, tenant: TenantId, delivery: Delivery, code: str) -> tuple[DeliveryId, ...]:
        return self._act_on(
            tenant, delivery, lambda ctx: keep_back(ctx, delivery.id, Unreachable.REFUSED, code)
        )

    def _act_on(
        self, tenant: TenantId, delivery: Delivery, act: Callable[[Context], None]
    ) -> tuple[DeliveryId, ...]:
        """Do what follows from a failure; nothing if another worker has the delivery by now."""

        def acting(ctx: Context) -> None:
            stands = ctx.work.deliveries.get(delivery.id)
            if (stands.state, stands.attempts) == (DeliveryState.SENDING, delivery.attempts):
                act(ctx)

        done: Done = self._runtime.act(tenant, acting)
        return done.deliveries

    def _obstacle(self, tenant: TenantId, delivery: Delivery) -> Unreachable | Withheld | None:
        if self._handle(delivery) is not None or delivery.kind is DeliveryKind.UPDATE:
            return None
        with self._store.reading(tenant) as work:
            identity = work.identities.find(delivery.channel, delivery.external_id)
            withheld = why_not_sent(work, delivery)
        if withheld is not None:
            return withheld
        if delivery.contact is not None and (
            identity is None or identity.contact != delivery.contact
        ):
            # The account has become somebody else's since.
            return Unreachable.NO_ACCOUNT
        if identity is None:
            return None
        promised = 0
        if delivery.kind is DeliveryKind.PUSH and identity.kind is ChannelKind.WECOM_KF:
            # A notice can be told later or by somebody else; an answer that gives way is lost.
            promised = self._queue.answers_waiting(tenant, delivery.channel, delivery.external_id)
        return reach(identity, self._clock.now(), promised=promised).obstacle

    def _merge(self, tenant: TenantId, delivery: Delivery, line: Line) -> tuple[DeliveryId, ...]:
        """Gather pushes for some seconds, then send them as one message: none is silently lost.

        The platform drops what passes its limit without an error (WeCom doc 90236), so we never get
        there. What can't be a line waits until the minute has room; what does not fit comes next.
        """
        if not is_mergeable(delivery):
            self._ends.put_off(tenant, delivery, "rate", RATE_PAUSE)
            return ()
        if delivery.reason != GATHERING:
            self._ends.put_off(tenant, delivery, GATHERING, MERGE_PAUSE)
            return ()
        words = self._line_of(delivery, line)
        queued, others = self._others(tenant, delivery, line)
        fitting = count_fitting([words, *(each for _, each in others)])
        told, left = others[: fitting - 1], others[fitting - 1 :]
        for other, _ in left:
            self._ends.put_off(tenant, other, GATHERING, AT_ONCE)
        digest = Digest((words, *(each for _, each in told)))
        merged = replace(delivery, view=digest.view_name, data=view_to_json(digest))
        try:
            self._send(tenant, merged if told else delivery, line)
        except Exception:
            for other, _ in told:
                self._ends.put_off(tenant, other, GATHERING, MERGE_PAUSE)
            raise
        for other, _ in told:
            self._ends.merged(tenant, other)
        return queued

    def _others(
        self, tenant: TenantId, delivery: Delivery, line: Line
    ) -> tuple[tuple[DeliveryId, ...], list[tuple[Delivery, str]]]:
        """Claim what may be told together with a delivery, with its lines.

        Gives besides what a line that can't be rendered has queued: it fails by itself.
        """
        queued: tuple[DeliveryId, ...] = ()
        said: list[tuple[Delivery, str]] = []
        now = self._clock.now()
        # A slow machine puts off one after another; who waited first takes those behind along.
        soon = now + MERGE_PAUSE
        for other in self._queue.claim_queued_of(
            tenant, delivery.channel, delivery.external_id, soon, now + LEASE, limit=LINES_MAX - 1
        ):
            if not is_mergeable(other):
                self._ends.put_off(tenant, other, "rate", RATE_PAUSE)
                continue
            try:
                said.append((other, self._line_of(other, line)))
            except DeliveryError as error:
                queued += self._failed(tenant, other, error)
        return queued, said

    def _line_of(self, delivery: Delivery, line: Line) -> str:
        try:
            return line_of(delivery, self._render(delivery.view, delivery.data, line.kind).text)
        except TextFault:
            raise DeliveryError("template", permanent=False) from None

    def _sent_lately(self, tenant: TenantId, delivery: Delivery) -> int:
        since = self._clock.now() - MINUTE
        return self._queue.sent_since(tenant, delivery.channel, delivery.external_id, since)


def _reaches(sent: int, limit: int | None) -> bool:
    return limit is not None and sent >= limit

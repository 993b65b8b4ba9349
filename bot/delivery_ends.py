"""How the try of a claimed delivery ends in the database: sent, later, merged, given up.

Deciding which it is belongs to deliveries.py.
"""

from datetime import UTC, datetime, timedelta

import structlog
from rq.timeouts import BaseTimeoutException

from bot.platform import Sent
from domain.deliveries import Delivery, DeliveryKind, DeliveryState
from domain.ids import CardKey, DeliveryId, TenantId
from domain.ports import PUT_OFF, Attempt, Clock, Conflict, DeliveryQueue
from domain.repositories import Card

log = structlog.get_logger(__name__)

RECORD_TRIES = 4
LEASE = timedelta(seconds=30)
"""Longer than all time-outs of a send together: a lease only lapses when the sender died."""
AT_ONCE = timedelta(0)


class DeliveryEnds:
    """Records ends; used from several workers at once."""

    def __init__(self, queue: DeliveryQueue, clock: Clock) -> None:
        """Keep where ends are recorded."""
        self._queue = queue
        self._clock = clock

    def sent(
        self,
        tenant: TenantId,
        delivery: Delivery,
        sent: Sent,
        *,
        begun: datetime,
        replaces: CardKey | None = None,
    ) -> None:
        """Record what the platform has taken; never raises for what keeps it from being recorded.

        A message that is out must not be treated like one that failed. One that can't be recorded
        keeps its lease, and goes again only when that has lapsed.
        `begun` is when the platform was asked; `replaces` is for a change that went out as a
        message of its own.
        """
        is_message = delivery.kind is not DeliveryKind.UPDATE or replaces is not None
        now = self._clock.now()
        for _ in range(RECORD_TRIES):
            try:
                self._queue.finish(
                    tenant,
                    delivery,
                    DeliveryState.SENT,
                    Attempt(delivery.id, now, "sent"),
                    card=_card(delivery, sent, now if is_message else begun, replaces),
                    replaces=replaces,
                    counts=is_message,
                    platform_ref=sent.platform_ref,
                )
            except BaseTimeoutException:
                raise
            except Conflict:
                log.warning("sent_record_conflict")
            except Exception as error:  # noqa: BLE001  it is out, whatever happens here
                log.error("sent_not_recorded", exc=error)  # noqa: TRY400  frames only, no texts
                return
            else:
                log.info("sent", view=delivery.view, attempts=delivery.attempts)
                return
        log.error("sent_not_recorded")

    def put_off(self, tenant: TenantId, delivery: Delivery, why: str, pause: timedelta) -> None:
        """Leave a delivery for later, all of an account for one instant, so that order is kept.

        No try is used up. Without a pause it is due again at once.
        """
        until = now = self._clock.now()
        if pause:
            step = int(pause.total_seconds())
            tick = (int(now.timestamp()) // step + 1) * step
            until = datetime.fromtimestamp(tick, UTC)
        self._finish(tenant, delivery, DeliveryState.QUEUED, PUT_OFF, why, next_at=until)

    def retry(self, tenant: TenantId, delivery: Delivery, code: str, pause: timedelta) -> None:
        """Leave a delivery that failed for its next try."""
        next_at = self._clock.now() + pause
        self._finish(tenant, delivery, DeliveryState.QUEUED, "retry", code, next_at=next_at)

    def merged(
        self,
        tenant: TenantId,
        delivery: Delivery,
        code: str | None = None,
        *,
        carried_by: DeliveryId | None = None,
    ) -> None:
        """Record that another message has said it."""
        self._finish(tenant, delivery, DeliveryState.MERGED, "merged", code, carried_by=carried_by)

    def dead(self, tenant: TenantId, delivery: Delivery, code: str) -> None:
        """Give a delivery up."""
        self._finish(tenant, delivery, DeliveryState.DEAD, "dead", code)

    def _finish(
        self,
        tenant: TenantId,
        delivery: Delivery,
        state: DeliveryState,
        outcome: str,
        code: str | None,
        *,
        next_at: datetime | None = None,
        carried_by: DeliveryId | None = None,
    ) -> None:
        attempt = Attempt(delivery.id, self._clock.now(), outcome, code)
        self._queue.finish(tenant, delivery, state, attempt, next_at=next_at, carried_by=carried_by)


def _card(delivery: Delivery, sent: Sent, at: datetime, replaces: CardKey | None) -> Card | None:
    key = sent.card
    if key is None and replaces is not None:
        # A message that can't be changed either stands for the subject until the next one.
        key = CardKey(delivery.id)
    if key is None and delivery.kind is DeliveryKind.UPDATE:
        key = delivery.card
    if key is None:
        return None
    return Card(
        key=key,
        channel=delivery.channel,
        external_id=delivery.external_id,
        subject=delivery.subject,
        view=delivery.view,
        sent_at=at,
        response_code=sent.response_code,
        response_code_at=at,
    )

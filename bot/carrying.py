"""Which of a customer's notices go out inside which: decided once and recorded before it is sent.

After each message of a customer 微信客服 allows only five, so that what is due together is one
message. Who is carried ends as MERGED under the carrier before the platform is asked: a second try
says the same under the same id, and what becomes of the carrier becomes of all.
"""

from bot.delivery_ends import AT_ONCE, LEASE, DeliveryEnds
from bot.merging import NOTICES_BYTES_MAX, is_mergeable, joined
from bot.presenter import TextFault
from bot.runtime import RenderFor
from domain.channels import ChannelKind
from domain.deliveries import Delivery
from domain.ids import TenantId
from domain.ports import Clock, DeliveryQueue, Store
from domain.reachability import TOGETHER_MAX
from handlers.covering import why_not_sent


class Carrier:
    """Joins notices that are due; used from several workers at once."""

    def __init__(
        self,
        store: Store,
        queue: DeliveryQueue,
        clock: Clock,
        render: RenderFor,
        ends: DeliveryEnds,
    ) -> None:
        """Keep where notices wait, and how long they are when rendered."""
        self._store = store
        self._queue = queue
        self._clock = clock
        self._render = render
        self._ends = ends

    def gather(self, tenant: TenantId, delivery: Delivery, kind: ChannelKind) -> Delivery:
        """Give the message a claimed notice goes out as, with all it carries.

        What can't share a message, or does not fit, is left to come next. On a second try nothing
        is added: what the platform has perhaps taken already must not be believed to have said
        more.
        """
        with self._store.reading(tenant) as work:
            carried = work.deliveries.carried_by(delivery.id)
        if carried or delivery.attempts > 1 or not self._reads(delivery, kind):
            return joined([delivery, *carried])
        due = self._due_with(tenant, delivery)
        fitting = [
            other
            for other in self._covered(tenant, due)
            # The account may have been somebody else's when it was addressed.
            if other.contact == delivery.contact
            and is_mergeable(other)
            and self._reads(other, kind)
        ]
        while fitting and self._size([delivery, *fitting], kind) > NOTICES_BYTES_MAX:
            fitting.pop()
        for other in due:
            if other in fitting:
                self._ends.merged(tenant, other, carried_by=delivery.id)
            else:
                self._ends.put_off(tenant, other, "together", AT_ONCE)
        return joined([delivery, *fitting])

    def _due_with(self, tenant: TenantId, delivery: Delivery) -> list[Delivery]:
        now = self._clock.now()
        return self._queue.claim_queued_of(
            tenant,
            delivery.channel,
            delivery.external_id,
            now,
            now + LEASE,
            limit=TOGETHER_MAX - 1,
        )

    def _covered(self, tenant: TenantId, notices: list[Delivery]) -> list[Delivery]:
        """Leave out what a contact may not see any more; sent by itself, it is given up."""
        with self._store.reading(tenant) as work:
            return [notice for notice in notices if why_not_sent(work, notice) is None]

    def _reads(self, delivery: Delivery, kind: ChannelKind) -> bool:
        """Tell whether it can be worded; one that can't fails by itself, not with the others."""
        try:
            self._render(delivery.view, delivery.data, kind)
        except TextFault:
            return False
        return True

    def _size(self, notices: list[Delivery], kind: ChannelKind) -> int:
        message = joined(notices)
        return len(self._render(message.view, message.data, kind).text.encode())

"""A verified callback becomes an inbox row, once, before anything else happens to it."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.codec import incoming_to_json
from domain.ids import InboxId, TenantId
from domain.inbox import InboxItem
from domain.ports import Clock, Ids, Store
from domain.repositories import Inbox
from handlers.incoming import Incoming


@dataclass(frozen=True, slots=True)
class Received:
    """The inbox item of a callback, and whether this was the first time it came."""

    item: InboxId
    is_new: bool


class Intake:
    """Stores callbacks durably; afterwards the platform may be answered."""

    def __init__(self, store: Store, clock: Clock, ids: Ids) -> None:
        """Keep what every callback needs."""
        self._store = store
        self._clock = clock
        self._ids = ids

    def receive(self, tenant: TenantId, incoming: Incoming) -> Received:
        """Store one callback in its own committed transaction; a repeat gives the first one's id.

        Raises:
            Conflict: the database was busy; nothing is stored, so the platform must not be told
                that it was.
        """
        return self.receive_all(tenant, [incoming])[0]

    def receive_all(self, tenant: TenantId, said: Sequence[Incoming]) -> list[Received]:
        """Store several in one committed transaction, all or none, and give them in their order.

        Raises:
            Conflict: as above.
        """
        with self._store.work(tenant) as work:
            received = [self.put(work.inbox, incoming) for incoming in said]
            if any(one.is_new for one in received):
                work.commit()
        return received

    def put(self, inbox: Inbox, incoming: Incoming) -> Received:
        """Store one callback within somebody else's transaction."""
        item = InboxItem(
            id=InboxId(self._ids.new()),
            channel=incoming.channel,
            source_id=incoming.source_id,
            sender=incoming.sender,
            payload=incoming_to_json(incoming),
            received_at=self._clock.now(),
        )
        before = inbox.receive(item)
        return Received(item.id, is_new=True) if before is None else Received(before.id, False)

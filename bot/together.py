"""Many inbox items at once: each keeps or forgets its own work, one commit keeps all of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from bot.in_band import InBand
from bot.runtime import Done, Runtime
from domain.ids import InboxId, TenantId
from domain.ports import Store

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Task:
    """An inbox item to be handled, and the chance to answer it in its own request."""

    item: InboxId
    in_band: InBand | None = None


class Together:
    """Handles items with one commit where the store can do that, else one after the other."""

    def __init__(self, store: Store, runtime: Runtime, *, is_quicker: bool) -> None:
        """Keep the store that the runtime works on."""
        self._store = store
        self._runtime = runtime
        self.is_quicker = is_quicker
        """Whether handling several at once is worth gathering them."""

    def handle(self, tenant: TenantId, tasks: Sequence[Task]) -> list[Done]:
        """Handle items of one tenant as `Runtime.handle` does; all is durable on return."""
        if len(tasks) > 1:
            try:
                with self._store.together() as store:
                    return _handle(self._runtime.on(store), tenant, tasks)
            except Exception as error:  # noqa: BLE001  nothing was kept: each is done by itself
                log.error("not_together", exc=error)  # noqa: TRY400  frames only, no texts
        return _handle(self._runtime, tenant, tasks)


def _handle(runtime: Runtime, tenant: TenantId, tasks: Sequence[Task]) -> list[Done]:
    return [runtime.handle(tenant, task.item, task.in_band) for task in tasks]

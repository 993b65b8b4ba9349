"""The jobs on the RQ queue: small functions with two ids, whose truth stands in the database.

RQ imports them by name, so what they work with is installed once per worker process.
"""

from dataclasses import dataclass

from bot.deliveries import Sender
from bot.hints import Hints
from bot.runtime import Runtime
from domain.ids import DeliveryId, InboxId, TenantId


@dataclass(frozen=True, slots=True)
class Bench:
    """What a worker process works with."""

    runtime: Runtime
    sender: Sender
    hints: Hints


_installed: list[Bench] = []


def install(bench: Bench) -> None:
    """Give this process its bench, before it takes jobs."""
    _installed[:] = [bench]


def deliver(tenant: str, delivery: str) -> None:
    """Send one delivery and what waits behind it; harmless when somebody else has."""
    bench = _installed[0]
    queued = bench.sender.deliver(TenantId(tenant), DeliveryId(delivery))
    bench.hints.deliver(TenantId(tenant), queued)


def handle(tenant: str, item: str) -> None:
    """Handle one inbox item; harmless when somebody else has."""
    bench = _installed[0]
    done = bench.runtime.handle(TenantId(tenant), InboxId(item))
    bench.hints.after(TenantId(tenant), done)

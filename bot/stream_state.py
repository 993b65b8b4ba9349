"""Whether tenants' Stream connections stand: noted by the stream role, shown by the web role."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from domain.ids import TenantId

NOTED_WITHIN = timedelta(seconds=15)
"""A connection that stands is noted every five seconds; an older note says nothing any more."""
_CONNECTED_AT = "connected_at"


class Beat(Protocol):
    """One sign of life."""

    @property
    def at(self) -> datetime:
        """Give when it was."""
        ...

    @property
    def detail(self) -> dict[str, Any]:
        """Give what was noted with it."""
        ...


class Beats(Protocol):
    """Where signs of life are kept."""

    def beat(self, name: str, at: datetime, detail: dict[str, Any] | None = None) -> None:
        """Keep one."""
        ...

    def last_beat(self, name: str) -> Beat | None:
        """Give the newest of a name."""
        ...


@dataclass(frozen=True, slots=True)
class StreamState:
    """One tenant's connection."""

    is_connected: bool
    connected_at: datetime | None
    """When it was last known to stand; None when it never was."""


def note_stream(beats: Beats, tenant: TenantId, now: datetime, *, is_connected: bool) -> None:
    """Note how a connection is; of several processes' connections one that stands is enough."""
    at = now.isoformat() if is_connected else None
    if at is None:
        before = beats.last_beat(_name(tenant))
        at = before.detail.get(_CONNECTED_AT) if before else None
    beats.beat(_name(tenant), now, {"connected": is_connected, _CONNECTED_AT: at})


def stream_state(beats: Beats, tenant: TenantId, now: datetime) -> StreamState:
    """Give what was last noted; a note that nobody renews is no connection."""
    last = beats.last_beat(_name(tenant))
    at = last.detail.get(_CONNECTED_AT) if last else None
    if last is None or at is None:
        return StreamState(is_connected=False, connected_at=None)
    is_connected = bool(last.detail.get("connected")) and now - last.at <= NOTED_WITHIN
    return StreamState(is_connected, datetime.fromisoformat(at))


def _name(tenant: TenantId) -> str:
    return f"stream:{tenant}"

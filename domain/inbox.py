"""Inbox items: verified incoming callbacks, each handled once."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.ids import ChannelId, InboxId


class InboxState(StrEnum):
    """Where an inbox item is."""

    NEW = "new"
    PARKED = "parked"
    """Came from somebody we don't know yet; handled once the account is bound."""
    DONE = "done"
    FAILED = "failed"
    STALE = "stale"
    """Too old to act on when it was read."""


INBOX_ATTEMPTS_MAX = 3


@dataclass(frozen=True, slots=True)
class InboxItem:
    """One incoming callback, unique on (tenant, channel, source id)."""

    id: InboxId
    channel: ChannelId
    source_id: str
    sender: str
    payload: dict[str, Any]
    """The platform-neutral incoming message as JSON."""
    received_at: datetime
    state: InboxState = InboxState.NEW
    attempts: int = 0
    answer: dict[str, Any] | None = None
    """The reply given in the platform's own request, for repeats: {"view", "data", "replaces"}."""

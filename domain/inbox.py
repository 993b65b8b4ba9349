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


class ReplyPart(StrEnum):
    """What of an item a reply is: most have one answer, some something else before or instead."""

    ANSWER = "answer"
    PARKED = "parked"
    """Says that the account has to be bound first; the answer comes afterwards."""
    FAILURE = "failure"


def reply_key(item: InboxId, part: ReplyPart) -> str:
    """Name a reply among an account's deliveries: there is one of a part at most."""
    return f"reply:{item}:{part}"


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


@dataclass(frozen=True, slots=True)
class Exchange:
    """What an account has sent us, and how it was answered."""

    item: InboxId
    payload: dict[str, Any]
    """The platform-neutral incoming message as JSON, in clear."""
    received_at: datetime
    view: str | None = None
    """The answer's; None while there is none."""
    data: dict[str, Any] | None = None

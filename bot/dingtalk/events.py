"""What the company's events mean to us: of all of them, that somebody has left.

How events arrive, encrypted over HTTP or as frames over Stream, is `callbacks`' and `stream`'s
matter. Source of the fields: DingTalk doc E/0002.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from bot.dingtalk.messages import ID_CHARACTERS_MAX, is_quota_shell
from domain.ids import ChannelId
from handlers.incoming import Content, Incoming, Left, QuotaExhausted

LEFT_ORG = "user_leave_org"
CHECK_URL = "check_url"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CompanyEvent:
    """One event, however it came."""

    type: str
    id: str
    """Repeats carry the same one; empty when the platform gave none."""
    born_at: datetime
    data: dict[str, Any] = field(repr=False)


def incoming_of(event: CompanyEvent, channel: ChannelId) -> tuple[Incoming, ...]:
    """Say what an event means, one message for each person it names; most mean nothing."""
    key = event.id if 0 < len(event.id) <= ID_CHARACTERS_MAX else _digest(event)
    if is_quota_shell(event.data):
        return (_incoming(event, channel, f"event:{key}", "", QuotaExhausted()),)
    if event.type != LEFT_ORG:
        log.info("dingtalk_event_ignored", type=event.type[:60])
        return ()
    return tuple(
        _incoming(event, channel, f"event:{key}:{person}", person, Left(LEFT_ORG))
        for person in _people(event.data)
    )


def _incoming(
    event: CompanyEvent, channel: ChannelId, source_id: str, sender: str, content: Content
) -> Incoming:
    return Incoming(channel, source_id, sender, event.born_at, content)


def _people(data: dict[str, Any]) -> Iterator[str]:
    # HTTP and Stream spell the field apart, and it is a list even for one person.
    raw = data.get("UserId", data.get("userId"))
    people = raw if isinstance(raw, list) else [raw]
    for person in dict.fromkeys(p for p in people if isinstance(p, str)):
        if 0 < len(person) <= ID_CHARACTERS_MAX:
            yield person


def _digest(event: CompanyEvent) -> str:
    seen = repr((event.type, event.born_at, sorted(event.data.items(), key=repr)))
    return hashlib.sha256(seen.encode()).hexdigest()[:40]

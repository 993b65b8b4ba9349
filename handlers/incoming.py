"""One incoming message, verified and made platform-neutral by an adapter in bot/.

Everything here survives as JSON in the inbox row, so that any process can handle it later.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from domain.ids import CardKey, ChannelId


class MediaKind(StrEnum):
    """Content that isn't text."""

    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"
    LOCATION = "location"
    LINK = "link"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody typed (or tapped a menu that types for them)."""

    text: str
    menu_id: str | None = None
    """The id of the tapped menu item, where the platform tells it."""
    kind: Literal["said"] = "said"


@dataclass(frozen=True, slots=True)
class Pressed:
    """Somebody pressed a button of a card."""

    action: str
    """What the button carries: "<ticket>:<choice>"."""
    card: CardKey | None = None
    response_code: str | None = None
    """WeCom's fresh right to change the card."""
    form: dict[str, str] = field(default_factory=dict)
    """Chosen options by question."""
    kind: Literal["pressed"] = "pressed"


@dataclass(frozen=True, slots=True)
class SentMedia:
    """Somebody sent something that isn't text."""

    media: MediaKind
    reference: str | None = None
    """The platform's id of the content."""
    recognition: str | None = None
    """What the platform heard in a voice message."""
    kind: Literal["media"] = "media"


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody opened the conversation."""

    scene_param: str | None = None
    welcome_code: str | None = None
    kind: Literal["entered"] = "entered"


@dataclass(frozen=True, slots=True)
class Left:
    """An account can no longer be reached (left, unsubscribed, refuses messages), or can again."""

    reason: str | None
    kind: Literal["left"] = "left"


@dataclass(frozen=True, slots=True)
class SendFailed:
    """The platform reports that a message it had accepted did not arrive."""

    platform_ref: str
    reason: Literal[
        "window_closed", "allowance_used", "session_ended", "blocked", "not_configured", "unknown"
    ]
    kind: Literal["send_failed"] = "send_failed"


@dataclass(frozen=True, slots=True)
class SessionChanged:
    """A customer's conversation went to a person, or came back."""

    state: Literal["bot", "human", "ended"]
    kind: Literal["session"] = "session"


@dataclass(frozen=True, slots=True)
class QuotaExhausted:
    """The platform delivered an empty shell because the month's quota is used up."""

    kind: Literal["quota"] = "quota"


@dataclass(frozen=True, slots=True)
class PullWanted:
    """The platform says that messages can be fetched; carries the right to fetch them."""

    token: str
    """Empty when nobody has rung and we look by ourselves."""
    kind: Literal["pull"] = "pull"


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Something we don't know yet; answered politely when a person sent it."""

    what: str
    is_message: bool
    kind: Literal["unsupported"] = "unsupported"


Content = (
    Said
    | Pressed
    | SentMedia
    | Entered
    | Left
    | SendFailed
    | SessionChanged
    | QuotaExhausted
    | PullWanted
    | Unsupported
)


@dataclass(frozen=True, slots=True)
class ReplyHandle:
    """An address the platform gave us for answering this very message."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message or event from one account."""

    channel: ChannelId
    source_id: str
    """Unique within the channel; repeats carry the same one."""
    sender: str
    """The account's id on the channel; empty for the platform itself."""
    sent_at: datetime
    content: Content
    in_group: bool = False
    is_mentioned: bool = True
    reply_handle: ReplyHandle | None = None
    is_stale: bool = False
    """Read so late that acting on it would surprise."""
    is_history: bool = False
    """From before we began to listen: nobody has waited for an answer of ours."""

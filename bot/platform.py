"""The ports a platform adapter fills: reading what comes in, sending what goes out.

An adapter lives in bot/wecom or bot/dingtalk and knows nothing of storage, of the other platform
or of our views: it
turns a platform's bytes into `Incoming`, and a `Rendered` message into the platform's calls.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from typing_extensions import override

from domain.ids import CardKey, ChannelId
from handlers.incoming import ReplyHandle


@dataclass(frozen=True, slots=True)
class Rendered:
    """One message, rendered for a platform.

    `card` is the JSON of the view's template for the platform, or None when the view has none.
    WeCom: the template_card object. DingTalk: {"title", "markdown", "status", "buttons": [{"text",
    "action", "style"}], "form": null | [...]}. 微信客服: the msgtype object. `text` is the plain
    twin with the same facts and is always there.
    """

    view: str
    text: str
    card: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One rendered message on its way to one account."""

    delivery: str
    """The platform's own dedupe key where it has one (kf msgid, task_id, outTrackId): the
    delivery's `message_key`."""
    channel: ChannelId
    external_id: str
    message: Rendered
    attempt: int
    reply_handle: ReplyHandle | None = None


@dataclass(frozen=True, slots=True)
class CardUpdate:
    """A change of a card that stands on a phone."""

    card: CardKey
    channel: ChannelId
    external_id: str
    message: Rendered
    response_code: str | None
    """WeCom's right to change it, if we still hold one."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform has accepted a message."""

    card: CardKey | None = None
    """Set when a card now stands on the phone that can be updated."""
    response_code: str | None = None
    platform_ref: str | None = None
    """What the platform will name this message by if it fails later."""


@dataclass(eq=False)
class DeliveryError(Exception):
    """The platform did not take a message.

    `code` is a short stable name or the vendor's number, never the vendor's text. `permanent`
    errors are not tried
    again. `obstacle` (an `Unreachable` value) means: this customer can't be reached now, hold the
    message and ask a
    person to tell them. `is_operator_matter` errors (wrong secret, untrusted IP, missing right)
    are shown to the
    admins with what to do.
    """

    code: str
    permanent: bool
    retry_after: timedelta | None = None
    obstacle: str | None = None
    blocks_account: bool = False
    """The account itself is refused for good (left, not in scope)."""
    is_operator_matter: bool = False

    @override
    def __str__(self) -> str:
        """Name the error without any content of the message."""
        return f"{self.code} permanent={self.permanent}"


class CardNotUpdatable(DeliveryError):
    """The card can't be changed any more (code used, over 72 h old): send a new message."""


class Outbound(Protocol):
    """Sends for one channel. Blocking calls with time-outs; safe to use from several threads."""

    def send(self, outgoing: Outgoing) -> Sent:
        """Send one message; a platform's own dedupe key, if it has one, makes a repeat harmless.

        Raises:
            DeliveryError: it was not taken.
        """
        ...

    def update(self, change: CardUpdate) -> Sent:
        """Change a card in place.

        Raises:
            CardNotUpdatable: send a new message instead.
            DeliveryError: it was not taken.
        """
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How many messages one account may get on a channel; ours lie below the platform's."""

    per_minute: int | None = None
    merge_above: int | None = None
    """Pushes that would pass this many in a minute are merged into one message."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What the web layer sends back: nothing of a framework."""

    status: int = 200
    body: bytes = b""
    media_type: str = "text/plain"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(eq=False)
class Rejected(Exception):
    """A callback that isn't the platform's: wrong signature, stale, malformed, not ours.

    `status` 400, 401, 403 or 413; `reason` is a short constant for the log and the counter, never
    shown.
    """

    status: int
    reason: str

    @override
    def __str__(self) -> str:
        """Name the reason."""
        return self.reason


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long the platform waits, less a margin."""

    decide: timedelta
    """Work that commits before this goes back in-band."""
    give_up: timedelta
    """After this the platform is acknowledged without an answer."""


class Clockwork(Protocol):
    """The part of the clock adapters need."""

    def now(self) -> datetime:
        """Give the present instant, aware UTC."""
        ...

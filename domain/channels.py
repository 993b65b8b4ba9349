"""Channels, the accounts people have on them, and whether a person can be reached right now."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.ids import ChannelId, ContactId, MemberId


class ChannelKind(StrEnum):
    """What a configured connection is."""

    WECOM_APP = "wecom_app"
    WECOM_KF = "wecom_kf"
    WECOM_GROUP = "wecom_group"
    """A group's robot: warnings as text, nothing comes back."""
    DINGTALK = "dingtalk"


class SessionState(StrEnum):
    """Who holds a customer's conversation (only 微信客服 has more than BOT)."""

    BOT = "bot"
    HUMAN = "human"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Channel:
    """One configured connection of a tenant."""

    id: ChannelId
    kind: ChannelKind
    contact_url: str | None = None
    """The link by which an outsider reaches the channel, once the platform has given it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """One account on one channel: a member's, a contact's, or nobody's yet."""

    channel: ChannelId
    kind: ChannelKind
    external_id: str
    member: MemberId | None = None
    contact: ContactId | None = None
    is_alerted: bool = False
    """Alerts for this member go here too; a member may have several such accounts."""
    last_inbound_at: datetime | None = None
    sends_since_inbound: int = 0
    session: SessionState = SessionState.BOT
    blocked_reason: str | None = None
    """Why the platform refuses this account for good (left, refused messages, not in scope)."""

    @property
    def account(self) -> tuple[ChannelId, str]:
        """Give what a delivery is addressed to."""
        return self.channel, self.external_id

    @property
    def is_bound(self) -> bool:
        """Tell whether we know whose account this is."""
        return self.member is not None or self.contact is not None


KF_WINDOW = timedelta(hours=48)
"""微信客服: messages may follow a customer's last one for 48 h. Source: WeCom doc 94677."""
KF_MESSAGES_MAX = 5
"""微信客服: at most 5 messages after each message of the customer. Source: WeCom doc 94677."""


class Unreachable(StrEnum):
    """Why nothing can be pushed to an account right now; a person sees this as words."""

    NEVER_WROTE = "never_wrote"
    WINDOW_CLOSED = "window_closed"
    ALLOWANCE_USED = "allowance_used"
    WITH_A_PERSON = "with_a_person"
    SESSION_ENDED = "session_ended"
    BLOCKED = "blocked"
    REFUSED = "refused"
    """The platform did not take the message for a reason that is not the account's."""
    NO_ACCOUNT = "no_account"


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether an account can be pushed to, until when, and how often."""

    obstacle: Unreachable | None
    window_until: datetime | None = None
    messages_left: int | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether a push may go out now."""
        return self.obstacle is None


def reach(identity: Identity, now: datetime, *, promised: int = 0) -> Reach:
    """Decide whether an account can be pushed to at this moment.

    `promised` messages of a customer's allowance are meant for others and not to be had.
    """
    if identity.blocked_reason is not None:
        return Reach(Unreachable.BLOCKED)
    if identity.kind is not ChannelKind.WECOM_KF:
        return Reach(None)
    if identity.session is SessionState.HUMAN:
        return Reach(Unreachable.WITH_A_PERSON)
    if identity.session is SessionState.ENDED:
        return Reach(Unreachable.SESSION_ENDED)
    if identity.last_inbound_at is None:
        return Reach(Unreachable.NEVER_WROTE)
    until = identity.last_inbound_at + KF_WINDOW
    if now >= until:
        return Reach(Unreachable.WINDOW_CLOSED, until)
    left = KF_MESSAGES_MAX - identity.sends_since_inbound - promised
    if left <= 0:
        return Reach(Unreachable.ALLOWANCE_USED, until, 0)
    return Reach(None, until, left)

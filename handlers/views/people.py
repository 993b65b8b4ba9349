"""Views about who somebody is and what they can do.

Help, binding, inviting, choosing, asking for a person.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from handlers.views.cards import Choice


@dataclass(frozen=True, slots=True)
class HelpMenu:
    """What this person can do here; `commands` are command names, worded by the template."""

    view_name: ClassVar[str] = "help_menu"
    audience: str
    """"customer", "member" or "stranger"."""
    name: str
    commands: tuple[str, ...]
    reason: str = ""
    """Why the menu is shown unasked: "", "empty", "media", "unsupported"."""


@dataclass(frozen=True, slots=True)
class DidYouMean:
    """Unknown words, with the nearest commands."""

    view_name: ClassVar[str] = "did_you_mean"
    guesses: tuple[str, ...]
    """Words that can be typed as they are."""
    examples: tuple[str, ...] = ()
    """Names of commands that show a customer how to say it, where there are no guesses."""
    is_called: bool = False
    """A human has been called to the customer a short time ago."""


@dataclass(frozen=True, slots=True)
class BindAsk:
    """We don't know this account; how to bind it. What was asked is kept."""

    view_name: ClassVar[str] = "bind_ask"
    is_kept: bool
    wants_person: bool = False
    """What was asked for is a human."""


@dataclass(frozen=True, slots=True)
class BoundCustomer:
    """A contact's account is bound."""

    view_name: ClassVar[str] = "bound_customer"
    contact: str
    customer: str
    has_parked: bool
    may_see: bool = True
    """Whether points are shown to the contact."""


@dataclass(frozen=True, slots=True)
class BoundMember:
    """A member's account is bound."""

    view_name: ClassVar[str] = "bound_member"
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InviteCreated:
    """The one-time code for a customer's contact, with the link to send on."""

    view_name: ClassVar[str] = "invite_created"
    customer: str
    contact: str
    code: str
    link: str | None
    expires_at: str
    may_see: bool = True
    may_redeem: bool = True
    """What the contact may do once bound."""


@dataclass(frozen=True, slots=True)
class ChooseCard:
    """Several things fit; nothing was written."""

    view_name: ClassVar[str] = "choose_card"
    what: str
    """A `Part` value, worded by the template."""
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class ChoiceDropped:
    """Nothing of what was offered is meant; nothing was written."""

    view_name: ClassVar[str] = "choice_dropped"
    word: str
    """The command that was typed."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """There was something to cancel that is not named here, or there was nothing."""

    view_name: ClassVar[str] = "cancelled"
    had_something: bool
    instead: tuple[str, ...] = ()
    """Commands that take back what is done already; when there was nothing."""
    waiting: tuple[int, ...] = ()
    """Numbers of what the speaker has asked for and others are to decide; then, too."""
    gifts: tuple[int, ...] = ()
    """Numbers of gifts, where the speaker is a customer's."""


@dataclass(frozen=True, slots=True)
class PersonComing:
    """A human has been asked to take over."""

    view_name: ClassVar[str] = "person_coming"
    account_manager: str
    """Empty when somebody else comes."""
    is_missed: bool = False
    """Nobody asked for one: what was said was not understood, twice."""
    guesses: tuple[str, ...] = ()
    """What may have been meant, as words that can be typed as they are."""


@dataclass(frozen=True, slots=True)
class NobodyComes:
    """A human is needed and nobody in the firm can be told in chat."""

    view_name: ClassVar[str] = "nobody_comes"


@dataclass(frozen=True, slots=True)
class TalkLine:
    """What a customer has sent us and how it was answered, for who takes over; without codes."""

    at: str
    kind: str
    """"said", "pressed" or a `MediaKind` value, worded by the template."""
    text: str
    """What was typed, tapped or heard."""
    answer_view: str = ""
    """The answer, of which the template shows how it begins; empty while there is none."""
    answer_data: dict[str, Any] | None = None
    """None when the answer is for the customer's eyes only."""


@dataclass(frozen=True, slots=True)
class PersonWantedCard:
    """Tells the account manager that a customer needs a human, and what has been said so far."""

    view_name: ClassVar[str] = "person_wanted_card"
    customer: str
    contact: str
    phone: str
    cause: str = "asked"
    """A `CallCause` value."""
    talk: tuple[TalkLine, ...] = ()
    """Oldest first."""

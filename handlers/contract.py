"""What a handler is: a request in, a reply out. It never sends, queries, formats or commits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from domain.customers import Contact, Customer
from domain.ids import ApiKeyId, CardKey, ChannelId, InboxId
from domain.members import Member
from domain.ports import Ids, Work
from domain.tickets import Ticket, TicketKind
from handlers.permissions import Permission


class View(Protocol):
    """A frozen dataclass holding exactly what one message shows; its name picks the templates."""

    @property
    def view_name(self) -> str:
        """Name the template folder."""
        ...


@dataclass(frozen=True, slots=True)
class MemberActor:
    """A member is speaking."""

    member: Member


@dataclass(frozen=True, slots=True)
class ContactActor:
    """A customer's contact is speaking."""

    contact: Contact
    customer: Customer


@dataclass(frozen=True, slots=True)
class Stranger:
    """An account that isn't bound to anybody."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The system itself: the sender, the scheduler, the command line."""


@dataclass(frozen=True, slots=True)
class ApiClient:
    """Another system, by an API key that stands for no member."""

    key: ApiKeyId


Actor = MemberActor | ContactActor | Stranger | Machine | ApiClient


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a handler can reach."""

    work: Work
    now: datetime
    today: date
    """The business date of `now`."""
    ids: Ids
    actor: Actor
    channel: ChannelId
    """Empty when nobody spoke."""
    sender: str
    """The account on the channel; the key, as "apikey:<id>", when another system asks."""
    inbox: InboxId | None
    sent_at: datetime
    in_group: bool = False
    is_mentioned: bool = True
    """In a group only what mentions us is for us."""
    pressed_card: CardKey | None = None
    wake: list[InboxId] = field(default_factory=list)
    """Parked items that were opened again and want to be handled next."""

    @property
    def actor_name(self) -> str:
        """Name the actor as the audit record does."""
        match self.actor:
            case MemberActor(member):
                return f"member:{member.id}"
            case ContactActor(contact):
                return f"contact:{contact.id}"
            case Stranger():
                return f"account:{self.channel}:{self.sender}"
            case ApiClient(key):
                return f"apikey:{key}"
            case _:
                return "system"


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back to who spoke."""

    view: View
    replaces_card: bool = False
    """The view takes the place of the card whose button was pressed."""
    subject: str | None = None
    """What the reply is about, if it is a card that later changes ("alert:<id>")."""
    on_cards: View | None = None
    """What the speaker's own cards about the subject show from now on, beside the reply."""
    parks: bool = False
    """What was said waits until the account is bound, and is then handled as if just said."""


CommandHandler = Callable[[str, Context], Reply]
"""A command gets the words after its name, normalised."""
PressHandler = Callable[["Press", Context], Reply]


@dataclass(frozen=True, slots=True)
class Press:
    """A button press whose ticket belongs to the actor.

    Whether the ticket is still good, the use case decides.
    """

    ticket: Ticket
    choice: str
    form: dict[str, str]


@dataclass(frozen=True, slots=True)
class Command:
    """One row of the command table."""

    name: str
    handler: CommandHandler
    needs: Permission
    is_private: bool
    """Its answer is not for everybody in a group."""


@dataclass(frozen=True, slots=True)
class Button:
    """One row of the table of buttons."""

    handler: PressHandler
    needs: Permission
    choices: frozenset[str]


@dataclass(frozen=True, slots=True)
class Router:
    """The tables that say who answers what; a name that is taken is refused."""

    commands: dict[str, Command]
    presses: dict[TicketKind, Button]

    def command(
        self, name: str, *, needs: Permission, is_private: bool = False
    ) -> Callable[[CommandHandler], CommandHandler]:
        """Register a command; the words people type for it stand in handlers/vocabulary.py."""

        def register(handler: CommandHandler) -> CommandHandler:
            if name in self.commands:
                raise ValueError(name)
            self.commands[name] = Command(name, handler, needs, is_private)
            return handler

        return register

    def press(
        self, kind: TicketKind, *choices: str, needs: Permission
    ) -> Callable[[PressHandler], PressHandler]:
        """Register what pressing a card of this kind does, and the choices its buttons offer.

        What the presser `needs` is checked when it is pressed: rights may have gone since.
        """

        def register(handler: PressHandler) -> PressHandler:
            if kind in self.presses:
                raise ValueError(kind)
            self.presses[kind] = Button(handler, needs, frozenset(choices))
            return handler

        return register

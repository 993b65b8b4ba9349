"""From one incoming message to the handler that answers it.

The order is fixed: not for us → stranger → button → command → sentence → menu. First fit wins;
everything has an answer, and nothing here writes but the note of a press that was refused.
"""

from dataclasses import replace
from datetime import datetime

from domain.errors import PrivateOnly, TicketNotYours
from domain.ids import TicketId
from domain.tickets import Ticket, TicketKind, owned
from handlers.actors import owner_of
from handlers.audit import write_note
from handlers.commands.people import not_understood
from handlers.commands.records import record_sentence
from handlers.contract import Context, Press, Reply, Stranger
from handlers.incoming import (
    Content,
    Entered,
    Pressed,
    QuotaExhausted,
    Said,
    SentMedia,
    Unsupported,
)
from handlers.menu import help_menu, rights
from handlers.parsing.commands import CommandFound, NearMiss, split_command
from handlers.parsing.normalise import is_empty_talk, normalise
from handlers.parsing.small_talk import is_small_talk
from handlers.permissions import Permission
from handlers.refusals import refusal_of
from handlers.registry import router
from handlers.rights import require
from handlers.unclear import SAID_AT
from handlers.usecases.tickets import use_ticket
from handlers.views import BindAsk, QuotaNotice, Silence
from handlers.vocabulary import PRESS_WORD, all_names, first_word, vocabulary_for

MENU_COMMAND = "cmd:"
"""How a menu item says that it stands for typed words."""
_STRANGERS = frozenset({"help", "bind", "person"})
_CODE_LENGTH = 8
_LINKS = frozenset({TicketKind.PROOF, TicketKind.VOUCHER_PAGE})
"""What stands behind a link and has no buttons."""


def answer(ctx: Context, content: Content) -> Reply:
    """Answer one message of one account.

    Raises:
        DomainError: a rule said no; the caller shows it and keeps nothing.
    """
    if ctx.in_group and not ctx.is_mentioned and not isinstance(content, Pressed):
        return Reply(Silence())
    match content:
        case Said(text=text, menu_id=menu_id):
            return _said(ctx, text, menu_id)
        case Pressed(action=action, form=form):
            return _pressed(ctx, action, form)
        case SentMedia(recognition=heard) if heard:
            return _said(ctx, heard, None)
        case SentMedia():
            return _unasked(ctx, "media")
        case Entered(scene_param=code) if code and isinstance(ctx.actor, Stranger):
            return router.commands["bind"].handler(code, ctx)
        case Entered(welcome_code=code) if code:
            return _unasked(ctx, "")
        case QuotaExhausted():
            return Reply(QuotaNotice())
        case Unsupported(is_message=True):
            return _unasked(ctx, "unsupported")
        case _:
            return Reply(Silence())


def _unasked(ctx: Context, reason: str) -> Reply:
    if isinstance(ctx.actor, Stranger):
        return Reply(BindAsk(is_kept=False))
    return Reply(help_menu(ctx, reason))


def _said(ctx: Context, raw: str, menu_id: str | None) -> Reply:
    if menu_id is not None:
        if menu_id.startswith(MENU_COMMAND):
            return _said(ctx, menu_id.removeprefix(MENU_COMMAND), None)
        return _pressed(ctx, menu_id, {})
    text = normalise(raw, strip_slash=True, strip_mention=ctx.in_group)
    if text.startswith(PRESS_WORD + " ") and ":" in text:
        return _pressed(ctx, text.removeprefix(PRESS_WORD).strip(), {})
    if is_empty_talk(text):
        return _unasked(ctx, "empty")
    if isinstance(ctx.actor, Stranger):
        return _stranger(ctx, text)
    return _typed(ctx, text)


def _typed(ctx: Context, text: str) -> Reply:
    found = split_command(text, vocabulary_for(all_names()))
    match found:
        case CommandFound(name, rest):
            return _run(ctx, name, rest)
        case NearMiss(guesses):
            mine = rights(ctx)
            near = tuple(
                first_word(name) for name in guesses if router.commands[name].needs in mine
            )
        case _:
            near = ()
    if is_small_talk(text):
        return _unasked(ctx, "")
    if Permission.RECORD_EVENT in rights(ctx):
        recorded = record_sentence(ctx, text)
        if recorded is not None:
            return recorded
    return not_understood(ctx, near)


def _stranger(ctx: Context, text: str) -> Reply:
    found = split_command(text, vocabulary_for(_STRANGERS))
    if isinstance(found, CommandFound):
        return _run(ctx, found.name, found.rest)
    if len(text) == _CODE_LENGTH and text.isascii() and text.isalnum():
        return _run(ctx, "bind", text)
    if is_small_talk(text):
        return _unasked(ctx, "")
    return Reply(BindAsk(is_kept=True), parks=True)


def _run(ctx: Context, name: str, rest: str) -> Reply:
    command = router.commands[name]
    require(ctx, command.needs)
    if command.is_private and ctx.in_group:
        raise PrivateOnly
    return command.handler(rest, ctx)


def _pressed(ctx: Context, action: str, form: dict[str, str]) -> Reply:
    ticket_id, _, choice = action.partition(":")
    ticket = ctx.work.tickets.find(TicketId(ticket_id))
    member, contact = owner_of(ctx)
    try:
        mine = owned(ticket, member=member, contact=contact)
    except TicketNotYours as refusal:
        return _not_theirs(ctx, ticket, refusal)
    if mine.kind is TicketKind.CHOOSE and choice.isdigit():
        return _chosen(ctx, mine, choice)
    if mine.kind in _LINKS:
        raise TicketNotYours
    button = router.presses[mine.kind]
    require(ctx, button.needs)
    if choice not in button.choices:
        raise TicketNotYours
    return button.handler(Press(mine, choice, form), ctx)


def _not_theirs(ctx: Context, ticket: Ticket | None, refusal: TicketNotYours) -> Reply:
    """Refuse who presses another's card, and write it down; ids that are made up fill no record."""
    if ticket is not None:
        # Somebody who has left, or to whom the card was passed on.
        write_note(ctx, "press_refused", f"ticket:{ticket.id}")
    # Given back instead of raised, because the note has to be kept.
    return Reply(BindAsk(is_kept=False) if isinstance(ctx.actor, Stranger) else refusal_of(refusal))


def _chosen(ctx: Context, ticket: Ticket, choice: str) -> Reply:
    words = ticket.payload.get(choice)
    if words is None:
        raise TicketNotYours
    use_ticket(ctx, ticket)
    # "Yesterday" is still the day before the words were typed, however late the choice is made.
    said_then = replace(ctx, sent_at=datetime.fromisoformat(ticket.payload[SAID_AT]))
    return _said(said_then, words, None)

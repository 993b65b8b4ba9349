"""help, bind, invite, cancel, person."""

from domain.approvals import ApprovalKind
from domain.channels import ChannelKind
from domain.errors import UsageError
from domain.facts import CallCause
from domain.ids import GiftId
from handlers.actors import contact_of, customer_index
from handlers.begun import drop_newest
from handlers.contract import ContactActor, Context, MemberActor, Reply, Stranger
from handlers.menu import help_menu, rights
from handlers.parsing.commands import CommandFound, split_command
from handlers.parsing.sentences import InviteUnclear, parse_invite
from handlers.permissions import Permission
from handlers.refusals import refusal_of
from handlers.routing import router
from handlers.unclear import ask
from handlers.usecases.binding import BoundToContact, BoundToMember, bind, invite_contact
from handlers.usecases.talks import (
    call_person,
    is_held_by_a_human,
    is_second_miss,
    was_called,
)
from handlers.views import (
    BindAsk,
    BoundCustomer,
    BoundMember,
    Cancelled,
    DidYouMean,
    InviteCreated,
    NobodyComes,
    PersonComing,
    Silence,
)
from handlers.vocabulary import first_word, vocabulary_for

EXAMPLES_SHOWN = 2
_TAKES_BACK = ("undo", "drop_redemption", "take_back_use")
"""Commands for what is done already, and so can't be cancelled any more."""


@router.command("help", needs=Permission.ANYBODY)
def show_help(words: str, ctx: Context) -> Reply:
    """Show what this person can do."""
    del words
    return Reply(help_menu(ctx))


@router.command("bind", needs=Permission.ANYBODY, is_private=True)
def bind_account(words: str, ctx: Context) -> Reply:
    """Tie the account to a person by a one-time code."""
    if not words:
        raise UsageError("bind", "code_missing")
    match bind(ctx, words):
        case BoundToContact(contact, customer, has_parked):
            bound = BoundCustomer(
                contact.name, customer.name, has_parked=has_parked, may_see=contact.may_see
            )
            return Reply(bound)
        case BoundToMember(member):
            return Reply(BoundMember(member.name, tuple(sorted(member.roles))))
        case refused:
            return Reply(refusal_of(refused))


@router.command("invite", needs=Permission.INVITE, is_private=True)
def invite(words: str, ctx: Context) -> Reply:
    """Make a one-time code for a customer's contact."""
    customers = customer_index(ctx)
    asked = parse_invite(words, customers)
    if isinstance(asked, InviteUnclear):
        return ask(ctx, first_word("invite"), words, asked.gaps, asked.typed.name or words)
    customer = ctx.work.customers.get(asked.customer_id)
    invited = invite_contact(ctx, customer, asked.contact, asked.phone)
    return Reply(
        InviteCreated(
            customer=customer.name,
            contact=invited.contact.name,
            code=invited.code,
            link=invited.link,
            expires_at=invited.invitation.expires_at.isoformat(timespec="seconds"),
            may_see=invited.contact.may_see,
            may_redeem=invited.contact.may_redeem,
        )
    )


@router.command("cancel", needs=Permission.ANYBODY)
def cancel(words: str, ctx: Context) -> Reply:
    """Drop what the speaker has begun last and not confirmed; cards have their own button too."""
    del words
    dropped = drop_newest(ctx)
    if dropped is not None:
        return dropped
    may = rights(ctx)
    instead = tuple(name for name in _TAKES_BACK if router.commands[name].needs in may)
    return Reply(
        Cancelled(had_something=False, instead=instead, waiting=_waiting(ctx), gifts=_gifts(ctx))
    )


def _waiting(ctx: Context) -> tuple[int, ...]:
    """Give the numbers of what a member has asked for and may still withdraw, in private."""
    if ctx.in_group or not isinstance(ctx.actor, MemberActor):
        return ()
    asker = ctx.actor.member.id
    return tuple(one.number for one in ctx.work.approvals.pending() if one.asked_by == asker)


def _gifts(ctx: Context) -> tuple[int, ...]:
    """Give the numbers of a contact's gifts that wait for the firm and may still be withdrawn."""
    if Permission.REDEEM not in rights(ctx):
        return ()
    contact, _ = contact_of(ctx)
    asked = [one for one in ctx.work.approvals.pending() if one.kind is ApprovalKind.GIFT]
    gifts = [ctx.work.gifts.get(GiftId(str(one.payload["gift"]))) for one in asked]
    return tuple(gift.number for gift in gifts if gift.contact == contact.id)


@router.command("person", needs=Permission.ANYBODY)
def ask_for_person(words: str, ctx: Context) -> Reply:
    """Ask the account manager to take over; for a stranger, once the account is bound."""
    del words
    match ctx.actor:
        case ContactActor():
            return _called(ctx, CallCause.ASKED)
        case Stranger():
            # On the other channels only members are bound.
            is_customers = ctx.work.channels.get(ctx.channel).kind is ChannelKind.WECOM_KF
            asked = BindAsk(is_kept=True, wants_person=is_customers)
            return Reply(asked, parks=not _is_kept(ctx))
        case _:
            return Reply(help_menu(ctx))


def _is_kept(ctx: Context) -> bool:
    """Tell whether the account has asked before, and waits to be bound: one human is enough."""
    words = vocabulary_for(frozenset({"person"}))
    said = [item.payload["content"] for item in ctx.work.inbox.parked(ctx.channel, ctx.sender)]
    typed = [one.get("text") or one.get("recognition") or "" for one in said]
    return any(isinstance(split_command(text, words), CommandFound) for text in typed)


def not_understood(ctx: Context, guesses: tuple[str, ...]) -> Reply:
    """Ask to choose or to say it otherwise; to a customer who was asked just before, call a human.

    Once an hour at most, counting calls the customer has asked for, and nobody while a human holds
    the talk.
    """
    if not isinstance(ctx.actor, ContactActor):
        return Reply(DidYouMean(guesses))
    if is_held_by_a_human(ctx):
        return Reply(Silence())
    is_called = was_called(ctx)
    if is_called or not is_second_miss(ctx):
        examples = () if guesses else help_menu(ctx).commands[:EXAMPLES_SHOWN]
        return Reply(DidYouMean(guesses, examples, is_called=is_called))
    return _called(ctx, CallCause.MISSED, guesses)


def _called(ctx: Context, cause: CallCause, guesses: tuple[str, ...] = ()) -> Reply:
    called = call_person(ctx, cause)
    if not called:
        # What may have been meant helps more than that nobody is there.
        return Reply(DidYouMean(guesses) if guesses else NobodyComes())
    _, customer = contact_of(ctx)
    # Others who come instead are not the one the customer knows.
    names = [member.name for member in called if member.id == customer.account_manager]
    is_missed = cause is CallCause.MISSED
    return Reply(PersonComing("".join(names), is_missed=is_missed, guesses=guesses))

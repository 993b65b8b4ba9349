"""What a sentence leaves open becomes a choice card or a refusal that names it.

Nothing is guessed.
"""

from collections.abc import Sequence

from domain.errors import (
    Ambiguous,
    DomainError,
    FutureDate,
    ImpossibleDate,
    InvalidPhone,
    InvalidStars,
    UnknownCustomer,
    UnknownProject,
    UnknownReward,
    UsageError,
)
from domain.tickets import TicketKind
from handlers.actors import owner_of
from handlers.contract import Context, Reply
from handlers.parsing.gaps import Gap, Part, Why
from handlers.usecases.tickets import card_of, open_ticket
from handlers.views import Choice, ChooseCard

CHOICES_MAX = 5
SAID_AT = "said_at"
"""Where a choice's ticket keeps when the words were typed; choices stand under their numbers."""


def ask(ctx: Context, command: str, words: str, gaps: Sequence[Gap], typed: str) -> Reply:
    """Offer the choices of the first open part, or refuse with what is missing.

    `typed` are the words that stand for the open part, replaced by what is chosen.

    Raises:
        DomainError: naming the part that is missing or refused.
    """
    gap = gaps[0]
    if gap.why is Why.AMBIGUOUS and gap.choices and len(gaps) == 1:
        return _choose(ctx, command, words, gap, typed)
    raise _refusal(ctx, command, gap, typed)


def _choose(ctx: Context, command: str, words: str, gap: Gap, typed: str) -> Reply:
    named = [match.named for match in gap.choices[:CHOICES_MAX]]
    names = [one.name for one in named]
    # Of several with one name only the code tells which was chosen; otherwise we'd ask for ever.
    keys = [one.code if names.count(one.name) > 1 and one.code else one.name for one in named]
    payload = {
        str(number): f"{command} {_put(words, typed, key)}" for number, key in enumerate(keys)
    }
    member, contact = owner_of(ctx)
    ticket = open_ticket(
        ctx.work,
        ctx.ids,
        TicketKind.CHOOSE,
        payload | {SAID_AT: ctx.sent_at.isoformat()},
        now=ctx.now,
        member=member,
        contact=contact,
    )
    choices = tuple(Choice(name, f"{ticket}:{number}") for number, name in enumerate(names))
    return Reply(ChooseCard(gap.part, choices), subject=card_of(ticket))


def _put(words: str, typed: str, name: str) -> str:
    return words.replace(typed, name, 1) if typed and typed in words else f"{name} {words}"


def _refusal(ctx: Context, command: str, gap: Gap, typed: str) -> DomainError:
    guesses = tuple(match.named.name for match in gap.choices)
    if gap.why is Why.AMBIGUOUS and guesses:
        return Ambiguous(gap.part, guesses)
    match gap.part:
        case Part.PROJECT:
            return UnknownProject(typed, guesses)
        case Part.REWARD:
            return UnknownReward(typed, guesses)
        case Part.CUSTOMER:
            return UnknownCustomer(typed, guesses)
        case Part.DATE if gap.why is Why.FUTURE:
            return FutureDate(typed, ctx.today)
        case Part.DATE if gap.why is Why.REFUSED:
            return ImpossibleDate(typed)
        case Part.STARS if gap.why is Why.REFUSED:
            return InvalidStars(typed)
        case Part.PHONE:
            return InvalidPhone()
        case _:
            return UsageError(command, f"{gap.part}_{gap.why}")

"""merge, unmerge: asking for a double to be merged into the record that is kept, and back."""

from domain.approvals import Approval
from domain.customers import Customer
from domain.errors import Ambiguous, UnknownCustomer, UsageError
from domain.ids import CustomerId
from handlers.actors import customer_index, member_of
from handlers.approval_views import approval_view
from handlers.contract import Context, Reply
from handlers.parsing.names import NameIndex, One, Several, decide
from handlers.permissions import Permission
from handlers.routing import router
from handlers.usecases.merging import ask_merge, ask_unmerge, find_merged


@router.command("merge", needs=Permission.SEE_CUSTOMERS, is_private=True)
def merge(words: str, ctx: Context) -> Reply:
    """Ask for the first customer that is named to be merged into the second."""
    merged, kept = _two(ctx, words)
    return _asked(ctx, ask_merge(ctx, merged, kept))


@router.command("unmerge", needs=Permission.SEE_CUSTOMERS, is_private=True)
def unmerge(words: str, ctx: Context) -> Reply:
    """Ask for the merge of the customer that is named to be undone."""
    if not words:
        raise UsageError("unmerge", "customer_missing")
    return _asked(ctx, ask_unmerge(ctx, find_merged(ctx, words)))


def _asked(ctx: Context, approval: Approval) -> Reply:
    return Reply(approval_view(ctx, approval, member_of(ctx)), subject=f"approval:{approval.id}")


def _two(ctx: Context, words: str) -> tuple[Customer, Customer]:
    """Find the two customers that are named, parted by a blank; names may have blanks too.

    Raises:
        UsageError: fewer than two words.
        UnknownCustomer, Ambiguous: a name is nobody's, or several customers'.
    """
    typed = words.split()
    parted = [(" ".join(typed[:at]), " ".join(typed[at:])) for at in range(1, len(typed))]
    if not parted:
        raise UsageError("merge", "customer_missing")
    index = customer_index(ctx)
    sure = [both for both in parted if all(isinstance(decide(index.rank(o)), One) for o in both)]
    one, other = (sure or parted)[0]
    return _meant(ctx, index, one), _meant(ctx, index, other)


def _meant(ctx: Context, index: NameIndex[CustomerId], typed: str) -> Customer:
    match decide(index.rank(typed)):
        case One(match):
            return ctx.work.customers.get(match.named.id)
        case Several(matches):
            names = (f"{one.named.name}({one.named.code})" for one in matches)
            raise Ambiguous("customer", tuple(names))
        case _:
            raise UnknownCustomer(typed)

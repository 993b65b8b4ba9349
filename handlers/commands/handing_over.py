"""to_hand_over, hand_over, refund: what the firm's people do with what was bought."""

from dataclasses import dataclass

from domain.errors import UsageError
from domain.redemptions import Redemption, RedemptionState
from handlers.actors import member_of
from handlers.approval_views import approval_view
from handlers.contract import Context, Reply
from handlers.parsing.handing_over import parse_handled
from handlers.parsing.problems import ParseProblem
from handlers.permissions import Permission
from handlers.redemption_views import hand_over_card, hand_over_line
from handlers.routing import router
from handlers.usecases.handing_over import hand_over_bought, to_hand_over
from handlers.usecases.redemption_ends import cancel
from handlers.usecases.redemption_moves import find_redemption
from handlers.usecases.refunds import ask_refund
from handlers.views import HandOverList


@router.command("to_hand_over", needs=Permission.HAND_OVER, is_private=True)
def list_to_hand_over(words: str, ctx: Context) -> Reply:
    """List what waits to be handed over, oldest first."""
    del words
    return Reply(HandOverList(tuple(hand_over_line(ctx, one) for one in to_hand_over(ctx))))


@router.command("hand_over", needs=Permission.HAND_OVER, is_private=True)
def hand_over(words: str, ctx: Context) -> Reply:
    """Note that something was handed over: its number, how many, a remark."""
    said = _said(ctx, words, "hand_over")
    after = hand_over_bought(ctx, said.redemption.id, said.quantity, said.rest)
    return Reply(hand_over_card(ctx, after))


@router.command("refund", needs=Permission.ADJUST, is_private=True)
def refund(words: str, ctx: Context) -> Reply:
    """Ask for points to be given back; what nobody has spent points on yet is dropped at once."""
    said = _said(ctx, words, "refund")
    if not said.rest:
        raise UsageError("refund", "reason_missing")
    if said.redemption.state in {RedemptionState.HELD, RedemptionState.CANCELLED}:
        after = cancel(ctx, said.redemption.id, said.rest)
        return Reply(hand_over_card(ctx, after))
    approval = ask_refund(ctx, said.redemption.id, said.quantity, said.rest)
    return Reply(approval_view(ctx, approval, member_of(ctx)), subject=f"approval:{approval.id}")


@dataclass(frozen=True, slots=True)
class _Said:
    redemption: Redemption
    quantity: int | None
    rest: str


def _said(ctx: Context, words: str, command: str) -> _Said:
    if not words:
        raise UsageError(command, "number_missing")
    try:
        handled = parse_handled(words)
    except ParseProblem:
        raise UsageError(command, "quantity_refused") from None
    return _Said(find_redemption(ctx, handled.number), handled.quantity, handled.rest)

"""Opening a lottery without a card: the second person names it by its number."""

from domain.approvals import Verdict
from domain.errors import UnknownApproval
from domain.lotteries import Lottery
from handlers.contract import Context
from handlers.usecases.decisions import decide
from handlers.usecases.lotteries import find_lottery


def approve_opening(ctx: Context, number: int) -> Lottery:
    """Approve that a lottery is opened, as who has not asked for it.

    Raises:
        UnknownLottery: no such number.
        UnknownApproval: nobody has asked for it, or it is decided.
        NotPermitted: the actor may not decide.
        OwnApproval: the same person has asked for it.
        DomainError: why it can't be opened; it waits on then.
    """
    lottery = find_lottery(ctx.work, str(number))
    pending = ctx.work.approvals.find_pending(lottery.subject)
    if pending is None:
        raise UnknownApproval(str(number))
    decide(ctx, pending.id, Verdict.APPROVE, "")
    return ctx.work.lotteries.get(lottery.id)

"""What the end of an approval does, one function per kind, in the transaction of the verdict.

An effect gets the approval as it ended: approved, declined, withdrawn or expired (`state` says
which). It may refuse an approval with a `DomainError`, which leaves it pending; it must not refuse
the other ends. Effects may ask for approvals (usecases/approvals), but never decide them.
"""

from collections.abc import Callable

from domain.approvals import Approval, ApprovalKind
from handlers.contract import Context
from handlers.usecases.adjustments import adjust
from handlers.usecases.agreeing import decide_redemption
from handlers.usecases.deductions import deduct
from handlers.usecases.gift_ends import end_gift
from handlers.usecases.lotteries import open_lottery
from handlers.usecases.merging import merge_records, part_records
from handlers.usecases.publishing import publish
from handlers.usecases.refunds import refund_bought
from handlers.usecases.reinstatements import give_back
from handlers.usecases.rewards import carry_out
from handlers.usecases.voucher_take_back import take_back_use

Effect = Callable[[Context, Approval], None]

EFFECTS: dict[ApprovalKind, Effect] = {
    ApprovalKind.ADJUSTMENT: adjust,
    ApprovalKind.DEDUCTION: deduct,
    ApprovalKind.GIFT: end_gift,
    ApprovalKind.REINSTATEMENT: give_back,
    ApprovalKind.REWARD: carry_out,
    ApprovalKind.RULE: publish,
    ApprovalKind.REDEMPTION: decide_redemption,
    ApprovalKind.REFUND: refund_bought,
    ApprovalKind.LOTTERY: open_lottery,
    ApprovalKind.VOUCHER_USE: take_back_use,
    ApprovalKind.MERGE: merge_records,
    ApprovalKind.UNMERGE: part_records,
}
"""A kind is asked for nowhere before it stands here; a test proves it."""

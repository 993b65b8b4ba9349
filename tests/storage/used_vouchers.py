"""Vouchers as they are used by hand: one in part, one by mistake, which is taken back."""

from domain.approvals import Verdict
from domain.members import Role
from domain.vouchers import Voucher
from handlers.contract import Context
from handlers.usecases.decisions import decide
from handlers.usecases.voucher_take_back import ask_take_back
from handlers.usecases.voucher_uses import Used, offer_use, plan_use, use_voucher
from tests.handlers.approval_steps import acting_as
from tests.handlers.voucher_steps import place
from tests.support.make import a_member


def use_vouchers(ctx: Context) -> None:
    """Let there be three vouchers: one used in part, one untouched, one used up and taken back."""
    ctx.work.members.add(a_member("fang", Role.SERVICE))
    mine = acting_as(ctx, "fang")
    bought = place(ctx, 71, quantity=3, contact=None)
    first, _, third = ctx.work.vouchers.of_redemption(bought.id)
    _use(mine, first, 100_000)
    done = _use(mine, third, None)
    asked = ask_take_back(mine, str(done.use.number), "录错了")
    decide(acting_as(ctx, "zhang"), asked.id, Verdict.APPROVE, "")


def _use(ctx: Context, voucher: Voucher, amount: int | None) -> Used:
    card = ctx.work.tickets.find(offer_use(ctx, plan_use(ctx, voucher, amount, "")))
    assert card is not None
    return use_voucher(ctx, card, "use1")

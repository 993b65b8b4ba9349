"""What the firm of the kills has of vouchers: some to use, some that end soon or have ended.

C001 has one that finance is just about to use, two whose codes will be replaced, and one whose use
by mistake waits to be taken back; C003 and C004
have one each that ended last week; C011 has one that ends on Friday.
"""

from functools import partial

from domain.approvals import Verdict
from domain.ids import ApprovalId, ContactId, CustomerId, RewardId
from domain.rewards import RewardKind
from handlers.contract import Context
from handlers.incoming import Pressed, Said
from handlers.usecases.decisions import decide
from handlers.usecases.voucher_take_back import ask_take_back
from handlers.usecases.voucher_uses import offer_use, plan_use, use_voucher
from storage.db import reading
from tests.handlers.approval_steps import acting_as
from tests.handlers.voucher_steps import place
from tests.kills.life import Life
from tests.support.firm import Firm
from tests.support.make import a_reward
from tests.support.stores import MAIN

USED, REPLACED, MISTAKEN, PRIZE = 71, 72, 76, RewardId("prize")


def buy_vouchers(firm: Firm) -> None:
    """Let customers have bought them on 22 November."""
    for number, customer, days, quantity in (
        (USED, "C001", 60, 1),
        (REPLACED, "C001", 60, 2),
        (73, "C003", 2, 1),
        (74, "C004", 2, 1),
        (75, "C011", 12, 1),
        (MISTAKEN, "C001", 60, 1),
    ):
        firm.acts(
            partial(_buy, number=number, customer=customer, valid_days=days, quantity=quantity)
        )


def show_preview(life: Life) -> None:
    """Let finance have a card that uses the first one."""
    with reading(life.store.database, MAIN) as db:
        [(code,)] = db.all(
            "SELECT code FROM vouchers WHERE tenant_id = :tenant AND number = :number", number=USED
        )
    life.hears("ding-zhou", Said(f"核销 {code}"), source="voucher")


def press_use(life: Life) -> None:
    """Let finance press the button of the preview they have had this morning."""
    with reading(life.store.database, MAIN) as db:
        [(ticket,)] = db.all(
            "SELECT MAX(id) FROM tickets WHERE tenant_id = :tenant AND kind = 'voucher'"
        )
    life.hears("ding-zhou", Pressed(f"{ticket}:use1"))


def use_by_mistake(firm: Firm) -> None:
    """Let finance use one for nobody, and ask for that to be taken back."""

    def act(ctx: Context) -> None:
        mine = acting_as(ctx, "zhou")
        purchase = ctx.work.redemptions.find_number(MISTAKEN)
        assert purchase is not None
        [voucher] = ctx.work.vouchers.of_redemption(purchase.id)
        card = ctx.work.tickets.find(offer_use(mine, plan_use(mine, voucher, None, "")))
        assert card is not None
        done = use_voucher(mine, card, "use1")
        ask_take_back(mine, str(done.use.number), "录错了")

    firm.acts(act)


def take_back(life: Life) -> None:
    """Let a supervisor approve that."""

    def act(ctx: Context) -> None:
        decide(ctx, waiting, Verdict.APPROVE, "")

    with reading(life.store.database, MAIN) as db:
        [(found,)] = db.all(
            "SELECT id FROM approvals WHERE tenant_id = :tenant AND kind = 'voucher_use'"
        )
    waiting = ApprovalId(found)
    life.acts(act, "zhang")


def _buy(ctx: Context, *, number: int, customer: str, valid_days: int, quantity: int) -> None:
    if number == USED:
        ctx.work.rewards.add(a_reward(id=PRIZE, number=70, kind=RewardKind.VOUCHER, value=10_000))
    place(
        ctx,
        number,
        customer=CustomerId(customer),
        contact=ContactId("of-C001") if customer == "C001" else None,
        valid_days=valid_days,
        quantity=quantity,
    )
